/* One call, and what holds for each: it comes back in time, with a status that
 * the header names for it, with an error exactly when there is one, and says that
 * it was stopped only if it was. */

#ifndef CALLS_H
#define CALLS_H

#include <unistd.h>

#include "requests.h"
#include "tally.h"

/* How much later than it said a call may come back on a busy machine. */
#define GRACE_MS 5000
/* Who is not back then never will be. */
#define HANGS_MS 40000

#define LIMIT_MS 3000

#define API_KEY "standin-api-key"

/* The longest rest of a worker between two things that it does. */
#define PACE_MS 120

/* When somebody was stopped: numbers that only grow. */
struct stops {
    long begun, ended;
};

static struct stops all_stops;

/* A client and what was set for it. */
struct seat {
    ropc_client *client;
    int proxied;
    long limit_ms;
    struct stops stops;
};

struct worker {
    pthread_t thread;
    int number;
    uint64_t random;
    /* A call is out since then, for who watches; 0: none. */
    long long out_since;
    enum kind out;
    int done;
    struct tally tally;
    struct seat own;
    struct keep *keeps;
};

struct call {
    struct worker *me;
    struct seat *seat;
    enum kind kind;
    long long begun, outer;
    enum kind outer_kind;
    long limit_ms, ended_before;
    /* Whether the caller itself stopped it, or lets it find nobody signed in. */
    int stopped, may_be_out;
    /* What became of the session before, for who reads a failure. */
    const char *story;
};

static inline uint64_t draw(struct worker *me, uint64_t below)
{
    me->random ^= me->random << 13;
    me->random ^= me->random >> 7;
    me->random ^= me->random << 17;
    return (me->random >> 11) % below;
}

/* Faults of this program itself, to prove that they are found. */
static inline int planted(const char *name, uint32_t one_in)
{
    static uint32_t count;
    const char *names = getenv("SOAK_PLANTED");
    if (names == NULL || strstr(names, name) == NULL) {
        return 0;
    }
    /* Mixed, for several of them count in turn. */
    return (__atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) * 2654435761U >> 8) % one_in == 0;
}

/* Whether a free is left out: in one of a hundred, or, for a short proof, of twenty. */
static inline int forgets(void) { return planted("leak", 100) || planted("leaks", 20); }

static inline void stop_begins(struct stops *stops) { __atomic_add_fetch(&stops->begun, 1, __ATOMIC_SEQ_CST); }
static inline void stop_ended(struct stops *stops) { __atomic_add_fetch(&stops->ended, 1, __ATOMIC_SEQ_CST); }

static inline long count_of(const long *count) { return __atomic_load_n(count, __ATOMIC_SEQ_CST); }

#define BIT(status) ((uint64_t)1 << (status))
#define STOPPED BIT(ROPC_E_CANCELLED)
/* What the network, or who stops it, may make of any call. */
#define NETWORK (STOPPED | BIT(ROPC_E_CONNECT) | BIT(ROPC_E_TIMEOUT) | BIT(ROPC_E_IO) | BIT(ROPC_E_PROXY))
#define WORKS (NETWORK | BIT(ROPC_OK))
#define REFUSED (NETWORK | BIT(ROPC_E_REFUSED))
/* What a session may say besides: the header, at ropc_session; and a token that
 * was long under way may be too short. */
#define SESSION                                                                                                        \
    (WORKS | BIT(ROPC_SAVE_FIRST) | BIT(ROPC_E_ANSWER) | BIT(ROPC_E_UNCLEAR) | BIT(ROPC_E_STORE) |                     \
     BIT(ROPC_E_SIGNED_OUT))

