/* A signed-in user from the login to the sign-out: tokens asked for and
 * polled, refreshed, refused by an API, lost on the way, used and ended. */

#include "sessions.h"

static ropc_client *client;

/* Polls once a millisecond; the copy of the token that comes is the caller's. */
static char *polled(const ropc_session *session, int *pending)
{
    ropc_token *token = NULL;
    ropc_error *error = (ropc_error *)(void *)session;
    ropc_status status;
    char *text = NULL;
    *pending = 0;
    while ((status = ropc_session_poll(session, 1000, &token, &error)) == ROPC_PENDING) {
        CHECK(token == NULL && error == NULL);
        ++*pending;
        rest_us(1000);
    }
    CHECK_NUMBER(status, ROPC_OK);
    if (CHECK(token != NULL && error == NULL) && (text = malloc(token->length + 1)) != NULL) {
        memcpy(text, token->access_token, token->length + 1);
    }
    ropc_token_free(token);
    return text;
}

static void tokens(void)
{
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    char *first = token_of(session, ROPC_OK, ROPC_REASON_NONE), *again, *other;
    long refreshed = granted("refreshed");
    int pending;

    check_about("a good token, asked for and polled");
    again = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK_TEXT(again, first);
    free(again);
    again = polled(session, &pending);
    CHECK_TEXT(again, first);
    CHECK_NUMBER(pending, 0);
    free(again);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    CHECK_NUMBER(granted("refreshed"), refreshed);

    check_about("an expired one, asked for");
    expire(session);
    again = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK(again != NULL && strcmp(again, first) != 0);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);

    check_about("an old one, expired again: the new one stays");
    CHECK_NUMBER(ropc_session_expire(session, first), ROPC_OK);
    other = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK_TEXT(other, again);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    free(other);

    check_about("an expired one, polled");
    expire(session);
    other = polled(session, &pending);
    CHECK(other != NULL && strcmp(other, again) != 0);
    CHECK(pending > 0);
    CHECK_NUMBER(granted("refreshed"), refreshed + 2);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    free(other);

    check_about("longer than the server's tokens live");
    ENDED(ropc_session_token(session, 3600000, LONG_MS, &token, &error), ROPC_E_ANSWER, ROPC_REASON_TOO_SHORT);
    CHECK(token == NULL);
    gives_token(session);
    free(again);
    free(first);
    ropc_session_free(session);
}

static void refreshes(void)
{
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_error *error = NULL;
    char *first = token_of(session, ROPC_OK, ROPC_REASON_NONE), *second;
    long refreshed = granted("refreshed");
    check_about("a refresh that is asked for");
    ENDED(ropc_session_refresh(session, 0, LONG_MS, &error), ROPC_OK, ROPC_REASON_NONE);
    second = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK(second != NULL && strcmp(second, first) != 0);
    check_about("a refresh that is begun");
    ENDED(ropc_session_refresh(session, 0, 0, &error), ROPC_PENDING, ROPC_REASON_NONE);
    UNTIL(granted("refreshed") == refreshed + 2);
    free(second);
    free(first);
    ropc_session_free(session);
}

/* What a line on a screen shows. */
static void status(void)
{
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_session_info *info = NULL;
    ropc_error *error = NULL;
    check_about("status, signed in");
    ENDED(ropc_session_status(session, &info, &error), ROPC_OK, ROPC_REASON_NONE);
    if (CHECK(info != NULL)) {
        CHECK_NUMBER(info->state, ROPC_SESSION_STATE_SIGNED_IN);
        CHECK_NUMBER(info->refreshing, 0);
        CHECK_TEXT(info->user_key, "ada");
        CHECK_NUMBER(info->expires_at - info->received_at, 900);
        CHECK_NUMBER(info->last_status, ROPC_OK);
        CHECK_NUMBER(info->last_reason, ROPC_REASON_NONE);
        CHECK(info->last_message == NULL);
    }
    ropc_session_info_free(info);

    check_about("status, signed out");
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_session_status(session, &info, &error), ROPC_OK, ROPC_REASON_NONE);
    if (CHECK(info != NULL)) {
        CHECK_NUMBER(info->state, ROPC_SESSION_STATE_SIGNED_OUT);
        CHECK_TEXT(info->user_key, "ada");
        CHECK_NUMBER(info->expires_at, 0);
        CHECK_NUMBER(info->received_at, 0);
        CHECK_NUMBER(info->last_status, ROPC_E_SIGNED_OUT);
        CHECK_NUMBER(info->last_reason, ROPC_REASON_SIGNED_OUT);
    }
    ropc_session_info_free(info);
    ropc_session_free(session);
}

