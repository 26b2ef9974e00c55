/* Three copies of the library in one process: the one that this program is linked
 * with, shared or static, as a host has it, and two that plug-ins brought, one of
 * them with RTLD_GLOBAL. None disturbs another, and where they use one file they
 * are to each other as processes are. */

#include "copies.h"


enum { COPIES = 3, LOGINS = 10, ROUNDS = 10 };

static struct copy copies[COPIES];

struct one {
    const struct copy *copy;
    ropc_client *client;
    ropc_session *session;
    pthread_barrier_t *together;
    char *token;
};

static struct one ones[COPIES];

static void *sign_in_often(void *argument)
{
    const struct one *one = argument;
    for (int i = 0; i < LOGINS; i++) {
        CHECK_NUMBER(sign_in_with(one->copy, one->client, i % 3 == 2 ? "locked" : "ada"),
                     i % 3 == 2 ? ROPC_E_REFUSED : ROPC_OK);
    }
    return NULL;
}

/* Runs `work` for each copy at the same time. */
static void each(void *(*work)(void *))
{
    pthread_t threads[COPIES];
    for (int i = 0; i < COPIES; i++) {
        CHECK_NUMBER(pthread_create(&threads[i], NULL, work, &ones[i]), 0);
    }
    for (int i = 0; i < COPIES; i++) {
        pthread_join(threads[i], NULL);
    }
}

static char *token_with(const struct one *one)
{
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    char *text = NULL;
    if (CHECK_NUMBER(one->copy->session_token(one->session, 1000, LONG_MS, &token, &error), ROPC_OK)) {
        text = strdup(token->access_token);
    } else {
        printf("     %s: %s\n", one->copy->name, error->message);
    }
    one->copy->token_free(token);
    one->copy->error_free(error);
    return text;
}

static int is_same(const char *one, const char *other)
{
    return one != NULL && other != NULL && strcmp(one, other) == 0;
}

/* Each has its own connections, threads and lock of this user, who all have one
 * record in one file. */
static void *refresh(void *argument)
{
    struct one *one = argument;
    pthread_barrier_wait(one->together);
    CHECK_NUMBER(one->copy->session_expire(one->session, one->token), ROPC_OK);
    free(one->token);
    one->token = token_with(one);
    return NULL;
}

/* The strict server ends all tokens of whoever sends an old refresh token: the
 * file's locks must tell the copies apart, as those that belong to a process
 * would not. */
static void share_a_file(void)
{
    pthread_barrier_t together;
    ropc_store *stores[COPIES] = {NULL, NULL, NULL};
    check_about("one file");
    CHECK_NUMBER(pthread_barrier_init(&together, NULL, COPIES), 0);
    for (int i = 0; i < COPIES; i++) {
        const struct one *one = &ones[i];
        const struct copy *copy = one->copy;
        CHECK_NUMBER(copy->store_file(in_folder("copies"), &stores[i], NULL), ROPC_OK);
        CHECK_NUMBER(i == 0 ? copy->session_login(one->client, "ada", PASSWORD, stores[0], NULL, &ones[0].session, NULL)
                            : copy->session_resume(one->client, stores[i], "ada", &ones[i].session, NULL),
                     ROPC_OK);
        ones[i].together = &together;
        ones[i].token = token_with(one);
        CHECK(is_same(ones[i].token, ones[0].token));
    }
    for (int round = 0; round < ROUNDS; round++) {
        long refreshed = granted("refreshed"), reused = granted("reused");
        char *before = strdup(ones[0].token);
        ask_standin("expire_access");
        each(refresh);
        for (int i = 0; i < COPIES; i++) {
            CHECK(is_same(ones[i].token, ones[0].token) && !is_same(ones[i].token, before));
        }
        CHECK_NUMBER(granted("refreshed") - refreshed, 1);
        CHECK_NUMBER(granted("reused") - reused, 0);
        free(before);
    }
    for (int i = 0; i < COPIES; i++) {
        free(ones[i].token);
        copies[i].session_free(ones[i].session);
        copies[i].store_free(stores[i]);
    }
    pthread_barrier_destroy(&together);
}

/* What one stops is its own. */
static void shut_one_down(int which)
{
    ropc_request *requests[COPIES] = {NULL, NULL, NULL};
    check_about(copies[which].name);
    for (int i = 0; i < COPIES; i++) {
        const char *user = i == which ? "fault:never" : "fault:delay_100";
        CHECK_NUMBER(copies[i].request_login(ones[i].client, user, PASSWORD, &requests[i], NULL), ROPC_OK);
        CHECK_NUMBER(copies[i].request_start(requests[i], NULL), ROPC_OK);
    }
    CHECK_NUMBER(copies[which].shutdown(LONG_MS), 0);
    for (int i = 0; i < COPIES; i++) {
        CHECK_NUMBER(copies[i].request_wait(requests[i], LONG_MS), i == which ? ROPC_E_CANCELLED : ROPC_OK);
        copies[i].request_free(requests[i]);
    }
    CHECK_NUMBER(sign_in_with(&copies[which], ones[which].client, "ada"), ROPC_OK);
}

/* All of them notice a fork. */
static void fork_all(void)
{
    pid_t pid;
    check_about("fork");
    pid = forked(50);
    if (pid == 0) {
        each(sign_in_often);
        for (int i = 0; i < COPIES; i++) {
            CHECK_NUMBER(copies[i].shutdown(LONG_MS), 0);
        }
        NO_THREADS_LEFT();
        _exit(checks_failed());
    }
    each(sign_in_often);
    CHECK_NUMBER(ended_as(pid), 0);
}

int main(void)
{
    copies[0] = copy_linked();
    copies[1] = copy_from("local", dlopen(where("ROPC_COPY_1"), RTLD_NOW | RTLD_LOCAL));
    copies[2] = copy_from("global", dlopen(where("ROPC_COPY_2"), RTLD_NOW | RTLD_GLOBAL));
    CHECK(copies[0].login != copies[1].login && copies[1].login != copies[2].login
          && copies[0].login != copies[2].login);
    for (int i = 0; i < COPIES; i++) {
        check_about(copies[i].name);
        ones[i].copy = &copies[i];
        ones[i].client = client_of(&copies[i]);
        CHECK_NUMBER(sign_in_with(&copies[i], ones[i].client, "ada"), ROPC_OK);
    }
    check_about("at once");
    each(sign_in_often);
    share_a_file();
    for (int i = 0; i < COPIES; i++) {
        shut_one_down(i);
    }
    fork_all();
    check_about("one is closed");
    copies[1].client_free(ones[1].client);
    CHECK_NUMBER(copies[1].shutdown(LONG_MS), 0);
    CHECK_NUMBER(dlclose(copies[1].handle), 0);
    CHECK_NUMBER(sign_in_with(&copies[2], ones[2].client, "ada"), ROPC_OK);
    CHECK_NUMBER(copies[2].shutdown(LONG_MS), 0);
    for (int i = 0; i < COPIES; i += 2) {
        copies[i].client_free(ones[i].client);
    }
    return finish();
}
