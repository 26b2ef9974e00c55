/* The first success, what comes with it, and freeing in every order. */

#include <fcntl.h>
#include <unistd.h>

#include "standin.h"

static void first_success(void)
{
    size_t pem_len = 0;
    char *pem = read_file(where("STANDIN_CA"), &pem_len);
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    check_about("first success");
    if (ropc_options_loginradius(where("STANDIN_HTTPS"), "demo", "demo-client", &options, &error) == ROPC_OK
        && ropc_options_set_ca_pem(options, pem, pem_len) == ROPC_OK
        && ropc_options_set_proxy(options, "") == ROPC_OK
        && ropc_client_new(options, &client, &error) == ROPC_OK
        && ropc_login(client, "ada", PASSWORD, &tokens, &error) == ROPC_OK) {
        CHECK(strlen(tokens->access_token) > 20);
        CHECK_TEXT(tokens->token_type, "Bearer");
        CHECK(tokens->refresh_token != NULL && strlen(tokens->refresh_token) > 20);
        CHECK(tokens->id_token == NULL);
        CHECK(tokens->received_at > 1700000000);
        CHECK_NUMBER(tokens->expires_at - tokens->received_at, 900);
    } else {
        check_fail(__FILE__, __LINE__, "the first login", error != NULL ? error->message : "no error");
    }
    CHECK(error == NULL);
    ropc_error_free(error);
    ropc_tokens_free(tokens);
    ropc_client_free(client);
    ropc_options_free(options);
    free(pem);
}

static void claims(void)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    ropc_client *client;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    char *json = NULL;

    check_about("claims");
    CHECK_NUMBER(ropc_options_set_app_kind(options, ROPC_APP_OIDC), ROPC_OK);
    client = client_from(options);
    if (CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, &error), ROPC_OK)) {
        CHECK_TEXT(tokens->scope, "openid");
        CHECK(tokens->id_token != NULL);
        CHECK_NUMBER(ropc_tokens_claims(tokens, ROPC_TOKEN_KIND_ID, &json, &error), ROPC_OK);
        CHECK_HOLDS(json, "\"email\":\"ada@standin.test\"");
        ropc_string_free(json);
        CHECK_NUMBER(ropc_tokens_claims(tokens, ROPC_TOKEN_KIND_ACCESS, &json, &error), ROPC_OK);
        CHECK_HOLDS(json, "\"cid\":\"demo-client\"");
        ropc_string_free(json);
        CHECK(error == NULL);
    }
    ropc_tokens_free(tokens);
    ropc_client_free(client);
}

/* Whether `text` is still in the `len` bytes that were at `address`: they were
 * freed, so the kernel reads them, and nothing is allocated meanwhile. */
static int left_in_memory(uintptr_t address, size_t len, const char *text)
{
    static char bytes[4096];
    int memory = open("/proc/self/mem", O_RDONLY), found = 0;
    CHECK(len < sizeof bytes);
    CHECK_NUMBER(pread(memory, bytes, len, (off_t)address), len);
    for (size_t at = 0; at + strlen(text) <= len; at++) {
        found += memcmp(bytes + at, text, strlen(text)) == 0;
    }
    close(memory);
    return found;
}

/* A string that is yours may be changed, as strtok() does with NULs: it is
 * overwritten and freed whole. */
static void changed_claims(void)
{
    ropc_client *client = new_client();
    ropc_tokens *tokens = NULL;
    char *json = NULL;

    check_about("claims with NULs written into them");
    CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, NULL), ROPC_OK);
    for (int emptied = 0; emptied < 2; emptied++) {
        if (CHECK_NUMBER(ropc_tokens_claims(tokens, ROPC_TOKEN_KIND_ACCESS, &json, NULL), ROPC_OK)) {
            const uintptr_t address = (uintptr_t)json;
            const size_t len = strlen(json);
            CHECK_HOLDS(strchr(json, ','), "demo-client");
            CHECK(left_in_memory(address, len, "demo-client"));
            if (emptied) {
                json[0] = '\0';
            } else {
                CHECK(strtok(json, ",") != NULL && strlen(json) < len);
            }
            ropc_string_free(json);
            CHECK(!left_in_memory(address, len, "demo-client"));
        }
    }
    ropc_tokens_free(tokens);
    ropc_client_free(client);
}

static void no_claims(void)
{
    ropc_client *client = new_client();
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    char *json = (char *)"left over";

    check_about("claims of a token that was not issued");
    if (CHECK_NUMBER(ropc_login(client, "ada", PASSWORD, &tokens, NULL), ROPC_OK)) {
        CHECK_NUMBER(ropc_tokens_claims(tokens, ROPC_TOKEN_KIND_ID, &json, &error), ROPC_E_UNSUPPORTED);
        CHECK(json == NULL);
        CHECK(error != NULL && error->reason == ROPC_REASON_NOT_A_JWT);
        ropc_error_free(error);
        CHECK_NUMBER(ropc_tokens_claims(tokens, 7, &json, &error), ROPC_E_ARG);
        CHECK_HOLDS(error == NULL ? NULL : error->message, "which 7 is none of ropc_token_kind");
    }
    ropc_error_free(error);
    ropc_tokens_free(tokens);
    ropc_client_free(client);
}

