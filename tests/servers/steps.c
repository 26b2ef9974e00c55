/*
 * Does one step after the other with one client, as lines on descriptor 0 tell
 * it: a word and arguments of the form name=value, with tabs between them.
 * Prints one line of JSON for each, with what came back, tokens included: they
 * are those of a test. Written from include/ropc.h alone.
 *
 *   client      makes a client from the arguments of signin.c and
 *                 revoke, userinfo, jwks   endpoints
 *                 issuer, nonce            of ID tokens
 *                 ended                    what else says that all is over
 *                 discover, others         an issuer to ask for endpoints, and
 *                                          1 to take them at other hosts too
 *   login       user, password
 *   refresh     token
 *   revoke      token; hint: none, access or refresh
 *   userinfo    token
 *   verify      token, access, nonce
 *   begin       user, password, store (a file), key: a session by signing in
 *   adopt       store, key: a session with the tokens of the last login
 *   resume      store, key: a session out of the store
 *   token       an access token out of the session
 *   renew
 *   call        method, url
 *   state
 *   leave       signs out
 *
 * Ends with its input; exit code 2 when this program itself went wrong.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_ARGUMENTS 32
#define WAIT_MS 20000

static ropc_client *client;
static ropc_tokens *tokens;
static ropc_session *session;

/* The words of the line that is being done. */
static int argc;
static char *argv[MOST_ARGUMENTS];

static const char *given(const char *name)
{
    return argument(argc, argv, name);
}

static long given_number(const char *name)
{
    const char *number = given(name);

    return number ? strtol(number, NULL, 10) : 0;
}

static void put_ok(void)
{
    printf("{\"status\": \"ROPC_OK\"");
}

static void end_line(void)
{
    printf("}\n");
}

/*
 * Whether it went well; prints why it did not. `out` is what the call stored,
 * or NULL when it stores nothing.
 */
static int went_well(ropc_status status, const void *out, int has_out, ropc_error *error)
{
    if (status == ROPC_OK && error == NULL && (out != NULL || !has_out))
        return 1;
    if (status == ROPC_OK || out != NULL || error == NULL || error->status != status)
        fail("status, output and error do not fit together");
    put_error(error);
    ropc_error_free(error);
    return 0;
}

static void do_client(void)
{
    const char *issuer = given("discover");
    ropc_options *options = NULL;
    ropc_error *error = NULL;
    ropc_status status = make_options(argc, argv, &options, &error);

    ropc_client_free(client);
    client = NULL;
    if (status == ROPC_OK && issuer) {
        ropc_options *found = NULL;

        status = ropc_discover(options, issuer, (int32_t)given_number("others"), &found, &error);
        ropc_options_free(options);
        options = found;
    }
    if (status == ROPC_OK)
        status = ropc_client_new(options, &client, &error);
    ropc_options_free(options);
    if (went_well(status, client, 1, error)) {
        put_ok();
        end_line();
    }
}

static void put_tokens(const ropc_tokens *some)
{
    put_ok();
    put_text("access_token", some->access_token);
    put_text("refresh_token", some->refresh_token);
    put_text("id_token", some->id_token);
    put_text("scope", some->scope);
    put_number("expires_in", some->expires_at - some->received_at);
    put_claims("id_claims", some, ROPC_TOKEN_KIND_ID);
    end_line();
}

static void do_login(void)
{
    ropc_error *error = NULL;
    ropc_status status;

    ropc_tokens_free(tokens);
    tokens = NULL;
    status = ropc_login(client, given("user"), given("password"), &tokens, &error);
    if (went_well(status, tokens, 1, error))
        put_tokens(tokens);
}

static void do_refresh(void)
{
    ropc_tokens *fresh = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_refresh(client, given("token"), &fresh, &error);

    if (went_well(status, fresh, 1, error))
        put_tokens(fresh);
    ropc_tokens_free(fresh);
}

/* A call that yields nothing but success. */
static void put_done(ropc_status status, ropc_error *error)
{
    if (went_well(status, NULL, 0, error)) {
        put_ok();
        end_line();
    }
}

static void do_revoke(void)
{
    const char *name = given("hint");
    int32_t hint = ROPC_HINT_NONE;
    ropc_error *error = NULL;
    ropc_status status;

    if (name && strcmp(name, "access") == 0)
        hint = ROPC_HINT_ACCESS;
    else if (name && strcmp(name, "refresh") == 0)
        hint = ROPC_HINT_REFRESH;
    status = ropc_revoke(client, given("token"), hint, &error);
    put_done(status, error);
}

/* A call that yields one JSON object, as the server wrote it; here on one line. */
static void put_object(ropc_status status, char *json, ropc_error *error)
{
    if (went_well(status, json, 1, error)) {
        char *end = json;

        while (*(end += strcspn(end, "\n")))
            *end = ' ';
        put_ok();
        printf(", \"says\": %s", json);
        end_line();
    }
    ropc_string_free(json);
}

