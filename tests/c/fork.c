/* fork() between two logins and in the middle of one: both processes sign in
 * with the client they share, each over connections of its own. */

#include <sys/wait.h>
#include <unistd.h>

#include "standin.h"

/* Runs `work` in a child; its failures count here. A child that hangs is
 * ended by its alarm. */
static pid_t child(void (*work)(ropc_client *client), ropc_client *client)
{
    pid_t pid;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        check_failures = 0;
        alarm(30);
        work(client);
        fflush(stdout);
        _exit(checks_failed());
    }
    CHECK(pid > 0);
    return pid;
}

static void join(pid_t pid)
{
    int status = 0;
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_NUMBER(WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), 0);
}

static void twice(ropc_client *client)
{
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
}

static void twice_and_free(ropc_client *client)
{
    twice(client);
    ropc_client_free(client);
}

static void with_a_child(ropc_client *client)
{
    pid_t pid;
    twice(client);
    pid = child(twice, client);
    twice(client);
    join(pid);
}

static void between_logins(void)
{
    ropc_client *client = new_client();
    pid_t pids[3];
    check_about("fork before the first login");
    pids[0] = child(twice_and_free, client);
    twice(client);
    join(pids[0]);

    check_about("fork between logins");
    pids[0] = child(twice, client);
    pids[1] = child(twice_and_free, client);
    pids[2] = child(with_a_child, client);
    twice(client);
    for (int i = 0; i < 3; i++) {
        join(pids[i]);
    }
    /* The children ended, and freed: the parent's connections are as good. */
    twice(client);
    ropc_client_free(client);
}

static ropc_client *shared;

static void *sign_in_slowly(void *argument)
{
    (void)argument;
    for (int i = 0; i < 10; i++) {
        CHECK_NUMBER(sign_in(shared, "fault:delay_20"), ROPC_OK);
    }
    return NULL;
}

/* Other threads are inside calls when it forks; their locks are not the
 * child's. */
static void in_the_middle(void)
{
    pthread_t threads[4];
    check_about("fork while threads sign in");
    shared = new_client();
    for (int i = 0; i < 4; i++) {
        CHECK_NUMBER(pthread_create(&threads[i], NULL, sign_in_slowly, NULL), 0);
    }
    for (int i = 0; i < 10; i++) {
        pid_t pid = child(twice, shared);
        CHECK_NUMBER(sign_in(shared, "ada"), ROPC_OK);
        join(pid);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    twice(shared);
    ropc_client_free(shared);
}

int main(void)
{
    between_logins();
    in_the_middle();
    return checks_failed();
}