/* Nothing listens where tokens are refreshed. */
static void offline(void)
{
    ropc_options *options = options_with_identity("demo");
    ropc_client *cut_off;
    ropc_session *session = NULL;
    ropc_session_info *info = NULL;
    ropc_tokens *tokens = NULL;
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    char url[64];

    check_about("a failure that may pass");
    snprintf(url, sizeof url, "https://localhost:%s/token", where("STANDIN_DEAD"));
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_TOKEN, url), ROPC_OK);
    cut_off = client_from(options);
    ENDED(ropc_login(client, "ada", PASSWORD, &tokens, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_session_new(cut_off, tokens, NULL, "me", &session, &error), ROPC_OK, ROPC_REASON_NONE);
    /* While the token is good, a failure is nobody's trouble. */
    ENDED(ropc_session_refresh(session, 0, LONG_MS, &error), ROPC_E_CONNECT, ROPC_REASON_CONNECTION_REFUSED);
    CHECK_NUMBER(state_of(session), ROPC_SESSION_STATE_SIGNED_IN);
    gives_token(session);
    CHECK_NUMBER(ropc_session_expire(session, tokens->access_token), ROPC_OK);
    ropc_tokens_free(tokens);

    CHECK_NUMBER(ropc_session_token(session, 0, LONG_MS, &token, &error), ROPC_E_CONNECT);
    CHECK(token == NULL && error->retry_after_ms > 0 && error->retry_after_ms <= 1000 && error->retryable);
    ropc_error_free(error);
    CHECK_NUMBER(ropc_session_poll(session, 0, &token, &error), ROPC_E_CONNECT);
    CHECK(token == NULL && error->retry_after_ms > 0);
    ropc_error_free(error);
    ENDED(ropc_session_status(session, &info, &error), ROPC_OK, ROPC_REASON_NONE);
    if (CHECK(info != NULL)) {
        CHECK_NUMBER(info->state, ROPC_SESSION_STATE_WAITING);
        CHECK_NUMBER(info->last_status, ROPC_E_CONNECT);
        CHECK_NUMBER(info->last_reason, ROPC_REASON_CONNECTION_REFUSED);
        CHECK(info->last_message != NULL && info->last_message[0] != '\0');
    }
    ropc_session_info_free(info);
    /* `force` tries at once; the pause after that is longer. */
    CHECK_NUMBER(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_E_CONNECT);
    CHECK(error->retry_after_ms > 1000);
    ropc_error_free(error);
    ropc_session_free(session);
    ropc_client_free(cut_off);
}

/* The server replaced the refresh token and its answer was lost. */
static void unclear(void)
{
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_error *error = NULL;
    long refreshed = granted("refreshed"), reused = granted("reused");
    check_about("an answer that never came");
    expire(session);
    ask_standin("lose 1");
    free(token_of(session, ROPC_E_UNCLEAR, ROPC_REASON_UNCLEAR));
    free(token_of(session, ROPC_E_UNCLEAR, ROPC_REASON_UNCLEAR));
    ENDED(ropc_session_refresh(session, 0, LONG_MS, &error), ROPC_E_UNCLEAR, ROPC_REASON_UNCLEAR);
    CHECK_NUMBER(state_of(session), ROPC_SESSION_STATE_UNCLEAR);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    CHECK_NUMBER(granted("reused"), reused);
    /* The program's decision; this server takes it for theft. */
    ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_E_SIGNED_OUT, ROPC_REASON_REFRESH_ENDED);
    CHECK_NUMBER(granted("reused"), reused + 1);
    CHECK_NUMBER(state_of(session), ROPC_SESSION_STATE_SIGNED_OUT);
    free(token_of(session, ROPC_E_SIGNED_OUT, ROPC_REASON_REFRESH_ENDED));
    CHECK_NUMBER(granted("reused"), reused + 1);
    ropc_session_free(session);
}

