/* The file store: a user stays signed in over a restart of the program and is
 * shared by two processes; what is refused, and what happens when the file
 * cannot be written. The other process is this program, executed again. */

#include "sessions.h"

#include <sys/stat.h>
#include <sys/wait.h>

static const char *self;
static ropc_client *client;

static ropc_store *open_store(const char *path)
{
    ropc_store *store = NULL;
    ropc_error *error = NULL;
    ENDED(ropc_store_file(path, &store, &error), ROPC_OK, ROPC_REASON_NONE);
    return store;
}

static ropc_session *resumed(const ropc_store *store, const char *user_key)
{
    ropc_session *session = NULL;
    ropc_error *error = NULL;
    ENDED(ropc_session_resume(client, store, user_key, &session, &error), ROPC_OK, ROPC_REASON_NONE);
    return session;
}

static void not_resumed(const ropc_client *by, const ropc_store *store, const char *user_key, ropc_status status,
                        ropc_reason reason)
{
    ropc_session *session = (ropc_session *)(void *)client;
    ropc_error *error = NULL;
    ENDED(ropc_session_resume(by, store, user_key, &session, &error), status, reason);
    CHECK(session == NULL);
}

/* This program again, with arguments: what to do, the store's path, a token. */
static void again(const char *what, const char *path, const char *token)
{
    int status = 0;
    pid_t pid;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        execl(self, self, what, path, token == NULL ? "" : token, (char *)NULL);
        _exit(127);
    }
    CHECK(pid > 0);
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* What the other process does. */
static int restarted(const char *what, const char *path, const char *token)
{
    ropc_store *store;
    ropc_session *session;
    ropc_error *error = NULL;
    char *mine = NULL;
    check_about(what);
    client = client_with_identity();
    store = open_store(path);
    session = resumed(store, "ada");
    if (session == NULL) {
        return 1;
    }
    if (strcmp(what, "the same token") == 0) {
        mine = token_of(session, ROPC_OK, ROPC_REASON_NONE);
        CHECK_TEXT(mine, token);
        CHECK_NUMBER(get(session, "/api/echo"), 200);
    } else if (strcmp(what, "refresh") == 0) {
        expire(session);
        mine = token_of(session, ROPC_OK, ROPC_REASON_NONE);
        CHECK(mine != NULL && strcmp(mine, token) != 0);
    } else {
        ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    }
    free(mine);
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_client_free(client);
    return finish();
}

static void restarts(void)
{
    const char *path = in_folder("tokens");
    ropc_store *store = open_store(path), *other;
    ropc_session *session = session_of(client, "ada", store), *second;
    char *token = token_of(session, ROPC_OK, ROPC_REASON_NONE), *newer;
    struct stat found;
    long refreshed = granted("refreshed"), reused = granted("reused");

    check_about("the file");
    CHECK_NUMBER(stat(path, &found), 0);
    CHECK_NUMBER(found.st_mode & 07777, 0600);
    check_about("restarted");
    again("the same token", path, token);
    CHECK_NUMBER(granted("refreshed"), refreshed);
    check_about("refreshed by another process");
    again("refresh", path, token);
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    CHECK_NUMBER(ropc_session_expire(session, token), ROPC_OK);
    newer = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK(newer != NULL && strcmp(newer, token) != 0);
    /* It was read from the file. */
    CHECK_NUMBER(granted("refreshed"), refreshed + 1);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    again("the same token", path, newer);

    check_about("two users, one file");
    second = session_of(client, "variant:no_expiry", store);
    gives_token(second);
    ropc_session_free(second);
    other = open_store(path);
    second = resumed(other, "variant:no_expiry");
    gives_token(second);

    check_about("signed out by another process");
    again("sign out", path, NULL);
    not_resumed(client, store, "ada", ROPC_E_SIGNED_OUT, ROPC_REASON_NOTHING_STORED);
    CHECK_NUMBER(ropc_session_expire(session, newer), ROPC_OK);
    free(token_of(session, ROPC_E_SIGNED_OUT, ROPC_REASON_SIGNED_OUT));
    CHECK_NUMBER(granted("reused"), reused);
    /* The other user has nothing to do with that. */
    gives_token(second);
    ropc_session_free(second);
    ropc_session_free(session);
    ropc_store_free(other);
    ropc_store_free(store);
    free(newer);
    free(token);
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0 && chmod(path, mode) == 0);
}

static void same_file(const char *path, const char *text)
{
    size_t len = 0;
    char *bytes = read_file(path, &len);
    CHECK(len == strlen(text) && memcmp(bytes, text, len) == 0);
    free(bytes);
}

static void not_opened(const char *path, ropc_status status, ropc_reason reason)
{
    ropc_store *store = (ropc_store *)(void *)client;
    ropc_error *error = NULL;
    ENDED(ropc_store_file(path, &store, &error), status, reason);
    CHECK(store == NULL);
}

