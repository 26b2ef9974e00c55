/* Does COUNT times what budgets.py wants counted; the program ends when it fails.
 *
 *   budgets WORK COUNT SITE CA_FILE [planted]
 *
 *   warm     logins on a connection that is there
 *   cold     logins on a new connection each
 *   token    a good token out of a session, and its end
 *   poll     polls of a login that gets no answer
 *
 * With `planted` each costs a little more, of every kind: it must be noticed. */

#include <ropc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSWORD "correct horse"

static int planted;

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static void check(const char *what, ropc_status status, ropc_error **error)
{
    if (status != ROPC_OK)
        fail(what, *error != NULL ? (*error)->message : ropc_status_name(status));
}

/* An allocation, a system call and some hundred instructions. */
static void plant(void)
{
    char *volatile block = malloc(1);
    volatile int i;

    free(block);
    (void)getppid();
    for (i = 0; i < 100; i++)
        ;
}

static ropc_client *client_for(const char *site, const char *ca_file, int keep)
{
    static char pem[65536];
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_error *error = NULL;
    FILE *file = fopen(ca_file, "rb");

    if (file == NULL)
        fail(ca_file, "cannot be read");
    check("options", ropc_options_loginradius(site, "demo", "demo-client", &options, &error), &error);
    ropc_options_set_ca_pem(options, pem, fread(pem, 1, sizeof pem, file));
    ropc_options_set_proxy(options, "");
    if (!keep)
        ropc_options_set_limit(options, ROPC_LIMIT_IDLE_CONNECTIONS, 0);
    check("client", ropc_client_new(options, &client, &error), &error);
    ropc_options_free(options);
    fclose(file);
    return client;
}

static void login(void *client)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    check("login", ropc_login(client, "ada", PASSWORD, &tokens, &error), &error);
    ropc_tokens_free(tokens);
}

static void *session(ropc_client *client)
{
    ropc_session *session = NULL;
    ropc_error *error = NULL;

    check("session", ropc_session_login(client, "ada", PASSWORD, NULL, NULL, &session, &error), &error);
    return session;
}

static void token(void *session)
{
    ropc_token *token = NULL;

    if (ropc_session_token(session, 1000, 1000, &token, NULL) != ROPC_OK)
        fail("token", "none came");
    ropc_token_free(token);
}

/* The stand-in never answers this one. */
static void *request(ropc_client *client)
{
    ropc_request *request = NULL;
    ropc_error *error = NULL;

    check("request", ropc_request_login(client, "fault:never", PASSWORD, &request, &error), &error);
    check("request", ropc_request_start(request, &error), &error);
    if (ropc_request_wait(request, 100) != ROPC_PENDING)
        fail("request", "it is over");
    return request;
}

static void poll_it(void *request)
{
    if (ropc_request_poll(request) != ROPC_PENDING)
        fail("poll", "the request is over");
}

/* Nothing is freed but what a step makes, for the process ends. */
int main(int argc, char **argv)
{
    ropc_client *client;
    void (*step)(void *) = login;
    void *with;
    long count;

    if (argc < 5)
        fail("usage", "budgets WORK COUNT SITE CA_FILE [planted]");
    planted = argc > 5;
    client = client_for(argv[3], argv[4], strcmp(argv[1], "cold") != 0);
    with = client;
    if (strcmp(argv[1], "token") == 0) {
        with = session(client);
        step = token;
    } else if (strcmp(argv[1], "poll") == 0) {
        with = request(client);
        step = poll_it;
    }
    for (count = atol(argv[2]); count > 0; count--) {
        step(with);
        if (planted)
            plant();
    }
    return 0;
}
