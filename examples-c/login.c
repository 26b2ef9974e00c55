/*
 * login.c - signs a user in at LoginRadius and says who it is.
 *
 *   cc login.c -lropc -o login
 *   ./login acme.hub.loginradius.com my-app CLIENT_ID ada@example.com
 */
#include "helper.h" /* ask(), read_password(), read_file() */
#include "ropc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int usage(void)
{
    fputs("usage: login [--oidc] [--ca FILE] [--password-fd N]"
          " SITE APP CLIENT_ID [USER]\n", stderr);
    return 2;
}

static void welcome(const ropc_tokens *tokens)
{
    int kind = tokens->id_token ? ROPC_TOKEN_KIND_ID : ROPC_TOKEN_KIND_ACCESS;
    unsigned long length = (unsigned long)strlen(tokens->access_token);
    time_t end = (time_t)tokens->expires_at;
    char *claims = NULL, when[64] = "when the server says so";

    if (ropc_tokens_claims(tokens, kind, &claims, NULL) == ROPC_OK)
        printf("Signed in. Claims, not verified: %s\n", claims);
    else
        puts("Signed in. The token does not say who it is.");
    if (end != 0)
        strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S %Z", localtime(&end));
    /* Whoever holds the token is the user: never print a whole one. */
    printf("Access token %.*s... (%lu characters) ends %s.\n",
           length > 12 ? 6 : 0, tokens->access_token, length, when);
    ropc_string_free(claims);
}

int main(int argc, char **argv)
{
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    char typed[ROPC_MAX_TEXT + 2], password[ROPC_MAX_SECRET + 2];
    static char pem[ROPC_MAX_PEM + 1];
    const char *ca_file = NULL, *user;
    int i, oidc = 0, password_fd = -1;

    for (i = 1; i < argc && argv[i][0] == '-'; i++)
        if (strcmp(argv[i], "--oidc") == 0)
            oidc = 1;
        else if (strcmp(argv[i], "--ca") == 0 && i + 1 < argc)
            ca_file = argv[++i];
        else if (strcmp(argv[i], "--password-fd") == 0 && i + 1 < argc)
            password_fd = atoi(argv[++i]);
        else
            return usage();
    if (argc - i < 3 || argc - i > 4)
        return usage();

    status = ropc_options_loginradius(argv[i], argv[i + 1], argv[i + 2], &options, &error);
    if (status == ROPC_OK) {
        /* What a setter refuses, ropc_client_new() reports. */
        if (oidc)
            ropc_options_set_app_kind(options, ROPC_APP_OIDC);
        if (ca_file != NULL)
            ropc_options_set_ca_pem(options, pem, read_file(ca_file, pem, sizeof pem));
        status = ropc_client_new(options, &client, &error);
    }
    if (status == ROPC_OK) {
        user = argc - i == 4 ? argv[i + 3] : ask("User: ", 1, typed, sizeof typed);
        read_password(password_fd, password, sizeof password);
        status = ropc_login(client, user, password, &tokens, &error);
        ropc_wipe(password, sizeof password);
    }
    if (status == ROPC_OK)
        welcome(tokens);
    else /* The message holds what ropc_reason_advice() says. */
        fprintf(stderr, "Not signed in: %s\n(%s)\n", error->message, ropc_reason_name(error->reason));

    ropc_error_free(error); /* Freeing NULL is fine. */
    ropc_tokens_free(tokens);
    ropc_client_free(client);
    ropc_options_free(options);
    return status == ROPC_OK ? 0 : 1;
}
