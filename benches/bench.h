/* What the drivers in C share: the command line, the clocks, and the line of
 * JSON that comes of it.
 *
 *   DRIVER WORK COUNT BASE_URL CA_FILE [THREADS]
 *
 *   warm      COUNT logins, one after the other, on a connection that is there
 *   cold      COUNT logins, each on a new one
 *   threads   COUNT logins in all, by THREADS threads with one client
 *   once      one login, and when it was over; COUNT is not looked at
 *   memory    COUNT logins as soon as the program runs, and its memory then
 *
 * and what a driver has of its own. */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>

#define BENCH_USER "ada@example.com"
#define BENCH_PASSWORD "correct horse battery staple"
#define BENCH_CLIENT_ID "5f0c7a3e-1b2d-4c6f-8a9b-0d1e2f3a4b5c"
#define BENCH_PATH "/api/oauth/bench/token"

/* Where to sign in, and how. */
struct place {
    const char *base;
    const char *ca_file;
    int cold;         /* a new connection for each login */
    long count;
    int threads;
};

/* Work of a driver of its own. */
struct work {
    const char *name;
    void (*run)(const struct place *place);
};

/* What each driver defines; nothing is freed but what a login makes, for the
 * process ends. */
void *bench_client(const struct place *place);   /* what threads share */
void *bench_user(void *client);                  /* what each of them has */
void bench_login(void *user);                    /* signs in, or ends the program */
extern const struct work bench_own[];            /* up to one without a name */

void bench_fail(const char *what, const char *why);
/* The whole file, with a NUL behind it. */
char *bench_read(const char *file, size_t *length);
uint64_t bench_now(void);
/* The processor's time of this process, all threads together. */
uint64_t bench_cpu(void);
/* A number out of one of the kernel's files, as "/proc/self/status". */
long bench_number(const char *file, const char *name);
/* Runs `step` in each of so many threads, `count` times in all; the mean. */
void bench_together(void *(*user)(void *), void (*step)(void *), void *shared, long count, int threads);

#endif
