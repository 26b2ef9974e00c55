/*
 * session.c - signs a user in once, and finds her signed in the next time.
 *
 *   cc session.c -lropc -o session
 *   ./session acme.hub.loginradius.com my-app CLIENT_ID ada@example.com \
 *             ~/.config/demo-login https://acme.hub.loginradius.com/api/...
 *   ./session --sign-out ...the same
 */
#include "helper.h" /* read_password(), read_file() */
#include "ropc.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static int usage(void)
{
    fputs("usage: session [--oidc] [--ca FILE] [--password-fd N] [--sign-out]"
          " SITE APP CLIENT_ID USER STORE [API_URL]\n", stderr);
    return 2;
}

/* Who, and until when: a line for a screen. */
static void show(const ropc_session *session)
{
    ropc_session_info *info = NULL;
    char when[64] = "when the server says so";
    time_t end;

    if (ropc_session_status(session, &info, NULL) != ROPC_OK)
        return;
    end = (time_t)info->expires_at;
    if (end != 0)
        strftime(when, sizeof when, "%H:%M:%S", localtime(&end));
    if (info->state == ROPC_SESSION_STATE_SIGNED_OUT)
        printf("%s is signed out.\n", info->user_key);
    else
        printf("%s is signed in; the access token ends %s.\n", info->user_key, when);
    if (info->state != ROPC_SESSION_STATE_SIGNED_OUT && info->last_message != NULL)
        printf("The last refresh failed: %s\n", info->last_message);
    ropc_session_info_free(info);
}

/* An API that wants the user's token, which this program never sees. */
static ropc_status use(const ropc_session *session, const char *url, ropc_error **error)
{
    ropc_response *response = NULL;
    ropc_status status = ropc_session_call(session, "GET", url, NULL, NULL, 0, NULL, 0, &response, error);

    if (status == ROPC_OK)
        printf("The API answers %d, %lu bytes.\n", (int)response->http_status, (unsigned long)response->body_len);
    ropc_response_free(response);
    return status;
}

int main(int argc, char **argv)
{
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_store *store = NULL;
    ropc_session *session = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    char password[ROPC_MAX_SECRET + 2];
    static char pem[ROPC_MAX_PEM + 1];
    const char *ca_file = NULL;
    int i, oidc = 0, sign_out = 0, password_fd = -1;

    for (i = 1; i < argc && argv[i][0] == '-'; i++)
        if (strcmp(argv[i], "--oidc") == 0)
            oidc = 1;
        else if (strcmp(argv[i], "--sign-out") == 0)
            sign_out = 1;
        else if (strcmp(argv[i], "--ca") == 0 && i + 1 < argc)
            ca_file = argv[++i];
        else if (strcmp(argv[i], "--password-fd") == 0 && i + 1 < argc)
            password_fd = atoi(argv[++i]);
        else
            return usage();
    if (argc - i < 5 || argc - i > 6)
        return usage();

    status = ropc_options_loginradius(argv[i], argv[i + 1], argv[i + 2], &options, &error);
    if (status == ROPC_OK) {
        if (oidc)
            ropc_options_set_app_kind(options, ROPC_APP_OIDC);
        if (ca_file != NULL)
            ropc_options_set_ca_pem(options, pem, read_file(ca_file, pem, sizeof pem));
        status = ropc_client_new(options, &client, &error);
    }
    if (status == ROPC_OK)
        status = ropc_store_file(argv[i + 4], &store, &error);
    if (status == ROPC_OK)
        status = ropc_session_resume(client, store, argv[i + 3], &session, &error);
    if (status == ROPC_E_SIGNED_OUT && !sign_out) {
        /* The first time, or after a sign-out. */
        ropc_error_free(error);
        read_password(password_fd, password, sizeof password);
        status = ropc_session_login(client, argv[i + 3], password, store, NULL, &session, &error);
        ropc_wipe(password, sizeof password);
        if (status == ROPC_OK)
            puts("Signed in with the password.");
    } else if (status == ROPC_OK) {
        puts("Still signed in, without the password.");
    }
    if (status == ROPC_OK && argc - i == 6)
        status = use(session, argv[i + 5], &error);
    if (status == ROPC_OK && sign_out) {
        status = ropc_session_sign_out(session, &error);
        if (status == ROPC_E_NOT_REVOKED) { /* Here it is done in any case. */
            puts(error->message);
            status = ROPC_OK;
        }
    }
    if (session != NULL)
        show(session);
    if (status != ROPC_OK)
        fprintf(stderr, "%s\n(%s)\n", error->message, ropc_reason_name(error->reason));

    ropc_error_free(error); /* Freeing NULL is fine. */
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_client_free(client);
    ropc_options_free(options);
    return status == ROPC_OK ? 0 : 1;
}
