/* SIGPIPE as it comes, ignored and handled: a server that hangs up in the middle of
 * what we send raises none, over TLS and without, in calls, requests, refreshes and
 * API calls; and the host's own broken pipe does what the host chose for it.
 * tests/c/sigpipe.c has the plain login. */

#define _POSIX_C_SOURCE 200809L

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "sessions.h"

/* What is passed on of each connection before it is cut off; enough for a handshake
 * and not for a request of 100,000 bytes. */
enum { CUT = 8000, ROUNDS = 20 };

static int listener;
static char port[8];
static volatile sig_atomic_t signals;

static void on_signal(int number)
{
    (void)number;
    signals++;
}

/* To the stand-in. */
static int upstream(void)
{
    struct sockaddr_in address;
    const char *colon = strrchr(where("STANDIN_HTTPS"), ':');
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((unsigned short)atoi(colon + 1));
    CHECK_NUMBER(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Says that it ends and then refuses what comes all the same: to send on raises
 * the signal. (A reset alone would be another error.) */
static void cut(int fd)
{
    struct linger now = {1, 0};
    shutdown(fd, SHUT_WR);
    CHECK_NUMBER(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close(fd);
}

/* Passes bytes on both ways until the client has sent too many; with -1 for a
 * server, to nobody. */
static void pass_on(int client, int server)
{
    struct pollfd ends[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    char bytes[1000];
    size_t sent = 0;
    while (sent < CUT && poll(ends, 2, LONG_MS) > 0) {
        for (int from = 0; from < 2; from++) {
            ssize_t count;
            if (ends[from].revents == 0) {
                continue;
            }
            count = recv(ends[from].fd, bytes, sizeof bytes, 0);
            if (count <= 0 || (server != -1 && send(ends[1 - from].fd, bytes, (size_t)count, MSG_NOSIGNAL) < 0)) {
                return;
            }
            sent += from == 0 ? (size_t)count : 0;
        }
    }
}

static void *relay(void *argument)
{
    int client;
    while ((client = accept(listener, NULL, NULL)) >= 0) {
        char first = '\0';
        int server;
        /* A handshake, or a request in plain text. */
        CHECK_NUMBER(recv(client, &first, 1, MSG_PEEK), 1);
        server = first == 0x16 ? upstream() : -1;
        pass_on(client, server);
        cut(client);
        if (server != -1) {
            close(server);
        }
    }
    return argument;
}

/* The stand-in through the relay, by TLS or not. */
static ropc_client *client_through_relay(int with_tls)
{
    char site[64], url[100];
    ropc_options *options = NULL;
    snprintf(site, sizeof site, "https://localhost:%s", port);
    snprintf(url, sizeof url, "http://127.0.0.1:%s/token", port);
    CHECK_NUMBER(ropc_options_loginradius(site, "demo", "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    if (!with_tls) {
        CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_TOKEN, url), ROPC_OK);
    }
    return client_from(options);
}

/* One that was signed in past the relay, and may call an API behind it. */
static ropc_session *direct_session(ropc_client **direct)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    char origin[64];
    snprintf(origin, sizeof origin, "https://localhost:%s", port);
    CHECK_NUMBER(ropc_options_add_api_origin(options, origin), ROPC_OK);
    *direct = client_from(options);
    return session_of(*direct, "ada", NULL);
}

static void cuts(int with_tls)
{
    static char password[60000];
    static uint8_t body[500000];
    ropc_client *client = client_through_relay(with_tls), *direct = NULL;
    ropc_session *session = direct_session(&direct);
    char url[100];
    snprintf(url, sizeof url, "https://localhost:%s/api/echo", port);
    memset(password, 'x', sizeof password - 1);
    for (int round = 0; round < ROUNDS; round++) {
        ropc_tokens *tokens = NULL;
        ropc_response *response = NULL;
        ropc_error *error = NULL;
        ropc_request *request = NULL;
        CHECK_NUMBER(ropc_login(client, "ada", password, &tokens, NULL), ROPC_E_IO);
        CHECK_NUMBER(ropc_refresh(client, password, &tokens, NULL), ROPC_E_IO);
        CHECK_NUMBER(ropc_request_login(client, "ada", password, &request, NULL), ROPC_OK);
        start(request);
        CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_IO);
        ropc_request_free(request);
        CHECK_NUMBER(ropc_session_call(session, "PUT", url, NULL, NULL, 0, body, sizeof body, &response, &error),
                     ROPC_E_IO);
        ropc_error_free(error);
    }
    ropc_session_free(session);
    ropc_client_free(direct);
    ropc_client_free(client);
}

/* The host's own pipe. */
static int broken_pipe(void)
{
    int ends[2];
    CHECK_NUMBER(pipe(ends), 0);
    close(ends[0]);
    return write(ends[1], "x", 1) == -1 && errno == EPIPE;
}

static void with_action(void (*action)(int))
{
    struct sigaction now;
    sigset_t pending, mask;
    CHECK(signal(SIGPIPE, action) != SIG_ERR);
    cuts(0);
    cuts(1);
    CHECK_NUMBER(signals, 0);
    CHECK_NUMBER(sigaction(SIGPIPE, NULL, &now), 0);
    CHECK(now.sa_handler == action);
    CHECK_NUMBER(sigpending(&pending), 0);
    CHECK_NUMBER(sigismember(&pending, SIGPIPE), 0);
    CHECK_NUMBER(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    CHECK_NUMBER(sigismember(&mask, SIGPIPE), 0);
}

static void as_it_comes(void)
{
    int status = 0;
    pid_t pid;
    with_action(SIG_DFL);
    pid = fork();
    if (pid == 0) {
        broken_pipe();
        _exit(0);
    }
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

int main(void)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    pthread_t thread;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_NUMBER(bind(listener, (struct sockaddr *)&address, sizeof address), 0);
    CHECK_NUMBER(listen(listener, 64), 0);
    CHECK_NUMBER(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    snprintf(port, sizeof port, "%d", ntohs(address.sin_port));
    CHECK_NUMBER(pthread_create(&thread, NULL, relay, NULL), 0);

    check_about("as it comes");
    as_it_comes();
    check_about("ignored");
    with_action(SIG_IGN);
    CHECK(broken_pipe());
    check_about("handled");
    with_action(on_signal);
    CHECK(broken_pipe());
    CHECK_NUMBER(signals, 1);
    shutdown(listener, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(listener);
    return finish();
}
