/* Around the parts of programs that a page shows: what they take for granted. */

#ifndef AROUND_H
#define AROUND_H

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <ropc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static inline void draw_frame(void)
{
    struct timespec frame = {0, 1000000};
    nanosleep(&frame, NULL);
}

static inline void show(const char *text) { printf("%s\n", text == NULL ? "(nothing)" : text); }

static inline void open_browser(const char *url) { printf("browser: %s\n", url); }

static inline char *ask_password(void)
{
    static char password[64];
    strcpy(password, "correct horse");
    return password;
}

/* What went wrong before a page's lines begin ends the program. */
static inline void around_must(ropc_status status, const char *what)
{
    if (status == ROPC_OK)
        return;
    fprintf(stderr, "what is around the lines of the page does not work: %s: %s\n", what, ropc_status_name(status));
    exit(99);
}

/* What failed before a page's lines begin is none of their failures. */
static inline void around_begins(void)
{
    FILE *failures = fopen(getenv("SNIPPET_FAILURES"), "w");
    if (failures == NULL || fclose(failures) != 0)
        exit(98);
}

static inline ropc_options *around_options(void)
{
    static char pem[65536];
    ropc_options *options = NULL;
    FILE *file = fopen("company-ca.pem", "rb");
    size_t length = file == NULL ? 0 : fread(pem, 1, sizeof pem, file);
    if (length == 0 || fclose(file) != 0)
        exit(97);
    around_must(ropc_options_loginradius(getenv("SNIPPET_SITE"), "demo", "demo-client", &options, NULL), "options");
    around_must(ropc_options_set_ca_pem(options, pem, length), "company-ca.pem");
    around_must(ropc_options_set_endpoint(options, ROPC_ENDPOINT_IDENTITY, getenv("SNIPPET_SITE")), "identity host");
    around_must(ropc_options_set_api_key(options, "standin-api-key"), "API key");
    around_must(ropc_options_add_api_origin(options, getenv("SNIPPET_SITE")), "origin of the API");
    return options;
}

/* In C++ a part's names are those of ropc.hpp: around.hpp. */
#ifndef __cplusplus

#define AROUND_PARAMETERS                                                                                       \
    ropc_options *options, ropc_client *client, ropc_tokens *tokens, ropc_error *error, ropc_store *store,       \
        ropc_session *session, ropc_token *token, ropc_request *request, const char *user, char *password

#define AROUND_USED                                                                                             \
    (void)options, (void)client, (void)tokens, (void)error, (void)store, (void)session, (void)token,             \
        (void)request, (void)user, (void)password

static inline void around(void (*part)(AROUND_PARAMETERS))
{
    ropc_client *client = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_store *store = NULL;
    ropc_session *session = NULL;
    ropc_token *token = NULL;
    ropc_request *request = NULL;
    ropc_options *options = around_options();
    const char *user = getenv("SNIPPET_USER");
    char *password = ask_password();

    around_must(ropc_client_new(options, &client, NULL), "client");
    if (ropc_login(client, user, password, &tokens, &error) != ROPC_OK && strcmp(user, "ada") == 0)
        around_must(ROPC_E_REFUSED, "ada's sign-in");
    around_must(ropc_store_file("store", &store, NULL), "store");
    around_must(ropc_session_login(client, "ada", password, store, "ada", &session, NULL), "session");
    around_must(ropc_session_token(session, 1, 10000, &token, NULL), "token");
    around_must(ropc_request_login(client, user, password, &request, NULL), "request");
    around_must(ropc_request_start(request, NULL), "start");
    around_begins();
    part(options, client, tokens, error, store, session, token, request, user, password);
}

#endif
#endif
