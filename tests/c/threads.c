/* 32 threads share one client; run.py counts requests and connections. */

#include "standin.h"

#define THREADS 32
#define LOGINS 20

static void *work(void *argument)
{
    const ropc_client *client = argument;
    for (int i = 0; i < LOGINS; i++) {
        ropc_tokens *tokens = NULL;
        ropc_error *error = NULL;
        if (i % 4 == 3) {
            CHECK_NUMBER(ropc_login(client, "locked", PASSWORD, &tokens, &error), ROPC_E_REFUSED);
            CHECK(tokens == NULL && error != NULL && error->reason == ROPC_REASON_LOCKED);
        } else {
            CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, &error), ROPC_OK);
            CHECK(tokens != NULL && error == NULL);
        }
        ropc_tokens_free(tokens);
        ropc_error_free(error);
    }
    return NULL;
}

int main(void)
{
    ropc_client *client = new_client();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        if (!CHECK_NUMBER(pthread_create(&threads[i], NULL, work, client), 0)) {
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ropc_client_free(client);
    return finish();
}
