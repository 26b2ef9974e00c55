/* What the programs about requests need besides standin.h: requests that are
 * made and ended in one line, and what the system knows of this process. */

#ifndef REQUESTS_H
#define REQUESTS_H

#include <dirent.h>
#include <time.h>

#include "standin.h"

/* Longer than anything here takes, on the slowest machine and under a checker:
 * whoever waits so long has found a bug. */
#define LONG_MS 50000

static inline long long now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void rest_us(long microseconds)
{
    struct timespec time;
    time.tv_sec = 0;
    time.tv_nsec = microseconds * 1000;
    nanosleep(&time, NULL);
}

/* Asks until `condition` holds; for what only the system can be asked. */
#define UNTIL(condition)                                                                                               \
    do {                                                                                                               \
        long long until = now_ms() + LONG_MS;                                                                          \
        int holds;                                                                                                     \
        while (!(holds = (condition)) && now_ms() < until) {                                                           \
            rest_us(1000);                                                                                             \
        }                                                                                                              \
        check_true(__FILE__, __LINE__, #condition, holds);                                                             \
    } while (0)

/* Whether run.py runs this program so: "shared", "static", "asan", "valgrind". */
static inline int way_is(const char *way) { return strcmp(where("ROPC_WAY"), way) == 0; }

/* Names in a folder of /proc, "." and ".." not counted. */
static inline int entries(const char *path)
{
    DIR *folder = opendir(path);
    int count = -2;
    if (!CHECK(folder != NULL)) {
        return -1;
    }
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

/* Open descriptors of this process, and the one that looks. */
static inline int descriptors(void) { return entries("/proc/self/fd"); }

/* Threads of this process whose name begins so. */
static inline int threads_named(const char *begin)
{
    DIR *folder = opendir("/proc/self/task");
    struct dirent *entry;
    int count = 0;
    if (!CHECK(folder != NULL)) {
        return -1;
    }
    while ((entry = readdir(folder)) != NULL) {
        char path[300], name[32] = "";
        FILE *file;
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
        file = fopen(path, "r");
        if (file != NULL) {
            count += fgets(name, sizeof name, file) != NULL && strncmp(name, begin, strlen(begin)) == 0;
            fclose(file);
        }
    }
    closedir(folder);
    return count;
}

/* No thread of the library is left. One that was joined may stand in /proc for
 * another moment, until the kernel has put it away. */
#define NO_THREADS_LEFT() UNTIL(threads_named("ropc-") == 0)

/* A client whose calls may take so long; the default would end a call that a
 * test means to cancel. */
static inline ropc_client *client_with_limit(uint32_t total_ms)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_set_timeouts(options, total_ms, total_ms), ROPC_OK);
    return client_from(options);
}

/* A login of `user`, not started. */
static inline ropc_request *prepared(const ropc_client *client, const char *user)
{
    ropc_request *request = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_request_login(client, user, PASSWORD, &request, &error), ROPC_OK);
    if (!CHECK(request != NULL && error == NULL)) {
        exit(1);
    }
    return request;
}

static inline void start(const ropc_request *request)
{
    ropc_error *error = NULL;
    if (!CHECK_NUMBER(ropc_request_start(request, &error), ROPC_OK)) {
        printf("     %s\n", error->message);
    }
    ropc_error_free(error);
}

/* A login of `user`, started. */
static inline ropc_request *started(const ropc_client *client, const char *user)
{
    ropc_request *request = prepared(client, user);
    start(request);
    return request;
}

/* Takes what a login that has ended came to: tokens, or an error for `reason`;
 * `reason` is ROPC_REASON_NONE for tokens. */
static inline void taken(const ropc_request *request, ropc_status status, ropc_reason reason)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    CHECK_NUMBER(ropc_request_poll(request), status);
    CHECK_NUMBER(ropc_request_take_tokens(request, &tokens, &error), status);
    CHECK((status == ROPC_OK) == (tokens != NULL));
    CHECK_NUMBER(error == NULL ? ROPC_REASON_NONE : error->reason, reason);
    /* The end stays, though the result is gone. */
    CHECK_NUMBER(ropc_request_poll(request), status);
    ropc_tokens_free(tokens);
    ropc_error_free(error);
}

/* Waits for the end, takes the result and frees the request. */
static inline void ends(ropc_request *request, ropc_status status, ropc_reason reason)
{
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), status);
    taken(request, status, reason);
    ropc_request_free(request);
}

#endif
