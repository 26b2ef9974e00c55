/* A host that loads each plug-in with all of its libraries into a namespace of its
 * own, glibc's dlmopen(): the library there has another C library under it. */

#include "copies.h"

int main(void)
{
    struct copy apart = copy_from("apart", dlmopen(LM_ID_NEWLM, where("ROPC_COPY_1"), RTLD_NOW | RTLD_LOCAL));
    ropc_client *client = client_of(&apart), *linked = new_client();
    ropc_request *request = NULL, *running = NULL;
    ropc_tokens *tokens = NULL;
    for (int i = 0; i < 3; i++) {
        CHECK_NUMBER(sign_in_with(&apart, client, "ada"), ROPC_OK);
        CHECK_NUMBER(sign_in_with(&apart, client, "locked"), ROPC_E_REFUSED);
        CHECK_NUMBER(sign_in(linked, "ada"), ROPC_OK);
    }
    CHECK_NUMBER(apart.request_login(client, "fault:delay_20", PASSWORD, &request, NULL), ROPC_OK);
    CHECK_NUMBER(apart.request_start(request, NULL), ROPC_OK);
    CHECK_NUMBER(apart.request_wait(request, LONG_MS), ROPC_OK);
    CHECK_NUMBER(apart.request_take_tokens(request, &tokens, NULL), ROPC_OK);
    CHECK_NUMBER(apart.request_login(client, "fault:never", PASSWORD, &running, NULL), ROPC_OK);
    CHECK_NUMBER(apart.request_start(running, NULL), ROPC_OK);
    CHECK_NUMBER(apart.shutdown(LONG_MS), 0);
    CHECK_NUMBER(apart.request_wait(running, 0), ROPC_E_CANCELLED);
    NO_THREADS_LEFT();
    apart.tokens_free(tokens);
    apart.request_free(request);
    apart.request_free(running);
    apart.client_free(client);
    CHECK_NUMBER(sign_in(linked, "ada"), ROPC_OK);
    ropc_client_free(linked);
    CHECK_NUMBER(dlclose(apart.handle), 0);
    return finish();
}