/* What each may come to, and for what reason a server may refuse. */
static const struct rule {
    uint64_t statuses;
    ropc_reason refused;
} RULES[KINDS] = {
    [LOGIN] = {WORKS, ROPC_REASON_NONE},
    [GRANT] = {WORKS, ROPC_REASON_NONE},
    [WRONG] = {REFUSED, ROPC_REASON_WRONG_CREDENTIALS},
    [LOCKED] = {REFUSED, ROPC_REASON_LOCKED},
    [SECOND_FACTOR] = {REFUSED, ROPC_REASON_SECOND_FACTOR},
    [REQUEST] = {WORKS, ROPC_REASON_NONE},
    [AHEAD] = {WORKS, ROPC_REASON_NONE},
    [DISCOVER] = {WORKS, ROPC_REASON_NONE},
    [REFRESH] = {WORKS, ROPC_REASON_NONE},
    [REVOKE] = {WORKS, ROPC_REASON_NONE},
    [USERINFO] = {REFUSED | BIT(ROPC_OK), ROPC_REASON_TOKEN_REFUSED},
    [PROFILE] = {REFUSED | BIT(ROPC_OK), ROPC_REASON_TOKEN_REFUSED},
    [VALIDATE] = {REFUSED | BIT(ROPC_OK), ROPC_REASON_TOKEN_REFUSED},
    [INVALIDATE] = {REFUSED | BIT(ROPC_OK), ROPC_REASON_TOKEN_REFUSED},
    [VERIFY] = {WORKS, ROPC_REASON_NONE},
    [SIGN_IN] = {WORKS, ROPC_REASON_NONE},
    [TOKEN] = {SESSION, ROPC_REASON_NONE},
    [POLL] = {SESSION | BIT(ROPC_PENDING), ROPC_REASON_NONE},
    [RENEW] = {SESSION | BIT(ROPC_PENDING), ROPC_REASON_NONE},
    [FORCE] = {SESSION, ROPC_REASON_NONE},
    [API_GET] = {SESSION, ROPC_REASON_NONE},
    [API_POST] = {SESSION, ROPC_REASON_NONE},
    [RESUME] = {BIT(ROPC_OK) | BIT(ROPC_E_SIGNED_OUT) | BIT(ROPC_E_STORE), ROPC_REASON_NONE},
    [SIGN_OUT] = {BIT(ROPC_OK) | BIT(ROPC_E_NOT_REVOKED) | BIT(ROPC_E_TIMEOUT) | STOPPED, ROPC_REASON_NONE},
    [AT_ONCE] = {BIT(ROPC_OK), ROPC_REASON_NONE},
    [CHILD] = {WORKS, ROPC_REASON_NONE},
    [SHUTDOWN] = {BIT(ROPC_OK), ROPC_REASON_NONE},
};

/* Whether a text that people may read holds what nobody may: the stand-in's refresh
 * tokens begin with "canary", the others are JWTs. */
static inline int is_secret(const char *text)
{
    static const char *const PARTS[] = {PASSWORD, API_KEY, "canary", "eyJ"};
    for (size_t i = 0; i < COUNT(PARTS); i++) {
        if (strstr(text, PARTS[i]) != NULL) {
            return 1;
        }
    }
    return 0;
}

/* Whether the reason is one that this call can have here. */
static inline int has_reason(const struct call *call, ropc_reason reason)
{
    switch (reason) {
    case ROPC_REASON_WRONG_CREDENTIALS:
    case ROPC_REASON_LOCKED:
    case ROPC_REASON_SECOND_FACTOR:
    case ROPC_REASON_TOKEN_REFUSED:
        return reason == RULES[call->kind].refused;
    case ROPC_REASON_NOTHING_STORED:
        return call->kind == RESUME;
    case ROPC_REASON_SIGNED_OUT:
    case ROPC_REASON_REFRESH_ENDED:
        return call->may_be_out;
    case ROPC_REASON_CONNECTION_REFUSED:
    case ROPC_REASON_TIMED_OUT:
    case ROPC_REASON_CUT_OFF_BEFORE_SENT:
    case ROPC_REASON_CUT_OFF_AFTER_SENT:
    case ROPC_REASON_CANCELLED:
    case ROPC_REASON_UNCLEAR:
    case ROPC_REASON_TOO_SHORT:
    case ROPC_REASON_NOT_REVOKED:
    case ROPC_REASON_STORE_BUSY:
    case ROPC_REASON_SAVE_FAILED:
        return 1;
    case ROPC_REASON_PROXY_UNREACHABLE:
    case ROPC_REASON_PROXY_REFUSED:
        return call->seat->proxied;
    default:
        return 0;
    }
}

