/* Requests that are freed while they run, ten thousand times, at every moment:
 * no crash, no memory, no descriptor and no thread is left behind. */

#include "footprint.h"

#define WARM_UP 1000
#define ROUNDS 10000

static ropc_client *clients[4];

/* Over TLS to a name, without TLS to an address, to nothing that answers, and
 * to a port where nothing listens. */
static void clients_new(void)
{
    char url[128];
    ropc_options *plain = options_for(where("STANDIN_HTTPS"));
    snprintf(url, sizeof url, "%s/api/oauth/demo/token", where("STANDIN_HTTP"));
    CHECK_NUMBER(ropc_options_set_endpoint(plain, ROPC_ENDPOINT_TOKEN, url), ROPC_OK);
    clients[0] = client_from(plain);
    clients[1] = new_client();
    clients[2] = client_from(options_for_port(where("STANDIN_BLACK_HOLE")));
    clients[3] = client_from(options_for_port(where("STANDIN_DEAD")));
}

static void clients_free(void)
{
    for (size_t i = 0; i < COUNT(clients); i++) {
        ropc_client_free(clients[i]);
    }
}

/* Most rounds without TLS: a handshake is the slowest thing here, by far. */
static const ropc_client *client_of(int round)
{
    return round % 20 == 7 ? clients[1] : round % 20 == 13 ? clients[2] : round % 20 == 19 ? clients[3] : clients[0];
}

static void one(int round)
{
    static const char *const users[] = {"ada", "fault:never", "locked", "fault:delay_1", "fault:drip"};
    ropc_request *request = prepared(client_of(round), users[round % COUNT(users)]);
    ropc_status status;
    if (round % 101 == 0) {
        /* Not even started. */
        ropc_request_free(request);
        return;
    }
    start(request);
    switch (round / 3 % 6) {
    case 0:
        /* Straight after the start. */
        break;
    case 1:
        status = ropc_request_poll(request);
        CHECK(status != ROPC_E_STATE && status != ROPC_E_ARG);
        break;
    case 2:
        CHECK_NUMBER(ropc_request_cancel(request), ROPC_OK);
        break;
    case 3:
        status = ropc_request_wait(request, 1);
        CHECK(status != ROPC_E_STATE && status != ROPC_E_ARG);
        break;
    default:
        rest_us(round * 7 % 700);
        break;
    }
    ropc_request_free(request);
}

/* Requests that have had the time of eight others when they are freed. */
static void crowd(int rounds)
{
    ropc_request *requests[8] = {NULL};
    for (int round = 0; round < rounds; round++) {
        ropc_request_free(requests[round % COUNT(requests)]);
        requests[round % COUNT(requests)] = started(client_of(round), round % 2 ? "ada" : "fault:never");
    }
    for (size_t i = 0; i < COUNT(requests); i++) {
        ropc_request_free(requests[i]);
    }
}

static void rounds(int count)
{
    clients_new();
    check_about("one at a time");
    for (int round = 0; round < count - count / 5; round++) {
        one(round);
    }
    check_about("several at a time");
    crowd(count / 5);
    check_about("afterwards");
    CHECK_NUMBER(sign_in(clients[1], "ada"), ROPC_OK);
    CHECK_NUMBER(ropc_shutdown(LONG_MS), 0);
    NO_THREADS_LEFT();
    /* With their connections, of which there are now more and now fewer. */
    clients_free();
}

int main(void)
{
    int descriptors_before = descriptors();
    struct footprint before;
    rounds(WARM_UP);
    before = footprint_now();
    rounds(ROUNDS);
    check_about("memory");
    footprint_same(before, ROUNDS * 10, 4096);
    check_about("descriptors");
    CHECK_NUMBER(descriptors(), descriptors_before);
    return finish();
}
