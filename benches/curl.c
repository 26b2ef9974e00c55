/* What libropc is compared with: libcurl and cJSON, as a C program uses them
 * that signs in often. One handle for each thread, kept, so that connections
 * and TLS tickets are used again. */

#include "bench.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>

#include <stdlib.h>
#include <string.h>

struct user {
    CURL *curl;
    char *answer; /* kept for the next one */
    size_t length, room;
};

const struct work bench_own[] = {{NULL, NULL}};

void *bench_client(const struct place *place)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        bench_fail("libcurl", "cannot be used");
    return (void *)place;
}

static size_t collect(char *bytes, size_t size, size_t count, void *argument)
{
    struct user *user = argument;
    size_t more = size * count;

    if (user->length + more + 1 > user->room) {
        user->room = 2 * user->room + more + 4096;
        user->answer = realloc(user->answer, user->room);
        if (user->answer == NULL)
            return 0;
    }
    memcpy(user->answer + user->length, bytes, more);
    user->length += more;
    user->answer[user->length] = '\0';
    return more;
}

void *bench_user(void *client)
{
    const struct place *place = client;
    struct user *user = calloc(1, sizeof *user);
    struct curl_slist *headers = NULL;
    char url[256];

    if (user == NULL || (user->curl = curl_easy_init()) == NULL || strlen(place->base) > 128)
        bench_fail("libcurl", "no handle");
    strcpy(url, place->base);
    strcat(url, BENCH_PATH);
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Accept: application/json");
    curl_easy_setopt(user->curl, CURLOPT_URL, url);
    curl_easy_setopt(user->curl, CURLOPT_CAINFO, place->ca_file);
    curl_easy_setopt(user->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(user->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(user->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(user->curl, CURLOPT_TIMEOUT, 30L);
    curl_easy_setopt(user->curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(user->curl, CURLOPT_FORBID_REUSE, (long)place->cold);
    curl_easy_setopt(user->curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(user->curl, CURLOPT_WRITEDATA, user);
    return user;
}

static char *body(void)
{
    cJSON *members = cJSON_CreateObject();
    char *text;

    cJSON_AddStringToObject(members, "client_id", BENCH_CLIENT_ID);
    cJSON_AddStringToObject(members, "grant_type", "password");
    cJSON_AddStringToObject(members, "username", BENCH_USER);
    cJSON_AddStringToObject(members, "password", BENCH_PASSWORD);
    cJSON_AddStringToObject(members, "response_type", "token");
    text = cJSON_PrintUnformatted(members);
    cJSON_Delete(members);
    return text;
}

void bench_login(void *argument)
{
    struct user *user = argument;
    char *text = body();
    const char *token;
    cJSON *tokens;
    long status = 0;
    CURLcode code;

    user->length = 0;
    curl_easy_setopt(user->curl, CURLOPT_POSTFIELDS, text);
    code = curl_easy_perform(user->curl);
    if (code != CURLE_OK)
        bench_fail("libcurl", curl_easy_strerror(code));
    curl_easy_getinfo(user->curl, CURLINFO_RESPONSE_CODE, &status);
    tokens = status == 200 ? cJSON_ParseWithLength(user->answer, user->length) : NULL;
    token = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tokens, "access_token"));
    if (token == NULL || *token == '\0')
        bench_fail("libcurl", "no token came");
    cJSON_Delete(tokens);
    cJSON_free(text);
}
