/* A call needs no more than a stack of 128 KiB, as a game engine's threads
 * have it. */

#include "standin.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
/* Instrumented code keeps room around every variable. */
#define STACK (1024 * 1024)
#endif
#endif
#ifndef STACK
#define STACK (128 * 1024)
#endif

static const struct {
    const char *user;
    ropc_status status;
} logins[] = {
    {"ada", ROPC_OK},
    {"locked", ROPC_E_REFUSED},
    {"variant:deep", ROPC_E_ANSWER},
    {"variant:big_token", ROPC_OK},
    {"fault:truncate_chunked", ROPC_E_IO},
};

static void *work(void *argument)
{
    ropc_client *client = new_client();
    (void)argument;
    for (size_t row = 0; row < COUNT(logins); row++) {
        check_about(logins[row].user);
        CHECK_NUMBER(sign_in(client, logins[row].user), logins[row].status);
    }
    ropc_client_free(client);
    return NULL;
}

int main(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    size_t stack = 0;
    CHECK_NUMBER(pthread_attr_init(&attributes), 0);
    CHECK_NUMBER(pthread_attr_setstacksize(&attributes, STACK), 0);
    CHECK_NUMBER(pthread_attr_getstacksize(&attributes, &stack), 0);
    CHECK_NUMBER(stack, STACK);
    if (CHECK_NUMBER(pthread_create(&thread, &attributes, work, NULL), 0)) {
        pthread_join(thread, NULL);
    }
    pthread_attr_destroy(&attributes);
    return finish();
}
