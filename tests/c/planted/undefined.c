/* Planted: an integer overflow, which only UBSan sees. */

#include <limits.h>

#include "standin.h"

int main(int argc, char **argv)
{
    int most = INT_MAX;
    (void)argv;
    most += argc;
    printf("%d %s\n", most, ropc_version());
    return checks_failed();
}
