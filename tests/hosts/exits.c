/* The process ends with calls under way, in every way that C knows, and with
 * handlers that call the library on the way: at once, with its own code, in
 * silence. Each case in a child. */


#include "sessions.h"

enum { CODE = 7 };

static ropc_client *client;
static ropc_session *session;
static pthread_t blocked;

static void *block(void *argument)
{
    ropc_tokens *tokens = NULL;
    (void)!ropc_login(client, "fault:never", PASSWORD, &tokens, NULL);
    ropc_tokens_free(tokens);
    return argument;
}

/* A blocking call, a request that runs, one that waits for a worker, and a refresh. */
static void get_busy(void)
{
    ropc_token *token = NULL;
    int hanging = 0;
    char *text;
    ask_standin("requests");
    CHECK_NUMBER(ropc_set_workers(1), ROPC_OK);
    client = client_with_limit(600000);
    session = session_of(client, "ada", NULL);
    text = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(ropc_session_expire(session, text), ROPC_OK);
    free(text);
    CHECK_NUMBER(ropc_session_poll(session, 0, &token, NULL), ROPC_PENDING);
    CHECK_NUMBER(pthread_create(&blocked, NULL, block, NULL), 0);
    (void)started(client, "fault:never");
    (void)started(client, "fault:never");
    /* Two are at the server, and the third waits. */
    UNTIL((hanging += count_in(ask_standin("requests"), "fault:never")) >= 2);
}

static void shut_down(void)
{
    if (ropc_shutdown(LONG_MS) != 0 || threads_named("ropc-") != 0) {
        _exit(90);
    }
}

static void sign_in_again(void)
{
    if (sign_in(client, "ada") != ROPC_OK) {
        _exit(91);
    }
}

static void free_all(void)
{
    ropc_session_free(session);
    ropc_shutdown(LONG_MS);
    pthread_join(blocked, NULL);
    ropc_client_free(client);
}

static void *exit_here(void *argument)
{
    exit(CODE);
    return argument;
}

static void by_exit(void) { exit(CODE); }

static void by_underscore(void) { _exit(CODE); }

static void on_another_thread(void)
{
    pthread_t thread;
    CHECK_NUMBER(pthread_create(&thread, NULL, exit_here, NULL), 0);
    pthread_join(thread, NULL);
}

static void with_shutdown(void)
{
    CHECK_NUMBER(atexit(shut_down), 0);
    exit(CODE);
}

/* Handlers run last to first. */
static void with_login_and_shutdown(void)
{
    CHECK_NUMBER(atexit(shut_down), 0);
    CHECK_NUMBER(atexit(sign_in_again), 0);
    exit(CODE);
}

static void with_everything_freed(void)
{
    CHECK_NUMBER(atexit(free_all), 0);
    on_another_thread();
}

static void with_requests_not_freed(void)
{
    CHECK_NUMBER(atexit(sign_in_again), 0);
    on_another_thread();
}

static void exit_in_log(void *user, int32_t level, const char *line)
{
    (void)user;
    (void)level;
    (void)line;
    exit(CODE);
}

/* A log function is the host's code like any other. */
static void in_a_log_function(void)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_set_log(options, ROPC_LOG_DEBUG, exit_in_log, NULL), ROPC_OK);
    (void)sign_in(client_from(options), "ada");
}

static int32_t exit_in_save(void *user, const char *user_key, const char *record)
{
    (void)user;
    (void)user_key;
    (void)record;
    exit(CODE);
}

static void in_a_save_function(void)
{
    ropc_store *store = NULL;
    CHECK_NUMBER(ropc_store_host(exit_in_save, NULL, &store, NULL), ROPC_OK);
    (void)token_of(session_of(client, "ada", store), ROPC_OK, ROPC_REASON_NONE);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"exit()", by_exit},
    {"_exit()", by_underscore},
    {"exit() on another thread", on_another_thread},
    {"a handler that shuts down", with_shutdown},
    {"handlers that sign in and shut down", with_login_and_shutdown},
    {"a handler that frees everything", with_everything_freed},
    {"a handler that signs in and leaves the rest", with_requests_not_freed},
    {"exit() in a log function", in_a_log_function},
    {"exit() in a save function", in_a_save_function},
};

/* Ends when the last thread does, by itself: the workers go when they are idle. */
static void by_pthread_exit(void)
{
    ropc_client *own = new_client();
    ropc_request_free(started(own, "ada"));
    (void)started(own, "fault:delay_20");
    pthread_exit(NULL);
}

static void in_child(const char *name, void (*busy)(void), void (*run)(void), int code)
{
    pid_t pid;
    check_about(name);
    pid = forked(50);
    if (pid == 0) {
        busy();
        if (check_failures != 0) {
            _exit(92);
        }
        run();
        _exit(93);
    }
    CHECK_NUMBER(ended_as(pid), code);
}

static void nothing(void) {}

int main(void)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        in_child(cases[i].name, get_busy, cases[i].run, CODE);
    }
    in_child("pthread_exit()", nothing, by_pthread_exit, 0);
    return checks_failed();
}
