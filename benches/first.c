/* Starts a program again and again, and tells how long it takes from there to
 * its first token, which it tells itself with the work `once`.
 *
 *   first COUNT COMMAND... */

#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static void fail(const char *why)
{
    fprintf(stderr, "first: %s\n", why);
    exit(1);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* Nanoseconds to the token; those of the processor to the end go to `cpu`. */
static double run(char **command, double *cpu)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    double start, at;
    int pipes[2], status;
    FILE *line;
    pid_t child;

    if (pipe(pipes) != 0 || posix_spawn_file_actions_init(&actions) != 0)
        fail("no pipe");
    posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
    posix_spawn_file_actions_addclose(&actions, pipes[0]);
    start = now();
    if (posix_spawnp(&child, command[0], &actions, NULL, command, environ) != 0)
        fail("the program cannot be run");
    close(pipes[1]);
    line = fdopen(pipes[0], "r");
    if (line == NULL || fscanf(line, "{\"at\": %lf", &at) != 1)
        fail("the program did not sign in");
    fclose(line);
    if (wait4(child, &status, 0, &usage) != child || status != 0)
        fail("the program failed");
    posix_spawn_file_actions_destroy(&actions);
    *cpu = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e9
         + (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e3;
    return at - start;
}

static int by_length(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;

    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    int count = argc > 2 ? atoi(argv[1]) : 0, i;
    double *times = malloc((size_t)(count + 1) * sizeof *times), cpu, sum = 0;

    if (count < 1 || times == NULL)
        fail("COUNT COMMAND are wanted");
    for (i = 0; i < count; i++) {
        times[i] = run(argv + 2, &cpu);
        sum += cpu;
    }
    qsort(times, (size_t)count, sizeof *times, by_length);
    printf("{\"ns\": %.1f, \"cpu\": %.1f}\n", times[count / 2], sum / count);
    free(times);
    return 0;
}
