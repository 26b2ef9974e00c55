/* Planted: tokens that are used after they were freed, inside the library:
 * found only if the library is instrumented as well. */

#include "standin.h"

int main(void)
{
    ropc_client *client = new_client();
    ropc_tokens *tokens = NULL;
    CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, NULL), ROPC_OK);
    ropc_tokens_free(tokens);
    CHECK(ropc_tokens_extra(tokens, "member") == NULL);
    ropc_client_free(client);
    return checks_failed();
}
