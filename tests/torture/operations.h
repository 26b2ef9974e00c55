/* What is tortured: each is prepared, done once with a fault and once without, and
 * cleaned up. */

#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "sessions.h"

/* Longer than an operation takes on a busy machine, so that an end by time is a
 * bug. verdicts.py knows the second. */
#define CONNECT_MS 8000
#define TOTAL_MS 12000

static ropc_client *client;
static ropc_store *store;
static ropc_session *session;
static const char *store_path;

/* The numeric address needs no look-up, which is tortured by itself. */
static void by_number(void)
{
    char site[64];
    snprintf(site, sizeof site, "https://127.0.0.1%s", strrchr(where("STANDIN_HTTPS"), ':'));
    setenv("STANDIN_HTTPS", site, 1);
}

static ropc_client *client_to_torture(void)
{
    ropc_options *options = options_with_identity("demo");
    CHECK_NUMBER(ropc_options_set_timeouts(options, CONNECT_MS, TOTAL_MS), ROPC_OK);
    return client_from(options);
}

static void make_client(void) { client = client_to_torture(); }

static void numeric_client(void)
{
    by_number();
    make_client();
}

static void warm_client(void)
{
    numeric_client();
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
}

/* A connection that was not used for a while is looked at before it is used. */
static void rest(void) { rest_us(12000); }

static ropc_status login(ropc_error **error)
{
    ropc_tokens *tokens = NULL;
    ropc_status status = ropc_login(client, "ada", PASSWORD, &tokens, error);
    CHECK((status == ROPC_OK) == (tokens != NULL && tokens->access_token[0] != '\0'));
    ropc_tokens_free(tokens);
    return status;
}

static ropc_status login_by_request(ropc_error **error)
{
    ropc_request *request = NULL;
    ropc_tokens *tokens = NULL;
    ropc_status status = ropc_request_login(client, "ada", PASSWORD, &request, error);
    if (status == ROPC_OK) {
        status = ropc_request_start(request, error);
    }
    if (status == ROPC_OK) {
        CHECK(ropc_request_wait(request, LONG_MS) != ROPC_PENDING);
        status = ropc_request_take_tokens(request, &tokens, error);
        CHECK((status == ROPC_OK) == (tokens != NULL));
    }
    ropc_tokens_free(tokens);
    ropc_request_free(request);
    return status;
}

/* The system's authorities are the stand-in's. */
static void system_roots(void)
{
    by_number();
    setenv("SSL_CERT_FILE", where("STANDIN_CA"), 1);
}

static ropc_status connect_with_system_roots(ropc_error **error)
{
    ropc_options *options = NULL;
    ropc_status status = ropc_options_loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, error);
    CHECK_NUMBER(ropc_options_set_trust(options, ROPC_TRUST_SYSTEM), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_proxy(options, ""), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_timeouts(options, CONNECT_MS, TOTAL_MS), ROPC_OK);
    ropc_client_free(client);
    client = NULL;
    status = status == ROPC_OK ? ropc_client_new(options, &client, error) : status;
    ropc_options_free(options);
    return status == ROPC_OK ? ropc_client_connect(client, error) : status;
}

static void open_store(void)
{
    warm_client();
    CHECK_NUMBER(ropc_store_file(store_path, &store, NULL), ROPC_OK);
}

static void signed_in(void)
{
    open_store();
    session = session_of(client, "ada", store);
    gives_token(session);
}

static void stored(void)
{
    signed_in();
    ropc_session_free(session);
    ropc_store_free(store);
    session = NULL;
    store = NULL;
}

/* What the operation came to with its fault. */
static ropc_status came_to;

static ropc_status refresh(ropc_error **error) { return ropc_session_refresh(session, 0, LONG_MS, error); }

/* Now, and not after the pause that a failure is followed by; but no program sends
 * a refresh token once more that the server may have replaced. */
static ropc_status refresh_again(ropc_error **error)
{
    return ropc_session_refresh(session, came_to != ROPC_E_UNCLEAR, LONG_MS, error);
}

static ropc_status token(ropc_error **error)
{
    ropc_token *one = NULL;
    ropc_status status = ropc_session_token(session, 1000, LONG_MS, &one, error);
    CHECK((status == ROPC_OK) == (one != NULL && one->access_token[0] != '\0'));
    ropc_token_free(one);
    return status;
}

static ropc_status sign_in_and_store(ropc_error **error)
{
    ropc_status status;
    ropc_session_free(session);
    session = NULL;
    status = ropc_session_login(client, "ada", PASSWORD, store, NULL, &session, error);
    return status == ROPC_OK ? token(error) : status;
}

/* A session with tokens that are not saved tries that again. */
static ropc_status store_again(ropc_error **error)
{
    return session == NULL ? sign_in_and_store(error) : refresh_again(error);
}

static ropc_status resume(ropc_error **error)
{
    ropc_status status;
    ropc_session_free(session);
    ropc_store_free(store);
    session = NULL;
    store = NULL;
    status = ropc_store_file(store_path, &store, error);
    if (status == ROPC_OK) {
        status = ropc_session_resume(client, store, "ada", &session, error);
    }
    return status == ROPC_OK ? token(error) : status;
}

static ropc_status sign_out(ropc_error **error) { return ropc_session_sign_out(session, error); }

/* One that was joined may stand in /proc for another moment. */
static void wait_for_threads(void)
{
    for (int i = 0; i < 2000 && threads_named("ropc-") > 0; i++) {
        rest_us(1000);
    }
}

static void clean_up(void)
{
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_client_free(client);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
}

static void nothing(void) {}

/* What the program does when it is started again, whatever happened before. */
static ropc_status next_start(ropc_error **error)
{
    ropc_status status = resume(error);
    return status == ROPC_OK ? refresh(error) : status;
}

#include "planted.h"

static const struct operation {
    const char *name;
    void (*prepare)(void);
    ropc_status (*once)(ropc_error **error);
    ropc_status (*again)(ropc_error **error);
} operations[] = {
    {"cold", make_client, login, login},
    {"numeric", numeric_client, login, login},
    {"warm", warm_client, login, login},
    {"request", make_client, login_by_request, login_by_request},
    {"roots", system_roots, connect_with_system_roots, connect_with_system_roots},
    {"refresh", signed_in, refresh, refresh_again},
    {"first", open_store, sign_in_and_store, store_again},
    {"resume", stored, resume, resume},
    {"sign_out", signed_in, sign_out, sign_out},
    {"next", warm_client, next_start, NULL},
    {"planted_crash", nothing, ignores_null, opens_nothing},
    {"planted_hang", nothing, waits_for_ever, opens_nothing},
    {"planted_descriptor", nothing, forgets_descriptor, opens_nothing},
    {"planted_twice", warm_client, sends_twice, login},
    {"planted_reuse", signed_in, refresh, sends_refresh_token_again},
    {"planted_loss", signed_in, loses_record, refresh_again},
    {"planted_short", nothing, writes_half, opens_nothing},
    {"planted_silence", nothing, says_nothing, opens_nothing},
};

#endif
