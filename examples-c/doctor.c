/*
 * doctor.c - says why a sign-in at LoginRadius does not work, and what to do.
 *
 *   cc doctor.c -lropc -o doctor
 *   ./doctor https://acme.hub.loginradius.com my-app CLIENT_ID ada@example.com
 *
 * It goes the way of a sign-in, check by check, up to the first failure after
 * which there is no way on.
 */
#include "helper.h" /* read_password(), read_file() */
#include "ropc.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

/* A name that nobody can have (RFC 2606), and no password. */
#define NOBODY "ropc-doctor@nobody.invalid"
#define NO_PASSWORD "no password of anybody"

/* What an ID token is forgiven (ropc_verify_id_token()); a second or two of it
   is the way of the answer. */
enum { CLOCK_SECONDS = 60 };

typedef struct {
    const char *site, *app, *client_id, *user;
    const char *ca_file, *proxy, *pin;
    int oidc, system_ca, verbose, password_fd;
    long seconds;
} Setup;

/* The checks, in their order. Those on the way to the server have the numbers
   of the stages of a call (ropc_stage). */
typedef enum {
    SETTINGS = ROPC_STAGE_SETUP,
    LOOKUP = ROPC_STAGE_LOOKUP,
    CONNECT = ROPC_STAGE_CONNECT,
    PROXY = ROPC_STAGE_PROXY,
    TLS = ROPC_STAGE_TLS,
    ANSWER,
    CLOCK,
    APP,
    GRANT,
    SIGN_IN,
    SIGN_OUT
} Check;

static const char *const NAMES[] = {
    "", "settings", "lookup", "connect", "proxy", "tls", "answer", "clock", "app", "grant", "sign-in", "sign-out",
};

static int failures;

static int usage(FILE *to)
{
    fputs("usage: doctor [OPTION]... SITE APP [CLIENT_ID [USER]]\n"
          "\n"
          "Says why a sign-in does not work, and what to do. Without USER no password is\n"
          "asked for: one login is sent for " NOBODY ", who does not\n"
          "exist; how it is refused tells whether application and grant are there. With\n"
          "USER it asks for the password, signs in, and ends that session.\n"
          "\n"
          "--oidc            an OpenID Connect application\n"
          "--ca FILE         trust these authorities (PEM) and no others\n"
          "--system-ca       trust those of this machine\n"
          "--pin SHA256      the key that must be in the server's chain\n"
          "--proxy URL       in place of what the environment says; '' for none\n"
          "--timeout SECONDS how long to wait, for a connection and for an answer\n"
          "--password-fd N   read the password from there; 0 is standard input\n"
          "--verbose         show each step\n"
          "--help            this\n"
          "\n"
          "A line for each check: ok; FAIL, and what to do; - where there is nothing to check.\n"
          "Ends with 0 when every check is good, 1 when one failed, 2 for a wrong option.\n", to);
    return to == stdout ? 0 : 2;
}

/* One line for one check: "ok" or "-", which is: there is nothing to check. */
static void tell(const char *mark, Check check, const char *format, ...)
{
    va_list values;

    printf("%-4s %s: ", mark, NAMES[check]);
    va_start(values, format);
    vprintf(format, values);
    va_end(values);
    putchar('\n');
    fflush(stdout);
}

static void show_log(void *user, int32_t level, const char *line)
{
    (void)user;
    (void)level;
    printf("     %s\n", line);
    fflush(stdout);
}

static int is_plain(const Setup *setup)
{
    static const char http[] = "http://";
    size_t i = 0;

    while (i < strlen(http) && tolower((unsigned char)setup->site[i]) == http[i])
        i++;
    return i == strlen(http);
}

/* What somebody at this program can do, who knows its options; NULL where the
   library's advice says it all. */
