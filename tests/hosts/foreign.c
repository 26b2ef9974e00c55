/* A host with a malloc() of its own, which nobody told of glibc's: every block has
 * a head that is looked at when it comes back, memory is dirty when it is given and
 * after it was freed, and none is given twice. */

/* For MAP_ANONYMOUS. */
#define _GNU_SOURCE

#include <stdint.h>
#include <sys/mman.h>

#include "endtoend.h"

#define MAGIC 0x6f6d6e696d616c6cULL
#define ARENA ((size_t)1 << 30)

struct head {
    uint64_t magic;
    size_t size;
};

static pthread_mutex_t arena_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char *arena;
static size_t used;
static long given, returned;

static void *give(size_t size, size_t alignment)
{
    struct head *head;
    size_t at;
    pthread_mutex_lock(&arena_lock);
    if (arena == NULL) {
        arena = mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    }
    at = (used + sizeof *head + alignment - 1) / alignment * alignment;
    if (arena == MAP_FAILED || size > ARENA || at + size > ARENA) {
        abort();
    }
    used = at + size;
    /* The next head must be as aligned as this one. */
    used = (used + 15) / 16 * 16;
    given++;
    pthread_mutex_unlock(&arena_lock);
    head = (struct head *)(void *)(arena + at) - 1;
    head->magic = MAGIC;
    head->size = size;
    memset(head + 1, 0xa5, size);
    return head + 1;
}

void *malloc(size_t size) { return give(size, 16); }

void free(void *block)
{
    struct head *head = (struct head *)block - 1;
    if (block == NULL) {
        return;
    }
    if (head->magic != MAGIC) {
        abort();
    }
    head->magic = 0;
    memset(block, 0x5a, head->size);
    __atomic_add_fetch(&returned, 1, __ATOMIC_RELAXED);
}

void *calloc(size_t count, size_t size)
{
    void *block = give(count * size, 16);
    memset(block, 0, count * size);
    return block;
}

void *realloc(void *block, size_t size)
{
    void *new = give(size, 16);
    if (block != NULL) {
        size_t old = ((struct head *)block - 1)->size;
        memcpy(new, block, old < size ? old : size);
        free(block);
    }
    return new;
}

void *aligned_alloc(size_t alignment, size_t size) { return give(size, alignment < 16 ? 16 : alignment); }

void *memalign(size_t alignment, size_t size) { return aligned_alloc(alignment, size); }

int posix_memalign(void **out, size_t alignment, size_t size)
{
    *out = aligned_alloc(alignment, size);
    return 0;
}

int main(void)
{
    long before, lost;
    ropc_client *client;
    end_to_end("foreign");
    client = new_client();
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    before = given;
    lost = given - returned;
    for (int i = 0; i < 20; i++) {
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    }
    /* The library's memory comes from here, and goes back. */
    CHECK(given - before >= 20);
    CHECK_NUMBER(given - returned, lost);
    ropc_client_free(client);
    for (int i = 0; i < 5; i++) {
        end_to_end("foreign");
    }
    return finish();
}
