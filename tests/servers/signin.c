/*
 * Signs in once, or several times, as its arguments say, and prints one line
 * of JSON with what came back. Written from include/ropc.h alone.
 *
 *   signin name=value ... <password
 *
 *   url        token endpoint
 *   site       LoginRadius site; url then takes the place of its endpoint
 *   client     client id
 *   secret     client secret (a made-up one: arguments are no place for others)
 *   method     how it is sent: post, basic or raw
 *   encoding   json or form
 *   ca         file with the authority to trust
 *   scope      scopes to ask for
 *   user       user name; the password is read from file descriptor 0
 *   logins     how often to sign in with one client; default 1
 *   grant      a grant type without parameters, in place of a sign-in
 *
 * Exit code: 0 when a line was printed, whatever it says; 2 when this program
 * itself went wrong.
 */
#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_tokens(const ropc_tokens *tokens)
{
    printf("{\"status\": \"ROPC_OK\"");
    put_text("token_type", tokens->token_type);
    put_number("expires_in", tokens->expires_at - tokens->received_at);
    put_number("refresh_token", tokens->refresh_token != NULL);
    put_number("id_token", tokens->id_token != NULL);
    put_text("scope", tokens->scope);
    put_claims("access_claims", tokens, ROPC_TOKEN_KIND_ACCESS);
    put_claims("id_claims", tokens, ROPC_TOKEN_KIND_ID);
    printf("}\n");
}

int main(int argc, char **argv)
{
    const char *user = argument(argc, argv, "user");
    const char *grant = argument(argc, argv, "grant");
    const char *logins = argument(argc, argv, "logins");
    long left = logins ? strtol(logins, NULL, 10) : 1;
    size_t len = 0;
    char *password = read_all(NULL, &len);
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;

    if (ropc_abi_check(ROPC_ABI) != ROPC_OK)
        fail("the library is older than the header");
    status = make_options(argc, argv, &options, &error);
    if (status == ROPC_OK)
        status = ropc_client_new(options, &client, &error);
    for (; status == ROPC_OK && left > 0; left--) {
        ropc_tokens_free(tokens);
        if (grant)
            status = ropc_grant(client, grant, NULL, NULL, 0, &tokens, &error);
        else
            status = ropc_login_n(client, user, user ? strlen(user) : 0, password, len, &tokens, &error);
    }
    ropc_wipe(password, len);
    free(password);

    if (status == ROPC_OK && tokens && !error)
        put_tokens(tokens);
    else if (status != ROPC_OK && !tokens && error && error->status == status)
        put_error(error);
    else
        fail("status, tokens and error do not fit together");

    ropc_tokens_free(tokens);
    ropc_error_free(error);
    ropc_client_free(client);
    ropc_options_free(options);
    return 0;
}
