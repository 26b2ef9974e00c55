/* dlopen(), logins, a session that refreshes, dlclose(), twenty times on a thread
 * that has ended and five times on the main one: no crash, no thread and no
 * memory is left behind after a shutdown. Without one, the library stays where a
 * thread of its own still needs it. Linked with nothing: all functions are looked
 * up. */

#include "footprint.h"

#include <dlfcn.h>

/* The functions used here, under the names the header gives them. */
struct api {
    ropc_status (*abi_check)(uint32_t);
    ropc_status (*loginradius)(const char *, const char *, const char *, ropc_options **, ropc_error **);
    ropc_status (*set_ca_pem)(ropc_options *, const char *, size_t);
    ropc_status (*set_proxy)(ropc_options *, const char *);
    ropc_status (*client_new)(const ropc_options *, ropc_client **, ropc_error **);
    ropc_status (*login)(const ropc_client *, const char *, const char *, ropc_tokens **, ropc_error **);
    ropc_status (*request_login)(const ropc_client *, const char *, const char *, ropc_request **, ropc_error **);
    ropc_status (*request_start)(const ropc_request *, ropc_error **);
    ropc_status (*request_wait)(const ropc_request *, uint32_t);
    ropc_status (*request_take_tokens)(const ropc_request *, ropc_tokens **, ropc_error **);
    uint32_t (*shutdown)(uint32_t);
    ropc_status (*session_login)(const ropc_client *, const char *, const char *, const ropc_store *, const char *,
                                 ropc_session **, ropc_error **);
    ropc_status (*session_token)(const ropc_session *, uint32_t, uint32_t, ropc_token **, ropc_error **);
    ropc_status (*session_poll)(const ropc_session *, uint32_t, ropc_token **, ropc_error **);
    ropc_status (*session_expire)(const ropc_session *, const char *);
    void (*session_free)(ropc_session *);
    void (*token_free)(ropc_token *);
    void (*request_free)(ropc_request *);
    void (*options_free)(ropc_options *);
    void (*client_free)(ropc_client *);
    void (*tokens_free)(ropc_tokens *);
    void (*error_free)(ropc_error *);
};

/* POSIX's way of turning an object pointer into a function's. */
static void find(void *library, const char *name, void *place)
{
    void *symbol = dlsym(library, name);
    if (symbol == NULL) {
        check_fail(__FILE__, __LINE__, name, "is not exported");
        exit(1);
    }
    memcpy(place, &symbol, sizeof symbol);
}

static void find_all(void *library, struct api *api)
{
    find(library, "ropc_abi_check", &api->abi_check);
    find(library, "ropc_options_loginradius", &api->loginradius);
    find(library, "ropc_options_set_ca_pem", &api->set_ca_pem);
    find(library, "ropc_options_set_proxy", &api->set_proxy);
    find(library, "ropc_client_new", &api->client_new);
    find(library, "ropc_login", &api->login);
    find(library, "ropc_request_login", &api->request_login);
    find(library, "ropc_request_start", &api->request_start);
    find(library, "ropc_request_wait", &api->request_wait);
    find(library, "ropc_request_take_tokens", &api->request_take_tokens);
    find(library, "ropc_shutdown", &api->shutdown);
    find(library, "ropc_session_login", &api->session_login);
    find(library, "ropc_session_token", &api->session_token);
    find(library, "ropc_session_poll", &api->session_poll);
    find(library, "ropc_session_expire", &api->session_expire);
    find(library, "ropc_session_free", &api->session_free);
    find(library, "ropc_token_free", &api->token_free);
    find(library, "ropc_request_free", &api->request_free);
    find(library, "ropc_options_free", &api->options_free);
    find(library, "ropc_client_free", &api->client_free);
    find(library, "ropc_tokens_free", &api->tokens_free);
    find(library, "ropc_error_free", &api->error_free);
}

struct round {
    void *library;
    /* Or it is unloaded with everything under way. */
    int shuts_down;
};

