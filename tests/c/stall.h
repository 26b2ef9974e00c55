/* A server that takes one connection at a time, reads until it has what it was
 * told to wait for, says so, and then is silent until the client is gone; and a
 * name look-up that does not end before it is told to. So a test knows where
 * its call is, without a guess about time. */

#ifndef STALL_H
#define STALL_H

/* For RTLD_NEXT: this file comes first. */
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <sys/socket.h>
#include <unistd.h>

#include "requests.h"

enum stall {
    /* Something came: with https:// that is a ClientHello. */
    STALL_AT_FIRST_BYTE,
    /* A whole request came. */
    STALL_AT_REQUEST,
    /* The same, and half of an answer was sent. */
    STALL_IN_ANSWER
};

struct stalling {
    enum stall stall;
    int listener;
    char port[8];
    sem_t reached;
    pthread_t thread;
};

/* Waits for `semaphore`, but not for ever. */
static inline int reached(sem_t *semaphore)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += LONG_MS / 1000;
    while (sem_timedwait(semaphore, &until) != 0) {
        if (errno != EINTR) {
            return 0;
        }
    }
    return 1;
}

static inline void *stall_clients(void *argument)
{
    static const char half[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Content-Length: 500\r\n\r\n{\"access_token\":\"half";
    struct stalling *server = argument;
    int client;
    while ((client = accept(server->listener, NULL, NULL)) >= 0) {
        char request[8192];
        size_t len = 0;
        ssize_t more;
        int told = 0;
        while (len < sizeof request - 1 && (more = recv(client, request + len, sizeof request - 1 - len, 0)) > 0) {
            len += (size_t)more;
            request[len] = '\0';
            /* The last byte of a body in JSON. */
            if (told || (server->stall != STALL_AT_FIRST_BYTE && request[len - 1] != '}')) {
                continue;
            }
            if (server->stall == STALL_IN_ANSWER) {
                CHECK_NUMBER(send(client, half, sizeof half - 1, 0), sizeof half - 1);
            }
            told = 1;
            sem_post(&server->reached);
        }
        close(client);
    }
    return NULL;
}

static inline void stalling_begin(struct stalling *server, enum stall stall)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->stall = stall;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_NUMBER(bind(server->listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_NUMBER(listen(server->listener, 64), 0);
    CHECK_NUMBER(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
    snprintf(server->port, sizeof server->port, "%d", ntohs(address.sin_port));
    CHECK_NUMBER(sem_init(&server->reached, 0, 0), 0);
    CHECK_NUMBER(pthread_create(&server->thread, NULL, stall_clients, server), 0);
}

static inline void stalling_end(struct stalling *server)
{
    /* Ends the accept(). */
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    sem_destroy(&server->reached);
}

/* The name whose look-up does not end before `look_up_may_end` says so. */
#define STUCK "stuck.example"

static sem_t look_up_begun, look_up_may_end;

static inline void look_ups_begin(void)
{
    CHECK_NUMBER(sem_init(&look_up_begun, 0, 0), 0);
    CHECK_NUMBER(sem_init(&look_up_may_end, 0, 0), 0);
}

/* The library's look-ups come here: a program's own functions go before those
 * of the system. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    int (*system_s)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *symbol = dlsym(RTLD_NEXT, "getaddrinfo");
    if (strcmp(name, STUCK) != 0) {
        memcpy(&system_s, &symbol, sizeof system_s);
        return system_s(name, service, hints, found);
    }
    sem_post(&look_up_begun);
    reached(&look_up_may_end);
    return EAI_NONAME;
}

#endif
