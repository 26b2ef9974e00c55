/* A cancel at every stage of a call: by ropc_request_cancel(), by
 * ropc_client_cancel(), of requests and of blocking calls; and that nobody else
 * notices. */

#include "stall.h"

/* The limits of all calls here are far beyond SOON_MS: what has ended by then
 * was ended by the cancel. */
#define SOON_MS 20000
#define NEVER_MS 600000
/* At least one of the calls that are cancelled at a stage ends so soon. A call
 * looks up by itself only after a second, so the cancel must have woken it. */
#define WOKEN_MS 500

static struct stalling handshake, whole_request, half_answer, silent_proxy;

/* Ways to know that a call has come somewhere. */
static int at_look_up(const ropc_client *client) { return (void)client, reached(&look_up_begun); }
static int at_handshake(const ropc_client *client) { return (void)client, reached(&handshake.reached); }
static int at_request(const ropc_client *client) { return (void)client, reached(&whole_request.reached); }
static int at_answer(const ropc_client *client) { return (void)client, reached(&half_answer.reached); }
static int at_proxy(const ropc_client *client) { return (void)client, reached(&silent_proxy.reached); }

/* The system lists a connection to that port whose SYN is not answered. */
static int syn_sent(const char *port)
{
    FILE *file = fopen("/proc/self/net/tcp", "r");
    char line[300];
    unsigned to, state;
    int found = 0;
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        found |= sscanf(line, " %*d: %*x:%*x %*x:%x %x", &to, &state) == 2 && to == (unsigned)atoi(port) && state == 2;
    }
    if (CHECK(file != NULL)) {
        fclose(file);
    }
    return found;
}

static int at_connect(const ropc_client *client)
{
    (void)client;
    UNTIL(syn_sent(where("STANDIN_BLACK_HOLE")));
    return 1;
}

/* The log says that there is a connection: the request is on its way. */
static int after_connect(const ropc_client *client)
{
    char *line = NULL;
    int connected = 0;
    UNTIL(ropc_client_next_log(client, NULL, &line) == ROPC_OK && line != NULL
          && (connected = strncmp(line, "connected ", 10) == 0, ropc_string_free(line), connected));
    return 1;
}

static const struct stage {
    const char *name;
    /* NULL for the stand-in. */
    const char *scheme, *host;
    struct stalling *server;
    const char *user;
    int (*reached)(const ropc_client *client);
    /* Between which stages the error is then; and whether the request was out:
     * -1 when that cannot be known. */
    ropc_stage first, last;
    int sent;
} stages[] = {
    {"look-up", "https", STUCK, NULL, "ada", at_look_up, ROPC_STAGE_LOOKUP, ROPC_STAGE_LOOKUP, 0},
    {"connect", "https", "127.0.0.1", NULL, "ada", at_connect, ROPC_STAGE_CONNECT, ROPC_STAGE_CONNECT, 0},
    {"proxy", NULL, NULL, &silent_proxy, "ada", at_proxy, ROPC_STAGE_PROXY, ROPC_STAGE_PROXY, 0},
    {"handshake", "https", "127.0.0.1", &handshake, "ada", at_handshake, ROPC_STAGE_TLS, ROPC_STAGE_TLS, 0},
    {"sent", "http", "127.0.0.1", &whole_request, "ada", at_request, ROPC_STAGE_SEND, ROPC_STAGE_RECEIVE, 1},
    {"receiving", "http", "127.0.0.1", &half_answer, "ada", at_answer, ROPC_STAGE_SEND, ROPC_STAGE_RECEIVE, 1},
    {"no answer, TLS", NULL, NULL, NULL, "fault:never", after_connect, ROPC_STAGE_TLS, ROPC_STAGE_RECEIVE, -1},
    {"drops, TLS", NULL, NULL, NULL, "fault:drip", after_connect, ROPC_STAGE_TLS, ROPC_STAGE_RECEIVE, -1},
};

/* The call is there, and most likely blocked in a system call by now: nothing
 * tells when it is. */
static void blocked(const struct stage *stage, const ropc_client *client)
{
    CHECK(stage->reached(client));
    rest_us(20000);
}

