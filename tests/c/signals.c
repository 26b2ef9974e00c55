/* A timer's signal a thousand times a second, without SA_RESTART: calls and
 * requests succeed, time limits hold, and a shutdown waits as long as it has
 * to. */

#include "stall.h"

#include <signal.h>
#include <sys/time.h>

#define LIMIT_MS 400
/* How late a limit may be noticed on a busy machine. */
#define GRACE_MS 3000

static volatile sig_atomic_t signals;

static void on_alarm(int number)
{
    (void)number;
    signals++;
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

/* Waits are cut short by nothing but their end. */
static void requests(void)
{
    ropc_client *client = new_client();
    ropc_request *request;
    long long began;

    check_about("requests that are waited for");
    for (int i = 0; i < 20; i++) {
        ends(started(client, "fault:delay_20"), ROPC_OK, ROPC_REASON_NONE);
    }
    check_about("requests that are polled");
    for (int i = 0; i < 20; i++) {
        request = started(client, i % 4 == 3 ? "locked" : "fault:delay_20");
        UNTIL(ropc_request_poll(request) != ROPC_PENDING);
        ends(request, i % 4 == 3 ? ROPC_E_REFUSED : ROPC_OK, i % 4 == 3 ? ROPC_REASON_LOCKED : ROPC_REASON_NONE);
    }
    check_about("a wait that runs out");
    request = started(client, "fault:never");
    signals = 0;
    began = now_ms();
    CHECK_NUMBER(ropc_request_wait(request, LIMIT_MS), ROPC_PENDING);
    CHECK(now_ms() - began >= LIMIT_MS - 1);
    CHECK(now_ms() - began <= LIMIT_MS + GRACE_MS);
    CHECK(signals > 50);
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
    ends(request, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    ropc_client_free(client);
}

static void *let_go(void *argument)
{
    rest_us(200000);
    sem_post(&look_up_may_end);
    return argument;
}

/* A look-up takes its time; the shutdown waits for it, and is not woken. */
static void shutdown_waits(void)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *client;
    ropc_request *request;
    pthread_t thread;
    char url[64];
    check_about("a shutdown that waits");
    look_ups_begin();
    snprintf(url, sizeof url, "https://%s/token", STUCK);
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_TOKEN, url), ROPC_OK);
    client = client_from(options);
    request = started(client, "ada");
    CHECK(reached(&look_up_begun));
    signals = 0;
    CHECK(ropc_shutdown(LIMIT_MS) >= 1);
    CHECK(signals > 50);
    CHECK_NUMBER(pthread_create(&thread, NULL, let_go, NULL), 0);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    pthread_join(thread, NULL);
    ends(request, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
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
    requests();
    shutdown_waits();
    every_ms(0);
    return finish();
}
