/* The program that syscalls.py traces: LOGINS logins on a warm connection,
 * with a marker before each and after the last that only a trace sees; then
 * polls of a request that is under way, tokens asked of a session and polls of
 * it, each between two other markers. */

#include <stdlib.h>
#include <unistd.h>

#include "requests.h"

/* Six letters. */
static void mark(const char *what)
{
    /* No such descriptor: the call fails and does nothing else. */
    (void)!write(-1, what, 6);
}

static void polls(const ropc_client *client)
{
    ropc_request *request = started(client, "fault:never");
    int pending = 1;
    CHECK_NUMBER(ropc_request_wait(request, 100), ROPC_PENDING);
    mark("polls:");
    for (int i = 0; i < 1000; i++) {
        pending = pending && ropc_request_poll(request) == ROPC_PENDING;
    }
    mark("polled");
    CHECK(pending);
    ropc_request_free(request);
}

/* Its token is good all the time. */
static void session_tokens(const ropc_client *client)
{
    ropc_session *session = NULL;
    ropc_token *token = NULL;
    int good = 1;
    CHECK_NUMBER(ropc_session_login(client, "ada", PASSWORD, NULL, NULL, &session, NULL), ROPC_OK);
    mark("token:");
    for (int i = 0; i < 1000; i++) {
        good = good && ropc_session_token(session, 1000, 1000, &token, NULL) == ROPC_OK;
        ropc_token_free(token);
    }
    mark("tokens");
    mark("asked:");
    for (int i = 0; i < 1000; i++) {
        good = good && ropc_session_poll(session, 1000, &token, NULL) == ROPC_OK;
        ropc_token_free(token);
    }
    mark("asked.");
    CHECK(good);
    ropc_session_free(session);
}

int main(int argc, char **argv)
{
    ropc_client *client = new_client();
    int logins = argc == 2 ? atoi(argv[1]) : 0;
    for (int i = 0; i < 5; i++) {
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    }
    for (int i = 0; i < logins; i++) {
        mark("marker");
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    }
    mark("marker");
    polls(client);
    session_tokens(client);
    ropc_client_free(client);
    return finish();
}
