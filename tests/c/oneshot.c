/* What may follow a login, call by call: refresh, revoke, userinfo, LoginRadius'
 * identity API, ID tokens, discovery; blocking and as requests. */

#include "sessions.h"

static ropc_client *client;

/* Blocking, or as a request that is started and taken. */
static int beside;

/* What a request yields. */
typedef ropc_status take(const ropc_request *request, void **out, ropc_error **err);

static ropc_status take_tokens(const ropc_request *request, void **out, ropc_error **err)
{
    return ropc_request_take_tokens(request, (ropc_tokens **)out, err);
}
static ropc_status take_text(const ropc_request *request, void **out, ropc_error **err)
{
    return ropc_request_take_text(request, (char **)out, err);
}
static ropc_status take_options(const ropc_request *request, void **out, ropc_error **err)
{
    return ropc_request_take_options(request, (ropc_options **)out, err);
}
static ropc_status take_response(const ropc_request *request, void **out, ropc_error **err)
{
    return ropc_request_take_response(request, (ropc_response **)out, err);
}
static ropc_status take_done(const ropc_request *request, void **out, ropc_error **err)
{
    *out = NULL;
    return ropc_request_take_done(request, err);
}

/* Runs a request to its end and takes what it yields; every other take is
 * refused and loses nothing. */
static ropc_status run(ropc_status made, ropc_request **place, take *mine, void **out, ropc_error **err)
{
    ropc_request *request = *place;
    take *const takes[] = {take_tokens, take_text, take_options, take_response, take_done};
    ropc_status status;
    *out = NULL;
    if (made != ROPC_OK) {
        CHECK(request == NULL);
        return made;
    }
    CHECK(*err == NULL);
    start(request);
    status = ropc_request_wait(request, LONG_MS);
    for (size_t i = 0; i < COUNT(takes); i++) {
        ropc_error *error = NULL;
        void *none = client;
        if (takes[i] != mine) {
            ENDED(takes[i](request, &none, &error), ROPC_E_STATE, ROPC_REASON_STATE);
            CHECK(none == NULL);
        }
    }
    CHECK_NUMBER(mine(request, out, err), status);
    ropc_request_free(request);
    return status;
}

static ropc_status refresh(const char *token, ropc_tokens **out, ropc_error **err)
{
    ropc_request *request = NULL;
    if (!beside) {
        return ropc_refresh(client, token, out, err);
    }
    return run(ropc_request_refresh(client, token, &request, err), &request, take_tokens, (void **)out, err);
}

static ropc_status validate(const char *token, ropc_tokens **out, ropc_error **err)
{
    ropc_request *request = NULL;
    if (!beside) {
        return ropc_validate(client, token, out, err);
    }
    return run(ropc_request_validate(client, token, &request, err), &request, take_tokens, (void **)out, err);
}

static ropc_status revoke(const ropc_client *at, const char *token, int32_t hint, ropc_error **err)
{
    ropc_request *request = NULL;
    void *none = NULL;
    if (!beside) {
        return ropc_revoke(at, token, hint, err);
    }
    return run(ropc_request_revoke(at, token, hint, &request, err), &request, take_done, &none, err);
}

static ropc_status invalidate(const char *token, ropc_error **err)
{
    ropc_request *request = NULL;
    void *none = NULL;
    if (!beside) {
        return ropc_invalidate(client, token, err);
    }
    return run(ropc_request_invalidate(client, token, &request, err), &request, take_done, &none, err);
}

static ropc_status userinfo(const ropc_client *at, const char *token, char **out, ropc_error **err)
{
    ropc_request *request = NULL;
    if (!beside) {
        return ropc_userinfo(at, token, out, err);
    }
    return run(ropc_request_userinfo(at, token, &request, err), &request, take_text, (void **)out, err);
}

static ropc_status profile(const ropc_client *at, const char *token, const char *fields, char **out, ropc_error **err)
{
    ropc_request *request = NULL;
    if (!beside) {
        return ropc_profile(at, token, fields, out, err);
    }
    return run(ropc_request_profile(at, token, fields, &request, err), &request, take_text, (void **)out, err);
}

static ropc_status verify(const ropc_client *at, const char *id, const char *access, const char *nonce, char **out,
                          ropc_error **err)
{
    ropc_request *request = NULL;
    if (!beside) {
        return ropc_verify_id_token(at, id, access, nonce, out, err);
    }
    return run(ropc_request_verify_id_token(at, id, access, nonce, &request, err), &request, take_text, (void **)out,
               err);
}

static ropc_status discover(const ropc_options *from, const char *issuer, int other, ropc_options **out,
                            ropc_error **err)
{
    ropc_request *request = NULL;
    if (!beside) {
        return ropc_discover(from, issuer, other, out, err);
    }
    return run(ropc_request_discover(from, issuer, other, &request, err), &request, take_options, (void **)out, err);
}

/* A login's tokens; `user` signs in. */
static ropc_tokens *logged_in(const char *user)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    if (!ENDED(ropc_login(client, user, PASSWORD, &tokens, &error), ROPC_OK, ROPC_REASON_NONE)) {
        exit(1);
    }
    return tokens;
}

