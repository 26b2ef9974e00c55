/* The threads that requests run on: never more than the limit, named, with
 * small stacks, gone when idle; and what happens when the system has none. */

/* For RTLD_NEXT. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>

#include "requests.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
/* The library is a debug build then, and there are more thread-locals. */
#define LARGEST_STACK (2 * 1024 * 1024)
#endif
#endif
#ifndef LARGEST_STACK
#define LARGEST_STACK (320 * 1024)
#endif

typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

/* AddressSanitizer's own, which has to see each thread begin. */
extern create_fn __interceptor_pthread_create __attribute__((weak));

/* How many threads may still be started; what is asked for them. */
static int threads_to_be_had = 1000000;
static size_t largest_stack;
static pthread_mutex_t create_lock = PTHREAD_MUTEX_INITIALIZER;

/* The library's threads begin here, for the program's own functions go before
 * those of the system: a system that is short of threads. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument)
{
    create_fn *create = __interceptor_pthread_create;
    size_t stack = 0;
    int refused;
    if (create == NULL) {
        void *symbol = dlsym(RTLD_NEXT, "pthread_create");
        memcpy(&create, &symbol, sizeof create);
    }
    pthread_mutex_lock(&create_lock);
    refused = threads_to_be_had-- <= 0;
    if (attributes != NULL && pthread_attr_getstacksize(attributes, &stack) == 0 && stack > largest_stack) {
        largest_stack = stack;
    }
    pthread_mutex_unlock(&create_lock);
    return refused ? EAGAIN : create(thread, attributes, work, argument);
}

static void to_be_had(int count)
{
    pthread_mutex_lock(&create_lock);
    threads_to_be_had = count;
    pthread_mutex_unlock(&create_lock);
}

/* A client that looks nothing up: each thread is a worker, or keeps the clock
 * of the queue. */
static ropc_client *client_by_address(uint32_t total_ms)
{
    char url[128];
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    snprintf(url, sizeof url, "%s/api/oauth/demo/token", where("STANDIN_HTTP"));
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_TOKEN, url), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_timeouts(options, total_ms, total_ms), ROPC_OK);
    return client_from(options);
}

/* `count` requests of 20 ms each, which end one after the other where that is
 * asked; the most workers that were seen meanwhile. */
static int most_workers(const ropc_client *client, int count, int in_order)
{
    ropc_request *requests[40];
    int most = 0, seen, ended = 0;
    for (int i = 0; i < count; i++) {
        requests[i] = started(client, "fault:delay_20");
    }
    while (ended < count) {
        seen = threads_named("ropc-worker");
        most = seen > most ? seen : most;
        /* From the last one back: what ends meanwhile confuses nobody. */
        for (int i = count - 1; in_order && i > 0; i--) {
            int later = ropc_request_poll(requests[i]) != ROPC_PENDING;
            CHECK(!later || ropc_request_poll(requests[i - 1]) != ROPC_PENDING);
        }
        ended += ropc_request_wait(requests[ended], 1) != ROPC_PENDING;
    }
    for (int i = 0; i < count; i++) {
        ends(requests[i], ROPC_OK, ROPC_REASON_NONE);
    }
    return most;
}

/* `count` workers that are busy, and requests that wait for them. */
static void all_busy(const ropc_client *client, int count)
{
    ropc_request *requests[10];
    for (size_t i = 0; i < COUNT(requests); i++) {
        requests[i] = started(client, "fault:never");
    }
    UNTIL(threads_named("ropc-worker") == count);
    for (size_t i = 0; i < COUNT(requests); i++) {
        CHECK_NUMBER(ropc_request_poll(requests[i]), ROPC_PENDING);
    }
    CHECK_NUMBER(threads_named("ropc-worker"), count);
    for (size_t i = 0; i < COUNT(requests); i++) {
        ropc_request_free(requests[i]);
    }
}

