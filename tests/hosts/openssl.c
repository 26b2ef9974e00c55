/* A host with a TLS of its own: OpenSSL, straight and under libcurl. Its handshakes
 * go as ever before, between and during ours, in the same threads; its error queue
 * and settings stay as it left them. */

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "endtoend.h"

enum { ROUNDS = 10, THREADS = 3 };

static SSL_CTX *context;

/* A GET of the host's own: the HTTP status. */
static int get_by_openssl(void)
{
    BIO *bio = BIO_new_ssl_connect(context);
    SSL *ssl = NULL;
    char answer[64] = "";
    int status = 0;
    BIO_get_ssl(bio, &ssl);
    SSL_set_tlsext_host_name(ssl, "localhost");
    SSL_set1_host(ssl, "localhost");
    BIO_set_conn_hostname(bio, where("STANDIN_HTTPS") + strlen("https://"));
    if (CHECK(BIO_do_connect(bio) > 0)) {
        CHECK(BIO_puts(bio, "GET /api/echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") > 0);
        CHECK(BIO_read(bio, answer, sizeof answer - 1) > 0);
        (void)sscanf(answer, "HTTP/1.1 %d", &status);
    }
    BIO_free_all(bio);
    return status;
}

static size_t throw_away(char *bytes, size_t size, size_t count, void *user)
{
    (void)bytes;
    (void)user;
    return size * count;
}

static int get_by_curl(void)
{
    CURL *curl = curl_easy_init();
    char url[200];
    long status = 0;
    snprintf(url, sizeof url, "%s/api/echo", where("STANDIN_HTTPS"));
    CHECK_NUMBER(curl_easy_setopt(curl, CURLOPT_URL, url), CURLE_OK);
    CHECK_NUMBER(curl_easy_setopt(curl, CURLOPT_CAINFO, where("STANDIN_CA")), CURLE_OK);
    CHECK_NUMBER(curl_easy_setopt(curl, CURLOPT_PROXY, ""), CURLE_OK);
    CHECK_NUMBER(curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, throw_away), CURLE_OK);
    CHECK_NUMBER(curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L), CURLE_OK);
    CHECK_NUMBER(curl_easy_perform(curl), CURLE_OK);
    CHECK_NUMBER(curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status), CURLE_OK);
    curl_easy_cleanup(curl);
    return (int)status;
}

/* Without a token the API says 401. */
static void both(void)
{
    CHECK_NUMBER(get_by_openssl(), 401);
    CHECK_NUMBER(get_by_curl(), 401);
}

/* All three in one thread, in turns. */
static void *take_turns(void *argument)
{
    const ropc_client *client = argument;
    for (int i = 0; i < ROUNDS; i++) {
        both();
        CHECK_NUMBER(sign_in(client, i % 3 == 2 ? "locked" : "ada"), i % 3 == 2 ? ROPC_E_REFUSED : ROPC_OK);
    }
    return NULL;
}

int main(void)
{
    pthread_t threads[THREADS];
    ropc_client *client = new_client();
    ropc_request *hangs;
    CHECK_NUMBER(curl_global_init(CURL_GLOBAL_DEFAULT), CURLE_OK);
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    CHECK_NUMBER(SSL_CTX_load_verify_locations(context, where("STANDIN_CA"), NULL), 1);

    check_about("before");
    both();
    /* What the host has not looked at yet stays there. */
    ERR_clear_error();
    ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
    check_about("ours");
    end_to_end("openssl");
    CHECK_NUMBER(ERR_GET_LIB(ERR_get_error()), ERR_LIB_USER);
    CHECK_NUMBER(ERR_peek_error(), 0);
    CHECK_NUMBER(SSL_CTX_get_verify_mode(context), SSL_VERIFY_PEER);
    check_about("between");
    both();
    check_about("during");
    hangs = started(client, "fault:never");
    for (int i = 0; i < THREADS; i++) {
        CHECK_NUMBER(pthread_create(&threads[i], NULL, take_turns, client), 0);
    }
    signs_in("openssl");
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    both();
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    check_about("after the shutdown");
    both();
    ropc_request_free(hangs);
    ropc_client_free(client);
    SSL_CTX_free(context);
    curl_global_cleanup();
    return finish();
}
