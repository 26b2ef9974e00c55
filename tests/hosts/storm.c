/* A storm of signals: a timer a thousand times a second, children that end, and a
 * thread that sends to every thread of the process, the library's too. With and
 * without SA_RESTART, sessions, stores and waits come to what they would without;
 * handlers run on the host's threads only, and what the host set stays set. */

/* For syscall() and vfork(). */
#define _GNU_SOURCE

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "endtoend.h"

static volatile sig_atomic_t handled[65], in_library, over;

/* Asks for the name of its thread by a system call, which a handler may do. */
static void on_signal(int number)
{
    int before = errno;
    char name[16] = "";
    prctl(PR_GET_NAME, name);
    if (strncmp(name, "ropc-", 5) == 0) {
        in_library++;
    }
    handled[number]++;
    errno = before;
}

static void handle(int number, int flags)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = flags;
    sigemptyset(&action.sa_mask);
    CHECK_NUMBER(sigaction(number, &action, NULL), 0);
}

/* Sends SIGUSR1 to each thread there is, again and again. */
static void *send_to_all(void *argument)
{
    pid_t self = (pid_t)syscall(SYS_gettid);
    while (!over) {
        DIR *folder = opendir("/proc/self/task");
        struct dirent *entry;
        while (folder != NULL && (entry = readdir(folder)) != NULL) {
            pid_t thread = (pid_t)atol(entry->d_name);
            if (thread > 0 && thread != self) {
                syscall(SYS_tgkill, getpid(), thread, SIGUSR1);
            }
        }
        if (folder != NULL) {
            closedir(folder);
        }
        rest_us(500);
    }
    return argument;
}

static void *have_children(void *argument)
{
    while (!over) {
        pid_t pid = vfork();
        if (pid == 0) {
            _exit(0);
        }
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) {
        }
        rest_us(2000);
    }
    return argument;
}

static void every_us(long microseconds)
{
    struct itimerval timer;
    timer.it_interval.tv_sec = timer.it_value.tv_sec = 0;
    timer.it_interval.tv_usec = timer.it_value.tv_usec = microseconds;
    CHECK_NUMBER(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

/* What the whole process does about each signal, and this thread's mask. */
struct settings {
    void (*action[65])(int);
    sigset_t mask;
};

static struct settings settings_now(void)
{
    struct settings now;
    memset(&now, 0, sizeof now);
    for (int number = 1; number < 65; number++) {
        struct sigaction action;
        now.action[number] = sigaction(number, NULL, &action) == 0 ? action.sa_handler : SIG_ERR;
    }
    CHECK_NUMBER(pthread_sigmask(SIG_BLOCK, NULL, &now.mask), 0);
    return now;
}

static void same_settings(const struct settings *before)
{
    struct settings now = settings_now();
    for (int number = 1; number < 65; number++) {
        CHECK(now.action[number] == before->action[number]);
        CHECK_NUMBER(sigismember(&now.mask, number), sigismember(&before->mask, number));
    }
}

/* The user's record is held by somebody else; the refresh waits for it. */
static void waits_for_a_lock(ropc_client *client)
{
    ropc_store *store = NULL;
    ropc_session *session;
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    char pattern[400], path[700] = "";
    DIR *folder;
    struct dirent *entry;
    int lock;
    CHECK_NUMBER(ropc_store_file(in_folder("storm-lock"), &store, NULL), ROPC_OK);
    session = session_of(client, "ada", store);
    snprintf(pattern, sizeof pattern, "%s-storm-lock.", where("ROPC_WAY"));
    folder = opendir(where("STANDIN_FOLDER"));
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        /* The user's, not the file's: one more dot. */
        size_t len = strlen(pattern);
        if (strncmp(entry->d_name, pattern, len) == 0 && strcmp(entry->d_name + len, "lock") != 0) {
            snprintf(path, sizeof path, "%s/%s", where("STANDIN_FOLDER"), entry->d_name);
        }
    }
    closedir(folder);
    lock = open(path, O_RDWR | O_CLOEXEC);
    CHECK_NUMBER(flock(lock, LOCK_EX | LOCK_NB), 0);
    expire(session);
    ENDED(ropc_session_token(session, 1000, 300, &token, &error), ROPC_E_TIMEOUT, ROPC_REASON_TIMED_OUT);
    CHECK_NUMBER(flock(lock, LOCK_UN), 0);
    close(lock);
    gives_token(session);
    ropc_session_free(session);
    ropc_store_free(store);
}

static void weather(int flags)
{
    pthread_t senders[2];
    struct settings before;
    ropc_client *client;
    static const int numbers[] = {SIGALRM, SIGUSR1, SIGCHLD};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        handle(numbers[i], flags);
        handled[numbers[i]] = 0;
    }
    before = settings_now();
    over = 0;
    CHECK_NUMBER(pthread_create(&senders[0], NULL, send_to_all, NULL), 0);
    CHECK_NUMBER(pthread_create(&senders[1], NULL, have_children, NULL), 0);
    every_us(1000);
    for (int i = 0; i < 10; i++) {
        end_to_end("storm");
    }
    client = client_with_identity();
    waits_for_a_lock(client);
    for (int i = 0; i < 10; i++) {
        ends(started(client, "fault:delay_20"), ROPC_OK, ROPC_REASON_NONE);
        CHECK_NUMBER(sign_in(client, "fault:delay_20"), ROPC_OK);
    }
    ropc_client_free(client);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    every_us(0);
    over = 1;
    pthread_join(senders[0], NULL);
    pthread_join(senders[1], NULL);
    same_settings(&before);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        CHECK(handled[numbers[i]] > 20);
    }
    CHECK_NUMBER(in_library, 0);
}

int main(void)
{
    struct settings before = settings_now();
    /* The line to the stand-in is written and read in the storm too. */
    end_to_end("calm");
    check_about("as they come");
    same_settings(&before);
    check_about("without SA_RESTART");
    weather(0);
    check_about("with SA_RESTART");
    weather(SA_RESTART);
    return finish();
}
