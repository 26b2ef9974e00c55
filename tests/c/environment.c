/* What a process may have around it: proxy variables, SSLKEYLOGFILE, closed
 * standard descriptors, another folder and language. Each case in a child. */

#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "standin.h"

/* Trusts the stand-in; the proxy is left to the environment, as is the default. */
static void trust_only(ropc_options *options)
{
    size_t len = 0;
    char *pem = read_file(where("STANDIN_CA"), &len);
    CHECK_NUMBER(ropc_options_set_ca_pem(options, pem, len), ROPC_OK);
    free(pem);
}

static ropc_client *client_with_default_proxy(void)
{
    ropc_options *options = NULL;
    CHECK_NUMBER(ropc_options_loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, NULL), ROPC_OK);
    trust_only(options);
    return client_from(options);
}

static void set_to_port(const char *variable, const char *port)
{
    char url[64];
    snprintf(url, sizeof url, "http://127.0.0.1:%s", where(port));
    setenv(variable, url, 1);
}

static void expect(ropc_client *client, ropc_status status, ropc_reason reason)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, &error), status);
    CHECK_NUMBER(error == NULL ? ROPC_REASON_NONE : error->reason, reason);
    ropc_tokens_free(tokens);
    ropc_error_free(error);
    ropc_client_free(client);
}

/* Nothing listens at the proxy: whoever uses it cannot sign in. */
static void proxy_variables(void)
{
    static const char *const used[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    static const char *const not_used[] = {"http_proxy", "HTTP_PROXY", "ftp_proxy"};
    ropc_client *client;
    for (size_t i = 0; i < COUNT(used); i++) {
        check_about(used[i]);
        set_to_port(used[i], "STANDIN_DEAD");
        client = client_with_default_proxy();
        unsetenv(used[i]);
        /* It was read when the client was made. */
        expect(client, ROPC_E_PROXY, ROPC_REASON_PROXY_UNREACHABLE);
        set_to_port(used[i], "STANDIN_DEAD");
        /* new_client() sets the proxy to "". */
        expect(new_client(), ROPC_OK, ROPC_REASON_NONE);
        setenv("no_proxy", "example.com,localhost", 1);
        expect(client_with_default_proxy(), ROPC_OK, ROPC_REASON_NONE);
        unsetenv("no_proxy");
        unsetenv(used[i]);
    }
    for (size_t i = 0; i < COUNT(not_used); i++) {
        check_about(not_used[i]);
        set_to_port(not_used[i], "STANDIN_DEAD");
        expect(client_with_default_proxy(), ROPC_OK, ROPC_REASON_NONE);
        unsetenv(not_used[i]);
    }
    check_about("a proxy that works");
    set_to_port("https_proxy", "STANDIN_PROXY_OPEN");
    expect(client_with_default_proxy(), ROPC_OK, ROPC_REASON_NONE);
}

/* Who asks where the endpoints are has none yet, and takes the same way. */
static void discovery(void)
{
    static const char *const proxies[] = {"STANDIN_DEAD", "STANDIN_PROXY_OPEN"};
    ropc_options *options = NULL, *found = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_options_oauth2(NULL, "demo-client", &options, NULL), ROPC_OK);
    trust_only(options);
    for (size_t i = 0; i < COUNT(proxies); i++) {
        check_about(proxies[i]);
        set_to_port("https_proxy", proxies[i]);
        CHECK_NUMBER(ropc_discover(options, where("STANDIN_HTTPS"), 0, &found, &error),
                     i == 0 ? ROPC_E_PROXY : ROPC_OK);
        CHECK_NUMBER(error == NULL ? ROPC_REASON_NONE : error->reason,
                     i == 0 ? ROPC_REASON_PROXY_UNREACHABLE : ROPC_REASON_NONE);
        ropc_options_free(found);
        ropc_error_free(error);
    }
    check_about("SOCKS");
    setenv("https_proxy", "socks5://127.0.0.1:1080", 1);
    CHECK_NUMBER(ropc_discover(options, where("STANDIN_HTTPS"), 0, &found, NULL), ROPC_E_UNSUPPORTED);
    CHECK(found == NULL);
    ropc_options_free(options);
}

