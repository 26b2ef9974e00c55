/* Planted: settings that are never freed. */

#include "standin.h"

/* In a function of its own, so that no pointer stays on the stack. */
static void lose(void)
{
    ropc_options *options = NULL;
    CHECK_NUMBER(ropc_options_loginradius("localhost", "demo", "lost", &options, NULL), ROPC_OK);
}

int main(void)
{
    for (int i = 0; i < 10; i++) {
        lose();
    }
    return checks_failed();
}
