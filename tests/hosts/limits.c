/* A process that is short of something: descriptors, threads, room in a file, a
 * disk, rights in a folder. A call says so, nothing is lost, and everything works
 * again once it is there. Each case in a child. */

/* For RTLD_NEXT. */
#define _GNU_SOURCE

#include <dlfcn.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sessions.h"

/* What the system refuses from now on, and how: the library's calls of these come
 * here first. */
static struct {
    int threads, write, fsync, rename;
    /* So many writes of files still succeed. */
    int writes;
} refuse;

static void *next(const char *name)
{
    void *symbol = dlsym(RTLD_NEXT, name);
    if (symbol == NULL) {
        abort();
    }
    return symbol;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*work)(void *), void *argument)
{
    int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    void *symbol = next("pthread_create");
    memcpy(&create, &symbol, sizeof create);
    return refuse.threads ? refuse.threads : create(thread, attributes, work, argument);
}

ssize_t write(int fd, const void *bytes, size_t len)
{
    ssize_t (*go_on)(int, const void *, size_t);
    void *symbol = next("write");
    struct stat about;
    memcpy(&go_on, &symbol, sizeof go_on);
    if (refuse.write && fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && refuse.writes-- <= 0) {
        errno = refuse.write;
        return -1;
    }
    return go_on(fd, bytes, len);
}

int fsync(int fd)
{
    int (*go_on)(int);
    void *symbol = next("fsync");
    memcpy(&go_on, &symbol, sizeof go_on);
    errno = refuse.fsync;
    return refuse.fsync ? -1 : go_on(fd);
}

int rename(const char *from, const char *to)
{
    int (*go_on)(const char *, const char *);
    void *symbol = next("rename");
    memcpy(&go_on, &symbol, sizeof go_on);
    errno = refuse.rename;
    return refuse.rename ? -1 : go_on(from, to);
}

static ropc_client *client;
static ropc_store *store;
static ropc_session *session;

static void begin(const char *name)
{
    client = client_with_identity();
    CHECK_NUMBER(ropc_store_file(in_folder(name), &store, NULL), ROPC_OK);
    session = session_of(client, "ada", store);
    gives_token(session);
}

/* The newest tokens are in the file, for the next start of the program. */
static void all_is_well(void)
{
    ropc_session *again = NULL;
    ropc_error *error = NULL;
    char *here, *there;
    /* Now, not after the pause that a failure is followed by. */
    ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    expire(session);
    here = token_of(session, ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(ropc_session_resume(client, store, "ada", &again, NULL), ROPC_OK);
    there = token_of(again, ROPC_OK, ROPC_REASON_NONE);
    CHECK(here != NULL && there != NULL && strcmp(here, there) == 0);
    free(here);
    free(there);
    ropc_session_free(again);
    ropc_session_free(session);
    ropc_store_free(store);
    ropc_client_free(client);
}

/* The mark before a refresh cannot be written: nothing is sent. */
static void cannot_be_marked(int *call, int why)
{
    long refreshed;
    expire(session);
    refreshed = granted("refreshed");
    *call = why;
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_STORE_ACCESS));
    *call = 0;
    CHECK_NUMBER(granted("refreshed") - refreshed, 0);
}

static void full_disk(void)
{
    begin("full-disk");
    cannot_be_marked(&refuse.write, ENOSPC);
    all_is_well();
}

static void broken_disk(void)
{
    begin("broken-disk");
    cannot_be_marked(&refuse.fsync, EIO);
    all_is_well();
}

static void read_only_disk(void)
{
    begin("read-only-disk");
    cannot_be_marked(&refuse.rename, EROFS);
    all_is_well();
}

/* The tokens are there and not on the disk: the session says so, and keeps them
 * until they are. */
static void full_for_new_tokens(void)
{
    ropc_error *error = NULL;
    char *record = NULL;
    begin("full-after");
    ropc_session_free(session);
    refuse.write = ENOSPC;
    session = session_of(client, "ada", store);
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_SAVE_FAILED));
    ENDED(ropc_session_pending(session, &record, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK(record != NULL);
    ropc_string_free(record);
    refuse.write = 0;
    all_is_well();
}

/* It fills up between the mark of a refresh and its tokens: the old refresh token is
 * worth nothing, and the new one is not lost. */
static void full_in_between(void)
{
    long refreshed;
    ropc_error *error = NULL;
    begin("full-between");
    expire(session);
    refreshed = granted("refreshed");
    refuse.write = ENOSPC;
    refuse.writes = 1;
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_SAVE_FAILED));
    CHECK_NUMBER(granted("refreshed") - refreshed, 1);
    refuse.write = 0;
    ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(granted("refreshed") - refreshed, 1);
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    all_is_well();
}

static void no_rights(void)
{
    char folder[300], file[400];
    ropc_store *other = NULL;
    ropc_error *error = NULL;
    snprintf(folder, sizeof folder, "%s", in_folder("no-rights"));
    snprintf(file, sizeof file, "%s/store", folder);
    CHECK_NUMBER(mkdir(folder, 0700), 0);
    client = client_with_identity();
    /* The system lets its administrator do everything: be somebody else. The way
     * to the folder is open to everybody then. */
    if (geteuid() == 0) {
        CHECK_NUMBER(chmod(where("STANDIN_FOLDER"), 0711), 0);
        CHECK_NUMBER(chown(folder, 65534, 65534), 0);
        CHECK_NUMBER(seteuid(65534), 0);
    }
    CHECK_NUMBER(ropc_store_file(file, &store, NULL), ROPC_OK);
    session = session_of(client, "ada", store);
    gives_token(session);
    CHECK_NUMBER(chmod(folder, 0500), 0);
    expire(session);
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_STORE_ACCESS));
    CHECK_NUMBER(chmod(folder, 0000), 0);
    ENDED(ropc_store_file(file, &other, &error), ROPC_E_STORE, ROPC_REASON_STORE_ACCESS);
    CHECK_NUMBER(chmod(folder, 0700), 0);
    all_is_well();
}

