/* Logins that succeed and that are refused, blocking and as requests that are
 * polled, waited for, cancelled and freed at any moment. */

#ifndef LOGINS_H
#define LOGINS_H

#include "seats.h"

/* So many numbers that none is drawn twice. */
#define ONCE ((uint64_t)1 << 52)

/* What came is whole and this user's; the caller keeps it. */
static inline void whole(const struct call *call, int user, const ropc_tokens *tokens, ropc_status status)
{
    if ((status == ROPC_OK) != (tokens != NULL)) {
        complain(call, "gave tokens and a failure, or neither", status, NULL);
    } else if (tokens != NULL) {
        good(call, user, tokens->access_token, 0);
        if (tokens->refresh_token == NULL || tokens->expires_at == 0) {
            complain(call, "gave tokens that are not whole", status, NULL);
        }
    }
}

static inline void put_tokens(ropc_tokens *tokens)
{
    if (!forgets()) {
        ropc_tokens_free(tokens);
    }
}

/* Tokens for other calls, or NULL. */
static inline ropc_tokens *tokens_of(struct worker *me, struct seat *seat, int user)
{
    struct call call = begin(me, LOGIN, seat, seat->limit_ms);
    struct name name = name_of(user);
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    me->tally.passwords++;
    if (draw(me, 2) == 0) {
        status = ropc_login(seat->client, name.text, PASSWORD, &tokens, &error);
    } else {
        status = ropc_login_n(seat->client, name.text, strlen(name.text), PASSWORD, strlen(PASSWORD), &tokens, &error);
    }
    whole(&call, user, tokens, status);
    over(&call, status, &error);
    return tokens;
}

static inline void by_grant(struct worker *me, struct seat *seat, int user)
{
    struct call call = begin(me, GRANT, seat, seat->limit_ms);
    struct name name = name_of(user);
    const char *names[] = {"username", "password", "g-recaptcha-response"};
    const char *values[] = {name.text, PASSWORD, "human"};
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    me->tally.passwords++;
    status = ropc_grant(seat->client, "password", names, values, COUNT(names), &tokens, &error);
    whole(&call, user, tokens, status);
    over(&call, status, &error);
    put_tokens(tokens);
}

/* A wrong password, which no other call has: run.py sees how often it came. */
static inline void refused(struct worker *me, struct seat *seat, enum kind kind)
{
    struct call call = begin(me, kind, seat, seat->limit_ms);
    char password[64] = PASSWORD;
    const char *user = kind == LOCKED ? "locked" : kind == SECOND_FACTOR ? "mfa-native" : "ada";
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    if (kind == WRONG) {
        snprintf(password, sizeof password, "wrong %llx", (unsigned long long)draw(me, ONCE));
    }
    status = ropc_login(seat->client, user, password, &tokens, &error);
    if (tokens != NULL) {
        complain(&call, "signed in who was to be refused", status, error);
        put_tokens(tokens);
    }
    if (status == ROPC_E_REFUSED && kind == SECOND_FACTOR && error != NULL &&
        ropc_error_extra(error, "SecondFactorAuthentication") == NULL) {
        complain(&call, "left the second factor out", status, error);
    }
    over(&call, status, &error);
}

static inline void connects_ahead(struct worker *me, struct seat *seat)
{
    struct call call = begin(me, AHEAD, seat, seat->limit_ms);
    ropc_error *error = NULL;
    ropc_status status = ropc_client_connect(seat->client, &error);
    over(&call, status, &error);
}

/* The metadata names the stand-in's own address: only who goes by the proxy asks
 * for that. */
static inline void discovers(struct worker *me, struct seat *seat)
{
    struct call call = begin(me, DISCOVER, seat, LIMIT_MS);
    char url[128];
    ropc_options *options = NULL, *found = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    snprintf(url, sizeof url, "%s/service/oidc/demo", where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_oauth2(NULL, "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    CHECK_NUMBER(ropc_options_set_proxy(options, where("SOAK_TUNNEL")), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_timeouts(options, LIMIT_MS, LIMIT_MS), ROPC_OK);
    status = ropc_discover(options, url, 0, &found, &error);
    over(&call, status, &error);
    ropc_options_free(found);
    ropc_options_free(options);
}

/* What a program does that waits for a request: looks, waits, loses patience. What
 * it came to, or ROPC_PENDING when it is to be freed as it is. */
static inline ropc_status driven(struct worker *me, struct call *call, const ropc_request *request)
{
    long patience_ms = draw(me, 4) == 0 ? (long)draw(me, 300) : HANGS_MS;
    int leaves = draw(me, 3) == 0, waits = (int)draw(me, 2);
    ropc_status status = ROPC_PENDING;
    while (status == ROPC_PENDING) {
        if (now_ms() - call->begun > patience_ms) {
            call->stopped = 1;
            if (leaves) {
                return ROPC_PENDING;
            }
            AT_ONCE(me, call->seat, ropc_request_cancel(request));
            /* From here it has a moment. */
            call->limit_ms = (long)(now_ms() - call->begun);
            patience_ms = 2 * HANGS_MS;
        }
        if (waits) {
            uint32_t wait_ms = (uint32_t)draw(me, 200);
            status = ropc_request_wait(request, wait_ms);
        } else {
            rest_us(5000 + (long)draw(me, 20000));
            status = ropc_request_poll(request);
        }
        if (now_ms() - call->begun > call->limit_ms + GRACE_MS) {
            return status;
        }
    }
    return status;
}

static inline void by_request(struct worker *me, struct seat *seat, int user)
{
    struct name name = name_of(user);
    struct call call;
    ropc_request *request = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    AT_ONCE(me, seat, ropc_request_login(seat->client, name.text, PASSWORD, &request, NULL));
    if (draw(me, 20) != 0) {
        call = begin(me, REQUEST, seat, seat->limit_ms);
        me->tally.passwords++;
        AT_ONCE(me, seat, ropc_request_start(request, NULL));
        status = driven(me, &call, request);
        if (status == ROPC_PENDING) {
            in_time(&call, status);
        } else {
            status = ropc_request_take_tokens(request, &tokens, &error);
            whole(&call, user, tokens, status);
        }
        /* What was left alone is ended by being freed. */
        over(&call, status == ROPC_PENDING ? ROPC_E_CANCELLED : status, status == ROPC_PENDING ? NULL : &error);
    }
    FREES(me, seat, ropc_request_free(request));
    put_tokens(tokens);
}

#endif
