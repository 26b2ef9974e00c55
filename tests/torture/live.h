/* Does the same a thousand times, and says after the first hundred and in the end
 * how much of this process is in use. */

#ifndef LIVE_H
#define LIVE_H

#include "operations.h"

#define FIRST 100
#define ALL 1000

/* Of failing.c. */
__attribute__((weak)) void failing_live(long *blocks, long *bytes);

static void one_login(int number)
{
    (void)number;
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
}

static void one_refusal(int number)
{
    (void)number;
    CHECK_NUMBER(sign_in(client, "locked"), ROPC_E_REFUSED);
}

static long requests_seen(void)
{
    const char *place = strstr(ask_standin("counts"), "\"requests\": ");
    return CHECK(place != NULL) ? atol(place + strlen("\"requests\": ")) : -1;
}

/* Cancelled once the server has them, which never answers: ten at a time. */
static void every_tenth_cancels(int number)
{
    ropc_request *requests[10];
    long before = requests_seen();
    if (number % 10 != 0) {
        return;
    }
    for (size_t i = 0; i < COUNT(requests); i++) {
        requests[i] = started(client, "fault:never");
    }
    UNTIL(requests_seen() == before + (long)COUNT(requests));
    for (size_t i = 0; i < COUNT(requests); i++) {
        CHECK_NUMBER(ropc_request_cancel(requests[i]), ROPC_OK);
        ends(requests[i], ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    }
}

static void one_session(int number)
{
    ropc_session *one = session_of(client, "ada", store);
    (void)number;
    CHECK_NUMBER(ropc_session_refresh(one, 0, LONG_MS, NULL), ROPC_OK);
    gives_token(one);
    ropc_session_free(one);
}

static void one_client(int number)
{
    ropc_client *one = client_to_torture();
    (void)number;
    CHECK_NUMBER(sign_in(one, "ada"), ROPC_OK);
    ropc_client_free(one);
}

/* Forgets one in a hundred. */
static void one_leak(int number)
{
    ropc_tokens *tokens = NULL;
    CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, NULL), ROPC_OK);
    if (number % 100 != 0) {
        ropc_tokens_free(tokens);
    }
}

static const struct {
    const char *name;
    void (*one)(int number);
} counted[] = {
    {"logins", one_login},     {"refusals", one_refusal}, {"cancels", every_tenth_cancels},
    {"sessions", one_session}, {"clients", one_client},   {"planted_leak", one_leak},
};

/* With the client alive, and without any thread of the library that may be just
 * about to allocate or to free. */
static void say_live(int number)
{
    long blocks = 0, bytes = 0;
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    wait_for_threads();
    failing_live(&blocks, &bytes);
    printf("live\t%d\t%ld\t%ld\t%d\t%d\n", number, blocks, bytes, descriptors(), entries("/proc/self/task"));
    fflush(stdout);
}

static int count_live(const char *name)
{
    int before = descriptors();
    open_store();
    CHECK_NUMBER(ropc_set_workers(10), ROPC_OK);
    /* With it comes the buffer of standard output. */
    printf("\n");
    for (size_t i = 0; i < COUNT(counted); i++) {
        for (int number = 1; strcmp(counted[i].name, name) == 0 && number <= ALL; number++) {
            counted[i].one(number);
            if (number == FIRST || number == ALL) {
                say_live(number);
            }
        }
    }
    clean_up();
    wait_for_threads();
    printf("left\t%d\t%d\n", descriptors() - before, threads_named("ropc-"));
    return checks_failed();
}

#endif
