/* A thread that sees every system call of the others before the kernel does, and
 * has one of them fail: seccomp's user notification (Linux 5.6). It runs in the
 * process itself, so that it can also do a call in another's place, with fewer
 * bytes, or truly close what it then says could not be closed.
 *
 * It must neither allocate nor print: whoever it looks at may be in the middle of
 * malloc(). */

#ifndef SUPERVISOR_H
#define SUPERVISOR_H

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "check.h"

/* What a call is about: a descriptor in its first argument, or a path in the
 * first or second. */
enum about { NOTHING, DESCRIPTOR, PATH, PATH_AT };

#define CALL(name, about) {SYS_##name, #name, about}

static const struct {
    long number;
    const char *name;
    enum about about;
} known_calls[] = {
    CALL(read, DESCRIPTOR), CALL(write, DESCRIPTOR), CALL(close, DESCRIPTOR),
    CALL(fstat, DESCRIPTOR), CALL(lseek, DESCRIPTOR), CALL(ioctl, DESCRIPTOR),
    CALL(fcntl, DESCRIPTOR), CALL(fsync, DESCRIPTOR), CALL(flock, DESCRIPTOR),
    CALL(fchmod, DESCRIPTOR), CALL(getdents64, DESCRIPTOR), CALL(connect, DESCRIPTOR),
    CALL(recvfrom, DESCRIPTOR), CALL(sendmsg, DESCRIPTOR), CALL(shutdown, DESCRIPTOR),
    CALL(setsockopt, DESCRIPTOR), CALL(getsockopt, DESCRIPTOR), CALL(unlink, PATH),
    CALL(rename, PATH), CALL(openat, PATH_AT), CALL(newfstatat, PATH_AT), CALL(statx, PATH_AT),
    CALL(socket, NOTHING), CALL(poll, NOTHING), CALL(ppoll, NOTHING), CALL(getrandom, NOTHING),
    CALL(clone3, NOTHING), CALL(clone, NOTHING), CALL(mmap, NOTHING), CALL(munmap, NOTHING),
    CALL(mprotect, NOTHING), CALL(madvise, NOTHING), CALL(brk, NOTHING), CALL(prlimit64, NOTHING),
    CALL(uname, NOTHING), CALL(prctl, NOTHING), CALL(rseq, NOTHING), CALL(set_robust_list, NOTHING),
    CALL(rt_sigprocmask, NOTHING), CALL(rt_sigaction, NOTHING), CALL(sigaltstack, NOTHING),
    CALL(sched_setscheduler, NOTHING), CALL(sched_yield, NOTHING), CALL(gettid, NOTHING),
    CALL(getpid, NOTHING), CALL(geteuid, NOTHING), CALL(clock_nanosleep, NOTHING),
};

enum how {
    /* The call is not made. */
    INSTEAD,
    /* It is made, and what it says is not told. */
    AFTER,
    /* It is made with one byte, or with half of them when it writes. */
    SHORT,
    /* The same, and then the connection breaks. */
    CUT,
    /* It says that it is at the end. */
    END
};

/* The one call that fails: the `nth`, from 1, of its name about something of that
 * kind in one thread; threads are numbered as they come. `nth` 0: none. */
struct fault {
    int thread;
    char call[24];
    char kind[12];
    int nth;
    enum how how;
    int error;
};

struct seen {
    int thread;
    const char *call;
    const char *kind;
    char path[64];
};

static struct {
    int listener;
    pthread_t thread;
    /* Calls count, and the fault is due, while this is 1. */
    volatile int armed;
    struct fault fault;
    volatile int hits;
    int thread_ids[64], threads;
    struct seen seen[4096];
    int count;
} supervisor;

/* The path a call is about; an empty one means the descriptor before it. */
static const char *path_of(enum about about, const uint64_t *args)
{
    const char *path = about == PATH || about == PATH_AT ? (const char *)(uintptr_t)args[about == PATH_AT] : NULL;
    /* std asks about nothing to learn whether there is such a call. */
    return path == NULL ? "" : path;
}

static const char *kind_of(enum about about, const uint64_t *args)
{
    struct stat status;
    if (path_of(about, args)[0] != '\0') {
        return "path";
    }
    if (about == NOTHING || about == PATH || fstat((int)args[0], &status) != 0) {
        return "-";
    }
    return S_ISREG(status.st_mode)    ? "file"
           : S_ISDIR(status.st_mode)  ? "folder"
           : S_ISSOCK(status.st_mode) ? "socket"
                                      : "-";
}

static int thread_number(int id)
{
    for (int i = 0; i < supervisor.threads; i++) {
        if (supervisor.thread_ids[i] == id) {
            return i;
        }
    }
    if (supervisor.threads == 64) {
        return 63;
    }
    supervisor.thread_ids[supervisor.threads] = id;
    return supervisor.threads++;
}

