/* The operations of scan.c: what each is given, and where its result is kept. */

#ifndef SCAN_CALLS_H
#define SCAN_CALLS_H

#include <ropc.h>
#include <stdlib.h>
#include <string.h>

#define LONG_MS 20000

typedef struct {
    char *text[4];
    int count;
} texts;

static ropc_options *options;
static ropc_client *client;
static ropc_request *request, *aside;
static ropc_store *store;
static ropc_session *session;
static ropc_error *error;

/* What the last operation gave. */
static ropc_tokens *tokens;
static ropc_options *found;
static ropc_token *token;
static ropc_response *response;
static char *string;

static texts given;

static void put(texts *to, const char *text)
{
    if (to->count < 4) {
        to->text[to->count++] = strdup(text);
    }
}

static void wipe(texts *all)
{
    while (all->count > 0) {
        char *text = all->text[--all->count];
        ropc_wipe(text, strlen(text));
        free(text);
    }
}

static const char *at(int place) { return place < given.count ? given.text[place] : NULL; }

static const char *const grant_names[] = {"token"}, *const header_names[] = {"X-Key"};

static ropc_status call(const char *name)
{
    const char *const values[] = {at(0)}, *const headers[] = {at(1)};
#define IS(what) (strcmp(name, what) == 0)
    if (IS("login")) {
        return ropc_login(client, at(0), at(1), &tokens, &error);
    } else if (IS("login_n")) {
        return ropc_login_n(client, at(0), strlen(at(0)), at(1), strlen(at(1)), &tokens, &error);
    } else if (IS("grant")) {
        return ropc_grant(client, "exchange_token", grant_names, values, 1, &tokens, &error);
    } else if (IS("refresh")) {
        return ropc_refresh(client, at(0), &tokens, &error);
    } else if (IS("revoke")) {
        return ropc_revoke(client, at(0), ROPC_HINT_REFRESH, &error);
    } else if (IS("userinfo")) {
        return ropc_userinfo(client, at(0), &string, &error);
    } else if (IS("profile")) {
        return ropc_profile(client, at(0), NULL, &string, &error);
    } else if (IS("validate")) {
        return ropc_validate(client, at(0), &tokens, &error);
    } else if (IS("invalidate")) {
        return ropc_invalidate(client, at(0), &error);
    } else if (IS("verify")) {
        return ropc_verify_id_token(client, at(0), NULL, NULL, &string, &error);
    } else if (IS("connect")) {
        return ropc_client_connect(client, &error);
    } else if (IS("discover")) {
        return ropc_discover(options, at(0), 1, &found, &error);
    } else if (IS("session_login")) {
        return ropc_session_login(client, at(0), at(1), store, NULL, &session, &error);
    } else if (IS("session_new")) {
        return ropc_session_new(client, tokens, store, at(0), &session, &error);
    } else if (IS("session_resume")) {
        return ropc_session_resume(client, store, at(0), &session, &error);
    } else if (IS("session_token")) {
        return ropc_session_token(session, 1000, LONG_MS, &token, &error);
    } else if (IS("session_poll")) {
        return ropc_session_poll(session, 1000, &token, &error);
    } else if (IS("session_call")) {
        return ropc_session_call(session, "PUT", at(0), header_names, headers, at(1) != NULL, (const uint8_t *)at(2),
                                 at(2) == NULL ? 0 : strlen(at(2)), &response, &error);
    } else if (IS("session_refresh")) {
        return ropc_session_refresh(session, 1, LONG_MS, &error);
    } else if (IS("session_begin")) {
        return ropc_session_refresh(session, 1, 0, &error);
    } else if (IS("session_expire")) {
        return ropc_session_expire(session, at(0));
    } else if (IS("session_pending")) {
        return ropc_session_pending(session, &string, &error);
    } else if (IS("session_saved")) {
        return ropc_session_saved(session, 1);
    } else if (IS("session_sign_out")) {
        return ropc_session_sign_out(session, &error);
    } else if (IS("store_give")) {
        return ropc_store_give(store, at(0), at(1), &error);
    }
    return ROPC_E_BUG;
}

static ropc_status prepare(const char *name)
{
    const char *const values[] = {at(0)}, *const headers[] = {at(1)};
    if (IS("login")) {
        return ropc_request_login(client, at(0), at(1), &request, &error);
    } else if (IS("login_n")) {
        return ropc_request_login_n(client, at(0), strlen(at(0)), at(1), strlen(at(1)), &request, &error);
    } else if (IS("grant")) {
        return ropc_request_grant(client, "exchange_token", grant_names, values, 1, &request, &error);
    } else if (IS("refresh")) {
        return ropc_request_refresh(client, at(0), &request, &error);
    } else if (IS("revoke")) {
        return ropc_request_revoke(client, at(0), ROPC_HINT_REFRESH, &request, &error);
    } else if (IS("userinfo")) {
        return ropc_request_userinfo(client, at(0), &request, &error);
    } else if (IS("profile")) {
        return ropc_request_profile(client, at(0), NULL, &request, &error);
    } else if (IS("validate")) {
        return ropc_request_validate(client, at(0), &request, &error);
    } else if (IS("invalidate")) {
        return ropc_request_invalidate(client, at(0), &request, &error);
    } else if (IS("verify")) {
        return ropc_request_verify_id_token(client, at(0), NULL, NULL, &request, &error);
    } else if (IS("connect")) {
        return ropc_request_connect(client, &request, &error);
    } else if (IS("discover")) {
        return ropc_request_discover(options, at(0), 1, &request, &error);
    } else if (IS("session_login")) {
        return ropc_request_session_login(client, at(0), at(1), store, NULL, &request, &error);
    } else if (IS("session_call")) {
        return ropc_request_session_call(session, "PUT", at(0), header_names, headers, at(1) != NULL,
                                         (const uint8_t *)at(2), at(2) == NULL ? 0 : strlen(at(2)), &request, &error);
    } else if (IS("session_sign_out")) {
        return ropc_request_session_sign_out(session, &request, &error);
    }
    return ROPC_E_BUG;
}

/* Waits for the end of the request and takes its result, of whatever kind. */
static ropc_status take(void)
{
    ropc_status status = ROPC_PENDING;
    ropc_session *taken = NULL;
    /* Those of another kind answer ROPC_E_STATE, and nothing is lost. */
    ropc_status (*const done)(const ropc_request *, ropc_error **) = ropc_request_take_done;
    /* A clock that fails can end a wait before its time. */
    for (int waits = 0; waits < 3 && ropc_request_poll(request) == ROPC_PENDING; waits++) {
        ropc_request_wait(request, LONG_MS);
    }
    for (int kind = 0; kind < 6; kind++) {
        ropc_error_free(error);
        status = kind == 0   ? ropc_request_take_tokens(request, &tokens, &error)
                 : kind == 1 ? ropc_request_take_text(request, &string, &error)
                 : kind == 2 ? ropc_request_take_options(request, &found, &error)
                 : kind == 3 ? ropc_request_take_session(request, &taken, &error)
                 : kind == 4 ? ropc_request_take_response(request, &response, &error)
                             : done(request, &error);
        if (status != ROPC_E_STATE) {
            break;
        }
    }
    session = taken == NULL ? session : taken;
    return status;
}

static void free_result(void)
{
    ropc_tokens_free(tokens);
    ropc_options_free(found);
    ropc_token_free(token);
    ropc_response_free(response);
    ropc_string_free(string);
    ropc_error_free(error);
    ropc_request_free(request);
    tokens = NULL, found = NULL, token = NULL, response = NULL, string = NULL, error = NULL, request = NULL;
}

#endif
