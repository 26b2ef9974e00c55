/* Text that cannot be used: empty, too long, not UTF-8, with a newline; and
 * numbers that name nothing. */

#include <limits.h>

#include "standin.h"

/* One setter of one text; the others of its arguments are good. */
typedef ropc_status setter(ropc_options *options, const char *text);

static ropc_status endpoint(ropc_options *o, const char *t)
{
    return ropc_options_set_endpoint(o, ROPC_ENDPOINT_TOKEN, t);
}
static ropc_status secret(ropc_options *o, const char *t) { return ropc_options_set_secret(o, t, ROPC_SECRET_POST); }
static ropc_status param_name(ropc_options *o, const char *t) { return ropc_options_add_param(o, t, "value"); }
static ropc_status param_value(ropc_options *o, const char *t) { return ropc_options_add_param(o, "name", t); }
static ropc_status ca_pem(ropc_options *o, const char *t) { return ropc_options_set_ca_pem(o, t, strlen(t)); }
static ropc_status pin(ropc_options *o, const char *t) { return ropc_options_add_pin(o, "localhost", t); }
static ropc_status pin_origin(ropc_options *o, const char *t)
{
    return ropc_options_add_pin(o, t, "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
}
static ropc_status client_cert(ropc_options *o, const char *t)
{
    return ropc_options_set_client_cert_pem(o, "localhost", t, strlen(t), "key", 3);
}

static const struct {
    const char *name;
    const char *reported_as;
    setter *set;
    size_t limit;
    int empty_is_allowed;
    int any_text_is_good;
} setters[] = {
    {"endpoint", "ropc_options_set_endpoint", endpoint, ROPC_MAX_TEXT, 0, 0},
    {"issuer", "ropc_options_set_issuer", ropc_options_set_issuer, ROPC_MAX_TEXT, 0, 1},
    {"secret", "ropc_options_set_secret", secret, ROPC_MAX_CLIENT_SECRET, 0, 1},
    {"scope", "ropc_options_set_scope", ropc_options_set_scope, ROPC_MAX_TEXT, 0, 1},
    {"parameter's name", "ropc_options_add_param", param_name, ROPC_MAX_NAME, 0, 1},
    {"parameter's value", "ropc_options_add_param", param_value, ROPC_MAX_SECRET, 0, 1},
    {"response type", "ropc_options_set_response_type", ropc_options_set_response_type, ROPC_MAX_NAME, 0, 1},
    {"authority", "ropc_options_set_ca_pem", ca_pem, ROPC_MAX_PEM, 0, 0},
    {"pin", "ropc_options_add_pin", pin, 64, 0, 0},
    {"pin's origin", "ropc_options_add_pin", pin_origin, ROPC_MAX_TEXT, 0, 0},
    {"client certificate", "ropc_options_set_client_cert_pem", client_cert, ROPC_MAX_PEM, 0, 0},
    {"proxy", "ropc_options_set_proxy", ropc_options_set_proxy, ROPC_MAX_TEXT, 1, 0},
    {"user agent", "ropc_options_set_user_agent", ropc_options_set_user_agent, ROPC_MAX_NAME, 0, 1},
    {"API key", "ropc_options_set_api_key", ropc_options_set_api_key, ROPC_MAX_CLIENT_SECRET, 0, 1},
};

/* `len` letters; the caller frees them. */
static char *letters(size_t len)
{
    char *text = malloc(len + 1);
    if (text == NULL) {
        exit(2);
    }
    memset(text, 'p', len);
    text[len] = '\0';
    return text;
}

/* The refusal is a status, and ropc_client_new() names the setter. */
static void refused(size_t row, const char *text)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *client = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(setters[row].set(options, text), ROPC_E_ARG);
    CHECK_NUMBER(ropc_client_new(options, &client, &error), ROPC_E_ARG);
    CHECK(client == NULL);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
        CHECK_HOLDS(error->message, setters[row].reported_as);
        CHECK(strlen(error->message) < 1000);
    }
    ropc_error_free(error);
    ropc_options_free(options);
}

