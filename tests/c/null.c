/* Every pointer of every function up to the login NULL, one at a time; setters
 * have null_setters.c, what follows a login null_sessions.c. */

#include "standin.h"

static ropc_client *client;
/* Made, not started: whatever is refused leaves it so. */
static ropc_request *request;
static ropc_tokens *tokens;
static ropc_error *an_error;

/* What stands in every out-parameter before the call: it must not survive. */
static char left_over;

/* The pointer, or NULL when it is the one this call leaves out. */
#define P(number, pointer) ((number) == hole ? NULL : (pointer))

/* Out-parameters are emptied, and the error says ARGUMENT. */
static void refused(ropc_status status, const void *out, ropc_error **err, ropc_error *error)
{
    CHECK_NUMBER(status, ROPC_E_ARG);
    CHECK(out == NULL);
    if (err != NULL && CHECK(error != NULL && (void *)error != (void *)&left_over)) {
        CHECK_NUMBER(error->status, ROPC_E_ARG);
        CHECK_NUMBER(error->reason, ROPC_REASON_ARGUMENT);
        CHECK_NUMBER(error->stage, ROPC_STAGE_SETUP);
        CHECK_NUMBER(error->request_sent, 0);
        CHECK_HOLDS(error->message, "NULL");
        ropc_error_free(error);
    }
}

/* Runs `call` with an `out` of its type and, where asked for, an `err`. */
#define REFUSED(type, number, call)                                                                                    \
    do {                                                                                                               \
        type *result = (type *)(void *)&left_over, **out = P(number, &result);                                         \
        ropc_error *error = (ropc_error *)(void *)&left_over, **err = with_err ? &error : NULL;                        \
        ropc_status status = (call);                                                                                   \
        refused(status, out == NULL ? NULL : result, err, error);                                                      \
    } while (0)

static void loginradius(int hole, int with_err)
{
    REFUSED(ropc_options, 3, ropc_options_loginradius(P(0, "localhost"), P(1, "demo"), P(2, "id"), out, err));
}

static void oauth2(int hole, int with_err)
{
    REFUSED(ropc_options, 1, ropc_options_oauth2("https://localhost/token", P(0, "id"), out, err));
}

static void client_new(int hole, int with_err)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    REFUSED(ropc_client, 1, ropc_client_new(P(0, options), out, err));
    ropc_options_free(options);
}

static void login(int hole, int with_err)
{
    REFUSED(ropc_tokens, 3, ropc_login(P(0, client), P(1, "ada"), P(2, PASSWORD), out, err));
}

static void login_n(int hole, int with_err)
{
    REFUSED(ropc_tokens, 3, ropc_login_n(P(0, client), P(1, "ada"), 3, P(2, PASSWORD), 13, out, err));
}

static void grant(int hole, int with_err)
{
    const char *names[2] = {"username", "password"}, *values[2] = {"ada", PASSWORD};
    REFUSED(ropc_tokens, 4, ropc_grant(P(0, client), P(1, "password"), P(2, names), P(3, values), 2, out, err));
}

static void grant_element(int hole, int with_err)
{
    const char *names[2], *values[2];
    names[0] = P(0, "username");
    names[1] = P(1, "password");
    values[0] = P(2, "ada");
    values[1] = P(3, PASSWORD);
    REFUSED(ropc_tokens, -1, ropc_grant(client, "password", names, values, 2, out, err));
}

static void request_login(int hole, int with_err)
{
    REFUSED(ropc_request, 3, ropc_request_login(P(0, client), P(1, "ada"), P(2, PASSWORD), out, err));
}

static void request_login_n(int hole, int with_err)
{
    REFUSED(ropc_request, 3, ropc_request_login_n(P(0, client), P(1, "ada"), 3, P(2, PASSWORD), 13, out, err));
}

static void request_grant(int hole, int with_err)
{
    const char *names[2] = {"username", "password"}, *values[2] = {"ada", PASSWORD};
    REFUSED(ropc_request, 4,
            ropc_request_grant(P(0, client), P(1, "password"), P(2, names), P(3, values), 2, out, err));
}

static void request_grant_element(int hole, int with_err)
{
    const char *names[2], *values[2];
    names[0] = P(0, "username");
    names[1] = P(1, "password");
    values[0] = P(2, "ada");
    values[1] = P(3, PASSWORD);
    REFUSED(ropc_request, -1, ropc_request_grant(client, "password", names, values, 2, out, err));
}