/* Signs a user in, whose refresh is under way when this returns. */
static ropc_session *refreshing(const struct api *api, const ropc_client *client)
{
    ropc_session *session = NULL;
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(api->session_login(client, "ada", PASSWORD, NULL, NULL, &session, &error), ROPC_OK);
    if (CHECK_NUMBER(api->session_token(session, 0, LONG_MS, &token, &error), ROPC_OK)) {
        CHECK_NUMBER(api->session_expire(session, token->access_token), ROPC_OK);
    }
    api->token_free(token);
    token = NULL;
    CHECK_NUMBER(api->session_poll(session, 0, &token, &error), ROPC_PENDING);
    CHECK(token == NULL && error == NULL);
    return session;
}

static void *use(void *argument)
{
    const struct round *round = argument;
    size_t len = 0;
    char *pem = read_file(where("STANDIN_CA"), &len);
    struct api api;
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_request *request = NULL, *running = NULL;
    ropc_session *session;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    find_all(round->library, &api);
    CHECK_NUMBER(api.abi_check(ROPC_ABI), ROPC_OK);
    CHECK_NUMBER(api.loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, &error), ROPC_OK);
    CHECK_NUMBER(api.set_ca_pem(options, pem, len), ROPC_OK);
    CHECK_NUMBER(api.set_proxy(options, ""), ROPC_OK);
    CHECK_NUMBER(api.client_new(options, &client, &error), ROPC_OK);
    CHECK_NUMBER(api.login(client, "ada", PASSWORD, &tokens, &error), ROPC_OK);
    CHECK(tokens != NULL && error == NULL);
    api.tokens_free(tokens);
    CHECK_NUMBER(api.request_login(client, "ada", PASSWORD, &request, &error), ROPC_OK);
    CHECK_NUMBER(api.request_start(request, &error), ROPC_OK);
    CHECK_NUMBER(api.request_login(client, "fault:never", PASSWORD, &running, &error), ROPC_OK);
    CHECK_NUMBER(api.request_start(running, &error), ROPC_OK);
    CHECK_NUMBER(api.request_wait(request, LONG_MS), ROPC_OK);
    CHECK_NUMBER(api.request_take_tokens(request, &tokens, &error), ROPC_OK);
    CHECK(tokens != NULL && error == NULL);
    session = refreshing(&api, client);
    if (round->shuts_down) {
        CHECK_NUMBER(api.shutdown(LONG_MS), 0);
        CHECK_NUMBER(api.request_wait(running, 0), ROPC_E_CANCELLED);
    }
    api.session_free(session);
    api.request_free(running);
    api.request_free(request);
    api.error_free(error);
    api.tokens_free(tokens);
    api.client_free(client);
    api.options_free(options);
    free(pem);
    return NULL;
}

static void round_trip(int on_a_thread, int shuts_down)
{
    struct round round;
    pthread_t thread;
    round.library = dlopen(where("ROPC_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
    round.shuts_down = shuts_down;
    if (round.library == NULL) {
        check_fail(__FILE__, __LINE__, "dlopen", dlerror());
        exit(1);
    }
    if (on_a_thread) {
        CHECK_NUMBER(pthread_create(&thread, NULL, use, &round), 0);
        pthread_join(thread, NULL);
    } else {
        use(&round);
    }
    CHECK_NUMBER(dlclose(round.library), 0);
    if (shuts_down) {
        NO_THREADS_LEFT();
    }
    round.library = dlopen(where("ROPC_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
    if (CHECK(round.library != NULL)) {
        dlclose(round.library);
    }
}

int main(void)
{
    struct footprint before = {0, 0};
    int descriptors_before = descriptors();
    CHECK(dlopen(where("ROPC_LIBRARY"), RTLD_NOW | RTLD_NOLOAD) == NULL);
    /* Threads first: on one that lives, its thread-locals alone would keep the
     * library loaded. */
    check_about("without a shutdown");
    for (int i = 0; i < 4; i++) {
        round_trip(1, 0);
    }
    check_about("on threads that end");
    for (int i = 1; i <= 20; i++) {
        round_trip(1, 1);
        if (i == 5) {
            before = footprint_now();
        }
    }
    check_about("round 5 and round 20");
    footprint_same(before, 4096, 1024);
    check_about("on the main thread");
    for (int i = 0; i < 5; i++) {
        round_trip(0, 1);
    }
    CHECK_NUMBER(descriptors(), descriptors_before);
    return checks_failed();
}