static void limits(void)
{
    ropc_client *client = client_by_address(LONG_MS);
    ropc_request *stuck, *queued[3];

    check_about("numbers that are no limit");
    CHECK_NUMBER(ropc_set_workers(0), ROPC_E_ARG);
    CHECK_NUMBER(ropc_set_workers(ROPC_MAX_WORKERS + 1), ROPC_E_ARG);
    CHECK_NUMBER(ropc_set_workers(ROPC_MAX_WORKERS), ROPC_OK);

    check_about("one worker");
    CHECK_NUMBER(ropc_set_workers(1), ROPC_OK);
    all_busy(client, 1);
    CHECK_NUMBER(most_workers(client, 10, 1), 1);
    check_about("three workers");
    CHECK_NUMBER(ropc_set_workers(3), ROPC_OK);
    all_busy(client, 3);
    CHECK(most_workers(client, 15, 0) <= 3);

    check_about("a lower limit");
    CHECK_NUMBER(ropc_set_workers(8), ROPC_OK);
    all_busy(client, 8);
    CHECK(most_workers(client, 40, 0) <= 8);
    CHECK_NUMBER(ropc_set_workers(2), ROPC_OK);
    UNTIL(threads_named("ropc-worker") <= 2);
    CHECK(most_workers(client, 10, 0) <= 2);

    check_about("a higher limit serves those who wait already");
    CHECK_NUMBER(ropc_set_workers(1), ROPC_OK);
    UNTIL(threads_named("ropc-worker") <= 1);
    stuck = started(client, "fault:never");
    for (size_t i = 0; i < COUNT(queued); i++) {
        queued[i] = started(client, "ada");
        CHECK_NUMBER(ropc_request_poll(queued[i]), ROPC_PENDING);
    }
    CHECK_NUMBER(ropc_set_workers(2), ROPC_OK);
    for (size_t i = 0; i < COUNT(queued); i++) {
        ends(queued[i], ROPC_OK, ROPC_REASON_NONE);
    }
    CHECK_NUMBER(ropc_request_poll(stuck), ROPC_PENDING);
    ropc_request_free(stuck);

    check_about("stacks");
    CHECK(largest_stack > 0);
    CHECK(largest_stack <= LARGEST_STACK);
    ropc_client_free(client);
}

/* Workers without work end by themselves, and others come after them. */
static void idle(void)
{
    ropc_client *client = client_by_address(LONG_MS);
    check_about("idle");
    ends(started(client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    UNTIL(threads_named("ropc-") == 0);
    ends(started(client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    ropc_client_free(client);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
}

static void no_thread_to_be_had(void)
{
    ropc_client *client = client_by_address(LONG_MS), *brief = client_by_address(200), *by_name = new_client();
    ropc_request *request = prepared(client, "ada"), *running, *late, *queued[5];
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    check_about("no thread at all");
    CHECK_NUMBER(ropc_set_workers(8), ROPC_OK);
    to_be_had(0);
    for (int i = 0; i < 3; i++) {
        CHECK_NUMBER(ropc_request_start(request, &error), ROPC_E_RESOURCES);
        if (CHECK(error != NULL)) {
            CHECK_NUMBER(error->reason, ROPC_REASON_RESOURCES);
            CHECK_NUMBER(error->request_sent, 0);
            CHECK_HOLDS(error->message, "thread");
        }
        ropc_error_free(error);
        CHECK_NUMBER(ropc_request_start(request, NULL), ROPC_E_RESOURCES);
        CHECK_NUMBER(ropc_request_poll(request), ROPC_E_STATE);
        CHECK_NUMBER(ropc_request_take_tokens(request, &tokens, NULL), ROPC_E_STATE);
    }
    /* A blocking call needs one for its look-up only. */
    CHECK_NUMBER(sign_in(by_name, "ada"), ROPC_E_RESOURCES);
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);

    check_about("a thread after all");
    to_be_had(1);
    start(request);
    ends(request, ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);

    check_about("one thread and no more");
    to_be_had(1);
    running = started(client, "fault:never");
    for (size_t i = 0; i < COUNT(queued); i++) {
        queued[i] = started(client, i % 2 ? "locked" : "ada");
    }
    late = started(brief, "ada");
    /* It gives itself its name. */
    UNTIL(threads_named("ropc-") == 1);
    CHECK_NUMBER(ropc_request_cancel(queued[0]), ROPC_OK);
    CHECK_NUMBER(ropc_request_poll(queued[0]), ROPC_E_CANCELLED);
    ropc_request_free(queued[0]);
    /* The time of the last one is over when the others get their turn. */
    rest_us(250000);
    CHECK_NUMBER(ropc_request_poll(running), ROPC_PENDING);
    ropc_request_free(running);
    for (size_t i = 1; i < COUNT(queued); i++) {
        ends(queued[i], i % 2 ? ROPC_E_REFUSED : ROPC_OK, i % 2 ? ROPC_REASON_LOCKED : ROPC_REASON_NONE);
    }
    /* Nobody kept the clock of the queue: it is noticed when its turn comes. */
    ends(late, ROPC_E_TIMEOUT, ROPC_REASON_TIMED_OUT);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    to_be_had(1000000);
    CHECK_NUMBER(sign_in(by_name, "ada"), ROPC_OK);
    ropc_client_free(client);
    ropc_client_free(brief);
    ropc_client_free(by_name);
}

int main(void)
{
    limits();
    idle();
    no_thread_to_be_had();
    return finish();
}
