/* Every function that may block, on a thread with a stack of 128 KiB, as game
 * engines have them; how much each needs of it is measured, by what is left of a
 * pattern. tests/c/smallstack.c has the odd answers. */

/* For MAP_STACK: this comes first. */
#define _GNU_SOURCE

#include <sys/mman.h>

#include "sessions.h"

#define STACK (128 * 1024)
/* Of it a call may use so much: the host has frames of its own. */
#define MOST (64 * 1024)
#define PATTERN 0xa5

/* What the functions are called with; made on the main thread, with its stack. */
static ropc_client *client;
static ropc_tokens *tokens;
static ropc_store *store;
static ropc_session *session;
static ropc_request *request;
static ropc_options *options;
static ropc_error *error;
static char issuer[200];
static const char *path;

/* Forgets what the one before left, and makes what the next needs. */
static void sign_in_anew(void)
{
    ropc_tokens_free(tokens);
    tokens = NULL;
    ENDED(ropc_login(client, "ada", PASSWORD, &tokens, &error), ROPC_OK, ROPC_REASON_NONE);
}

static void session_anew(void)
{
    ropc_session_free(session);
    session = session_of(client, "ada", store);
}

static void session_expired(void)
{
    session_anew();
    expire(session);
}

static void session_freed(void)
{
    ropc_session_free(session);
    session = NULL;
}

static void request_anew(void)
{
    ropc_request_free(request);
    request = started(client, "variant:big_token");
}

static void request_ended(void)
{
    request_anew();
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_OK);
}

static void nothing(void) {}

static ropc_status a_login(void)
{
    ropc_tokens *out = NULL;
    ropc_status status = ropc_login(client, "variant:big_token", PASSWORD, &out, &error);
    ropc_tokens_free(out);
    return status;
}

static ropc_status a_connection(void) { return ropc_client_connect(client, &error); }

static ropc_status a_client_cold(void)
{
    ropc_client *cold = client_with_identity();
    ropc_tokens *out = NULL;
    ropc_status status = ropc_login_n(cold, "ada", 3, PASSWORD, strlen(PASSWORD), &out, &error);
    ropc_tokens_free(out);
    ropc_client_free(cold);
    return status;
}

static ropc_status a_grant(void)
{
    const char *names[] = {"username", "password"}, *values[] = {"ada", PASSWORD};
    ropc_tokens *out = NULL;
    ropc_status status = ropc_grant(client, "password", names, values, 2, &out, &error);
    ropc_tokens_free(out);
    return status;
}

static ropc_status a_refresh(void)
{
    ropc_tokens *out = NULL;
    ropc_status status = ropc_refresh(client, tokens->refresh_token, &out, &error);
    ropc_tokens_free(out);
    return status;
}

static ropc_status a_revocation(void) { return ropc_revoke(client, tokens->refresh_token, ROPC_HINT_REFRESH, &error); }

static ropc_status userinfo(void)
{
    char *out = NULL;
    ropc_status status = ropc_userinfo(client, tokens->access_token, &out, &error);
    ropc_string_free(out);
    return status;
}

static ropc_status profile(void)
{
    char *out = NULL;
    ropc_status status = ropc_profile(client, tokens->access_token, NULL, &out, &error);
    ropc_string_free(out);
    return status;
}

static ropc_status validate(void)
{
    ropc_tokens *out = NULL;
    ropc_status status = ropc_validate(client, tokens->access_token, &out, &error);
    ropc_tokens_free(out);
    return status;
}

static ropc_status invalidate(void) { return ropc_invalidate(client, tokens->access_token, &error); }

static ropc_status discover(void)
{
    ropc_options *out = NULL;
    ropc_status status = ropc_discover(options, issuer, 0, &out, &error);
    ropc_options_free(out);
    return status;
}

static ropc_status verify(void)
{
    char *out = NULL;
    ropc_status status = ropc_verify_id_token(client, tokens->id_token, tokens->access_token, NULL, &out, &error);
    ropc_string_free(out);
    return status;
}

static ropc_status a_store(void)
{
    ropc_store *out = NULL;
    ropc_status status = ropc_store_file(path, &out, &error);
    ropc_store_free(out);
    return status;
}

static ropc_status session_from_tokens(void)
{
    return ropc_session_new(client, tokens, store, "ada", &session, &error);
}

static ropc_status session_login(void)
{
    return ropc_session_login(client, "ada", PASSWORD, store, NULL, &session, &error);
}

static ropc_status session_login_n(void)
{
    return ropc_session_login_n(client, "ada", 3, PASSWORD, strlen(PASSWORD), store, NULL, &session, &error);
}

static ropc_status session_resume(void) { return ropc_session_resume(client, store, "ada", &session, &error); }

static ropc_status session_token(void)
{
    ropc_token *out = NULL;
    ropc_status status = ropc_session_token(session, 1000, LONG_MS, &out, &error);
    ropc_token_free(out);
    return status;
}

static ropc_status session_refresh(void) { return ropc_session_refresh(session, 0, LONG_MS, &error); }

