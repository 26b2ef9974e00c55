/* Who signs in, and whose a token is. Every user has a number, and is known to
 * the stand-in by name; run.py says what "sub" that name gets. */

#ifndef PEOPLE_H
#define PEOPLE_H

#include "calls.h"

#define SUB_LETTERS 32

struct name {
    char text[24];
};

/* The answer to a login takes as many milliseconds as the number is. */
static inline struct name name_of(int user)
{
    struct name name;
    snprintf(name.text, sizeof name.text, "fault:delay_%d", user);
    return name;
}

/* Its letters, and the number behind `"exp":`. */
struct claims {
    char sub[SUB_LETTERS + 1];
    long long expires_at;
};

static inline int letter_of(char letter)
{
    static const char LETTERS[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const char *place = letter == '\0' ? NULL : strchr(LETTERS, letter);
    return place == NULL ? -1 : (int)(place - LETTERS);
}

/* The part of a JWT between its dots. */
static inline void payload_of(const char *token, char *out, size_t room)
{
    const char *at = strchr(token, '.');
    unsigned bits = 0, have = 0;
    size_t len = 0;
    while (at != NULL && letter_of(*++at) >= 0 && len + 1 < room) {
        bits = (bits << 6 | (unsigned)letter_of(*at)) & 0xffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            out[len++] = (char)(bits >> have & 0xff);
        }
    }
    out[len] = '\0';
}

static inline struct claims claims_of(const char *token)
{
    char payload[2048];
    struct claims claims = {"", 0};
    const char *sub, *expires;
    payload_of(token, payload, sizeof payload);
    sub = strstr(payload, "\"sub\":\"");
    expires = strstr(payload, "\"exp\":");
    if (sub != NULL && expires != NULL) {
        snprintf(claims.sub, sizeof claims.sub, "%.*s", SUB_LETTERS, sub + 7);
        claims.expires_at = atoll(expires + 6);
    }
    return claims;
}

/* Where the "sub" of this user begins in what run.py said. */
static inline const char *sub_of(int user) { return where("SOAK_SUBS") + (size_t)user * SUB_LETTERS; }

static inline int is_of(int user, const char *token)
{
    struct claims claims = claims_of(token);
    return strncmp(claims.sub, sub_of(planted("foreign", 50) ? user + 1 : user), SUB_LETTERS) == 0;
}

/* The token is this user's, and was good for `min_ms` more when the call began. */
static inline void good(const struct call *call, int user, const char *token, long min_ms)
{
    long long wall_ms = (long long)time(NULL) * 1000, ends_ms = claims_of(token).expires_at * 1000;
    if (!is_of(user, token)) {
        complain(call, "gave a token that is not this user's", ROPC_OK, NULL);
    }
    /* The stand-in and time() leave out the second that has begun. */
    if (ends_ms + 2000 < wall_ms - (now_ms() - call->begun) + min_ms) {
        complain(call, "gave a token that ends too soon", ROPC_OK, NULL);
    }
}

#endif
