/* The floor without TLS: a request that is ready is written, its answer is read
 * to the end and looked at no further. */

#include "bench.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY "{\"client_id\":\"" BENCH_CLIENT_ID "\",\"grant_type\":\"password\"," \
    "\"username\":\"" BENCH_USER "\",\"password\":\"" BENCH_PASSWORD "\",\"response_type\":\"token\"}"

struct user {
    struct sockaddr_in address;
    int cold, socket;
    char request[1024], answer[16384];
};

const struct work bench_own[] = {{NULL, NULL}};

void *bench_client(const struct place *place) { return (void *)place; }

void *bench_user(void *client)
{
    const struct place *place = client;
    struct user *user = calloc(1, sizeof *user);
    int port;

    if (user == NULL || sscanf(place->base, "http://127.0.0.1:%d", &port) != 1)
        bench_fail("floor", "BASE_URL is http to 127.0.0.1");
    user->address.sin_family = AF_INET;
    user->address.sin_port = htons((uint16_t)port);
    user->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    user->cold = place->cold;
    user->socket = -1;
    snprintf(user->request, sizeof user->request,
             "POST " BENCH_PATH " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: raw\r\nAccept: application/json\r\n"
             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", port, sizeof BODY - 1, BODY);
    return user;
}

static void connect_to(struct user *user)
{
    int one = 1;

    user->socket = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(user->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(user->socket, (struct sockaddr *)&user->address, sizeof user->address) != 0)
        bench_fail("floor", "the server is not there");
}

/* How long the answer is, once its head is there; else more than can be. */
static size_t whole(const char *answer)
{
    const char *end = strstr(answer, "\r\n\r\n"), *length = strstr(answer, "Content-Length: ");

    if (end == NULL || length == NULL)
        return sizeof ((struct user *)NULL)->answer;
    return (size_t)(end + 4 - answer) + (size_t)atol(length + strlen("Content-Length: "));
}

void bench_login(void *argument)
{
    struct user *user = argument;
    size_t length = strlen(user->request), filled = 0;
    ssize_t count;

    if (user->socket < 0)
        connect_to(user);
    if (write(user->socket, user->request, length) != (ssize_t)length)
        bench_fail("floor", "the request was not sent whole");
    user->answer[0] = '\0';
    while (filled < whole(user->answer)) {
        count = read(user->socket, user->answer + filled, sizeof user->answer - 1 - filled);
        if (count <= 0)
            bench_fail("floor", "no whole answer came");
        filled += (size_t)count;
        user->answer[filled] = '\0';
    }
    if (strncmp(user->answer, "HTTP/1.1 200 ", 13) != 0)
        bench_fail("floor", "the server refused");
    if (user->cold) {
        close(user->socket);
        user->socket = -1;
    }
}
