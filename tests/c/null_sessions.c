/* What follows a login, each argument of each function made unusable, one at a
 * time: NULL; and of texts empty, not UTF-8 and too long. Nothing is sent. */

#include "sessions.h"

static ropc_client *client;
static ropc_options *generic;
static ropc_tokens *tokens;
static ropc_store *store;
static ropc_session *session;
static ropc_request *request;

/* What stands in every out-parameter before the call: it must not survive. */
static char left_over;

/* Which argument is bad, by its number in each call below, and how. */
static int hole;
static const char *bad;

/* A handle, or the place for a result. */
#define P(number, pointer) ((number) == hole ? NULL : (pointer))
/* A text. */
#define T(number, good) ((number) == hole ? bad : (good))

typedef ropc_status function(void **out, ropc_error **err);

#define OUT(type) ((type **)out)

static ropc_status refresh(void **out, ropc_error **err)
{
    return ropc_refresh(P(0, client), T(2, "token"), OUT(ropc_tokens), err);
}
static ropc_status request_refresh(void **out, ropc_error **err)
{
    return ropc_request_refresh(P(0, client), T(2, "token"), OUT(ropc_request), err);
}
static ropc_status revoke(void **out, ropc_error **err)
{
    return (void)out, ropc_revoke(P(0, client), T(1, "token"), ROPC_HINT_NONE, err);
}
static ropc_status request_revoke(void **out, ropc_error **err)
{
    return ropc_request_revoke(P(0, client), T(2, "token"), ROPC_HINT_NONE, OUT(ropc_request), err);
}
static ropc_status userinfo(void **out, ropc_error **err)
{
    return ropc_userinfo(P(0, client), T(2, "token"), OUT(char), err);
}
static ropc_status request_userinfo(void **out, ropc_error **err)
{
    return ropc_request_userinfo(P(0, client), T(2, "token"), OUT(ropc_request), err);
}
static ropc_status profile(void **out, ropc_error **err)
{
    return ropc_profile(P(0, client), T(2, "token"), T(3, "Uid"), OUT(char), err);
}
static ropc_status request_profile(void **out, ropc_error **err)
{
    return ropc_request_profile(P(0, client), T(2, "token"), T(3, "Uid"), OUT(ropc_request), err);
}
static ropc_status validate(void **out, ropc_error **err)
{
    return ropc_validate(P(0, client), T(2, "token"), OUT(ropc_tokens), err);
}
static ropc_status request_validate(void **out, ropc_error **err)
{
    return ropc_request_validate(P(0, client), T(2, "token"), OUT(ropc_request), err);
}
static ropc_status invalidate(void **out, ropc_error **err)
{
    return (void)out, ropc_invalidate(P(0, client), T(1, "token"), err);
}
static ropc_status request_invalidate(void **out, ropc_error **err)
{
    return ropc_request_invalidate(P(0, client), T(2, "token"), OUT(ropc_request), err);
}
static ropc_status verify(void **out, ropc_error **err)
{
    return ropc_verify_id_token(P(0, client), T(2, "id"), T(3, "token"), T(4, "nonce"), OUT(char), err);
}
static ropc_status request_verify(void **out, ropc_error **err)
{
    return ropc_request_verify_id_token(P(0, client), T(2, "id"), T(3, "token"), T(4, "nonce"), OUT(ropc_request), err);
}
static ropc_status discover(void **out, ropc_error **err)
{
    return ropc_discover(P(0, generic), T(2, "https://localhost"), 0, OUT(ropc_options), err);
}
static ropc_status request_discover(void **out, ropc_error **err)
{
    return ropc_request_discover(P(0, generic), T(2, "https://localhost"), 0, OUT(ropc_request), err);
}
static ropc_status take_text(void **out, ropc_error **err)
{
    return ropc_request_take_text(P(0, request), OUT(char), err);
}
static ropc_status take_options(void **out, ropc_error **err)
{
    return ropc_request_take_options(P(0, request), OUT(ropc_options), err);
}
static ropc_status take_response(void **out, ropc_error **err)
{
    return ropc_request_take_response(P(0, request), OUT(ropc_response), err);
}
static ropc_status store_file(void **out, ropc_error **err)
{
    return ropc_store_file(T(1, in_folder("null")), OUT(ropc_store), err);
}
static ropc_status store_host(void **out, ropc_error **err)
{
    return ropc_store_host(NULL, NULL, OUT(ropc_store), err);
}
static ropc_status store_give(void **out, ropc_error **err)
{
    return (void)out, ropc_store_give(P(0, store), T(1, "ada"), T(2, "{}"), err);
}
static ropc_status session_new(void **out, ropc_error **err)
{
    return ropc_session_new(P(0, client), P(2, tokens), NULL, T(3, "ada"), OUT(ropc_session), err);
}
static ropc_status session_login(void **out, ropc_error **err)
{
    return ropc_session_login(P(0, client), T(2, "ada"), T(3, PASSWORD), NULL, T(4, "ada"), OUT(ropc_session), err);
}
static ropc_status session_login_n(void **out, ropc_error **err)
{
    return ropc_session_login_n(P(0, client), P(2, "ada"), 3, P(3, PASSWORD), strlen(PASSWORD), NULL, T(4, "ada"),
                                OUT(ropc_session), err);
}
static ropc_status request_new(void **out, ropc_error **err)
{
    return ropc_request_session_new(P(0, client), P(2, tokens), NULL, T(3, "ada"), OUT(ropc_request), err);
}
static ropc_status request_login(void **out, ropc_error **err)
{
    return ropc_request_session_login(P(0, client), T(2, "ada"), T(3, PASSWORD), NULL, T(4, "ada"), OUT(ropc_request),
                                      err);
}
static ropc_status request_login_n(void **out, ropc_error **err)
{
    return ropc_request_session_login_n(P(0, client), P(2, "ada"), 3, P(3, PASSWORD), strlen(PASSWORD), NULL,
                                        T(4, "ada"), OUT(ropc_request), err);
}
static ropc_status take_session(void **out, ropc_error **err)
{
    return ropc_request_take_session(P(0, request), OUT(ropc_session), err);
}
static ropc_status session_resume(void **out, ropc_error **err)
{
    return ropc_session_resume(P(0, client), P(2, store), T(3, "ada"), OUT(ropc_session), err);
}
static ropc_status session_token(void **out, ropc_error **err)
{
    return ropc_session_token(P(0, session), 0, 0, OUT(ropc_token), err);
}
static ropc_status session_poll(void **out, ropc_error **err)
{
    return ropc_session_poll(P(0, session), 0, OUT(ropc_token), err);
}
static ropc_status session_refresh(void **out, ropc_error **err)
{
    return (void)out, ropc_session_refresh(P(0, session), 1, LONG_MS, err);
}
static ropc_status session_pending(void **out, ropc_error **err)
{
    return ropc_session_pending(P(0, session), OUT(char), err);
}
static ropc_status sign_out(void **out, ropc_error **err)
{
    return (void)out, ropc_session_sign_out(P(0, session), err);
}
static ropc_status request_sign_out(void **out, ropc_error **err)
{
    return ropc_request_session_sign_out(P(0, session), OUT(ropc_request), err);
}
static ropc_status session_status(void **out, ropc_error **err)
{
    return ropc_session_status(P(0, session), OUT(ropc_session_info), err);
}

