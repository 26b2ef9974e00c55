/* The log: who is called, on which thread, and what the lines never hold. */

#include "requests.h"

/* In no line, whatever happens to the login. */
#define CANARY "log-canary-5Zq%\"x"

struct seen {
    pthread_t thread;
    int lines, errors, on_another_thread, with_secret, with_line_end, bad_level;
};

static int holds_secret(const char *line)
{
    return strstr(line, CANARY) != NULL || strstr(line, "log-canary") != NULL || strstr(line, PASSWORD) != NULL
        || strstr(line, "eyJ") != NULL;
}

static void on_line(void *user, int32_t level, const char *line)
{
    struct seen *seen = user;
    seen->lines++;
    seen->errors += level == ROPC_LOG_ERROR;
    seen->bad_level += level < ROPC_LOG_ERROR || level > ROPC_LOG_DEBUG;
    seen->on_another_thread += !pthread_equal(seen->thread, pthread_self());
    seen->with_secret += holds_secret(line);
    seen->with_line_end += strpbrk(line, "\r\n") != NULL;
}

static ropc_client *logging_client(int32_t level, ropc_log_fn log, void *user)
{
    ropc_options *options = options_for(where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_set_log(options, level, log, user), ROPC_OK);
    return client_from(options);
}

static void check_seen(const struct seen *seen)
{
    CHECK(seen->lines > 0);
    CHECK_NUMBER(seen->on_another_thread, 0);
    CHECK_NUMBER(seen->with_secret, 0);
    CHECK_NUMBER(seen->with_line_end, 0);
    CHECK_NUMBER(seen->bad_level, 0);
}

/* Three logins that end differently. */
static void sign_in_thrice(const ropc_client *client)
{
    ropc_tokens *tokens = NULL;
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    CHECK_NUMBER(ropc_login(client, "ada", CANARY, &tokens, NULL), ROPC_E_REFUSED);
    CHECK_NUMBER(ropc_login(client, "echo", CANARY, &tokens, NULL), ROPC_E_REFUSED);
}

struct job {
    ropc_client *client;
    struct seen *seen;
};

static void *in_thread(void *argument)
{
    struct job *job = argument;
    job->seen->thread = pthread_self();
    sign_in_thrice(job->client);
    return NULL;
}

/* Lines come on the thread that made the call, whichever it is. */
static void callback(void)
{
    struct seen seen;
    struct job job;
    pthread_t thread;

    check_about("callback");
    memset(&seen, 0, sizeof seen);
    job.seen = &seen;
    job.client = logging_client(ROPC_LOG_DEBUG, on_line, &seen);
    seen.thread = pthread_self();
    sign_in_thrice(job.client);
    check_seen(&seen);
    CHECK_NUMBER(seen.errors, 2);

    check_about("callback, from another thread");
    memset(&seen, 0, sizeof seen);
    CHECK_NUMBER(pthread_create(&thread, NULL, in_thread, &job), 0);
    pthread_join(thread, NULL);
    check_seen(&seen);
    CHECK_NUMBER(seen.errors, 2);
    ropc_client_free(job.client);
}

/* What a function that calls this library does, while a login waits for it. */
struct nested {
    ropc_client *client;
    int depth, outer_lines, inner_lines, signed_in, nothing_queued;
};

static void calls_back(void *user, int32_t level, const char *line)
{
    struct nested *nested = user;
    char *queued = (char *)"left over";
    (void)level;
    CHECK(line[0] != '\0');
    if (nested->depth > 0) {
        nested->inner_lines++;
        return;
    }
    nested->depth++;
    nested->outer_lines++;
    nested->signed_in += sign_in(nested->client, "ada") == ROPC_OK;
    /* There is no queue beside a function. */
    nested->nothing_queued += ropc_client_next_log(nested->client, NULL, &queued) == ROPC_OK && queued == NULL;
    nested->depth--;
}

/* Inside the function the client can be used, at every step of the login that
 * called it, and that login goes on. */
