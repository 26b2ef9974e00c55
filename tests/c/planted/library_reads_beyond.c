/* Planted: a length that is longer than the block. The library reads beyond
 * it, which is found only if the library is instrumented as well. */

#include "standin.h"

int main(void)
{
    ropc_client *client = new_client();
    ropc_tokens *tokens = NULL;
    char *password = malloc(8);
    if (password == NULL) {
        return 0;
    }
    memcpy(password, "too shor", 8);
    if (ropc_login_n(client, "ada", 3, password, 40, &tokens, NULL) == ROPC_OK) {
        ropc_tokens_free(tokens);
    }
    free(password);
    ropc_client_free(client);
    return checks_failed();
}
