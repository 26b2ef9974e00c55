/* APIs called with the user's token, blocking and beside the program: what is
 * sent and what comes back, tokens that an API refuses, what is never sent. */

#include "sessions.h"

static ropc_client *client;

/* A call, all of its arguments. */
struct call {
    const char *method, *url;
    const char *const *names, *const *values;
    size_t count;
    const char *body;
};

static ropc_status blocking(const ropc_session *session, const struct call *call, ropc_response **out, ropc_error **err)
{
    return ropc_session_call(session, call->method, call->url, call->names, call->values, call->count,
                             (const uint8_t *)call->body, call->body == NULL ? 0 : strlen(call->body), out, err);
}

static ropc_status beside(const ropc_session *session, const struct call *call, ropc_response **out, ropc_error **err)
{
    ropc_request *request = NULL;
    ropc_status status = ropc_request_session_call(session, call->method, call->url, call->names, call->values,
                                                   call->count, (const uint8_t *)call->body,
                                                   call->body == NULL ? 0 : strlen(call->body), &request, err);
    *out = NULL;
    if (status != ROPC_OK) {
        CHECK(request == NULL);
        return status;
    }
    CHECK_NUMBER(ropc_request_take_response(request, out, NULL), ROPC_E_STATE);
    start(request);
    status = ropc_request_wait(request, LONG_MS);
    CHECK_NUMBER(ropc_request_take_tokens(request, NULL, NULL), ROPC_E_ARG);
    CHECK_NUMBER(ropc_request_take_done(request, NULL), ROPC_E_STATE);
    CHECK_NUMBER(ropc_request_take_response(request, out, err), status);
    if (status == ROPC_OK) {
        ropc_response *twice = *out;
        CHECK_NUMBER(ropc_request_take_response(request, &twice, NULL), ROPC_E_STATE);
        CHECK(twice == NULL);
    }
    ropc_request_free(request);
    return status;
}

typedef ropc_status way(const ropc_session *, const struct call *, ropc_response **, ropc_error **);

/* A call without headers and body: its HTTP status. */
static int asks(way *ask, const ropc_session *session, const char *method, const char *path)
{
    struct call call = {method, at_standin(path), NULL, NULL, 0, NULL};
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    int status = 0;
    if (ENDED(ask(session, &call, &response, &error), ROPC_OK, ROPC_REASON_NONE) && CHECK(response != NULL)) {
        status = response->http_status;
        CHECK(response->body != NULL && response->body[response->body_len] == '\0');
    }
    ropc_response_free(response);
    return status;
}

static void there_and_back(way *ask, const ropc_session *session)
{
    const char *names[] = {"Accept", "X-Trace"}, *values[] = {"text/plain", "17"};
    struct call call = {"POST", at_standin("/api/echo?a=b"), names, values, 2, "{\"n\":1}"};
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    const char *seen;
    char *token = token_of(session, ROPC_OK, ROPC_REASON_NONE), bearer[2000];

    check_about("a POST with headers and a body");
    ask_standin("requests");
    ENDED(ask(session, &call, &response, &error), ROPC_OK, ROPC_REASON_NONE);
    if (CHECK(response != NULL)) {
        CHECK_NUMBER(response->http_status, 200);
        CHECK_TEXT(response->content_type, "application/json; charset=utf-8");
        CHECK_TEXT(ropc_response_header(response, "CONTENT-type"), response->content_type);
        CHECK(ropc_response_header(response, "X-Nothing") == NULL);
        CHECK(ropc_response_header(response, NULL) == NULL);
        CHECK_NUMBER(response->body_len, strlen((const char *)response->body));
        CHECK_HOLDS((const char *)response->body, "\"user\":\"ada\"");
        CHECK_HOLDS((const char *)response->body, "{\\\"n\\\":1}");
    }
    ropc_response_free(response);
    seen = ask_standin("requests");
    snprintf(bearer, sizeof bearer, "[\"authorization\", \"Bearer %s\"]", token);
    CHECK_NUMBER(count_in(seen, "\"target\": \"/api/echo?a=b\""), 1);
    CHECK_NUMBER(count_in(seen, bearer), 1);
    CHECK_NUMBER(count_in(seen, "[\"accept\", \"text/plain\"]"), 1);
    CHECK_NUMBER(count_in(seen, "[\"x-trace\", \"17\"]"), 1);
    CHECK_NUMBER(count_in(seen, API_KEY), 0);
    free(token);

    check_about("other methods and statuses");
    CHECK_NUMBER(asks(ask, session, "GET", "/api/echo"), 200);
    CHECK_NUMBER(count_in(ask_standin("requests"), "[\"accept\", \"application/json\"]"), 1);
    CHECK_NUMBER(asks(ask, session, "HEAD", "/api/echo"), 200);
    CHECK_NUMBER(asks(ask, session, "OPTIONS", "/api/echo"), 200);
    CHECK_NUMBER(asks(ask, session, "PUT", "/api/echo"), 200);
    CHECK_NUMBER(asks(ask, session, "PATCH", "/api/echo"), 200);
    CHECK_NUMBER(asks(ask, session, "DELETE", "/api/empty"), 204);
    CHECK_NUMBER(asks(ask, session, "GET", "/nothing/there"), 404);

    check_about("a redirect is not followed");
    ask_standin("requests");
    CHECK_NUMBER(asks(ask, session, "GET", "/api/redirect"), 302);
    CHECK_NUMBER(count_in(ask_standin("requests"), "\"target\""), 1);
}