static ropc_status session_call(void)
{
    const char *names[] = {"Content-Type"}, *values[] = {"text/plain"};
    static uint8_t body[20000];
    ropc_response *out = NULL;
    ropc_status status
        = ropc_session_call(session, "PUT", at_standin("/api/echo"), names, values, 1, body, sizeof body, &out, &error);
    ropc_response_free(out);
    return status;
}

static ropc_status session_status(void)
{
    ropc_session_info *out = NULL;
    ropc_status status = ropc_session_status(session, &out, &error);
    ropc_session_info_free(out);
    return status;
}

static ropc_status sign_out(void) { return ropc_session_sign_out(session, &error); }

static ropc_status request_wait(void) { return ropc_request_wait(request, LONG_MS); }

static ropc_status request_take(void)
{
    ropc_tokens *out = NULL;
    ropc_status status = ropc_request_take_tokens(request, &out, &error);
    ropc_tokens_free(out);
    return status;
}

static ropc_status end_of_all(void) { return ropc_shutdown(LONG_MS) == 0 ? ROPC_OK : ROPC_E_BUG; }

static const struct {
    const char *name;
    void (*prepare)(void);
    ropc_status (*call)(void);
} calls[] = {
    {"ropc_client_new, ropc_login_n", nothing, a_client_cold},
    {"ropc_client_connect", nothing, a_connection},
    {"ropc_login", nothing, a_login},
    {"ropc_grant", nothing, a_grant},
    {"ropc_refresh", sign_in_anew, a_refresh},
    {"ropc_revoke", sign_in_anew, a_revocation},
    {"ropc_userinfo", sign_in_anew, userinfo},
    {"ropc_profile", nothing, profile},
    {"ropc_validate", nothing, validate},
    {"ropc_verify_id_token", nothing, verify},
    {"ropc_invalidate", nothing, invalidate},
    {"ropc_discover", nothing, discover},
    {"ropc_store_file", nothing, a_store},
    {"ropc_session_new", sign_in_anew, session_from_tokens},
    {"ropc_session_login", session_freed, session_login},
    {"ropc_session_login_n", session_freed, session_login_n},
    {"ropc_session_token", session_expired, session_token},
    {"ropc_session_refresh", nothing, session_refresh},
    {"ropc_session_call", session_expired, session_call},
    {"ropc_session_status", nothing, session_status},
    {"ropc_session_resume", session_freed, session_resume},
    {"ropc_session_sign_out", nothing, sign_out},
    {"ropc_request_wait", request_anew, request_wait},
    {"ropc_request_take_tokens", request_ended, request_take},
    {"ropc_shutdown", request_anew, end_of_all},
};

static void *work(void *row)
{
    ENDED(calls[*(size_t *)row].call(), ROPC_OK, ROPC_REASON_NONE);
    return NULL;
}

/* How many bytes of a stack of its own a thread with this call touches. */
static size_t measure(unsigned char *stack, size_t row)
{
    pthread_attr_t attributes;
    pthread_t thread;
    size_t untouched = 0;
    memset(stack, PATTERN, STACK);
    CHECK_NUMBER(pthread_attr_init(&attributes), 0);
    CHECK_NUMBER(pthread_attr_setstack(&attributes, stack, STACK), 0);
    if (CHECK_NUMBER(pthread_create(&thread, &attributes, work, &row), 0)) {
        pthread_join(thread, NULL);
    }
    pthread_attr_destroy(&attributes);
    while (untouched < STACK && stack[untouched] == PATTERN) {
        untouched++;
    }
    return STACK - untouched;
}

int main(void)
{
    /* Below it a page that nobody may touch. */
    unsigned char *place
        = mmap(NULL, STACK + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    size_t most = 0, of = 0;
    if (!CHECK(place != MAP_FAILED) || !CHECK_NUMBER(mprotect(place, 4096, PROT_NONE), 0)) {
        return 1;
    }
    path = strdup(in_folder("stack"));
    snprintf(issuer, sizeof issuer, "%s/service/oidc/demo", where("STANDIN_HTTPS"));
    options = options_with_identity("demo");
    CHECK_NUMBER(ropc_options_set_issuer(options, issuer), ROPC_OK);
    client = client_from(options);
    CHECK_NUMBER(ropc_options_oauth2(NULL, "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    CHECK_NUMBER(ropc_store_file(path, &store, NULL), ROPC_OK);
    sign_in_anew();
    for (size_t row = 0; row < COUNT(calls); row++) {
        size_t used;
        check_about(calls[row].name);
        calls[row].prepare();
        used = measure(place + 4096, row);
        CHECK(used <= MOST);
        if (used > most) {
            most = used;
            of = row;
        }
    }
    printf("note: at most %zu of 128 KiB, by %s\n", (most + 1023) / 1024, calls[of].name);
    ropc_request_free(request);
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_tokens_free(tokens);
    ropc_client_free(client);
    ropc_options_free(options);
    return finish();
}