static void request_connect(int hole, int with_err)
{
    REFUSED(ropc_request, 1, ropc_request_connect(P(0, client), out, err));
}

static void take_tokens(int hole, int with_err)
{
    REFUSED(ropc_tokens, 1, ropc_request_take_tokens(P(0, request), out, err));
}

/* These have no `out`. */
#define REFUSED_WITHOUT_OUT(call)                                                                                      \
    do {                                                                                                               \
        ropc_error *error = (ropc_error *)(void *)&left_over, **err = with_err ? &error : NULL;                        \
        ropc_status status = (call);                                                                                   \
        refused(status, NULL, err, error);                                                                             \
    } while (0)

static void take_done(int hole, int with_err) { REFUSED_WITHOUT_OUT(ropc_request_take_done(P(0, request), err)); }
static void client_connect(int hole, int with_err) { REFUSED_WITHOUT_OUT(ropc_client_connect(P(0, client), err)); }
static void request_start(int hole, int with_err) { REFUSED_WITHOUT_OUT(ropc_request_start(P(0, request), err)); }

static void tokens_claims(int hole, int with_err)
{
    REFUSED(char, 1, ropc_tokens_claims(P(0, tokens), ROPC_TOKEN_KIND_ACCESS, out, err));
}

static void client_proxy(int hole, int with_err)
{
    REFUSED(char, 1, ropc_client_proxy(P(0, client), out, err));
}

static void next_log(int hole, int with_err)
{
    (void)with_err;
    char *line = &left_over, **out = P(1, &line);
    int32_t level = ROPC_LOG_DEBUG;
    CHECK_NUMBER(ropc_client_next_log(P(0, client), &level, out), ROPC_E_ARG);
    CHECK_NUMBER(level, ROPC_LOG_OFF);
    CHECK(out == NULL || line == NULL);
}

static const struct {
    const char *name;
    void (*call)(int hole, int with_err);
    int pointers;
} functions[] = {
    {"ropc_options_loginradius", loginradius, 4},
    {"ropc_options_oauth2", oauth2, 2},
    {"ropc_client_new", client_new, 2},
    {"ropc_client_proxy", client_proxy, 2},
    {"ropc_client_next_log", next_log, 2},
    {"ropc_login", login, 4},
    {"ropc_login_n", login_n, 4},
    {"ropc_grant", grant, 5},
    {"ropc_grant, inside the arrays", grant_element, 4},
    {"ropc_client_connect", client_connect, 1},
    {"ropc_request_login", request_login, 4},
    {"ropc_request_login_n", request_login_n, 4},
    {"ropc_request_grant", request_grant, 5},
    {"ropc_request_grant, inside the arrays", request_grant_element, 4},
    {"ropc_request_connect", request_connect, 2},
    {"ropc_request_start", request_start, 1},
    {"ropc_request_take_tokens", take_tokens, 2},
    {"ropc_request_take_done", take_done, 1},
    {"ropc_tokens_claims", tokens_claims, 2},
};

