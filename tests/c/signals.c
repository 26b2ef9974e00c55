/* A timer's signal a thousand times a second, without SA_RESTART: calls
 * succeed, and time limits hold. */

#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include "standin.h"

#define LIMIT_MS 700
/* How late a limit may be noticed on a busy machine. */
#define GRACE_MS 3000

static volatile sig_atomic_t signals;

static void on_alarm(int number)
{
    (void)number;
    signals++;
}

static long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void every_ms(long microseconds)
{
    struct itimerval timer;
    timer.it_interval.tv_sec = timer.it_value.tv_sec = 0;
    timer.it_interval.tv_usec = timer.it_value.tv_usec = microseconds;
    CHECK_NUMBER(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static const struct {
    const char *what;
    const char *port;
    const char *user;
    ropc_stage stage;
    int request_sent;
} waits[] = {
    {"no answer", NULL, "fault:never", ROPC_STAGE_RECEIVE, 1},
    {"a byte every second", NULL, "fault:drip", ROPC_STAGE_RECEIVE, 1},
    {"a handshake that stalls", "STANDIN_STALLED_HANDSHAKE", "ada", ROPC_STAGE_TLS, 0},
    {"a connection that is not made", "STANDIN_BLACK_HOLE", "ada", ROPC_STAGE_CONNECT, 0},
};

static void check_wait(size_t row)
{
    ropc_options *options
        = waits[row].port ? options_for_port(where(waits[row].port)) : options_for(where("STANDIN_HTTPS"));
    ropc_client *client;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    long long started, took;

    CHECK_NUMBER(ropc_options_set_timeouts(options, LIMIT_MS, LIMIT_MS), ROPC_OK);
    client = client_from(options);
    started = now_ms();
    CHECK_NUMBER(ropc_login(client, waits[row].user, PASSWORD, &tokens, &error), ROPC_E_TIMEOUT);
    took = now_ms() - started;
    CHECK(took >= LIMIT_MS - 1);
    CHECK(took <= LIMIT_MS + GRACE_MS);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_TIMED_OUT);
        CHECK_NUMBER(error->stage, waits[row].stage);
        CHECK_NUMBER(error->request_sent, waits[row].request_sent);
    }
    ropc_error_free(error);
    ropc_client_free(client);
}

int main(void)
{
    struct sigaction action;
    ropc_client *client;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigemptyset(&action.sa_mask);
    CHECK_NUMBER(sigaction(SIGALRM, &action, NULL), 0);
    every_ms(1000);

    check_about("logins");
    client = new_client();
    for (int i = 0; i < 20; i++) {
        CHECK_NUMBER(sign_in(client, "fault:delay_20"), ROPC_OK);
    }
    CHECK_NUMBER(sign_in(client, "variant:big_token"), ROPC_OK);
    CHECK_NUMBER(sign_in(client, "locked"), ROPC_E_REFUSED);
    ropc_client_free(client);
    CHECK(signals > 50);
    for (size_t row = 0; row < COUNT(waits); row++) {
        check_about(waits[row].what);
        signals = 0;
        check_wait(row);
        CHECK(signals > 50);
    }
    every_ms(0);
    return checks_failed();
}
