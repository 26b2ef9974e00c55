/* Signs in at the stand-in server with libropc and with libcurl, one step for
 * each line of standard input, so that flights.py can count between them. Each
 * step answers with one line: a number; the program ends when one fails.
 *
 *   flights SITE TOKEN_URL CA_FILE */

#include <curl/curl.h>
#include <ropc.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define USER "ada"
#define PASSWORD "correct horse"
#define BODY "{\"client_id\":\"demo-client\",\"grant_type\":\"password\"," \
    "\"username\":\"" USER "\",\"password\":\"" PASSWORD "\",\"response_type\":\"token\"}"

static const char *site, *token_url, *ca_file;
static ropc_client *client;
static CURL *curl;
static struct curl_slist *headers;

static void fail(const char *step, const char *why)
{
    fprintf(stderr, "%s: %s\n", step, why);
    exit(1);
}

/* By its place: C does not say whether an argument is read before another one is
   called. */
static void check(const char *step, ropc_status status, ropc_error **error)
{
    if (status != ROPC_OK)
        fail(step, *error != NULL ? (*error)->message : ropc_status_name(status));
}

static void check_curl(const char *step, CURLcode code)
{
    if (code != CURLE_OK)
        fail(step, curl_easy_strerror(code));
}

/* A client that has no connection yet. */
static long our_new(void)
{
    static char pem[65536];
    ropc_options *options = NULL;
    ropc_error *error = NULL;
    FILE *file = fopen(ca_file, "rb");

    if (file == NULL)
        fail("new", "the file of the authority cannot be read");
    ropc_client_free(client);
    check("new", ropc_options_loginradius(site, "demo", "demo-client", &options, &error), &error);
    ropc_options_set_ca_pem(options, pem, fread(pem, 1, sizeof pem, file));
    ropc_options_set_proxy(options, "");
    check("new", ropc_client_new(options, &client, &error), &error);
    ropc_options_free(options);
    fclose(file);
    return 0;
}

static long our_connect(void)
{
    ropc_error *error = NULL;

    check("connect", ropc_client_connect(client, &error), &error);
    return 0;
}

static long our_request(void)
{
    ropc_request *request = NULL;
    ropc_error *error = NULL;

    check("request", ropc_request_connect(client, &request, &error), &error);
    check("request", ropc_request_start(request, &error), &error);
    ropc_request_wait(request, 60000);
    check("request", ropc_request_take_done(request, &error), &error);
    ropc_request_free(request);
    return 0;
}

static long our_sign_in(void)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    check("login", ropc_login(client, USER, PASSWORD, &tokens, &error), &error);
    ropc_tokens_free(tokens);
    return 0;
}

/* How many bytes wait unread in this process' sockets. */
static long unread(void)
{
    struct sockaddr_storage peer;
    socklen_t size;
    long sum = 0;
    int fd, bytes;

    for (fd = 3; fd < 256; fd++) {
        size = sizeof peer;
        if (getpeername(fd, (struct sockaddr *)&peer, &size) == 0 && ioctl(fd, FIONREAD, &bytes) == 0)
            sum += bytes;
    }
    return sum;
}

static size_t ignore(char *bytes, size_t size, size_t count, void *user)
{
    (void)bytes;
    (void)user;
    return size * count;
}

/* A handle that has no connection yet, set to sign in. */
static long their_new(void)
{
    curl_easy_cleanup(curl);
    curl = curl_easy_init();
    if (curl == NULL)
        fail("curl_new", "no handle");
    curl_easy_setopt(curl, CURLOPT_URL, token_url);
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
    return 0;
}

static long their_connect_only(void)
{
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 1L);
    check_curl("curl_connect_only", curl_easy_perform(curl));
    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY, 0L);
    return 0;
}

static long their_head(void)
{
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
    check_curl("curl_head", curl_easy_perform(curl));
    return 0;
}

static long their_sign_in(void)
{
    long status = 0;

    curl_easy_setopt(curl, CURLOPT_NOBODY, 0L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, BODY);
    check_curl("curl_login", curl_easy_perform(curl));
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200)
        fail("curl_login", "the server refused");
    return 0;
}

static const struct {
    const char *name;
    long (*run)(void);
} STEPS[] = {
    {"new", our_new}, {"connect", our_connect}, {"request", our_request}, {"login", our_sign_in},
    {"unread", unread}, {"curl_new", their_new}, {"curl_connect_only", their_connect_only},
    {"curl_head", their_head}, {"curl_login", their_sign_in},
};

int main(int argc, char **argv)
{
    const size_t count = sizeof STEPS / sizeof STEPS[0];
    char line[64];
    size_t i;

    if (argc != 4)
        fail("flights", "SITE TOKEN_URL CA_FILE are wanted");
    site = argv[1];
    token_url = argv[2];
    ca_file = argv[3];
    check_curl("flights", curl_global_init(CURL_GLOBAL_DEFAULT));
    headers = curl_slist_append(NULL, "Content-Type: application/json");
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        for (i = 0; i < count && strcmp(STEPS[i].name, line) != 0; i++)
            ;
        if (i == count)
            fail(line, "no such step");
        printf("%ld\n", STEPS[i].run());
        fflush(stdout);
    }
    ropc_client_free(client);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    return 0;
}
