/* Setters given text that cannot be used (empty, too long, not UTF-8, with a
 * newline), numbers that name nothing, or what this library does not do. */

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

/* A certificate for the client and its key: one argument is under test, the
 * others must be good. */
static char *good_cert, *good_key;
static size_t good_cert_len, good_key_len;

static ropc_status cert(ropc_options *o, const char *t)
{
    return ropc_options_set_client_cert_pem(o, "localhost", t, strlen(t), good_key, good_key_len);
}
static ropc_status key(ropc_options *o, const char *t)
{
    return ropc_options_set_client_cert_pem(o, "localhost", good_cert, good_cert_len, t, strlen(t));
}
static ropc_status cert_origin(ropc_options *o, const char *t)
{
    return ropc_options_set_client_cert_pem(o, t, good_cert, good_cert_len, good_key, good_key_len);
}

/* Only LoginRadius has kinds of applications. */
static ropc_status app_kind(ropc_options *o, const char *t)
{
    return (void)t, ropc_options_set_app_kind(o, ROPC_APP_OIDC);
}

/* What the message says is wrong. */
struct words {
    const char *empty, *too_long, *not_utf8;
};
static const struct words text_words = {"empty", "may have at most", "not UTF-8"};
static const struct words pem_words = {"empty", "may have at most", "in PEM"};
static const struct words pin_words = {"hexadecimal", "hexadecimal", "not UTF-8"};

static const struct {
    const char *name;
    const char *reported_as;
    setter *set;
    size_t limit;
    int empty_is_allowed;
    int any_text_is_good;
    const struct words *words;
} setters[] = {
    {"endpoint", "ropc_options_set_endpoint", endpoint, ROPC_MAX_TEXT, 0, 0, &text_words},
    {"issuer", "ropc_options_set_issuer", ropc_options_set_issuer, ROPC_MAX_TEXT, 0, 1, &text_words},
    {"secret", "ropc_options_set_secret", secret, ROPC_MAX_CLIENT_SECRET, 0, 1, &text_words},
    {"scope", "ropc_options_set_scope", ropc_options_set_scope, ROPC_MAX_TEXT, 0, 1, &text_words},
    {"parameter's name", "ropc_options_add_param", param_name, ROPC_MAX_NAME, 0, 1, &text_words},
    {"parameter's value", "ropc_options_add_param", param_value, ROPC_MAX_SECRET, 0, 1, &text_words},
    {"response type", "ropc_options_set_response_type", ropc_options_set_response_type, ROPC_MAX_NAME, 0, 1,
     &text_words},
    {"authority", "ropc_options_set_ca_pem", ca_pem, ROPC_MAX_PEM, 0, 0, &pem_words},
    {"pin", "ropc_options_add_pin", pin, 64, 0, 0, &pin_words},
    {"pin's origin", "ropc_options_add_pin", pin_origin, ROPC_MAX_TEXT, 0, 0, &text_words},
    {"client certificate", "ropc_options_set_client_cert_pem: cert", cert, ROPC_MAX_PEM, 0, 0, &pem_words},
    {"client certificate's key", "ropc_options_set_client_cert_pem: key", key, ROPC_MAX_PEM, 0, 0, &pem_words},
    {"client certificate's origin", "ropc_options_set_client_cert_pem: origin", cert_origin, ROPC_MAX_TEXT, 0, 0,
     &text_words},
    {"proxy", "ropc_options_set_proxy", ropc_options_set_proxy, ROPC_MAX_TEXT, 1, 0, &text_words},
    {"user agent", "ropc_options_set_user_agent", ropc_options_set_user_agent, ROPC_MAX_NAME, 0, 1, &text_words},
    {"API key", "ropc_options_set_api_key", ropc_options_set_api_key, ROPC_MAX_CLIENT_SECRET, 0, 1, &text_words},
    {"API's origin", "ropc_options_add_api_origin", ropc_options_add_api_origin, ROPC_MAX_TEXT, 0, 0, &text_words},
    {"error", "ropc_options_add_ended_error", ropc_options_add_ended_error, ROPC_MAX_NAME, 0, 1, &text_words},
};

