/* ropc_shutdown(): everything ends, nothing of the library is left in the
 * process, and the library can be used again. */

#include "stall.h"

#define IN_FLIGHT 50
#define BLOCKING 4
#define NEVER_MS 600000

/* Waits until `count` calls of this client have a connection: its log says so. */
static void connected(const ropc_client *client, int count)
{
    char *line = NULL;
    while (count > 0) {
        UNTIL(ropc_client_next_log(client, NULL, &line) == ROPC_OK && line != NULL);
        if (line == NULL) {
            return;
        }
        count -= strncmp(line, "connected ", 10) == 0;
        ropc_string_free(line);
    }
}

static ropc_client *patient_client(void)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_set_timeouts(options, NEVER_MS, NEVER_MS), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_log(options, ROPC_LOG_DEBUG, NULL, NULL), ROPC_OK);
    return client_from(options);
}

static void *block(void *client)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_login(client, "fault:never", PASSWORD, &tokens, &error), ROPC_E_CANCELLED);
    CHECK_NUMBER(error == NULL ? ROPC_REASON_NONE : error->reason, ROPC_REASON_CANCELLED);
    ropc_error_free(error);
    return NULL;
}

/* What a program has under way. */
struct load {
    ropc_client *client;
    ropc_request *requests[IN_FLIGHT];
    pthread_t threads[BLOCKING];
};

/* `workers` of the requests run, the others wait for a worker. */
static void begin(struct load *load, int workers)
{
    load->client = patient_client();
    CHECK_NUMBER(ropc_set_workers((uint32_t)workers), ROPC_OK);
    for (int i = 0; i < IN_FLIGHT; i++) {
        load->requests[i] = started(load->client, "fault:never");
    }
    for (int i = 0; i < BLOCKING; i++) {
        CHECK_NUMBER(pthread_create(&load->threads[i], NULL, block, load->client), 0);
    }
    connected(load->client, (workers < IN_FLIGHT ? workers : IN_FLIGHT) + BLOCKING);
}

/* All of it has ended as cancelled, and the client is as good as before. */
static void end(struct load *load)
{
    for (int i = 0; i < IN_FLIGHT; i++) {
        /* At once: nobody is left who could end it later. */
        CHECK_NUMBER(ropc_request_poll(load->requests[i]), ROPC_E_CANCELLED);
        taken(load->requests[i], ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
        ropc_request_free(load->requests[i]);
    }
    for (int i = 0; i < BLOCKING; i++) {
        pthread_join(load->threads[i], NULL);
    }
    ends(started(load->client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(sign_in(load->client, "ada"), ROPC_OK);
    ropc_client_free(load->client);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
}

static void in_flight(void)
{
    static const int workers[] = {IN_FLIGHT, 8, 1};
    struct load load;
    ropc_request *later;
    for (size_t row = 0; row < COUNT(workers); row++) {
        check_about(row == 0 ? "all run" : row == 1 ? "most wait for a worker" : "one runs");
        begin(&load, workers[row]);
        later = prepared(load.client, "ada");
        CHECK(threads_named("ropc-worker") >= workers[row]);
        CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
        NO_THREADS_LEFT();
        /* Again, with nothing left to do. */
        CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
        CHECK_NUMBER(ropc_shutdown(0), 0);
        /* What was not started is not touched. */
        CHECK_NUMBER(ropc_request_poll(later), ROPC_E_STATE);
        start(later);
        ends(later, ROPC_OK, ROPC_REASON_NONE);
        end(&load);
    }
    CHECK_NUMBER(ropc_set_workers(8), ROPC_OK);
}

static void *shut_down(void *argument)
{
    (void)argument;
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    return NULL;
}

static void at_once(void)
{
    pthread_t threads[4];
    struct load load;
    check_about("in several threads at once");
    begin(&load, 8);
    for (size_t i = 0; i < COUNT(threads); i++) {
        CHECK_NUMBER(pthread_create(&threads[i], NULL, shut_down, NULL), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    NO_THREADS_LEFT();
    end(&load);
}

/* A thread that does not come back in time is counted, and may come later. */
static void stuck(void)
{
    char url[64];
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *client;
    ropc_request *request;
    long long began;
    check_about("a look-up that does not end");
    snprintf(url, sizeof url, "https://%s/token", STUCK);
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_TOKEN, url), ROPC_OK);
    client = client_from(options);
    request = started(client, "ada");
    CHECK(reached(&look_up_begun));
    began = now_ms();
    CHECK(ropc_shutdown(200) >= 1);
    CHECK(now_ms() - began >= 199);
    /* The worker, which ends in a moment, may have been another. */
    UNTIL(ropc_shutdown(0) == 1);
    ends(request, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    /* It does not keep anybody else from anything. */
    ropc_client_free(client);
    client = new_client();
    ends(started(client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    ropc_client_free(client);
    UNTIL(ropc_shutdown(0) == 1);
    sem_post(&look_up_may_end);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
}

static int go_on = 1;
static pthread_mutex_t go_on_lock = PTHREAD_MUTEX_INITIALIZER;

static int still(int change)
{
    int now;
    pthread_mutex_lock(&go_on_lock);
    go_on = change ? 0 : go_on;
    now = go_on;
    pthread_mutex_unlock(&go_on_lock);
    return now;
}

/* Starts and waits; each ends in one of two ways, whatever happens around it. */
static void *keep_starting(void *client)
{
    while (still(0)) {
        ropc_request *request = started(client, "ada");
        ropc_status status = ropc_request_wait(request, LONG_MS);
        CHECK(status == ROPC_OK || status == ROPC_E_CANCELLED);
        ends(request, status, status == ROPC_OK ? ROPC_REASON_NONE : ROPC_REASON_CANCELLED);
    }
    return NULL;
}

/* Shutdowns while other threads start requests: each of these ends. */
static void under_fire(void)
{
    ropc_client *client = new_client();
    pthread_t threads[3];
    check_about("while requests are started");
    for (size_t i = 0; i < COUNT(threads); i++) {
        CHECK_NUMBER(pthread_create(&threads[i], NULL, keep_starting, client), 0);
    }
    for (int i = 0; i < 100; i++) {
        (void)ropc_shutdown((uint32_t)(i % 4));
        rest_us(i % 7 * 300);
    }
    still(1);
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
    }
    ends(started(client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    ropc_client_free(client);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
}

int main(void)
{
    int before = descriptors();
    check_about("before anything");
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    look_ups_begin();
    in_flight();
    at_once();
    stuck();
    under_fire();
    check_about("descriptors");
    CHECK_NUMBER(descriptors(), before);
    return finish();
}