/* TLS keys are never written, and authorities never taken, by a variable. */
static void tls_variables(void)
{
    char path[256];
    struct stat status;
    snprintf(path, sizeof path, "%s/keys-%ld.log", where("STANDIN_FOLDER"), (long)getpid());
    setenv("SSLKEYLOGFILE", path, 1);
    expect(new_client(), ROPC_OK, ROPC_REASON_NONE);
    CHECK(stat(path, &status) != 0);
    setenv("SSL_CERT_FILE", "/nonexistent", 1);
    setenv("SSL_CERT_DIR", "/nonexistent", 1);
    expect(new_client(), ROPC_OK, ROPC_REASON_NONE);
}

/* SSL_CERT_FILE counts for the system's trust, and for no other. */
static void system_trust(void)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    setenv("SSL_CERT_FILE", where("STANDIN_CA"), 1);
    CHECK_NUMBER(ropc_options_set_trust(options, ROPC_TRUST_SYSTEM), ROPC_OK);
    expect(client_from(options), ROPC_OK, ROPC_REASON_NONE);
    options = options_for(where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_set_trust(options, ROPC_TRUST_BUNDLED), ROPC_OK);
    expect(client_from(options), ROPC_E_TLS, ROPC_REASON_TLS_UNKNOWN_ISSUER);
}

static void elsewhere(void)
{
    static const char *const languages[] = {"", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8"};
    CHECK_NUMBER(chdir("/"), 0);
    umask(0777);
    for (size_t i = 0; i < COUNT(languages); i++) {
        /* Those that are not installed change nothing. */
        setlocale(LC_ALL, languages[i]);
        expect(new_client(), ROPC_OK, ROPC_REASON_NONE);
    }
}

/* A socket would get one of these numbers, and what the host prints would be
 * on the wire: a kept connection must have another. */
static void closed_descriptors(void)
{
    ropc_client *client;
    close(0);
    close(1);
    close(2);
    client = new_client();
    for (int i = 0; i < 3; i++) {
        if (sign_in(client, i == 1 ? "locked" : "ada") != (i == 1 ? ROPC_E_REFUSED : ROPC_OK)) {
            check_failures++;
        }
        for (int fd = 0; fd < 3; fd++) {
            if (fcntl(fd, F_GETFD) != -1) {
                check_failures++;
            }
        }
    }
    ropc_client_free(client);
}

/* Whatever goes wrong, nothing is printed. */
static void silence(void)
{
    static const char *const users[] = {"ada", "locked", "fault:bad_status_line", "fault:reset_body", "variant:html"};
    int ends[2], out;
    char byte;
    ropc_client *client;

    CHECK_NUMBER(pipe(ends), 0);
    fflush(stdout);
    out = dup(1);
    dup2(ends[1], 1);
    dup2(ends[1], 2);
    close(ends[1]);
    client = new_client();
    for (size_t i = 0; i < COUNT(users); i++) {
        ropc_tokens *tokens = NULL;
        ropc_error *error = NULL;
        (void)!ropc_login(client, users[i], PASSWORD, &tokens, &error);
        ropc_tokens_free(tokens);
        ropc_error_free(error);
    }
    ropc_client_free(client);
    fflush(stdout);
    dup2(out, 1);
    dup2(out, 2);
    /* Both writing ends are closed: this is all there was. */
    CHECK_NUMBER(read(ends[0], &byte, 1), 0);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"proxy variables", proxy_variables},
    {"discovery", discovery},
    {"TLS variables", tls_variables},
    {"system trust", system_trust},
    {"another folder and language", elsewhere},
    {"descriptors 0 to 2 closed", closed_descriptors},
    {"silence", silence},
};

int main(void)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        int status = 0;
        pid_t pid;
        check_about(cases[i].name);
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
            check_failures = 0;
            cases[i].run();
            _exit(finish());
        }
        CHECK_NUMBER(waitpid(pid, &status, 0), pid);
        CHECK_NUMBER(WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), 0);
    }
    return finish();
}