static void refreshes(void)
{
    ropc_tokens *first = logged_in("ada"), *second = NULL, *none = NULL;
    ropc_error *error = NULL;
    check_about("refresh");
    ENDED(refresh(first->refresh_token, &second, &error), ROPC_OK, ROPC_REASON_NONE);
    if (CHECK(second != NULL)) {
        CHECK(strcmp(second->access_token, first->access_token) != 0);
        CHECK(second->refresh_token != NULL && strcmp(second->refresh_token, first->refresh_token) != 0);
        CHECK_NUMBER(second->expires_at - second->received_at, 900);
    }
    ENDED(refresh(first->refresh_token, &none, &error), ROPC_E_REFUSED, ROPC_REASON_GRANT_REFUSED);
    CHECK(none == NULL);
    ropc_tokens_free(second);
    ropc_tokens_free(first);

    check_about("a server that keeps the refresh token");
    first = logged_in("ada");
    ask_standin("refresh variant:no_refresh");
    ENDED(refresh(first->refresh_token, &second, &error), ROPC_OK, ROPC_REASON_NONE);
    ask_standin("refresh");
    CHECK_TEXT(second == NULL ? NULL : second->refresh_token, first->refresh_token);
    ropc_tokens_free(second);
    ropc_tokens_free(first);
}

