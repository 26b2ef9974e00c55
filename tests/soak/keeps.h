/* Sessions: of every store there is, used, refreshed, resumed, signed out of and
 * left, by one worker or by all of them. */

#ifndef KEEPS_H
#define KEEPS_H

#include "logins.h"

enum keeper { NOBODY, IN_FILE, BY_SAVE, BY_PULL, BY_FORCE, KEEPERS };

/* A user who stays signed in. Who uses it reads; who replaces it writes. */
struct keep {
    enum keeper keeper;
    int user;
    /* Whether one worker has it to himself. */
    int own;
    struct seat *seat;
    pthread_rwlock_t lock;
    ropc_store *store;
    ropc_session *session;
    /* How often it was another; and the newest things that became of it. */
    long changes;
    char story[200];
    /* What the program has saved. */
    pthread_mutex_t saving;
    char *record;
    long saves;
};

/* The program's own store. It fails at times, and nothing may be lost by that. */
static inline int32_t on_save(void *user, const char *user_key, const char *record)
{
    struct keep *keep = user;
    int fails;
    pthread_mutex_lock(&keep->saving);
    fails = record != NULL && ++keep->saves % 10 == 0;
    if (!fails) {
        free(keep->record);
        keep->record = record == NULL ? NULL : strdup(record);
    }
    pthread_mutex_unlock(&keep->saving);
    return strcmp(user_key, name_of(keep->user).text) == 0 && !fails;
}

static inline void new_store(struct keep *keep)
{
    char path[400];
    if (keep->keeper == BY_SAVE || keep->keeper == BY_PULL) {
        ropc_save_fn save = keep->keeper == BY_SAVE ? on_save : NULL;
        CHECK_NUMBER(ropc_store_host(save, keep, &keep->store, NULL), ROPC_OK);
    } else if (keep->keeper != NOBODY) {
        /* By the proxy it is another server. */
        snprintf(path, sizeof path, "%s/%s-%s", where("STANDIN_FOLDER"), where("SOAK_NAME"),
                 keep->seat->proxied ? "tunnel" : "relay");
        CHECK_NUMBER(ropc_store_file(path, &keep->store, NULL), ROPC_OK);
    }
}

static inline void keep_take(struct keep *keep, enum keeper keeper, int user, int own, struct seat *seat)
{
    memset(keep, 0, sizeof *keep);
    keep->keeper = keeper;
    keep->user = user;
    keep->own = own;
    keep->seat = seat;
    CHECK_NUMBER(pthread_rwlock_init(&keep->lock, NULL), 0);
    CHECK_NUMBER(pthread_mutex_init(&keep->saving, NULL), 0);
    new_store(keep);
}

/* What each store is called in a story. */
static const char *const KEEPER_NAMES[KEEPERS] = {"nobody", "file", "save function", "pull", "forced"};

static inline void tell(struct keep *keep, const char *what, ropc_status status)
{
    char told[60];
    size_t len = strlen(keep->story), more;
    snprintf(told, sizeof told, "%s %d; ", what, (int)status);
    more = strlen(told);
    if (len + more >= sizeof keep->story) {
        memmove(keep->story, keep->story + more, len - more + 1);
        len -= more;
    }
    memcpy(keep->story + len, told, more + 1);
}

/* Leaves the session as it is: whatever it does ends by itself. */
static inline void drop_session(struct worker *me, struct keep *keep)
{
    FREES(me, keep->seat, ropc_session_free(keep->session));
    keep->session = NULL;
    keep->changes++;
}

static inline void keep_drop(struct worker *me, struct keep *keep)
{
    drop_session(me, keep);
    ropc_store_free(keep->store);
    free(keep->record);
    pthread_rwlock_destroy(&keep->lock);
    pthread_mutex_destroy(&keep->saving);
}

/* Forgets what there was, as a program does when its session has ended, and signs
 * in again. */
static inline void signs_in(struct worker *me, struct keep *keep)
{
    struct name name = name_of(keep->user);
    struct call call;
    ropc_error *error = NULL;
    ropc_status status;
    drop_session(me, keep);
    ropc_store_free(keep->store);
    keep->store = NULL;
    free(keep->record);
    keep->record = NULL;
    new_store(keep);
    call = begin(me, SIGN_IN, keep->seat, keep->seat->limit_ms);
    me->tally.passwords++;
    status = ropc_session_login(keep->seat->client, name.text, PASSWORD, keep->store, NULL, &keep->session, &error);
    tell(keep, KEEPER_NAMES[keep->keeper], 0);
    tell(keep, "login", over(&call, status, &error));
}

/* Saves what the session has, as a program without a save function does, and one
 * with such a function before it frees the session. */
static inline void saves(struct worker *me, struct keep *keep)
{
    char *record = NULL;
    int ok = draw(me, 10) != 0;
    AT_ONCE(me, keep->seat, ropc_session_pending(keep->session, &record, NULL));
    if (record == NULL) {
        return;
    }
    if (ok) {
        free(keep->record);
        keep->record = strdup(record);
    }
    AT_ONCE(me, keep->seat, ropc_session_saved(keep->session, ok));
    ropc_string_free(record);
}

