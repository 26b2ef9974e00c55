/* What follows a login: API calls, everything by hand, clients that are freed
 * before what came from them, children. */

#ifndef OTHERS_H
#define OTHERS_H

#include <signal.h>
#include <sys/wait.h>

#include "keeps.h"

#define BIG_BYTES 20000

/* The answer is whole, and is about this user. */
static inline void answered(const struct call *call, const struct keep *keep, int big, const ropc_response *response)
{
    char sub[SUB_LETTERS + 1] = "";
    if (response->http_status == 401) {
        /* The token ended on its way, or right after the one refresh. */
        __atomic_add_fetch(&call->me->tally.late_tokens, 1, __ATOMIC_RELAXED);
        return;
    }
    snprintf(sub, sizeof sub, "%.*s", SUB_LETTERS, sub_of(keep->user));
    if (response->http_status != 200) {
        complain(call, "was answered with another status than the API has", ROPC_OK, NULL);
    } else if (big ? response->body_len != BIG_BYTES : strstr((const char *)response->body, sub) == NULL) {
        complain(call, "was answered, and not with what the API says", ROPC_OK, NULL);
    }
}

/* An API call: GET without `body`, else POST; in one of three beside the program. */
static inline ropc_status api(struct worker *me, const struct keep *keep, const char *url, const char *body,
                              ropc_response **response, ropc_error **error)
{
    const char *method = body == NULL ? "GET" : "POST", *names[] = {"Content-Type"}, *values[] = {"text/plain"};
    size_t count = body != NULL, len = body == NULL ? 0 : strlen(body);
    const uint8_t *bytes = (const uint8_t *)body;
    ropc_request *request = NULL;
    ropc_status status;
    if (draw(me, 3) != 0) {
        return ropc_session_call(keep->session, method, url, names, values, count, bytes, len, response, error);
    }
    AT_ONCE(me, keep->seat, ropc_request_session_call(keep->session, method, url, names, values, count, bytes, len,
                                                      &request, NULL));
    AT_ONCE(me, keep->seat, ropc_request_start(request, NULL));
    (void)ropc_request_wait(request, (uint32_t)keep->seat->limit_ms + GRACE_MS);
    status = ropc_request_take_response(request, response, error);
    FREES(me, keep->seat, ropc_request_free(request));
    return status;
}

static inline ropc_status calls_api(struct worker *me, struct keep *keep)
{
    int posts = draw(me, 4) == 0, big = !posts && draw(me, 8) == 0;
    struct call call = session_call(me, keep, posts ? API_POST : API_GET, keep->seat->limit_ms);
    char url[160], body[40];
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    snprintf(url, sizeof url, "%s/api/%s?bytes=%d", where(keep->seat->proxied ? "STANDIN_HTTPS" : "SOAK_RELAY"),
             big ? "big" : "echo", BIG_BYTES);
    /* run.py sees how often it came. */
    snprintf(body, sizeof body, "once %llx", (unsigned long long)draw(me, ONCE));
    status = api(me, keep, url, posts ? body : NULL, &response, &error);
    if ((status == ROPC_OK) != (response != NULL)) {
        complain(&call, "gave a response and a failure, or neither", status, error);
    } else if (response != NULL) {
        answered(&call, keep, big, response);
    }
    over(&call, status, &error);
    if (!forgets()) {
        ropc_response_free(response);
    }
    return status;
}

/* Ends it in one of the ways a program has; the next use signs in or goes on. */
static inline void leaves(struct worker *me, struct keep *keep)
{
    uint64_t how = draw(me, 5);
    if (how == 0) {
        drop_session(me, keep);
        tell(keep, "left", ROPC_OK);
    } else if (how < 3) {
        signs_out(me, keep);
    } else {
        resumes(me, keep);
    }
}

