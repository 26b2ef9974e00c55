/* A host that closes every descriptor it does not know, as daemons do when they
 * begin, and opens files of its own under the same numbers: a kept connection of
 * the library is gone then. What is the host's is neither written to, nor read,
 * nor closed. */

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "endtoend.h"

enum { MOST = 64 };

/* What the host had open before the library opened anything. */
static char was_open[MOST];

static void remember(void)
{
    for (int fd = 0; fd < MOST; fd++) {
        was_open[fd] = fcntl(fd, F_GETFD) != -1;
    }
}

/* The first descriptor that the library has, or -1. */
static int kept(void)
{
    for (int fd = 0; fd < MOST; fd++) {
        if (!was_open[fd] && fcntl(fd, F_GETFD) != -1) {
            return fd;
        }
    }
    return -1;
}

/* A descriptor of the host's in the place of one of the library's. */
struct taken_over {
    int fd;
    /* The other end of a socket; -1 for a file. */
    int other;
    struct stat about;
};

static struct taken_over take_over(int fd, int with_socket)
{
    struct taken_over taken = {fd, -1, {0}};
    int ends[2] = {-1, -1};
    if (with_socket) {
        /* One that blocks would hold a call that reads it for ever. */
        CHECK_NUMBER(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        CHECK_NUMBER(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
        taken.other = ends[1];
    } else {
        ends[0] = open(in_folder("closefrom.log"), O_RDWR | O_CREAT | O_TRUNC | O_APPEND, 0600);
    }
    CHECK_NUMBER(dup2(ends[0], fd), fd);
    close(ends[0]);
    CHECK_NUMBER(fstat(fd, &taken.about), 0);
    return taken;
}

/* It is as the host left it. Closes it. */
static void is_untouched(struct taken_over taken)
{
    struct stat now;
    char byte;
    if (CHECK(fstat(taken.fd, &now) == 0)
        && CHECK(now.st_dev == taken.about.st_dev && now.st_ino == taken.about.st_ino)) {
        CHECK_NUMBER(now.st_size, 0);
        if (taken.other != -1) {
            CHECK(recv(taken.other, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
            CHECK_NUMBER(send(taken.other, "h", 1, 0), 1);
            CHECK_NUMBER(recv(taken.fd, &byte, 1, 0), 1);
        }
        close(taken.fd);
    }
    if (taken.other != -1) {
        close(taken.other);
    }
}

enum next { LOGIN, FREE, REST, FORK, NEXT };

static const char *const nexts[NEXT] = {"the next login", "the end of the client", "a connection that grew old",
                                        "a daemon's child"};

static ropc_client *client_that_keeps(uint64_t ms)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_set_limit(options, ROPC_LIMIT_IDLE_MS, ms), ROPC_OK);
    /* A call that takes the host's socket for its own waits for an answer. */
    CHECK_NUMBER(ropc_options_set_timeouts(options, 3000, 3000), ROPC_OK);
    return client_from(options);
}

static void in_child(const ropc_client *client, int fd, int with_socket)
{
    pid_t pid = forked(50);
    if (pid == 0) {
        struct taken_over taken = take_over(fd, with_socket);
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
        is_untouched(taken);
        _exit(finish());
    }
    CHECK_NUMBER(ended_as(pid), 0);
    /* The parent's is as good as before. */
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    CHECK_NUMBER(kept(), fd);
}

static void try(enum next next, int with_socket)
{
    ropc_client *client = client_that_keeps(next == REST ? 50 : 600000);
    struct taken_over taken;
    int fd;
    check_about(nexts[next]);
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    fd = kept();
    if (!CHECK(fd != -1)) {
        return;
    }
    if (next == FORK) {
        in_child(client, fd, with_socket);
        ropc_client_free(client);
        return;
    }
    taken = take_over(fd, with_socket);
    if (next == FREE) {
        ropc_client_free(client);
    } else {
        /* Beyond the connection's age, or as long as it is used without a look. */
        rest_us(next == REST ? 60000 : 20000);
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    }
    is_untouched(taken);
    if (next != FREE) {
        ropc_client_free(client);
    }
}

int main(void)
{
    ropc_client *client;
    /* Whatever the C library opens for itself is open now. */
    client = new_client();
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    ropc_client_free(client);
    remember();
    CHECK_NUMBER(kept(), -1);

    check_about("closed, and nothing in its place");
    client = client_that_keeps(600000);
    for (int i = 0; i < 5; i++) {
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
        CHECK_NUMBER(close(kept()), 0);
    }
    ropc_client_free(client);
    for (int with_socket = 0; with_socket < 2; with_socket++) {
        for (int next = LOGIN; next < NEXT; next++) {
            try((enum next)next, with_socket);
        }
    }
    return finish();
}
