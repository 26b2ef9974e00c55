/* A host that starts programs while it signs in, by posix_spawn() and by vfork():
 * they get nothing of the library's, no connection, no file of a store, and no
 * signal mask. */

#define _GNU_SOURCE

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

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

/* A connection of its own for each login, and a file that is written. */
static void *sign_in_often(void *argument)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *client;
    ropc_store *store = NULL;
    char path[300];
    CHECK_NUMBER(ropc_options_set_limits(options, ROPC_LIMIT_IDLE_CONNECTIONS, 0), ROPC_OK);
    client = client_from(options);
    snprintf(path, sizeof path, "%s/%s-spawn-%d", where("STANDIN_FOLDER"), where("ROPC_WAY"), *(int *)argument);
    CHECK_NUMBER(ropc_store_file(path, &store, NULL), ROPC_OK);
    while (!over) {
        ropc_session *session = session_of(client, "ada", store);
        ropc_error *error = NULL;
        ENDED(ropc_session_refresh(session, 0, LONG_MS, &error), ROPC_OK, ROPC_REASON_NONE);
        ropc_session_free(session);
    }
    ropc_store_free(store);
    ropc_client_free(client);
    return NULL;
}

static void joined(pid_t pid)
{
    int status = 0;
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    CHECK_NUMBER(WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), 0);
}

int main(int count, char **arguments)
{
    char *child[] = {arguments[0], getenv("STANDIN_LINE"), NULL};
    pthread_t signers[SIGNERS];
    int numbers[SIGNERS];
    if (count > 1) {
        return look(arguments[1]);
    }
    for (int i = 0; i < SIGNERS; i++) {
        numbers[i] = i;
        CHECK_NUMBER(pthread_create(&signers[i], NULL, sign_in_often, &numbers[i]), 0);
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
        joined(pid);
    }
    over = 1;
    for (int i = 0; i < SIGNERS; i++) {
        pthread_join(signers[i], NULL);
    }
    return finish();
}
