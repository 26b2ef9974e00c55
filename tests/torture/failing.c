/* The system's allocator, loaded before the program: it counts what is live, and
 * has an allocation fail when it is told to. glibc only: its own functions are
 * below. */

/* For dl_iterate_phdr(). */
#define _GNU_SOURCE

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

static long live_blocks, live_bytes;
/* Which one fails, counted from when it was armed; 0: none. */
static long nth, asked, failures;
static int from_there_on;
/* Where the code is whose allocations count; all, when both are 0. */
static uintptr_t ours, ours_end;

void failing_arm(long which, int on, int only_the_library);
long failing_disarm(void);
void failing_live(long *blocks, long *bytes);

static void add(long *to, long what) { (void)__atomic_fetch_add(to, what, __ATOMIC_SEQ_CST); }

static int find_library(struct dl_phdr_info *object, size_t size, void *nothing)
{
    (void)size, (void)nothing;
    for (int i = 0; strstr(object->dlpi_name, "libropc") != NULL && i < object->dlpi_phnum; i++) {
        if (object->dlpi_phdr[i].p_type == PT_LOAD && (object->dlpi_phdr[i].p_flags & PF_X) != 0) {
            ours = object->dlpi_addr + object->dlpi_phdr[i].p_vaddr;
            ours_end = ours + object->dlpi_phdr[i].p_memsz;
        }
    }
    return 0;
}

void failing_arm(long which, int on, int only_the_library)
{
    asked = failures = 0;
    from_there_on = on;
    ours = ours_end = 0;
    if (only_the_library) {
        dl_iterate_phdr(find_library, NULL);
    }
    __atomic_store_n(&nth, which, __ATOMIC_SEQ_CST);
}

/* How many failed. */
long failing_disarm(void)
{
    __atomic_store_n(&nth, 0, __ATOMIC_SEQ_CST);
    return failures;
}

void failing_live(long *blocks, long *bytes)
{
    *blocks = __atomic_load_n(&live_blocks, __ATOMIC_SEQ_CST);
    *bytes = __atomic_load_n(&live_bytes, __ATOMIC_SEQ_CST);
}

static int fails(const void *caller)
{
    long which = __atomic_load_n(&nth, __ATOMIC_SEQ_CST), at;
    if (which == 0 || (ours_end != 0 && ((uintptr_t)caller < ours || (uintptr_t)caller >= ours_end))) {
        return 0;
    }
    at = __atomic_add_fetch(&asked, 1, __ATOMIC_SEQ_CST);
    if (at != which && !(from_there_on && at > which)) {
        return 0;
    }
    add(&failures, 1);
    errno = ENOMEM;
    return 1;
}

static void *born(void *block)
{
    if (block != NULL) {
        add(&live_blocks, 1);
        add(&live_bytes, (long)malloc_usable_size(block));
    }
    return block;
}

static void dies(void *block)
{
    if (block != NULL) {
        add(&live_blocks, -1);
        add(&live_bytes, -(long)malloc_usable_size(block));
    }
}

#define FAILS fails(__builtin_return_address(0))

void *malloc(size_t size) { return FAILS ? NULL : born(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return FAILS ? NULL : born(__libc_calloc(count, size)); }

void *memalign(size_t alignment, size_t size) { return FAILS ? NULL : born(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size)
{
    return FAILS ? NULL : born(__libc_memalign(alignment, size));
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    void *block = FAILS ? NULL : born(__libc_memalign(alignment, size));
    if (block == NULL) {
        return ENOMEM;
    }
    *out = block;
    return 0;
}

void *realloc(void *block, size_t size)
{
    long before = block == NULL ? 0 : (long)malloc_usable_size(block);
    void *moved;
    if (FAILS) {
        return NULL;
    }
    moved = __libc_realloc(block, size);
    if (moved == NULL && size != 0) {
        return NULL;
    }
    add(&live_blocks, (moved != NULL) - (block != NULL));
    add(&live_bytes, (moved == NULL ? 0 : (long)malloc_usable_size(moved)) - before);
    return moved;
}

void free(void *block)
{
    dies(block);
    __libc_free(block);
}
