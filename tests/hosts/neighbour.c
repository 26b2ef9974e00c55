/* Another Rust library in the process: linked as a static one beside ropc, or loaded
 * as a shared one. It panics and catches that, it keeps the panic hook it installed,
 * and it may have a rustls with a provider for the whole process; ropc signs in
 * before, between and during all that, and its bugs stay its own. */

#include "endtoend.h"

int neighbour_panic(void);
int neighbour_panics(void);
int neighbour_work(void);
void neighbour_hook(void);
#ifdef NEIGHBOUR_TLS
int neighbour_provider(void);
int neighbour_get(const char *host_port, const char *ca);
#endif

enum { ROUNDS = 20 };

static void *live(void *argument)
{
    for (int i = 1; i <= ROUNDS; i++) {
        CHECK_NUMBER(neighbour_panic(), 2);
        CHECK_NUMBER(neighbour_work(), i);
#ifdef NEIGHBOUR_TLS
        CHECK_NUMBER(neighbour_get(where("STANDIN_HTTPS") + strlen("https://"), where("STANDIN_CA")), 401);
#endif
    }
    return argument;
}

int main(void)
{
    pthread_t thread;
    neighbour_hook();
    CHECK_NUMBER(neighbour_panic(), 2);
    CHECK_NUMBER(neighbour_panics(), 2);
#ifdef NEIGHBOUR_TLS
    check_about("its provider");
    end_to_end("neighbour");
    CHECK_NUMBER(neighbour_provider(), 1);
    CHECK_NUMBER(neighbour_provider(), 0);
#endif
    check_about("before and after");
    end_to_end("neighbour");
    CHECK_NUMBER(neighbour_panic(), 2);
    /* The hook is the one that was installed, also after ropc's first calls. */
    CHECK_NUMBER(neighbour_panics(), 4);
    check_about("at once");
    CHECK_NUMBER(pthread_create(&thread, NULL, live, NULL), 0);
    for (int i = 0; i < 10; i++) {
        signs_in("neighbour");
    }
    pthread_join(thread, NULL);
    CHECK_NUMBER(neighbour_panics(), 4 + 2 * ROUNDS);
    return finish();
}