static const char *next_step(const Setup *setup, Check check, const ropc_error *error)
{
    if (check == APP)
        return "Compare the application's name, its kind (--oidc or not) and the client id with what the site's owner"
               " sees at LoginRadius.";
    if (check == GRANT && error->reason != ROPC_REASON_SCOPE_REFUSED && error->reason != ROPC_REASON_REQUEST_REFUSED)
        return "The site's owner must allow this application the password grant, without a client secret.";
    if (check == PROXY && setup->proxy == NULL)
        return "The proxy is in the environment (https_proxy or all_proxy): correct it there, with user name and"
               " password if it wants them; --proxy '' shows whether it goes without.";
    if (error->reason == ROPC_REASON_TLS_UNKNOWN_ISSUER && setup->ca_file == NULL && !setup->system_ca)
        return "If your company runs the server or looks into TLS, try --system-ca, or --ca with the certificate of"
               " its authority; else do not go on.";
    if (error->reason == ROPC_REASON_UNEXPLAINED && check == ANSWER)
        return ropc_reason_advice(ROPC_REASON_ANSWER_NOT_UNDERSTOOD);
    if (error->reason == ROPC_REASON_TIMED_OUT && check == PROXY)
        return ropc_reason_advice(ROPC_REASON_PROXY_UNREACHABLE);
    if (error->reason == ROPC_REASON_TIMED_OUT && check == CONNECT)
        return ropc_reason_advice(ROPC_REASON_UNREACHABLE);
    return NULL;
}

/* The message is what happened and, behind it, the advice: a line each. */
static void fail(const Setup *setup, Check check, const ropc_error *error)
{
    const char *advice = ropc_reason_advice(error->reason), *next = next_step(setup, check, error);
    const char *at = advice[0] != '\0' ? strstr(error->message, advice) : NULL;
    const char *said = error->provider_message != NULL ? error->provider_message : error->oauth_description;
    size_t length = at != NULL ? (size_t)(at - error->message) : strlen(error->message);

    failures++;
    printf("FAIL %s: %.*s(%s)\n", NAMES[check], (int)length, error->message, ropc_reason_name(error->reason));
    if (said != NULL && said[0] != '\0')
        printf("     the server says: %s\n", said);
    printf("     what to do: %s%s\n", next != NULL ? next : advice, at != NULL ? at + strlen(advice) : "");
    if (error->retry_after_ms > 0)
        printf("     the server asks to wait %ld seconds\n", (long)(error->retry_after_ms / 1000));
}

/* The check that fails with this error. */
static Check check_of(const ropc_error *error)
{
    switch (error->reason) {
    case ROPC_REASON_CLIENT_REFUSED:
    case ROPC_REASON_NOT_FOUND:
        return APP;
    case ROPC_REASON_UNSUPPORTED_GRANT:
    case ROPC_REASON_SCOPE_REFUSED:
    case ROPC_REASON_REQUEST_REFUSED:
        return GRANT;
    case ROPC_REASON_UNEXPLAINED: /* Without a code it may be a firewall. */
        return error->provider_code != 0 || error->oauth_error != NULL ? SIGN_IN : ANSWER;
    default:
        if (error->stage <= ROPC_STAGE_SETUP)
            return SETTINGS;
        if (error->stage <= ROPC_STAGE_TLS)
            return (Check)error->stage;
        return error->status == ROPC_E_REFUSED ? SIGN_IN : ANSWER;
    }
}

static ropc_status new_client(const Setup *setup, ropc_client **client, ropc_error **error)
{
    static char pem[ROPC_MAX_PEM + 1];
    ropc_options *options = NULL;
    uint32_t ms = (uint32_t)setup->seconds * 1000;
    const char *client_id = setup->client_id != NULL ? setup->client_id : "ropc-doctor";
    ropc_status status = ropc_options_loginradius(setup->site, setup->app, client_id, &options, error);

    if (status == ROPC_OK) { /* What a setter refuses, ropc_client_new() reports. */
        if (setup->oidc)
            ropc_options_set_app_kind(options, ROPC_APP_OIDC);
        if (setup->system_ca)
            ropc_options_set_trust(options, ROPC_TRUST_SYSTEM);
        if (setup->ca_file != NULL)
            ropc_options_set_ca_pem(options, pem, read_file(setup->ca_file, pem, sizeof pem));
        if (setup->pin != NULL)
            ropc_options_add_pin(options, setup->site, setup->pin);
        if (setup->proxy != NULL)
            ropc_options_set_proxy(options, setup->proxy);
        if (setup->seconds != 0)
            ropc_options_set_timeouts(options, ms, ms);
        if (setup->verbose)
            ropc_options_set_log(options, ROPC_LOG_DEBUG, show_log, NULL);
        status = ropc_client_new(options, client, error);
    }
    ropc_options_free(options);
    return status;
}

