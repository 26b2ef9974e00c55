/* Requests: what they come to, however they are driven; what they answer when
 * they are asked the wrong thing, and that nothing is lost by it. */

#include "requests.h"

/* Polls, as a program with a loop of its own does. */
static ropc_status by_poll(const ropc_request *request)
{
    ropc_status status = ROPC_PENDING;
    UNTIL((status = ropc_request_poll(request)) != ROPC_PENDING);
    return status;
}

static ropc_status by_wait(const ropc_request *request) { return ropc_request_wait(request, LONG_MS); }

/* A little at a time, as a program does that looks at something else too. */
static ropc_status by_short_waits(const ropc_request *request)
{
    ropc_status status = ROPC_PENDING;
    for (int i = 0; i < LONG_MS && status == ROPC_PENDING; i++) {
        status = ropc_request_wait(request, 1);
    }
    return status;
}

static const struct {
    const char *name;
    ropc_status (*drive)(const ropc_request *request);
} ways[] = {
    {"by poll", by_poll},
    {"by wait", by_wait},
    {"by short waits", by_short_waits},
};

static void outcomes(void)
{
    static const struct {
        const char *user;
        ropc_status status;
        ropc_reason reason;
    } rows[] = {
        {"ada", ROPC_OK, ROPC_REASON_NONE},
        {"fault:delay_20", ROPC_OK, ROPC_REASON_NONE},
        {"variant:big_token", ROPC_OK, ROPC_REASON_NONE},
        {"locked", ROPC_E_REFUSED, ROPC_REASON_LOCKED},
        {"fault:cut_before", ROPC_E_IO, ROPC_REASON_CUT_OFF_AFTER_SENT},
    };
    ropc_client *client = new_client();
    for (size_t way = 0; way < COUNT(ways); way++) {
        for (size_t row = 0; row < COUNT(rows); row++) {
            ropc_request *request = started(client, rows[row].user);
            check_about(rows[row].user);
            CHECK_NUMBER(ways[way].drive(request), rows[row].status);
            taken(request, rows[row].status, rows[row].reason);
            ropc_request_free(request);
        }
    }
    ropc_client_free(client);
}

/* The error is the one that ropc_login() would have given, member by member. */
static void as_the_blocking_call(void)
{
    ropc_client *client = new_client();
    ropc_request *request = started(client, "blocked");
    ropc_tokens *tokens = NULL;
    ropc_error *one = NULL, *other = NULL;
    check_about("the same error");
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_REFUSED);
    CHECK_NUMBER(ropc_request_take_tokens(request, &tokens, &one), ROPC_E_REFUSED);
    CHECK_NUMBER(ropc_login(client, "blocked", PASSWORD, &tokens, &other), ROPC_E_REFUSED);
    if (CHECK(one != NULL && other != NULL)) {
        CHECK_NUMBER(one->status, other->status);
        CHECK_NUMBER(one->reason, other->reason);
        CHECK_NUMBER(one->stage, other->stage);
        CHECK_NUMBER(one->http_status, other->http_status);
        CHECK_NUMBER(one->request_sent, 1);
        CHECK_TEXT(one->message, other->message);
    }
    ropc_error_free(one);
    ropc_error_free(other);
    ropc_request_free(request);
    ropc_client_free(client);
}

