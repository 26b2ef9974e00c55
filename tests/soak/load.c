/* The load, round after round; between two rounds nothing runs, and what this
 * process has is measured and printed. With SOAK_PLUGIN each round is in a plug-in
 * that is loaded for it, and unloaded in the end. */

#include "../c/footprint.h"

#include <dlfcn.h>
#include <signal.h>
#include <sys/prctl.h>

#include "tally.h"

void soak_round(struct round *round);

/* What a process has when it is still. */
struct still {
    long heap, anon, rss, pss, threads, descriptors, mappings;
};

/* The number behind `name` in a file of /proc. */
static long number_in(const char *path, const char *name)
{
    FILE *file = fopen(path, "r");
    char line[256];
    long number = -1;
    while (file != NULL && number < 0 && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0) {
            number = atol(line + strlen(name));
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    CHECK(number >= 0);
    return number;
}

static long lines_in(const char *path)
{
    FILE *file = fopen(path, "r");
    long lines = 0;
    for (int letter = 0; file != NULL && (letter = getc(file)) != EOF;) {
        lines += letter == '\n';
    }
    if (file != NULL) {
        fclose(file);
    }
    return lines;
}

/* What is free is given back first: what the allocator keeps for later is none of
 * the library's. */
static struct still still_now(void)
{
    struct still now;
    malloc_trim(0);
    now.heap = (long)mallinfo2().uordblks;
    now.anon = number_in("/proc/self/smaps_rollup", "Anonymous:");
    now.rss = number_in("/proc/self/smaps_rollup", "Rss:");
    now.pss = number_in("/proc/self/smaps_rollup", "Pss:");
    now.threads = number_in("/proc/self/status", "Threads:");
    now.descriptors = descriptors();
    now.mappings = lines_in("/proc/self/maps");
    return now;
}

static void print_calls(const struct tally *tally)
{
    printf("\"calls\": {");
    for (int kind = 0; kind < KINDS; kind++) {
        const char *comma = "";
        printf("%s\"%s\": {", kind == 0 ? "" : ", ", KIND_NAMES[kind]);
        for (int place = 0; place < STATUSES; place++) {
            if (tally->calls[kind][place] != 0) {
                printf("%s\"%d\": %ld", comma, place, tally->calls[kind][place]);
                comma = ", ";
            }
        }
        printf("}");
    }
    printf("}, \"worst\": {");
    for (int kind = 0; kind < KINDS; kind++) {
        printf("%s\"%s\": %ld", kind == 0 ? "" : ", ", KIND_NAMES[kind], tally->worst_ms[kind]);
    }
    printf("}");
}

static void report(const struct round *round, long long begun)
{
    struct still now = still_now();
    const struct tally *tally = &round->tally;
    printf("{\"ms\": %lld, \"kept\": %d, \"heap\": %ld, \"anon\": %ld, \"rss\": %ld, \"pss\": %ld, ", now_ms() - begun,
           round->keeps, now.heap, now.anon, now.rss, now.pss);
    printf("\"threads\": %ld, \"descriptors\": %ld, \"mappings\": %ld, ", now.threads, now.descriptors, now.mappings);
    printf("\"passwords\": %ld, \"forced\": %ld, \"lines\": %ld, \"late_tokens\": %ld, ", tally->passwords,
           tally->forced, tally->lines, tally->late_tokens);
    print_calls(tally);
    printf("}\n");
    fflush(stdout);
}

#ifdef SOAK_RELOADS
/* Loaded, run, unloaded: then none of its code is there any more. */
static void run(struct round *round)
{
    void *plugin = dlopen(where("SOAK_PLUGIN"), RTLD_NOW | RTLD_LOCAL);
    void *symbol = plugin == NULL ? NULL : dlsym(plugin, "soak_round");
    round_fn found;
    if (symbol == NULL) {
        printf("%s\n", dlerror());
        exit(2);
    }
    memcpy(&found, &symbol, sizeof found);
    found(round);
    CHECK_NUMBER(dlclose(plugin), 0);
    CHECK(dlopen(where("SOAK_PLUGIN"), RTLD_NOW | RTLD_NOLOAD) == NULL);
}
#else
static void run(struct round *round) { soak_round(round); }
#endif

int main(void)
{
    long long begun = now_ms(), length_ms = atoll(where("SOAK_MS"));
    long long round_ms = atoll(where("SOAK_ROUND_MS")), report_ms = atoll(where("SOAK_REPORT_MS"));
    int rounds = (int)(length_ms / round_ms), each = (int)(report_ms / round_ms), failed = 0;
    struct round round;
    /* Who started this and is gone wants no more load. */
    CHECK_NUMBER(prctl(PR_SET_PDEATHSIG, SIGKILL), 0);
    memset(&round, 0, sizeof round);
    round.workers = atoi(where("SOAK_WORKERS"));
    for (int i = 1; i <= rounds; i++) {
        round.seed = (uint64_t)atoll(where("SOAK_SEED")) * 1000000 + (uint64_t)i;
        round.until_ms = begun + i * round_ms;
        /* Nothing is kept at the first fifth and in the end, to compare the two. */
        round.keeps = i < rounds && i != rounds / 5 && atoi(where("SOAK_KEEPS"));
        run(&round);
        failed = round.failed || failed;
        if (i % each == 0) {
            report(&round, begun);
        }
    }
    return failed || checks_failed();
}
