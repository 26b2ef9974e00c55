/* A part of the load: workers that do everything at random moments, and somebody
 * who stops them, changes the number of threads, and shuts the library down. It
 * ends as it began, but for what is kept from round to round. */

#include "others.h"

/* For all workers. The first is kept. */
enum { KEPT, RELAYED, TUNNELLED, FORCING, SEATS };
enum { SHARED_KEEPS = 3 };

static struct seat seats[SEATS];
static struct keep shared[SHARED_KEEPS];
static int is_kept;
/* Raised when the round is over. */
static int over_now;

void soak_round(struct round *round);

static struct seat *any_seat(struct worker *me)
{
    uint64_t which = draw(me, 4);
    return which == 3 ? &me->own : &seats[which];
}

static void step(struct worker *me)
{
    struct seat *seat = any_seat(me);
    int user = 1 + (int)draw(me, 9);
    uint64_t what = draw(me, 100);
    if (what < 45) {
        keeps_on(me, draw(me, 3) == 0 ? &shared[draw(me, SHARED_KEEPS)] : &me->keeps[draw(me, KEEPERS)]);
    } else if (what < 55) {
        put_tokens(tokens_of(me, seat, user));
    } else if (what < 68) {
        by_request(me, seat, user);
    } else if (what < 78) {
        refused(me, seat, (enum kind)(WRONG + draw(me, 3)));
    } else if (what < 82) {
        by_grant(me, seat, user);
    } else if (what < 85) {
        /* KEPT keeps no connection that could be made ahead. */
        connects_ahead(me, seat == &seats[KEPT] ? &seats[RELAYED] : seat);
    } else if (what < 87) {
        discovers(me, &seats[TUNNELLED]);
    } else if (what < 92) {
        by_hand(me, seat, user);
    } else if (what < 95) {
        own_seat_anew(me);
    } else if (what < 97) {
        outlives(me, user);
    } else if (what < 98) {
        forks(me, &seats[draw(me, 3)], user, &shared[0]);
    } else if (planted("descriptor", 1)) {
        CHECK(dup(0) >= 0);
    }
}

static void *work(void *argument)
{
    struct worker *me = argument;
    struct keep keeps[KEEPERS];
    me->keeps = keeps;
    own_seat(me);
    for (int i = 0; i < KEEPERS; i++) {
        struct seat *seat = i == BY_FORCE ? &seats[FORCING] : &seats[draw(me, 3)];
        keep_take(&keeps[i], (enum keeper)i, 10 + me->number * KEEPERS + i, 1, seat);
    }
    while (!__atomic_load_n(&over_now, __ATOMIC_SEQ_CST)) {
        step(me);
        rest_us(1000 * (1 + (long)draw(me, PACE_MS)));
    }
    for (int i = 0; i < KEEPERS; i++) {
        keep_drop(me, &keeps[i]);
    }
    FREES(me, &me->own, ropc_client_free(me->own.client));
    __atomic_store_n(&me->done, 1, __ATOMIC_SEQ_CST);
    return NULL;
}

static void make_seats(struct round *round)
{
    if (!is_kept) {
        ropc_options *options = options_of(0, "soak", LIMIT_MS);
        /* With none of the connections that another round would find. */
        CHECK_NUMBER(ropc_options_set_limit(options, ROPC_LIMIT_IDLE_CONNECTIONS, 0), ROPC_OK);
        seat_take(&seats[KEPT], options, 0, LIMIT_MS);
        keep_take(&shared[0], IN_FILE, 90, 0, &seats[KEPT]);
        keep_take(&shared[1], BY_SAVE, 91, 0, &seats[KEPT]);
        keep_take(&shared[2], NOBODY, 92, 0, &seats[KEPT]);
        is_kept = 1;
    }
    seat_take(&seats[RELAYED], options_of(0, "soak", LIMIT_MS), 0, LIMIT_MS);
    seat_take(&seats[TUNNELLED], options_of(1, "soak", LIMIT_MS), 1, LIMIT_MS);
    seat_take(&seats[FORCING], options_of(round->seed % 2 == 0, "soak-force", LIMIT_MS), round->seed % 2 == 0,
              LIMIT_MS);
}

static void free_seats(struct worker *me, const struct round *round)
{
    for (int i = KEPT + 1; i < SEATS; i++) {
        FREES(me, &seats[i], ropc_client_free(seats[i].client));
    }
    if (!round->keeps) {
        for (int i = 0; i < SHARED_KEEPS; i++) {
            keep_drop(me, &shared[i]);
        }
        FREES(me, &seats[KEPT], ropc_client_free(seats[KEPT].client));
        is_kept = 0;
    }
}

/* Stops everything; how many threads are left. */
static uint32_t shuts_down(struct worker *me, uint32_t wait_ms)
{
    struct call call = begin(me, SHUTDOWN, &seats[KEPT], wait_ms);
    uint32_t left;
    stop_begins(&all_stops);
    left = ropc_shutdown(wait_ms);
    stop_ended(&all_stops);
    over(&call, ROPC_OK, NULL);
    return left;
}

static void disturbs(struct worker *me)
{
    uint64_t what = draw(me, 200);
    struct seat *seat = &seats[draw(me, SEATS)];
    if (what == 0) {
        /* What others start meanwhile may hold it up. */
        (void)shuts_down(me, (uint32_t)draw(me, 600));
    } else if (what < 5) {
        stop_begins(&seat->stops);
        AT_ONCE(me, seat, ropc_client_cancel(seat->client));
        stop_ended(&seat->stops);
    } else if (what < 9) {
        AT_ONCE(me, seat, ropc_set_workers(1 + (uint32_t)draw(me, 12)));
    }
}

/* A call that never comes back is told of, and ends the program. */
static void watch(const struct worker *workers, int count)
{
    for (int i = 0; i < count; i++) {
        long long since = __atomic_load_n(&workers[i].out_since, __ATOMIC_SEQ_CST);
        if (since != 0 && now_ms() - since > HANGS_MS) {
            check_fail(__FILE__, __LINE__, KIND_NAMES[workers[i].out], "does not come back");
            _exit(1);
        }
    }
}

/* Has everybody come to an end. */
static void join(struct worker *workers, int count)
{
    __atomic_store_n(&over_now, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < count; i++) {
        while (!__atomic_load_n(&workers[i].done, __ATOMIC_SEQ_CST)) {
            (void)shuts_down(&workers[count], 20);
            watch(workers, count);
            rest_us(10000);
        }
        CHECK_NUMBER(pthread_join(workers[i].thread, NULL), 0);
    }
}

void soak_round(struct round *round)
{
    struct worker *workers = calloc((size_t)round->workers + 1, sizeof *workers), *governor = workers + round->workers;
    CHECK(workers != NULL);
    over_now = 0;
    make_seats(round);
    for (int i = 0; i <= round->workers; i++) {
        workers[i].number = i;
        workers[i].random = (round->seed + 1) * 0x9e3779b97f4a7c15U + (uint64_t)i * 0xbf58476d1ce4e5b9U + 1;
    }
    for (int i = 0; i < round->workers; i++) {
        CHECK_NUMBER(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    while (now_ms() < round->until_ms) {
        rest_us(50000);
        disturbs(governor);
        watch(workers, round->workers);
    }
    join(workers, round->workers);
    free_seats(governor, round);
    CHECK_NUMBER(shuts_down(governor, LIMIT_MS + GRACE_MS), 0);
    for (int i = 0; i <= round->workers; i++) {
        tally_add(&round->tally, &workers[i].tally);
    }
    round->failed = checks_failed();
    free(workers);
}