static void check_setter(size_t row)
{
    char *longest = letters(setters[row].limit), *too_long = letters(setters[row].limit + 1);
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    if (setters[row].empty_is_allowed) {
        CHECK_NUMBER(setters[row].set(options, ""), ROPC_OK);
    } else {
        refused(row, "");
    }
    if (setters[row].any_text_is_good) {
        CHECK_NUMBER(setters[row].set(options, longest), ROPC_OK);
    }
    refused(row, too_long);
    refused(row, "\xff\xfe");
    refused(row, "half \xc3");
    ropc_options_free(options);
    free(longest);
    free(too_long);
}

/* Lines are never broken by what is set. */
static void newlines(void)
{
    static const char *const bad[] = {"me\r\nX-Evil: 1", "me\n", "me\t1", "m\x7f", "m\xc3\xa9"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        for (size_t row = 0; row < COUNT(setters); row++) {
            if (strcmp(setters[row].name, "user agent") == 0 || strcmp(setters[row].name, "parameter's name") == 0) {
                check_about(setters[row].name);
                refused(row, bad[i]);
            }
        }
    }
}

static ropc_status kind(ropc_options *o, int32_t n) { return ropc_options_set_app_kind(o, n); }
static ropc_status which(ropc_options *o, int32_t n) { return ropc_options_set_endpoint(o, n, "https://localhost/"); }
static ropc_status method(ropc_options *o, int32_t n) { return ropc_options_set_secret(o, "s", n); }
static ropc_status encoding(ropc_options *o, int32_t n) { return ropc_options_set_encoding(o, n); }
static ropc_status trust(ropc_options *o, int32_t n) { return ropc_options_set_trust(o, n); }
static ropc_status limit(ropc_options *o, int32_t n) { return ropc_options_set_limits(o, n, 1024); }
static ropc_status level(ropc_options *o, int32_t n) { return ropc_options_set_log(o, n, NULL, NULL); }

static const struct {
    const char *name;
    ropc_status (*set)(ropc_options *options, int32_t number);
    int32_t first, last;
} numbers[] = {
    {"ropc_options_set_app_kind", kind, ROPC_APP_OAUTH, ROPC_APP_OIDC},
    {"ropc_options_set_endpoint", which, ROPC_ENDPOINT_TOKEN, ROPC_ENDPOINT_IDENTITY},
    {"ropc_options_set_secret", method, ROPC_SECRET_POST, ROPC_SECRET_BASIC_RAW},
    {"ropc_options_set_encoding", encoding, ROPC_ENCODING_JSON, ROPC_ENCODING_FORM},
    {"ropc_options_set_trust", trust, ROPC_TRUST_BUNDLED, ROPC_TRUST_SYSTEM},
    {"ropc_options_set_limits", limit, ROPC_LIMIT_ANSWER_BYTES, ROPC_LIMIT_IDLE_MS},
    {"ropc_options_set_log", level, ROPC_LOG_OFF, ROPC_LOG_DEBUG},
};

static void check_number_setter(size_t row)
{
    const int32_t bad[] = {numbers[row].first - 1, numbers[row].last + 1, 1000, INT32_MAX, INT32_MIN};
    for (int32_t good = numbers[row].first; good <= numbers[row].last; good++) {
        ropc_options *options = options_for(where("STANDIN_HTTPS"));
        CHECK_NUMBER(numbers[row].set(options, good), ROPC_OK);
        ropc_options_free(options);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        ropc_options *options = options_for(where("STANDIN_HTTPS"));
        ropc_client *client = NULL;
        ropc_error *error = NULL;
        CHECK_NUMBER(numbers[row].set(options, bad[i]), ROPC_E_ARG);
        CHECK_NUMBER(ropc_client_new(options, &client, &error), ROPC_E_ARG);
        CHECK(client == NULL && error != NULL && error->reason == ROPC_REASON_ARGUMENT);
        CHECK_HOLDS(error->message, numbers[row].name);
        ropc_error_free(error);
        ropc_options_free(options);
    }
}

