/* pthread_cancel() of a thread inside a call is not supported, as the header says.
 * What remains is: a thread that may not be cancelled calls, and is cancelled once
 * it may; and one that is cancelled between its calls. */

#include "sessions.h"

static ropc_client *client;
static pthread_barrier_t together;

static void free_tokens(void *argument)
{
    ropc_tokens **tokens = argument;
    CHECK(*tokens != NULL);
    ropc_tokens_free(*tokens);
}

/* Is cancelled in the middle of its call, and ends after it. */
static void *protected(void *argument)
{
    ropc_tokens *tokens = NULL;
    int state;
    CHECK_NUMBER(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state), 0);
    pthread_cleanup_push(free_tokens, &tokens);
    pthread_barrier_wait(&together);
    CHECK_NUMBER(ropc_login(client, "fault:delay_100", PASSWORD, &tokens, NULL), ROPC_OK);
    CHECK_NUMBER(pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state), 0);
    pthread_testcancel();
    CHECK(!"still here");
    pthread_cleanup_pop(1);
    return argument;
}

static void free_request(void *argument)
{
    ropc_request *request = argument;
    CHECK_NUMBER(ropc_request_poll(request), ROPC_PENDING);
    ropc_request_free(request);
}

/* Is cancelled while it waits for something of its own, its request under way. */
static void *between(void *argument)
{
    ropc_request *request = started(client, "fault:never");
    pthread_cleanup_push(free_request, request);
    pthread_barrier_wait(&together);
    for (;;) {
        rest_us(1000000);
    }
    pthread_cleanup_pop(1);
    return argument;
}

static void cancel(void *(*work)(void *), int later_us)
{
    pthread_t thread;
    void *result = NULL;
    CHECK_NUMBER(pthread_create(&thread, NULL, work, NULL), 0);
    pthread_barrier_wait(&together);
    rest_us(later_us);
    CHECK_NUMBER(pthread_cancel(thread), 0);
    CHECK_NUMBER(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
}

int main(void)
{
    client = new_client();
    CHECK_NUMBER(pthread_barrier_init(&together, NULL, 2), 0);
    for (int round = 0; round < 10; round++) {
        check_about("cancelled in a call, not to be before it ends");
        cancel(protected, round * 10000);
        check_about("cancelled between calls");
        cancel(between, 0);
    }
    pthread_barrier_destroy(&together);
    ropc_client_free(client);
    return finish();
}
