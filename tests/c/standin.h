/* What every program here needs: settings and clients for the stand-in
 * server. run.py starts it and says by the environment where it is. */

#ifndef STANDIN_H
#define STANDIN_H

#include <ropc.h>

#include "check.h"

/* The password of every account of the stand-in. */
#define PASSWORD "correct horse"

/* Where something is; ends the program when run.py did not say. */
static inline const char *where(const char *name)
{
    const char *value = getenv(name);
    if (value == NULL) {
        printf("%s is not set: start this program with tests/c/run.py\n", name);
        exit(2);
    }
    return value;
}

/* A whole file, with its length; the caller frees it. */
static inline char *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *bytes = malloc(65536);
    if (file == NULL || bytes == NULL) {
        printf("cannot read %s\n", path);
        exit(2);
    }
    *len = fread(bytes, 1, 65536, file);
    fclose(file);
    return bytes;
}

/* `len` letters; the caller frees them. */
static inline char *letters(size_t len)
{
    char *text = malloc(len + 1);
    if (text == NULL) {
        exit(2);
    }
    memset(text, 'p', len);
    text[len] = '\0';
    return text;
}

/* No log line may show a password, secret or token: they begin as JWTs do, or
 * with a mark. */
static inline void check_line(void *user, int32_t level, const char *line)
{
    static const char *const secrets[] = {
        PASSWORD, "correct+horse", "correct%20horse", "Y29ycmVjdCBob3JzZ", "eyJ", "canary", "standin-api-key",
    };
    size_t each;
    (void)user;
    for (each = 0; each < COUNT(secrets); each++) {
        if (level == ROPC_LOG_OFF || strstr(line, secrets[each]) != NULL) {
            check_fail(__FILE__, __LINE__, "a log line shows a secret", line);
        }
    }
}

/* Trusts the stand-in's authority and uses no proxy; looks at every log line. */
static inline void trust_standin(ropc_options *options)
{
    size_t len = 0;
    char *pem = read_file(where("STANDIN_CA"), &len);
    CHECK_NUMBER(ropc_options_set_ca_pem(options, pem, len), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_proxy(options, ""), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_log(options, ROPC_LOG_DEBUG, check_line, NULL), ROPC_OK);
    free(pem);
}

/* Settings for application "demo" at `site`. */
static inline ropc_options *options_for(const char *site)
{
    ropc_options *options = NULL;
    CHECK_NUMBER(ropc_options_loginradius(site, "demo", "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    return options;
}

/* Settings for another port of the stand-in. */
static inline ropc_options *options_for_port(const char *port)
{
    char site[64];
    snprintf(site, sizeof site, "https://localhost:%s", port);
    return options_for(site);
}

/* Settings for the stand-in's RFC 6749 endpoint. */
static inline ropc_options *options_for_oauth2(void)
{
    char url[128];
    ropc_options *options = NULL;
    snprintf(url, sizeof url, "%s/token", where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_oauth2(url, "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    return options;
}

/* A client from settings, which are freed. */
static inline ropc_client *client_from(ropc_options *options)
{
    ropc_client *client = NULL;
    ropc_error *error = NULL;
    if (ropc_client_new(options, &client, &error) != ROPC_OK) {
        check_fail(__FILE__, __LINE__, "ropc_client_new", error->message);
        exit(1);
    }
    ropc_options_free(options);
    return client;
}

/* A client for application "demo" over TLS. */
static inline ropc_client *new_client(void) { return client_from(options_for(where("STANDIN_HTTPS"))); }

/* Signs `user` in and throws the tokens away. */
static inline ropc_status sign_in(const ropc_client *client, const char *user)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_login(client, user, PASSWORD, &tokens, &error);
    CHECK((status == ROPC_OK) == (tokens != NULL));
    CHECK((status == ROPC_OK) == (error == NULL));
    ropc_tokens_free(tokens);
    ropc_error_free(error);
    return status;
}

/* How every program and every child of one ends once it made a call: without a
 * thread of the library. What a checker sees at the end of a process must not
 * depend on how far such a thread had come. */
static inline int finish(void)
{
    check_about("the end");
    CHECK_NUMBER(ropc_shutdown(30000), 0);
    return checks_failed();
}

#endif
