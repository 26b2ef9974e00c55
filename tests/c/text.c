/* Names, passwords and addresses that cannot be used: empty, too long, not
 * UTF-8, with a newline. */

#include "standin.h"

/* What a call that sends nothing leaves. */
static void nothing_sent(ropc_status status, ropc_tokens *tokens, ropc_error *error)
{
    CHECK_NUMBER(status, ROPC_E_ARG);
    CHECK(tokens == NULL);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
        CHECK_NUMBER(error->request_sent, 0);
        CHECK(strlen(error->message) < 1000);
    }
    ropc_error_free(error);
}

/* A name and a password that must not be sent: nothing arrives (run.py looks). */
static void login_n_refused(const ropc_client *client, const char *user, size_t user_len, const char *password,
                            size_t len)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_login_n(client, user, user_len, password, len, &tokens, &error);
    nothing_sent(status, tokens, error);
}

/* The same for texts that end in NUL, through both functions. */
static void login_refused(const ropc_client *client, const char *user, const char *password)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_login(client, user, password, &tokens, &error);
    nothing_sent(status, tokens, error);
    login_n_refused(client, user, strlen(user), password, strlen(password));
}

static void logins(void)
{
    const size_t ten_million = 10 * 1000 * 1000;
    char *huge = letters(ten_million);
    ropc_client *client = new_client();
    char *long_name = letters(ROPC_MAX_TEXT + 1), *long_password = letters(ROPC_MAX_SECRET + 1);
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    check_about("logins");
    login_refused(client, "", PASSWORD);
    login_refused(client, "ada", "");
    login_refused(client, "\xff", PASSWORD);
    login_refused(client, "ada", "caf\xe9");
    login_refused(client, long_name, PASSWORD);
    login_refused(client, "ada", long_password);
    login_refused(client, "ada", huge);
    login_n_refused(client, NULL, 0, PASSWORD, strlen(PASSWORD));
    login_n_refused(client, "ada", 3, NULL, 0);
    login_n_refused(client, "ada", 3, huge, SIZE_MAX);
    free(long_name);
    free(long_password);

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

/* Neither constructor gives anything but an error. */
static void constructor_refused(ropc_status status, ropc_options *options, ropc_error *error, const char *names)
{
    CHECK_NUMBER(status, ROPC_E_ARG);
    CHECK(options == NULL);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
        CHECK_HOLDS(error->message, names);
        CHECK(strlen(error->message) < 1000);
    }
    ropc_error_free(error);
}

/* One text of each is bad, and the message names it. */
static void constructors(void)
{
    char *long_name = letters(ROPC_MAX_NAME + 1), *long_text = letters(ROPC_MAX_TEXT + 1);
    char *long_url = letters(ROPC_MAX_TEXT + 1);
    const struct {
        const char *site, *app, *client_id, *names;
    } loginradius[] = {
        {"", "demo", "id", "site"},
        {"\xff", "demo", "id", "site"},
        {long_text, "demo", "id", "site"},
        {"local\nhost", "demo", "id", "site"},
        {"localhost:99999", "demo", "id", "site"},
        {"localhost/x", "demo", "id", "site"},
        {"localhost", "", "id", "app"},
        {"localhost", "\xff", "id", "app"},
        {"localhost", long_name, "id", "app"},
        {"localhost", "..", "id", "app"},
        {"localhost", "demo", "", "client_id"},
        {"localhost", "demo", "\xff", "client_id"},
        {"localhost", "demo", long_text, "client_id"},
    };
    const struct {
        const char *url, *client_id, *names;
    } oauth2[] = {
        {"", "id", "token_url"},
        {"https://localhost/\xff", "id", "token_url"},
        {long_url, "id", "token_url"},
        {"https://localhost/token", "", "client_id"},
        {"https://localhost/token", "\xff", "client_id"},
        {"https://localhost/token", long_text, "client_id"},
    };
    /* Too long, and else a URL. */
    memcpy(long_url, "https://localhost/", strlen("https://localhost/"));
    for (size_t row = 0; row < COUNT(loginradius); row++) {
        ropc_options *options = NULL;
        ropc_error *error = NULL;
        char about[32];
        snprintf(about, sizeof about, "loginradius[%d]", (int)row);
        check_about(about);
        ropc_status status = ropc_options_loginradius(loginradius[row].site, loginradius[row].app,
                                                      loginradius[row].client_id, &options, &error);
        constructor_refused(status, options, error, loginradius[row].names);
    }
    for (size_t row = 0; row < COUNT(oauth2); row++) {
        ropc_options *options = NULL;
        ropc_error *error = NULL;
        char about[32];
        snprintf(about, sizeof about, "oauth2[%d]", (int)row);
        check_about(about);
        ropc_status status = ropc_options_oauth2(oauth2[row].url, oauth2[row].client_id, &options, &error);
        constructor_refused(status, options, error, oauth2[row].names);
    }
    free(long_name);
    free(long_text);
    free(long_url);
}

/* Names that no answer has: NULL, whatever they are made of. */
static void extras(void)
{
    char *hundred_thousand = letters(100 * 1000);
    const char *const names[] = {"", "\xff", "Sec\xc3", hundred_thousand};
    ropc_client *client = new_client();
    ropc_tokens *tokens = NULL, *none = NULL;
    ropc_error *error = NULL;

    check_about("extras");
    CHECK_NUMBER(ropc_login(client, "variant:unknown_members", PASSWORD, &tokens, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_login(client, "mfa-native", PASSWORD, &none, &error), ROPC_E_REFUSED);
    CHECK(ropc_tokens_extra(tokens, "extra_text") != NULL);
    CHECK(ropc_error_extra(error, "SecondFactorAuthentication") != NULL);
    for (size_t i = 0; i < COUNT(names); i++) {
        CHECK(ropc_tokens_extra(tokens, names[i]) == NULL);
        CHECK(ropc_error_extra(error, names[i]) == NULL);
    }
    ropc_tokens_free(tokens);
    ropc_error_free(error);
    ropc_client_free(client);
    free(hundred_thousand);
}

int main(void)
{
    logins();
    constructors();
    extras();
    return finish();
}