static void calls_from_callback(void)
{
    static const ropc_status outcomes[] = {ROPC_OK, ROPC_E_REFUSED};
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        struct nested nested;
        check_about(i == 0 ? "calls inside the callback" : "calls inside the callback of a refused login");
        memset(&nested, 0, sizeof nested);
        nested.client = logging_client(ROPC_LOG_DEBUG, calls_back, &nested);
        CHECK_NUMBER(sign_in(nested.client, i == 0 ? "ada" : "locked"), outcomes[i]);
        CHECK(nested.outer_lines > 2);
        CHECK_NUMBER(nested.signed_in, nested.outer_lines);
        CHECK_NUMBER(nested.nothing_queued, nested.outer_lines);
        CHECK(nested.inner_lines >= 2 * nested.outer_lines);
        ropc_client_free(nested.client);
    }
}

/* Each level has no more than it should. */
static void levels(void)
{
    int before = 0;
    check_about("levels");
    for (int32_t level = ROPC_LOG_OFF; level <= ROPC_LOG_DEBUG; level++) {
        struct seen seen;
        ropc_client *client = logging_client(level, on_line, &seen);
        memset(&seen, 0, sizeof seen);
        seen.thread = pthread_self();
        sign_in_thrice(client);
        CHECK(seen.lines >= before);
        if (level == ROPC_LOG_OFF) {
            CHECK_NUMBER(seen.lines, 0);
        }
        if (level == ROPC_LOG_ERROR) {
            CHECK_NUMBER(seen.lines, 2);
        }
        before = seen.lines;
        ropc_client_free(client);
    }
    CHECK(before > 6);
}

/* The same lines, pulled. */
static void queue(void)
{
    ropc_client *client = logging_client(ROPC_LOG_DEBUG, NULL, NULL);
    char *line = NULL;
    int32_t level = ROPC_LOG_DEBUG;
    int lines = 0, failed = 0;

    check_about("queue");
    CHECK_NUMBER(ropc_client_next_log(client, &level, &line), ROPC_OK);
    CHECK(line == NULL);
    CHECK_NUMBER(level, ROPC_LOG_OFF);
    sign_in_thrice(client);
    while (CHECK_NUMBER(ropc_client_next_log(client, &level, &line), ROPC_OK) && line != NULL) {
        int tells = strstr(line, "No such user") != NULL || strstr(line, "user name and password") != NULL;
        lines++;
        failed += tells;
        CHECK((level == ROPC_LOG_ERROR) == tells);
        CHECK(level >= ROPC_LOG_ERROR && level <= ROPC_LOG_DEBUG);
        CHECK(!holds_secret(line));
        ropc_string_free(line);
    }
    CHECK(lines > 6);
    CHECK_NUMBER(failed, 2);

    check_about("full queue");
    for (int i = 0; i < 150; i++) {
        CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
    }
    for (lines = 0; ropc_client_next_log(client, NULL, &line) == ROPC_OK && line != NULL; lines++) {
        ropc_string_free(line);
    }
    CHECK_NUMBER(lines, 256);
    ropc_client_free(client);
}

/* A login with a password that no line may hold; it has ended, and was polled
 * only. */
static ropc_request *ended(const ropc_client *client)
{
    ropc_request *request = NULL;
    CHECK_NUMBER(ropc_request_login(client, "echo", CANARY, &request, NULL), ROPC_OK);
    start(request);
    UNTIL(ropc_request_poll(request) != ROPC_PENDING);
    return request;
}

static void by_wait(const ropc_client *client, const ropc_request *request)
{
    (void)client;
    CHECK_NUMBER(ropc_request_wait(request, 0), ROPC_E_REFUSED);
}

static void by_take(const ropc_client *client, const ropc_request *request)
{
    (void)client;
    taken(request, ROPC_E_REFUSED, ROPC_REASON_WRONG_CREDENTIALS);
}

/* One that is refused must hand them out too. */
static void by_wrong_take(const ropc_client *client, const ropc_request *request)
{
    (void)client;
    CHECK_NUMBER(ropc_request_take_done(request, NULL), ROPC_E_STATE);
}

static void by_login(const ropc_client *client, const ropc_request *request)
{
    (void)request;
    CHECK_NUMBER(sign_in(client, "ada"), ROPC_OK);
}

