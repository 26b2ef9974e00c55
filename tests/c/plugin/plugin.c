/* A plug-in, linked with the library: plugin.c in the folder above loads it,
 * has it sign in beside the program, and unloads it. */

#include "../requests.h"

/* Returns how many checks failed. What a host does when it unloads a plug-in
 * does not wait for any login: one is under way when it shuts down. */
int plugin_run(void);

int plugin_run(void)
{
    ropc_client *client = new_client();
    ropc_request *connect = NULL, *login, *running;
    CHECK_NUMBER(ropc_abi_check(ROPC_ABI), ROPC_OK);
    CHECK_NUMBER(ropc_request_connect(client, &connect, NULL), ROPC_OK);
    start(connect);
    CHECK_NUMBER(ropc_request_wait(connect, LONG_MS), ROPC_OK);
    login = started(client, "ada");
    running = started(client, "fault:never");
    ends(login, ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    ends(running, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    ropc_request_free(connect);
    ropc_client_free(client);
    return check_failures;
}