/* Name look-up, connection, proxy and TLS: 1 when the server is reached. */
static int reach(const Setup *setup, const ropc_client *client)
{
    char *proxy = NULL;
    ropc_error *error = NULL;
    Check check = ANSWER;

    if (ropc_client_proxy(client, &proxy, NULL) == ROPC_OK && proxy == NULL)
        tell("-", PROXY, "none is used for this host");
    if (ropc_client_connect(client, &error) != ROPC_OK)
        check = check_of(error);
    /* What is looked up and connected to is the proxy, if there is one. */
    if (proxy != NULL && (check == LOOKUP || check == CONNECT))
        check = PROXY;
    if (proxy == NULL && check > LOOKUP)
        tell("ok", LOOKUP, "the server's name has an address");
    if (proxy == NULL && check > CONNECT)
        tell("ok", CONNECT, "the server can be reached");
    if (proxy != NULL && check > PROXY)
        tell("ok", PROXY, "%s, from %s, reaches the server", proxy, setup->proxy ? "--proxy" : "the environment");
    if (check > TLS && is_plain(setup))
        tell("-", TLS, "plain http, which is only for this machine");
    else if (check > TLS)
        tell("ok", TLS, "the server's certificate is trusted, in force, and for this host");
    if (error != NULL)
        fail(setup, check, error);
    ropc_error_free(error);
    ropc_string_free(proxy);
    return check > TLS;
}

static void compare_clocks(int64_t server_at, int64_t here_at)
{
    long long apart = (long long)(here_at - server_at);
    time_t now = (time_t)here_at;
    char text[64] = "?";

    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", gmtime(&now));
    if (server_at == 0) {
        tell("-", CLOCK, "the server does not tell its time; this machine's is %s", text);
    } else if (llabs(apart) <= CLOCK_SECONDS) {
        tell("ok", CLOCK, "this machine's and the server's agree");
    } else {
        failures++;
        printf("FAIL clock: this machine's, %s, is %lld seconds %s the server's\n"
               "     what to do: Set this machine's clock; if it is right, tell the server's owner.\n",
               text, llabs(apart), apart > 0 ? "ahead of" : "behind");
    }
}

/* Whether the server takes application and client id for something else: to
   revoke a token that nobody has. */
static int knows_application(const ropc_client *client)
{
    ropc_error *error = NULL;
    ropc_status status = ropc_revoke(client, "no token of anybody", ROPC_HINT_REFRESH, &error);
    int knows = status == ROPC_OK || (status == ROPC_E_REFUSED && error->reason != ROPC_REASON_UNEXPLAINED);

    ropc_error_free(error);
    return knows;
}

/* Ends what the sign-in began: the user has no session from it. */
static void sign_out(const ropc_client *client, const char *refresh_token)
{
    ropc_error *error = NULL;

    if (ropc_revoke(client, refresh_token, ROPC_HINT_REFRESH, &error) == ROPC_OK)
        tell("ok", SIGN_OUT, "the refresh token is revoked");
    else
        tell("-", SIGN_OUT, "the refresh token could not be revoked: %s", error->message);
    ropc_error_free(error);
}

/* One login, of the user or of nobody. */
static ropc_status login(const Setup *setup, const ropc_client *client, ropc_tokens **tokens, ropc_error **error)
{
    char password[ROPC_MAX_SECRET + 2];
    ropc_status status;

    if (setup->user == NULL) {
        puts("     one login is sent for " NOBODY ", who does not exist");
        fflush(stdout);
        return ropc_login(client, NOBODY, NO_PASSWORD, tokens, error);
    }
    read_password(setup->password_fd, password, sizeof password);
    status = ropc_login(client, setup->user, password, tokens, error);
    ropc_wipe(password, sizeof password);
    return status;
}

