/* What the programs about sessions need besides requests.h: clients that can
 * do all that follows a login, sessions, and a line to the stand-in. */

#ifndef SESSIONS_H
#define SESSIONS_H

#include <errno.h>
#include <unistd.h>

#include "requests.h"

#define API_KEY "standin-api-key"

/* Has the stand-in do a command of `standin --help`; what it answers. One
 * thread and one process at a time. */
static inline const char *ask_standin(const char *command)
{
    static char answer[262144];
    char letter = '\0';
    size_t len = 0;
    int line = atoi(where("STANDIN_LINE"));
    CHECK(dprintf(line, "%s\n", command) == (int)strlen(command) + 1);
    while (letter != '\n' && len < sizeof answer - 1) {
        ssize_t count = read(line, &letter, 1);
        if (count == 1 && letter != '\n') {
            answer[len++] = letter;
        } else if (count == 0 || (count < 0 && errno != EINTR)) {
            break;
        }
    }
    answer[len] = '\0';
    CHECK(letter == '\n' && strncmp(answer, "{\"error\"", 8) != 0);
    return answer;
}

/* How often the stand-in did so since it was started: "refreshed", "revoked"
 * and the like. */
static inline long granted(const char *what)
{
    char name[40];
    const char *counts = ask_standin("counts"), *place;
    snprintf(name, sizeof name, "\"%s\": ", what);
    place = strstr(counts, name);
    return CHECK(place != NULL) ? atol(place + strlen(name)) : -1;
}

/* How often `part` is in `text`. */
static inline int count_in(const char *text, const char *part)
{
    int count = 0;
    while ((text = strstr(text, part)) != NULL) {
        count++;
        text += strlen(part);
    }
    return count;
}

/* Something at the stand-in, as a URL in one of a few places. One thread at a
 * time. */
static inline const char *at_standin(const char *path)
{
    static char urls[4][256];
    static int next;
    next = (next + 1) % 4;
    snprintf(urls[next], sizeof urls[next], "%s%s", where("STANDIN_HTTPS"), path);
    return urls[next];
}

/* A path in the folder of this run that no other program has, in one of a few
 * places. One thread at a time. */
static inline const char *in_folder(const char *name)
{
    static char paths[4][300];
    static int next;
    next = (next + 1) % 4;
    snprintf(paths[next], sizeof paths[next], "%s/%s-%s", where("STANDIN_FOLDER"), where("ROPC_WAY"), name);
    return paths[next];
}

/* Settings for application `app`, its identity API at the stand-in too. */
static inline ropc_options *options_with_identity(const char *app)
{
    ropc_options *options = NULL;
    CHECK_NUMBER(ropc_options_loginradius(where("STANDIN_HTTPS"), app, "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    CHECK_NUMBER(ropc_options_set_app_kind(options, ROPC_APP_OIDC), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_IDENTITY, at_standin("")), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_api_key(options, API_KEY), ROPC_OK);
    return options;
}

static inline ropc_client *client_with_identity(void) { return client_from(options_with_identity("demo")); }

/* A call went as wanted; if not, its message is shown. Frees `error`. */
#define ENDED(call, wanted, why) ended(__FILE__, __LINE__, #call, call, wanted, why, &error)

static inline int ended(const char *file, int line, const char *what, ropc_status status, ropc_status wanted,
                        ropc_reason why, ropc_error **error)
{
    ropc_reason reason = *error == NULL ? ROPC_REASON_NONE : (*error)->reason;
    char detail[400];
    int holds = status == wanted && reason == why;
    if (!holds) {
        snprintf(detail, sizeof detail, "ended %s, %s (%.200s), wanted %s, %s", ropc_status_name(status),
                 ropc_reason_name(reason), *error == NULL ? "" : (*error)->message, ropc_status_name(wanted),
                 ropc_reason_name(why));
        check_fail(file, line, what, detail);
    }
    ropc_error_free(*error);
    *error = NULL;
    return holds;
}

/* Signs `user` in; ends the program when that fails. */
static inline ropc_session *session_of(const ropc_client *client, const char *user, const ropc_store *store)
{
    ropc_session *session = NULL;
    ropc_error *error = NULL;
    if (ropc_session_login(client, user, PASSWORD, store, NULL, &session, &error) != ROPC_OK) {
        check_fail(__FILE__, __LINE__, "ropc_session_login", error->message);
        exit(1);
    }
    CHECK(session != NULL && error == NULL);
    return session;
}

/* Asks for a token and checks what comes; a copy of it, which the caller
 * frees, or NULL. */
static inline char *token_of(const ropc_session *session, ropc_status wanted, ropc_reason why)
{
    ropc_token *token = (ropc_token *)(void *)session;
    ropc_error *error = NULL;
    ropc_status status = ropc_session_token(session, 1000, LONG_MS, &token, &error);
    char *text = NULL;
    CHECK((status == ROPC_OK) == (token != NULL));
    CHECK((status == ROPC_OK || status == ROPC_SAVE_FIRST) == (error == NULL));
    ENDED(status, wanted, why);
    if (token != NULL) {
        CHECK_NUMBER(token->length, strlen(token->access_token));
        text = malloc(token->length + 1);
        if (text != NULL) {
            memcpy(text, token->access_token, token->length + 1);
        }
    }
    ropc_token_free(token);
    return text;
}

static inline void gives_token(const ropc_session *session) { free(token_of(session, ROPC_OK, ROPC_REASON_NONE)); }

/* As a program does when an API said 401: the token it holds is worth nothing,
 * at the server and in the session. */
static inline void expire(const ropc_session *session)
{
    char *token = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    ask_standin("expire_access");
    if (token != NULL) {
        CHECK_NUMBER(ropc_session_expire(session, token), ROPC_OK);
    }
    free(token);
}

/* A GET of `path` with the session's token: its HTTP status, 0 without one.
 * Any thread. */
static inline int get(const ropc_session *session, const char *path)
{
    char url[256];
    ropc_response *response = NULL;
    ropc_error *error = NULL;
    int status = 0;
    snprintf(url, sizeof url, "%s%s", where("STANDIN_HTTPS"), path);
    if (ENDED(ropc_session_call(session, "GET", url, NULL, NULL, 0, NULL, 0, &response, &error), ROPC_OK,
              ROPC_REASON_NONE)) {
        status = response->http_status;
    }
    ropc_response_free(response);
    return status;
}

/* How the session is. */
static inline ropc_session_state state_of(const ropc_session *session)
{
    ropc_session_info *info = NULL;
    ropc_session_state state = (ropc_session_state)0;
    if (CHECK_NUMBER(ropc_session_status(session, &info, NULL), ROPC_OK)) {
        state = info->state;
    }
    ropc_session_info_free(info);
    return state;
}

#endif
