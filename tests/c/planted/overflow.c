/* Planted: writes one byte behind a block. */

#include "standin.h"

int main(void)
{
    size_t len = strlen(ropc_version());
    /* Volatile: else a compiler leaves the write out. */
    volatile char *copy = malloc(len);
    if (copy == NULL) {
        return 0;
    }
    memcpy((void *)copy, ropc_version(), len);
    copy[len] = '\0';
    free((void *)copy);
    return checks_failed();
}
