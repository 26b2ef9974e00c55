/* Every pointer of every setter NULL, one at a time, and of length 0. */

#include "standin.h"

/* A certificate for the client, and its key. */
static char *good_cert, *good_key;
static size_t good_cert_len, good_key_len;

/* What stands in every out-parameter before the call: it must not survive. */
static char left_over;

/* The pointer, or NULL when it is the one this call leaves out. */
#define P(number, pointer) ((number) == hole ? NULL : (pointer))

/* Setters: pointer 0 is the options; what they refuse, ropc_client_new()
 * reports. */
typedef ropc_status setter(ropc_options *options, int hole);

static ropc_status endpoint(ropc_options *o, int hole)
{
    return ropc_options_set_endpoint(o, ROPC_ENDPOINT_TOKEN, P(1, "https://localhost/token"));
}
static ropc_status issuer(ropc_options *o, int hole) { return ropc_options_set_issuer(o, P(1, "https://localhost")); }
static ropc_status secret(ropc_options *o, int hole) { return ropc_options_set_secret(o, P(1, "s"), ROPC_SECRET_POST); }
static ropc_status scope(ropc_options *o, int hole) { return ropc_options_set_scope(o, P(1, "email")); }
static ropc_status param(ropc_options *o, int hole) { return ropc_options_add_param(o, P(1, "name"), P(2, "value")); }
static ropc_status ca_pem(ropc_options *o, int hole) { return ropc_options_set_ca_pem(o, P(1, "pem"), 3); }
static ropc_status pin(ropc_options *o, int hole)
{
    const char *hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    return ropc_options_add_pin(o, P(1, "localhost"), P(2, hex));
}
static ropc_status client_cert(ropc_options *o, int hole)
{
    return ropc_options_set_client_cert_pem(o, P(1, "localhost"), P(2, "cert"), 4, P(3, "key"), 3);
}
static ropc_status proxy(ropc_options *o, int hole) { return ropc_options_set_proxy(o, P(1, "localhost:1")); }
static ropc_status user_agent(ropc_options *o, int hole) { return ropc_options_set_user_agent(o, P(1, "me/1")); }
static ropc_status api_key(ropc_options *o, int hole) { return ropc_options_set_api_key(o, P(1, "key")); }
static ropc_status api_origin(ropc_options *o, int hole) { return ropc_options_add_api_origin(o, P(1, "localhost")); }
static ropc_status ended_error(ropc_options *o, int hole) { return ropc_options_add_ended_error(o, P(1, "1217")); }

static ropc_status app_kind(ropc_options *o, int hole)
{
    return (void)hole, ropc_options_set_app_kind(o, ROPC_APP_OIDC);
}
static ropc_status encoding(ropc_options *o, int hole)
{
    return (void)hole, ropc_options_set_encoding(o, ROPC_ENCODING_FORM);
}
static ropc_status response_type(ropc_options *o, int hole)
{
    return (void)hole, ropc_options_set_response_type(o, "token");
}
static ropc_status timeouts(ropc_options *o, int hole) { return (void)hole, ropc_options_set_timeouts(o, 1, 1); }
static ropc_status trust(ropc_options *o, int hole) { return (void)hole, ropc_options_set_trust(o, ROPC_TRUST_SYSTEM); }
static ropc_status limits(ropc_options *o, int hole)
{
    return (void)hole, ropc_options_set_limit(o, ROPC_LIMIT_IDLE_MS, 1);
}
static ropc_status set_log(ropc_options *o, int hole)
{
    return (void)hole, ropc_options_set_log(o, ROPC_LOG_INFO, NULL, NULL);
}

static const struct {
    const char *name;
    setter *set;
    int pointers;
} setters[] = {
    {"ropc_options_set_app_kind", app_kind, 1},
    {"ropc_options_set_endpoint", endpoint, 2},
    {"ropc_options_set_issuer", issuer, 2},
    {"ropc_options_set_secret", secret, 2},
    {"ropc_options_set_encoding", encoding, 1},
    {"ropc_options_set_scope", scope, 2},
    {"ropc_options_add_param", param, 3},
    {"ropc_options_set_response_type", response_type, 1},
    {"ropc_options_set_timeouts", timeouts, 1},
    {"ropc_options_set_trust", trust, 1},
    {"ropc_options_set_ca_pem", ca_pem, 2},
    {"ropc_options_add_pin", pin, 3},
    {"ropc_options_set_client_cert_pem", client_cert, 4},
    {"ropc_options_set_proxy", proxy, 2},
    {"ropc_options_set_user_agent", user_agent, 2},
    {"ropc_options_set_api_key", api_key, 2},
    {"ropc_options_add_api_origin", api_origin, 2},
    {"ropc_options_add_ended_error", ended_error, 2},
    {"ropc_options_set_limit", limits, 1},
    {"ropc_options_set_log", set_log, 1},
};

static void check_setter(size_t row, int hole)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *none = (ropc_client *)(void *)&left_over;
    ropc_error *error = NULL;
    CHECK_NUMBER(setters[row].set(P(0, options), hole), ROPC_E_ARG);
    if (hole > 0) {
        CHECK_NUMBER(ropc_client_new(options, &none, &error), ROPC_E_ARG);
        CHECK(none == NULL);
        CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
        CHECK_HOLDS(error->message, setters[row].name);
        CHECK_HOLDS(error->message, "NULL");
    }
    ropc_error_free(error);
    ropc_options_free(options);
}

/* NULL of length 0 is empty, which none of these may be. */
static ropc_status no_pem(ropc_options *o) { return ropc_options_set_ca_pem(o, NULL, 0); }
static ropc_status no_cert(ropc_options *o)
{
    return ropc_options_set_client_cert_pem(o, "localhost", NULL, 0, good_key, good_key_len);
}
static ropc_status no_key(ropc_options *o)
{
    return ropc_options_set_client_cert_pem(o, "localhost", good_cert, good_cert_len, NULL, 0);
}

static void length_zero(void)
{
    static const struct {
        ropc_status (*set)(ropc_options *options);
        const char *message;
    } rows[] = {
        {no_pem, "ropc_options_set_ca_pem: pem must not be empty"},
        {no_cert, "ropc_options_set_client_cert_pem: cert must not be empty"},
        {no_key, "ropc_options_set_client_cert_pem: key must not be empty"},
    };
    for (size_t row = 0; row < COUNT(rows); row++) {
        ropc_options *options = options_for(where("STANDIN_HTTPS"));
        ropc_client *none = (ropc_client *)(void *)&left_over;
        ropc_error *error = NULL;
        check_about(rows[row].message);
        CHECK_NUMBER(rows[row].set(options), ROPC_E_ARG);
        CHECK_NUMBER(ropc_client_new(options, &none, &error), ROPC_E_ARG);
        CHECK(none == NULL);
        if (CHECK(error != NULL)) {
            CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
            CHECK_HOLDS(error->message, rows[row].message);
        }
        ropc_error_free(error);
        ropc_options_free(options);
    }
}

int main(void)
{
    good_cert = read_file(where("STANDIN_CERT_FILE"), &good_cert_len);
    good_key = read_file(where("STANDIN_KEY_FILE"), &good_key_len);
    for (size_t row = 0; row < COUNT(setters); row++) {
        check_about(setters[row].name);
        for (int hole = 0; hole < setters[row].pointers; hole++) {
            check_setter(row, hole);
        }
    }
    length_zero();
    free(good_cert);
    free(good_key);
    return finish();
}
