/* Loaded before a program, it counts what the program asks of the allocator, and
 * writes that into the file that BENCH_ALLOCATIONS names. glibc only: its own
 * functions are below. */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static unsigned long allocations, bytes;

static void count(size_t size)
{
    (void)__atomic_fetch_add(&allocations, 1, __ATOMIC_RELAXED);
    (void)__atomic_fetch_add(&bytes, size, __ATOMIC_RELAXED);
}

void *malloc(size_t size)
{
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size)
{
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size)
{
    count(size);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size)
{
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    count(size);
    *out = __libc_memalign(alignment, size);
    return *out == NULL ? ENOMEM : 0;
}

__attribute__((destructor)) static void tell(void)
{
    const char *name = getenv("BENCH_ALLOCATIONS");
    unsigned long seen = allocations, held = bytes;
    FILE *file = name == NULL ? NULL : fopen(name, "w");

    if (file != NULL) {
        fprintf(file, "%lu %lu\n", seen, held);
        fclose(file);
    }
}
