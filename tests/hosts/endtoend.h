/* What every host must be able to do, from a sign-in to a shutdown with a request
 * in flight. Programs here run it in the middle of whatever their trap is. */

#ifndef ENDTOEND_H
#define ENDTOEND_H

#include "sessions.h"

/* A password that is not the account's. */
static inline void is_refused(const ropc_client *client)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_login(client, "ada", "wrong", &tokens, &error), ROPC_E_REFUSED);
    if (CHECK(tokens == NULL && error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_WRONG_CREDENTIALS);
    }
    ropc_error_free(error);
}

static inline void is_locked(const ropc_client *client)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_login(client, "locked", PASSWORD, &tokens, &error), ROPC_E_REFUSED);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_LOCKED);
        /* The stand-in locks for ten minutes. */
        CHECK(error->locked_until_at > (int64_t)time(NULL) + 500 && error->locked_until_at < (int64_t)time(NULL) + 700);
    }
    ropc_error_free(error);
}

static inline void needs_second_factor(const ropc_client *client)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_login(client, "mfa-native", PASSWORD, &tokens, &error), ROPC_E_REFUSED);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_SECOND_FACTOR);
        CHECK(ropc_error_extra(error, "SecondFactorAuthentication") != NULL);
    }
    ropc_error_free(error);
}

static inline void is_cancelled(const ropc_client *client)
{
    ropc_request *request = started(client, "fault:never");
    CHECK_NUMBER(ropc_request_poll(request), ROPC_PENDING);
    CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
    ends(request, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
}

/* Signs in, refreshes, is started again, calls an API and signs out, all with the
 * file `name` of this run. */
static inline void stays_signed_in(const ropc_client *client, const char *name)
{
    ropc_store *store = NULL;
    ropc_session *session, *again = NULL;
    ropc_error *error = NULL;
    char *old, *fresh;
    if (!ENDED(ropc_store_file(in_folder(name), &store, &error), ROPC_OK, ROPC_REASON_NONE)) {
        return;
    }
    session = session_of(client, "ada", store);
    old = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    expire(session);
    fresh = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK(old != NULL && fresh != NULL && strcmp(old, fresh) != 0);
    ropc_session_free(session);
    free(old);
    if (ENDED(ropc_session_resume(client, store, "ada", &again, &error), ROPC_OK, ROPC_REASON_NONE)) {
        old = token_of(again, ROPC_OK, ROPC_REASON_NONE);
        CHECK_TEXT(old, fresh);
        free(old);
        CHECK_NUMBER(get(again, "/api/echo"), 200);
        ENDED(ropc_session_sign_out(again, &error), ROPC_OK, ROPC_REASON_NONE);
        free(token_of(again, ROPC_E_SIGNED_OUT, ROPC_REASON_SIGNED_OUT));
        ropc_session_free(again);
    }
    again = NULL;
    ENDED(ropc_session_resume(client, store, "ada", &again, &error), ROPC_E_SIGNED_OUT, ROPC_REASON_NOTHING_STORED);
    free(fresh);
    ropc_store_free(store);
}

/* All of it but the shutdown, for hosts that have other calls under way. One
 * thread at a time, because of the line to the stand-in. */
static inline void signs_in(const char *name)
{
    ropc_client *client = client_with_identity();
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    is_refused(client);
    is_locked(client);
    needs_second_factor(client);
    is_cancelled(client);
    ends(started(client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    stays_signed_in(client, name);
    ropc_client_free(client);
}

static inline void end_to_end(const char *name)
{
    ropc_client *client = new_client();
    ropc_request *request;
    signs_in(name);
    request = started(client, "fault:never");
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
    ends(request, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    ropc_client_free(client);
}

#endif
