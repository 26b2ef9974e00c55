/* Checks for the C programs here. A failure prints where, what and why, and
 * the program goes on; main() ends with `return finish();` (standin.h), or with
 * `return checks_failed();` where the library is not linked. */

#ifndef CHECK_H
#define CHECK_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

static int check_failures;
static const char *check_row = "";
static pthread_mutex_t check_lock = PTHREAD_MUTEX_INITIALIZER;

/* Names the row of a table that the next checks are about. */
static inline void check_about(const char *row) { check_row = row; }

static inline void check_fail(const char *file, int line, const char *what, const char *detail)
{
    pthread_mutex_lock(&check_lock);
    check_failures++;
    printf("%s:%d: [%s] %s: %s\n", file, line, check_row, what, detail);
    fflush(stdout);
    pthread_mutex_unlock(&check_lock);
}

static inline int check_true(const char *file, int line, const char *what, int holds)
{
    if (!holds) {
        check_fail(file, line, what, "does not hold");
    }
    return holds;
}

static inline int check_number(const char *file, int line, const char *what, long long is, long long wanted)
{
    char detail[80];
    if (is == wanted) {
        return 1;
    }
    snprintf(detail, sizeof detail, "is %lld, wanted %lld", is, wanted);
    check_fail(file, line, what, detail);
    return 0;
}

static inline int check_text(const char *file, int line, const char *what, const char *is, const char *wanted)
{
    char detail[600];
    if (is != NULL && strcmp(is, wanted) == 0) {
        return 1;
    }
    snprintf(detail, sizeof detail, "is \"%.250s\", wanted \"%.250s\"", is ? is : "(NULL)", wanted);
    check_fail(file, line, what, detail);
    return 0;
}

static inline int check_holds(const char *file, int line, const char *what, const char *is, const char *part)
{
    char detail[600];
    if (is != NULL && strstr(is, part) != NULL) {
        return 1;
    }
    snprintf(detail, sizeof detail, "is \"%.250s\", which does not hold \"%.250s\"", is ? is : "(NULL)", part);
    check_fail(file, line, what, detail);
    return 0;
}

/* Each is 1 when it holds, so that a program can stop where it must. */
#define CHECK(condition) check_true(__FILE__, __LINE__, #condition, (condition) != 0)
#define CHECK_NUMBER(is, wanted) check_number(__FILE__, __LINE__, #is, (long long)(is), (long long)(wanted))
#define CHECK_TEXT(is, wanted) check_text(__FILE__, __LINE__, #is, is, wanted)
#define CHECK_HOLDS(is, part) check_holds(__FILE__, __LINE__, #is, is, part)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static inline int checks_failed(void) { return check_failures == 0 ? 0 : 1; }

/* fork() for a test: the child counts failures of its own, ends itself with
 * _exit(), and is ended when it takes longer. */
static inline pid_t forked(unsigned seconds)
{
    pid_t pid;
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        check_failures = 0;
        alarm(seconds);
    }
    return pid;
}

/* Waits for a child: its exit code, or minus the signal that ended it. */
static inline int ended_as(pid_t pid)
{
    int status = 0;
    if (waitpid(pid, &status, 0) != pid) {
        return 1000;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#endif