/* Nothing that the library does on its own threads is needed to tell. */
static void no_threads(void)
{
    ropc_request *request;
    ropc_error *error = NULL;
    ropc_session *fresh = NULL;
    begin("no-threads");
    expire(session);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    refuse.threads = EAGAIN;
    free(token_of(session, ROPC_E_RESOURCES, ROPC_REASON_RESOURCES));
    request = prepared(client, "ada");
    ENDED(ropc_request_start(request, &error), ROPC_E_RESOURCES, ROPC_REASON_RESOURCES);
    /* The connection is there: the name need not be looked up. */
    ENDED(ropc_session_login(client, "ada", PASSWORD, store, NULL, &fresh, &error), ROPC_OK, ROPC_REASON_NONE);
    gives_token(fresh);
    refuse.threads = 0;
    start(request);
    ends(request, ROPC_OK, ROPC_REASON_NONE);
    ropc_session_free(session);
    session = fresh;
    all_is_well();
}

static void descriptors_to(rlim_t count)
{
    struct rlimit limit;
    CHECK_NUMBER(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = count;
    CHECK_NUMBER(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* From none to be had to enough: whatever of it lacks one says so. */
static void few_descriptors(void)
{
    struct rlimit limit;
    int highest = dup(0), lacked = 0, succeeded = 0;
    close(highest);
    CHECK_NUMBER(getrlimit(RLIMIT_NOFILE, &limit), 0);
    begin("few-descriptors");
    ask_standin("close_idle");
    for (int more = 0; more < 10; more++) {
        ropc_client *fresh = new_client();
        ropc_token *token = NULL;
        ropc_error *error = NULL;
        ropc_status status;
        expire(session);
        ask_standin("close_idle");
        descriptors_to((rlim_t)(highest + more));
        status = sign_in(fresh, "ada");
        CHECK(status == ROPC_OK || status == ROPC_E_RESOURCES || status == ROPC_E_RESOLVE);
        lacked += status != ROPC_OK;
        status = ropc_session_token(session, 1000, LONG_MS, &token, &error);
        if (!CHECK(status == ROPC_OK || status == ROPC_E_RESOURCES || status == ROPC_E_RESOLVE)) {
            printf("     %s\n", error == NULL ? "" : error->message);
        }
        succeeded += status == ROPC_OK;
        ropc_token_free(token);
        ropc_error_free(error);
        descriptors_to(limit.rlim_cur);
        /* It failed before anything was sent, and may be tried at once. */
        ENDED(ropc_session_refresh(session, 1, LONG_MS, &error), ROPC_OK, ROPC_REASON_NONE);
        ropc_client_free(fresh);
    }
    CHECK(lacked > 0 && succeeded > 0);
    all_is_well();
}

static volatile sig_atomic_t file_signals;

static void on_file_size(int number)
{
    (void)number;
    file_signals++;
}

/* The process may write no more into files, and the system sends SIGXFSZ, which
 * ends a process that did not ask for it. */
static void small_files(void (*action)(int))
{
    struct rlimit limit, before;
    struct sigaction now;
    sigset_t pending;
    begin("small-files");
    CHECK(signal(SIGXFSZ, action) != SIG_ERR);
    CHECK_NUMBER(getrlimit(RLIMIT_FSIZE, &before), 0);
    limit = before;
    limit.rlim_cur = 100;
    CHECK_NUMBER(setrlimit(RLIMIT_FSIZE, &limit), 0);
    expire(session);
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_STORE_ACCESS));
    ropc_session_free(session);
    session = session_of(client, "ada", store);
    free(token_of(session, ROPC_E_STORE, ROPC_REASON_SAVE_FAILED));
    CHECK_NUMBER(setrlimit(RLIMIT_FSIZE, &before), 0);
    CHECK_NUMBER(sigaction(SIGXFSZ, NULL, &now), 0);
    CHECK(now.sa_handler == action);
    CHECK_NUMBER(sigpending(&pending), 0);
    CHECK_NUMBER(sigismember(&pending, SIGXFSZ), 0);
    all_is_well();
}

static void small_files_by_default(void) { small_files(SIG_DFL); }

static void small_files_ignored(void) { small_files(SIG_IGN); }

static void small_files_handled(void) { small_files(on_file_size); }

static const struct {
    const char *name;
    void (*run)(void);
} cases[] = {
    {"a full disk", full_disk},
    {"a disk that fails", broken_disk},
    {"a disk that may only be read", read_only_disk},
    {"a disk that is full for new tokens", full_for_new_tokens},
    {"a disk that fills up", full_in_between},
    {"no rights in the folder", no_rights},
    {"no threads", no_threads},
    {"few descriptors", few_descriptors},
    {"small files, SIGXFSZ ignored", small_files_ignored},
    {"small files, SIGXFSZ handled", small_files_handled},
    {"small files, SIGXFSZ as it comes", small_files_by_default},
};

int main(void)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        pid_t pid;
        check_about(cases[i].name);
        pid = forked(50);
        if (pid == 0) {
            cases[i].run();
            _exit(finish());
        }
        CHECK_NUMBER(ended_as(pid), 0);
    }
    return checks_failed();
}
