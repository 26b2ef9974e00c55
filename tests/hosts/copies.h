/* A copy of the library that was loaded by its path: its functions, with the
 * types that the header gives them. */

#ifndef COPIES_H
#define COPIES_H

/* For dlmopen(): this file comes first. */
#define _GNU_SOURCE

#include <dlfcn.h>

#include "sessions.h"

#define FUNCTIONS                                                                                                      \
    F(abi_check) F(options_loginradius) F(options_set_ca_pem) F(options_set_proxy) F(options_free) F(client_new)       \
    F(client_free) F(login) F(request_login) F(request_start) F(request_wait) F(request_take_tokens) F(request_cancel) \
    F(request_free) F(shutdown) F(store_file) F(store_free) F(session_login) F(session_resume) F(session_token)        \
    F(session_expire) F(session_sign_out) F(session_free) F(token_free) F(tokens_free) F(error_free)

/* One copy. */
struct copy {
    const char *name;
    void *handle;
#define F(function) __typeof__(&ropc_##function) function;
    FUNCTIONS
#undef F
};

/* POSIX's way of turning an object pointer into a function's. */
static inline void find(void *library, const char *name, void *place)
{
    void *symbol = dlsym(library, name);
    if (symbol == NULL) {
        check_fail(__FILE__, __LINE__, name, "is not exported");
        exit(1);
    }
    memcpy(place, &symbol, sizeof symbol);
}

static inline struct copy copy_from(const char *name, void *handle)
{
    struct copy copy;
    memset(&copy, 0, sizeof copy);
    if (handle == NULL) {
        check_fail(__FILE__, __LINE__, name, dlerror());
        exit(1);
    }
    copy.name = name;
    copy.handle = handle;
#define F(function) find(handle, "ropc_" #function, &copy.function);
    FUNCTIONS
#undef F
    return copy;
}

/* The copy that this program is linked with. */
static inline struct copy copy_linked(void)
{
    struct copy copy;
    copy.name = "linked";
    copy.handle = NULL;
#define F(function) copy.function = &ropc_##function;
    FUNCTIONS
#undef F
    return copy;
}

/* A client of `copy` for application "demo". */
static inline ropc_client *client_of(const struct copy *copy)
{
    size_t len = 0;
    char *pem = read_file(where("STANDIN_CA"), &len);
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    CHECK_NUMBER(copy->abi_check(ROPC_ABI), ROPC_OK);
    CHECK_NUMBER(copy->options_loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, NULL), ROPC_OK);
    CHECK_NUMBER(copy->options_set_ca_pem(options, pem, len), ROPC_OK);
    CHECK_NUMBER(copy->options_set_proxy(options, ""), ROPC_OK);
    if (!CHECK_NUMBER(copy->client_new(options, &client, NULL), ROPC_OK)) {
        exit(1);
    }
    copy->options_free(options);
    free(pem);
    return client;
}

/* Signs `user` in with `copy`. */
static inline ropc_status sign_in_with(const struct copy *copy, const ropc_client *client, const char *user)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status = copy->login(client, user, PASSWORD, &tokens, &error);
    if (status != ROPC_OK && status != ROPC_E_REFUSED) {
        printf("     %s\n", error == NULL ? "no error" : error->message);
    }
    copy->tokens_free(tokens);
    copy->error_free(error);
    return status;
}

#endif
