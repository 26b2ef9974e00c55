#include "bench.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Logins before the first that is timed. */
#define BEFORE 5

void bench_fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

char *bench_read(const char *name, size_t *length)
{
    FILE *file = fopen(name, "rb");
    long size = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
    char *text = size < 0 ? NULL : malloc((size_t)size + 1);

    if (text == NULL)
        bench_fail(name, "cannot be read");
    rewind(file);
    *length = fread(text, 1, (size_t)size, file);
    text[*length] = '\0';
    fclose(file);
    return text;
}

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

uint64_t bench_now(void) { return clock_ns(CLOCK_MONOTONIC); }

uint64_t bench_cpu(void) { return clock_ns(CLOCK_PROCESS_CPUTIME_ID); }

long bench_number(const char *name, const char *wanted)
{
    FILE *file = fopen(name, "r");
    char line[512];
    long found = 0;

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, wanted, strlen(wanted)) == 0)
            found = strtol(line + strlen(wanted), NULL, 10);
    if (file != NULL)
        fclose(file);
    return found;
}

static int by_length(const void *one, const void *other)
{
    uint64_t a = *(const uint64_t *)one, b = *(const uint64_t *)other;

    return (a > b) - (a < b);
}

/* Nanoseconds of a login, and of the processor for it. */
static void report(double ns, double cpu)
{
    printf("{\"ns\": %.1f, \"cpu\": %.1f}\n", ns, cpu);
}

/* What memory the process had at most, and has written to. */
static void memory(void *user, long count)
{
    for (; count > 0; count--)
        bench_login(user);
    printf("{\"peak_kb\": %ld, \"dirty_kb\": %ld}\n", bench_number("/proc/self/status", "VmHWM:"),
           bench_number("/proc/self/smaps_rollup", "Private_Dirty:"));
}

static void one_by_one(void *user, long count)
{
    uint64_t *times = malloc((size_t)count * sizeof *times), start, cpu;
    long i;

    if (times == NULL)
        bench_fail("logins", "too many");
    for (i = 0; i < BEFORE; i++)
        bench_login(user);
    cpu = bench_cpu();
    for (i = 0; i < count; i++) {
        start = bench_now();
        bench_login(user);
        times[i] = bench_now() - start;
    }
    cpu = bench_cpu() - cpu;
    qsort(times, (size_t)count, sizeof *times, by_length);
    report((double)times[count / 2], (double)cpu / (double)count);
}

struct crew {
    void *(*user)(void *);
    void (*step)(void *);
    void *shared;
    long each;
    pthread_barrier_t ready;
};

static void *one_of(void *argument)
{
    struct crew *crew = argument;
    void *user = crew->user(crew->shared);
    long i;

    crew->step(user);
    /* All are there; and the clock runs. */
    pthread_barrier_wait(&crew->ready);
    pthread_barrier_wait(&crew->ready);
    for (i = 0; i < crew->each; i++)
        crew->step(user);
    return NULL;
}

void bench_together(void *(*user)(void *), void (*step)(void *), void *shared, long count, int threads)
{
    struct crew crew = {user, step, shared, count / threads, {{0}}};
    pthread_t *all = malloc((size_t)threads * sizeof *all);
    double done = (double)(crew.each * threads), wall;
    uint64_t start, cpu;
    int i;

    if (all == NULL)
        bench_fail("threads", "too many");
    pthread_barrier_init(&crew.ready, NULL, (unsigned)threads + 1);
    for (i = 0; i < threads; i++)
        if (pthread_create(&all[i], NULL, one_of, &crew) != 0)
            bench_fail("threads", "too many");
    pthread_barrier_wait(&crew.ready);
    start = bench_now();
    cpu = bench_cpu();
    pthread_barrier_wait(&crew.ready);
    for (i = 0; i < threads; i++)
        pthread_join(all[i], NULL);
    wall = (double)(bench_now() - start) / done;
    report(wall, (double)(bench_cpu() - cpu) / done);
    free(all);
}

int main(int argc, char **argv)
{
    struct place place = {0};
    const struct work *own;

    if (argc < 5)
        bench_fail("usage", "DRIVER WORK COUNT BASE_URL CA_FILE [THREADS]");
    place.count = atol(argv[2]);
    place.base = argv[3];
    place.ca_file = argv[4];
    place.threads = argc > 5 ? atoi(argv[5]) : 1;
    place.cold = strcmp(argv[1], "cold") == 0;
    if (place.count < place.threads || place.threads < 1)
        bench_fail("usage", "COUNT is at least THREADS, which is at least 1");

    if (strcmp(argv[1], "warm") == 0 || place.cold) {
        one_by_one(bench_user(bench_client(&place)), place.count);
    } else if (strcmp(argv[1], "threads") == 0) {
        bench_together(bench_user, bench_login, bench_client(&place), place.count, place.threads);
    } else if (strcmp(argv[1], "memory") == 0) {
        memory(bench_user(bench_client(&place)), place.count);
    } else if (strcmp(argv[1], "once") == 0) {
        bench_login(bench_user(bench_client(&place)));
        printf("{\"at\": %llu}\n", (unsigned long long)bench_now());
    } else {
        for (own = bench_own; own->name != NULL && strcmp(own->name, argv[1]) != 0; own++)
            ;
        if (own->name == NULL)
            bench_fail(argv[1], "this driver has no such work");
        own->run(&place);
    }
    return 0;
}
