/*
 * game_loop.c - a game that signs in and never misses a frame: a wrong
 * password, a cancel and a sign-in, one after the other, 60 frames a second.
 *
 *   cc game_loop.c -lropc -o game_loop
 *   ./game_loop acme.hub.loginradius.com my-app CLIENT_ID ada@example.com
 *
 * update() is what a game takes from here.
 */
#include "helper.h" /* ask(), read_password(), read_file() */
#include "ropc.h"

#include <stdlib.h>
#include <time.h>

#ifdef _WIN32
#define isatty _isatty

static double now_ms(void)
{
    LARGE_INTEGER ticks, per_second;

    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&per_second);
    return (double)ticks.QuadPart * 1e3 / (double)per_second.QuadPart;
}

static void sleep_ms(double ms)
{
    Sleep((DWORD)ms);
}
#else
static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void sleep_ms(double ms)
{
    struct timespec time = {0, 0};

    time.tv_nsec = (long)(ms * 1e6);
    nanosleep(&time, NULL);
}
#endif

static const double FRAME_MS = 1000.0 / 60;

enum {
    TYPING = 20, /* frames from the login screen to the Enter key */
    NEVER = -1
};

/* One visit to the login screen. */
typedef struct {
    const char *name, *password;
    int cancel_after; /* frames after the Enter key, or NEVER */
    ropc_reason wanted;
    int frame;
    ropc_request *ahead, *login;
    ropc_tokens *tokens; /* or why there are none: */
    ropc_error *error;
} visit;

/* All that a game does about signing in within one frame: nothing here
   blocks. Tells whether the visit is over. */
static int update(visit *v, const ropc_client *client, const char *user)
{
    ropc_status status = ROPC_PENDING;
    int frame = v->frame++;

    if (frame == 0) {
        /* Connects while the player types. Without it the login connects,
           and tells why when it cannot. */
        if (ropc_request_connect(client, &v->ahead, NULL) == ROPC_OK
            && ropc_request_start(v->ahead, NULL) != ROPC_OK) {
            ropc_request_free(v->ahead);
            v->ahead = NULL;
        }
    } else if (frame == TYPING) {
        status = ropc_request_login(client, user, v->password, &v->login, &v->error);
        if (status == ROPC_OK)
            status = ropc_request_start(v->login, &v->error);
        if (status == ROPC_OK)
            status = ROPC_PENDING;
    } else if (frame > TYPING) {
        status = ropc_request_poll(v->login);
        if (status != ROPC_PENDING)
            status = ropc_request_take_tokens(v->login, &v->tokens, &v->error);
        else if (frame == TYPING + v->cancel_after)
            ropc_request_cancel(v->login); /* Ends it in a moment, not here. */
    }
    if (status == ROPC_PENDING)
        return 0;
    ropc_request_free(v->ahead); /* Freeing NULL is fine. */
    ropc_request_free(v->login);
    return 1;
}

static void draw(const visit *v)
{
    printf("\r%c %s", "|/-\\"[v->frame / 8 % 4], v->name);
    fflush(stdout);
}

/* Says how a visit ended; whether it ended as it should. */
static int report(const visit *v)
{
    ropc_reason reason = v->error != NULL ? v->error->reason : ROPC_REASON_NONE;
    int cancelled = reason == ROPC_REASON_CANCELLED && v->cancel_after != NEVER;
    int frames = v->frame - 1 - TYPING - (cancelled ? v->cancel_after : 0);
    const char *plural = frames == 1 ? "" : "s";

    if (cancelled)
        printf("%s: ended %d frame%s later\n", v->name, frames, plural);
    else if (v->tokens != NULL)
        printf("%s: tokens after %d frame%s\n", v->name, frames, plural);
    else if (v->error->status == ROPC_E_REFUSED)
        printf("%s: refused after %d frame%s (%s)\n", v->name, frames, plural, ropc_reason_name(reason));
    else
        printf("%s: failed after %d frame%s: %s\n", v->name, frames, plural, v->error->message);
    return reason == v->wanted;
}