/* Nothing is under way and nothing unsaved: what the program has is the newest.
 * Only then may it free a session of its own store, and resume it. */
static inline int is_settled(struct worker *me, const struct keep *keep)
{
    ropc_session_info *info = NULL;
    char *record = NULL;
    int settled;
    AT_ONCE(me, keep->seat, ropc_session_status(keep->session, &info, NULL));
    AT_ONCE(me, keep->seat, ropc_session_pending(keep->session, &record, NULL));
    settled = info != NULL && !info->refreshing && info->state != ROPC_SESSION_STATE_SIGNED_OUT && record == NULL &&
              keep->record != NULL;
    if (info != NULL && strcmp(info->user_key, name_of(keep->user).text) != 0) {
        check_fail(__FILE__, __LINE__, "ropc_session_status", "names another user");
    }
    ropc_session_info_free(info);
    ropc_string_free(record);
    return settled;
}

/* As if the program were started again. */
static inline void resumes(struct worker *me, struct keep *keep)
{
    struct name name = name_of(keep->user);
    struct call call;
    ropc_error *error = NULL;
    ropc_status status;
    int by_host = keep->keeper == BY_SAVE || keep->keeper == BY_PULL;
    if (by_host) {
        saves(me, keep);
    }
    if (keep->keeper == NOBODY || (by_host && !is_settled(me, keep))) {
        return;
    }
    drop_session(me, keep);
    if (draw(me, 2) == 0) {
        ropc_store_free(keep->store);
        new_store(keep);
    }
    if (by_host) {
        AT_ONCE(me, keep->seat, ropc_store_give(keep->store, name.text, keep->record, NULL));
    }
    call = begin(me, RESUME, keep->seat, 0);
    status = ropc_session_resume(keep->seat->client, keep->store, name.text, &keep->session, &error);
    tell(keep, "resume", over(&call, status, &error));
}

static inline void signs_out(struct worker *me, struct keep *keep)
{
    struct call call = begin(me, SIGN_OUT, keep->seat, keep->seat->limit_ms);
    ropc_request *request = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    ropc_token *token = NULL;
    if (draw(me, 2) == 0) {
        status = ropc_session_sign_out(keep->session, &error);
    } else {
        AT_ONCE(me, keep->seat, ropc_request_session_sign_out(keep->session, &request, NULL));
        AT_ONCE(me, keep->seat, ropc_request_start(request, NULL));
        while ((status = ropc_request_wait(request, 100)) == ROPC_PENDING &&
               now_ms() - call.begun < call.limit_ms + GRACE_MS) {
        }
        status = ropc_request_take_done(request, &error);
        FREES(me, keep->seat, ropc_request_free(request));
    }
    tell(keep, "sign out", over(&call, status, &error));
    /* What was stopped before it began has changed nothing. */
    if (status != ROPC_E_CANCELLED && status != ROPC_E_TIMEOUT) {
        call = begin(me, TOKEN, keep->seat, 0);
        call.may_be_out = 1;
        status = ropc_session_token(keep->session, 0, 0, &token, &error);
        if (status != ROPC_E_SIGNED_OUT) {
            complain(&call, "goes on after it was signed out", status, error);
        }
        over(&call, status, &error);
        ropc_token_free(token);
    }
    drop_session(me, keep);
}

/* A session that lasts does not end but for one that forced a refresh: to a server
 * that is a theft. */
static inline struct call session_call(struct worker *me, struct keep *keep, enum kind kind, long limit_ms)
{
    struct call call = begin(me, kind, keep->seat, limit_ms);
    call.may_be_out = keep->keeper == BY_FORCE;
    call.story = keep->story;
    return call;
}

static inline ropc_status asks(struct worker *me, struct keep *keep)
{
    uint32_t min_ms = (uint32_t)draw(me, 800), wait_ms = (uint32_t)draw(me, LIMIT_MS);
    int polls = draw(me, 3) == 0;
    struct call call = session_call(me, keep, polls ? POLL : TOKEN, polls ? 0 : wait_ms);
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    ropc_status status = polls ? ropc_session_poll(keep->session, min_ms, &token, &error)
                               : ropc_session_token(keep->session, min_ms, wait_ms, &token, &error);
    if ((status == ROPC_OK) != (token != NULL)) {
        complain(&call, "gave a token and a failure, or neither", status, error);
    } else if (token != NULL) {
        good(&call, keep->user, token->access_token, min_ms);
        if (draw(me, 10) == 0) {
            AT_ONCE(me, keep->seat, ropc_session_expire(keep->session, token->access_token));
        }
    }
    over(&call, status, &error);
    if (!forgets()) {
        ropc_token_free(token);
    }
    return status;
}

static inline ropc_status renews(struct worker *me, struct keep *keep, int force)
{
    uint32_t wait_ms = force || draw(me, 2) == 0 ? LIMIT_MS : 0;
    struct call call = session_call(me, keep, force ? FORCE : RENEW, wait_ms);
    ropc_error *error = NULL;
    ropc_status status;
    me->tally.forced += force;
    status = ropc_session_refresh(keep->session, force, wait_ms, &error);
    return over(&call, status, &error);
}

#endif
