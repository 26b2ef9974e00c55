/* What only libropc has, and how it grows:
 *
 *   token     COUNT tokens out of one session, by THREADS threads
 *   poll      COUNT polls of a login that is under way
 *   growth    COUNT logins in ten parts: time and memory of each part
 *   idle      COUNT sessions with nothing to do: threads and wake-ups
 *   clients   COUNT clients of the same trust: memory of each */

#include "ropc_bench.h"

#include <dirent.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* How long idle sessions are looked at. */
#define IDLE_SECONDS 3
#define PARTS 10

static void *same(void *shared) { return shared; }

/* A copy between two places whose addresses end alike takes twice as long, and
 * this loop gets the same block each time: each process has another one. */
static void *elsewhere(void *shared)
{
    size_t bytes = (size_t)(getpid() % 64 + 1) * 64;

    if (malloc(bytes) == NULL)
        bench_fail("token", "no memory");
    return shared;
}

static void one_token(void *session)
{
    ropc_token *token = NULL;

    if (ropc_session_token(session, 1000, 1000, &token, NULL) != ROPC_OK)
        bench_fail("token", "none came");
    ropc_token_free(token);
}

static void token(const struct place *place)
{
    ropc_session *session = NULL;
    ropc_error *error = NULL;

    ropc_bench_check(ropc_session_login(bench_client(place), BENCH_USER, BENCH_PASSWORD, NULL, NULL, &session, &error),
                     &error);
    bench_together(elsewhere, one_token, session, place->count, place->threads);
}

static void one_poll(void *request)
{
    if (ropc_request_poll(request) != ROPC_PENDING)
        bench_fail("poll", "the request is over");
}

/* The base URL of a server that takes connections and never answers. */
static const char *silent_server(void)
{
    static char url[64];
    struct sockaddr_in address = {0};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 8) != 0
        || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        bench_fail("poll", "no port of loopback is free");
    snprintf(url, sizeof url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    return url;
}

static void poll_request(const struct place *place)
{
    struct place silent = *place;
    ropc_request *request = NULL;
    ropc_error *error = NULL;

    silent.base = silent_server();
    ropc_bench_check(ropc_request_login(bench_client(&silent), BENCH_USER, BENCH_PASSWORD, &request, &error), &error);
    ropc_bench_check(ropc_request_start(request, &error), &error);
    if (ropc_request_wait(request, 100) != ROPC_PENDING)
        bench_fail("poll", "the request is over");
    bench_together(same, one_poll, request, place->count, place->threads);
}

static void growth(const struct place *place)
{
    void *client = bench_client(place);
    long each = place->count / PARTS, dirty[PARTS], i;
    double ns[PARTS];
    uint64_t start;
    int part;

    for (part = 0; part < PARTS; part++) {
        start = bench_now();
        for (i = 0; i < each; i++)
            bench_login(client);
        ns[part] = (double)(bench_now() - start) / (double)each;
        dirty[part] = bench_number("/proc/self/smaps_rollup", "Private_Dirty:");
    }
    printf("{\"logins\": %ld, \"ns\": [", each * PARTS);
    for (part = 0; part < PARTS; part++)
        printf("%s%.1f", part == 0 ? "" : ", ", ns[part]);
    printf("], \"dirty_kb\": [");
    for (part = 0; part < PARTS; part++)
        printf("%s%ld", part == 0 ? "" : ", ", dirty[part]);
    printf("]}\n");
}

/* How often threads of this process were woken since they began, and how many
 * threads there are. */
static long wake_ups(int *threads)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *task;
    char name[300];
    long sum = 0;

    *threads = 0;
    while (tasks != NULL && (task = readdir(tasks)) != NULL) {
        if (task->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "/proc/self/task/%s/status", task->d_name);
        sum += bench_number(name, "voluntary_ctxt_switches:");
        ++*threads;
    }
    if (tasks != NULL)
        closedir(tasks);
    return sum;
}

static void idle(const struct place *place)
{
    void *client = bench_client(place);
    ropc_tokens *tokens = NULL;
    ropc_session *session = NULL;
    ropc_error *error = NULL;
    long i, before;
    uint64_t cpu;
    int threads;

    ropc_bench_check(ropc_login(client, BENCH_USER, BENCH_PASSWORD, &tokens, &error), &error);
    for (i = 0; i < place->count; i++)
        ropc_bench_check(ropc_session_new(client, tokens, NULL, BENCH_USER, &session, &error), &error);
    before = wake_ups(&threads);
    cpu = bench_cpu();
    sleep(IDLE_SECONDS);
    cpu = bench_cpu() - cpu;
    /* This thread has slept once. */
    before = wake_ups(&threads) - before - 1;
    printf("{\"sessions\": %ld, \"threads\": %d, \"wake_ups\": %ld, \"cpu\": %llu}\n", place->count, threads, before,
           (unsigned long long)cpu);
}

static double held(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)(info.uordblks + info.hblkhd);
}

static void clients(const struct place *place)
{
    struct place cold = *place;
    ropc_options *options;
    ropc_client *client = NULL;
    ropc_error *error = NULL;
    double before = 0;
    long i;

    /* Clients that have signed in, for what they trust is read then; without
     * their connections. The first has what the others share. */
    cold.cold = 1;
    options = ropc_bench_options(&cold);
    for (i = 0; i <= place->count; i++) {
        ropc_bench_check(ropc_client_new(options, &client, &error), &error);
        bench_login(client);
        if (i == 0)
            before = held();
    }
    printf("{\"clients\": %ld, \"bytes\": %.1f}\n", place->count, (held() - before) / (double)place->count);
}

const struct work bench_own[] = {
    {"token", token}, {"poll", poll_request}, {"growth", growth}, {"idle", idle}, {"clients", clients}, {NULL, NULL},
};
