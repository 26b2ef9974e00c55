/* A server that hangs up while the request is still leaving must not end the
 * host program by SIGPIPE, which a C program has at its default. */

#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "standin.h"

enum { ROUNDS = 200 };

/* Closes each connection at once: the first write is answered by a reset, and
 * the second is the one that would raise the signal. */
static void *hang_up(void *argument)
{
    const int *listener = argument;
    for (int round = 0; round < ROUNDS; round++) {
        close(accept(*listener, NULL, NULL));
    }
    return NULL;
}

int main(void)
{
    /* Leaves in several writes. */
    static char password[60000];
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    struct sigaction action;
    pthread_t server;
    char url[64];
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *client;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK_NUMBER(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_NUMBER(listen(listener, 8), 0);
    CHECK_NUMBER(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%d/token", ntohs(address.sin_port));
    memset(password, 'x', sizeof password - 1);
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_TOKEN, url), ROPC_OK);
    client = client_from(options);

    CHECK_NUMBER(sigaction(SIGPIPE, NULL, &action), 0);
    CHECK(action.sa_handler == SIG_DFL);
    CHECK_NUMBER(pthread_create(&server, NULL, hang_up, &listener), 0);
    for (int round = 0; round < ROUNDS; round++) {
        ropc_tokens *tokens = NULL;
        CHECK_NUMBER(ropc_login(client, "ada", password, &tokens, NULL), ROPC_E_IO);
    }
    pthread_join(server, NULL);
    CHECK_NUMBER(sigaction(SIGPIPE, NULL, &action), 0);
    CHECK(action.sa_handler == SIG_DFL);

    ropc_client_free(client);
    close(listener);
    return finish();
}