/* The other kinds, from texts that are gone before they are started. */
static void kinds(void)
{
    ropc_client *client = new_client();
    ropc_request *request = NULL;
    ropc_error *error = NULL;
    char user[] = "ada?", password[] = PASSWORD "?", type[] = "password";
    char user_name[] = "username", password_name[] = "password";
    const char *names[2], *values[2];

    check_about("ropc_request_login_n");
    CHECK_NUMBER(ropc_request_login_n(client, user, 3, password, strlen(PASSWORD), &request, &error), ROPC_OK);
    memset(user, 'x', 3);
    memset(password, 'x', strlen(PASSWORD));
    start(request);
    ends(request, ROPC_OK, ROPC_REASON_NONE);

    check_about("ropc_request_grant");
    memcpy(user, "ada", 4);
    memcpy(password, PASSWORD, sizeof PASSWORD);
    names[0] = user_name;
    names[1] = password_name;
    values[0] = user;
    values[1] = password;
    CHECK_NUMBER(ropc_request_grant(client, type, names, values, 2, &request, &error), ROPC_OK);
    names[0] = names[1] = values[0] = values[1] = NULL;
    memset(user, 'x', 3);
    memset(password, 'x', strlen(PASSWORD));
    memset(user_name, 'x', 3);
    memset(password_name, 'x', 3);
    memset(type, 'x', 3);
    start(request);
    ends(request, ROPC_OK, ROPC_REASON_NONE);

    check_about("ropc_request_connect");
    CHECK_NUMBER(ropc_request_connect(client, &request, &error), ROPC_OK);
    start(request);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_OK);
    CHECK_NUMBER(ropc_request_take_done(request, &error), ROPC_OK);
    CHECK(error == NULL);
    ropc_request_free(request);

    check_about("ropc_client_connect");
    CHECK_NUMBER(ropc_client_connect(client, &error), ROPC_OK);
    ropc_client_free(client);
    client = client_from(options_for_port(where("STANDIN_DEAD")));
    CHECK_NUMBER(ropc_client_connect(client, &error), ROPC_E_CONNECT);
    ropc_error_free(error);
    CHECK_NUMBER(ropc_request_connect(client, &request, &error), ROPC_OK);
    start(request);
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_CONNECT);
    CHECK_NUMBER(ropc_request_take_done(request, &error), ROPC_E_CONNECT);
    CHECK_NUMBER(error == NULL ? ROPC_REASON_NONE : error->reason, ROPC_REASON_CONNECTION_REFUSED);
    ropc_error_free(error);
    ropc_request_free(request);
    ropc_client_free(client);
}

/* A call that gives ROPC_E_STATE, with and without an `err`. */
#define WRONG_NOW(call)                                                                                                \
    do {                                                                                                               \
        ropc_tokens *tokens = NULL, **out = &tokens;                                                                   \
        ropc_error *error = NULL, **err = &error;                                                                      \
        (void)out;                                                                                                     \
        CHECK_NUMBER(call, ROPC_E_STATE);                                                                              \
        CHECK(tokens == NULL);                                                                                         \
        CHECK_NUMBER(error == NULL ? ROPC_REASON_NONE : error->reason, ROPC_REASON_STATE);                             \
        ropc_error_free(error);                                                                                        \
        err = NULL;                                                                                                    \
        CHECK_NUMBER(call, ROPC_E_STATE);                                                                              \
        CHECK(tokens == NULL);                                                                                         \
    } while (0)

/* Nothing that is asked at the wrong time or in the wrong way loses anything. */
static void wrong_order(void)
{
    ropc_client *client = new_client();
    ropc_request *login = prepared(client, "ada"), *busy, *connect = NULL;
    ropc_tokens *tokens = (ropc_tokens *)(void *)&client;
    ropc_error *error = (ropc_error *)(void *)&client;

    check_about("not started");
    CHECK_NUMBER(ropc_request_poll(login), ROPC_E_STATE);
    CHECK_NUMBER(ropc_request_wait(login, LONG_MS), ROPC_E_STATE);
    WRONG_NOW(ropc_request_take_tokens(login, out, err));
    WRONG_NOW(ropc_request_take_done(login, err));

    /* Behind this one it is under way as long as the test likes. */
    CHECK_NUMBER(ropc_set_workers(1), ROPC_OK);
    busy = started(client, "fault:never");
    check_about("under way");
    start(login);
    CHECK_NUMBER(ropc_request_poll(login), ROPC_PENDING);
    CHECK_NUMBER(ropc_request_take_tokens(login, &tokens, &error), ROPC_PENDING);
    CHECK(tokens == NULL && error == NULL);
    CHECK_NUMBER(ropc_request_take_tokens(login, &tokens, NULL), ROPC_PENDING);
    WRONG_NOW(ropc_request_start(login, err));
    WRONG_NOW(ropc_request_take_done(login, err));

    check_about("ended");
    ropc_request_free(busy);
    CHECK_NUMBER(ropc_set_workers(8), ROPC_OK);
    CHECK_NUMBER(ropc_request_wait(login, LONG_MS), ROPC_OK);
    WRONG_NOW(ropc_request_start(login, err));
    WRONG_NOW(ropc_request_take_done(login, err));
    CHECK_NUMBER(ropc_request_cancel(login), ROPC_OK);
    CHECK_NUMBER(ropc_request_take_tokens(login, NULL, &error), ROPC_E_ARG);
    ropc_error_free(error);
    taken(login, ROPC_OK, ROPC_REASON_NONE);

    check_about("taken");
    WRONG_NOW(ropc_request_take_tokens(login, out, err));
    WRONG_NOW(ropc_request_take_done(login, err));
    WRONG_NOW(ropc_request_start(login, err));
    CHECK_NUMBER(ropc_request_poll(login), ROPC_OK);
    CHECK_NUMBER(ropc_request_wait(login, LONG_MS), ROPC_OK);
    ropc_request_free(login);

    check_about("a connect that is asked for tokens");
    CHECK_NUMBER(ropc_request_connect(client, &connect, NULL), ROPC_OK);
    CHECK_NUMBER(ropc_request_start(connect, NULL), ROPC_OK);
    WRONG_NOW(ropc_request_take_tokens(connect, out, err));
    CHECK_NUMBER(ropc_request_wait(connect, LONG_MS), ROPC_OK);
    WRONG_NOW(ropc_request_take_tokens(connect, out, err));
    CHECK_NUMBER(ropc_request_take_done(connect, NULL), ROPC_OK);
    WRONG_NOW(ropc_request_take_done(connect, err));
    ropc_request_free(connect);

    check_about("a failure that is taken without an err");
    login = started(client, "locked");
    CHECK_NUMBER(ropc_request_wait(login, LONG_MS), ROPC_E_REFUSED);
    CHECK_NUMBER(ropc_request_take_tokens(login, &tokens, NULL), ROPC_E_REFUSED);
    CHECK(tokens == NULL);
    WRONG_NOW(ropc_request_take_tokens(login, out, err));
    CHECK_NUMBER(ropc_request_poll(login), ROPC_E_REFUSED);
    ropc_request_free(login);
    ropc_client_free(client);
}