static ropc_client *client_for(const struct stage *stage)
{
    char url[128];
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    if (stage->scheme != NULL) {
        const char *port = stage->server != NULL ? stage->server->port : where("STANDIN_BLACK_HOLE");
        snprintf(url, sizeof url, "%s://%s:%s/token", stage->scheme, stage->host, port);
        CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_TOKEN, url), ROPC_OK);
    } else if (stage->server != NULL) {
        snprintf(url, sizeof url, "127.0.0.1:%s", stage->server->port);
        CHECK_NUMBER(ropc_options_set_proxy(options, url), ROPC_OK);
    }
    CHECK_NUMBER(ropc_options_set_timeouts(options, NEVER_MS, NEVER_MS), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_log(options, ROPC_LOG_DEBUG, NULL, NULL), ROPC_OK);
    return client_from(options);
}

/* The error of a cancelled call, which is freed. */
static void check_cancelled(const struct stage *stage, ropc_status status, ropc_tokens *tokens, ropc_error *error)
{
    CHECK_NUMBER(status, ROPC_E_CANCELLED);
    CHECK(tokens == NULL);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_CANCELLED);
        if (!CHECK(error->stage >= stage->first && error->stage <= stage->last)) {
            printf("     it was at stage %d\n", (int)error->stage);
        }
        CHECK(stage->sent < 0 || error->request_sent == stage->sent);
    }
    ropc_error_free(error);
}

/* Of the calls that were cancelled at the present stage. */
static long long fastest_ms;

static void ended_in(long long took_ms)
{
    CHECK(took_ms < SOON_MS);
    fastest_ms = took_ms < fastest_ms ? took_ms : fastest_ms;
}

/* A request that was cancelled ends now, and says so. */
static void ends_cancelled(const struct stage *stage, ropc_request *request)
{
    long long began = now_ms();
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    CHECK_NUMBER(ropc_request_wait(request, SOON_MS), ROPC_E_CANCELLED);
    ended_in(now_ms() - began);
    /* A second time, it changes nothing. */
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
    status = ropc_request_take_tokens(request, &tokens, &error);
    check_cancelled(stage, status, tokens, error);
    CHECK_NUMBER(ropc_request_poll(request), ROPC_E_CANCELLED);
    ropc_request_free(request);
}

struct blocking {
    const struct stage *stage;
    const ropc_client *client;
};

static void *block(void *argument)
{
    struct blocking *call = argument;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_login(call->client, call->stage->user, PASSWORD, &tokens, &error);
    check_cancelled(call->stage, status, tokens, error);
    return NULL;
}

static void at_stage(const struct stage *stage)
{
    char about[64];
    ropc_client *client = client_for(stage), *other = client_with_limit(NEVER_MS);
    ropc_request *request, *bystander;
    struct blocking call;
    pthread_t thread;
    long long began;
    int looks_up = stage->reached == at_look_up;

    fastest_ms = SOON_MS;
    snprintf(about, sizeof about, "%s: ropc_request_cancel", stage->name);
    check_about(about);
    request = started(client, stage->user);
    blocked(stage, client);
    CHECK_NUMBER(ropc_request_poll(request), ROPC_PENDING);
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
    ends_cancelled(stage, request);
    if (looks_up) {
        /* Detached, not ended; the next call would join it. */
        sem_post(&look_up_may_end);
        CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    }

    snprintf(about, sizeof about, "%s: ropc_client_cancel", stage->name);
    request = started(client, stage->user);
    bystander = started(other, "fault:delay_100");
    blocked(stage, client);
    CHECK_NUMBER(ropc_client_cancel(client), ROPC_OK);
    ends_cancelled(stage, request);
    ends(bystander, ROPC_OK, ROPC_REASON_NONE);
    if (looks_up) {
        sem_post(&look_up_may_end);
        CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    }

    snprintf(about, sizeof about, "%s: ropc_client_cancel of a blocking call", stage->name);
    call.stage = stage;
    call.client = client;
    CHECK_NUMBER(pthread_create(&thread, NULL, block, &call), 0);
    blocked(stage, client);
    began = now_ms();
    CHECK_NUMBER(ropc_client_cancel(client), ROPC_OK);
    pthread_join(thread, NULL);
    ended_in(now_ms() - began);
    CHECK(fastest_ms < WOKEN_MS);
    if (looks_up) {
        sem_post(&look_up_may_end);
    }

    snprintf(about, sizeof about, "%s: freed", stage->name);
    request = started(client, stage->user);
    if (!looks_up) {
        CHECK(stage->reached(client));
    }
    ropc_request_free(request);
    ropc_client_free(client);
    ropc_client_free(other);
    if (looks_up) {
        sem_post(&look_up_may_end);
    }
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    check_about("");
}