/* The first refusal stays, whatever is set well or badly afterwards. */
static void first_refusal(void)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *client = NULL;
    ropc_error *error = NULL;
    check_about("first refusal");
    CHECK_NUMBER(ropc_options_set_scope(options, "two  spaces"), ROPC_E_ARG);
    CHECK_NUMBER(ropc_options_set_user_agent(options, "a\nb"), ROPC_E_ARG);
    CHECK_NUMBER(ropc_options_set_scope(options, "email"), ROPC_OK);
    for (int again = 0; again < 2; again++) {
        CHECK_NUMBER(ropc_client_new(options, &client, &error), ROPC_E_ARG);
        CHECK_HOLDS(error->message, "ropc_options_set_scope");
        CHECK(strstr(error->message, "user_agent") == NULL);
        ropc_error_free(error);
    }
    ropc_options_free(options);
}

/* A name and a password that must not be sent: nothing arrives (run.py looks). */
static void login_refused(const ropc_client *client, const char *user, size_t user_len, const char *password,
                          size_t len)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_login_n(client, user, user_len, password, len, &tokens, &error), ROPC_E_ARG);
    CHECK(tokens == NULL);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
        CHECK_NUMBER(error->request_sent, 0);
        CHECK(strlen(error->message) < 1000);
    }
    ropc_error_free(error);
}

static void logins(void)
{
    const size_t ten_million = 10 * 1000 * 1000;
    char *huge = letters(ten_million);
    ropc_client *client = new_client();
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    check_about("logins");
    login_refused(client, "", 0, PASSWORD, strlen(PASSWORD));
    login_refused(client, "ada", 3, "", 0);
    login_refused(client, NULL, 0, PASSWORD, strlen(PASSWORD));
    login_refused(client, "ada", 3, NULL, 0);
    login_refused(client, "\xff", 1, PASSWORD, strlen(PASSWORD));
    login_refused(client, "ada", 3, "caf\xe9", 4);
    login_refused(client, "ada", 3, huge, ten_million);
    login_refused(client, "ada", 3, huge, ROPC_MAX_SECRET + 1);
    login_refused(client, huge, ROPC_MAX_TEXT + 1, PASSWORD, strlen(PASSWORD));
    login_refused(client, "ada", 3, huge, SIZE_MAX);
    CHECK_NUMBER(ropc_login(client, "ada", huge, &tokens, NULL), ROPC_E_ARG);

    check_about("a NUL inside the password");
    CHECK_NUMBER(ropc_login_n(client, "ada", 3, "cor\0rect", 8, &tokens, &error), ROPC_E_REFUSED);
    CHECK(error != NULL && error->reason == ROPC_REASON_WRONG_CREDENTIALS);
    ropc_error_free(error);
    check_about("the longest password");
    CHECK_NUMBER(ropc_login_n(client, "ada", 3, huge, ROPC_MAX_SECRET, &tokens, &error), ROPC_E_REFUSED);
    CHECK(error != NULL && error->reason == ROPC_REASON_WRONG_CREDENTIALS);
    ropc_error_free(error);
    ropc_client_free(client);
    free(huge);
}

static void constructors(void)
{
    static const struct {
        const char *site, *app, *client_id;
    } bad[] = {
        {"", "demo", "id"},         {"localhost", "", "id"},   {"localhost", "demo", ""},
        {"\xff", "demo", "id"},     {"localhost", "\xff", "id"}, {"localhost", "demo", "\xff"},
        {"local\nhost", "demo", "id"}, {"localhost:99999", "demo", "id"}, {"localhost/x", "demo", "id"},
        {"localhost", "..", "id"},
    };
    for (size_t row = 0; row < COUNT(bad); row++) {
        ropc_options *options = NULL;
        ropc_error *error = NULL;
        char about[32];
        snprintf(about, sizeof about, "constructors[%d]", (int)row);
        check_about(about);
        CHECK_NUMBER(ropc_options_loginradius(bad[row].site, bad[row].app, bad[row].client_id, &options, &error),
                     ROPC_E_ARG);
        CHECK(options == NULL && error != NULL && error->reason == ROPC_REASON_ARGUMENT);
        ropc_error_free(error);
    }
}

int main(void)
{
    for (size_t row = 0; row < COUNT(setters); row++) {
        check_about(setters[row].name);
        check_setter(row);
    }
    newlines();
    for (size_t row = 0; row < COUNT(numbers); row++) {
        check_about(numbers[row].name);
        check_number_setter(row);
    }
    first_refusal();
    logins();
    constructors();
    return checks_failed();
}