static const uint8_t body[] = {'b'};

static ropc_status session_call(void **out, ropc_error **err)
{
    const char *names[] = {T(8, "X-A")}, *values[] = {T(9, "1")};
    return ropc_session_call(P(0, session), T(6, "POST"), T(7, at_standin("/")), P(2, names), P(3, values), 1,
                             P(4, body), 1, OUT(ropc_response), err);
}
static ropc_status request_call(void **out, ropc_error **err)
{
    const char *names[] = {T(8, "X-A")}, *values[] = {T(9, "1")};
    return ropc_request_session_call(P(0, session), T(6, "POST"), T(7, at_standin("/")), P(2, names),
                                     P(3, values), 1, P(4, body), 1, OUT(ropc_request), err);
}

static const struct {
    const char *name;
    function *call;
    /* Where the other pointers are, and `out`: -1 where there is none. */
    int handles[4];
    int has_out;
    /* From number `first` on. */
    int first;
    struct {
        const char *name;
        size_t limit;
        int may_be_null;
    } texts[4];
} functions[] = {
    {"ropc_refresh", refresh, {0, -1}, 1, 2, {{"refresh_token", ROPC_MAX_SECRET, 0}}},
    {"ropc_request_refresh", request_refresh, {0, -1}, 1, 2, {{"refresh_token", ROPC_MAX_SECRET, 0}}},
    {"ropc_revoke", revoke, {0, -1}, 0, 1, {{"token", ROPC_MAX_SECRET, 0}}},
    {"ropc_request_revoke", request_revoke, {0, -1}, 1, 2, {{"token", ROPC_MAX_SECRET, 0}}},
    {"ropc_userinfo", userinfo, {0, -1}, 1, 2, {{"access_token", ROPC_MAX_BEARER, 0}}},
    {"ropc_request_userinfo", request_userinfo, {0, -1}, 1, 2, {{"access_token", ROPC_MAX_BEARER, 0}}},
    {"ropc_profile", profile, {0, -1}, 1, 2, {{"access_token", ROPC_MAX_BEARER, 0}, {"fields", ROPC_MAX_TEXT, 1}}},
    {"ropc_request_profile", request_profile, {0, -1}, 1, 2,
     {{"access_token", ROPC_MAX_BEARER, 0}, {"fields", ROPC_MAX_TEXT, 1}}},
    {"ropc_validate", validate, {0, -1}, 1, 2, {{"access_token", ROPC_MAX_BEARER, 0}}},
    {"ropc_request_validate", request_validate, {0, -1}, 1, 2, {{"access_token", ROPC_MAX_BEARER, 0}}},
    {"ropc_invalidate", invalidate, {0, -1}, 0, 1, {{"access_token", ROPC_MAX_BEARER, 0}}},
    {"ropc_request_invalidate", request_invalidate, {0, -1}, 1, 2, {{"access_token", ROPC_MAX_BEARER, 0}}},
    {"ropc_verify_id_token", verify, {0, -1}, 1, 2,
     {{"id_token", ROPC_MAX_SECRET, 0}, {"access_token", ROPC_MAX_SECRET, 1}, {"nonce", ROPC_MAX_TEXT, 1}}},
    {"ropc_request_verify_id_token", request_verify, {0, -1}, 1, 2,
     {{"id_token", ROPC_MAX_SECRET, 0}, {"access_token", ROPC_MAX_SECRET, 1}, {"nonce", ROPC_MAX_TEXT, 1}}},
    {"ropc_discover", discover, {0, -1}, 1, 2, {{"issuer", ROPC_MAX_TEXT, 0}}},
    {"ropc_request_discover", request_discover, {0, -1}, 1, 2, {{"issuer", ROPC_MAX_TEXT, 0}}},
    {"ropc_request_take_text", take_text, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_request_take_options", take_options, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_request_take_response", take_response, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_store_file", store_file, {-1}, 1, 1, {{"path", ROPC_MAX_TEXT, 0}}},
    {"ropc_store_host", store_host, {-1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_store_give", store_give, {0, -1}, 0, 1, {{"user_key", ROPC_MAX_TEXT, 0}, {"record", ROPC_MAX_RECORD, 0}}},
    {"ropc_session_new", session_new, {0, 2, -1}, 1, 3, {{"user_key", ROPC_MAX_TEXT, 0}}},
    {"ropc_session_login", session_login, {0, -1}, 1, 2,
     {{"username", ROPC_MAX_TEXT, 0}, {"password", ROPC_MAX_SECRET, 0}, {"user_key", ROPC_MAX_TEXT, 1}}},
    {"ropc_session_login_n", session_login_n, {0, 2, 3, -1}, 1, 4, {{"user_key", ROPC_MAX_TEXT, 1}}},
    {"ropc_request_session_new", request_new, {0, 2, -1}, 1, 3, {{"user_key", ROPC_MAX_TEXT, 0}}},
    {"ropc_request_session_login", request_login, {0, -1}, 1, 2,
     {{"username", ROPC_MAX_TEXT, 0}, {"password", ROPC_MAX_SECRET, 0}, {"user_key", ROPC_MAX_TEXT, 1}}},
    {"ropc_request_session_login_n", request_login_n, {0, 2, 3, -1}, 1, 4, {{"user_key", ROPC_MAX_TEXT, 1}}},
    {"ropc_request_take_session", take_session, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_session_resume", session_resume, {0, 2, -1}, 1, 3, {{"user_key", ROPC_MAX_TEXT, 0}}},
    {"ropc_session_token", session_token, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_session_poll", session_poll, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_session_refresh", session_refresh, {0, -1}, 0, 0, {{NULL, 0, 0}}},
    {"ropc_session_pending", session_pending, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_session_sign_out", sign_out, {0, -1}, 0, 0, {{NULL, 0, 0}}},
    {"ropc_request_session_sign_out", request_sign_out, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_session_status", session_status, {0, -1}, 1, 0, {{NULL, 0, 0}}},
    {"ropc_session_call", session_call, {0, 2, 3, 4}, 1, 6,
     {{"method", 7, 0}, {"url", ROPC_MAX_TEXT, 0}, {"header name", ROPC_MAX_NAME, 0}, {"header", ROPC_MAX_TEXT, 0}}},
    {"ropc_request_session_call", request_call, {0, 2, 3, 4}, 1, 6,
     {{"method", 7, 0}, {"url", ROPC_MAX_TEXT, 0}, {"header name", ROPC_MAX_NAME, 0}, {"header", ROPC_MAX_TEXT, 0}}},
};

/* Calls function `row` with its one bad argument, with and without an `err`;
 * the message says what is wrong. */
static void refused(size_t row, int number, const char *text, int out_is_null, const char *names, const char *says)
{
    char about[100];
    snprintf(about, sizeof about, "%s, %s: %s", functions[row].name, names, says);
    check_about(about);
    hole = number;
    bad = text;
    for (int with_err = 0; with_err < 2; with_err++) {
        void *result = &left_over;
        ropc_error *error = (ropc_error *)(void *)&left_over;
        CHECK_NUMBER(functions[row].call(out_is_null ? NULL : &result, with_err ? &error : NULL), ROPC_E_ARG);
        CHECK(out_is_null || !functions[row].has_out || result == NULL);
        if (with_err && CHECK(error != NULL && (void *)error != (void *)&left_over)) {
            CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
            CHECK_NUMBER(error->stage, ROPC_STAGE_SETUP);
            CHECK_NUMBER(error->request_sent, 0);
            CHECK_HOLDS(error->message, names);
            CHECK_HOLDS(error->message, says);
            CHECK(strlen(error->message) < 1000);
            ropc_error_free(error);
        }
    }
    check_about("");
}

static void check_function(size_t row)
{
    for (size_t i = 0; i < COUNT(functions[row].handles) && functions[row].handles[i] >= 0; i++) {
        refused(row, functions[row].handles[i], NULL, 0, "", "NULL");
    }
    if (functions[row].has_out) {
        refused(row, -1, NULL, 1, "out", "NULL");
    }
    for (int i = 0; i < (int)COUNT(functions[row].texts) && functions[row].texts[i].name != NULL; i++) {
        const char *name = functions[row].texts[i].name;
        int number = functions[row].first + i, is_method = strcmp(name, "method") == 0;
        char *too_long = letters(functions[row].texts[i].limit + 1);
        if (!functions[row].texts[i].may_be_null) {
            refused(row, number, NULL, 0, strncmp(name, "header", 6) == 0 ? "" : name, "NULL");
        }
        if (strcmp(name, "header") != 0) {
            refused(row, number, "", 0, name, is_method ? "must be" : "empty");
        }
        refused(row, number, "\xff", 0, strncmp(name, "header", 6) == 0 ? "" : name, "not UTF-8");
        refused(row, number, too_long, 0, name, is_method ? "must be" : i == 3 ? "too long" : "may have at most");
        free(too_long);
    }
}

int main(void)
{
    client = client_with_identity();
    generic = options_for_oauth2();
    CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_store_host(NULL, NULL, &store, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_session_new(client, tokens, NULL, "ada", &session, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_request_userinfo(client, "token", &request, NULL), ROPC_OK);
    for (size_t row = 0; row < COUNT(functions); row++) {
        check_function(row);
    }
    check_about("functions without an err");
    CHECK_NUMBER(ropc_session_expire(NULL, "token"), ROPC_E_ARG);
    CHECK_NUMBER(ropc_session_expire(session, NULL), ROPC_E_ARG);
    CHECK_NUMBER(ropc_session_expire(session, ""), ROPC_E_ARG);
    CHECK_NUMBER(ropc_session_expire(session, "\xff"), ROPC_E_ARG);
    CHECK_NUMBER(ropc_session_saved(NULL, 1), ROPC_E_ARG);
    CHECK(ropc_response_header(NULL, "Content-Type") == NULL);
    check_about("what all of this was asked of");
    CHECK_NUMBER(ropc_request_poll(request), ROPC_E_STATE);
    gives_token(session);
    ropc_request_free(request);
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_tokens_free(tokens);
    ropc_options_free(generic);
    ropc_client_free(client);
    ropc_session_free(NULL);
    ropc_store_free(NULL);
    ropc_token_free(NULL);
    ropc_response_free(NULL);
    ropc_session_info_free(NULL);
    return finish();
}
