/* A hardened service: the system kills whoever asks for a scheduling policy,
 * as systemd's SystemCallFilter=~@resources has it. Nothing here needs one. */

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "requests.h"

static void enter(void)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_sched_setscheduler, 2, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_setpriority, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
    };
    struct sock_fprog program;
    program.len = COUNT(filter);
    program.filter = filter;
    CHECK_NUMBER(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    CHECK_NUMBER(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* The proof that it is one. */
static void kills(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        (void)setpriority(PRIO_PROCESS, 0, 0);
        _exit(0);
    }
    CHECK_NUMBER(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status));
}

int main(void)
{
    ropc_client *client;
    ropc_request *request;
    enter();
    kills();
    client = new_client();
    check_about("blocking");
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    check_about("by request");
    request = started(client, "ada");
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_OK);
    ropc_request_free(request);
    ropc_client_free(client);
    return finish();
}