static void refused(void)
{
    const char *path = in_folder("refused");
    ropc_store *store;
    ropc_client *other = client_from(options_with_identity("my app"));
    ropc_options *options = NULL;
    size_t len = 0;
    char *text;

    check_about("a file that others can read");
    store = open_store(path);
    ropc_session_free(session_of(client, "ada", store));
    ropc_store_free(store);
    text = read_file(path, &len);
    text[len] = '\0';
    for (int bit = 0; bit < 6; bit++) {
        /* Any right of the group and of others to read or write. */
        mode_t right = (mode_t)(1 << bit);
        if (right == S_IXGRP || right == S_IXOTH) {
            continue;
        }
        CHECK_NUMBER(chmod(path, 0600 | right), 0);
        not_opened(path, ROPC_E_STORE, ROPC_REASON_STORE_EXPOSED);
        same_file(path, text);
    }
    CHECK_NUMBER(chmod(path, 0600), 0);

    check_about("exposed while it is in use");
    store = open_store(path);
    CHECK_NUMBER(chmod(path, 0644), 0);
    not_resumed(client, store, "ada", ROPC_E_STORE, ROPC_REASON_STORE_EXPOSED);
    CHECK_NUMBER(chmod(path, 0600), 0);

    check_about("not there, and of another application");
    not_resumed(client, store, "bob", ROPC_E_SIGNED_OUT, ROPC_REASON_NOTHING_STORED);
    CHECK_NUMBER(ropc_options_loginradius(where("STANDIN_HTTPS"), "demo", "other-client", &options, NULL), ROPC_OK);
    ropc_client_free(other);
    other = client_from(options);
    not_resumed(other, store, "ada", ROPC_E_STORE, ROPC_REASON_STORE_FOREIGN);
    ropc_client_free(other);
    ropc_session_free(resumed(store, "ada"));
    CHECK_NUMBER(ropc_store_give(store, "ada", "{}", NULL), ROPC_E_UNSUPPORTED);
    ropc_store_free(store);
    free(text);

    check_about("no store at all");
    write_file(path, "diary\n", 0600);
    not_opened(path, ROPC_E_STORE, ROPC_REASON_STORE_BROKEN);
    same_file(path, "diary\n");
    not_opened(where("STANDIN_FOLDER"), ROPC_E_STORE, ROPC_REASON_STORE_BROKEN);
    not_opened("/tmp/", ROPC_E_ARG, ROPC_REASON_ARGUMENT);
    not_opened(in_folder("no/such/folder"), ROPC_E_STORE, ROPC_REASON_STORE_ACCESS);
}

/* The folder is away: tokens are kept, told and saved later. */
static void not_saved(void)
{
    const char *folder = in_folder("away"), *aside = in_folder("aside"), *path = in_folder("away/tokens");
    ropc_store *store;
    ropc_session *session;
    ropc_session_info *info = NULL;
    ropc_error *error = NULL;
    char *record = NULL, *none = NULL;
    long refreshed;

    check_about("tokens that cannot be saved");
    CHECK_NUMBER(mkdir(folder, 0700), 0);
    store = open_store(path);
    CHECK_NUMBER(rename(folder, aside), 0);
    session = session_of(client, "ada", store);
    refreshed = granted("refreshed");
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_SAVE_FAILED));
    ENDED(ropc_session_status(session, &info, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(info == NULL ? -1 : (int)info->last_reason, ROPC_REASON_SAVE_FAILED);
    ropc_session_info_free(info);
    CHECK_NUMBER(rename(aside, folder), 0);
    ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_OK, ROPC_REASON_NONE);
    gives_token(session);
    /* They were there; only the file was not. */
    CHECK_NUMBER(granted("refreshed"), refreshed);
    ropc_session_free(session);
    session = resumed(store, "ada");
    gives_token(session);

    check_about("the program saves what a file cannot");
    CHECK_NUMBER(rename(folder, aside), 0);
    ropc_session_free(session);
    session = session_of(client, "ada", store);
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_SAVE_FAILED));
    ENDED(ropc_session_pending(session, &record, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK(record != NULL && strchr(record, '\n') == NULL);
    CHECK_NUMBER(ropc_session_saved(session, 1), ROPC_OK);
    gives_token(session);
    ENDED(ropc_session_pending(session, &none, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK(none == NULL);
    CHECK_NUMBER(rename(aside, folder), 0);
    ropc_string_free(record);
    ropc_session_free(session);
    ropc_store_free(store);
}

int main(int argc, char **argv)
{
    self = argv[0];
    if (argc == 4) {
        return restarted(argv[1], argv[2], argv[3]);
    }
    client = client_with_identity();
    restarts();
    refused();
    not_saved();
    ropc_client_free(client);
    return finish();
}
