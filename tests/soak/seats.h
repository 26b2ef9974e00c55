/* Clients: of each sort one for all, that are made and freed with the round, and
 * those of a worker's own, freed and made anew in the middle of everything. */

#ifndef SEATS_H
#define SEATS_H

#include "people.h"

/* Sees every log line of clients that log to a function. */
static inline void on_log(void *user, int32_t level, const char *line)
{
    if (level < ROPC_LOG_ERROR || level > ROPC_LOG_DEBUG || is_secret(line)) {
        check_fail(__FILE__, __LINE__, "a log line", "is of no level, or holds a secret");
    }
    __atomic_add_fetch((long *)user, 1, __ATOMIC_RELAXED);
}

/* What every client of the load has; through the proxy, or through the relay. */
static inline ropc_options *options_of(int proxied, const char *agent, long limit_ms)
{
    const char *site = where(proxied ? "STANDIN_HTTPS" : "SOAK_RELAY");
    char issuer[128];
    ropc_options *options = NULL;
    CHECK_NUMBER(ropc_options_loginradius(site, "demo", "demo-client", &options, NULL), ROPC_OK);
    trust_standin(options);
    snprintf(issuer, sizeof issuer, "%s/service/oidc/demo", where("STANDIN_HTTPS"));
    CHECK_NUMBER(ropc_options_set_app_kind(options, ROPC_APP_OIDC), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_issuer(options, issuer), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_endpoint(options, ROPC_ENDPOINT_IDENTITY, site), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_api_key(options, API_KEY), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_user_agent(options, agent), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_timeouts(options, (uint32_t)(limit_ms * 2 / 3), (uint32_t)limit_ms), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_proxy(options, proxied ? where("SOAK_TUNNEL") : ""), ROPC_OK);
    return options;
}

static inline void seat_take(struct seat *seat, ropc_options *options, int proxied, long limit_ms)
{
    seat->client = client_from(options);
    seat->proxied = proxied;
    seat->limit_ms = limit_ms;
}

/* A worker's own client: each time another. */
static inline void own_seat(struct worker *me)
{
    long limit_ms = 1500 + (long)draw(me, 2000);
    int proxied = (int)draw(me, 2);
    ropc_options *options = options_of(proxied, "soak", limit_ms);
    if (draw(me, 3) == 0) {
        CHECK_NUMBER(ropc_options_set_log(options, ROPC_LOG_DEBUG, on_log, &me->tally.lines), ROPC_OK);
    } else if (draw(me, 2) == 0) {
        CHECK_NUMBER(ropc_options_set_log(options, ROPC_LOG_DEBUG, NULL, NULL), ROPC_OK);
    }
    if (draw(me, 4) == 0) {
        /* With 0 it would keep none, and could make none ahead. */
        CHECK_NUMBER(ropc_options_set_limit(options, ROPC_LIMIT_IDLE_MS, 1 + draw(me, 600)), ROPC_OK);
    }
    seat_take(&me->own, options, proxied, limit_ms);
}

static inline void own_seat_anew(struct worker *me)
{
    char *line = NULL;
    int32_t level = 0;
    if (draw(me, 2) == 0 && ropc_client_next_log(me->own.client, &level, &line) == ROPC_OK) {
        ropc_string_free(line);
    }
    FREES(me, &me->own, ropc_client_free(me->own.client));
    own_seat(me);
}

#endif