static void ends_of_tokens(void)
{
    static const int32_t hints[] = {ROPC_HINT_NONE, ROPC_HINT_ACCESS, ROPC_HINT_REFRESH};
    static const int32_t bad[] = {-1, 3, INT32_MAX, INT32_MIN};
    ropc_client *failing = client_from(options_with_identity("revoke-503"));
    ropc_client *generic = client_from(options_for_oauth2());
    ropc_tokens *tokens = NULL, *none = NULL;
    ropc_error *error = NULL;
    char *text = NULL;
    for (size_t i = 0; i < COUNT(hints); i++) {
        check_about("revoke");
        tokens = logged_in("ada");
        ENDED(revoke(client, tokens->refresh_token, hints[i], &error), ROPC_OK, ROPC_REASON_NONE);
        ENDED(refresh(tokens->refresh_token, &none, &error), ROPC_E_REFUSED, ROPC_REASON_GRANT_REFUSED);
        /* One that the server does not know. */
        ENDED(revoke(client, tokens->refresh_token, hints[i], &error), ROPC_OK, ROPC_REASON_NONE);
        ropc_tokens_free(tokens);
    }
    check_about("hints that are none");
    ask_standin("requests");
    for (size_t i = 0; i < COUNT(bad); i++) {
        CHECK_NUMBER(revoke(client, "token", bad[i], &error), ROPC_E_ARG);
        CHECK_HOLDS(error == NULL ? NULL : error->message, "ropc_hint");
        ropc_error_free(error);
        error = NULL;
    }
    CHECK_NUMBER(count_in(ask_standin("requests"), "\"target\""), 0);
    check_about("a server that cannot revoke now, and one that never can");
    CHECK_NUMBER(revoke(failing, "token", ROPC_HINT_REFRESH, &error), ROPC_E_SERVER);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->http_status, 503);
        CHECK_NUMBER(error->retry_after_ms, 7000);
        CHECK_HOLDS(error->message, "still valid");
    }
    ropc_error_free(error);
    error = NULL;
    ENDED(revoke(generic, "token", ROPC_HINT_NONE, &error), ROPC_E_UNSUPPORTED, ROPC_REASON_UNSUPPORTED);
    ENDED(userinfo(generic, "token", &text, &error), ROPC_E_UNSUPPORTED, ROPC_REASON_UNSUPPORTED);
    ENDED(profile(generic, "token", NULL, &text, &error), ROPC_E_UNSUPPORTED, ROPC_REASON_UNSUPPORTED);

    check_about("invalidate");
    tokens = logged_in("ada");
    ENDED(validate(tokens->access_token, &none, &error), ROPC_OK, ROPC_REASON_NONE);
    if (CHECK(none != NULL)) {
        CHECK_TEXT(none->access_token, tokens->access_token);
        CHECK(none->expires_at >= tokens->expires_at - 5 && none->expires_at <= tokens->expires_at + 5);
        CHECK(none->refresh_token == NULL);
    }
    ropc_tokens_free(none);
    none = NULL;
    ENDED(invalidate(tokens->access_token, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(validate(tokens->access_token, &none, &error), ROPC_E_REFUSED, ROPC_REASON_TOKEN_REFUSED);
    ENDED(userinfo(client, tokens->access_token, &text, &error), ROPC_E_REFUSED, ROPC_REASON_TOKEN_REFUSED);
    ENDED(invalidate(tokens->access_token, &error), ROPC_E_REFUSED, ROPC_REASON_TOKEN_REFUSED);
    CHECK(none == NULL && text == NULL);
    ropc_tokens_free(tokens);
    ropc_client_free(generic);
    ropc_client_free(failing);
}

static void who(void)
{
    ropc_client *keyless = new_client();
    ropc_tokens *tokens = logged_in("ada");
    ropc_error *error = NULL;
    char *text = NULL;
    check_about("who it is");
    ENDED(userinfo(client, tokens->access_token, &text, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_HOLDS(text, "\"sub\"");
    ropc_string_free(text);
    ask_standin("requests");
    ENDED(profile(client, tokens->access_token, NULL, &text, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_HOLDS(text, "\"FirstName\":\"ada\"");
    CHECK_HOLDS(text, "\"Provider\"");
    ropc_string_free(text);
    CHECK_NUMBER(count_in(ask_standin("requests"), "/identity/v2/auth/account?apikey=standin%2Dapi%2Dkey\""), 1);
    ENDED(profile(client, tokens->access_token, "Uid,FirstName", &text, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_HOLDS(text, "\"FirstName\":\"ada\"");
    CHECK(text != NULL && strstr(text, "Provider") == NULL);
    ropc_string_free(text);
    text = NULL;
    ENDED(profile(keyless, tokens->access_token, NULL, &text, &error), ROPC_E_ARG, ROPC_REASON_ARGUMENT);
    CHECK(text == NULL);
    ropc_tokens_free(tokens);
    ropc_client_free(keyless);
}

static void discovered(void)
{
    ropc_options *options = NULL, *found = NULL;
    ropc_client *at = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    char *text = NULL;

    check_about("discovery");
    CHECK_NUMBER(ropc_options_oauth2(NULL, "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    CHECK_NUMBER(ropc_options_set_scope(options, "openid"), ROPC_OK);
    /* Nothing is known before: who forgot to ask reads what to do. */
    CHECK_NUMBER(ropc_client_new(options, &at, &error), ROPC_E_ARG);
    CHECK_HOLDS(error == NULL ? NULL : error->message, "ropc_discover()");
    ropc_error_free(error);
    ENDED(discover(options, at_standin("/wrong-issuer"), 0, &found, &error), ROPC_E_ANSWER, ROPC_REASON_OTHER_ISSUER);
    ENDED(discover(options, at_standin("/other-host"), 0, &found, &error), ROPC_E_ANSWER, ROPC_REASON_OTHER_HOST);
    CHECK(found == NULL);
    ENDED(discover(options, at_standin("/other-host"), 1, &found, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK(found != NULL);
    ropc_options_free(found);
    ENDED(discover(options, at_standin("/tenant/a"), 0, &found, &error), ROPC_OK, ROPC_REASON_NONE);
    ropc_options_free(options);
    if (found == NULL) {
        return;
    }
    at = client_from(found);
    ENDED(ropc_login(at, "ada", PASSWORD, &tokens, &error), ROPC_OK, ROPC_REASON_NONE);
    if (CHECK(tokens != NULL && tokens->id_token != NULL)) {
        char *broken = letters(strlen(tokens->id_token));
        ENDED(userinfo(at, tokens->access_token, &text, &error), ROPC_OK, ROPC_REASON_NONE);
        ropc_string_free(text);
        check_about("an ID token");
        ENDED(verify(at, tokens->id_token, tokens->access_token, NULL, &text, &error), ROPC_OK, ROPC_REASON_NONE);
        CHECK_HOLDS(text, "/tenant/a\"");
        CHECK_HOLDS(text, "\"sub\"");
        ropc_string_free(text);
        ENDED(verify(at, tokens->id_token, NULL, NULL, &text, &error), ROPC_OK, ROPC_REASON_NONE);
        ropc_string_free(text);
        text = NULL;
        ENDED(verify(at, tokens->id_token, NULL, "mine", &text, &error), ROPC_E_ID_TOKEN, ROPC_REASON_ID_TOKEN_NONCE);
        ENDED(verify(at, tokens->id_token, "other", NULL, &text, &error), ROPC_E_ID_TOKEN,
              ROPC_REASON_ID_TOKEN_ACCESS);
        ENDED(verify(at, broken, NULL, NULL, &text, &error), ROPC_E_ID_TOKEN, ROPC_REASON_ID_TOKEN_MALFORMED);
        /* No issuer is set there. */
        ENDED(verify(client, tokens->id_token, NULL, NULL, &text, &error), ROPC_E_ARG, ROPC_REASON_ARGUMENT);
        CHECK(text == NULL);
        free(broken);
    }
    ropc_tokens_free(tokens);
    ropc_client_free(at);

    check_about("nothing to discover");
    options = options_for(where("STANDIN_HTTPS"));
    found = options;
    ENDED(discover(options, at_standin(""), 0, &found, &error), ROPC_E_UNSUPPORTED, ROPC_REASON_UNSUPPORTED);
    CHECK(found == NULL);
    ropc_options_free(options);
}

int main(void)
{
    client = client_with_identity();
    for (beside = 0; beside < 2; beside++) {
        refreshes();
        ends_of_tokens();
        who();
        discovered();
    }
    ropc_client_free(client);
    return finish();
}
