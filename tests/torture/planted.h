/* Bugs that a library could have under a fault; planted.py proves with each that
 * it would be found. */

#ifndef PLANTED_H
#define PLANTED_H

#include <fcntl.h>
#include <sys/stat.h>

static ropc_status opens_nothing(ropc_error **error)
{
    *error = NULL;
    return ROPC_OK;
}

/* malloc() may give NULL. */
static ropc_status ignores_null(ropc_error **error)
{
    volatile char *block = malloc(100);
    block[0] = 'x';
    free((void *)(uintptr_t)block);
    return opens_nothing(error);
}

/* Waits for what a file would have told. */
static ropc_status waits_for_ever(ropc_error **error)
{
    int file = open("/dev/null", O_RDONLY);
    while (file < 0) {
        rest_us(100000);
    }
    close(file);
    return opens_nothing(error);
}

/* Opens two files, and forgets the first when there is no second. */
static ropc_status forgets_descriptor(ropc_error **error)
{
    int first = open("/dev/null", O_RDONLY), second = open("/dev/null", O_RDONLY);
    if (second >= 0) {
        close(first);
        close(second);
    }
    return opens_nothing(error);
}

/* Takes any failure for one before the password was sent. */
static ropc_status sends_twice(ropc_error **error)
{
    ropc_status status = login(error);
    if (status != ROPC_OK) {
        ropc_error_free(*error);
        status = login(error);
    }
    return status;
}

/* Does not care whether the server may have replaced it. */
static ropc_status sends_refresh_token_again(ropc_error **error)
{
    return ropc_session_refresh(session, 1, LONG_MS, error);
}

/* Changes the file in its place, and does not look how that went. */
static ropc_status loses_record(ropc_error **error)
{
    ropc_status status = refresh(error);
    size_t len = 0;
    char *text = read_file(store_path, &len);
    int file = open(store_path, O_WRONLY | O_TRUNC);
    (void)!write(file, text, len);
    close(file);
    free(text);
    return status;
}

/* Takes what write() wrote for all that there was. */
static ropc_status writes_half(ropc_error **error)
{
    struct stat about;
    int file = open(store_path, O_WRONLY | O_CREAT, 0600);
    int done = write(file, "12345678", 8) > 0 && fstat(file, &about) == 0 && about.st_size == 8;
    close(file);
    *error = NULL;
    return done ? ROPC_OK : ROPC_E_STORE;
}

static ropc_status says_nothing(ropc_error **error)
{
    int file = open("/dev/null", O_RDONLY);
    *error = NULL;
    if (file < 0) {
        return ROPC_E_STORE;
    }
    close(file);
    return ROPC_OK;
}

#endif
