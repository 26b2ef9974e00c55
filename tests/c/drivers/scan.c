/* The program whose memory scan.py reads. Its standard input is a password and
 * a newline, then texts to keep, one a line, and an empty line. It signs in,
 * overwrites its own copy, says how the login ended and waits with its client,
 * and its request if there is one, alive until its input ends.
 *
 *     scan ENCODING PORT USER LIMIT_MS HOW
 *
 * HOW is "call", or one of the ways of a request in beside(). Those that stop a
 * request which is under way read one more line before they do: scan.py knows
 * when the password was sent.
 */

#include <unistd.h>

#include <ropc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line in a block of its own, read byte by byte: no buffer keeps a copy. */
static char *read_line(size_t *len)
{
    char *line = malloc(4096);
    *len = 0;
    while (line != NULL && *len < 4096 && read(0, line + *len, 1) == 1 && line[*len] != '\n') {
        ++*len;
    }
    return line;
}

static void add_ca(ropc_options *options)
{
    static char pem[65536];
    FILE *file = fopen(getenv("STANDIN_CA"), "rb");
    if (file != NULL) {
        ropc_options_set_ca_pem(options, pem, fread(pem, 1, sizeof pem, file));
        fclose(file);
    }
}

/* Signs in by a request, as `how` says; what that came to. */
static ropc_status beside(const char *how, const ropc_client *client, ropc_request *request, ropc_error **error)
{
    ropc_tokens *tokens = NULL;
    ropc_request *busy = NULL;
    ropc_status status;
    size_t len;

    if (strcmp(how, "prepared") == 0) {
        return ropc_request_poll(request);
    }
    if (strcmp(how, "cancelled before") == 0) {
        ropc_request_cancel(request);
    } else {
        if (strcmp(how, "cancelled in the queue") == 0) {
            ropc_set_workers(1);
            if (ropc_request_login(client, "fault:never", "another", &busy, error) != ROPC_OK
                || ropc_request_start(busy, error) != ROPC_OK) {
                return ROPC_E_BUG;
            }
        }
        if (ropc_request_start(request, error) != ROPC_OK) {
            return ROPC_E_BUG;
        }
    }
    if (busy != NULL) {
        ropc_request_cancel(request);
        /* It never ran, so it has ended now. */
        if (ropc_request_poll(request) != ROPC_E_CANCELLED) {
            return ROPC_E_BUG;
        }
    } else if (strcmp(how, "cancelled") == 0) {
        free(read_line(&len));
        ropc_request_cancel(request);
    } else if (strcmp(how, "shut down") == 0) {
        free(read_line(&len));
        if (ropc_shutdown(10000) != 0) {
            return ROPC_E_BUG;
        }
    }
    ropc_request_wait(request, 20000);
    status = ropc_request_take_tokens(request, &tokens, error);
    ropc_tokens_free(tokens);
    ropc_request_free(busy);
    return status;
}

/* Frees a request, before its start or under way. */
static ropc_status let_go(const char *how, ropc_request *request, ropc_error **error)
{
    size_t len;
    if (strcmp(how, "freed") == 0) {
        if (ropc_request_start(request, error) != ROPC_OK) {
            return ROPC_E_BUG;
        }
        free(read_line(&len));
    }
    ropc_request_free(request);
    /* What it ran on has ended then. */
    return ropc_shutdown(10000) == 0 ? ROPC_OK : ROPC_E_BUG;
}

int main(int argc, char **argv)
{
    char site[64], report[200];
    char *password, *kept[32];
    size_t len, keep = 0, kept_len;
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_request *request = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;

    if (argc != 6) {
        return 2;
    }
    snprintf(site, sizeof site, "https://localhost:%s", argv[2]);
    status = ropc_options_loginradius(site, "demo", "demo-client", &options, &error);
    if (status == ROPC_OK) {
        add_ca(options);
        ropc_options_set_proxy(options, "");
        ropc_options_set_timeouts(options, 5000, (uint32_t)atoi(argv[4]));
        ropc_options_set_encoding(options, strcmp(argv[1], "json") == 0 ? ROPC_ENCODING_JSON : ROPC_ENCODING_FORM);
        ropc_options_set_log(options, ROPC_LOG_DEBUG, NULL, NULL);
        status = ropc_client_new(options, &client, &error);
    }
    password = read_line(&len);
    do {
        kept[keep] = read_line(&kept_len);
    } while (kept_len > 0 && ++keep < 32);
    if (status == ROPC_OK && strcmp(argv[5], "call") == 0) {
        status = ropc_login_n(client, argv[3], strlen(argv[3]), password, len, &tokens, &error);
    } else if (status == ROPC_OK) {
        status = ropc_request_login_n(client, argv[3], strlen(argv[3]), password, len, &request, &error);
    }
    ropc_wipe(password, 4096);
    if (request != NULL && strncmp(argv[5], "freed", 5) == 0) {
        status = let_go(argv[5], request, &error);
        request = NULL;
    } else if (request != NULL) {
        status = beside(argv[5], client, request, &error);
    }
    snprintf(report, sizeof report, "%s %s\n", ropc_status_name(status),
             ropc_reason_name(error == NULL ? ROPC_REASON_NONE : (int)error->reason));
    if (write(1, report, strlen(report)) < 0 || read(0, report, 1) != 0) {
        return 2;
    }
    ropc_tokens_free(tokens);
    ropc_request_free(request);
    ropc_error_free(error);
    ropc_client_free(client);
    ropc_options_free(options);
    free(password);
    while (keep > 0) {
        free(kept[--keep]);
    }
    return 0;
}
