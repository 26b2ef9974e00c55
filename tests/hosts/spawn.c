/* A host that starts programs while it signs in, by posix_spawn() and by vfork():
 * they get nothing of the library's, no connection, no file of a store, and no
 * signal mask. */

#define _GNU_SOURCE

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

#include "sessions.h"

enum { SPAWNS = 200, SIGNERS = 3 };

static volatile int over;

/* This program again, to look at what it was given. */
static int look(const char *allowed)
{
    sigset_t mask;
    int bad = 0;
    for (int fd = 3; fd < 256; fd++) {
        if (fd != atoi(allowed) && fcntl(fd, F_GETFD) != -1) {
            char path[64], target[256] = "";
            snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
            (void)!readlink(path, target, sizeof target - 1);
            printf("descriptor %d is %s\n", fd, target);
            bad = 1;
        }
    }
    if (pthread_sigmask(SIG_BLOCK, NULL, &mask) != 0 || sigismember(&mask, SIGALRM)) {
        printf("signals are blocked\n");
        bad = 1;
    }
    return bad;
}

/* What a thread signs in with, made before any program is started: the files that
 * this one reads for it are not the library's. */
struct signer {
    ropc_client *client;
    ropc_store *store;
    pthread_t thread;
};

/* A connection of its own for each login, and a file that is written. */
static void *sign_in_often(void *argument)
{
    const struct signer *signer = argument;
    while (!over) {
        ropc_session *session = session_of(signer->client, "ada", signer->store);
        ropc_error *error = NULL;
        ENDED(ropc_session_refresh(session, 0, LONG_MS, &error), ROPC_OK, ROPC_REASON_NONE);
        ropc_session_free(session);
    }
    return NULL;
}

static void prepare(struct signer *signer, int number)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    char name[20];
    CHECK_NUMBER(ropc_options_set_limit(options, ROPC_LIMIT_IDLE_CONNECTIONS, 0), ROPC_OK);
    signer->client = client_from(options);
    snprintf(name, sizeof name, "spawn-%d", number);
    CHECK_NUMBER(ropc_store_file(in_folder(name), &signer->store, NULL), ROPC_OK);
}

int main(int count, char **arguments)
{
    char *child[] = {arguments[0], getenv("STANDIN_LINE"), NULL};
    struct signer signers[SIGNERS];
    if (count > 1) {
        return look(arguments[1]);
    }
    for (int i = 0; i < SIGNERS; i++) {
        prepare(&signers[i], i);
    }
    for (int i = 0; i < SIGNERS; i++) {
        CHECK_NUMBER(pthread_create(&signers[i].thread, NULL, sign_in_often, &signers[i]), 0);
    }
    for (int i = 0; i < SPAWNS; i++) {
        pid_t pid = -1;
        if (i % 2 == 0) {
            check_about("posix_spawn()");
            CHECK_NUMBER(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, child, environ), 0);
        } else {
            check_about("vfork()");
            pid = vfork();
            if (pid == 0) {
                execve("/proc/self/exe", child, environ);
                _exit(99);
            }
        }
        CHECK_NUMBER(ended_as(pid), 0);
    }
    over = 1;
    for (int i = 0; i < SIGNERS; i++) {
        pthread_join(signers[i].thread, NULL);
        ropc_store_free(signers[i].store);
        ropc_client_free(signers[i].client);
    }
    return finish();
}