/* An access token that ended at the server, which only the API says. */
static void refused_tokens(way *ask, const ropc_session *session)
{
    static const char *const apis[] = {"/api/echo", "/api/lr"};
    for (size_t i = 0; i < COUNT(apis); i++) {
        long refreshed = granted("refreshed");
        int refusal = i == 0 ? 401 : 403;
        check_about(apis[i]);
        ask_standin("expire_access");
        CHECK_NUMBER(asks(ask, session, "GET", apis[i]), 200);
        CHECK_NUMBER(granted("refreshed"), refreshed + 1);
        /* Sent once; the next one gets a new token first. */
        ask_standin("expire_access");
        ask_standin("requests");
        CHECK_NUMBER(asks(ask, session, "POST", apis[i]), refusal);
        CHECK_NUMBER(count_in(ask_standin("requests"), "\"target\""), 1);
        CHECK_NUMBER(asks(ask, session, "POST", apis[i]), 200);
        CHECK_NUMBER(granted("refreshed"), refreshed + 2);
    }
    check_about("an API that takes no token at all: it gets a new one once a minute");
    static int times;
    ask_standin("requests");
    CHECK_NUMBER(asks(ask, session, "GET", "/api/always401"), 401);
    CHECK_NUMBER(count_in(ask_standin("requests"), "\"target\": \"/api/always401\""), times++ == 0 ? 2 : 1);
    CHECK_NUMBER(asks(ask, session, "GET", "/api/echo"), 200);
}

static const char *const own[] = {"Authorization"}, *const broken[] = {"X-A"}, *const line[] = {"a\r\nb"},
                         *const one[] = {"1"}, *const not_a_name[] = {"X A"};

static const struct {
    const char *about, *method, *url;
    const char *const *names, *const *values;
    size_t count;
    const char *body;
    ropc_status status;
    ropc_reason reason;
} refusals[] = {
    {"small letters", "get", "/api/echo", NULL, NULL, 0, NULL, ROPC_E_ARG, ROPC_REASON_ARGUMENT},
    {"CONNECT", "CONNECT", "/api/echo", NULL, NULL, 0, NULL, ROPC_E_ARG, ROPC_REASON_ARGUMENT},
    {"a body with GET", "GET", "/api/echo", NULL, NULL, 0, "b", ROPC_E_ARG, ROPC_REASON_ARGUMENT},
    {"Authorization", "GET", "/api/echo", own, one, 1, NULL, ROPC_E_ARG, ROPC_REASON_ARGUMENT},
    {"a value of two lines", "GET", "/api/echo", broken, line, 1, NULL, ROPC_E_ARG, ROPC_REASON_ARGUMENT},
    {"a name that is none", "GET", "/api/echo", not_a_name, one, 1, NULL, ROPC_E_ARG, ROPC_REASON_ARGUMENT},
    {"no URL", "GET", "nowhere", NULL, NULL, 0, NULL, ROPC_E_ARG, ROPC_REASON_ARGUMENT},
    {"plain http", "GET", "http://api.example/", NULL, NULL, 0, NULL, ROPC_E_ARG, ROPC_REASON_ORIGIN_NOT_ALLOWED},
    {"another host", "GET", "https://api.example/", NULL, NULL, 0, NULL, ROPC_E_ARG, ROPC_REASON_ORIGIN_NOT_ALLOWED},
};

