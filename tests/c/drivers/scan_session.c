/* The program whose memory scan_session.py reads. Its standard input is a
 * password and a newline. It signs in, uses an API, refreshes, uses it again,
 * signs out, frees the session and then the client; after each it says so and
 * waits for a line.
 *
 *     scan_session STORE
 *
 * STORE is "none", "file" or "host". It knows nothing of its tokens: what there
 * is of them is in the library.
 */

#include "sessions.h"

static void step(const char *done)
{
    char line[2];
    printf("%s\n", done);
    fflush(stdout);
    if (read(0, line, 1) != 1) {
        exit(2);
    }
}

static int32_t save(void *user, const char *user_key, const char *record)
{
    return (void)user, (void)user_key, record == NULL || record[0] == '{';
}

/* A line in a block of its own, read byte by byte: no buffer keeps a copy. */
static char *read_password(void)
{
    char *line = calloc(1, 4096);
    size_t len = 0;
    while (line != NULL && len < 4095 && read(0, line + len, 1) == 1 && line[len] != '\n') {
        len++;
    }
    if (line != NULL) {
        line[len] = '\0';
    }
    return line;
}

int main(int argc, char **argv)
{
    ropc_client *client = client_with_identity();
    ropc_store *store = NULL;
    ropc_session *session = NULL;
    ropc_error *error = NULL;
    char *password = read_password();
    if (argc != 2 || password == NULL) {
        return 2;
    }
    if (strcmp(argv[1], "file") == 0) {
        ENDED(ropc_store_file(in_folder("scan"), &store, &error), ROPC_OK, ROPC_REASON_NONE);
    } else if (strcmp(argv[1], "host") == 0) {
        ENDED(ropc_store_host(save, NULL, &store, &error), ROPC_OK, ROPC_REASON_NONE);
    }
    ENDED(ropc_session_login(client, "ada", password, store, NULL, &session, &error), ROPC_OK, ROPC_REASON_NONE);
    ropc_wipe(password, 4096);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    step("signed in");
    ENDED(ropc_session_refresh(session, 0, LONG_MS, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    /* The thread that refreshed lets go of the old tokens a moment later than
     * it hands out the new ones. */
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    step("refreshed");
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    step("signed out");
    ropc_session_free(session);
    ropc_store_free(store);
    step("session freed");
    ropc_client_free(client);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    step("client freed");
    free(password);
    return checks_failed();
}
