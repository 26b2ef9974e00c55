/* libropc, as any C program uses it; what only libropc has is in ropc_own.c. */

#include "ropc_bench.h"

#include <stdlib.h>

void ropc_bench_check(ropc_status status, ropc_error *const *error)
{
    if (status != ROPC_OK)
        bench_fail("libropc", *error != NULL ? (*error)->message : ropc_status_name(status));
}

ropc_options *ropc_bench_options(const struct place *place)
{
    ropc_options *options = NULL;
    ropc_error *error = NULL;
    size_t length;
    char *pem = bench_read(place->ca_file, &length);

    ropc_bench_check(ropc_options_loginradius(place->base, "bench", BENCH_CLIENT_ID, &options, &error), &error);
    ropc_options_set_ca_pem(options, pem, length);
    ropc_options_set_proxy(options, "");
    if (place->cold)
        ropc_options_set_limit(options, ROPC_LIMIT_IDLE_CONNECTIONS, 0);
    free(pem);
    return options;
}

void *bench_client(const struct place *place)
{
    ropc_options *options = ropc_bench_options(place);
    ropc_client *client = NULL;
    ropc_error *error = NULL;

    ropc_bench_check(ropc_client_new(options, &client, &error), &error);
    ropc_options_free(options);
    return client;
}

void *bench_user(void *client) { return client; }

void bench_login(void *client)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;

    ropc_bench_check(ropc_login(client, BENCH_USER, BENCH_PASSWORD, &tokens, &error), &error);
    if (tokens->access_token == NULL)
        bench_fail("libropc", "no token came");
    ropc_tokens_free(tokens);
}