/* What the answer to a login says, check by check: 1 when USER is signed in. */
static int sign_in(const Setup *setup, const ropc_client *client)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    int let_in = login(setup, client, &tokens, &error) == ROPC_OK;
    int64_t server_at = let_in ? tokens->server_date_at : error->server_date_at;
    Check check = let_in ? SIGN_OUT : check_of(error);
    /* RFC 6749, 5.2: not known, whatever it is allowed. */
    int by_id = !let_in && error->oauth_error != NULL && strcmp(error->oauth_error, "invalid_client") == 0;

    if (check > ANSWER) {
        tell("ok", ANSWER, "HTTP %d, as a token endpoint answers", let_in ? 200 : (int)error->http_status);
        compare_clocks(server_at, (int64_t)time(NULL));
    }
    /* "Unauthorized" is said of applications and of grants. */
    if (check == APP && !by_id && error->reason == ROPC_REASON_CLIENT_REFUSED && knows_application(client))
        check = GRANT;
    if (check > APP)
        tell("ok", APP, "the server knows the application%s", setup->client_id != NULL ? " and its client id" : "");
    if (check > GRANT)
        tell("ok", GRANT, "the application may sign users in with their passwords");

    if (check == APP && by_id && setup->client_id == NULL) {
        tell("ok", APP, "the server knows the application");
        tell("-", GRANT, "the server wants to know the client id first: give it behind the application's name");
    } else if (let_in && setup->user == NULL) {
        failures++;
        puts("FAIL sign-in: the server let somebody in who does not exist\n"
             "     what to do: Do not sign in there: it is not the server it should be.");
    } else if (let_in) {
        tell("ok", SIGN_IN, "%s is signed in", setup->user);
        if (tokens->refresh_token != NULL)
            sign_out(client, tokens->refresh_token);
    } else if (setup->user == NULL && error->reason == ROPC_REASON_WRONG_CREDENTIALS) {
        tell("-", SIGN_IN, "not tried: give a user behind the client id");
    } else {
        fail(setup, check, error);
    }
    ropc_tokens_free(tokens);
    ropc_error_free(error);
    return let_in && setup->user != NULL;
}

static int parse(int argc, char **argv, Setup *setup)
{
    int i;

    for (i = 1; i < argc && argv[i][0] == '-'; i++)
        if (strcmp(argv[i], "--oidc") == 0)
            setup->oidc = 1;
        else if (strcmp(argv[i], "--system-ca") == 0)
            setup->system_ca = 1;
        else if (strcmp(argv[i], "--verbose") == 0)
            setup->verbose = 1;
        else if (i + 1 == argc)
            return 0;
        else if (strcmp(argv[i], "--ca") == 0)
            setup->ca_file = argv[++i];
        else if (strcmp(argv[i], "--pin") == 0)
            setup->pin = argv[++i];
        else if (strcmp(argv[i], "--proxy") == 0)
            setup->proxy = argv[++i];
        else if (strcmp(argv[i], "--timeout") == 0 && atol(argv[i + 1]) > 0 && atol(argv[i + 1]) <= 600)
            setup->seconds = atol(argv[++i]);
        else if (strcmp(argv[i], "--password-fd") == 0)
            setup->password_fd = atoi(argv[++i]);
        else
            return 0;
    if (argc - i < 2 || argc - i > 4)
        return 0;
    setup->site = argv[i];
    setup->app = argv[i + 1];
    setup->client_id = argc - i > 2 ? argv[i + 2] : NULL;
    setup->user = argc - i > 3 ? argv[i + 3] : NULL;
    return 1;
}

int main(int argc, char **argv)
{
    Setup setup = {0};
    ropc_client *client = NULL;
    ropc_error *error = NULL;
    int let_in = 0;

    setup.password_fd = -1;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return usage(stdout);
    if (!parse(argc, argv, &setup))
        return usage(stderr);
    printf("ropc %s, application %s\n", ropc_version(), setup.app);
    if (new_client(&setup, &client, &error) != ROPC_OK)
        fail(&setup, SETTINGS, error);
    else if (reach(&setup, client))
        let_in = sign_in(&setup, client);
    if (failures == 0)
        puts(let_in ? "Sign-in works." : "Everything that could be checked is good.");
    else
        puts(let_in ? "Sign-in works, but not every check is good." : "Not every check is good: mend what FAIL names.");
    ropc_error_free(error);
    ropc_client_free(client);
    return failures == 0 ? 0 : 1;
}