static void by_connect(const ropc_client *client, const ropc_request *request)
{
    (void)request;
    CHECK_NUMBER(ropc_client_connect(client, NULL), ROPC_OK);
}

static const struct door {
    const char *name;
    void (*open)(const ropc_client *client, const ropc_request *request);
} doors[] = {
    {"ropc_request_wait", by_wait},
    {"ropc_request_take_tokens", by_take},
    {"ropc_request_take_done of a login", by_wrong_take},
    {"ropc_login", by_login},
    {"ropc_client_connect", by_connect},
};

struct opening {
    const struct door *door;
    const ropc_client *client;
    const ropc_request *request;
    struct seen *seen;
};

static void *open_door(void *argument)
{
    struct opening *opening = argument;
    opening->seen->thread = pthread_self();
    opening->door->open(opening->client, opening->request);
    return NULL;
}

/* Lines of a request wait until a thread of the program's lets them out, and
 * come in that thread. */
static void requests(void)
{
    for (size_t row = 0; row < 2 * COUNT(doors); row++) {
        struct seen seen;
        struct opening opening;
        pthread_t thread;
        ropc_client *client = logging_client(ROPC_LOG_DEBUG, on_line, &seen);
        ropc_request *request;
        memset(&seen, 0, sizeof seen);
        opening.door = &doors[row / 2];
        opening.client = client;
        opening.seen = &seen;
        check_about(opening.door->name);
        opening.request = request = ended(client);
        CHECK_NUMBER(seen.lines, 0);
        if (row % 2) {
            CHECK_NUMBER(pthread_create(&thread, NULL, open_door, &opening), 0);
            pthread_join(thread, NULL);
        } else {
            open_door(&opening);
        }
        check_seen(&seen);
        CHECK_NUMBER(seen.errors, 1);
        ropc_request_free(request);
        ropc_client_free(client);
    }
}

/* Or they are pulled, whether there is a function or not. */
static void requests_pulled(void)
{
    for (int with_function = 0; with_function < 2; with_function++) {
        struct seen seen;
        ropc_client *client = logging_client(ROPC_LOG_DEBUG, with_function ? on_line : NULL, &seen);
        ropc_request *request;
        char *line = NULL;
        int lines = 0;
        check_about(with_function ? "lines of a request, pulled from a function" : "lines of a request, pulled");
        memset(&seen, 0, sizeof seen);
        request = ended(client);
        while (CHECK_NUMBER(ropc_client_next_log(client, NULL, &line), ROPC_OK) && line != NULL) {
            lines++;
            CHECK(!holds_secret(line));
            ropc_string_free(line);
        }
        CHECK(lines > 2);
        by_wait(client, request);
        CHECK_NUMBER(seen.lines, 0);
        ropc_request_free(request);
        ropc_client_free(client);
    }
}

/* A function may start, wait and take, in the middle of a call and of a wait. */
static void starts_another(void *user, int32_t level, const char *line)
{
    struct nested *nested = user;
    (void)level;
    CHECK(line[0] != '\0');
    if (nested->depth > 0) {
        nested->inner_lines++;
        return;
    }
    nested->depth++;
    nested->outer_lines++;
    ends(started(nested->client, "ada"), ROPC_OK, ROPC_REASON_NONE);
    nested->depth--;
}

static void requests_from_callback(void)
{
    struct nested nested;
    ropc_request *request;
    check_about("requests inside the callback");
    memset(&nested, 0, sizeof nested);
    nested.client = logging_client(ROPC_LOG_DEBUG, starts_another, &nested);
    CHECK_NUMBER(sign_in(nested.client, "ada"), ROPC_OK);
    CHECK(nested.outer_lines > 2);
    request = started(nested.client, "locked");
    ends(request, ROPC_E_REFUSED, ROPC_REASON_LOCKED);
    CHECK(nested.outer_lines > 3);
    CHECK(nested.inner_lines >= nested.outer_lines);
    ropc_client_free(nested.client);
}

int main(void)
{
    callback();
    calls_from_callback();
    levels();
    queue();
    requests();
    requests_pulled();
    requests_from_callback();
    return finish();
}
