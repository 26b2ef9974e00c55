/* Grants besides the password: a CAPTCHA answer, LoginRadius' exchange_token,
 * client credentials. */

#include "standin.h"

static void captcha(const ropc_client *client)
{
    const char *names[] = {"username", "password", "g-recaptcha-response"};
    const char *values[] = {"captcha", PASSWORD, "human"};
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    check_about("no CAPTCHA answer");
    CHECK_NUMBER(ropc_grant(client, "password", names, values, 2, &tokens, &error), ROPC_E_REFUSED);
    CHECK(error != NULL && error->reason == ROPC_REASON_CAPTCHA);
    ropc_error_free(error);
    check_about("a CAPTCHA answer");
    CHECK_NUMBER(ropc_grant(client, "password", names, values, 3, &tokens, &error), ROPC_OK);
    CHECK(tokens != NULL && tokens->refresh_token != NULL);
    CHECK(error == NULL);
    ropc_tokens_free(tokens);
}

static void exchange(const ropc_client *client)
{
    const char *names[] = {"token"};
    const char *values[1];
    ropc_tokens *first = NULL, *second = NULL;
    ropc_error *error = NULL;

    check_about("exchange_token");
    CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &first, NULL), ROPC_OK);
    if (!CHECK(first != NULL)) {
        return;
    }
    values[0] = first->access_token;
    CHECK_NUMBER(ropc_grant(client, "exchange_token", names, values, 1, &second, &error), ROPC_OK);
    CHECK(second != NULL && strcmp(second->access_token, first->access_token) != 0);
    ropc_tokens_free(second);
    values[0] = "no-such-token";
    CHECK_NUMBER(ropc_grant(client, "exchange_token", names, values, 1, &second, &error), ROPC_E_REFUSED);
    CHECK(second == NULL);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->provider_code, 905);
        CHECK(strstr(error->message, "no-such-token") == NULL);
    }
    ropc_error_free(error);
    ropc_tokens_free(first);
}

static void client_credentials(void)
{
    static const int32_t methods[] = {ROPC_SECRET_POST, ROPC_SECRET_BASIC};
    for (size_t i = 0; i < COUNT(methods); i++) {
        char url[128];
        ropc_options *options = NULL;
        ropc_client *client;
        ropc_tokens *tokens = NULL;
        ropc_error *error = NULL;

        check_about(i == 0 ? "client_credentials, secret in the body" : "client_credentials, Basic");
        snprintf(url, sizeof url, "%s/token", where("STANDIN_HTTPS"));
        CHECK_NUMBER(ropc_options_oauth2(url, "secret-client", &options, NULL), ROPC_OK);
        trust_standin(options);
        CHECK_NUMBER(ropc_options_set_secret(options, "s:e c%r+t/&", methods[i]), ROPC_OK);
        client = client_from(options);
        CHECK_NUMBER(ropc_grant(client, "client_credentials", NULL, NULL, 0, &tokens, &error), ROPC_OK);
        CHECK(error == NULL);
        CHECK(tokens != NULL && tokens->refresh_token == NULL && tokens->id_token == NULL);
        ropc_tokens_free(tokens);
        ropc_client_free(client);
    }
}

/* Refused before anything is read or sent: the arrays are shorter than said. */
static void counts(const ropc_client *client)
{
    static const size_t too_many[] = {ROPC_MAX_PARAMS + 1, SIZE_MAX, SIZE_MAX / 8 + 1};
    const char *one[] = {"name"};
    check_about("counts");
    for (size_t i = 0; i < COUNT(too_many); i++) {
        ropc_tokens *tokens = NULL;
        ropc_error *error = NULL;
        CHECK_NUMBER(ropc_grant(client, "password", one, one, too_many[i], &tokens, &error), ROPC_E_ARG);
        CHECK(error != NULL && error->reason == ROPC_REASON_ARGUMENT);
        CHECK_HOLDS(error->message, "64");
        ropc_error_free(error);
    }
}

static const struct {
    const char *grant_type;
    const char *names[2];
    const char *values[2];
} refused[] = {
    {"", {"username", "password"}, {"ada", PASSWORD}},
    {"password", {"username", "username"}, {"ada", "ada"}},
    {"password", {"username", "pass word"}, {"ada", PASSWORD}},
    {"password", {"username", "pass\nword"}, {"ada", PASSWORD}},
    {"password", {"username", ""}, {"ada", PASSWORD}},
    {"password", {"username", "password"}, {"ada", ""}},
    {"password", {"username", "client_id"}, {"ada", "other-client"}},
    {"password", {"username", "scope"}, {"ada", "admin"}},
    {"password", {"username", "p\xffw"}, {"ada", PASSWORD}},
    {"password", {"username", "password"}, {"ada", "\xc3\x28"}},
    {"pass\xffword", {"username", "password"}, {"ada", PASSWORD}},
};

/* Too long by one byte each. */
static void lengths(const ropc_client *client)
{
    char *type = letters(ROPC_MAX_NAME + 1), *name = letters(ROPC_MAX_NAME + 1), *value = letters(ROPC_MAX_SECRET + 1);
    for (int bad = 0; bad < 3; bad++) {
        const char *names[] = {"username", bad == 1 ? name : "password"};
        const char *values[] = {"ada", bad == 2 ? value : PASSWORD};
        ropc_tokens *tokens = NULL;
        ropc_error *error = NULL;
        check_about(bad == 0 ? "grant type too long" : bad == 1 ? "name too long" : "value too long");
        CHECK_NUMBER(ropc_grant(client, bad == 0 ? type : "password", names, values, 2, &tokens, &error), ROPC_E_ARG);
        CHECK(tokens == NULL);
        if (CHECK(error != NULL)) {
            CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
            CHECK_NUMBER(error->request_sent, 0);
            CHECK_HOLDS(error->message, "may have at most");
            CHECK(strlen(error->message) < 1000);
        }
        ropc_error_free(error);
    }
    free(type);
    free(name);
    free(value);
}

static void refusals(const ropc_client *client)
{
    for (size_t row = 0; row < COUNT(refused); row++) {
        ropc_tokens *tokens = NULL;
        ropc_error *error = NULL;
        char about[32];
        snprintf(about, sizeof about, "refused[%d]", (int)row);
        check_about(about);
        CHECK_NUMBER(ropc_grant(client, refused[row].grant_type, refused[row].names, refused[row].values, 2, &tokens,
                                &error),
                     ROPC_E_ARG);
        CHECK(tokens == NULL);
        CHECK(error != NULL && error->reason == ROPC_REASON_ARGUMENT && error->request_sent == 0);
        ropc_error_free(error);
    }
}

int main(void)
{
    ropc_client *client = new_client();
    captcha(client);
    exchange(client);
    client_credentials();
    counts(client);
    refusals(client);
    lengths(client);
    ropc_client_free(client);
    return finish();
}