static inline ropc_status uses(struct worker *me, struct keep *keep)
{
    uint64_t what = draw(me, 7);
    if (what == 0 || (what < 3 && keep->keeper == BY_FORCE)) {
        return renews(me, keep, keep->keeper == BY_FORCE);
    }
    return what < 3 ? calls_api(me, keep) : asks(me, keep);
}

/* What a program does with a session that said so. Writes. */
static inline void reacts(struct worker *me, struct keep *keep, ropc_status status)
{
    if (status == ROPC_E_UNCLEAR && keep->keeper == BY_FORCE && draw(me, 3) != 0) {
        status = renews(me, keep, 1);
    }
    if (status >= ROPC_E_SIGNED_OUT && keep->session != NULL) {
        tell(keep, "said", status);
    }
    if (status == ROPC_E_UNCLEAR && draw(me, 3) == 0) {
        /* A start of the program in vain: it is still unclear then. */
        resumes(me, keep);
    } else if (status == ROPC_E_UNCLEAR || status == ROPC_E_SIGNED_OUT) {
        signs_in(me, keep);
    } else if (status == ROPC_SAVE_FIRST && keep->keeper == BY_PULL) {
        saves(me, keep);
    } else if (draw(me, keep->own ? 6 : 60) == 0) {
        leaves(me, keep);
    }
}

/* One use of a session, which others may use at the same time. */
static inline void keeps_on(struct worker *me, struct keep *keep)
{
    ropc_status status = ROPC_E_SIGNED_OUT;
    long changes;
    pthread_rwlock_rdlock(&keep->lock);
    changes = keep->changes;
    if (keep->session != NULL) {
        status = uses(me, keep);
    }
    pthread_rwlock_unlock(&keep->lock);
    if (pthread_rwlock_trywrlock(&keep->lock) == 0) {
        /* Unless another has done so meanwhile. */
        if (keep->changes == changes) {
            reacts(me, keep, status);
        }
        pthread_rwlock_unlock(&keep->lock);
    }
}

/* A call about tokens that gives a text or nothing. */
static inline void about(struct worker *me, struct seat *seat, enum kind kind, const ropc_tokens *tokens)
{
    struct call call = begin(me, kind, seat, seat->limit_ms);
    ropc_error *error = NULL;
    ropc_status status = ROPC_OK;
    ropc_tokens *found = NULL;
    char *text = NULL;
    if (kind == USERINFO) {
        status = ropc_userinfo(seat->client, tokens->access_token, &text, &error);
    } else if (kind == PROFILE) {
        status = ropc_profile(seat->client, tokens->access_token, NULL, &text, &error);
    } else if (kind == VALIDATE) {
        status = ropc_validate(seat->client, tokens->access_token, &found, &error);
    } else if (kind == INVALIDATE) {
        status = ropc_invalidate(seat->client, tokens->access_token, &error);
    } else if (kind == VERIFY) {
        status = ropc_verify_id_token(seat->client, tokens->id_token, tokens->access_token, NULL, &text, &error);
    } else {
        status = ropc_revoke(seat->client, tokens->refresh_token, ROPC_HINT_REFRESH, &error);
    }
    over(&call, status, &error);
    ropc_string_free(text);
    ropc_tokens_free(found);
}

/* Everything call by call: each refresh token is sent once. */
static inline void by_hand(struct worker *me, struct seat *seat, int user)
{
    ropc_tokens *tokens = tokens_of(me, seat, user), *newer = NULL;
    ropc_error *error = NULL;
    for (int i = 0; tokens != NULL && i < 2; i++) {
        struct call call;
        ropc_status status;
        about(me, seat, (enum kind)(USERINFO + draw(me, 3)), tokens);
        if (tokens->id_token != NULL) {
            about(me, seat, VERIFY, tokens);
        }
        call = begin(me, REFRESH, seat, seat->limit_ms);
        status = ropc_refresh(seat->client, tokens->refresh_token, &newer, &error);
        whole(&call, user, newer, status);
        over(&call, status, &error);
        if (i == 1 && planted("twice", 1)) {
            ropc_tokens *twice = NULL;
            if (ropc_refresh(seat->client, tokens->refresh_token, &twice, NULL) == ROPC_OK) {
                ropc_tokens_free(twice);
            }
        }
        put_tokens(tokens);
        tokens = newer;
        newer = NULL;
    }
    if (tokens != NULL) {
        about(me, seat, draw(me, 2) == 0 ? REVOKE : INVALIDATE, tokens);
    }
    put_tokens(tokens);
}