/* A preparation that is refused as the blocking call refuses it. */
#define REFUSED(call)                                                                                                  \
    do {                                                                                                               \
        ropc_request *request = (ropc_request *)(void *)&left_over, **out = &request;                                  \
        ropc_error *error = NULL, **err = &error;                                                                      \
        check_about(#call);                                                                                            \
        CHECK_NUMBER(call, ROPC_E_ARG);                                                                                \
        CHECK(request == NULL);                                                                                        \
        CHECK_NUMBER(error == NULL ? ROPC_REASON_NONE : error->reason, ROPC_REASON_ARGUMENT);                          \
        ropc_error_free(error);                                                                                        \
    } while (0)

static void refused_texts(void)
{
    static char left_over;
    ropc_client *client = new_client();
    char *password = letters(ROPC_MAX_SECRET + 1);
    const char *names[] = {"client_id"}, *values[] = {"other"};
    REFUSED(ropc_request_login(client, "", PASSWORD, out, err));
    REFUSED(ropc_request_login(client, "\xff", PASSWORD, out, err));
    REFUSED(ropc_request_login(client, "ada", password, out, err));
    REFUSED(ropc_request_login_n(client, "ada", 0, PASSWORD, strlen(PASSWORD), out, err));
    REFUSED(ropc_request_grant(client, "password", names, values, 1, out, err));
    REFUSED(ropc_request_grant(client, "a b", NULL, NULL, 0, out, err));
    free(password);
    ropc_client_free(client);
}

/* A wait is as long as it was told to be, and no longer than the request. */
static void waits(void)
{
    ropc_client *client = client_with_limit(1000);
    ropc_request *request = prepared(client, "fault:never"), *later = prepared(client, "ada");
    long long began;

    check_about("a wait that runs out");
    began = now_ms();
    start(request);
    CHECK_NUMBER(ropc_request_wait(request, 0), ROPC_PENDING);
    CHECK_NUMBER(ropc_request_wait(request, 100), ROPC_PENDING);
    CHECK(now_ms() - began >= 99);
    check_about("the time limit");
    CHECK_NUMBER(ropc_request_wait(request, LONG_MS), ROPC_E_TIMEOUT);
    CHECK(now_ms() - began >= 999);
    CHECK_NUMBER(ropc_request_wait(request, 0), ROPC_E_TIMEOUT);
    ends(request, ROPC_E_TIMEOUT, ROPC_REASON_TIMED_OUT);

    check_about("the time limit runs from the start");
    start(later);
    ends(later, ROPC_OK, ROPC_REASON_NONE);
    ropc_client_free(client);
}

struct job {
    ropc_request *request;
    ropc_status status;
    int tokens;
};

static void *start_it(void *argument)
{
    start(((struct job *)argument)->request);
    return NULL;
}

static void *wait_and_take(void *argument)
{
    struct job *job = argument;
    ropc_tokens *tokens = NULL;
    CHECK_NUMBER(ropc_request_wait(job->request, LONG_MS), ROPC_OK);
    job->status = ropc_request_take_tokens(job->request, &tokens, NULL);
    job->tokens = tokens != NULL;
    ropc_tokens_free(tokens);
    return NULL;
}

static void in_thread(void *(*work)(void *), struct job *job)
{
    pthread_t thread;
    if (CHECK_NUMBER(pthread_create(&thread, NULL, work, job), 0)) {
        pthread_join(thread, NULL);
    }
}

/* Each step on another thread; then many at once. */
static void threads(void)
{
    ropc_client *client = new_client();
    struct job jobs[8];
    pthread_t waiting[COUNT(jobs)];
    int took = 0;

    check_about("started there, polled here, taken elsewhere");
    jobs[0].request = prepared(client, "fault:delay_20");
    in_thread(start_it, &jobs[0]);
    CHECK_NUMBER(by_poll(jobs[0].request), ROPC_OK);
    in_thread(wait_and_take, &jobs[0]);
    CHECK_NUMBER(jobs[0].status, ROPC_OK);
    CHECK(jobs[0].tokens);
    ropc_request_free(jobs[0].request);

    check_about("all wait and take, one gets the tokens");
    jobs[0].request = started(client, "fault:delay_100");
    for (size_t i = 0; i < COUNT(jobs); i++) {
        jobs[i].request = jobs[0].request;
        CHECK_NUMBER(pthread_create(&waiting[i], NULL, wait_and_take, &jobs[i]), 0);
    }
    for (size_t i = 0; i < COUNT(jobs); i++) {
        pthread_join(waiting[i], NULL);
        CHECK_NUMBER(jobs[i].status, jobs[i].tokens ? ROPC_OK : ROPC_E_STATE);
        took += jobs[i].tokens;
    }
    CHECK_NUMBER(took, 1);
    ropc_request_free(jobs[0].request);
    ropc_client_free(client);
}

/* A client may be freed at any time: its requests go on, and those of another
 * client never notice. */
static void freed_clients(void)
{
    ropc_client *freed = new_client(), *kept = new_client();
    ropc_request *of_freed[6], *of_kept[COUNT(of_freed)], *endless, *later;

    check_about("client freed under running requests");
    for (size_t i = 0; i < COUNT(of_freed); i++) {
        of_freed[i] = started(freed, "fault:delay_100");
        of_kept[i] = started(kept, i % 2 ? "fault:delay_100" : "locked");
    }
    endless = started(freed, "fault:never");
    later = prepared(freed, "ada");
    ropc_client_free(freed);
    CHECK_NUMBER(ropc_request_poll(endless), ROPC_PENDING);
    for (size_t i = 0; i < COUNT(of_freed); i++) {
        ends(of_freed[i], ROPC_OK, ROPC_REASON_NONE);
        ends(of_kept[i], i % 2 ? ROPC_OK : ROPC_E_REFUSED, i % 2 ? ROPC_REASON_NONE : ROPC_REASON_LOCKED);
    }
    CHECK_NUMBER(ropc_request_poll(endless), ROPC_PENDING);
    CHECK_NUMBER(ropc_request_cancel(endless), ROPC_OK);
    ends(endless, ROPC_E_CANCELLED, ROPC_REASON_CANCELLED);
    check_about("client freed before the start");
    start(later);
    ends(later, ROPC_OK, ROPC_REASON_NONE);
    CHECK_NUMBER(sign_in(kept, "ada"), ROPC_OK);

    check_about("freed unstarted, before and after its client");
    ropc_request_free(prepared(kept, "ada"));
    later = prepared(kept, "ada");
    ropc_client_free(kept);
    ropc_request_free(later);
    ropc_request_free(NULL);
}

int main(void)
{
    outcomes();
    as_the_blocking_call();
    kinds();
    wrong_order();
    refused_texts();
    waits();
    threads();
    freed_clients();
    return finish();
}