static void refused(way *ask, const ropc_session *session)
{
    ask_standin("requests");
    for (size_t i = 0; i < COUNT(refusals); i++) {
        const char *url = refusals[i].url[0] == '/' ? at_standin(refusals[i].url) : refusals[i].url;
        struct call call = {refusals[i].method, url,       refusals[i].names, refusals[i].values,
                            refusals[i].count,  refusals[i].body};
        ropc_response *response = NULL;
        ropc_error *error = NULL;
        check_about(refusals[i].about);
        ENDED(ask(session, &call, &response, &error), refusals[i].status, refusals[i].reason);
        CHECK(response == NULL);
    }
    CHECK_NUMBER(count_in(ask_standin("requests"), "\"target\""), 0);
}

/* Its other name is another origin, until the settings allow it. */
static void origins(way *ask)
{
    ropc_options *options = options_with_identity("demo");
    ropc_client *allowing;
    ropc_session *session = session_of(client, "ada", NULL);
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    char origin[64], url[100], dead[64];
    struct call call = {"GET", url, NULL, NULL, 0, NULL};

    check_about("another origin");
    snprintf(origin, sizeof origin, "https://127.0.0.1%s", strrchr(where("STANDIN_HTTPS"), ':'));
    snprintf(dead, sizeof dead, "https://localhost:%s", where("STANDIN_DEAD"));
    snprintf(url, sizeof url, "%s/api/echo", origin);
    ENDED(ask(session, &call, &response, &error), ROPC_E_ARG, ROPC_REASON_ORIGIN_NOT_ALLOWED);
    ropc_session_free(session);
    CHECK_NUMBER(ropc_options_add_api_origin(options, origin), ROPC_OK);
    CHECK_NUMBER(ropc_options_add_api_origin(options, dead), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_limit(options, ROPC_LIMIT_ANSWER_BYTES, 2048), ROPC_OK);
    allowing = client_from(options);
    session = session_of(allowing, "ada", NULL);
    ENDED(ask(session, &call, &response, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(response == NULL ? 0 : response->http_status, 200);
    ropc_response_free(response);

    check_about("an API that does not answer as wanted");
    CHECK_NUMBER(asks(ask, session, "GET", "/api/big?bytes=2048"), 200);
    snprintf(url, sizeof url, "%s/api/big?bytes=2049", origin);
    ENDED(ask(session, &call, &response, &error), ROPC_E_ANSWER, ROPC_REASON_ANSWER_TOO_LARGE);
    CHECK(response == NULL);
    snprintf(url, sizeof url, "%s/api/echo", dead);
    ENDED(ask(session, &call, &response, &error), ROPC_E_CONNECT, ROPC_REASON_CONNECTION_REFUSED);
    CHECK(response == NULL);
    /* None of this is the session's trouble. */
    CHECK_NUMBER(state_of(session), ROPC_SESSION_STATE_SIGNED_IN);
    ropc_session_free(session);
    ropc_client_free(allowing);
}

/* Cancelled while the API thinks; the session stays as it is. */
static void cancelled(const ropc_session *session)
{
    ropc_request *request = NULL;
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    check_about("a call that is cancelled");
    ask_standin("requests");
    ENDED(ropc_request_session_call(session, "GET", at_standin("/api/slow?ms=40000"), NULL, NULL, 0, NULL, 0, &request,
                                    &error),
          ROPC_OK, ROPC_REASON_NONE);
    start(request);
    UNTIL(count_in(ask_standin("requests"), "/api/slow") > 0);
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_CANCELLED);
    ENDED(ropc_request_take_response(request, &response, &error), ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    CHECK(response == NULL);
    ropc_request_free(request);
    CHECK_NUMBER(asks(blocking, session, "GET", "/api/echo"), 200);
}

/* A call on the only worker needs a refresh, which needs a worker too. */
static void one_worker(const ropc_session *session)
{
    check_about("one worker");
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    CHECK_NUMBER(ropc_set_workers(1), ROPC_OK);
    expire(session);
    CHECK_NUMBER(asks(beside, session, "GET", "/api/echo"), 200);
    CHECK_NUMBER(ropc_set_workers(8), ROPC_OK);
}

int main(void)
{
    way *const ways[] = {blocking, beside};
    ropc_session *session;
    client = client_with_identity();
    session = session_of(client, "ada", NULL);
    for (size_t i = 0; i < COUNT(ways); i++) {
        there_and_back(ways[i], session);
        refused_tokens(ways[i], session);
        refused(ways[i], session);
        origins(ways[i]);
    }
    cancelled(session);
    one_worker(session);
    ropc_session_free(session);
    ropc_client_free(client);
    return finish();
}