/* A session and a request go on without their client. */
static inline void outlives(struct worker *me, int user)
{
    struct name name = name_of(user);
    struct keep keep;
    struct call call;
    ropc_request *request = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    keep_take(&keep, NOBODY, user, 1, &me->own);
    signs_in(me, &keep);
    AT_ONCE(me, &me->own, ropc_request_login(me->own.client, name.text, PASSWORD, &request, NULL));
    call = begin(me, REQUEST, &me->own, me->own.limit_ms);
    me->tally.passwords++;
    AT_ONCE(me, &me->own, ropc_request_start(request, NULL));
    FREES(me, &me->own, ropc_client_free(me->own.client));
    (void)ropc_request_wait(request, (uint32_t)me->own.limit_ms + GRACE_MS);
    status = ropc_request_take_tokens(request, &tokens, &error);
    whole(&call, user, tokens, status);
    over(&call, status, &error);
    put_tokens(tokens);
    FREES(me, &me->own, ropc_request_free(request));
    if (keep.session != NULL) {
        uses(me, &keep);
    }
    keep_drop(me, &keep);
    own_seat(me);
}

/* In the child: a login with the parent's client, and a token of the parent's
 * session. No status here is that of somebody who was stopped. */
static inline int as_child(struct seat *seat, int user, const struct keep *keep)
{
    struct name name = name_of(user);
    ropc_tokens *tokens = NULL;
    ropc_token *token = NULL;
    ropc_status status = ropc_login(seat->client, name.text, PASSWORD, &tokens, NULL);
    int right = status == ROPC_OK ? is_of(user, tokens->access_token)
                                  : (RULES[CHILD].statuses & ~STOPPED & BIT(place_of(status))) != 0;
    ropc_tokens_free(tokens);
    if (keep->session != NULL && ropc_session_token(keep->session, 0, LIMIT_MS, &token, NULL) == ROPC_OK) {
        right = is_of(keep->user, token->access_token) && right;
        ropc_token_free(token);
    }
    return !right ? 1 : ropc_shutdown(LIMIT_MS + GRACE_MS) != 0 ? 2 : status == ROPC_OK ? 0 : 100 + (int)status;
}

/* `keep` is a session that others use, whose file keeps the processes apart. */
static inline void forks(struct worker *me, struct seat *seat, int user, struct keep *keep)
{
    struct call call = begin(me, CHILD, seat, seat->limit_ms + 2 * LIMIT_MS);
    int status = 0;
    pid_t pid;
    pthread_rwlock_rdlock(&keep->lock);
    me->tally.passwords++;
    pid = fork();
    if (pid == 0) {
        /* Who hangs is ended, and told of. */
        alarm((unsigned)(call.limit_ms + 2 * GRACE_MS) / 1000);
        _exit(as_child(seat, user, keep));
    }
    pthread_rwlock_unlock(&keep->lock);
    CHECK(pid > 0);
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    status = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    if (status != 0 && status <= 100) {
        char detail[80];
        snprintf(detail, sizeof detail, "ended %d: 1 a wrong end, 2 threads that stay, -%d it hung", status, SIGALRM);
        check_fail(__FILE__, __LINE__, "a child of fork()", detail);
        status = 0;
    }
    over(&call, (ropc_status)(status == 0 ? 0 : status - 100), NULL);
}

#endif