/* What may be NULL, as the header says. */
static void allowed(void)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *made = NULL;
    check_about("NULL that is allowed");
    CHECK_NUMBER(ropc_options_set_response_type(options, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_log(options, ROPC_LOG_INFO, NULL, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_client_new(options, &made, NULL), ROPC_OK);
    CHECK(made != NULL);
    ropc_client_free(made);
    ropc_options_free(options);
    /* To be discovered; without that there is nothing to sign in to. */
    CHECK_NUMBER(ropc_options_oauth2(NULL, "id", &options, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_client_new(options, &made, NULL), ROPC_E_ARG);
    CHECK(made == NULL);
    ropc_options_free(options);
    ropc_wipe(NULL, 100);
}

/* On success `err` becomes NULL, whatever it held. */
#define ENDS_WELL(call)                                                                                                \
    do {                                                                                                               \
        ropc_error *error = (ropc_error *)(void *)&left_over, **err = &error;                                          \
        check_about(#call);                                                                                            \
        CHECK_NUMBER(call, ROPC_OK);                                                                                   \
        CHECK(error == NULL);                                                                                          \
    } while (0)

static void success(void)
{
    const char *names[] = {"username", "password"}, *values[] = {"ada", PASSWORD};
    ropc_options *options = NULL, *other = NULL;
    ropc_client *made = NULL;
    ropc_request *login = NULL, *login_n = NULL, *grant = NULL, *connect = NULL;
    ropc_tokens *of_login = NULL, *of_login_n = NULL, *of_grant = NULL, *of_request = NULL;
    char *json = NULL, *proxy = &left_over;

    ENDS_WELL(ropc_options_oauth2("https://localhost/token", "id", &other, err));
    ENDS_WELL(ropc_options_loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, err));
    trust_standin(options);
    ENDS_WELL(ropc_client_new(options, &made, err));
    ENDS_WELL(ropc_login(made, "ada", PASSWORD, &of_login, err));
    ENDS_WELL(ropc_login_n(made, "ada", 3, PASSWORD, strlen(PASSWORD), &of_login_n, err));
    ENDS_WELL(ropc_grant(made, "password", names, values, 2, &of_grant, err));
    ENDS_WELL(ropc_tokens_claims(of_login, ROPC_TOKEN_KIND_ACCESS, &json, err));
    ENDS_WELL(ropc_client_proxy(made, &proxy, err));
    CHECK(proxy == NULL);
    ENDS_WELL(ropc_client_connect(made, err));
    ENDS_WELL(ropc_request_login(made, "ada", PASSWORD, &login, err));
    ENDS_WELL(ropc_request_login_n(made, "ada", 3, PASSWORD, strlen(PASSWORD), &login_n, err));
    ENDS_WELL(ropc_request_grant(made, "password", names, values, 2, &grant, err));
    ENDS_WELL(ropc_request_connect(made, &connect, err));
    ENDS_WELL(ropc_request_start(login, err));
    CHECK_NUMBER(ropc_request_wait(login, 60000), ROPC_OK);
    ENDS_WELL(ropc_request_take_tokens(login, &of_request, err));
    ENDS_WELL(ropc_request_start(connect, err));
    CHECK_NUMBER(ropc_request_wait(connect, 60000), ROPC_OK);
    ENDS_WELL(ropc_request_take_done(connect, err));
    ropc_request_free(connect);
    ropc_request_free(grant);
    ropc_request_free(login_n);
    ropc_request_free(login);
    ropc_string_free(json);
    ropc_tokens_free(of_request);
    ropc_tokens_free(of_grant);
    ropc_tokens_free(of_login_n);
    ropc_tokens_free(of_login);
    ropc_client_free(made);
    ropc_options_free(options);
    ropc_options_free(other);
}

/* A request is all they take. */
static void functions_without_error(void)
{
    check_about("functions without an err");
    CHECK_NUMBER(ropc_request_poll(NULL), ROPC_E_ARG);
    CHECK_NUMBER(ropc_request_wait(NULL, 0), ROPC_E_ARG);
    CHECK_NUMBER(ropc_request_wait(NULL, 60000), ROPC_E_ARG);
    CHECK_NUMBER(ropc_request_cancel(NULL), ROPC_E_ARG);
    CHECK_NUMBER(ropc_client_cancel(NULL), ROPC_E_ARG);
    ropc_request_free(NULL);
}

static void functions_without_status(void)
{
    check_about("functions that return text");
    CHECK(ropc_tokens_extra(NULL, "scope") == NULL);
    CHECK(ropc_tokens_extra(tokens, NULL) == NULL);
    CHECK(ropc_error_extra(NULL, "Errors") == NULL);
    CHECK(ropc_error_extra(an_error, NULL) == NULL);
}

int main(void)
{
    ropc_tokens *none = NULL;
    client = new_client();
    CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_login(client, "mfa-native", PASSWORD, &none, &an_error), ROPC_E_REFUSED);
    CHECK_NUMBER(ropc_request_login(client, "ada", PASSWORD, &request, NULL), ROPC_OK);
    for (size_t row = 0; row < COUNT(functions); row++) {
        check_about(functions[row].name);
        for (int hole = 0; hole < functions[row].pointers; hole++) {
            functions[row].call(hole, 1);
            functions[row].call(hole, 0);
        }
    }
    allowed();
    success();
    functions_without_error();
    functions_without_status();
    check_about("the request that all of this was asked of");
    CHECK_NUMBER(ropc_request_poll(request), ROPC_E_STATE);
    ropc_request_free(request);
    ropc_tokens_free(tokens);
    ropc_error_free(an_error);
    ropc_client_free(client);
    return finish();
}
