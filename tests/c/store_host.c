/* The program's own store: records by pull and by a save function, what goes
 * wrong on the way, and records that are given back. */

#include "sessions.h"

static ropc_client *client;

static ropc_store *host_store(ropc_save_fn save, void *user)
{
    ropc_store *store = NULL;
    ropc_error *error = NULL;
    ENDED(ropc_store_host(save, user, &store, &error), ROPC_OK, ROPC_REASON_NONE);
    return store;
}

/* The record that is to be saved, or NULL. */
static char *pending(const ropc_session *session)
{
    char *record = (char *)(void *)client;
    ropc_error *error = NULL;
    ENDED(ropc_session_pending(session, &record, &error), ROPC_OK, ROPC_REASON_NONE);
    return record;
}

/* A session of a new store that gets `record` back. */
static ropc_session *given_back(const char *record)
{
    ropc_store *store = host_store(NULL, NULL);
    ropc_session *session = NULL, *twice = (ropc_session *)(void *)client;
    ropc_error *error = NULL;
    ENDED(ropc_store_give(store, "ada", record, &error), ROPC_OK, ROPC_REASON_NONE);
    ENDED(ropc_session_resume(client, store, "ada", &session, &error), ROPC_OK, ROPC_REASON_NONE);
    /* One record, one session. */
    ENDED(ropc_session_resume(client, store, "ada", &twice, &error), ROPC_E_SIGNED_OUT, ROPC_REASON_NOTHING_STORED);
    CHECK(twice == NULL);
    ropc_store_free(store);
    return session;
}

static void save_first(const ropc_session *session)
{
    ropc_token *token = (ropc_token *)(void *)client;
    ropc_error *error = (ropc_error *)(void *)client;
    CHECK_NUMBER(ropc_session_poll(session, 0, &token, &error), ROPC_SAVE_FIRST);
    CHECK(token == NULL && error == NULL);
    CHECK_NUMBER(state_of(session), ROPC_SESSION_STATE_SAVE_FIRST);
    free(token_of(session, ROPC_SAVE_FIRST, ROPC_REASON_NONE));
}

