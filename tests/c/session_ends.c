/* The ends of a session: signed out, blocking and beside the program, online
 * and offline; freed in any order, with refreshes and calls under way. */

#include "sessions.h"

static ropc_client *client;

/* Nothing is to be had from a session that was signed out; no more is sent. */
static void is_signed_out(const ropc_session *session)
{
    ropc_token *token = NULL;
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    char *record = NULL;
    ask_standin("requests");
    free(token_of(session, ROPC_E_SIGNED_OUT, ROPC_REASON_SIGNED_OUT));
    ENDED(ropc_session_poll(session, 0, &token, &error), ROPC_E_SIGNED_OUT, ROPC_REASON_SIGNED_OUT);
    ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_E_SIGNED_OUT, ROPC_REASON_SIGNED_OUT);
    ENDED(ropc_session_call(session, "GET", at_standin("/api/echo"), NULL, NULL, 0, NULL, 0, &response, &error),
          ROPC_E_SIGNED_OUT, ROPC_REASON_SIGNED_OUT);
    ENDED(ropc_session_pending(session, &record, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK(token == NULL && response == NULL && record == NULL);
    CHECK_NUMBER(ropc_session_saved(session, 1), ROPC_E_STATE);
    CHECK_NUMBER(ropc_session_expire(session, "any"), ROPC_OK);
    CHECK_NUMBER(state_of(session), ROPC_SESSION_STATE_SIGNED_OUT);
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(count_in(ask_standin("requests"), "\"target\""), 0);
}

static ropc_request *leaving(const ropc_session *session)
{
    ropc_request *request = NULL;
    ropc_error *error = NULL;
    ENDED(ropc_request_session_sign_out(session, &request, &error), ROPC_OK, ROPC_REASON_NONE);
    return request;
}

static void signed_out(void)
{
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_tokens *tokens = NULL;
    ropc_request *request;
    ropc_error *error = NULL;
    long revoked = granted("revoked"), invalidated = granted("invalidated");

    check_about("signed out");
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(granted("revoked"), revoked + 1);
    CHECK_NUMBER(granted("invalidated"), invalidated + 1);
    is_signed_out(session);
    ropc_session_free(session);

    check_about("signed out beside the program");
    session = session_of(client, "ada", NULL);
    ropc_request_free(leaving(session));
    request = leaving(session);
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_CANCELLED);
    ropc_request_free(request);
    /* Neither of the two was begun. */
    gives_token(session);
    request = leaving(session);
    start(request);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_OK);
    CHECK_NUMBER(ropc_request_take_tokens(request, &tokens, NULL), ROPC_E_STATE);
    ENDED(ropc_request_take_done(request, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_request_take_done(request, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ropc_request_free(request);
    CHECK_NUMBER(granted("revoked"), revoked + 2);
    CHECK_NUMBER(granted("invalidated"), invalidated + 2);
    is_signed_out(session);
    ropc_session_free(session);
}

/* A refresh is under way: its tokens are the ones to be ended. */
static void signed_out_in_a_refresh(void)
{
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_error *error = NULL;
    ropc_token *token = NULL;
    long refreshed = granted("refreshed"), revoked = granted("revoked"), reused = granted("reused");
    check_about("signed out in a refresh");
    expire(session);
    ask_standin("refresh fault:delay_200");
    ENDED(ropc_session_poll(session, 0, &token, &error), ROPC_PENDING, ROPC_REASON_NONE);
    UNTIL(granted("refreshed") == refreshed + 1);
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    ask_standin("refresh");
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    CHECK_NUMBER(granted("revoked"), revoked + 1);
    CHECK_NUMBER(granted("reused"), reused);
    is_signed_out(session);
    ropc_session_free(session);
}

/* An access token that the server has ended needs no end. */
static void signed_out_expired(void)
{
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_error *error = NULL;
    long revoked = granted("revoked");
    check_about("signed out with an access token that has ended");
    expire(session);
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(granted("revoked"), revoked + 1);
    is_signed_out(session);
    ropc_session_free(session);

    check_about("the same, and nobody here knows");
    session = session_of(client, "ada", NULL);
    ask_standin("expire_access");
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(granted("revoked"), revoked + 2);
    ropc_session_free(session);
}

/* The part on this machine is done; the rest is told. */
static void not_everywhere(void)
{
    ropc_options *options = options_with_identity("revoke-503");
    ropc_client *other = client_from(options);
    ropc_session *session = session_of(other, "ada", NULL);
    ropc_request *request;
    ropc_error *error = NULL;
    char dead[64];

    check_about("the server cannot revoke now");
    CHECK_NUMBER(ropc_session_sign_out(session, &error), ROPC_E_NOT_REVOKED);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_NOT_REVOKED);
        CHECK_NUMBER(error->http_status, 503);
        CHECK_NUMBER(error->retry_after_ms, 7000);
        CHECK_HOLDS(error->message, "Signed out on this machine");
    }
    ropc_error_free(error);
    is_signed_out(session);
    ropc_session_free(session);
    ropc_client_free(other);

    check_about("offline");
    options = options_with_identity("demo");
    snprintf(dead, sizeof dead, "https://localhost:%s", where("STANDIN_DEAD"));
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_REVOKE, dead), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_IDENTITY, dead), ROPC_OK);
    other = client_from(options);
    session = session_of(other, "ada", NULL);
    request = leaving(session);
    start(request);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_NOT_REVOKED);
    ENDED(ropc_request_take_done(request, &error), ROPC_E_NOT_REVOKED, ROPC_REASON_NOT_REVOKED);
    ropc_request_free(request);
    is_signed_out(session);
    ropc_session_free(session);
    ropc_client_free(other);

    check_about("no API key");
    CHECK_NUMBER(ropc_options_loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    other = client_from(options);
    session = session_of(other, "ada", NULL);
    CHECK_NUMBER(ropc_session_sign_out(session, &error), ROPC_E_NOT_REVOKED);
    CHECK_HOLDS(error == NULL ? NULL : error->message, "API key");
    ropc_error_free(error);
    is_signed_out(session);
    ropc_session_free(session);
    ropc_client_free(other);
}

