/*
 * What signin.c and steps.c share: arguments of the form name=value, settings
 * made from them, and lines of JSON. Written from ropc.h alone.
 */
#ifndef COMMON_H
#define COMMON_H

#include <ropc.h>

/* Ends this program, which itself went wrong. */
void fail(const char *what);

/* The value of argument `name`, or NULL. The first of `argv` is not looked at. */
const char *argument(int argc, char **argv, const char *name);

/* ", "name": ..." for the line of JSON that is being printed. */
void put_text(const char *name, const char *text); /* NULL as null */
void put_bytes(const char *name, const char *text, size_t len);
void put_number(const char *name, long long number);

/* The claims of one token, or why there are none. */
void put_claims(const char *name, const ropc_tokens *tokens, int32_t which);

/* A whole line. */
void put_error(const ropc_error *error);

/* Settings from the arguments; see signin.c for those. */
ropc_status make_options(int argc, char **argv, ropc_options **options, ropc_error **error);

/* Everything from the file at `path`, or from descriptor 0 when that is NULL;
 * `*len` bytes, at most 64 KiB, and a NUL. To be freed. */
char *read_all(const char *path, size_t *len);

#endif