static void by_pull(void)
{
    ropc_store *store = host_store(NULL, NULL);
    ropc_session *session = session_of(client, "ada", store), *other;
    ropc_response *response = NULL;
    ropc_request *request = NULL;
    ropc_session_info *info = NULL;
    ropc_error *error = NULL;
    char *record, *newer, *token, *same;
    long refreshed = granted("refreshed");

    check_about("saved before it is used");
    save_first(session);
    CHECK_NUMBER(ropc_session_saved(session, 1), ROPC_E_STATE);
    save_first(session);
    CHECK_NUMBER(ropc_session_call(session, "GET", at_standin("/api/echo"), NULL, NULL, 0, NULL, 0, &response, &error),
                 ROPC_SAVE_FIRST);
    CHECK(response == NULL && error == NULL);
    ENDED(ropc_request_session_call(session, "GET", at_standin("/api/echo"), NULL, NULL, 0, NULL, 0, &request, &error),
          ROPC_OK, ROPC_REASON_NONE);
    start(request);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_SAVE_FIRST);
    CHECK_NUMBER(ropc_request_take_response(request, &response, &error), ROPC_SAVE_FIRST);
    CHECK(response == NULL && error == NULL);
    ropc_request_free(request);
    record = pending(session);
    if (!CHECK(record != NULL)) {
        exit(1);
    }
    CHECK(record[0] == '{' && strchr(record, '\n') == NULL);

    check_about("a save that failed");
    CHECK_NUMBER(ropc_session_saved(session, 0), ROPC_OK);
    CHECK_NUMBER(ropc_session_saved(session, 1), ROPC_E_STATE);
    save_first(session);
    ENDED(ropc_session_status(session, &info, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(info == NULL ? -1 : (int)info->last_status, ROPC_E_STORE);
    CHECK_NUMBER(info == NULL ? -1 : (int)info->last_reason, ROPC_REASON_SAVE_FAILED);
    ropc_session_info_free(info);
    newer = pending(session);
    CHECK_TEXT(newer, record);
    ropc_string_free(newer);
    CHECK_NUMBER(ropc_session_saved(session, 1), ROPC_OK);
    token = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK(pending(session) == NULL);
    CHECK_NUMBER(ropc_session_saved(session, 1), ROPC_E_STATE);
    CHECK_NUMBER(get(session, "/api/echo"), 200);

    check_about("given back");
    other = given_back(record);
    same = token_of(other, ROPC_OK, ROPC_REASON_NONE);
    CHECK_TEXT(same, token);
    ropc_session_free(other);
    CHECK_NUMBER(granted("refreshed"), refreshed);

    check_about("refreshed");
    expire(session);
    CHECK_NUMBER(ropc_session_refresh(session, 0, LONG_MS, &error), ROPC_SAVE_FIRST);
    save_first(session);
    newer = pending(session);
    CHECK(newer != NULL && strcmp(newer, record) != 0);
    CHECK_NUMBER(ropc_session_saved(session, 1), ROPC_OK);
    free(same);
    same = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK(same != NULL && strcmp(same, token) != 0);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    ropc_session_free(session);
    session = given_back(newer);
    expire(session);
    free(token_of(session, ROPC_SAVE_FIRST, ROPC_REASON_NONE));
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_string_free(newer);
    ropc_string_free(record);
    free(same);
    free(token);
}

/* What is given may be anything. */
static void foreign(const char *record)
{
    static const struct {
        const char *record;
        ropc_reason reason;
    } rows[] = {
        {"diary", ROPC_REASON_STORE_BROKEN},
        {"{}", ROPC_REASON_STORE_BROKEN},
        {"[1]", ROPC_REASON_STORE_BROKEN},
        {NULL, ROPC_REASON_STORE_FOREIGN},
    };
    ropc_store *store = host_store(NULL, NULL);
    ropc_session *session = (ropc_session *)(void *)client;
    ropc_error *error = NULL;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check_about(rows[i].record == NULL ? "another user's" : rows[i].record);
        ENDED(ropc_store_give(store, "bob", rows[i].record == NULL ? record : rows[i].record, &error), ROPC_OK,
              ROPC_REASON_NONE);
        ENDED(ropc_session_resume(client, store, "bob", &session, &error), ROPC_E_STORE, rows[i].reason);
        CHECK(session == NULL);
    }
    ropc_store_free(store);
}

/* What the save function sees and does. */
static struct keeper {
    /* The session that is being saved; NULL until there is one. */
    const ropc_session *session;
    pthread_t thread;
    int answer, calls, forgotten, calls_back;
    char record[16384];
} keeper;