/* What a session was made of goes before it, in each order. */
static void freed_before(const int order[4])
{
    ropc_options *options = options_with_identity("demo");
    ropc_client *own = NULL;
    ropc_store *store = NULL;
    ropc_tokens *tokens = NULL;
    ropc_session *session = NULL;
    ropc_error *error = NULL;

    ENDED(ropc_client_new(options, &own, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_store_file(in_folder("order"), &store, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_login(own, "ada", PASSWORD, &tokens, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_session_new(own, tokens, store, "ada", &session, &error), ROPC_OK, ROPC_REASON_NONE);
    for (int i = 0; i < 4; i++) {
        switch (order[i]) {
        case 0: ropc_options_free(options); break;
        case 1: ropc_client_free(own); break;
        case 2: ropc_store_free(store); break;
        default: ropc_tokens_free(tokens); break;
        }
        gives_token(session);
    }
    expire(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    ropc_session_free(session);
}

static void freed_in_any_order(void)
{
    check_about("freed in any order");
    for (int i = 0; i < 256; i++) {
        const int order[4] = {i & 3, i >> 2 & 3, i >> 4 & 3, i >> 6};
        if ((1 << order[0] | 1 << order[1] | 1 << order[2] | 1 << order[3]) == 15) {
            freed_before(order);
        }
    }
}

/* A call that was prepared goes on without its session; what came out of a
 * session outlives it. */
static void freed_before_its_results(void)
{
    ropc_client *own = client_with_identity();
    ropc_session *session = session_of(own, "ada", NULL);
    ropc_request *call = NULL, *leave = leaving(session);
    ropc_response *response = NULL;
    ropc_session_info *info = NULL;
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    long revoked = granted("revoked");
    check_about("freed before its results");
    ENDED(ropc_request_session_call(session, "GET", at_standin("/api/echo"), NULL, NULL, 0, NULL, 0, &call, &error),
          ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_session_status(session, &info, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_session_token(session, 0, LONG_MS, &token, &error), ROPC_OK, ROPC_REASON_NONE);
    ropc_session_free(session);
    ropc_client_free(own);
    CHECK_TEXT(info == NULL ? NULL : info->user_key, "ada");
    CHECK_NUMBER(token == NULL ? 0 : strlen(token->access_token), token == NULL ? 1 : token->length);
    start(call);
    CHECK_NUMBER(ropc_request_wait(call, LONG_MS), ROPC_OK);
    ENDED(ropc_request_take_response(call, &response, &error), ROPC_OK, ROPC_REASON_NONE);
    ropc_request_free(call);
    CHECK_NUMBER(response == NULL ? 0 : response->http_status, 200);
    start(leave);
    CHECK_NUMBER(ropc_request_wait(leave, LONG_MS), ROPC_OK);
    ropc_request_free(leave);
    CHECK_NUMBER(granted("revoked"), revoked + 1);
    ropc_response_free(response);
    ropc_session_info_free(info);
    ropc_token_free(token);
}

/* A refresh was sent: it goes on until its tokens are in the file, and the
 * calls that wait for it get what they asked for. */
static void freed_in_a_refresh(void)
{
    ropc_store *store = NULL;
    ropc_session *session;
    ropc_request *calls[6];
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    long refreshed = granted("refreshed"), reused = granted("reused");

    check_about("freed in a refresh");
    ENDED(ropc_store_file(in_folder("flight"), &store, &error), ROPC_OK, ROPC_REASON_NONE);
    session = session_of(client, "ada", store);
    expire(session);
    ask_standin("refresh fault:delay_300");
    ENDED(ropc_session_poll(session, 0, &token, &error), ROPC_PENDING, ROPC_REASON_NONE);
    for (size_t i = 0; i < COUNT(calls); i++) {
        ENDED(ropc_request_session_call(session, "GET", at_standin("/api/echo"), NULL, NULL, 0, NULL, 0, &calls[i],
                                        &error),
              ROPC_OK, ROPC_REASON_NONE);
        start(calls[i]);
    }
    UNTIL(granted("refreshed") == refreshed + 1);
    ropc_session_free(session);
    for (size_t i = 0; i < COUNT(calls); i++) {
        ropc_response *response = NULL;
        CHECK_NUMBER(ropc_request_wait(calls[i], LONG_MS), ROPC_OK);
        ENDED(ropc_request_take_response(calls[i], &response, &error), ROPC_OK, ROPC_REASON_NONE);
        CHECK_NUMBER(response == NULL ? 0 : response->http_status, 200);
        ropc_response_free(response);
        ropc_request_free(calls[i]);
    }
    ask_standin("refresh");
    ENDED(ropc_session_resume(client, store, "ada", &session, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    CHECK_NUMBER(granted("reused"), reused);
    ropc_session_free(session);

    ropc_store_free(store);
}

/* Freed before its refresh is sent: it is not sent. The only worker for
 * refreshes is busy, and after that it does one for somebody else. */
static void freed_in_the_queue(void)
{
    ropc_session *busy, *freed, *after;
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    long refreshed;

    check_about("freed before its refresh is sent");
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    CHECK_NUMBER(ropc_set_workers(1), ROPC_OK);
    busy = session_of(client, "ada", NULL);
    freed = session_of(client, "ada", NULL);
    after = session_of(client, "ada", NULL);
    refreshed = granted("refreshed");
    expire(busy);
    ask_standin("refresh fault:delay_1000");
    ENDED(ropc_session_poll(busy, 0, &token, &error), ROPC_PENDING, ROPC_REASON_NONE);
    UNTIL(granted("refreshed") == refreshed + 1);
    ask_standin("refresh");
    expire(freed);
    ENDED(ropc_session_poll(freed, 0, &token, &error), ROPC_PENDING, ROPC_REASON_NONE);
    ropc_session_free(freed);
    expire(after);
    gives_token(after);
    gives_token(busy);
    CHECK_NUMBER(granted("refreshed"), refreshed + 2);
    CHECK_NUMBER(ropc_set_workers(8), ROPC_OK);
    ropc_session_free(after);
    ropc_session_free(busy);
}

int main(void)
{
    client = client_with_identity();
    signed_out();
    signed_out_in_a_refresh();
    signed_out_expired();
    not_everywhere();
    freed_in_any_order();
    freed_before_its_results();
    freed_in_a_refresh();
    freed_in_the_queue();
    ropc_client_free(client);
    return finish();
}
