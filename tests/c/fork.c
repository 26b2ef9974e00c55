/* fork() between two logins and in the middle of one: both processes sign in
 * with the client they share, each over connections of its own. Requests stay
 * with the process that made them. */

#include <sys/wait.h>
#include <unistd.h>

#include "requests.h"

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
        _exit(finish());
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

/* One of each kind, in the parent. */
static struct {
    ropc_request *unstarted, *running[3], *queued[2], *ended, *cancelled, *connect;
} of_parent;

/* In the child a request answers ROPC_E_STATE to everything, at once, and can
 * be freed. */
static void not_mine(ropc_request *request)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_request_poll(request), ROPC_E_STATE);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_STATE);
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_E_STATE);
    CHECK_NUMBER(ropc_request_start(request, &error), ROPC_E_STATE);
    CHECK_HOLDS(error == NULL ? NULL : error->message, "fork");
    ropc_error_free(error);
    CHECK_NUMBER(ropc_request_take_done(request, NULL), ROPC_E_STATE);
    CHECK_NUMBER(ropc_request_take_tokens(request, &tokens, &error), ROPC_E_STATE);
    CHECK(tokens == NULL);
    CHECK_HOLDS(error == NULL ? NULL : error->message, "fork");
    ropc_error_free(error);
    ropc_request_free(request);
}

static void with_requests_of_the_parent(ropc_client *client)
{
    long long began = now_ms();
    check_about("the parent's requests, in the child");
    not_mine(of_parent.unstarted);
    for (size_t i = 0; i < COUNT(of_parent.running); i++) {
        not_mine(of_parent.running[i]);
    }
    for (size_t i = 0; i < COUNT(of_parent.queued); i++) {
        not_mine(of_parent.queued[i]);
    }
    not_mine(of_parent.ended);
    not_mine(of_parent.cancelled);
    not_mine(of_parent.connect);
    CHECK(now_ms() - began < LONG_MS);
    /* Nothing is under way in this process: there is nothing to stop. */
    CHECK_NUMBER(ropc_client_cancel(client), ROPC_OK);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);

    check_about("requests of the child's own");
    for (int i = 0; i < 3; i++) {
        ends(started(client, "ada"), ROPC_OK, ROPC_REASON_NONE);
        ends(started(client, "locked"), ROPC_E_REFUSED, ROPC_REASON_LOCKED);
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    }
    ropc_request_free(started(client, "fault:never"));
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
    ends(started(client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    ropc_client_free(client);
}

/* Whatever a child does with them, the parent's requests go on to their
 * tokens. */
static void requests_in_flight(void)
{
    for (int round = 0; round < 5; round++) {
        ropc_client *client = new_client();
        pid_t pids[2];
        check_about("fork with requests in flight");
        CHECK_NUMBER(ropc_set_workers(COUNT(of_parent.running)), ROPC_OK);
        of_parent.unstarted = prepared(client, "ada");
        of_parent.ended = started(client, "ada");
        CHECK_NUMBER(ropc_request_wait(of_parent.ended, LONG_MS), ROPC_OK);
        CHECK_NUMBER(ropc_request_connect(client, &of_parent.connect, NULL), ROPC_OK);
        of_parent.cancelled = prepared(client, "ada");
        CHECK_NUMBER(ropc_request_cancel(of_parent.cancelled), ROPC_OK);
        for (size_t i = 0; i < COUNT(of_parent.running); i++) {
            of_parent.running[i] = started(client, "fault:delay_100");
        }
        for (size_t i = 0; i < COUNT(of_parent.queued); i++) {
            of_parent.queued[i] = started(client, "ada");
        }
        CHECK_NUMBER(ropc_request_start(of_parent.connect, NULL), ROPC_OK);
        /* Threads are at another place in each round. */
        rest_us(round * 1000);
        pids[0] = child(with_requests_of_the_parent, client);
        pids[1] = child(with_requests_of_the_parent, client);
        for (size_t i = 0; i < COUNT(of_parent.running); i++) {
            ends(of_parent.running[i], ROPC_OK, ROPC_REASON_NONE);
        }
        for (size_t i = 0; i < COUNT(of_parent.queued); i++) {
            ends(of_parent.queued[i], ROPC_OK, ROPC_REASON_NONE);
        }
        CHECK_NUMBER(ropc_request_wait(of_parent.connect, LONG_MS), ROPC_OK);
        CHECK_NUMBER(ropc_request_take_done(of_parent.connect, NULL), ROPC_OK);
        ropc_request_free(of_parent.connect);
        join(pids[0]);
        join(pids[1]);
        ends(of_parent.ended, ROPC_OK, ROPC_REASON_NONE);
        ends(of_parent.cancelled, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
        start(of_parent.unstarted);
        ends(of_parent.unstarted, ROPC_OK, ROPC_REASON_NONE);
        twice(client);
        ropc_client_free(client);
    }
    CHECK_NUMBER(ropc_set_workers(8), ROPC_OK);
}

int main(void)
{
    between_logins();
    in_the_middle();
    requests_in_flight();
    return finish();
}
