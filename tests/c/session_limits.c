/* A session where a program is not at rest: waits that run out, calls that are
 * cancelled, a shutdown, a signal a thousand times a second, a small stack. A
 * refresh that was sent is not lost to any of these. */

#include "sessions.h"

#include <signal.h>
#include <sys/time.h>

#define LIMIT_MS 300
/* How late a limit may be noticed on a busy machine. */
#define GRACE_MS 3000

static ropc_client *client;
static ropc_session *session;

/* Where a blocking call of another thread ends. */
struct waiter {
    pthread_t thread;
    ropc_status status;
};

static void *wait_for_token(void *argument)
{
    struct waiter *waiter = argument;
    ropc_token *token = NULL;
    waiter->status = ropc_session_token(session, 0, LONG_MS, &token, NULL);
    CHECK((waiter->status == ROPC_OK) == (token != NULL));
    ropc_token_free(token);
    return NULL;
}

/* A refresh that the server has and answers `how`, and somebody who waits;
 * until end() the server answers every refresh so. */
static void begin(const char *how, struct waiter *waiter)
{
    long refreshed = granted("refreshed");
    char command[40];
    expire(session);
    snprintf(command, sizeof command, "refresh fault:%s", how);
    ask_standin(command);
    CHECK_NUMBER(pthread_create(&waiter->thread, NULL, wait_for_token, waiter), 0);
    UNTIL(granted("refreshed") == refreshed + 1);
}

static ropc_status end(struct waiter *waiter)
{
    pthread_join(waiter->thread, NULL);
    ask_standin("refresh");
    return waiter->status;
}

static void waits_run_out(void)
{
    struct waiter waiter;
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    long refreshed = granted("refreshed");
    long long began;
    check_about("a wait that runs out");
    begin("delay_800", &waiter);
    began = now_ms();
    ENDED(ropc_session_token(session, 0, LIMIT_MS, &token, &error), ROPC_E_TIMEOUT, ROPC_REASON_TIMED_OUT);
    CHECK(token == NULL);
    CHECK(now_ms() - began >= LIMIT_MS - 1);
    CHECK(now_ms() - began <= LIMIT_MS + GRACE_MS);
    ENDED(ropc_session_token(session, 0, 0, &token, &error), ROPC_E_TIMEOUT, ROPC_REASON_TIMED_OUT);
    ENDED(ropc_session_refresh(session, 0, 1, &error), ROPC_E_TIMEOUT, ROPC_REASON_TIMED_OUT);
    /* The others' wait is their own, and the refresh goes on. */
    CHECK_NUMBER(end(&waiter), ROPC_OK);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
}

