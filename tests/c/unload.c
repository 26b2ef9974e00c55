/* dlopen(), a login, dlclose(), ten times with the login on a thread that has
 * ended and ten times on the main one: no crash, and the library stays where a
 * name lookup of its own could still need it. Linked with nothing: all
 * functions are looked up. */

#include <dlfcn.h>

#include "standin.h"

/* The functions used here, under the names the header gives them. */
struct api {
    ropc_status (*abi_check)(uint32_t);
    ropc_status (*loginradius)(const char *, const char *, const char *, ropc_options **, ropc_error **);
    ropc_status (*set_ca_pem)(ropc_options *, const char *, size_t);
    ropc_status (*set_proxy)(ropc_options *, const char *);
    ropc_status (*client_new)(const ropc_options *, ropc_client **, ropc_error **);
    ropc_status (*login)(const ropc_client *, const char *, const char *, ropc_tokens **, ropc_error **);
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
    find(library, "ropc_options_free", &api->options_free);
    find(library, "ropc_client_free", &api->client_free);
    find(library, "ropc_tokens_free", &api->tokens_free);
    find(library, "ropc_error_free", &api->error_free);
}

static void *log_in(void *library)
{
    size_t len = 0;
    char *pem = read_file(where("STANDIN_CA"), &len);
    struct api api;
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    find_all(library, &api);
    CHECK_NUMBER(api.abi_check(ROPC_ABI), ROPC_OK);
    CHECK_NUMBER(api.loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, &error), ROPC_OK);
    CHECK_NUMBER(api.set_ca_pem(options, pem, len), ROPC_OK);
    CHECK_NUMBER(api.set_proxy(options, ""), ROPC_OK);
    CHECK_NUMBER(api.client_new(options, &client, &error), ROPC_OK);
    CHECK_NUMBER(api.login(client, "ada", PASSWORD, &tokens, &error), ROPC_OK);
    CHECK(tokens != NULL && error == NULL);
    api.error_free(error);
    api.tokens_free(tokens);
    api.client_free(client);
    api.options_free(options);
    free(pem);
    return NULL;
}

static void round_trip(int on_a_thread)
{
    void *library = dlopen(where("ROPC_LIBRARY"), RTLD_NOW | RTLD_LOCAL);
    pthread_t thread;
    if (library == NULL) {
        check_fail(__FILE__, __LINE__, "dlopen", dlerror());
        exit(1);
    }
    if (on_a_thread) {
        CHECK_NUMBER(pthread_create(&thread, NULL, log_in, library), 0);
        pthread_join(thread, NULL);
    } else {
        log_in(library);
    }
    CHECK_NUMBER(dlclose(library), 0);
    library = dlopen(where("ROPC_LIBRARY"), RTLD_NOW | RTLD_NOLOAD);
    if (CHECK(library != NULL)) {
        dlclose(library);
    }
}

int main(void)
{
    CHECK(dlopen(where("ROPC_LIBRARY"), RTLD_NOW | RTLD_NOLOAD) == NULL);
    /* Threads first: on one that lives, its thread-locals alone would keep the
     * library loaded. */
    check_about("on threads that end");
    for (int i = 0; i < 10; i++) {
        round_trip(1);
    }
    check_about("on the main thread");
    for (int i = 0; i < 10; i++) {
        round_trip(0);
    }
    return checks_failed();
}