static void before_start(void)
{
    ropc_client *client = new_client();
    ropc_request *request = prepared(client, "ada");
    ropc_error *error = NULL;
    check_about("before the start");
    /* It is no call of the client's yet. */
    CHECK_NUMBER(ropc_client_cancel(client), ROPC_OK);
    CHECK_NUMBER(ropc_request_poll(request), ROPC_E_STATE);
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
    CHECK_NUMBER(ropc_request_poll(request), ROPC_E_CANCELLED);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_CANCELLED);
    CHECK_NUMBER(ropc_request_start(request, &error), ROPC_E_STATE);
    CHECK_NUMBER(error == NULL ? ROPC_REASON_NONE : error->reason, ROPC_REASON_STATE);
    ropc_error_free(error);
    taken(request, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    ropc_request_free(request);
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    ropc_client_free(client);
}

/* A worker that is busy keeps all others waiting: they are cancelled without
 * one. */
static void queued(void)
{
    ropc_client *client = client_with_limit(NEVER_MS), *other = client_with_limit(NEVER_MS), *brief;
    ropc_request *running, *first, *second, *third, *freed, *late;
    check_about("in the queue");
    CHECK_NUMBER(ropc_set_workers(1), ROPC_OK);
    running = started(client, "fault:never");
    first = started(client, "ada");
    second = started(other, "ada");
    freed = started(other, "ada");
    third = started(client, "ada");
    CHECK_NUMBER(ropc_request_cancel(first), ROPC_OK);
    /* At once: nothing has to run for it. */
    CHECK_NUMBER(ropc_request_poll(first), ROPC_E_CANCELLED);
    taken(first, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    ropc_request_free(first);
    ropc_request_free(freed);
    CHECK_NUMBER(ropc_client_cancel(other), ROPC_OK);
    CHECK_NUMBER(ropc_request_poll(second), ROPC_E_CANCELLED);
    taken(second, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    ropc_request_free(second);

    check_about("time runs in the queue");
    brief = client_with_limit(200);
    late = started(brief, "ada");
    ends(late, ROPC_E_TIMEOUT, ROPC_REASON_TIMED_OUT);
    ropc_client_free(brief);

    check_about("the rest of the queue");
    CHECK_NUMBER(ropc_request_poll(running), ROPC_PENDING);
    CHECK_NUMBER(ropc_request_poll(third), ROPC_PENDING);
    CHECK_NUMBER(ropc_request_cancel(running), ROPC_OK);
    ends(running, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    ends(third, ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(ropc_set_workers(8), ROPC_OK);
    ropc_client_free(client);
    ropc_client_free(other);
}

/* Tokens that have come are never thrown away. */
static void done(void)
{
    ropc_client *client = new_client();
    ropc_request *request = started(client, "ada");
    check_about("done");
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_OK);
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
    CHECK_NUMBER(ropc_client_cancel(client), ROPC_OK);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    ends(request, ROPC_OK, ROPC_REASON_NONE);
    ropc_client_free(client);
}

/* Whenever the cancel comes, the end is one of two, and both are whole. */
static void at_any_moment(void)
{
    ropc_client *client = new_client();
    int ended[2] = {0, 0};
    check_about("at any moment");
    for (int i = 0; i < 300; i++) {
        ropc_request *request = started(client, "fault:delay_1");
        ropc_status status;
        rest_us(i % 30 * 100);
        CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
        status = ropc_request_wait(request, SOON_MS);
        CHECK(status == ROPC_OK || status == ROPC_E_CANCELLED);
        ended[status == ROPC_OK]++;
        ends(request, status, status == ROPC_OK ? ROPC_REASON_NONE : ROPC_REASON_CANCELLED);
    }
    CHECK(ended[0] > 0);
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    ropc_client_free(client);
}

int main(void)
{
    look_ups_begin();
    stalling_begin(&handshake, STALL_AT_FIRST_BYTE);
    stalling_begin(&silent_proxy, STALL_AT_FIRST_BYTE);
    stalling_begin(&whole_request, STALL_AT_REQUEST);
    stalling_begin(&half_answer, STALL_IN_ANSWER);
    before_start();
    queued();
    for (size_t row = 0; row < COUNT(stages); row++) {
        at_stage(&stages[row]);
    }
    done();
    at_any_moment();
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    stalling_end(&handshake);
    stalling_end(&silent_proxy);
    stalling_end(&whole_request);
    stalling_end(&half_answer);
    return finish();
}
