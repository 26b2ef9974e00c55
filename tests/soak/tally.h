/* What the load counts: round.c fills it, load.c prints it, and between the two
 * may stand a plug-in. */

#ifndef TALLY_H
#define TALLY_H

#include <stdint.h>

/* What is called. */
enum kind {
    LOGIN,
    GRANT,
    WRONG,
    LOCKED,
    SECOND_FACTOR,
    REQUEST,
    AHEAD,
    DISCOVER,
    REFRESH,
    REVOKE,
    USERINFO,
    PROFILE,
    VALIDATE,
    INVALIDATE,
    VERIFY,
    SIGN_IN,
    TOKEN,
    POLL,
    RENEW,
    FORCE,
    API_GET,
    API_POST,
    RESUME,
    SIGN_OUT,
    AT_ONCE,
    CHILD,
    SHUTDOWN,
    KINDS
};

static const char *const KIND_NAMES[KINDS] = {
    [LOGIN] = "login",
    [GRANT] = "grant",
    [WRONG] = "wrong password",
    [LOCKED] = "locked",
    [SECOND_FACTOR] = "second factor",
    [REQUEST] = "request",
    [AHEAD] = "connect ahead",
    [DISCOVER] = "discover",
    [REFRESH] = "refresh",
    [REVOKE] = "revoke",
    [USERINFO] = "userinfo",
    [PROFILE] = "profile",
    [VALIDATE] = "validate",
    [INVALIDATE] = "invalidate",
    [VERIFY] = "verify ID token",
    [SIGN_IN] = "session login",
    [TOKEN] = "session token",
    [POLL] = "session poll",
    [RENEW] = "session refresh",
    [FORCE] = "forced refresh",
    [API_GET] = "API GET",
    [API_POST] = "API POST",
    [RESUME] = "resume",
    [SIGN_OUT] = "sign out",
    [AT_ONCE] = "at once",
    [CHILD] = "child of fork",
    [SHUTDOWN] = "shutdown",
};

/* A place for each status; unlisted ones share the one before the last. */
#define STATUSES 64
#define UNLISTED 62

static inline int place_of(int status)
{
    return status == 90 ? STATUSES - 1 : status >= 0 && status < UNLISTED ? status : UNLISTED;
}

struct tally {
    long calls[KINDS][STATUSES];
    /* How much later than it may a call came back, at the worst. */
    long worst_ms[KINDS];
    /* Calls that may have sent a right password, and refreshes that were forced. */
    long passwords, forced;
    /* Log lines, and API calls whose token had just ended. */
    long lines, late_tokens;
};

static inline void tally_add(struct tally *sum, const struct tally *more)
{
    for (int kind = 0; kind < KINDS; kind++) {
        for (int place = 0; place < STATUSES; place++) {
            sum->calls[kind][place] += more->calls[kind][place];
        }
        if (sum->worst_ms[kind] < more->worst_ms[kind]) {
            sum->worst_ms[kind] = more->worst_ms[kind];
        }
    }
    sum->passwords += more->passwords;
    sum->forced += more->forced;
    sum->lines += more->lines;
    sum->late_tokens += more->late_tokens;
}

/* One part of the load, from a still process to a still process but for what is
 * kept from round to round; `keeps` 0: nothing is. Ends the program when a call
 * does not come back. */
struct round {
    uint64_t seed;
    long long until_ms;
    int workers, keeps;
    /* 1 when something did not hold. */
    int failed;
    struct tally tally;
};

typedef void (*round_fn)(struct round *round);

#endif