static void ended_by_the_server(void)
{
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_error *error = NULL;
    check_about("a refresh token that has ended");
    expire(session);
    ask_standin("kill_refresh");
    free(token_of(session, ROPC_E_SIGNED_OUT, ROPC_REASON_REFRESH_ENDED));
    ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_E_SIGNED_OUT, ROPC_REASON_REFRESH_ENDED);
    CHECK_NUMBER(ropc_session_expire(session, "any"), ROPC_OK);
    ropc_session_free(session);

    check_about("no refresh token");
    session = session_of(client, "variant:no_refresh", NULL);
    expire(session);
    free(token_of(session, ROPC_E_SIGNED_OUT, ROPC_REASON_NO_REFRESH_TOKEN));
    ropc_session_free(session);

    check_about("a login that is refused");
    session = (ropc_session *)(void *)client;
    ENDED(ropc_session_login(client, "locked", PASSWORD, NULL, "me", &session, &error), ROPC_E_REFUSED,
          ROPC_REASON_LOCKED);
    CHECK(session == NULL);
}

/* What a request to begin a session comes to. */
static ropc_session *begun(ropc_request *request, ropc_status status, ropc_reason reason)
{
    ropc_session *session = (ropc_session *)(void *)request, *twice = NULL;
    ropc_tokens *none = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_request_start(request, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), status);
    ENDED(ropc_request_take_tokens(request, &none, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ENDED(ropc_request_take_session(request, &session, &error), status, reason);
    CHECK((session != NULL) == (status == ROPC_OK));
    CHECK_NUMBER(ropc_request_take_session(request, &twice, NULL), ROPC_E_STATE);
    ropc_request_free(request);
    return session;
}

/* Texts with their lengths, which end in no NUL, or have one inside. */
static void begun_with_lengths(void)
{
    ropc_request *request = NULL;
    ropc_session *session = NULL;
    ropc_session_info *info = NULL;
    ropc_error *error = NULL;
    char user[] = "ada?", password[] = PASSWORD "?";

    check_about("begun with lengths");
    ENDED(ropc_session_login_n(client, user, 3, password, strlen(PASSWORD), NULL, NULL, &session, &error), ROPC_OK,
          ROPC_REASON_NONE);
    gives_token(session);
    CHECK_NUMBER(ropc_session_status(session, &info, NULL), ROPC_OK);
    CHECK_TEXT(info->user_key, "ada");
    ropc_session_info_free(info);
    ropc_session_free(session);

    check_about("begun with lengths, by a request");
    CHECK_NUMBER(ropc_request_session_login_n(client, user, 3, password, strlen(PASSWORD), NULL, "me", &request, NULL),
                 ROPC_OK);
    memset(user, 'x', 3);
    memset(password, 'x', strlen(PASSWORD));
    session = begun(request, ROPC_OK, ROPC_REASON_NONE);
    gives_token(session);
    ropc_session_free(session);

    check_about("a user name that could be no key, and one that need not");
    ENDED(ropc_session_login_n(client, "a\0b", 3, PASSWORD, strlen(PASSWORD), NULL, NULL, &session, &error), ROPC_E_ARG,
          ROPC_REASON_ARGUMENT);
    ENDED(ropc_session_login_n(client, "a\0b", 3, PASSWORD, strlen(PASSWORD), NULL, "me", &session, &error),
          ROPC_E_REFUSED, ROPC_REASON_WRONG_CREDENTIALS);
}

static void begun_beside(void)
{
    ropc_request *request = NULL;
    ropc_session *session = NULL;
    ropc_tokens *issued = NULL;

    check_about("begun by a request, with a password and with tokens");
    CHECK_NUMBER(ropc_request_session_login(client, "ada", PASSWORD, NULL, NULL, &request, NULL), ROPC_OK);
    session = begun(request, ROPC_OK, ROPC_REASON_NONE);
    gives_token(session);
    ropc_session_free(session);
    CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &issued, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_request_session_new(client, issued, NULL, "me", &request, NULL), ROPC_OK);
    ropc_tokens_free(issued);
    session = begun(request, ROPC_OK, ROPC_REASON_NONE);
    gives_token(session);
    ropc_session_free(session);

    check_about("refused, and never taken");
    CHECK_NUMBER(ropc_request_session_login(client, "locked", PASSWORD, NULL, NULL, &request, NULL), ROPC_OK);
    CHECK(begun(request, ROPC_E_REFUSED, ROPC_REASON_LOCKED) == NULL);
    CHECK_NUMBER(ropc_request_session_login(client, "ada", PASSWORD, NULL, NULL, &request, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_request_start(request, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_OK);
    ropc_request_free(request);
}

int main(void)
{
    client = client_with_identity();
    tokens();
    begun_beside();
    begun_with_lengths();
    refreshes();
    status();
    offline();
    unclear();
    ended_by_the_server();
    ropc_client_free(client);
    return finish();
}
