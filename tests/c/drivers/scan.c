/* The program whose memory scan.py reads. It does what its standard input says,
 * a command a line, answers each with a line, and keeps what it got until it is
 * told to free it. Whatever it was given it overwrites once it was used, so
 * that what is found in its memory is the library's.
 *
 * Its clock_gettime() is the library's too: it can be made to fail, which the
 * standard library of Rust takes for impossible, and panics.
 */

#define _GNU_SOURCE

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "scan_calls.h"

#define LINE_BYTES 65536

/* What is planted, for the controls. */
static char *planted[64];
static int plants;

/* How often the library asked for the time, and which of these fails. */
static atomic_int clocks, failing;

int clock_gettime(clockid_t clock, struct timespec *time)
{
    if (atomic_fetch_add(&clocks, 1) + 1 == atomic_load(&failing)) {
        return -1;
    }
    return (int)syscall(SYS_clock_gettime, clock, time);
}

/* A line in a block of its own, read byte by byte: no buffer keeps a copy. */
static char *read_line(size_t *len)
{
    char *line = malloc(LINE_BYTES);
    *len = 0;
    while (line != NULL && *len < LINE_BYTES - 1 && read(0, line + *len, 1) == 1 && line[*len] != '\n') {
        ++*len;
    }
    if (line != NULL) {
        line[*len] = '\0';
    }
    return line;
}