static void extras(void)
{
    ropc_client *client = new_client();
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    check_about("extras");
    if (CHECK_NUMBER(ropc_login(client, "variant:unknown_members", PASSWORD, &tokens, &error), ROPC_OK)) {
        CHECK_TEXT(ropc_tokens_extra(tokens, "extra_text"), "\"kept as it is\"");
        CHECK_TEXT(ropc_tokens_extra(tokens, "extra_object"), "{\"list\":[1,2.5,null,true]}");
        CHECK(ropc_tokens_extra(tokens, "no such member") == NULL);
        CHECK(ropc_tokens_extra(tokens, "access_token") == NULL);
    }
    ropc_tokens_free(tokens);
    CHECK_NUMBER(ropc_login(client, "mfa-native", PASSWORD, &tokens, &error), ROPC_E_REFUSED);
    if (CHECK(error != NULL)) {
        CHECK_NUMBER(error->reason, ROPC_REASON_SECOND_FACTOR);
        CHECK_HOLDS(ropc_error_extra(error, "SecondFactorAuthentication"), "second-factor-token-1234");
        CHECK(ropc_error_extra(error, "no such member") == NULL);
    }
    ropc_error_free(error);
    ropc_client_free(client);
}

/* Five things that one login leaves in the program's hands. */
struct hand {
    ropc_options *options;
    ropc_client *client;
    ropc_tokens *tokens;
    ropc_error *error;
    char *string;
};

static void fill(struct hand *hand)
{
    ropc_tokens *none = NULL;
    /* Plain http on loopback: 120 orders, each with a connection of its own. */
    hand->options = options_for(where("STANDIN_HTTP"));
    CHECK_NUMBER(ropc_client_new(hand->options, &hand->client, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_login(hand->client, "ada", PASSWORD, &hand->tokens, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_login(hand->client, "mfa-native", PASSWORD, &none, &hand->error), ROPC_E_REFUSED);
    CHECK(none == NULL);
    CHECK_NUMBER(ropc_tokens_claims(hand->tokens, ROPC_TOKEN_KIND_ACCESS, &hand->string, NULL), ROPC_OK);
}

/* Frees one thing, or, with `keep`, uses it: what is freed must not have been
 * needed by what is left. */
static void touch(struct hand *hand, int thing, int keep)
{
    char *line = NULL;
    switch (thing) {
    case 0:
        if (keep) {
            CHECK_NUMBER(ropc_options_set_timeouts(hand->options, 5000, 5000), ROPC_OK);
        } else {
            ropc_options_free(hand->options);
        }
        break;
    case 1:
        if (keep) {
            CHECK_NUMBER(ropc_client_next_log(hand->client, NULL, &line), ROPC_OK);
        } else {
            ropc_client_free(hand->client);
        }
        break;
    case 2:
        if (keep) {
            CHECK(strlen(hand->tokens->access_token) > 20);
        } else {
            ropc_tokens_free(hand->tokens);
        }
        break;
    case 3:
        if (keep) {
            CHECK(strlen(hand->error->message) > 0);
            CHECK_HOLDS(ropc_error_extra(hand->error, "SecondFactorAuthentication"), "second-factor");
        } else {
            ropc_error_free(hand->error);
        }
        break;
    default:
        if (keep) {
            CHECK_HOLDS(hand->string, "\"cid\"");
        } else {
            ropc_string_free(hand->string);
        }
    }
}

/* Frees in the order that starts with order[0..at]. Returns how many orders
 * that were. */
static int free_in_orders(int *order, int at)
{
    int orders = 0;
    if (at == 5) {
        struct hand hand;
        int freed, left;
        memset(&hand, 0, sizeof hand);
        fill(&hand);
        for (freed = 0; freed < 5; freed++) {
            touch(&hand, order[freed], 0);
            for (left = freed + 1; left < 5; left++) {
                touch(&hand, order[left], 1);
            }
        }
        return 1;
    }
    for (int next = at; next < 5; next++) {
        int kept = order[at];
        order[at] = order[next];
        order[next] = kept;
        orders += free_in_orders(order, at + 1);
        order[next] = order[at];
        order[at] = kept;
    }
    return orders;
}

static void wipe(void)
{
    char mine[] = "wiped-canary";
    check_about("wipe");
    ropc_wipe(mine + 2, 4);
    CHECK(memcmp(mine, "wi\0\0\0\0canary", sizeof mine) == 0);
    ropc_wipe(mine, 0);
    CHECK_NUMBER(mine[0], 'w');
}

/* The library that is loaded here is the one of this header. */
static void version(void)
{
    char expected[32];
    snprintf(expected, sizeof expected, "%d.%d.%d", ROPC_VERSION_MAJOR, ROPC_VERSION_MINOR, ROPC_VERSION_PATCH);
    CHECK_TEXT(ropc_version(), expected);
    CHECK(ropc_version() == ropc_version());
}

int main(void)
{
    int order[5] = {0, 1, 2, 3, 4};
    version();
    CHECK_NUMBER(ropc_abi_check(ROPC_ABI), ROPC_OK);
    CHECK_NUMBER(ropc_abi_check(ROPC_ABI + 1), ROPC_E_UNSUPPORTED);
    CHECK_NUMBER(ropc_abi_check(0), ROPC_E_UNSUPPORTED);
    first_success();
    claims();
    changed_claims();
    no_claims();
    extras();
    wipe();
    check_about("every order of frees");
    CHECK_NUMBER(free_in_orders(order, 0), 120);
    check_about("free(NULL)");
    ropc_options_free(NULL);
    ropc_client_free(NULL);
    ropc_tokens_free(NULL);
    ropc_error_free(NULL);
    ropc_string_free(NULL);
    return finish();
}