static void cancelled(void)
{
    struct waiter waiter;
    ropc_request *call = NULL;
    ropc_error *error = NULL;
    long refreshed = granted("refreshed");
    check_about("calls that are cancelled");
    begin("delay_300", &waiter);
    ENDED(ropc_request_session_call(session, "GET", at_standin("/api/echo"), NULL, NULL, 0, NULL, 0, &call, &error),
          ROPC_OK, ROPC_REASON_NONE);
    start(call);
    CHECK_NUMBER(ropc_client_cancel(client), ROPC_OK);
    CHECK_NUMBER(ropc_request_wait(call, LONG_MS), ROPC_E_CANCELLED);
    CHECK_NUMBER(end(&waiter), ROPC_E_CANCELLED);
    ropc_request_free(call);
    gives_token(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
}

static void shut_down(void)
{
    struct waiter waiter;
    long refreshed = granted("refreshed"), reused = granted("reused");
    check_about("a shutdown at rest");
    gives_token(session);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
    gives_token(session);
    expire(session);
    gives_token(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);

    check_about("a shutdown in a refresh");
    begin("delay_300", &waiter);
    /* It was sent, so it goes on; only who waits for it does not. */
    CHECK(ropc_shutdown(0) >= 1);
    CHECK_NUMBER(end(&waiter), ROPC_E_CANCELLED);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
    gives_token(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    CHECK_NUMBER(granted("refreshed"), refreshed + 2);
    CHECK_NUMBER(granted("reused"), reused);
}

/* Its answer never comes: the shutdown lasts until its time limit at most. */
static void shut_down_in_vain(void)
{
    ropc_options *options = options_with_identity("demo");
    ropc_client *hasty;
    ropc_session *patient = session;
    struct waiter waiter;
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    check_about("a shutdown in a refresh that is not answered");
    CHECK_NUMBER(ropc_options_set_timeouts(options, 1000, 1000), ROPC_OK);
    hasty = client_from(options);
    session = session_of(hasty, "ada", NULL);
    begin("never", &waiter);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
    CHECK_NUMBER(end(&waiter), ROPC_E_CANCELLED);
    ENDED(ropc_session_poll(session, 0, &token, &error), ROPC_E_UNCLEAR, ROPC_REASON_UNCLEAR);
    CHECK(token == NULL);
    CHECK_NUMBER(state_of(session), ROPC_SESSION_STATE_UNCLEAR);
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    ropc_session_free(session);
    ropc_client_free(hasty);
    session = patient;
}

static volatile sig_atomic_t signals;

static void on_alarm(int number)
{
    (void)number;
    signals++;
}

static void every_us(long microseconds)
{
    struct itimerval timer;
    timer.it_interval.tv_sec = timer.it_value.tv_sec = 0;
    timer.it_interval.tv_usec = timer.it_value.tv_usec = microseconds;
    CHECK_NUMBER(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static void signalled(void)
{
    struct sigaction action;
    struct waiter waiter;
    ropc_store *store = NULL;
    ropc_error *error = NULL;
    long refreshed = granted("refreshed");
    check_about("signals");
    ENDED(ropc_store_file(in_folder("signals"), &store, &error), ROPC_OK, ROPC_REASON_NONE);
    ropc_session_free(session);
    session = session_of(client, "ada", store);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_alarm;
    sigemptyset(&action.sa_mask);
    CHECK_NUMBER(sigaction(SIGALRM, &action, NULL), 0);
    for (int i = 0; i < 10; i++) {
        begin("delay_20", &waiter);
        every_us(1000);
        gives_token(session);
        CHECK_NUMBER(end(&waiter), ROPC_OK);
        CHECK_NUMBER(get(session, "/api/echo"), 200);
        every_us(0);
    }
    CHECK(signals > 50);
    CHECK_NUMBER(granted("refreshed"), refreshed + 10);
    begin("delay_800", &waiter);
    every_us(1000);
    for (int i = 0; i < 3; i++) {
        ropc_token *token = NULL;
        long long began = now_ms();
        ENDED(ropc_session_token(session, 0, 100, &token, &error), ROPC_E_TIMEOUT, ROPC_REASON_TIMED_OUT);
        CHECK(now_ms() - began >= 99);
    }
    CHECK_NUMBER(end(&waiter), ROPC_OK);
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    every_us(0);
    ropc_session_free(session);
    ropc_store_free(store);
    session = NULL;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
/* Instrumented code keeps room around every variable. */
#define STACK (1024 * 1024)
#endif
#endif
#ifndef STACK
#define STACK (128 * 1024)
#endif

/* A whole life of a session, on a thread as a game engine has it. */
static void *life(void *argument)
{
    ropc_client *own = client_with_identity();
    ropc_store *store = NULL;
    ropc_session *mine, *again = NULL;
    ropc_error *error = NULL;
    ENDED(ropc_store_file(in_folder("stack"), &store, &error), ROPC_OK, ROPC_REASON_NONE);
    mine = session_of(own, "ada", store);
    expire(mine);
    gives_token(mine);
    CHECK_NUMBER(get(mine, "/api/echo"), 200);
    CHECK_NUMBER(get(mine, "/api/always401"), 401);
    ENDED(ropc_session_resume(own, store, "ada", &again, &error), ROPC_OK, ROPC_REASON_NONE);
    gives_token(again);
    ENDED(ropc_session_sign_out(again, &error), ROPC_OK, ROPC_REASON_NONE);
    ropc_session_free(again);
    ropc_session_free(mine);
    ropc_store_free(store);
    ropc_client_free(own);
    return argument;
}

static void small_stack(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    check_about("a small stack");
    CHECK_NUMBER(pthread_attr_init(&attributes), 0);
    CHECK_NUMBER(pthread_attr_setstacksize(&attributes, STACK), 0);
    if (CHECK_NUMBER(pthread_create(&thread, &attributes, life, NULL), 0)) {
        pthread_join(thread, NULL);
    }
    pthread_attr_destroy(&attributes);
}

int main(void)
{
    client = client_with_identity();
    session = session_of(client, "ada", NULL);
    waits_run_out();
    cancelled();
    shut_down();
    shut_down_in_vain();
    signalled();
    small_stack();
    ropc_client_free(client);
    return finish();
}