/* Takes a call down; 1 when it is the one that fails. */
static int note(const struct seccomp_notif *asked)
{
    const struct seccomp_data *data = &asked->data;
    struct seen *seen = &supervisor.seen[supervisor.count];
    enum about about = NOTHING;
    const char *path, *last;
    int nth = 0;
    if (supervisor.count == COUNT(supervisor.seen)) {
        return 0;
    }
    seen->call = "unknown";
    for (size_t i = 0; i < COUNT(known_calls); i++) {
        if (known_calls[i].number == data->nr) {
            seen->call = known_calls[i].name;
            about = known_calls[i].about;
        }
    }
    seen->thread = thread_number((int)asked->pid);
    seen->kind = kind_of(about, (const uint64_t *)data->args);
    seen->path[0] = '\0';
    path = path_of(about, (const uint64_t *)data->args);
    last = strrchr(path, '/');
    strncpy(seen->path, last == NULL || last[1] == '\0' ? path : last + 1, sizeof seen->path - 1);
    supervisor.count++;
    for (int i = 0; i < supervisor.count; i++) {
        const struct seen *one = &supervisor.seen[i];
        nth += one->thread == seen->thread && one->call == seen->call && strcmp(one->kind, seen->kind) == 0;
    }
    return supervisor.fault.nth == nth && supervisor.fault.thread == seen->thread &&
           strcmp(supervisor.fault.call, seen->call) == 0 && strcmp(supervisor.fault.kind, seen->kind) == 0;
}

static long do_call(const struct seccomp_data *data, const uint64_t *args)
{
    long result = syscall(data->nr, args[0], args[1], args[2], args[3], args[4], args[5]);
    return result < 0 ? -errno : result;
}

/* The call with fewer bytes. */
static long do_short(const struct seccomp_data *data)
{
    uint64_t args[6];
    struct msghdr message;
    struct iovec piece;
    memcpy(args, data->args, sizeof args);
    if (data->nr == SYS_sendmsg) {
        message = *(const struct msghdr *)(uintptr_t)args[1];
        piece = message.msg_iov[0];
        piece.iov_len = (piece.iov_len + 1) / 2;
        message.msg_iov = &piece;
        message.msg_iovlen = 1;
        args[1] = (uint64_t)(uintptr_t)&message;
    } else {
        args[2] = data->nr == SYS_write ? (args[2] + 1) / 2 : 1;
    }
    return do_call(data, args);
}

static void answer(const struct seccomp_notif *asked, struct seccomp_notif_resp *say)
{
    const struct seccomp_data *data = &asked->data;
    long result = 0;
    say->id = asked->id;
    say->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    /* The library does not set a thread's priority in a sandbox; this is none. */
    if (data->nr == SYS_prctl && data->args[0] == PR_GET_SECCOMP) {
        say->flags = 0;
        return;
    }
    if (!supervisor.armed || !note(asked)) {
        return;
    }
    supervisor.hits++;
    if (supervisor.fault.how == AFTER) {
        (void)do_call(data, (const uint64_t *)data->args);
    } else if (supervisor.fault.how == SHORT || supervisor.fault.how == CUT) {
        result = do_short(data);
    }
    if (supervisor.fault.how == CUT) {
        shutdown((int)data->args[0], SHUT_RDWR);
    }
    say->flags = 0;
    say->error = supervisor.fault.how == INSTEAD || supervisor.fault.how == AFTER ? -supervisor.fault.error
                 : result < 0                                                      ? (int)result
                                                                                   : 0;
    say->val = result < 0 ? 0 : result;
}

static void *supervise(void *nothing)
{
    struct seccomp_notif asked;
    struct seccomp_notif_resp say;
    while (supervisor.listener < 0) {
        rest_us(50);
    }
    for (;;) {
        memset(&asked, 0, sizeof asked);
        memset(&say, 0, sizeof say);
        if (ioctl(supervisor.listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) {
            if (errno == EINTR || errno == ENOENT) {
                continue;
            }
            _exit(70);
        }
        answer(&asked, &say);
        /* ENOENT: a signal took the caller away. */
        if (ioctl(supervisor.listener, SECCOMP_IOCTL_NOTIF_SEND, &say) != 0 && errno != ENOENT) {
            _exit(71);
        }
    }
    return nothing;
}

/* The supervisor runs where the caller ran, at once (Linux 6.6; else it takes
 * longer). */
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP 1
#endif

#define PASS(name)                                                                                                     \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)SYS_##name, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* From here on all calls of this thread, and of those that it starts, are seen,
 * but for waits on locks, which no kernel refuses, and ends. */
static void watch_calls(const struct fault *fault)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        PASS(futex),
        PASS(exit),
        PASS(exit_group),
        PASS(rt_sigreturn),
        PASS(restart_syscall),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
    };
    struct sock_fprog program = {COUNT(filter), filter};
    supervisor.listener = -1;
    supervisor.fault = *fault;
    if (pthread_create(&supervisor.thread, NULL, supervise, NULL) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        printf("no supervisor could be started\n");
        exit(2);
    }
    supervisor.listener =
        (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program);
    if (supervisor.listener < 0) {
        printf("this kernel, or the container, has no seccomp user notification: system error %d\n", errno);
        exit(2);
    }
    (void)ioctl(supervisor.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP);
}

#endif
