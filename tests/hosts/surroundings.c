/* Where the library reads the environment, for setenv() in another thread at that
 * moment is undefined behaviour in C: when a client is made or a server's endpoints
 * are discovered, and when the system's certificates are looked for, which is with
 * the first connection. No other call does, so that a host may change its
 * environment while users sign in. */

/* For RTLD_NEXT and secure_getenv(). */
#define _GNU_SOURCE

#include <dlfcn.h>

#include "endtoend.h"

static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;
static char names[4000];
/* Only what the library asks: the rest of the program asks by this thread. */
static __thread int is_mine;

/* The library's reads come here; the C library's own, as those of a name look-up,
 * do not. */
char *getenv(const char *name)
{
    char *(*system_s)(const char *);
    void *symbol = dlsym(RTLD_NEXT, "getenv");
    memcpy(&system_s, &symbol, sizeof system_s);
    if (!is_mine) {
        pthread_mutex_lock(&names_lock);
        strncat(names, name, sizeof names - strlen(names) - 2);
        strcat(names, " ");
        pthread_mutex_unlock(&names_lock);
    }
    return system_s(name);
}

static const char *read_since(void)
{
    static char copy[sizeof names];
    pthread_mutex_lock(&names_lock);
    memcpy(copy, names, sizeof names);
    names[0] = '\0';
    pthread_mutex_unlock(&names_lock);
    return copy;
}

static ropc_client *client_with(int default_proxy, int trust)
{
    size_t len = 0;
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    char *pem;
    is_mine = 1;
    pem = read_file(where("STANDIN_CA"), &len);
    CHECK_NUMBER(ropc_options_loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, NULL), ROPC_OK);
    is_mine = 0;
    CHECK_NUMBER(ropc_options_set_ca_pem(options, pem, len), ROPC_OK);
    if (!default_proxy) {
        CHECK_NUMBER(ropc_options_set_proxy(options, ""), ROPC_OK);
    }
    /* A new connection would have the C library look the name up, which reads the
     * environment for itself. */
    CHECK_NUMBER(ropc_options_set_limit(options, ROPC_LIMIT_IDLE_MS, 600000), ROPC_OK);
    if (trust >= 0) {
        CHECK_NUMBER(ropc_options_set_trust(options, trust), ROPC_OK);
    }
    CHECK_NUMBER(ropc_client_new(options, &client, NULL), ROPC_OK);
    ropc_options_free(options);
    free(pem);
    return client;
}

static volatile int over;

/* Makes the environment grow, move and shrink. */
static void *change(void *argument)
{
    while (!over) {
        char name[40];
        for (int i = 0; i < 200; i++) {
            snprintf(name, sizeof name, "HOST_VARIABLE_%d", i);
            setenv(name, "some value", 1);
        }
        for (int i = 0; i < 200; i++) {
            snprintf(name, sizeof name, "HOST_VARIABLE_%d", i);
            unsetenv(name);
        }
    }
    return argument;
}

int main(void)
{
    pthread_t changer;
    ropc_client *client;
    ropc_request *request;

    check_about("a client with its own proxy and roots");
    client = client_with(0, -1);
    read_since();
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    request = started(client, "ada");
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_OK);
    ropc_request_free(request);
    CHECK_TEXT(read_since(), "");
    ropc_client_free(client);

    check_about("bundled roots");
    client = client_with(0, ROPC_TRUST_BUNDLED);
    read_since();
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_E_TLS);
    CHECK_TEXT(read_since(), "");
    ropc_client_free(client);

    check_about("a client with the environment's proxy");
    read_since();
    client = client_with(1, -1);
    CHECK_HOLDS(read_since(), "https_proxy");
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    CHECK_TEXT(read_since(), "");
    ropc_client_free(client);

    check_about("the system's roots");
    client = client_with(0, ROPC_TRUST_SYSTEM);
    read_since();
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_E_TLS);
    CHECK_HOLDS(read_since(), "SSL_CERT_FILE");
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_E_TLS);
    CHECK_TEXT(read_since(), "");
    ropc_client_free(client);

    check_about("an environment that changes meanwhile");
    client = client_with(0, -1);
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    CHECK_NUMBER(pthread_create(&changer, NULL, change, NULL), 0);
    for (int i = 0; i < 50; i++) {
        ropc_session *session = NULL;
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
        CHECK_NUMBER(ropc_session_login(client, "ada", PASSWORD, NULL, NULL, &session, NULL), ROPC_OK);
        ends(started(client, "locked"), ROPC_E_REFUSED, ROPC_REASON_LOCKED);
        ropc_session_free(session);
    }
    over = 1;
    pthread_join(changer, NULL);
    ropc_client_free(client);
    return finish();
}
