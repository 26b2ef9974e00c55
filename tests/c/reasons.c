/* What a refused user, application or connection looks like from C. */

#include <time.h>

#include "standin.h"

/* In every wrong login, and in none of its texts. */
#define CANARY "wrong-canary-7Q"

static const struct {
    const char *user;
    const char *password;
    ropc_status status;
    ropc_reason reason;
    int http_status;
    long long provider_code;
    int retryable;
} accounts[] = {
    {"ada", CANARY, ROPC_E_REFUSED, ROPC_REASON_WRONG_CREDENTIALS, 401, 966, 0},
    {"nobody", CANARY, ROPC_E_REFUSED, ROPC_REASON_WRONG_CREDENTIALS, 403, 938, 0},
    {"echo", CANARY, ROPC_E_REFUSED, ROPC_REASON_WRONG_CREDENTIALS, 403, 966, 0},
    {"unverified-email", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_NOT_VERIFIED, 403, 970, 0},
    {"blocked", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_BLOCKED, 403, 991, 0},
    {"locked", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_LOCKED, 403, 1198, 0},
    {"mfa", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_SECOND_FACTOR, 403, 1176, 0},
    {"risk", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_RISK_CHECK, 403, 1165, 0},
    {"captcha", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_CAPTCHA, 403, 1132, 0},
    {"consent", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_CONSENT, 403, 1226, 0},
    {"not-allowed", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_LOGIN_NOT_ALLOWED, 403, 1130, 0},
    {"sessions", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_SESSION_LIMIT, 403, 1338, 0},
    {"client-refused", PASSWORD, ROPC_E_CLIENT, ROPC_REASON_CLIENT_REFUSED, 403, 0, 0},
    {"unsupported", PASSWORD, ROPC_E_CLIENT, ROPC_REASON_UNSUPPORTED_GRANT, 400, 0, 0},
    {"oauth-denied", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_WRONG_CREDENTIALS, 400, 0, 0},
    {"unknown-code", PASSWORD, ROPC_E_REFUSED, ROPC_REASON_UNEXPLAINED, 403, 1999, 0},
    {"ratelimited", PASSWORD, ROPC_E_RATE_LIMITED, ROPC_REASON_RATE_LIMITED, 429, 0, 1},
    {"servererror", PASSWORD, ROPC_E_SERVER, ROPC_REASON_SERVER_FAULT, 500, 0, 1},
    {"fault:redirect_307", PASSWORD, ROPC_E_ANSWER, ROPC_REASON_REDIRECT_REFUSED, 307, 0, 0},
    {"variant:html", PASSWORD, ROPC_E_ANSWER, ROPC_REASON_ANSWER_NOT_UNDERSTOOD, 200, 0, 0},
};

static int has(const char *text, const char *part) { return text != NULL && strstr(text, part) != NULL; }

static void check_error(const ropc_error *error, const char *password)
{
    const char *texts[] = {error->message, error->oauth_error, error->oauth_description, error->provider_message,
                           error->provider_description};
    CHECK(error->message != NULL && error->message[0] != '\0');
    CHECK(ropc_reason_advice(error->reason)[0] != '\0');
    CHECK_HOLDS(error->message, ropc_reason_advice(error->reason));
    for (size_t i = 0; i < COUNT(texts); i++) {
        CHECK(!has(texts[i], password));
        CHECK(!has(texts[i], "\n"));
    }
}

static void check_account(const ropc_client *client, size_t row)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    long long now = (long long)time(NULL);

    CHECK_NUMBER(ropc_login(client, accounts[row].user, accounts[row].password, &tokens, &error), accounts[row].status);
    CHECK(tokens == NULL);
    if (!CHECK(error != NULL)) {
        return;
    }
    CHECK_NUMBER(error->status, accounts[row].status);
    CHECK_NUMBER(error->reason, accounts[row].reason);
    CHECK_NUMBER(error->stage, ROPC_STAGE_ANSWER);
    CHECK_NUMBER(error->http_status, accounts[row].http_status);
    CHECK_NUMBER(error->provider_code, accounts[row].provider_code);
    CHECK_NUMBER(error->retryable, accounts[row].retryable);
    CHECK_NUMBER(error->request_sent, 1);
    CHECK_NUMBER(error->retry_after_ms, accounts[row].reason == ROPC_REASON_RATE_LIMITED ? 7000 : 0);
    if (accounts[row].reason == ROPC_REASON_LOCKED) {
        CHECK(error->locked_until_at >= now + 590 && error->locked_until_at <= now + 610);
    } else {
        CHECK_NUMBER(error->locked_until_at, 0);
    }
    if (accounts[row].provider_code != 0) {
        CHECK(error->provider_message != NULL);
    }
    check_error(error, accounts[row].password);
    ropc_error_free(error);
}

