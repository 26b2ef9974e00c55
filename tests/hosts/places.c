/* Where a host may be when it calls: in another language, whose numbers have a
 * comma and whose small i has no dot, in odd time zones, in a folder that goes
 * away, with a umask that takes all rights or none, without standard streams.
 * Each case in a child. */

#include <fcntl.h>
#include <locale.h>
#include <sys/stat.h>
#include <wctype.h>

#include "endtoend.h"

/* What people read, and what machines do: neither depends on the language. */
static void say_all(char *text, size_t size)
{
    static const char *const users[] = {
        "nobody",       "ratelimited",           "unavailable",      "fault:retry_after_date",
        "variant:html", "variant:expires_float", "fault:cut_before",
    };
    ropc_client *client = new_client();
    size_t at = 0;
    for (size_t i = 0; i < COUNT(users); i++) {
        ropc_tokens *tokens = NULL;
        ropc_error *error = NULL;
        ropc_status status = ropc_login(client, users[i], PASSWORD, &tokens, &error);
        int lives = tokens == NULL ? 0 : (int)(tokens->expires_at - tokens->received_at);
        at += (size_t)snprintf(text + at, size - at, "%s: %d %d %d %s\n", users[i], (int)status, lives,
                               error == NULL ? 0 : (int)((error->retry_after_ms + 500) / 10000),
                               error == NULL ? "" : error->message);
        ropc_tokens_free(tokens);
        ropc_error_free(error);
    }
    {
        ropc_store *store = NULL;
        ropc_error *error = NULL;
        CHECK_NUMBER(ropc_store_file("/nonexistent/İı/store", &store, &error), ROPC_E_STORE);
        snprintf(text + at, size - at, "%s\n", error == NULL ? "" : error->message);
        ropc_error_free(error);
    }
    ropc_client_free(client);
}

static char as_in_c[8000];

/* run.py has made these, and says where. */
static void languages(void)
{
    static const char *const names[] = {"de_DE.UTF-8", "tr_TR.UTF-8"};
    ropc_client *client = client_with_identity();
    ropc_store *store = NULL;
    ropc_session *session, *again = NULL;
    ropc_error *error = NULL;
    char *token, *same;
    CHECK_NUMBER(ropc_store_file(in_folder("languages"), &store, NULL), ROPC_OK);
    session = session_of(client, "ada", store);
    for (size_t i = 0; i < COUNT(names); i++) {
        char number[40], text[8000];
        check_about(names[i]);
        if (!CHECK(setlocale(LC_ALL, names[i]) != NULL)) {
            continue;
        }
        /* The proof that it is another language. */
        snprintf(number, sizeof number, "%.1f", 0.5);
        CHECK_TEXT(number, "0,5");
        CHECK((towupper(L'i') == 0x130) == (strncmp(names[i], "tr", 2) == 0));
        say_all(text, sizeof text);
        CHECK_TEXT(text, as_in_c);
        end_to_end("language");
        /* A record that was written in one language is read in the next. */
        expire(session);
        token = token_of(session, ROPC_OK, ROPC_REASON_NONE);
        again = NULL;
        ENDED(ropc_session_resume(client, store, "ada", &again, &error), ROPC_OK, ROPC_REASON_NONE);
        same = token_of(again, ROPC_OK, ROPC_REASON_NONE);
        CHECK(token != NULL && same != NULL && strcmp(token, same) == 0);
        free(token);
        free(same);
        ropc_session_free(session);
        session = again;
    }
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_client_free(client);
}

static void time_zones(void)
{
    static const char *const zones[] = {
        "Pacific/Kiritimati", "Pacific/Niue", "right/UTC", "XYZ+24:59:59", ":nowhere", "",
    };
    for (size_t i = 0; i < COUNT(zones); i++) {
        char text[8000];
        check_about(zones[i]);
        CHECK_NUMBER(setenv("TZ", zones[i], 1), 0);
        tzset();
        say_all(text, sizeof text);
        CHECK_TEXT(text, as_in_c);
        end_to_end("zone");
    }
}

