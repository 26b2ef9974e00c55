/* Does what run.py says, a line each, every time in a child of its own, which
 * never shared a thread or a lock with this library before:
 *
 *     OPERATION STORE SECONDS END record
 *     OPERATION STORE SECONDS END call THREAD CALL KIND NTH HOW ERROR
 *     OPERATION STORE SECONDS END memory NTH once|on all|ours
 *     OPERATION STORE SECONDS END plain
 *     COUNTED STORE SECONDS - live
 *
 * END is "again" when the operation is done once more without a fault, "gone"
 * when the process ends as in a crash after the first time. The child answers in
 * lines of fields, a tab between two; the last line is `end`, how, and a number. */

#define _GNU_SOURCE

#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "operations.h"
#include "supervisor.h"
#include "live.h"

/* Of failing.c, which is loaded before this program. */
__attribute__((weak)) void failing_arm(long nth, int from_there_on, int only_the_library);
__attribute__((weak)) long failing_disarm(void);

struct order {
    char operation[32], store[300], end[8], what[8];
    int seconds;
    struct fault fault;
    long nth;
    int on, ours;
};

static int read_order(const char *line, struct order *order)
{
    char how[12] = "", whose[12] = "";
    int fields;
    memset(order, 0, sizeof *order);
    fields = sscanf(line, "%31s %299s %d %7s %7s", order->operation, order->store, &order->seconds, order->end,
                    order->what);
    if (strcmp(order->what, "call") == 0) {
        fields += sscanf(line, "%*s %*s %*s %*s %*s %d %23s %11s %d %11s %d", &order->fault.thread, order->fault.call,
                         order->fault.kind, &order->fault.nth, how, &order->fault.error);
        order->fault.how = strcmp(how, "after") == 0   ? AFTER
                           : strcmp(how, "short") == 0 ? SHORT
                           : strcmp(how, "cut") == 0   ? CUT
                           : strcmp(how, "end") == 0   ? END
                                                       : INSTEAD;
        return fields == 11;
    }
    if (strcmp(order->what, "memory") == 0) {
        fields += sscanf(line, "%*s %*s %*s %*s %*s %ld %11s %11s", &order->nth, how, whose);
        order->on = strcmp(how, "on") == 0;
        order->ours = strcmp(whose, "ours") == 0;
        return fields == 8;
    }
    return fields == 5;
}

static void say_result(const char *when, ropc_status status, const ropc_error *error, long long ms)
{
    printf("%s\t%s\t%s\t%d\t%lld\t%s\n", when, ropc_status_name(status),
           error == NULL ? "-" : ropc_reason_name(error->reason), error == NULL ? 0 : error->request_sent, ms,
           error == NULL ? "" : error->message);
    printf("%s_wire\t%s\n", when, ask_standin("requests"));
    fflush(stdout);
}

static ropc_status timed(ropc_status (*operation)(ropc_error **), ropc_error **error, long long *ms)
{
    ropc_status status;
    *ms = -now_ms();
    status = operation(error);
    *ms += now_ms();
    return status;
}

static void say_calls(void)
{
    for (int i = 0; i < supervisor.count; i++) {
        const struct seen *seen = &supervisor.seen[i];
        printf("call\t%d\t%s\t%s\t%s\n", seen->thread, seen->call, seen->kind, seen->path);
    }
}

static void arm(const struct order *order)
{
    if (strcmp(order->what, "memory") == 0) {
        failing_arm(order->nth, order->on, order->ours);
    }
    supervisor.thread_ids[0] = getpid();
    supervisor.threads = 1;
    /* For strace, which counts in its own way. */
    (void)!write(-1, "armed:", 6);
    supervisor.armed = 1;
}

static long disarm(const struct order *order)
{
    supervisor.armed = 0;
    (void)!write(-1, "disarm", 6);
    CHECK(supervisor.count < (int)COUNT(supervisor.seen));
    return strcmp(order->what, "memory") == 0 ? failing_disarm() : supervisor.hits;
}

static int torture(const struct operation *operation, const struct order *order)
{
    ropc_error *error = NULL;
    ropc_status status;
    long long ms;
    long hits;
    int before;
    before = descriptors();
    operation->prepare();
    ask_standin("requests");
    rest();
    /* Without threads of the library: those that it starts from here on are seen. */
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    if (strcmp(order->what, "call") == 0 || strcmp(order->what, "record") == 0) {
        watch_calls(&order->fault);
        before++;
    }
    arm(order);
    came_to = status = timed(operation->once, &error, &ms);
    if (strcmp(order->end, "gone") != 0) {
        /* What the threads of the library still have to do belongs to it. */
        CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    }
    hits = disarm(order);
    printf("hits\t%ld\n", hits);
    say_result("once", status, error, ms);
    ropc_error_free(error);
    if (strcmp(order->what, "record") == 0) {
        say_calls();
    }
    if (strcmp(order->end, "gone") == 0) {
        fflush(stdout);
        _exit(checks_failed());
    }
    if (operation->again != NULL) {
        error = NULL;
        status = timed(operation->again, &error, &ms);
        say_result("again", status, error, ms);
        ropc_error_free(error);
    }
    clean_up();
    wait_for_threads();
    printf("left\t%d\t%d\n", descriptors() - before, threads_named("ropc-"));
    return checks_failed();
}

static int child(const struct order *order)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    store_path = order->store;
    if (strcmp(order->what, "live") == 0) {
        return count_live(order->operation);
    }
    for (size_t i = 0; i < COUNT(operations); i++) {
        if (strcmp(operations[i].name, order->operation) == 0) {
            return torture(&operations[i], order);
        }
    }
    printf("there is no operation %s\n", order->operation);
    return 2;
}

/* Passes on what the child says until it has ended, or has to be ended. */
static void wait_for(pid_t pid, int from, int seconds)
{
    static char bytes[65536];
    long long until = now_ms() + seconds * 1000LL;
    int status = 0, late = 0;
    for (;;) {
        struct pollfd entry = {from, POLLIN, 0};
        long long left = until - now_ms();
        ssize_t count;
        if (left <= 0 || poll(&entry, 1, (int)left) == 0) {
            late = 1;
            kill(pid, SIGKILL);
            break;
        }
        count = read(from, bytes, sizeof bytes);
        if (count <= 0) {
            break;
        }
        fwrite(bytes, 1, (size_t)count, stdout);
    }
    waitpid(pid, &status, 0);
    printf("\nend\t%s\t%d\n", late ? "late" : WIFSIGNALED(status) ? "signal" : "exit",
           late ? seconds : WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    fflush(stdout);
}

int main(void)
{
    static char line[600];
    struct order order;
    while (fgets(line, sizeof line, stdin) != NULL) {
        int ends[2];
        pid_t pid;
        if (!read_order(line, &order) || pipe(ends) != 0) {
            printf("not understood, or no pipe: %s", line);
            return 2;
        }
        fflush(stdout);
        pid = fork();
        if (pid == 0) {
            dup2(ends[1], 1);
            dup2(ends[1], 2);
            close(ends[0]);
            close(ends[1]);
            exit(child(&order));
        }
        close(ends[1]);
        wait_for(pid, ends[0], order.seconds);
        close(ends[0]);
    }
    return 0;
}
