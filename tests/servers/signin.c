/*
 * Signs in once, or several times, as its arguments say, and prints one line
 * of JSON with what came back. Written from include/ropc.h alone.
 *
 *   signin name=value ... <password
 *
 *   url        token endpoint
 *   site       LoginRadius site; url then takes the place of its endpoint
 *   client     client id
 *   secret     client secret (a made-up one: arguments are no place for others)
 *   method     how it is sent: post, basic or raw
 *   encoding   json or form
 *   ca         file with the authority to trust
 *   scope      scopes to ask for
 *   user       user name; the password is read from file descriptor 0
 *   logins     how often to sign in with one client; default 1
 *   grant      a grant type without parameters, in place of a sign-in
 *
 * Exit code: 0 when a line was printed, whatever it says; 2 when this program
 * itself went wrong.
 */
#include <ropc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail(const char *what)
{
    fprintf(stderr, "signin: %s\n", what);
    exit(2);
}

/* The value of argument `name`, or NULL. */
static const char *argument(int argc, char **argv, const char *name)
{
    size_t len = strlen(name);
    int i;

    for (i = 1; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0 && argv[i][len] == '=')
            return argv[i] + len + 1;
    return NULL;
}

/* Everything from `file`; `*len` bytes, at most 64 KiB. */
static char *read_all(FILE *file, size_t *len)
{
    const size_t room = 65536;
    char *data = malloc(room + 1);

    if (!data)
        fail("out of memory");
    *len = fread(data, 1, room + 1, file);
    if (*len > room || ferror(file))
        fail("a file could not be read or is too large");
    data[*len] = '\0';
    return data;
}

/* `text` as JSON, NULL as null. */
static void put_text(const char *name, const char *text)
{
    const unsigned char *p;

    printf(", \"%s\": ", name);
    if (!text) {
        printf("null");
        return;
    }
    putchar('"');
    for (p = (const unsigned char *)text; *p; p++) {
        if (*p == '"' || *p == '\\')
            printf("\\%c", *p);
        else if (*p < 0x20)
            printf("\\u%04x", *p);
        else
            putchar(*p);
    }
    putchar('"');
}

static void put_number(const char *name, long long number)
{
    printf(", \"%s\": %lld", name, number);
}

/* The claims of one token, or why there are none. */
static void put_claims(const char *name, const ropc_tokens *tokens, int32_t which)
{
    char *claims = NULL;
    ropc_error *error = NULL;

    if (ropc_tokens_claims(tokens, which, &claims, &error) == ROPC_OK)
        printf(", \"%s\": %s", name, claims);
    else
        put_text(name, ropc_reason_name(error->reason));
    ropc_string_free(claims);
    ropc_error_free(error);
}

static void put_tokens(const ropc_tokens *tokens)
{
    printf("{\"status\": \"ROPC_OK\"");
    put_text("token_type", tokens->token_type);
    put_number("expires_in", tokens->expires_at - tokens->received_at);
    put_number("refresh_token", tokens->refresh_token != NULL);
    put_number("id_token", tokens->id_token != NULL);
    put_text("scope", tokens->scope);
    put_claims("access_claims", tokens, ROPC_TOKEN_KIND_ACCESS);
    put_claims("id_claims", tokens, ROPC_TOKEN_KIND_ID);
    printf("}\n");
}

static void put_error(const ropc_error *error)
{
    printf("{\"status\": \"%s\"", ropc_status_name(error->status));
    put_text("reason", ropc_reason_name(error->reason));
    put_number("stage", error->stage);
    put_number("http_status", error->http_status);
    put_number("request_sent", error->request_sent);
    put_number("retryable", error->retryable);
    put_text("oauth_error", error->oauth_error);
    put_text("oauth_description", error->oauth_description);
    put_text("provider_message", error->provider_message);
    put_text("message", error->message);
    put_text("advice", ropc_reason_advice(error->reason));
    printf("}\n");
}

static int32_t secret_method(const char *name)
{
    if (name && strcmp(name, "post") == 0)
        return ROPC_SECRET_POST;
    if (name && strcmp(name, "basic") == 0)
        return ROPC_SECRET_BASIC;
    if (name && strcmp(name, "raw") == 0)
        return ROPC_SECRET_BASIC_RAW;
    fail("method is none of post, basic, raw");
    return 0;
}

/*
 * Settings from the arguments. Setters are not checked one by one: the first
 * refusal is remembered, and ropc_client_new() reports it.
 */
static ropc_status make_options(int argc, char **argv, ropc_options **options, ropc_error **error)
{
    const char *url = argument(argc, argv, "url");
    const char *site = argument(argc, argv, "site");
    const char *client_id = argument(argc, argv, "client");
    const char *secret = argument(argc, argv, "secret");
    const char *encoding = argument(argc, argv, "encoding");
    const char *ca = argument(argc, argv, "ca");
    const char *scope = argument(argc, argv, "scope");
    ropc_status status;

    if (site)
        status = ropc_options_loginradius(site, "my-app", client_id, options, error);
    else
        status = ropc_options_oauth2(url, client_id, options, error);
    if (status != ROPC_OK)
        return status;
    if (site && url)
        ropc_options_set_endpoint(*options, ROPC_ENDPOINT_TOKEN, url);
    if (secret)
        ropc_options_set_secret(*options, secret, secret_method(argument(argc, argv, "method")));
    if (encoding)
        ropc_options_set_encoding(*options, strcmp(encoding, "json") == 0 ? ROPC_ENCODING_JSON : ROPC_ENCODING_FORM);
    if (scope)
        ropc_options_set_scope(*options, scope);
    if (ca) {
        FILE *file = fopen(ca, "rb");
        size_t len = 0;
        char *pem;

        if (!file)
            fail("the file named by ca cannot be opened");
        pem = read_all(file, &len);
        fclose(file);
        ropc_options_set_ca_pem(*options, pem, len);
        free(pem);
    }
    /* The servers are on this machine, whatever the environment says. */
    ropc_options_set_proxy(*options, "");
    return ROPC_OK;
}

int main(int argc, char **argv)
{
    const char *user = argument(argc, argv, "user");
    const char *grant = argument(argc, argv, "grant");
    const char *logins = argument(argc, argv, "logins");
    long left = logins ? strtol(logins, NULL, 10) : 1;
    size_t len = 0;
    char *password = read_all(stdin, &len);
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;

    if (ropc_abi_check(ROPC_ABI) != ROPC_OK)
        fail("the library is older than the header");
    status = make_options(argc, argv, &options, &error);
    if (status == ROPC_OK)
        status = ropc_client_new(options, &client, &error);
    for (; status == ROPC_OK && left > 0; left--) {
        ropc_tokens_free(tokens);
        if (grant)
            status = ropc_grant(client, grant, NULL, NULL, 0, &tokens, &error);
        else
            status = ropc_login_n(client, user, user ? strlen(user) : 0, password, len, &tokens, &error);
    }
    ropc_wipe(password, len);
    free(password);

    if (status == ROPC_OK && tokens && !error)
        put_tokens(tokens);
    else if (status != ROPC_OK && !tokens && error && error->status == status)
        put_error(error);
    else
        fail("status, tokens and error do not fit together");

    ropc_tokens_free(tokens);
    ropc_error_free(error);
    ropc_client_free(client);
    ropc_options_free(options);
    return 0;
}
