/* Sixteen threads, one session: each time its token ends there is one refresh,
 * and all get what it brought, however they ask. The server refuses a refresh
 * token that comes twice. */

#include "sessions.h"

#define THREADS 16

static const ropc_session *session;
static pthread_barrier_t begins, ends_here;
static int rounds;
/* What each thread got in this round. */
static char *got[THREADS];

/* Polls until a token is there, and saved by those who block. */
static char *polled(void)
{
    ropc_token *token = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    char *text = NULL;
    do {
        rest_us(500);
        status = ropc_session_poll(session, 1000, &token, &error);
    } while (status == ROPC_PENDING || status == ROPC_SAVE_FIRST);
    ENDED(status, ROPC_OK, ROPC_REASON_NONE);
    if (token != NULL && (text = malloc(token->length + 1)) != NULL) {
        memcpy(text, token->access_token, token->length + 1);
    }
    ropc_token_free(token);
    return text;
}

/* Calls an API first, whose answer says that the token was taken. */
static char *used(void)
{
    CHECK_NUMBER(get(session, "/api/echo"), 200);
    return token_of(session, ROPC_OK, ROPC_REASON_NONE);
}

static void *work(void *argument)
{
    size_t me = (size_t)((char **)argument - got);
    for (int round = 0; round < rounds; round++) {
        pthread_barrier_wait(&begins);
        got[me] = me % 4 == 1 ? polled() : me % 4 == 2 ? used() : token_of(session, ROPC_OK, ROPC_REASON_NONE);
        pthread_barrier_wait(&ends_here);
        /* Main compares; what was got is there until the next round begins. */
        pthread_barrier_wait(&begins);
        free(got[me]);
    }
    return NULL;
}

static void hammer(const ropc_client *client, const ropc_store *store)
{
    ropc_session *mine = session_of(client, "ada", store);
    pthread_t threads[THREADS];
    char *before = token_of(mine, ROPC_OK, ROPC_REASON_NONE);
    session = mine;
    CHECK_NUMBER(pthread_barrier_init(&begins, NULL, THREADS + 1), 0);
    CHECK_NUMBER(pthread_barrier_init(&ends_here, NULL, THREADS + 1), 0);
    for (int i = 0; i < THREADS; i++) {
        CHECK_NUMBER(pthread_create(&threads[i], NULL, work, &got[i]), 0);
    }
    for (int round = 0; round < rounds; round++) {
        long refreshed = granted("refreshed"), reused = granted("reused");
        ask_standin("expire_access");
        CHECK_NUMBER(ropc_session_expire(session, before), ROPC_OK);
        pthread_barrier_wait(&begins);
        pthread_barrier_wait(&ends_here);
        CHECK_NUMBER(granted("refreshed"), refreshed + 1);
        CHECK_NUMBER(granted("reused"), reused);
        CHECK(got[0] != NULL && before != NULL && strcmp(got[0], before) != 0);
        for (int i = 1; i < THREADS; i++) {
            CHECK_TEXT(got[i], got[0]);
        }
        free(before);
        before = token_of(session, ROPC_OK, ROPC_REASON_NONE);
        pthread_barrier_wait(&begins);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_barrier_destroy(&begins);
    pthread_barrier_destroy(&ends_here);
    free(before);
    ropc_session_free(mine);
}

/* What the save function counts. */
static pthread_mutex_t saves_lock = PTHREAD_MUTEX_INITIALIZER;
static int saves, saving;

/* One at a time, whoever asks. */
static int32_t save(void *user, const char *user_key, const char *record)
{
    (void)user_key;
    pthread_mutex_lock(&saves_lock);
    CHECK(saving == 0 && user == &saves && record != NULL);
    saving = 1;
    saves++;
    pthread_mutex_unlock(&saves_lock);
    rest_us(2000);
    pthread_mutex_lock(&saves_lock);
    saving = 0;
    pthread_mutex_unlock(&saves_lock);
    return 1;
}

/* At the end all of them ask while one signs out: each gets a token or hears
 * that nobody is signed in, and in the end nobody is. */
static void *until_signed_out(void *argument)
{
    ropc_status status;
    (void)argument;
    do {
        ropc_token *token = NULL;
        status = ropc_session_token(session, 0, LONG_MS, &token, NULL);
        CHECK((status == ROPC_OK) == (token != NULL));
        ropc_token_free(token);
    } while (status == ROPC_OK);
    CHECK_NUMBER(status, ROPC_E_SIGNED_OUT);
    return NULL;
}

static void signed_out(const ropc_client *client)
{
    ropc_session *mine = session_of(client, "ada", NULL);
    pthread_t threads[THREADS];
    ropc_error *error = NULL;
    session = mine;
    for (int i = 0; i < THREADS; i++) {
        CHECK_NUMBER(pthread_create(&threads[i], NULL, until_signed_out, NULL), 0);
    }
    ENDED(ropc_session_refresh(session, 0, 0, &error), ROPC_PENDING, ROPC_REASON_NONE);
    ENDED(ropc_session_sign_out(session, &error), ROPC_OK, ROPC_REASON_NONE);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    ropc_session_free(mine);
}

int main(void)
{
    ropc_client *client = client_with_identity();
    ropc_store *store = NULL;
    rounds = way_is("valgrind") ? 3 : way_is("asan") ? 10 : 50;
    check_about("in memory");
    hammer(client, NULL);
    check_about("in a file");
    CHECK_NUMBER(ropc_store_file(in_folder("threads"), &store, NULL), ROPC_OK);
    hammer(client, store);
    ropc_store_free(store);
    check_about("with a save function");
    CHECK_NUMBER(ropc_store_host(save, &saves, &store, NULL), ROPC_OK);
    hammer(client, store);
    CHECK_NUMBER(saves, rounds + 1);
    ropc_store_free(store);
    check_about("signed out meanwhile");
    signed_out(client);
    ropc_client_free(client);
    return finish();
}
