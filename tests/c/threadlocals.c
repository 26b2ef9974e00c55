/* A host with a megabyte of thread-locals, which glibc takes off the stack of
 * every thread: this library's threads have room all the same. */

#include "requests.h"

static __thread char locals[1024 * 1024];

int main(void)
{
    ropc_client *client;
    ropc_request *requests[3];
    /* One worker, so that the others wait beside a clock keeper. */
    CHECK_NUMBER(ropc_set_workers(1), ROPC_OK);
    memset(locals, 1, sizeof locals);
    client = new_client();
    for (size_t i = 0; i < COUNT(requests); i++) {
        requests[i] = started(client, "fault:delay_20");
    }
    for (size_t i = 0; i < COUNT(requests); i++) {
        CHECK_NUMBER(ropc_request_wait(requests[i], LONG_MS), ROPC_OK);
        ropc_request_free(requests[i]);
    }
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    ropc_client_free(client);
    return finish();
}
