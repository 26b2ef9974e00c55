/* Every answer that the stand-in can give, across the border: whatever comes
 * in, there are tokens or an error, all of whose texts can be read, and
 * nothing is left when they are freed (--asan and --valgrind see that). */

#include <ctype.h>

#include "standin.h"

/* What some answer brings besides the known members, and what none does. */
static const char *const members[] = {
    "access_token", "extra_text", "extra_object", "deep", "huge", "name", "error", "ErrorCode", "Errors",
    "SecondFactorAuthentication", "", "no such member",
};

/* A client at `site`, which gives up after `limit` milliseconds. */
static ropc_client *client_at(const char *site, int32_t kind, uint32_t limit)
{
    ropc_options *options = options_for(site);
    CHECK_NUMBER(ropc_options_set_app_kind(options, kind), ROPC_OK);
    CHECK_NUMBER(ropc_options_set_timeouts(options, limit, limit), ROPC_OK);
    return client_from(options);
}

/* Reads a text to its end: it must be where it says. The password never
 * comes back in one. */
static size_t read_text(const char *text)
{
    CHECK(text == NULL || strstr(text, PASSWORD) == NULL);
    return text == NULL ? 0 : strlen(text);
}

static void read_claims(const ropc_tokens *tokens, int32_t kind)
{
    char *json = (char *)"left over";
    ropc_error *error = NULL;
    ropc_status status = ropc_tokens_claims(tokens, kind, &json, &error);
    CHECK((status == ROPC_OK) == (json != NULL));
    CHECK((status == ROPC_OK) == (error == NULL));
    if (json != NULL) {
        CHECK(json[0] == '{' && json[strlen(json) - 1] == '}');
    } else if (error != NULL) {
        CHECK_NUMBER(error->reason, ROPC_REASON_NOT_A_JWT);
        read_text(error->message);
    }
    ropc_string_free(json);
    ropc_error_free(error);
}

static void read_tokens(const ropc_tokens *tokens)
{
    CHECK(read_text(tokens->access_token) > 0);
    CHECK(tokens->token_type != NULL);
    read_text(tokens->token_type);
    read_text(tokens->refresh_token);
    read_text(tokens->id_token);
    read_text(tokens->scope);
    CHECK(tokens->received_at > 1700000000);
    CHECK(tokens->expires_at >= 0);
    read_claims(tokens, ROPC_TOKEN_KIND_ACCESS);
    read_claims(tokens, ROPC_TOKEN_KIND_ID);
    for (size_t i = 0; i < COUNT(members); i++) {
        read_text(ropc_tokens_extra(tokens, members[i]));
    }
}

static void read_error(const ropc_error *error, ropc_status status)
{
    CHECK_NUMBER(error->status, status);
    CHECK(strncmp(ropc_reason_name(error->reason), "ROPC_REASON_", 12) == 0 && error->reason != ROPC_REASON_NONE);
    CHECK(error->stage >= ROPC_STAGE_SEND && error->stage <= ROPC_STAGE_ANSWER);
    CHECK_NUMBER(error->request_sent, 1);
    CHECK(error->retry_after_ms >= 0 && error->locked_until_at >= 0 && error->server_date_at >= 0);
    CHECK(read_text(error->message) > 0);
    for (const char *at = error->message; *at != '\0'; at++) {
        CHECK(!iscntrl((unsigned char)*at));
    }
    read_text(error->oauth_error);
    read_text(error->oauth_description);
    read_text(error->provider_message);
    read_text(error->provider_description);
    for (size_t i = 0; i < COUNT(members); i++) {
        read_text(ropc_error_extra(error, members[i]));
    }
}

/* Signs `user` in. Returns the status. */
static ropc_status one_answer(const ropc_client *client, const char *user)
{
    ropc_tokens *tokens = NULL;
    ropc_error *error = NULL;
    ropc_status status = ropc_login(client, user, PASSWORD, &tokens, &error);
    CHECK((status == ROPC_OK) == (tokens != NULL));
    CHECK((status == ROPC_OK) == (error == NULL));
    if (tokens != NULL) {
        read_tokens(tokens);
    }
    if (error != NULL) {
        read_error(error, status);
    }
    ropc_tokens_free(tokens);
    ropc_error_free(error);
    return status;
}

/* All users of STANDIN_USERS, by one client; the two whose answers never end
 * by another one, that gives up soon. */
static void all_answers(const char *site, int32_t kind)
{
    ropc_client *patient = client_at(site, kind, 30000), *hasty = client_at(site, kind, 700);
    char *users = malloc(strlen(where("STANDIN_USERS")) + 1);
    int good = 0, bad = 0;
    if (users == NULL) {
        exit(2);
    }
    strcpy(users, where("STANDIN_USERS"));
    for (char *user = strtok(users, " "); user != NULL; user = strtok(NULL, " ")) {
        const int endless = strcmp(user, "fault:never") == 0 || strcmp(user, "fault:drip") == 0;
        ropc_status status;
        check_about(user);
        status = one_answer(endless ? hasty : patient, user);
        CHECK((status == ROPC_E_TIMEOUT) == endless);
        good += status == ROPC_OK;
        bad += status != ROPC_OK;
    }
    check_about(site);
    CHECK(good >= 20);
    CHECK(bad >= 60);
    ropc_client_free(patient);
    ropc_client_free(hasty);
    free(users);
}

int main(void)
{
    all_answers(where("STANDIN_HTTP"), ROPC_APP_OIDC);
    all_answers(where("STANDIN_HTTPS"), ROPC_APP_OAUTH);
    return finish();
}
