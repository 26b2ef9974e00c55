/* How much memory this process has, for tests that it stays so. */

#ifndef FOOTPRINT_H
#define FOOTPRINT_H

/* For mallinfo2(): this file comes first. */
#define _GNU_SOURCE

#include <malloc.h>

#include "requests.h"

struct footprint {
    /* In use by all malloc() of this process. */
    long heap_bytes;
    /* In use at all, stacks of threads and what is mapped included. */
    long resident_kb;
};

static inline struct footprint footprint_now(void)
{
    struct footprint now = {(long)mallinfo2().uordblks, -1};
    FILE *file = fopen("/proc/self/status", "r");
    char line[200];
    while (file != NULL && now.resident_kb < 0 && fgets(line, sizeof line, file) != NULL) {
        (void)sscanf(line, "VmRSS: %ld", &now.resident_kb);
    }
    if (file != NULL) {
        fclose(file);
    }
    CHECK(now.resident_kb > 0);
    return now;
}

/* No more has come since `before`. A checker has a malloc() of its own, which
 * keeps what is freed, and looks for leaks itself. */
static inline void footprint_same(struct footprint before, long heap_bytes, long resident_kb)
{
    struct footprint now = footprint_now();
    long bytes = now.heap_bytes - before.heap_bytes, kb = now.resident_kb - before.resident_kb;
    int same;
    if (way_is("asan") || way_is("valgrind")) {
        return;
    }
    same = CHECK(bytes <= heap_bytes);
    same = CHECK(kb <= resident_kb) && same;
    if (!same) {
        printf("     %ld bytes more in use, %ld KiB more resident\n", bytes, kb);
    }
}

#endif