static const struct {
    const char *port;
    ropc_status status;
    ropc_reason reason;
    ropc_stage stage;
} listeners[] = {
    {"STANDIN_EXPIRED", ROPC_E_TLS, ROPC_REASON_TLS_EXPIRED, ROPC_STAGE_TLS},
    {"STANDIN_WRONG_HOST", ROPC_E_TLS, ROPC_REASON_TLS_WRONG_HOST, ROPC_STAGE_TLS},
    {"STANDIN_UNKNOWN_CA", ROPC_E_TLS, ROPC_REASON_TLS_UNKNOWN_ISSUER, ROPC_STAGE_TLS},
    {"STANDIN_TLS11_ONLY", ROPC_E_TLS, ROPC_REASON_TLS_PROTOCOL, ROPC_STAGE_TLS},
    {"STANDIN_DEAD", ROPC_E_CONNECT, ROPC_REASON_CONNECTION_REFUSED, ROPC_STAGE_CONNECT},
    {"STANDIN_SILENT_CLOSE", ROPC_E_IO, ROPC_REASON_CUT_OFF_BEFORE_SENT, ROPC_STAGE_TLS},
};

static void check_listener(size_t row)
{
    ropc_client *client = client_from(options_for_port(where(listeners[row].port)));
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    CHECK_NUMBER(ropc_login(client, "ada", CANARY, &tokens, &error), listeners[row].status);
    CHECK(tokens == NULL);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, listeners[row].reason);
        CHECK_NUMBER(error->stage, listeners[row].stage);
        CHECK_NUMBER(error->request_sent, 0);
        CHECK_NUMBER(error->http_status, 0);
        check_error(error, CANARY);
    }
    ropc_error_free(error);
    ropc_client_free(client);
}

/* Every number has a name and an advice that can be read, and the ones in use
 * have one of their own. */
static void names(void)
{
    check_about("names");
    for (int number = -1; number <= 200; number++) {
        const char *status = ropc_status_name(number), *reason = ropc_reason_name(number);
        CHECK(status != NULL && strncmp(status, "ROPC_", 5) == 0);
        CHECK(reason != NULL && strncmp(reason, "ROPC_", 5) == 0);
        if (!CHECK(ropc_reason_advice(number) != NULL)) {
            continue;
        }
        if (reason != NULL && strncmp(reason, "ROPC_REASON_", 12) == 0 && number != ROPC_REASON_NONE) {
            CHECK(ropc_reason_advice(number)[0] != '\0');
        } else {
            CHECK_TEXT(ropc_reason_advice(number), "");
        }
    }
    CHECK_TEXT(ropc_status_name(ROPC_OK), "ROPC_OK");
    CHECK_TEXT(ropc_status_name(ROPC_E_TIMEOUT), "ROPC_E_TIMEOUT");
    CHECK_TEXT(ropc_status_name(199), "ROPC_UNKNOWN_STATUS");
    CHECK_TEXT(ropc_reason_name(ROPC_REASON_NONE), "ROPC_REASON_NONE");
    CHECK_TEXT(ropc_reason_name(ROPC_REASON_LOCKED), "ROPC_REASON_LOCKED");
    CHECK_TEXT(ropc_reason_name(199), "ROPC_UNKNOWN_REASON");
    CHECK_TEXT(ropc_reason_name(-2147483647 - 1), "ROPC_UNKNOWN_REASON");
}

int main(void)
{
    ropc_client *client = new_client();
    for (size_t row = 0; row < COUNT(accounts); row++) {
        check_about(accounts[row].user);
        check_account(client, row);
    }
    ropc_client_free(client);
    for (size_t row = 0; row < COUNT(listeners); row++) {
        check_about(listeners[row].port);
        check_listener(row);
    }
    names();
    return finish();
}