/* The refusal is a status, and ropc_client_new() names the setter. */
static void refused(size_t row, const char *text, const char *why)
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
        CHECK_HOLDS(error->message, why);
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
        refused(row, "", setters[row].words->empty);
    }
    if (setters[row].any_text_is_good) {
        CHECK_NUMBER(setters[row].set(options, longest), ROPC_OK);
    }
    refused(row, too_long, setters[row].words->too_long);
    refused(row, "\xff\xfe", setters[row].words->not_utf8);
    refused(row, "half \xc3", setters[row].words->not_utf8);
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
                refused(row, bad[i], "must be");
            }
        }
    }
}

static ropc_status kind(ropc_options *o, int32_t n) { return ropc_options_set_app_kind(o, n); }
static ropc_status which(ropc_options *o, int32_t n) { return ropc_options_set_endpoint(o, n, "https://localhost/"); }
static ropc_status method(ropc_options *o, int32_t n) { return ropc_options_set_secret(o, "s", n); }
static ropc_status encoding(ropc_options *o, int32_t n) { return ropc_options_set_encoding(o, n); }
static ropc_status trust(ropc_options *o, int32_t n) { return ropc_options_set_trust(o, n); }
static ropc_status limit(ropc_options *o, int32_t n) { return ropc_options_set_limit(o, n, 1024); }
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
    {"ropc_options_set_limit", limit, ROPC_LIMIT_ANSWER_BYTES, ROPC_LIMIT_IDLE_MS},
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

/* Refusals that are no ROPC_E_ARG, or have a reason of their own: what the
 * setter returns is what ropc_client_new() reports. */
static const struct {
    const char *name;
    setter *set;
    const char *text;
    ropc_status status;
    ropc_reason reason;
} other_refusals[] = {
    {"ropc_options_set_proxy", ropc_options_set_proxy, "socks5://127.0.0.1:1080", ROPC_E_UNSUPPORTED,
     ROPC_REASON_UNSUPPORTED},
    {"ropc_options_set_app_kind", app_kind, "", ROPC_E_UNSUPPORTED, ROPC_REASON_UNSUPPORTED},
    {"ropc_options_set_endpoint", endpoint, "http://192.0.2.1/token", ROPC_E_ARG, ROPC_REASON_PLAIN_HTTP},
    {"ropc_options_add_api_origin", ropc_options_add_api_origin, "http://192.0.2.1", ROPC_E_ARG,
     ROPC_REASON_PLAIN_HTTP},
};

static void check_other_refusal(size_t row)
{
    ropc_options *options = options_for_oauth2();
    ropc_client *client = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(other_refusals[row].set(options, other_refusals[row].text), other_refusals[row].status);
    CHECK_NUMBER(ropc_client_new(options, &client, &error), other_refusals[row].status);
    CHECK(client == NULL);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->status, other_refusals[row].status);
        CHECK_NUMBER(error->reason, other_refusals[row].reason);
        CHECK_NUMBER(error->stage, ROPC_STAGE_SETUP);
        CHECK_HOLDS(error->message, other_refusals[row].name);
    }
    ropc_error_free(error);
    ropc_options_free(options);
}

/* What is added may be added so often. */
static void at_most(setter *add, const char *text)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    check_about(text);
    for (int i = 0; i < ROPC_MAX_PARAMS; i++) {
        CHECK_NUMBER(add(options, text), ROPC_OK);
    }
    CHECK_NUMBER(add(options, text), ROPC_E_ARG);
    ropc_options_free(options);
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

int main(void)
{
    good_cert = read_file(where("STANDIN_CERT_FILE"), &good_cert_len);
    good_key = read_file(where("STANDIN_KEY_FILE"), &good_key_len);
    for (size_t row = 0; row < COUNT(setters); row++) {
        check_about(setters[row].name);
        check_setter(row);
    }
    newlines();
    for (size_t row = 0; row < COUNT(numbers); row++) {
        check_about(numbers[row].name);
        check_number_setter(row);
    }
    for (size_t row = 0; row < COUNT(other_refusals); row++) {
        check_about(other_refusals[row].name);
        check_other_refusal(row);
    }
    at_most(ropc_options_add_api_origin, "https://api.example");
    at_most(ropc_options_add_ended_error, "access_denied");
    first_refusal();
    free(good_cert);
    free(good_key);
    return finish();
}