/* A name without a folder is of the folder that was current then. */
static void folders(void)
{
    char folder[300], file[400], other[300];
    ropc_client *client = client_with_identity();
    ropc_store *store = NULL, *none = NULL;
    ropc_session *session;
    ropc_error *error = NULL;
    struct stat about;
    snprintf(folder, sizeof folder, "%s", in_folder("folder"));
    snprintf(other, sizeof other, "%s", in_folder("other-folder"));
    snprintf(file, sizeof file, "%s/store", folder);
    CHECK_NUMBER(mkdir(folder, 0700), 0);
    CHECK_NUMBER(mkdir(other, 0700), 0);
    CHECK_NUMBER(chdir(folder), 0);
    ENDED(ropc_store_file("store", &store, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(chdir(other), 0);
    session = session_of(client, "ada", store);
    gives_token(session);
    CHECK_NUMBER(stat(file, &about), 0);
    CHECK(stat("store", &about) != 0);

    check_about("the current folder is gone");
    CHECK_NUMBER(rmdir(other), 0);
    expire(session);
    gives_token(session);
    ENDED(ropc_store_file("store", &none, &error), ROPC_E_STORE, ROPC_REASON_STORE_ACCESS);
    CHECK(none == NULL);
    end_to_end("folder-gone");
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_client_free(client);
}

/* Whatever the umask, each file of a store is its owner's to read and to write. */
static void masks(void)
{
    static const mode_t modes[] = {0, 0777, 0277, 077};
    for (size_t i = 0; i < COUNT(modes); i++) {
        char folder[300], file[400], path[800];
        ropc_client *client = client_with_identity();
        ropc_store *store = NULL;
        ropc_session *session;
        DIR *entries;
        struct dirent *entry;
        struct stat about;
        int files = 0;
        snprintf(folder, sizeof folder, "%s-%o", in_folder("umask"), (unsigned)modes[i]);
        snprintf(file, sizeof file, "%s/store", folder);
        CHECK_NUMBER(mkdir(folder, 0700), 0);
        umask(modes[i]);
        CHECK_NUMBER(ropc_store_file(file, &store, NULL), ROPC_OK);
        session = session_of(client, "ada", store);
        expire(session);
        gives_token(session);
        CHECK_NUMBER(umask(022), modes[i]);
        entries = opendir(folder);
        while (entries != NULL && (entry = readdir(entries)) != NULL) {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            if (entry->d_name[0] != '.' && CHECK_NUMBER(stat(path, &about), 0)) {
                CHECK_NUMBER(about.st_mode & 07777, 0600);
                files++;
            }
        }
        CHECK_NUMBER(files, 3);
        closedir(entries);
        ropc_session_free(session);
        ropc_store_free(store);
        ropc_client_free(client);
    }
}

static void are_closed(void)
{
    for (int fd = 0; fd < 3; fd++) {
        if (fcntl(fd, F_GETFD) != -1) {
            check_failures++;
        }
    }
}

/* What the host prints all the same must go nowhere, least of all into a connection
 * that is kept or a file that is locked. */
static void no_streams(void)
{
    ropc_client *client = client_with_identity();
    ropc_store *store = NULL;
    ropc_session *session;
    CHECK_NUMBER(ropc_store_file(in_folder("no-streams"), &store, NULL), ROPC_OK);
    for (int fd = 0; fd < 3; fd++) {
        close(fd);
    }
    session = session_of(client, "ada", store);
    are_closed();
    expire(session);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    are_closed();
    ends(started(client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    are_closed();
    for (int round = 0; round < 3; round++) {
        end_to_end("no-streams-again");
        are_closed();
    }
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_client_free(client);
}

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"languages", languages}, {"time zones", time_zones},          {"folders", folders},
    {"umasks", masks},        {"without standard streams", no_streams},
};

int main(void)
{
    say_all(as_in_c, sizeof as_in_c);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        pid_t pid;
        check_about(cases[i].name);
        pid = forked(60);
        if (pid == 0) {
            cases[i].run();
            _exit(finish());
        }
        CHECK_NUMBER(ended_as(pid), 0);
    }
    return finish();
}