static void do_userinfo(void)
{
    char *json = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_userinfo(client, given("token"), &json, &error);

    put_object(status, json, error);
}

static void do_verify(void)
{
    char *json = NULL;
    ropc_error *error = NULL;
    ropc_status status =
        ropc_verify_id_token(client, given("token"), given("access"), given("nonce"), &json, &error);

    put_object(status, json, error);
}

/* The session of before is freed: nothing is revoked, its record stays. */
static void begin_session(ropc_status (*begin)(const ropc_store *, ropc_error **))
{
    const char *path = given("store");
    ropc_store *store = NULL;
    ropc_error *error = NULL;
    ropc_status status = ROPC_OK;

    ropc_session_free(session);
    session = NULL;
    if (path)
        status = ropc_store_file(path, &store, &error);
    if (status == ROPC_OK)
        status = begin(store, &error);
    ropc_store_free(store);
    if (went_well(status, session, 1, error)) {
        put_ok();
        end_line();
    }
}

static ropc_status by_login(const ropc_store *store, ropc_error **error)
{
    return ropc_session_login(client, given("user"), given("password"), store, given("key"), &session, error);
}

static ropc_status by_tokens(const ropc_store *store, ropc_error **error)
{
    return ropc_session_new(client, tokens, store, given("key"), &session, error);
}

static ropc_status by_store(const ropc_store *store, ropc_error **error)
{
    return ropc_session_resume(client, store, given("key"), &session, error);
}

static void do_begin(void)
{
    begin_session(by_login);
}

static void do_adopt(void)
{
    begin_session(by_tokens);
}

static void do_resume(void)
{
    begin_session(by_store);
}

static void do_token(void)
{
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_session_token(session, 0, WAIT_MS, &token, &error);

    if (went_well(status, token, 1, error)) {
        put_ok();
        put_text("access_token", token->access_token);
        put_number("expires_at", token->expires_at);
        end_line();
    }
    ropc_token_free(token);
}

static void do_renew(void)
{
    ropc_error *error = NULL;
    ropc_status status = ropc_session_refresh(session, 0, WAIT_MS, &error);

    put_done(status, error);
}

static void do_call(void)
{
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    ropc_status status =
        ropc_session_call(session, given("method"), given("url"), NULL, NULL, 0, NULL, 0, &response, &error);

    if (went_well(status, response, 1, error)) {
        put_ok();
        put_number("http_status", response->http_status);
        put_bytes("body", (const char *)response->body, response->body_len);
        end_line();
    }
    ropc_response_free(response);
}

static void do_state(void)
{
    ropc_session_info *info = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_session_status(session, &info, &error);

    if (went_well(status, info, 1, error)) {
        put_ok();
        put_number("state", info->state);
        put_text("user_key", info->user_key);
        put_number("expires_at", info->expires_at);
        put_text("last_status", ropc_status_name(info->last_status));
        put_text("last_reason", ropc_reason_name(info->last_reason));
        end_line();
    }
    ropc_session_info_free(info);
}

static void do_leave(void)
{
    ropc_error *error = NULL;
    ropc_status status = ropc_session_sign_out(session, &error);

    put_done(status, error);
}

static void do_step(void)
{
    static const struct {
        const char *name;
        void (*step)(void);
    } steps[] = {
        {"client", do_client}, {"login", do_login},   {"refresh", do_refresh}, {"revoke", do_revoke},
        {"userinfo", do_userinfo}, {"verify", do_verify}, {"begin", do_begin}, {"adopt", do_adopt},
        {"resume", do_resume}, {"token", do_token},   {"renew", do_renew},     {"call", do_call},
        {"state", do_state},   {"leave", do_leave},
    };
    size_t i;

    for (i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (strcmp(steps[i].name, argv[0]) == 0) {
            steps[i].step();
            return;
        }
    fail("there is no step of that name");
}

static void split(char *line)
{
    char *word;

    line[strcspn(line, "\n")] = '\0';
    argc = 0;
    for (word = strtok(line, "\t"); word; word = strtok(NULL, "\t")) {
        if (argc == MOST_ARGUMENTS)
            fail("a line has too many arguments");
        argv[argc++] = word;
    }
    if (argc == 0)
        fail("a line is empty");
}

int main(void)
{
    static char line[65536];

    if (ropc_abi_check(ROPC_ABI) != ROPC_OK)
        fail("the library is older than the header");
    while (fgets(line, sizeof line, stdin)) {
        split(line);
        do_step();
        fflush(stdout);
    }
    ropc_session_free(session);
    ropc_tokens_free(tokens);
    ropc_client_free(client);
    return 0;
}