/* Everything that uses the session is refused, at once. */
static void call_back(const ropc_session *session)
{
    ropc_token *token = NULL;
    ropc_session_info *info = NULL;
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    char *record = NULL;
    ENDED(ropc_session_token(session, 0, LONG_MS, &token, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ENDED(ropc_session_poll(session, 0, &token, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ENDED(ropc_session_refresh(session, 1, 0, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ENDED(ropc_session_pending(session, &record, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ENDED(ropc_session_status(session, &info, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ENDED(ropc_session_sign_out(session, &error), ROPC_E_STATE, ROPC_REASON_STATE);
    ENDED(ropc_session_call(session, "GET", at_standin("/api/echo"), NULL, NULL, 0, NULL, 0, &response, &error),
          ROPC_E_STATE, ROPC_REASON_STATE);
    CHECK_NUMBER(ropc_session_saved(session, 1), ROPC_E_STATE);
    CHECK_NUMBER(ropc_session_expire(session, "any"), ROPC_E_STATE);
    CHECK(token == NULL && info == NULL && response == NULL && record == NULL);
}

static int32_t save(void *user, const char *user_key, const char *record)
{
    struct keeper *kept = user;
    CHECK(kept == &keeper);
    CHECK_TEXT(user_key, "ada");
    CHECK(pthread_equal(pthread_self(), kept->thread));
    kept->calls++;
    kept->forgotten += record == NULL;
    if (record != NULL && CHECK(strlen(record) < sizeof kept->record)) {
        memcpy(kept->record, record, strlen(record) + 1);
    }
    if (kept->calls_back && kept->session != NULL) {
        call_back(kept->session);
    }
    return kept->answer;
}

static void by_callback(void)
{
    ropc_store *store = host_store(save, &keeper);
    ropc_session *session, *other;
    ropc_request *request = NULL;
    ropc_error *error = NULL;
    char *token, *same;
    long revoked;

    keeper.thread = pthread_self();
    keeper.answer = 1;
    check_about("a save function");
    session = session_of(client, "ada", store);
    token = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(keeper.calls, 1);
    CHECK(pending(session) == NULL);
    other = given_back(keeper.record);
    same = token_of(other, ROPC_OK, ROPC_REASON_NONE);
    CHECK_TEXT(same, token);
    ropc_session_free(other);
    free(same);
    free(token);

    check_about("it fails");
    keeper.answer = 0;
    expire(session);
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_SAVE_FAILED));
    CHECK_NUMBER(keeper.calls, 2);
    /* Tried once more by whoever asks next; a poll calls nothing. */
    CHECK_NUMBER(ropc_session_refresh(session, 0, LONG_MS, &error), ROPC_E_STORE);
    ropc_error_free(error);
    CHECK_NUMBER(keeper.calls, 3);
    error = NULL;
    {
        ropc_token *none = NULL;
        ENDED(ropc_session_poll(session, 0, &none, &error), ROPC_SAVE_FIRST, ROPC_REASON_NONE);
        CHECK(none == NULL);
    }
    CHECK_NUMBER(keeper.calls, 3);
    check_about("it answers neither 0 nor 1");
    keeper.answer = 2;
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_SAVE_FAILED));
    keeper.answer = 1;
    gives_token(session);
    CHECK_NUMBER(keeper.calls, 5);

    check_about("it calls back");
    keeper.calls_back = 1;
    keeper.session = session;
    expire(session);
    gives_token(session);
    CHECK_NUMBER(keeper.calls, 6);
    expire(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    CHECK_NUMBER(keeper.calls, 7);

    check_about("it is told to forget");
    revoked = granted("revoked");
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(keeper.calls, 8);
    CHECK_NUMBER(keeper.forgotten, 1);
    CHECK_NUMBER(granted("revoked"), revoked + 1);
    ropc_session_free(session);
    keeper.calls_back = 0;
    keeper.session = NULL;

    check_about("it cannot forget");
    session = session_of(client, "ada", store);
    gives_token(session);
    keeper.answer = 0;
    CHECK_NUMBER(ropc_session_sign_out(session, &error), ROPC_E_NOT_REVOKED);
    CHECK_HOLDS(error == NULL ? NULL : error->message, "save function");
    ropc_error_free(error);
    ropc_session_free(session);
    keeper.answer = 1;

    check_about("a sign-out beside the program calls nothing");
    session = session_of(client, "ada", store);
    gives_token(session);
    keeper.calls = 0;
    ENDED(ropc_request_session_sign_out(session, &request, &error), ROPC_OK, ROPC_REASON_NONE);
    start(request);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_OK);
    ENDED(ropc_request_take_done(request, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(keeper.calls, 0);
    ropc_request_free(request);
    ropc_session_free(session);
    ropc_store_free(store);
}

int main(void)
{
    client = client_with_identity();
    by_pull();
    by_callback();
    foreign(keeper.record);
    ropc_client_free(client);
    return finish();
}
