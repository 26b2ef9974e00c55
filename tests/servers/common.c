#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(2);
}

const char *argument(int argc, char **argv, const char *name)
{
    size_t len = strlen(name);
    int i;

    for (i = 1; i < argc; i++)
        if (strncmp(argv[i], name, len) == 0 && argv[i][len] == '=')
            return argv[i] + len + 1;
    return NULL;
}

char *read_all(const char *path, size_t *len)
{
    const size_t room = 65536;
    FILE *file = path ? fopen(path, "rb") : stdin;
    char *data = malloc(room + 1);

    if (!file)
        fail("a file that an argument names cannot be opened");
    if (!data)
        fail("out of memory");
    *len = fread(data, 1, room + 1, file);
    if (*len > room || ferror(file))
        fail("a file could not be read or is too large");
    data[*len] = '\0';
    if (path)
        fclose(file);
    return data;
}

void put_bytes(const char *name, const char *text, size_t len)
{
    const char *end = text + len;

    printf(", \"%s\": \"", name);
    for (; text < end; text++) {
        unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            printf("\\%c", byte);
        else if (byte < 0x20)
            printf("\\u%04x", byte);
        else
            putchar(byte);
    }
    putchar('"');
}

void put_text(const char *name, const char *text)
{
    if (text)
        put_bytes(name, text, strlen(text));
    else
        printf(", \"%s\": null", name);
}

void put_number(const char *name, long long number)
{
    printf(", \"%s\": %lld", name, number);
}

void put_claims(const char *name, const ropc_tokens *tokens, int32_t which)
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

void put_error(const ropc_error *error)
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

static void set_endpoints(int argc, char **argv, ropc_options *options)
{
    static const struct {
        const char *name;
        int32_t which;
    } endpoints[] = {
        {"revoke", ROPC_ENDPOINT_REVOKE},
        {"userinfo", ROPC_ENDPOINT_USERINFO},
        {"jwks", ROPC_ENDPOINT_JWKS},
    };
    size_t i;

    for (i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        const char *url = argument(argc, argv, endpoints[i].name);

        if (url)
            ropc_options_set_endpoint(options, endpoints[i].which, url);
    }
}

/*
 * Setters are not checked one by one: the first refusal is remembered, and
 * ropc_client_new() reports it.
 */
ropc_status make_options(int argc, char **argv, ropc_options **options, ropc_error **error)
{
    const char *url = argument(argc, argv, "url");
    const char *site = argument(argc, argv, "site");
    const char *client_id = argument(argc, argv, "client");
    const char *secret = argument(argc, argv, "secret");
    const char *encoding = argument(argc, argv, "encoding");
    const char *ca = argument(argc, argv, "ca");
    const char *scope = argument(argc, argv, "scope");
    const char *nonce = argument(argc, argv, "nonce");
    const char *issuer = argument(argc, argv, "issuer");
    const char *ended = argument(argc, argv, "ended");
    ropc_status status;

    if (site)
        status = ropc_options_loginradius(site, "my-app", client_id, options, error);
    else
        status = ropc_options_oauth2(url, client_id, options, error);
    if (status != ROPC_OK)
        return status;
    if (site && url)
        ropc_options_set_endpoint(*options, ROPC_ENDPOINT_TOKEN, url);
    set_endpoints(argc, argv, *options);
    if (secret)
        ropc_options_set_secret(*options, secret, secret_method(argument(argc, argv, "method")));
    if (encoding)
        ropc_options_set_encoding(*options, strcmp(encoding, "json") == 0 ? ROPC_ENCODING_JSON : ROPC_ENCODING_FORM);
    if (scope)
        ropc_options_set_scope(*options, scope);
    if (nonce)
        ropc_options_add_param(*options, "nonce", nonce);
    if (issuer)
        ropc_options_set_issuer(*options, issuer);
    if (ended)
        ropc_options_add_ended_error(*options, ended);
    if (ca) {
        size_t len = 0;
        char *pem = read_all(ca, &len);

        ropc_options_set_ca_pem(*options, pem, len);
        free(pem);
    }
    /* The servers are on this machine, whatever the environment says. */
    ropc_options_set_proxy(*options, "");
    return ROPC_OK;
}