/* Keeps `len` bytes, `where` core dumps reach or do not. */
static ropc_status plant(const char *where, const char *bytes, size_t len)
{
    char *block = NULL;
    if (plants == 64) {
        return ROPC_E_BUG;
    } else if (strcmp(where, "plant") == 0) {
        block = malloc(LINE_BYTES);
    } else {
        block = mmap(NULL, LINE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (block == MAP_FAILED || madvise(block, LINE_BYTES, MADV_DONTDUMP) != 0) {
            return ROPC_E_BUG;
        }
    }
    memcpy(block, bytes, len);
    planted[plants++] = block;
    return ROPC_OK;
}

/* A file in a block of its own, which the caller wipes. */
static char *read_file(const char *path, size_t *len)
{
    char *bytes = calloc(1, LINE_BYTES);
    FILE *file = fopen(path, "rb");
    *len = 0;
    if (file != NULL && bytes != NULL) {
        setvbuf(file, NULL, _IONBF, 0);
        *len = fread(bytes, 1, LINE_BYTES, file);
        fclose(file);
    }
    return bytes;
}

static ropc_status add_ca(ropc_options *to, const char *path)
{
    size_t len;
    char *pem = read_file(path, &len);
    ropc_status status = ropc_options_set_ca_pem(to, pem, len);
    free(pem);
    return status;
}

/* "ORIGIN CERT KEY": two paths. */
static ropc_status set_cert(const char *value)
{
    char origin[256], cert_path[256], key_path[256];
    size_t cert_len, key_len;
    char *cert, *key;
    ropc_status status;
    if (sscanf(value, "%255s %255s %255s", origin, cert_path, key_path) != 3) {
        return ROPC_E_BUG;
    }
    cert = read_file(cert_path, &cert_len);
    key = read_file(key_path, &key_len);
    status = ropc_options_set_client_cert_pem(options, origin, cert, cert_len, key, key_len);
    ropc_wipe(key, LINE_BYTES);
    free(key);
    free(cert);
    return status;
}

static ropc_status set(const char *name, const char *value)
{
    static const struct {
        const char *name;
        ropc_status (*set)(ropc_options *, const char *, int32_t);
        int32_t how;
    } secrets[] = {
        {"secret_post", ropc_options_set_secret, ROPC_SECRET_POST},
        {"secret_basic", ropc_options_set_secret, ROPC_SECRET_BASIC},
        {"secret_raw", ropc_options_set_secret, ROPC_SECRET_BASIC_RAW},
    };
    for (size_t each = 0; each < sizeof secrets / sizeof *secrets; each++) {
        if (strcmp(name, secrets[each].name) == 0) {
            return secrets[each].set(options, value, secrets[each].how);
        }
    }
    if (strcmp(name, "loginradius") == 0) {
        return ropc_options_loginradius(value, "demo", "demo-client", &options, &error);
    } else if (strcmp(name, "oauth2") == 0) {
        return ropc_options_oauth2(*value == '\0' ? NULL : value, "demo-client", &options, &error);
    } else if (strcmp(name, "ca") == 0) {
        return add_ca(options, value);
    } else if (strcmp(name, "cert") == 0) {
        return set_cert(value);
    } else if (strcmp(name, "oidc") == 0) {
        return ropc_options_set_app_kind(options, ROPC_APP_OIDC);
    } else if (strcmp(name, "proxy") == 0) {
        return ropc_options_set_proxy(options, value);
    } else if (strcmp(name, "api_key") == 0) {
        return ropc_options_set_api_key(options, value);
    } else if (strcmp(name, "issuer") == 0) {
        return ropc_options_set_issuer(options, value);
    } else if (strcmp(name, "param") == 0) {
        return ropc_options_add_param(options, "resource", value);
    } else if (strcmp(name, "form") == 0) {
        return ropc_options_set_encoding(options, ROPC_ENCODING_FORM);
    } else if (strcmp(name, "limit") == 0) {
        return ropc_options_set_timeouts(options, (uint32_t)atoi(value), (uint32_t)atoi(value));
    } else if (strcmp(name, "endpoint") == 0) {
        return ropc_options_set_endpoint(options, atoi(value), strchr(value, ' ') + 1);
    } else if (strcmp(name, "log") == 0) {
        return ropc_options_set_log(options, ROPC_LOG_DEBUG, NULL, NULL);
    }
    return ROPC_E_BUG;
}

static int32_t save(void *user, const char *user_key, const char *record)
{
    return (void)user, (void)user_key, record == NULL || record[0] == '{';
}

static ropc_status open_store(const char *kind)
{
    if (strcmp(kind, "none") == 0) {
        return ROPC_OK;
    } else if (strcmp(kind, "host") == 0) {
        return ropc_store_host(NULL, NULL, &store, &error);
    } else if (strcmp(kind, "saving") == 0) {
        return ropc_store_host(save, NULL, &store, &error);
    }
    return ropc_store_file(kind, &store, &error);
}

static ropc_status let_go(const char *what)
{
    if (strcmp(what, "options") == 0) {
        ropc_options_free(options);
        options = NULL;
    } else if (strcmp(what, "result") == 0) {
        free_result();
    } else if (strcmp(what, "request") == 0) {
        ropc_request_free(request);
        request = NULL;
    } else if (strcmp(what, "aside") == 0) {
        ropc_request_free(aside);
        aside = NULL;
    } else if (strcmp(what, "session") == 0) {
        ropc_session_free(session);
        session = NULL;
    } else if (strcmp(what, "store") == 0) {
        ropc_store_free(store);
        store = NULL;
    } else if (strcmp(what, "client") == 0) {
        ropc_client_free(client);
        client = NULL;
    } else {
        return ROPC_E_BUG;
    }
    return ROPC_OK;
}

/* Stops what the client does once one more line has come: scan.py knows when
 * something was sent. */
static void *stop_later(void *unused)
{
    size_t len;
    free(read_line(&len));
    ropc_client_cancel(client);
    return unused;
}

/* Has the only worker busy with a login that knows no secret; "ORIGIN CA". */
static ropc_status occupy(const char *value)
{
    char origin[256], ca[256];
    ropc_options *public = NULL;
    ropc_client *other = NULL;
    ropc_status status = ROPC_E_BUG;
    if (sscanf(value, "%255s %255s", origin, ca) == 2) {
        status = ropc_options_loginradius(origin, "demo", "demo-client", &public, NULL);
    }
    if (status == ROPC_OK) {
        status = add_ca(public, ca);
        ropc_options_set_proxy(public, "");
    }
    if (status == ROPC_OK) {
        status = ropc_client_new(public, &other, NULL);
    }
    ropc_options_free(public);
    ropc_set_workers(1);
    if (status == ROPC_OK) {
        status = ropc_request_login(other, "ada", "another", &aside, NULL);
    }
    ropc_client_free(other);
    return status == ROPC_OK ? ropc_request_start(aside, NULL) : status;
}

static ropc_status obey(const char *command, const char *value)
{
    ropc_status status = ROPC_OK;
    pthread_t stopper;
    if (strcmp(command, "give") == 0) {
        put(&given, value);
    } else if (strcmp(command, "give_string") == 0) {
        put(&given, string);
    } else if (strcmp(command, "uproot") == 0) {
        while (plants > 0) {
            ropc_wipe(planted[--plants], LINE_BYTES);
        }
    } else if (strcmp(command, "client") == 0) {
        status = ropc_client_new(options, &client, &error);
    } else if (strcmp(command, "store") == 0) {
        status = open_store(value);
    } else if (strcmp(command, "call") == 0) {
        status = call(value);
        wipe(&given);
    } else if (strcmp(command, "call_and_stop") == 0) {
        if (pthread_create(&stopper, NULL, stop_later, NULL) != 0) {
            return ROPC_E_RESOURCES;
        }
        status = call(value);
        pthread_join(stopper, NULL);
        wipe(&given);
    } else if (strcmp(command, "prepare") == 0) {
        status = prepare(value);
        wipe(&given);
    } else if (strcmp(command, "start") == 0) {
        status = ropc_request_start(request, &error);
    } else if (strcmp(command, "occupy") == 0) {
        status = occupy(value);
    } else if (strcmp(command, "cancel") == 0) {
        status = ropc_request_cancel(request);
    } else if (strcmp(command, "take") == 0) {
        status = take();
    } else if (strcmp(command, "free") == 0) {
        status = let_go(value);
    } else if (strcmp(command, "workers") == 0) {
        status = ropc_set_workers((uint32_t)atoi(value));
    } else if (strcmp(command, "shutdown") == 0) {
        status = ropc_shutdown(LONG_MS) == 0 ? ROPC_OK : ROPC_E_BUG;
    } else if (strcmp(command, "fail_clock") == 0) {
        atomic_store(&clocks, 0);
        atomic_store(&failing, atoi(value));
    } else {
        status = set(command, value);
    }
    return status;
}

int main(void)
{
    char report[200];
    for (;;) {
        size_t len;
        char *line = read_line(&len), *value;
        ropc_status status;
        if (line == NULL || line[0] == '\0') {
            return line == NULL;
        }
        value = strchr(line, ' ');
        if (value != NULL) {
            *value++ = '\0';
        }
        if (value != NULL && (strcmp(line, "plant") == 0 || strcmp(line, "hide") == 0)) {
            status = plant(line, value, len - (size_t)(value - line));
        } else {
            status = obey(line, value == NULL ? "" : value);
        }
        ropc_wipe(line, LINE_BYTES);
        free(line);
        snprintf(report, sizeof report, "%s %s %d %d\n", ropc_status_name(status),
                 ropc_reason_name(error == NULL ? ROPC_REASON_NONE : (int)error->reason),
                 error == NULL ? 0 : (int)error->http_status, atomic_load(&clocks));
        if (write(1, report, strlen(report)) < 0) {
            return 2;
        }
    }
}
