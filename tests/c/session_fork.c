/* fork() with a session: the child hands out what is good. It refreshes when a
 * file keeps the two apart, and else says ROPC_E_STATE; the parent notices
 * nothing. */

#include <sys/wait.h>

#include "sessions.h"

static ropc_client *client;

/* Runs `work` in a child; its failures count here. A child that hangs is ended
 * by its alarm. */
static void in_child(void (*work)(ropc_session *session), ropc_session *session)
{
    int status = 0;
    pid_t pid;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        check_failures = 0;
        alarm(50);
        work(session);
        ropc_session_free(session);
        ropc_client_free(client);
        _exit(finish());
    }
    CHECK(pid > 0);
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    CHECK_NUMBER(WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), 0);
}

static char *of_parent;

static void has_the_same(const ropc_session *session)
{
    char *mine = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK_TEXT(mine, of_parent);
    free(mine);
    CHECK_NUMBER(state_of(session), ROPC_SESSION_STATE_SIGNED_IN);
}

/* Without a file: what is good, and no more than that. */
static void reads(ropc_session *session)
{
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    has_the_same(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    has_the_same(session);
    CHECK_NUMBER(ropc_session_expire(session, of_parent), ROPC_OK);
    free(token_of(session, ROPC_E_STATE, ROPC_REASON_STATE));
    CHECK_NUMBER(ropc_session_poll(session, 0, &token, &error), ROPC_E_STATE);
    CHECK_HOLDS(error == NULL ? NULL : error->message, "fork");
    ropc_error_free(error);
    CHECK(token == NULL);
}

static void refreshes(ropc_session *session)
{
    has_the_same(session);
    expire(session);
    gives_token(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
}

/* The parent's refresh is under way, and its tokens will be in the file. */
static void waits(ropc_session *session) { CHECK_NUMBER(get(session, "/api/echo"), 200); }

static ropc_session *session_in(const ropc_store *store)
{
    ropc_session *session = session_of(client, "ada", store);
    of_parent = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    return session;
}

static void without_a_file(ropc_save_fn save)
{
    ropc_store *store = NULL;
    ropc_session *session;
    ropc_error *error = NULL;
    long refreshed = granted("refreshed");
    if (save != NULL) {
        ENDED(ropc_store_host(save, NULL, &store, &error), ROPC_OK, ROPC_REASON_NONE);
    }
    session = session_in(store);
    in_child(reads, session);
    CHECK_NUMBER(granted("refreshed"), refreshed);
    expire(session);
    gives_token(session);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    free(of_parent);
    ropc_session_free(session);
    ropc_store_free(store);
}

static void with_a_file(void)
{
    ropc_store *store = NULL;
    ropc_session *session;
    ropc_error *error = NULL;
    ropc_token *token = NULL;
    char *newer;
    long refreshed = granted("refreshed"), reused = granted("reused");

    check_about("a file");
    ENDED(ropc_store_file(in_folder("fork"), &store, &error), ROPC_OK, ROPC_REASON_NONE);
    session = session_in(store);
    in_child(refreshes, session);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    /* The parent's token has ended too; the child's is in the file. */
    CHECK_NUMBER(ropc_session_expire(session, of_parent), ROPC_OK);
    newer = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK(newer != NULL && strcmp(newer, of_parent) != 0);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    free(newer);

    check_about("a file, in the middle of a refresh");
    expire(session);
    ask_standin("refresh fault:delay_300");
    ENDED(ropc_session_poll(session, 0, &token, &error), ROPC_PENDING, ROPC_REASON_NONE);
    UNTIL(granted("refreshed") == refreshed + 2);
    in_child(waits, session);
    ask_standin("refresh");
    gives_token(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    CHECK_NUMBER(granted("refreshed"), refreshed + 2);
    CHECK_NUMBER(granted("reused"), reused);
    free(of_parent);
    ropc_session_free(session);
    ropc_store_free(store);
}

static int32_t saved(void *user, const char *user_key, const char *record)
{
    return (void)user, (void)user_key, (void)record, 1;
}

int main(void)
{
    client = client_with_identity();
    check_about("no store");
    without_a_file(NULL);
    check_about("the program's own store");
    without_a_file(saved);
    with_a_file();
    ropc_client_free(client);
    return finish();
}
