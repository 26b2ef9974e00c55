/* The program that syscalls.py traces: LOGINS logins on a warm connection,
 * with a marker before each and after the last that only a trace sees. */

#include <stdlib.h>
#include <unistd.h>

#include "standin.h"

static void mark(void)
{
    /* No such descriptor: the call fails and does nothing else. */
    (void)!write(-1, "marker", 6);
}

int main(int argc, char **argv)
{
    ropc_client *client = new_client();
    int logins = argc == 2 ? atoi(argv[1]) : 0;
    for (int i = 0; i < 5; i++) {
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    }
    for (int i = 0; i < logins; i++) {
        mark();
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    }
    mark();
    ropc_client_free(client);
    return checks_failed();
}