/* The game, until the last visit is over; whether all went as they should. */
static int play(visit *visits, int count, const ropc_client *client, const char *user)
{
    double next = now_ms(), began, spent, left, longest = 0;
    int terminal = isatty(1), frames = 0, lost = 0, good = 1, over, i = 0;

    for (; i < count; frames++) {
        began = now_ms();
        over = update(&visits[i], client, user);
        spent = now_ms() - began;
        if (spent > longest)
            longest = spent;
        if (spent > FRAME_MS)
            lost++;
        if (terminal)
            draw(&visits[i]);
        if (over) {
            if (terminal)
                putchar('\r');
            good = report(&visits[i++]) && good;
        }
        for (next += FRAME_MS; (left = next - now_ms()) > 0;)
            sleep_ms(left);
    }
    printf("longest time in ropc calls within one frame: %.3f ms (goal: below 0.1 ms)\n", longest);
    printf("frames: %d, lost: %d\n", frames, lost);
    return good;
}

static int usage(void)
{
    fputs("usage: game_loop [--oidc] [--ca FILE] [--password-fd N]"
          " SITE APP CLIENT_ID [USER]\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    ropc_options *options = NULL;
    ropc_client *client = NULL;
    ropc_error *error = NULL;
    ropc_status status;
    char typed[ROPC_MAX_TEXT + 2], password[ROPC_MAX_SECRET + 2];
    static char pem[ROPC_MAX_PEM + 1];
    const char *ca_file = NULL, *user;
    int i, good = 0, oidc = 0, password_fd = -1;
    enum { VISITS = 3 };
    visit visits[VISITS] = {
        {.name = "wrong password", .password = "not the password", .cancel_after = NEVER,
         .wanted = ROPC_REASON_WRONG_CREDENTIALS},
        {.name = "cancel", .password = password, .cancel_after = 2, .wanted = ROPC_REASON_CANCELLED},
        {.name = "sign-in", .password = password, .cancel_after = NEVER, .wanted = ROPC_REASON_NONE},
    };

    for (i = 1; i < argc && argv[i][0] == '-'; i++)
        if (strcmp(argv[i], "--oidc") == 0)
            oidc = 1;
        else if (strcmp(argv[i], "--ca") == 0 && i + 1 < argc)
            ca_file = argv[++i];
        else if (strcmp(argv[i], "--password-fd") == 0 && i + 1 < argc)
            password_fd = atoi(argv[++i]);
        else
            return usage();
    if (argc - i < 3 || argc - i > 4)
        return usage();

    /* While the game loads: what may take longer than a frame. */
    status = ropc_options_loginradius(argv[i], argv[i + 1], argv[i + 2], &options, &error);
    if (status == ROPC_OK) {
        if (oidc)
            ropc_options_set_app_kind(options, ROPC_APP_OIDC);
        if (ca_file != NULL)
            ropc_options_set_ca_pem(options, pem, read_file(ca_file, pem, sizeof pem));
        status = ropc_client_new(options, &client, &error);
    }
    if (status == ROPC_OK) {
        user = argc - i == 4 ? argv[i + 3] : ask("User: ", 1, typed, sizeof typed);
        read_password(password_fd, password, sizeof password);
        good = play(visits, VISITS, client, user);
        ropc_wipe(password, sizeof password);
    } else {
        fprintf(stderr, "%s\n(%s)\n", error->message, ropc_reason_name(error->reason));
    }

    for (i = 0; i < VISITS; i++) {
        ropc_tokens_free(visits[i].tokens);
        ropc_error_free(visits[i].error);
    }
    ropc_error_free(error);
    ropc_client_free(client);
    ropc_options_free(options);
    if (ropc_shutdown(1000) != 0)
        fputs("a thread of the library is left\n", stderr);
    return good ? 0 : 1;
}