static inline struct call begin(struct worker *me, enum kind kind, struct seat *seat, long limit_ms)
{
    struct call call;
    memset(&call, 0, sizeof call);
    call.me = me;
    call.seat = seat;
    call.kind = kind;
    call.limit_ms = limit_ms;
    call.outer = me->out_since;
    call.outer_kind = me->out;
    call.ended_before = count_of(&all_stops.ended) + count_of(&seat->stops.ended);
    call.begun = now_ms();
    __atomic_store_n(&me->out, kind, __ATOMIC_SEQ_CST);
    __atomic_store_n(&me->out_since, call.begun, __ATOMIC_SEQ_CST);
    return call;
}

static inline void complain(const struct call *call, const char *what, ropc_status status, const ropc_error *error)
{
    char detail[500];
    snprintf(detail, sizeof detail, "%s, %s, %lld ms of %ld%s: %.200s%s%.200s", ropc_status_name(status),
             ropc_reason_name(error == NULL ? 0 : (int)error->reason), now_ms() - call->begun, call->limit_ms,
             call->seat->proxied ? ", by proxy" : "", error == NULL ? "" : error->message,
             call->story == NULL ? "" : " Before: ", call->story == NULL ? "" : call->story);
    check_fail(KIND_NAMES[call->kind], call->me->number, what, detail);
}

/* How late a call is, which is counted, too. */
static inline void in_time(const struct call *call, ropc_status status)
{
    long late_ms = (long)(now_ms() - call->begun) - call->limit_ms;
    long *worst_ms = &call->me->tally.worst_ms[call->kind];
    *worst_ms = late_ms > *worst_ms ? late_ms : *worst_ms;
    if (late_ms > GRACE_MS) {
        complain(call, "came back too late", status, NULL);
    }
}

/* The call has come back; frees its error. `error` NULL: it has none to give. */
static inline ropc_status over(struct call *call, ropc_status status, ropc_error **error)
{
    struct worker *me = call->me;
    ropc_error *told = error == NULL ? NULL : *error;
    int failed = status != ROPC_OK && status != ROPC_PENDING && status != ROPC_SAVE_FIRST;
    int expected = place_of(status) == (int)status && (RULES[call->kind].statuses & BIT(status)) != 0;
    if (planted("late", 50)) {
        rest_us(100000);
        call->begun -= call->limit_ms + GRACE_MS;
    }
    if (!expected || planted("unlisted", 50)) {
        complain(call, "is no end that this call has here", status, told);
    } else if (error != NULL && failed != (told != NULL)) {
        complain(call, "has an error for no failure, or none for one", status, told);
    } else if (told != NULL && (told->status != status || !has_reason(call, told->reason))) {
        complain(call, "failed for another reason than this call has here", status, told);
    } else if (told != NULL && is_secret(told->message)) {
        complain(call, "failed with a secret in its message", status, NULL);
    }
    if (status == ROPC_E_CANCELLED && !call->stopped &&
        count_of(&all_stops.begun) + count_of(&call->seat->stops.begun) == call->ended_before) {
        complain(call, "was stopped by nobody", status, told);
    }
    in_time(call, status);
    me->tally.calls[call->kind][place_of(status)]++;
    __atomic_store_n(&me->out_since, call->outer, __ATOMIC_SEQ_CST);
    __atomic_store_n(&me->out, call->outer_kind, __ATOMIC_SEQ_CST);
    if (told != NULL) {
        if (!forgets()) {
            ropc_error_free(told);
        }
        *error = NULL;
    }
    return status;
}

/* A call that never blocks, and what it came to. */
#define AT_ONCE(me, seat, expression)                                                                                  \
    do {                                                                                                               \
        struct call at_once = begin(me, AT_ONCE, seat, 0);                                                             \
        over(&at_once, expression, NULL);                                                                              \
    } while (0)

/* The same for what returns nothing. */
#define FREES(me, seat, expression) AT_ONCE(me, seat, ((expression), ROPC_OK))

#endif
