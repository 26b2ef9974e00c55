/*
 * ropc.h - sign a user in with a name and a password, from C, C++, Python
 * or a game engine: LoginRadius or any OAuth 2.0 server (RFC 6749, 4.3).
 *
 *   ropc_options *options = NULL; ropc_client *client = NULL;
 *   ropc_tokens *tokens = NULL;   ropc_error *error = NULL;
 *   if (ropc_options_loginradius("acme.hub.loginradius.com", "my-app",
 *                                "client-id", &options, &error) == ROPC_OK
 *    && ropc_client_new(options, &client, &error) == ROPC_OK
 *    && ropc_login(client, "ada@example.com", "secret",
 *                  &tokens, &error) == ROPC_OK)
 *       printf("until %lld\n", (long long)tokens->expires_at);
 *   else
 *       fprintf(stderr, "%s\n", error->message);
 *   ropc_error_free(error);   ropc_tokens_free(tokens);
 *   ropc_client_free(client); ropc_options_free(options);
 *
 * Link with -lropc. RFC 9700 (2.4) says that this grant must not be used:
 * the program sees the password. This library is for what is left: a
 * site's own program, where no browser can be shown.
 *
 * What to call, in the order of use:
 *
 *   ropc_abi_check, ropc_version        first, after dlopen() and the like
 *   ropc_options_loginradius, _oauth2   what to sign in to
 *   ropc_options_set_*, _add_*          how; every default is usable
 *   ropc_discover                       asks a server for its endpoints
 *   ropc_client_new                     once; shared by all threads
 *   ropc_client_connect                 optional: connect ahead
 *   ropc_login, _login_n                name and password to tokens
 *   ropc_grant                          any other grant of the server
 *   ropc_store_file, _host              where a user's tokens are kept
 *   ropc_session_login, _login_n,
 *   _new, _resume                       a user who stays signed in
 *   ropc_session_token, _poll           an access token that is good
 *   ropc_session_refresh, _expire       a newer one; when an API says 401
 *   ropc_session_call                   an API call with it
 *   ropc_response_header                what the API's answer has to say
 *   ropc_session_pending, _saved,
 *   ropc_store_give                     records, with ropc_store_host
 *   ropc_session_status                 a line for a screen
 *   ropc_session_sign_out               and goodbye
 *   ropc_refresh, _revoke, _userinfo, _profile, _validate, _invalidate,
 *   _verify_id_token                    the same by hand, call by call
 *   ropc_request_* of each of them, then
 *   ropc_request_start, _poll or _wait, _take_*,
 *   _cancel                             the same beside the program
 *   ropc_client_cancel                  stops all that a client does
 *   ropc_client_proxy                   which proxy it goes through
 *   ropc_client_next_log                its log, line by line
 *   ropc_set_workers                    how many requests at once
 *   ropc_tokens_claims                  who it is, not verified
 *   ropc_tokens_extra                   what else came with the tokens
 *   ropc_error (a struct), _extra       why it failed: .reason, .message
 *   ropc_reason_name, ropc_status_name  what the numbers are called
 *   ropc_reason_advice                  what to do, for who runs the program
 *   ropc_*_free                         when done
 *   ropc_wipe                           for your copy of a password
 *   ropc_shutdown                       before the library's user unloads
 *
 * Three ways to drive a login, and everything else that takes time; they
 * run the same code, and mix:
 *
 *   Block. ropc_login() returns when it is over. For tools, for threads
 *   of your own. Another thread can stop it: ropc_client_cancel().
 *
 *   Poll. ropc_request_login() prepares, ropc_request_start() starts it
 *   on a thread of this library, ropc_request_poll() is asked every frame
 *   and never blocks; once it says something else than ROPC_PENDING,
 *   ropc_request_take_tokens() gives what ropc_login() would have given.
 *   For a game or anything else with a loop. No function of yours is
 *   called from a thread that is not yours.
 *
 *   Wait. The same, with ropc_request_wait() in place of the poll: it
 *   blocks, but only as long as you say. For a program that starts a
 *   login, does something else, and then needs the result; and for one
 *   that has to look at something of its own every 100 ms.
 *
 * A user who stays signed in is a session: ropc_session_login() once, then
 * ropc_session_token() or ropc_session_poll() whenever an access token is
 * needed, ropc_session_resume() when the program is started again. It
 * refreshes before the token ends, once however many threads and processes
 * ask, and saves what it got before anyone uses it:
 *
 *   status = ropc_store_file("ada.login", &store, &error);
 *   if (status == ROPC_OK)
 *       status = ropc_session_resume(client, store, "ada", &session, &error);
 *   if (status == ROPC_E_SIGNED_OUT) {
 *       ropc_error_free(error);
 *       ... ask for the password
 *       status = ropc_session_login(client, "ada", password, store, NULL,
 *                                   &session, &error);
 *   }
 *   if (status == ROPC_OK)
 *       status = ropc_session_token(session, 30000, 10000, &token, &error);
 *   if (status == ROPC_OK)
 *       ... "Authorization: Bearer ", token->access_token
 *   else
 *       ... error->message, then ropc_error_free(error)
 *
 * Rules that hold for every function:
 *
 *  1. Text is UTF-8, NUL-terminated, both ways; what you pass is copied
 *     before the call returns. A password may also come as pointer and
 *     length (ropc_login_n, ropc_session_login_n). Texts must not be
 *     empty unless it says so; the ROPC_MAX_ constants say how long they
 *     may be.
 *  2. What comes through `T **out` is yours: give it to the
 *     ropc_*_free() of its name (a char * to ropc_string_free), once.
 *  3. What you reach through a struct lives as long as the struct.
 *  4. Freeing NULL does nothing; handles may be freed in any order.
 *  5. On failure every `out` is NULL; `err` may be NULL, else it receives
 *     an error that is yours, or NULL on success. What either held before
 *     is overwritten, not freed. ROPC_PENDING and ROPC_SAVE_FIRST are no
 *     failures: `out` and `err` are NULL then too, so compare with them
 *     before you read `error->message`. Any other NULL that is not said to
 *     be allowed gives ROPC_E_ARG.
 *  6. `const` handle: any thread, at the same time. Other handles: one
 *     thread at a time.
 *  7. Callbacks run only inside your own blocking calls,
 *     ropc_request_wait() and _take, on the calling thread; what they
 *     receive is borrowed; they may call this library, except
 *     ropc_shutdown() and, from a save function, the session that saves
 *     (ROPC_E_STATE), but free nothing that the call uses; they may not
 *     unwind or longjmp. Whatever a callback tells can also be pulled,
 *     except what discovery logs, which has no client yet.
 *  8. Durations end in `_ms`; instants end in `_at`, seconds since 1970
 *     UTC, 0 = unknown.
 *
 * Only functions that say "blocks" do. Each has a total time limit, name
 * look-up included; it is on by default and cannot be switched off.
 *
 * A call raises no SIGPIPE and goes on after a signal. This library's own
 * threads take none of your signals and call nothing of yours. They are:
 * "ropc-worker", which run requests and refresh sessions, and for each of
 * the two one "ropc-clock" while something waits for a worker; and
 * "ropc-aside", which look names up and read the system's certificates,
 * for blocking calls too, and may outlive their call. ropc_shutdown() ends
 * them.
 *
 * A program may close descriptors that it does not know, as daemons do,
 * while no call is under way and none ended in the last 10 ms: the next
 * call connects anew, and leaves alone what has their numbers then.
 *
 * A bug of this library comes back as ROPC_E_BUG, never as a crash. When
 * memory runs out the process ends with SIGABRT and a line on stderr, as
 * with any Rust library; no server can make this one take more than a
 * small multiple of the answer limit.
 * After fork() the child may use the same client: it gets connections and
 * threads of its own. Requests stay with the parent: in the child they
 * answer ROPC_E_STATE, and may be freed. A session gives the child the
 * token that is good; it refreshes there only if its store is a file, for
 * two processes must not use one refresh token. pthread_cancel() of a
 * thread inside a call is not supported.
 *
 * The shared library overwrites all memory it frees, prints nothing else
 * and stays loaded once loaded. The static library shares memory and panic
 * messages with your program: it overwrites its own buffers only. On Linux
 * and Android core dumps leave out what clients, sessions and prepared
 * requests keep: passwords, secrets and tokens. What is yours they have.
 *
 * Generated from src/capi by `make header`; do not edit.
 */


#ifndef ROPC_H
#define ROPC_H

#include <stddef.h>
#include <stdint.h>

#ifndef ROPC_API
#define ROPC_API
#endif

#if defined(__GNUC__) || defined(__clang__)
#define ROPC_MUST_USE __attribute__((warn_unused_result))
#else
#define ROPC_MUST_USE
#endif


/**
 * The interface this header describes; pass it to ropc_abi_check(). Raised
 * when functions, fields or values are added; nothing is ever taken away.
 */
#define ROPC_ABI 1

/**
 * Version of this header: major, minor, patch.
 */
#define ROPC_VERSION_MAJOR 0

/**
 * See ROPC_VERSION_MAJOR.
 */
#define ROPC_VERSION_MINOR 1

/**
 * See ROPC_VERSION_MAJOR.
 */
#define ROPC_VERSION_PATCH 0

/**
 * Longest app, grant type, response type, user agent, name of a parameter
 * or header, and `error` of a server, in bytes.
 */
#define ROPC_MAX_NAME 256

/**
 * Longest site, origin, URL, issuer, scope, client id, user name, user
 * key, path, nonce, list of a profile's fields and value of a header, in
 * bytes.
 */
#define ROPC_MAX_TEXT 4096

/**
 * Longest password, token and value of a parameter, in bytes.
 */
#define ROPC_MAX_SECRET 65536

/**
 * Longest client secret and API key, and client id beside a secret, in
 * bytes.
 */
#define ROPC_MAX_CLIENT_SECRET 1024

/**
 * Longest access token that can be sent to a server, in bytes; others may
 * have ROPC_MAX_SECRET.
 */
#define ROPC_MAX_BEARER 12288

/**
 * Longest record of a session, in bytes.
 */
#define ROPC_MAX_RECORD 262144

/**
 * Longest certificate or key in PEM, in bytes.
 */
#define ROPC_MAX_PEM 4194304

/**
 * Most parameters of one grant, headers of one call of an API, and
 * parameters, API origins and ended errors of one ropc_options, each.
 */
#define ROPC_MAX_PARAMS 64

/**
 * Most threads that run requests; see ropc_set_workers().
 */
#define ROPC_MAX_WORKERS 64

/**
 * What a call came to: ROPC_OK, ROPC_PENDING, ROPC_SAVE_FIRST or one of
 * ROPC_E_*. Few and stable; what exactly went wrong is ropc_error.reason.
 * Numbers are never reused; treat an unknown one as a failure.
 */
typedef enum {
  /**
   * Done.
   */
  ROPC_OK = 0,
  /**
   * The request is under way: no failure, ask again.
   */
  ROPC_PENDING = 1,
  /**
   * The session has new tokens to be saved before they are used: no
   * failure; see ropc_session_pending().
   */
  ROPC_SAVE_FIRST = 2,
  /**
   * An argument or option is wrong. Nothing was sent.
   */
  ROPC_E_ARG = 10,
  /**
   * The handle cannot do that now, as in the child of a fork.
   */
  ROPC_E_STATE = 11,
  /**
   * Asked for something this library does not do.
   */
  ROPC_E_UNSUPPORTED = 12,
  /**
   * The process is short of threads or descriptors.
   */
  ROPC_E_RESOURCES = 13,
  /**
   * The host name did not resolve.
   */
  ROPC_E_RESOLVE = 20,
  /**
   * No connection could be made.
   */
  ROPC_E_CONNECT = 21,
  /**
   * The TLS handshake failed or the certificate is not trusted.
   */
  ROPC_E_TLS = 22,
  /**
   * A time limit ran out.
   */
  ROPC_E_TIMEOUT = 23,
  /**
   * The connection broke; ropc_error.request_sent says before or after
   * the request was out.
   */
  ROPC_E_IO = 24,
  /**
   * Stopped by the program: ropc_request_cancel(), ropc_client_cancel()
   * or ropc_shutdown().
   */
  ROPC_E_CANCELLED = 25,
  /**
   * The proxy could not be used.
   */
  ROPC_E_PROXY = 26,
  /**
   * The server refused this user or this password.
   */
  ROPC_E_REFUSED = 30,
  /**
   * The server refused this application or its request.
   */
  ROPC_E_CLIENT = 31,
  /**
   * The server asks to wait: ropc_error.retry_after_ms.
   */
  ROPC_E_RATE_LIMITED = 32,
  /**
   * The server failed.
   */
  ROPC_E_SERVER = 33,
  /**
   * The answer is not what such an endpoint answers.
   */
  ROPC_E_ANSWER = 34,
  /**
   * The ID token does not prove who signed in.
   */
  ROPC_E_ID_TOKEN = 35,
  /**
   * Nobody is signed in any more: ask the person to sign in.
   */
  ROPC_E_SIGNED_OUT = 40,
  /**
   * A refresh was sent and its answer never came; see
   * ropc_session_refresh().
   */
  ROPC_E_UNCLEAR = 41,
  /**
   * The store cannot be read or written.
   */
  ROPC_E_STORE = 42,
  /**
   * Signed out here; the server was not told, or not all of it.
   */
  ROPC_E_NOT_REVOKED = 43,
  /**
   * A bug in this library; the process is still sound.
   */
  ROPC_E_BUG = 90,
} ropc_status;

/**
 * Why a call failed, for a program to branch on. Numbers are never
 * reused; treat an unknown one by its status. 10 to 19: the program; 20
 * to 39: network and proxy; 40 to 59: TLS; 60 to 79: the answer; 80 to
 * 99: what the server decided; 100 to 119: the session and its store; 120
 * on: the ID token.
 */
typedef enum {
  /**
   * No failure.
   */
  ROPC_REASON_NONE = 0,
  /**
   * An argument or option is NULL, empty, too long, not UTF-8 or not
   * allowed; the message names it. Nothing was sent.
   */
  ROPC_REASON_ARGUMENT = 10,
  /**
   * The handle cannot do that now, as in the child of a fork.
   */
  ROPC_REASON_STATE = 11,
  /**
   * This library does not do that, as a SOCKS proxy.
   */
  ROPC_REASON_UNSUPPORTED = 12,
  /**
   * http:// leads to an address that is not loopback. Nothing was sent.
   */
  ROPC_REASON_PLAIN_HTTP = 13,
  /**
   * The token is opaque or encrypted: it has no claims to show.
   */
  ROPC_REASON_NOT_A_JWT = 14,
  /**
   * No thread or no descriptor could be had, or too many name lookups
   * are stuck.
   */
  ROPC_REASON_RESOURCES = 15,
  /**
   * A bug in this library; the process is still sound.
   */
  ROPC_REASON_BUG = 16,
  /**
   * A session has new tokens, which are to be saved before they are
   * used: no failure.
   */
  ROPC_REASON_SAVE_FIRST = 17,
  /**
   * The host name did not resolve.
   */
  ROPC_REASON_UNRESOLVED = 20,
  /**
   * The host answered that nothing listens at that port.
   */
  ROPC_REASON_CONNECTION_REFUSED = 21,
  /**
   * No way to the host: no network, no route, or a firewall.
   */
  ROPC_REASON_UNREACHABLE = 22,
  /**
   * A time limit ran out; `stage` says where, `request_sent` whether
   * the request was out.
   */
  ROPC_REASON_TIMED_OUT = 23,
  /**
   * The connection ended before the request was sent.
   */
  ROPC_REASON_CUT_OFF_BEFORE_SENT = 24,
  /**
   * The connection ended after the request was sent and before its
   * answer was complete: what the server did is not known.
   */
  ROPC_REASON_CUT_OFF_AFTER_SENT = 25,
  /**
   * Stopped by the program.
   */
  ROPC_REASON_CANCELLED = 26,
  /**
   * The proxy could not be reached.
   */
  ROPC_REASON_PROXY_UNREACHABLE = 27,
  /**
   * The proxy wants a user name and password (407), or other ones.
   */
  ROPC_REASON_PROXY_LOGIN = 28,
  /**
   * The proxy refused to connect, or is no proxy.
   */
  ROPC_REASON_PROXY_REFUSED = 29,
  /**
   * The server's certificate has ended, or this clock is wrong.
   */
  ROPC_REASON_TLS_EXPIRED = 40,
  /**
   * The server's certificate is not valid yet, or this clock is wrong.
   */
  ROPC_REASON_TLS_NOT_YET_VALID = 41,
  /**
   * The certificate is for another host.
   */
  ROPC_REASON_TLS_WRONG_HOST = 42,
  /**
   * No trusted authority issued the certificate, or the server does not
   * send its intermediate.
   */
  ROPC_REASON_TLS_UNKNOWN_ISSUER = 43,
  /**
   * The certificate is trusted, and no key in its chain is pinned.
   */
  ROPC_REASON_TLS_PIN = 44,
  /**
   * The other side does not speak TLS 1.2 or 1.3.
   */
  ROPC_REASON_TLS_PROTOCOL = 45,
  /**
   * The certificate is broken or made for another purpose.
   */
  ROPC_REASON_TLS_CERTIFICATE = 46,
  /**
   * The server wants a client certificate, or another one.
   */
  ROPC_REASON_TLS_CLIENT_CERTIFICATE = 47,
  /**
   * The server redirects; a password never follows.
   */
  ROPC_REASON_REDIRECT_REFUSED = 60,
  /**
   * The answer is no token answer: a web page, broken JSON, or a member
   * that cannot be used.
   */
  ROPC_REASON_ANSWER_NOT_UNDERSTOOD = 61,
  /**
   * The answer is larger than allowed.
   */
  ROPC_REASON_ANSWER_TOO_LARGE = 62,
  /**
   * The token is of a type that is not Bearer (RFC 6749, 7.1).
   */
  ROPC_REASON_TOKEN_TYPE = 63,
  /**
   * Nothing is served at this URL (404, 405, 410).
   */
  ROPC_REASON_NOT_FOUND = 64,
  /**
   * The server refused and did not say why.
   */
  ROPC_REASON_UNEXPLAINED = 65,
  /**
   * Too many requests; retry_after_ms says how long to wait, if known.
   */
  ROPC_REASON_RATE_LIMITED = 66,
  /**
   * The server failed (5xx).
   */
  ROPC_REASON_SERVER_FAULT = 67,
  /**
   * The server's metadata names another issuer than the one asked for.
   */
  ROPC_REASON_OTHER_ISSUER = 68,
  /**
   * The server's metadata has an endpoint at another host.
   */
  ROPC_REASON_OTHER_HOST = 69,
  /**
   * No such user, or not this password.
   */
  ROPC_REASON_WRONG_CREDENTIALS = 80,
  /**
   * The e-mail address or phone number was never confirmed.
   */
  ROPC_REASON_NOT_VERIFIED = 81,
  /**
   * Locked after failed attempts; locked_until_at says until when, if
   * known.
   */
  ROPC_REASON_LOCKED = 82,
  /**
   * Blocked by an administrator.
   */
  ROPC_REASON_BLOCKED = 83,
  /**
   * A second factor is needed, which this grant cannot carry.
   */
  ROPC_REASON_SECOND_FACTOR = 84,
  /**
   * The server found this sign-in risky and wants an extra step.
   */
  ROPC_REASON_RISK_CHECK = 85,
  /**
   * The server wants a solved CAPTCHA.
   */
  ROPC_REASON_CAPTCHA = 86,
  /**
   * A consent, a privacy policy or a PIN must be dealt with first.
   */
  ROPC_REASON_CONSENT = 87,
  /**
   * This user may not sign in this way, or from here.
   */
  ROPC_REASON_LOGIN_NOT_ALLOWED = 88,
  /**
   * The user is signed in at too many places.
   */
  ROPC_REASON_SESSION_LIMIT = 89,
  /**
   * Unknown application, wrong secret, or grant not allowed to it.
   */
  ROPC_REASON_CLIENT_REFUSED = 90,
  /**
   * The server does not offer this grant.
   */
  ROPC_REASON_UNSUPPORTED_GRANT = 91,
  /**
   * The scope is unknown or more than allowed.
   */
  ROPC_REASON_SCOPE_REFUSED = 92,
  /**
   * The server calls the request malformed.
   */
  ROPC_REASON_REQUEST_REFUSED = 93,
  /**
   * What was offered in place of a password is invalid or has ended.
   */
  ROPC_REASON_GRANT_REFUSED = 94,
  /**
   * The access token is invalid or has ended.
   */
  ROPC_REASON_TOKEN_REFUSED = 95,
  /**
   * The session was signed out, by this program or by another that
   * shares its store.
   */
  ROPC_REASON_SIGNED_OUT = 100,
  /**
   * The refresh token is invalid, was revoked or has ended.
   */
  ROPC_REASON_REFRESH_ENDED = 101,
  /**
   * The access token has ended, and there is no refresh token.
   */
  ROPC_REASON_NO_REFRESH_TOKEN = 102,
  /**
   * The store holds nothing for this user.
   */
  ROPC_REASON_NOTHING_STORED = 103,
  /**
   * A refresh was answered with tokens of somebody else.
   */
  ROPC_REASON_OTHER_USER = 104,
  /**
   * A refresh was sent and its answer never came: the server may have
   * replaced the refresh token, or not.
   */
  ROPC_REASON_UNCLEAR = 105,
  /**
   * The server's access tokens end sooner than was asked for.
   */
  ROPC_REASON_TOO_SHORT = 106,
  /**
   * Signed out here; the server could not be told, or not all of it.
   */
  ROPC_REASON_NOT_REVOKED = 107,
  /**
   * The store's file or folder cannot be read or written.
   */
  ROPC_REASON_STORE_ACCESS = 108,
  /**
   * Others can read the store's file.
   */
  ROPC_REASON_STORE_EXPOSED = 109,
  /**
   * The store's file is none, or of a newer version of this library.
   */
  ROPC_REASON_STORE_BROKEN = 110,
  /**
   * The record is of another server, application or user.
   */
  ROPC_REASON_STORE_FOREIGN = 111,
  /**
   * Another process uses the record and does not let go.
   */
  ROPC_REASON_STORE_BUSY = 112,
  /**
   * New tokens are there and could not be saved; they are kept.
   */
  ROPC_REASON_SAVE_FAILED = 113,
  /**
   * The access token may not be sent to that origin.
   */
  ROPC_REASON_ORIGIN_NOT_ALLOWED = 114,
  /**
   * The ID token is no signed JWT of bounded size.
   */
  ROPC_REASON_ID_TOKEN_MALFORMED = 120,
  /**
   * The ID token is signed in a way that is not allowed.
   */
  ROPC_REASON_ID_TOKEN_ALGORITHM = 121,
  /**
   * No key of the server fits the ID token.
   */
  ROPC_REASON_ID_TOKEN_KEY = 122,
  /**
   * The signature of the ID token is wrong.
   */
  ROPC_REASON_ID_TOKEN_SIGNATURE = 123,
  /**
   * The ID token is of another issuer.
   */
  ROPC_REASON_ID_TOKEN_ISSUER = 124,
  /**
   * The ID token is for another application.
   */
  ROPC_REASON_ID_TOKEN_AUDIENCE = 125,
  /**
   * The ID token has ended.
   */
  ROPC_REASON_ID_TOKEN_EXPIRED = 126,
  /**
   * The ID token is not valid yet, or this clock is wrong.
   */
  ROPC_REASON_ID_TOKEN_EARLY = 127,
  /**
   * The ID token belongs to another sign-in.
   */
  ROPC_REASON_ID_TOKEN_NONCE = 128,
  /**
   * The ID token came with another access token.
   */
  ROPC_REASON_ID_TOKEN_ACCESS = 129,
} ropc_reason;

/**
 * How far a call had come when it failed.
 */
typedef enum {
  /**
   * Not begun.
   */
  ROPC_STAGE_NONE = 0,
  /**
   * Checking arguments and options.
   */
  ROPC_STAGE_SETUP = 1,
  /**
   * Looking up the host name.
   */
  ROPC_STAGE_LOOKUP = 2,
  /**
   * Connecting.
   */
  ROPC_STAGE_CONNECT = 3,
  /**
   * Talking to the proxy.
   */
  ROPC_STAGE_PROXY = 4,
  /**
   * The TLS handshake.
   */
  ROPC_STAGE_TLS = 5,
  /**
   * Sending the request.
   */
  ROPC_STAGE_SEND = 6,
  /**
   * Waiting for the answer, or receiving it.
   */
  ROPC_STAGE_RECEIVE = 7,
  /**
   * The answer came: it says so, or cannot be used.
   */
  ROPC_STAGE_ANSWER = 8,
} ropc_stage;

/**
 * How a session is.
 */
typedef enum {
  /**
   * An access token is there, and good.
   */
  ROPC_SESSION_STATE_SIGNED_IN = 1,
  /**
   * None is, and a refresh is under way or will be at the next call.
   */
  ROPC_SESSION_STATE_REFRESHING = 2,
  /**
   * New tokens are to be saved first.
   */
  ROPC_SESSION_STATE_SAVE_FIRST = 3,
  /**
   * None is good, and the last refresh failed; it is tried again.
   */
  ROPC_SESSION_STATE_WAITING = 4,
  /**
   * None is good, and a refresh was sent whose answer never came.
   */
  ROPC_SESSION_STATE_UNCLEAR = 5,
  /**
   * Nobody is signed in any more.
   */
  ROPC_SESSION_STATE_SIGNED_OUT = 6,
} ropc_session_state;

/**
 * The two kinds of LoginRadius applications.
 */
typedef enum {
  /**
   * /api/oauth/{app}/...
   */
  ROPC_APP_OAUTH = 0,
  /**
   * /api/oidc/{app}/...; asks for scope "openid" unless you set another.
   */
  ROPC_APP_OIDC = 1,
} ropc_app;

/**
 * The endpoints whose URLs can be set.
 */
typedef enum {
  /**
   * Where tokens are issued (RFC 6749, 3.2).
   */
  ROPC_ENDPOINT_TOKEN = 1,
  /**
   * Where they are revoked (RFC 7009).
   */
  ROPC_ENDPOINT_REVOKE = 2,
  /**
   * Where a server says who somebody is (OIDC Core, 5.3).
   */
  ROPC_ENDPOINT_USERINFO = 3,
  /**
   * The server's public keys (RFC 7517).
   */
  ROPC_ENDPOINT_JWKS = 4,
  /**
   * The base of LoginRadius' identity API.
   */
  ROPC_ENDPOINT_IDENTITY = 5,
} ropc_endpoint;

/**
 * How a client secret is sent (RFC 6749, 2.3.1). Servers differ; a wrong
 * choice is answered with ROPC_REASON_CLIENT_REFUSED, by some with
 * ROPC_REASON_REQUEST_REFUSED.
 */
typedef enum {
  /**
   * As client_secret in the body.
   */
  ROPC_SECRET_POST = 1,
  /**
   * HTTP Basic, form-encoded first, as the RFC says.
   */
  ROPC_SECRET_BASIC = 2,
  /**
   * HTTP Basic as it is.
   */
  ROPC_SECRET_BASIC_RAW = 3,
} ropc_secret;

/**
 * How the body of a request is written.
 */
typedef enum {
  /**
   * application/json, as LoginRadius documents it.
   */
  ROPC_ENCODING_JSON = 1,
  /**
   * application/x-www-form-urlencoded, as RFC 6749 says.
   */
  ROPC_ENCODING_FORM = 2,
} ropc_encoding;

/**
 * Whose certificates are trusted.
 */
typedef enum {
  /**
   * Mozilla's authorities, built in: the same on every machine.
   */
  ROPC_TRUST_BUNDLED = 0,
  /**
   * The operating system's, with what a company added, read with the
   * first connection; SSL_CERT_FILE and SSL_CERT_DIR count then.
   */
  ROPC_TRUST_SYSTEM = 1,
} ropc_trust;

/**
 * Bounds that can be moved.
 */
typedef enum {
  /**
   * Bytes of an answer's body. 1024 to 67108864; default 1048576.
   */
  ROPC_LIMIT_ANSWER_BYTES = 1,
  /**
   * Idle connections that a client keeps. 0 to 1024; default 64.
   */
  ROPC_LIMIT_IDLE_CONNECTIONS = 2,
  /**
   * How long it keeps one, in milliseconds: the next call after that
   * closes it. 0 to 600000; default 4000. Keep it shorter than the
   * server does: a login on a connection that the server is closing is
   * lost, never repeated.
   */
  ROPC_LIMIT_IDLE_MS = 3,
} ropc_limit;

/**
 * How much is logged; each level includes the ones before it.
 */
typedef enum {
  /**
   * Nothing.
   */
  ROPC_LOG_OFF = 0,
  /**
   * Calls that failed.
   */
  ROPC_LOG_ERROR = 1,
  /**
   * What went wrong and was mended.
   */
  ROPC_LOG_WARN = 2,
  /**
   * Each call and how it ended.
   */
  ROPC_LOG_INFO = 3,
  /**
   * Each step of a call.
   */
  ROPC_LOG_DEBUG = 4,
} ropc_log;

/**
 * One of the tokens of ropc_tokens.
 */
typedef enum {
  /**
   * access_token
   */
  ROPC_TOKEN_KIND_ACCESS = 1,
  /**
   * id_token
   */
  ROPC_TOKEN_KIND_ID = 2,
} ropc_token_kind;

/**
 * What kind a token to be revoked is (RFC 7009, 2.1): a help for the server,
 * which finds the token all the same. LoginRadius is not told.
 */
typedef enum {
  /**
   * Not said.
   */
  ROPC_HINT_NONE = 0,
  /**
   * access_token
   */
  ROPC_HINT_ACCESS = 1,
  /**
   * refresh_token
   */
  ROPC_HINT_REFRESH = 2,
} ropc_hint;

/**
 * One application at one server, with its connections. Any thread may use
 * it at any time; free it when none does.
 */
typedef struct ropc_client ropc_client;

/**
 * Settings for clients. One thread at a time; no setter blocks. A setter
 * gives ROPC_OK, or ROPC_E_ARG for a value it cannot take, and what else
 * its comment says; a refused one changes nothing. The first refusal is
 * remembered, and ropc_client_new() reports it with its message. So
 * setters may be called one after the other and checked once. After a
 * refusal these settings make no client any more: begin with new ones.
 */
typedef struct ropc_options ropc_options;

/**
 * One operation that runs beside the program, on a thread of this library:
 * prepared, started, polled or waited for, taken, freed. Any thread may
 * use it at any time; free it when none does.
 */
typedef struct ropc_request ropc_request;

/**
 * A signed-in user: an access token that is always good. Any thread may
 * use it at any time; free it when none does.
 *
 * From a minute before the access token ends (with a short one, in the
 * last fifth of its life) the next call that asks begins a refresh, on a
 * thread of this library, and gets the old one; only who finds none that
 * is good waits. A session that nobody asks refreshes nothing. However many
 * ask, one refresh is sent, and its tokens are saved before they are
 * handed out. (Some servers end the old access token as soon as they
 * answer: an API may then refuse the one or other call in that moment.
 * Tell ropc_session_expire(), and repeat the call.) When a refresh fails,
 * it is one of these:
 *
 * - It may pass: the error of the network or the server. The tokens are
 *   kept. It is tried again when somebody asks, after a pause of 1 s that
 *   doubles up to 5 min, or as long as the server asks; until then the
 *   same error comes at once, with retry_after_ms.
 * - Somebody has to mend it, as ROPC_E_CLIENT: the same, with pauses from
 *   1 min to 1 h.
 * - ROPC_E_UNCLEAR: the refresh was sent and no answer of the server came
 *   (none at all, a gateway's 502 or 504, or a 2xx that cannot be read).
 *   The server may have replaced the refresh token, or not; sent again, a
 *   strict server would sign the user out. ropc_session_refresh() with
 *   `force` tries it all the same; else sign in again.
 * - ROPC_E_SIGNED_OUT: over; ropc_error.reason says why. Sign in again.
 *
 * In the child of a fork() a session hands out what is good, and refreshes
 * if its store is a file; else ROPC_E_STATE.
 */
typedef struct ropc_session ropc_session;

/**
 * Where sessions keep their tokens between two runs of the program. Any
 * thread may use it, for any number of sessions; sessions keep what they
 * need of it.
 */
typedef struct ropc_store ropc_store;

/**
 * Why a call failed. Read only; free with ropc_error_free(). Its texts
 * hold no password, secret or token (what ropc_error_extra() finds may:
 * a second-factor token). Later versions add fields at the end
 * only.
 */
typedef struct {
  /**
   * The status the call returned.
   */
  ropc_status status;
  /**
   * Why: what a program branches on.
   */
  ropc_reason reason;
  /**
   * How far the call had come.
   */
  ropc_stage stage;
  /**
   * HTTP status of the answer; 0 when there was none.
   */
  int32_t http_status;
  /**
   * LoginRadius' ErrorCode, also one this library does not know; 0 when
   * there was none.
   */
  int64_t provider_code;
  /**
   * How long to wait: as the server asks, at most a day, or, from a
   * session, until it tries again; 0 when neither says.
   */
  int64_t retry_after_ms;
  /**
   * When a lock ends; 0 when unknown.
   */
  int64_t locked_until_at;
  /**
   * The time by the server's clock, from its Date header; 0 when unknown.
   */
  int64_t server_date_at;
  /**
   * 1 when any byte of the request had left, else 0: the server may have
   * counted the attempt.
   */
  int32_t request_sent;
  /**
   * 1 when the same call, made later and unchanged, can succeed, else 0.
   */
  int32_t retryable;
  /**
   * One line for a person: what happened, to what, what to do. Never
   * NULL.
   */
  const char *message;
  /**
   * RFC 6749 "error", e.g. "invalid_grant"; NULL when there was none.
   */
  const char *oauth_error;
  /**
   * RFC 6749 "error_description"; NULL when there was none.
   */
  const char *oauth_description;
  /**
   * LoginRadius' Message; NULL when there was none.
   */
  const char *provider_message;
  /**
   * LoginRadius' Description; NULL when there was none.
   */
  const char *provider_description;
} ropc_error;

/**
 * Receives one log line, without line end: `level` is one of ropc_log,
 * `line` is borrowed. No line holds a password, secret or token. Runs
 * inside your own blocking call, ropc_request_wait() or _take, on its
 * thread: in several threads at once when several call.
 */
typedef void (*ropc_log_fn)(void *user, int32_t level, const char *line);

/**
 * What the server issued. Read only; free with ropc_tokens_free(). Later
 * versions add fields at the end only.
 */
typedef struct {
  /**
   * For the Authorization header, after "Bearer ". Visible ASCII of any
   * length. Never NULL.
   */
  const char *access_token;
  /**
   * As the server wrote it: "Bearer", "bearer", "access_token" or "".
   * Never NULL; always send "Bearer".
   */
  const char *token_type;
  /**
   * For new tokens once the access token has ended. NULL when none was
   * issued.
   */
  const char *refresh_token;
  /**
   * Who signed in, as a JWT. NULL when none was issued.
   */
  const char *id_token;
  /**
   * Scopes, separated by spaces. NULL when the server did not say, which
   * means: as asked for (RFC 6749, 5.1).
   */
  const char *scope;
  /**
   * When the access token ends. 0 when the server did not say.
   */
  int64_t expires_at;
  /**
   * When the answer came, by this machine's clock.
   */
  int64_t received_at;
  /**
   * When it came by the server's clock, from its Date header; 0 when
   * unknown. Far from received_at, one of the two clocks is wrong.
   */
  int64_t server_date_at;
} ropc_tokens;

/**
 * A function that saves `record`, a line of text that holds tokens, as the
 * record of `user_key`, or forgets that user's when it is NULL; what it
 * gets is borrowed. Returns 1 when that is done, and 0 when it could not
 * be. Called inside blocking calls on the thread that makes them, as rule
 * 7 says; it must not use the session that calls it (ROPC_E_STATE).
 */
typedef int32_t (*ropc_save_fn)(void *user,
                                const char *user_key,
                                const char *record);

/**
 * One access token. Read only; free with ropc_token_free(). Later versions
 * add fields at the end only.
 */
typedef struct {
  /**
   * For the Authorization header, after "Bearer ". Visible ASCII. Never
   * NULL.
   */
  const char *access_token;
  /**
   * Its length in bytes, without the NUL.
   */
  size_t length;
  /**
   * When it ends; 0 when the server did not say.
   */
  int64_t expires_at;
} ropc_token;

/**
 * A session at one moment, for a line on a screen. Read only; free with
 * ropc_session_info_free(). Later versions add fields at the end only.
 */
typedef struct {
  /**
   * How it is.
   */
  ropc_session_state state;
  /**
   * 1 while a refresh is under way, else 0.
   */
  int32_t refreshing;
  /**
   * Who: what the program called the user. Never NULL.
   */
  const char *user_key;
  /**
   * What was granted; NULL when the server did not say.
   */
  const char *scope;
  /**
   * When the access token ends; 0 when unknown or signed out.
   */
  int64_t expires_at;
  /**
   * When the tokens came; 0 when signed out.
   */
  int64_t received_at;
  /**
   * Why the last refresh or save failed: its status; ROPC_OK when none
   * did since the last that succeeded; ROPC_E_SIGNED_OUT once signed out.
   */
  ropc_status last_status;
  /**
   * Its reason; ROPC_REASON_NONE with ROPC_OK.
   */
  ropc_reason last_reason;
  /**
   * Its message; NULL with ROPC_OK.
   */
  const char *last_message;
} ropc_session_info;

/**
 * What an API answered. Read only; free with ropc_response_free(). Later
 * versions add fields at the end only.
 */
typedef struct {
  /**
   * The HTTP status.
   */
  int32_t http_status;
  /**
   * The body, with a NUL behind it that is not counted. Never NULL.
   */
  const uint8_t *body;
  /**
   * Its length in bytes.
   */
  size_t body_len;
  /**
   * Content-Type; NULL when there was none.
   */
  const char *content_type;
} ropc_response;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ------------------------------------------------------------------------
 * Library
 * ------------------------------------------------------------------------ */

/**
 * The loaded library's version, e.g. "0.1.0", whatever version the
 * program was built for. Static; never NULL. Any thread.
 */
ROPC_API const char *ropc_version(void);

/**
 * ROPC_OK when the loaded library serves a program built for `abi` (pass
 * ROPC_ABI), else ROPC_E_UNSUPPORTED: the library is older than the
 * program, or the number is none. Call it first after dlopen() or from
 * ctypes. Any thread.
 */
ROPC_API ropc_status ropc_abi_check(uint32_t abi);

/**
 * The name of a status, e.g. "ROPC_E_TIMEOUT", or "ROPC_UNKNOWN_STATUS".
 * Static; never NULL. Any thread.
 */
ROPC_API const char *ropc_status_name(int32_t status);

/**
 * The name of a reason, e.g. "ROPC_REASON_LOCKED", or
 * "ROPC_UNKNOWN_REASON". Static; never NULL. Any thread.
 */
ROPC_API const char *ropc_reason_name(int32_t reason);

/**
 * What to do about a reason: a sentence in English for the person who
 * reads it; "" when there is nothing to say. Static; never NULL. Any
 * thread.
 */
ROPC_API const char *ropc_reason_advice(int32_t reason);

/**
 * How many requests of the process may run at once, each on a thread of
 * this library: 1 to ROPC_MAX_WORKERS, default 8. More wait in a queue,
 * in the order they were started. Refreshes of sessions have as many
 * threads of their own, so that a request may wait for one. Threads are
 * started when there is work and end after two seconds without; those
 * that are too many after a change end when they have done what they do.
 * The child of a fork() begins with 8 again. ROPC_E_ARG for another
 * number. Any thread.
 */
ROPC_API ropc_status ropc_set_workers(uint32_t most);

/**
 * Stops everything: each started request and each blocking call of the
 * process ends as ROPC_E_CANCELLED unless it had ended before, this
 * library's threads end, and it waits up to `wait_ms` until they are gone.
 * Call it before the code around this library is unloaded: a plug-in, an
 * editor's play mode, the end of an interpreter.
 *
 * Returns how many threads were not gone by then, 0 when none is left,
 * UINT32_MAX after a bug of this library. What can stay is a name look-up,
 * or the reading of the system's certificates, that the system does not
 * come back from; a session that writes to a slow disk; and a session's
 * refresh that was sent: it is not stopped, for its tokens would be lost,
 * and waits for its answer up to the total time limit of its client. Such
 * a thread touches nothing of yours, and ends by itself. Blocking calls
 * return in their own threads, in a moment; it does not wait for these. It
 * does wait for what is started while it runs.
 *
 * Handles stay valid, and the library can be used again at once. Blocks,
 * up to `wait_ms` and the moments in which the system takes a thread down
 * that has ended. Any thread, but not from a callback (rule 7); and on
 * Windows not from DllMain or a static destructor, where no thread can end.
 */
ROPC_API uint32_t ropc_shutdown(uint32_t wait_ms);

/**
 * Overwrites and frees a string that a function here says is yours. NULL
 * does nothing.
 */
ROPC_API void ropc_string_free(char *string);

/**
 * Overwrites `len` bytes at `buffer` so that no compiler leaves it out:
 * for your own copy of a password. NULL does nothing. Any thread.
 */
ROPC_API void ropc_wipe(void *buffer, size_t len);

/* ------------------------------------------------------------------------
 * Options: what to sign in to, and how
 * ------------------------------------------------------------------------ */

/**
 * Settings for LoginRadius application `app` at `site`, which is a host,
 * host:port or origin ("acme.hub.loginradius.com", your own domain the
 * same way), with the application's client id. Bodies are JSON as in
 * LoginRadius' password-flow guide.
 *
 * `out` is yours; free it with ropc_options_free(). ROPC_E_ARG for a site
 * with a path, user name or bad port, for http:// to an address that is
 * not loopback, and for an app named "", "." or "..".
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_options_loginradius(const char *site,
                                     const char *app,
                                     const char *client_id,
                                     ropc_options **out,
                                     ropc_error **err);

/**
 * Settings for any RFC 6749 server whose token endpoint is `token_url`:
 * https, or http to a loopback address; a query is kept, a fragment
 * refused. NULL when ropc_discover() is to find it. Bodies are forms.
 *
 * `out` is yours; free it with ropc_options_free(). ROPC_E_ARG for a URL
 * that is none.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_options_oauth2(const char *token_url,
                                const char *client_id,
                                ropc_options **out,
                                ropc_error **err);

/**
 * Frees settings. NULL does nothing; clients made from them live on.
 */
ROPC_API void ropc_options_free(ropc_options *options);

/**
 * Which kind of LoginRadius application this is, one of ropc_app.
 * Default: ROPC_APP_OAUTH. ROPC_E_UNSUPPORTED for another server.
 */
ROPC_API
ropc_status ropc_options_set_app_kind(ropc_options *options,
                                      int32_t kind);

/**
 * The URL of endpoint `which`, one of ropc_endpoint, in place of the
 * derived one; URLs as for ropc_options_oauth2(). Default: LoginRadius'
 * own paths, of which ROPC_ENDPOINT_USERINFO is there with ROPC_APP_OIDC
 * only; for another server only the token endpoint is known, and what
 * ropc_discover() finds.
 */
ROPC_API
ropc_status ropc_options_set_endpoint(ropc_options *options,
                                      int32_t which,
                                      const char *url);

/**
 * The issuer that ID tokens must be of, compared as text: a slash at its
 * end makes another issuer. ropc_verify_id_token() wants it;
 * ropc_discover() sets it. With LoginRadius
 * "https://<site>/service/oidc/<app>", or what your tenant says. Default:
 * none.
 */
ROPC_API
ropc_status ropc_options_set_issuer(ropc_options *options,
                                    const char *issuer);

/**
 * The application's secret and how it is sent, one of ropc_secret.
 * Default: none; a program that people can take apart has no secret
 * (RFC 6749, 10.1). ROPC_SECRET_BASIC_RAW cannot carry a client id with a
 * colon.
 */
ROPC_API
ropc_status ropc_options_set_secret(ropc_options *options,
                                    const char *secret,
                                    int32_t method);

/**
 * How bodies are written, one of ropc_encoding. Default: JSON for
 * LoginRadius, form for any other server.
 */
ROPC_API
ropc_status ropc_options_set_encoding(ropc_options *options,
                                      int32_t encoding);

/**
 * The scopes to ask for, one space between them (RFC 6749, 3.3). Default:
 * none, or "openid" for an OIDC application.
 */
ROPC_API
ropc_status ropc_options_set_scope(ropc_options *options,
                                   const char *scope);

/**
 * One more parameter of every token request, e.g. "resource" (RFC 8707)
 * or "audience"; at most ROPC_MAX_PARAMS. Default: none. ROPC_E_ARG for a
 * name that has a function of its own (client_id, client_secret,
 * grant_type, scope, response_type) or is there already; one that a call
 * sends itself, as "username", makes that call fail.
 */
ROPC_API
ropc_status ropc_options_add_param(ropc_options *options,
                                   const char *name,
                                   const char *value);

/**
 * response_type of the password grant; NULL leaves it out. Default:
 * "token" for LoginRadius, as its guide has it; none for any other server.
 */
ROPC_API
ropc_status ropc_options_set_response_type(ropc_options *options,
                                           const char *value);

/**
 * How long a call may take to get a connection (name look-up, proxy and
 * TLS included), and how long in all; 1 to 600000 each. There is no "for
 * ever". Default: 10000 and 30000.
 */
ROPC_API
ropc_status ropc_options_set_timeouts(ropc_options *options,
                                      uint32_t connect_ms,
                                      uint32_t total_ms);

/**
 * Whose certificates to trust, one of ropc_trust; replaces what
 * ropc_options_set_ca_pem() set. Default: ROPC_TRUST_BUNDLED.
 */
ROPC_API
ropc_status ropc_options_set_trust(ropc_options *options,
                                   int32_t trust);

/**
 * Trust the authorities in `pem` (`len` bytes) and no others; replaces
 * what ropc_options_set_trust() set.
 */
ROPC_API
ropc_status ropc_options_set_ca_pem(ropc_options *options,
                                    const char *pem,
                                    size_t len);

/**
 * Demand that the chain which was verified for `origin` (host, host:port
 * or origin) holds a key with this SHA-256: of its DER
 * SubjectPublicKeyInfo, in base64 or hexadecimal. Several pins of one
 * origin: one of them must fit; keep one for the next key. Default: none.
 * ROPC_E_ARG for an http origin; ropc_client_new() refuses pins for one
 * that is neither an endpoint's nor of ropc_options_add_api_origin().
 */
ROPC_API
ropc_status ropc_options_add_pin(ropc_options *options,
                                 const char *origin,
                                 const char *sha256);

/**
 * The certificate chain (leaf first) and private key to show to `origin`
 * when it asks, both in PEM with their lengths; they replace those that
 * were set for it before. Default: none. ROPC_E_ARG for an http origin;
 * ropc_client_new() refuses them as it does pins.
 */
ROPC_API
ropc_status ropc_options_set_client_cert_pem(ropc_options *options,
                                             const char *origin,
                                             const char *cert,
                                             size_t cert_len,
                                             const char *key,
                                             size_t key_len);

/**
 * The HTTP proxy to go through: `[http://][user:password@]host[:port]`,
 * port 1080 unless given; "" for none at all. It sees the host's name,
 * nothing else. Set here, it serves every host; plain http to loopback
 * never uses one. Default: the environment's https_proxy, HTTPS_PROXY,
 * all_proxy, ALL_PROXY and no_proxy, NO_PROXY as curl reads them, when
 * the client is made, and when discovery is asked for. ROPC_E_UNSUPPORTED
 * for SOCKS and https proxies.
 */
ROPC_API
ropc_status ropc_options_set_proxy(ropc_options *options,
                                   const char *url);

/**
 * The User-Agent header: printable ASCII, one line. Default: "ropc/" and
 * the version.
 */
ROPC_API
ropc_status ropc_options_set_user_agent(ropc_options *options,
                                        const char *user_agent);

/**
 * LoginRadius' API key, for ropc_profile(), ropc_validate(),
 * ropc_invalidate() and signing a session out. It goes to the identity
 * host and nowhere else. Default: none.
 */
ROPC_API
ropc_status ropc_options_set_api_key(ropc_options *options,
                                     const char *key);

/**
 * Lets sessions send the user's access token to `origin` too (https, or
 * http to a loopback address), with ropc_session_call(). At most
 * ROPC_MAX_PARAMS. Default: the origins of the token and the userinfo
 * endpoint, which with LoginRadius are the site, and of LoginRadius'
 * identity API.
 */
ROPC_API
ropc_status ropc_options_add_api_origin(ropc_options *options,
                                        const char *origin);

/**
 * What else this server says to a refresh when the refresh token has
 * ended: an `error` of RFC 6749 ("invalid_request", with some) or, in
 * digits, LoginRadius' ErrorCode. A session that hears it says
 * ROPC_E_SIGNED_OUT; anything else it takes for a failure that may pass.
 * At most ROPC_MAX_PARAMS. Default: "invalid_grant", and 1217 with
 * LoginRadius.
 */
ROPC_API
ropc_status ropc_options_add_ended_error(ropc_options *options,
                                         const char *error);

/**
 * Moves bound `which`, one of ropc_limit, which tells ranges and defaults.
 */
ROPC_API
ropc_status ropc_options_set_limit(ropc_options *options,
                                   int32_t which,
                                   uint64_t value);

/**
 * What is logged, one of ropc_log, and where: to `log`, with `user`
 * passed through, both to outlive every client made from these settings,
 * its requests and its sessions; or, when `log` is NULL, into a queue that
 * ropc_client_next_log() reads. Discovery has no client: what it logs goes
 * to `log` only. Default: ROPC_LOG_OFF.
 */
ROPC_API
ropc_status ropc_options_set_log(ropc_options *options,
                                 int32_t level,
                                 ropc_log_fn log,
                                 void *user);

/* ------------------------------------------------------------------------
 * Discovery: asking a server where its endpoints are
 * ------------------------------------------------------------------------ */

/**
 * Asks a server where its endpoints are (RFC 8414; OpenID Connect
 * Discovery), and gives settings like `options` with those endpoints,
 * except where `options` has one already, and with `issuer` as the issuer
 * of its ID tokens. Blocks, up to the total time limit. Reads the
 * environment for a proxy, as ropc_client_new().
 *
 * `issuer` is a URL without query; the metadata must name the very same,
 * letter by letter, else it is not used: ROPC_REASON_OTHER_ISSUER. With
 * `other_hosts` 0 an endpoint at another origin than the issuer's is
 * refused: ROPC_REASON_OTHER_HOST; with 1 it is taken, for then the
 * issuer decides where passwords go. The endpoints of an https issuer are
 * https. What metadata leaves out may exist all the same:
 * ropc_options_set_endpoint().
 *
 * `out` is yours; free it with ropc_options_free(). Fails with the first
 * refusal of a setter and for a proxy in the environment that cannot be
 * used, as ropc_client_new(); with ROPC_E_ARG for an issuer that is no
 * such URL; with ROPC_E_UNSUPPORTED for LoginRadius, whose endpoints
 * follow from site and application.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_discover(const ropc_options *options,
                          const char *issuer,
                          int32_t other_hosts,
                          ropc_options **out,
                          ropc_error **err);

/**
 * Prepares what ropc_discover() does; ropc_request_take_options() takes
 * it. `options` are copied, and the environment is read here. What is
 * wrong with them, the issuer or the proxy is told here too. `out` is
 * yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_discover(const ropc_options *options,
                                  const char *issuer,
                                  int32_t other_hosts,
                                  ropc_request **out,
                                  ropc_error **err);

/* ------------------------------------------------------------------------
 * Client: one application at one server
 * ------------------------------------------------------------------------ */

/**
 * A client from settings, which are copied. Connects to nothing yet; does
 * not block. `out` is yours; free it with ropc_client_free().
 *
 * Reads the environment, as ropc_discover() and ropc_request_discover()
 * do: no other thread may change that meanwhile, as with any getenv(). No
 * other function does, except that the first connection with
 * ROPC_TRUST_SYSTEM may.
 *
 * Fails with the first refusal of a setter, whose name is in the message;
 * with ROPC_E_ARG when no token endpoint is known, which
 * ropc_options_set_endpoint() or ropc_discover() sets, and for a pin or
 * certificate of an origin that this client has no use for; and for a
 * proxy in the environment that cannot be used, which it names
 * (ROPC_E_UNSUPPORTED for SOCKS).
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_client_new(const ropc_options *options,
                            ropc_client **out,
                            ropc_error **err);

/**
 * Frees a client. Requests and sessions go on without it; its connections
 * close when the last of them has ended. NULL does nothing. Tokens and
 * errors that came from it live on. No call of another thread may be
 * inside it.
 */
ROPC_API void ropc_client_free(ropc_client *client);

/**
 * Connects ahead of a login, while the user still types: looks the token
 * endpoint's host up, connects, makes the TLS handshake. The login after
 * it costs one turn to the server and back instead of three, as long as
 * the connection is kept: 15 seconds, or ROPC_LIMIT_IDLE_MS if that is
 * longer. One that is there already and kept for another 7 seconds or more
 * will do: then nothing is done. No secret is sent.
 *
 * Blocks, up to the time limits; ropc_request_connect() does not. Fails
 * as a login would that gets no connection; ROPC_E_UNSUPPORTED when
 * ROPC_LIMIT_IDLE_CONNECTIONS or ROPC_LIMIT_IDLE_MS is 0.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_client_connect(const ropc_client *client,
                                ropc_error **err);

/**
 * Stops all calls of this client that are under way: blocking ones in
 * other threads, and requests that were started. Each ends as
 * ROPC_E_CANCELLED unless it had ended before. Later calls are not
 * touched. A session's refresh that was sent goes on, for its tokens would
 * be lost; who waits for it does not. Returns at once. Any thread.
 */
ROPC_API ropc_status ropc_client_cancel(const ropc_client *client);

/**
 * The HTTP proxy through which the token endpoint is reached, as host:port
 * and without its login; NULL in `out` when it is reached directly: no
 * proxy is set, no_proxy excepts the host, or it is plain http to loopback.
 * Does not block. `out` is yours; free it with ropc_string_free().
 * ROPC_E_ARG for NULL; nothing else can fail.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_client_proxy(const ropc_client *client,
                              char **out,
                              ropc_error **err);

/**
 * The oldest line of the log's queue (256 lines; the oldest is dropped
 * first), or NULL when it is empty. Lines come here when
 * ropc_options_set_log() was given a level and no function; those of
 * requests always do, and go from here to the function, if there is one,
 * in the next ropc_request_wait(), _take or blocking call of this client.
 *
 * `level`, which may be NULL, receives one of ropc_log: ROPC_LOG_OFF
 * without a line. `out` is yours; free it with ropc_string_free(). Does
 * not block.
 */
ROPC_API
ropc_status ropc_client_next_log(const ropc_client *client,
                                 int32_t *level,
                                 char **out);

/* ------------------------------------------------------------------------
 * Login
 * ------------------------------------------------------------------------ */

/**
 * Signs in with a user name and a password (RFC 6749, 4.3). Blocks, up to
 * the total time limit. The password is sent at most once and overwritten
 * in this library's memory before the call returns; your copy is yours to
 * wipe (ropc_wipe()).
 *
 * `out` is yours; free it with ropc_tokens_free(). On failure branch on
 * ropc_error.reason: the status ROPC_E_REFUSED covers wrong credentials, a
 * locked account, a second factor that is needed and the like.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_login(const ropc_client *client,
                       const char *username,
                       const char *password,
                       ropc_tokens **out,
                       ropc_error **err);

/**
 * ropc_login() with lengths in bytes, for texts that do not end in NUL or
 * have one inside. Blocks as it does. `out` is yours; free it with
 * ropc_tokens_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_login_n(const ropc_client *client,
                         const char *username,
                         size_t username_len,
                         const char *password,
                         size_t password_len,
                         ropc_tokens **out,
                         ropc_error **err);

/**
 * Any grant that the token endpoint offers: `grant_type`, in visible
 * ASCII, and `count` parameters, `names[i]` with `values[i]`, named as
 * those of ropc_options_add_param(); with `count` 0 both may be NULL.
 * Blocks, up to the total time limit. Client id, secret and scope are
 * added; values are overwritten like a password.
 *
 * "password" with username, password and one more member answers a
 * CAPTCHA; LoginRadius' "exchange_token", and "client_credentials"
 * (RFC 6749, 4.4) with `count` 0, go this way too.
 *
 * `out` is yours; free it with ropc_tokens_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_grant(const ropc_client *client,
                       const char *grant_type,
                       const char *const *names,
                       const char *const *values,
                       size_t count,
                       ropc_tokens **out,
                       ropc_error **err);

/* ------------------------------------------------------------------------
 * After the login: refresh and revoke, call by call
 * ------------------------------------------------------------------------ */

/**
 * New tokens for a refresh token (RFC 6749, 6). Blocks, up to the total
 * time limit. The answer always has a usable refresh token: the new one,
 * or this one when the server kept it. Keep the new one before you use
 * anything else of it: the old one may be worth nothing any more. A
 * session (ropc_session_new()) does all this by itself.
 *
 * `out` is yours; free it with ropc_tokens_free(). The refresh token is
 * sent at most once: when ropc_error.request_sent is 1 and no answer of
 * the server came (http_status 0, 502 or 504, or 2xx with ROPC_E_ANSWER),
 * the server may have replaced it, and to send it again may sign the user
 * out everywhere. ROPC_REASON_GRANT_REFUSED says that it has ended.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_refresh(const ropc_client *client,
                         const char *refresh_token,
                         ropc_tokens **out,
                         ropc_error **err);

/**
 * Prepares what ropc_refresh() does. `out` is yours; free it with
 * ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_refresh(const ropc_client *client,
                                 const char *refresh_token,
                                 ropc_request **out,
                                 ropc_error **err);

/**
 * Has the server end a token (RFC 7009), with ROPC_ENDPOINT_REVOKE. Blocks,
 * up to the total time limit. `hint` is one of ropc_hint.
 *
 * LoginRadius ends refresh tokens this way; an access token lives on until
 * ropc_invalidate(). Elsewhere either may end the other, or not. A token
 * that the server does not know is a success. After any failure the token
 * must be taken to be still valid; ropc_error.retry_after_ms says when to
 * try again, if the server did. ROPC_E_UNSUPPORTED when no such endpoint is
 * known.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_revoke(const ropc_client *client,
                        const char *token,
                        int32_t hint,
                        ropc_error **err);

/**
 * Prepares what ropc_revoke() does. `out` is yours; free it with
 * ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_revoke(const ropc_client *client,
                                const char *token,
                                int32_t hint,
                                ropc_request **out,
                                ropc_error **err);

/* ------------------------------------------------------------------------
 * After the login: who it is
 * ------------------------------------------------------------------------ */

/**
 * Who the user is, as the JSON text of one object (OIDC Core, 5.3), from
 * ROPC_ENDPOINT_USERINFO. Blocks, up to the total time limit. Compare its
 * "sub" with the ID token's, if there is one.
 *
 * `out` is yours; free it with ropc_string_free(). ROPC_REASON_TOKEN_REFUSED
 * when the access token is not good (any more); ROPC_E_UNSUPPORTED when no
 * such endpoint is known, as with LoginRadius unless ROPC_APP_OIDC is set.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_userinfo(const ropc_client *client,
                          const char *access_token,
                          char **out,
                          ropc_error **err);

/**
 * Prepares what ropc_userinfo() does; ropc_request_take_text() takes it.
 * `out` is yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_userinfo(const ropc_client *client,
                                  const char *access_token,
                                  ropc_request **out,
                                  ropc_error **err);

/**
 * LoginRadius' profile of the user, as the JSON text of one object:
 * everything, or with `fields` ("Email,FirstName"; NULL for all) only
 * those members. Blocks, up to the total time limit. Wants the site's API
 * key (ropc_options_set_api_key()), which goes to the identity host and
 * nowhere else.
 *
 * `out` is yours; free it with ropc_string_free(). ROPC_REASON_TOKEN_REFUSED
 * when the access token is not good (any more); ROPC_E_ARG without an API
 * key; ROPC_E_UNSUPPORTED for another server.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_profile(const ropc_client *client,
                         const char *access_token,
                         const char *fields,
                         char **out,
                         ropc_error **err);

/**
 * Prepares what ropc_profile() does; ropc_request_take_text() takes it.
 * `out` is yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_profile(const ropc_client *client,
                                 const char *access_token,
                                 const char *fields,
                                 ropc_request **out,
                                 ropc_error **err);

/**
 * Asks LoginRadius whether an access token is good, and until when:
 * `out->expires_at`. Blocks, up to the total time limit; wants the API
 * key, as ropc_profile().
 *
 * `out` is yours; free it with ropc_tokens_free(); it has a refresh token
 * only if the server sent one. ROPC_REASON_TOKEN_REFUSED when the token is
 * not good.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_validate(const ropc_client *client,
                          const char *access_token,
                          ropc_tokens **out,
                          ropc_error **err);

/**
 * Prepares what ropc_validate() does. `out` is yours; free it with
 * ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_validate(const ropc_client *client,
                                  const char *access_token,
                                  ropc_request **out,
                                  ropc_error **err);

/**
 * Has LoginRadius end an access token, and its refresh token with it.
 * Blocks, up to the total time limit; wants the API key, as
 * ropc_profile(). A GET that changes something: it is never repeated.
 * After a failure the token must be taken to be still valid.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_invalidate(const ropc_client *client,
                            const char *access_token,
                            ropc_error **err);

/**
 * Prepares what ropc_invalidate() does. `out` is yours; free it with
 * ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_invalidate(const ropc_client *client,
                                    const char *access_token,
                                    ropc_request **out,
                                    ropc_error **err);

/**
 * Proves an ID token (OIDC Core, 3.1.3.7), and gives what it says, as the
 * JSON text of one object: signed with RS256, RS384, RS512, PS256 or ES256
 * by a key that the server publishes at ROPC_ENDPOINT_JWKS; issued by the
 * issuer of ropc_options_set_issuer(), compared as text; for this
 * application; not ended and not from the future (60 s are forgiven); and
 * about `nonce`, when that is not NULL. With `access_token` (may be NULL)
 * it is also checked that the two came together, if the token says so
 * (at_hash).
 *
 * Blocks, up to the total time limit, when the keys have to be fetched:
 * the first time, after an hour, and for a token whose key is not known or
 * that names none, then at most once a minute. While they cannot be
 * fetched, those of the last 24 hours serve: a key that the server
 * withdraws may be trusted for as long.
 *
 * `out` is yours; free it with ropc_string_free(). ROPC_E_ID_TOKEN with a
 * reason when it proves nothing; ROPC_E_ARG when no issuer is set;
 * ROPC_E_UNSUPPORTED when no such endpoint is known; and as any call when
 * the keys cannot be fetched.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_verify_id_token(const ropc_client *client,
                                 const char *id_token,
                                 const char *access_token,
                                 const char *nonce,
                                 char **out,
                                 ropc_error **err);

/**
 * Prepares what ropc_verify_id_token() does; ropc_request_take_text()
 * takes it. `out` is yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_verify_id_token(const ropc_client *client,
                                         const char *id_token,
                                         const char *access_token,
                                         const char *nonce,
                                         ropc_request **out,
                                         ropc_error **err);

/* ------------------------------------------------------------------------
 * Requests: the same beside the program
 * ------------------------------------------------------------------------ */

/**
 * Prepares what ropc_login() does. Texts are copied and checked; nothing
 * is started, nothing blocks. The copy of the password is overwritten
 * before the request's end is told, or when it is freed unstarted.
 *
 * `out` is yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_login(const ropc_client *client,
                               const char *username,
                               const char *password,
                               ropc_request **out,
                               ropc_error **err);

/**
 * ropc_request_login() with lengths in bytes, as ropc_login_n(). `out` is
 * yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_login_n(const ropc_client *client,
                                 const char *username,
                                 size_t username_len,
                                 const char *password,
                                 size_t password_len,
                                 ropc_request **out,
                                 ropc_error **err);

/**
 * Prepares what ropc_grant() does, with the same arguments. `out` is
 * yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_grant(const ropc_client *client,
                               const char *grant_type,
                               const char *const *names,
                               const char *const *values,
                               size_t count,
                               ropc_request **out,
                               ropc_error **err);

/**
 * Prepares what ropc_client_connect() does. `out` is yours; free it with
 * ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_connect(const ropc_client *client,
                                 ropc_request **out,
                                 ropc_error **err);

/**
 * Starts a request, once. Its time limit runs from here, a wait for a free
 * thread included (ropc_set_workers()). Does not block: it takes as long
 * as starting a thread, when one has to be started. Any thread.
 *
 * ROPC_E_RESOURCES when no thread can be had: the request is as it was,
 * and may be started again. ROPC_E_STATE when it was started or cancelled
 * before.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_start(const ropc_request *request,
                               ropc_error **err);

/**
 * How far a request is: ROPC_PENDING while it is under way, then what it
 * came to, also after its result was taken: ROPC_OK, ROPC_E_* or, from
 * ropc_request_session_call(), ROPC_SAVE_FIRST. Never blocks, calls
 * nothing of yours, costs a few nanoseconds: ask every frame. Any thread.
 *
 * ROPC_E_STATE when it was not started, or in the child of a fork();
 * ROPC_E_ARG for NULL.
 */
ROPC_API ropc_status ropc_request_poll(const ropc_request *request);

/**
 * Waits until a request has ended, or `wait_ms` at most, and returns what
 * ropc_request_poll() then does. Blocks, up to `wait_ms`; with 0 it does
 * not. Log lines of requests come out here. Any thread; several may wait.
 */
ROPC_API
ropc_status ropc_request_wait(const ropc_request *request,
                              uint32_t wait_ms);

/**
 * The tokens of a request made by ropc_request_login(), _grant(),
 * _refresh() or _validate(), or why there are none: what the call without
 * "request" in its name would have returned. Once; does
 * not block, except as long as your log function takes: log lines of
 * requests come out here. Any thread.
 *
 * `out` is yours; free it with ropc_tokens_free(). ROPC_PENDING, with
 * `out` and `err` NULL, while it is under way. ROPC_E_STATE when it was
 * not started, was taken before, or yields no tokens; ROPC_E_ARG for
 * NULL: in all of these nothing is lost.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_take_tokens(const ropc_request *request,
                                     ropc_tokens **out,
                                     ropc_error **err);

/**
 * The text of a request made by ropc_request_userinfo(), _profile() or
 * _verify_id_token(); else as ropc_request_take_tokens(). `out` is yours;
 * free it with ropc_string_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_take_text(const ropc_request *request,
                                   char **out,
                                   ropc_error **err);

/**
 * The settings of a request made by ropc_request_discover(); else as
 * ropc_request_take_tokens(). `out` is yours; free it with
 * ropc_options_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_take_options(const ropc_request *request,
                                      ropc_options **out,
                                      ropc_error **err);

/**
 * The end of a request that yields nothing but success, as one made by
 * ropc_request_connect(), _revoke(), _invalidate() or _session_sign_out();
 * else as ropc_request_take_tokens().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_take_done(const ropc_request *request,
                                   ropc_error **err);

/**
 * Stops a request. Returns at once; the request ends as ROPC_E_CANCELLED,
 * in a moment, unless it had ended before: tokens that have come are
 * never thrown away. One that was not started never will be. Any thread.
 *
 * ROPC_OK, also when it had ended; ROPC_E_STATE in the child of a fork();
 * ROPC_E_ARG for NULL.
 */
ROPC_API ropc_status ropc_request_cancel(const ropc_request *request);

/**
 * Frees a request, and cancels it if it is under way. NULL does nothing.
 * Never blocks.
 */
ROPC_API void ropc_request_free(ropc_request *request);

/* ------------------------------------------------------------------------
 * Stores: where sessions keep tokens
 * ------------------------------------------------------------------------ */

/**
 * The file at `path`, which counts from the current folder of this moment,
 * as a store for up to 500 users and any number of processes at once. It
 * need not exist yet; its folder must, and be yours. Only its owner may
 * read it: it is made with mode 0600, and refused when others can read it
 * (ROPC_REASON_STORE_EXPOSED) or when it is no such file
 * (ROPC_REASON_STORE_BROKEN); it is never overwritten then. Without its
 * folder: ROPC_REASON_STORE_ACCESS. On Windows the folder's permissions
 * protect it. It is not encrypted.
 *
 * Each save replaces the file as a whole and is on the disk before it is
 * used. Beside it lie `path`.lock and one such file for each user, which
 * keep processes from refreshing at the same time. On a network drive
 * these work if the drive has file locks. A process that is stopped in
 * the middle of a save holds up others for up to 3 s more than their time
 * limit.
 *
 * `out` is yours; free it with ropc_store_free(). Blocks as long as
 * reading the file takes.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_store_file(const char *path,
                            ropc_store **out,
                            ropc_error **err);

/**
 * The program's own store: a keychain, a profile. After a sign-in and each
 * refresh the session answers ROPC_SAVE_FIRST until the program has saved
 * the record that ropc_session_pending() gives, and said so with
 * ropc_session_saved(). With `save`, which gets `user`, blocking calls of
 * the session have that done by themselves; the sign-in is not one of
 * them, so ask for a token behind it. Both must outlive the store and its
 * sessions. NULL: no function.
 *
 * Such a store has no lock: one process at a time may use a user's record.
 * Nor does it know of a refresh that was sent: after a crash in the middle
 * of one the next start sends the same refresh token again, which a
 * strict server answers by ending all of the user's tokens. A refresh
 * that had no answer is told by a mark in the record, which
 * ropc_session_pending() then gives once more: saved like any other, it
 * has the next start say ROPC_E_UNCLEAR and send nothing. Before you
 * free a session, see that ropc_session_status() says refreshing 0 and
 * ropc_session_pending() gives NULL; what comes later waits in this store,
 * as long as it lives, for the next ropc_session_resume() of that user,
 * which prefers it to an older record of ropc_store_give() and says
 * ROPC_SAVE_FIRST; a new sign-in of that user discards it, and a sign-out
 * ends its tokens too. When a session says ROPC_E_SIGNED_OUT, forget its
 * record.
 *
 * `out` is yours; free it with ropc_store_free(). Does not block.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_store_host(ropc_save_fn save,
                            void *user,
                            ropc_store **out,
                            ropc_error **err);

/**
 * Gives a store of ropc_store_host() the record that was saved for
 * `user_key`, for the next ropc_session_resume() of that user. It is
 * copied. ROPC_E_UNSUPPORTED for a file. Does not block.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_store_give(const ropc_store *store,
                            const char *user_key,
                            const char *record,
                            ropc_error **err);

/**
 * Frees a store. NULL does nothing; its sessions live on, and its file
 * stays.
 */
ROPC_API void ropc_store_free(ropc_store *store);

/* ------------------------------------------------------------------------
 * Sessions: a user who stays signed in
 * ------------------------------------------------------------------------ */

/**
 * A session from `tokens` of `client`, which are copied, kept in `store`
 * as the record of `user_key`. A record that is there is replaced, but
 * not that of another server or application: the next call for a token
 * says ROPC_E_STORE then. NULL for `store`: the session ends with the
 * program. The session keeps what it needs of all of them.
 *
 * `out` is yours; free it with ropc_session_free(). Blocks as long as its
 * file takes; when another process refreshes this user, up to half of the
 * total time limit. When the tokens cannot be saved there is a session all
 * the same, and the next call for a token says ROPC_E_STORE.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_new(const ropc_client *client,
                             const ropc_tokens *tokens,
                             const ropc_store *store,
                             const char *user_key,
                             ropc_session **out,
                             ropc_error **err);

/**
 * ropc_login() and ropc_session_new() in one. `user_key` may be NULL: then
 * it is the user name. Blocks, up to the total time limit; fails as
 * ropc_login(), and before the password is sent with ROPC_E_STORE when
 * the file cannot be read, or its record is of another server or
 * application. An ID token is not to be had from it: that takes
 * ropc_login(), ropc_verify_id_token(), then ropc_session_new(). `out` is
 * yours; free it with ropc_session_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_login(const ropc_client *client,
                               const char *username,
                               const char *password,
                               const ropc_store *store,
                               const char *user_key,
                               ropc_session **out,
                               ropc_error **err);

/**
 * ropc_session_login() with lengths in bytes of user name and password, as
 * ropc_login_n(). A user name with a NUL inside needs a `user_key`. Blocks
 * as it does. `out` is yours; free it with ropc_session_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_login_n(const ropc_client *client,
                                 const char *username,
                                 size_t username_len,
                                 const char *password,
                                 size_t password_len,
                                 const ropc_store *store,
                                 const char *user_key,
                                 ropc_session **out,
                                 ropc_error **err);

/**
 * Prepares what ropc_session_new() does; ropc_request_take_session() takes
 * it. For a program that must not wait for a disk. `tokens` are copied.
 * `out` is yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_session_new(const ropc_client *client,
                                     const ropc_tokens *tokens,
                                     const ropc_store *store,
                                     const char *user_key,
                                     ropc_request **out,
                                     ropc_error **err);

/**
 * Prepares what ropc_session_login() does; ropc_request_take_session()
 * takes it. The password is kept and overwritten as by
 * ropc_request_login(). `out` is yours; free it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_session_login(const ropc_client *client,
                                       const char *username,
                                       const char *password,
                                       const ropc_store *store,
                                       const char *user_key,
                                       ropc_request **out,
                                       ropc_error **err);

/**
 * ropc_request_session_login() with lengths in bytes, as
 * ropc_session_login_n(). `out` is yours; free it with
 * ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_session_login_n(const ropc_client *client,
                                         const char *username,
                                         size_t username_len,
                                         const char *password,
                                         size_t password_len,
                                         const ropc_store *store,
                                         const char *user_key,
                                         ropc_request **out,
                                         ropc_error **err);

/**
 * The session of a request made by ropc_request_session_new() or _login();
 * else as ropc_request_take_tokens(). `out` is yours; free it with
 * ropc_session_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_take_session(const ropc_request *request,
                                      ropc_session **out,
                                      ropc_error **err);

/**
 * The session that `store` has for `user_key`, as when the program is
 * started again. Asks no server. Blocks only as long as its file takes.
 *
 * `out` is yours; free it with ropc_session_free(). ROPC_E_SIGNED_OUT when
 * the store holds nothing for this user; else ROPC_E_STORE:
 * ROPC_REASON_STORE_FOREIGN when its record is of another server or
 * application, ROPC_REASON_STORE_BROKEN when it is none, also one of
 * ropc_store_give(), and what ropc_store_file() says of a file. A refresh
 * that a crash cut off is known once the session has to refresh:
 * ROPC_E_UNCLEAR.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_resume(const ropc_client *client,
                                const ropc_store *store,
                                const char *user_key,
                                ropc_session **out,
                                ropc_error **err);

/**
 * An access token that is good for `min_ms` more. While there is one that
 * is not near its end: no system call, no waiting. Near its end no waiting
 * either, but a refresh is begun (ropc_session). Else blocks until a
 * refresh has brought one, at most `wait_ms`: ROPC_E_TIMEOUT then, and the
 * refresh goes on.
 *
 * `out` is yours; free it with ropc_token_free(). ROPC_SAVE_FIRST when
 * there are new tokens that the program must save (ropc_store_host()):
 * `err` is NULL then;
 * ROPC_REASON_TOO_SHORT when the server's tokens do not live that long;
 * else as ropc_session tells.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_token(const ropc_session *session,
                               uint32_t min_ms,
                               uint32_t wait_ms,
                               ropc_token **out,
                               ropc_error **err);

/**
 * The same without ever blocking: ROPC_PENDING, with `out` and `err` NULL,
 * while a refresh is under way, which is begun here when it is needed. Ask
 * every frame, or wait a while. Calls nothing of yours: with a save
 * function too it says ROPC_SAVE_FIRST. `out` is yours; free it with
 * ropc_token_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_poll(const ropc_session *session,
                              uint32_t min_ms,
                              ropc_token **out,
                              ropc_error **err);

/**
 * Gets newer tokens now, although the access token is good: after the
 * user's rights changed, say (tokens that another process got meanwhile
 * count, and so does a refresh that is under way). With `force` 1 also
 * when an earlier refresh had no answer (ROPC_E_UNCLEAR) or a pause is
 * on: the refresh token is sent once more, and a server that takes that
 * for theft may end all of the user's tokens. Blocks, at most `wait_ms`;
 * with 0 it only begins. Ends as ropc_session_token() would; ROPC_PENDING,
 * with `err` NULL, with `wait_ms` 0.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_refresh(const ropc_session *session,
                                 int32_t force,
                                 uint32_t wait_ms,
                                 ropc_error **err);

/**
 * An API answered 401 to this access token: it is not handed out any more,
 * and the next call refreshes. A newer one is not thrown away. Repeat the
 * API call once: a second 401 is about the user's rights, and to expire
 * each new token too would refresh without end. Does not block.
 */
ROPC_API
ropc_status ropc_session_expire(const ropc_session *session,
                                const char *access_token);

/**
 * The record that is to be saved: a line of text that holds tokens, to be
 * kept as safe as a password; then say how it went: ropc_session_saved().
 * NULL in `out` when everything is saved. There is one after the sign-in,
 * after each refresh, and after one that had no answer: see
 * ropc_store_host(). A record that a file store could not save can be had
 * here too. Does not block.
 *
 * `out` is yours; free it with ropc_string_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_pending(const ropc_session *session,
                                 char **out,
                                 ropc_error **err);

/**
 * The record of ropc_session_pending() is saved (`ok` 1), or could not be
 * (0): then nothing is lost, the session says ROPC_SAVE_FIRST again, and
 * ropc_session_status() tells. From 1 on its tokens are handed out; a
 * program that would rather go on without a copy says 1 too. ROPC_E_STATE
 * when no record was taken before. Does not block.
 */
ROPC_API
ropc_status ropc_session_saved(const ropc_session *session,
                               int32_t ok);

/**
 * Signs out: forgets the tokens, removes the record from the store, has
 * the server end the refresh token (ropc_revoke()) and the access token
 * (ropc_invalidate() with LoginRadius, for which the API key must be set).
 * A refresh that is under way is waited for. Blocks, up to the total time
 * limit.
 *
 * The part on this machine works offline too. What could not be done is
 * told: ROPC_E_NOT_REVOKED, and ropc_error.message says what. The session
 * then says ROPC_E_SIGNED_OUT; to sign out again is a success. A host's
 * save function gets NULL as the record; without one, forget the record
 * yourself. ROPC_E_CANCELLED and ROPC_E_TIMEOUT: it was stopped before it
 * began, and the session is as it was.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_sign_out(const ropc_session *session,
                                  ropc_error **err);

/**
 * Prepares what ropc_session_sign_out() does; ropc_request_take_done()
 * takes it. A save function is not called. `out` is yours; free it with
 * ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_session_sign_out(const ropc_session *session,
                                          ropc_request **out,
                                          ropc_error **err);

/**
 * Frees a session. NULL does nothing. A refresh that was not sent is
 * stopped; one that was goes on until its tokens are in the file, or wait
 * in the program's store (ropc_store_host()). The end of the process ends
 * it too: ropc_shutdown() before that waits for it. Nothing is revoked, and
 * the record stays: ropc_session_resume(). Does not block.
 */
ROPC_API void ropc_session_free(ropc_session *session);

/**
 * Overwrites and frees a token. NULL does nothing.
 */
ROPC_API void ropc_token_free(ropc_token *token);

/**
 * How a session is now. Does not block, calls nothing of yours. `out` is
 * yours; free it with ropc_session_info_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_status(const ropc_session *session,
                                ropc_session_info **out,
                                ropc_error **err);

/**
 * Frees what ropc_session_status() gave. NULL does nothing.
 */
ROPC_API void ropc_session_info_free(ropc_session_info *info);

/* ------------------------------------------------------------------------
 * Sessions: calling an API
 * ------------------------------------------------------------------------ */

/**
 * Calls an API with the user's access token, which is refreshed before if
 * need be. `method` is GET, HEAD, OPTIONS, PUT, DELETE, POST or PATCH;
 * `url` https, or http to this machine; `names[i]` with `values[i]` are
 * `count` headers, at most ROPC_MAX_PARAMS, whose values may be empty (with
 * 0 both may be NULL): "Accept" is application/json unless it is among
 * them, a Content-Type is yours to give; Authorization and what HTTP
 * itself needs are not. `body` is `body_len` bytes; NULL for none, as GET,
 * HEAD and OPTIONS have. All are copied.
 *
 * The token goes to the origins of ropc_options_add_api_origin(), its
 * defaults among them; for any other: ROPC_REASON_ORIGIN_NOT_ALLOWED, and
 * nothing is sent. Redirects are not followed. When the API does not take
 * the token (401, or LoginRadius' 905 or 906) it is refreshed once, and
 * the request sent once more, unless it is a POST or PATCH. An API that
 * refuses the new token too brings about one refresh a minute, not one
 * each call.
 *
 * Blocks, up to the total time limit. Every HTTP status is ROPC_OK: look
 * at `out->http_status`. Else fails as ropc_session_token() and as any
 * call. `out` is yours; free it with ropc_response_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_session_call(const ropc_session *session,
                              const char *method,
                              const char *url,
                              const char *const *names,
                              const char *const *values,
                              size_t count,
                              const uint8_t *body,
                              size_t body_len,
                              ropc_response **out,
                              ropc_error **err);

/**
 * Prepares what ropc_session_call() does, with the same arguments;
 * ropc_request_take_response() takes it. With a store of the program's it
 * may end as ROPC_SAVE_FIRST: save, and make another. `out` is yours; free
 * it with ropc_request_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_session_call(const ropc_session *session,
                                      const char *method,
                                      const char *url,
                                      const char *const *names,
                                      const char *const *values,
                                      size_t count,
                                      const uint8_t *body,
                                      size_t body_len,
                                      ropc_request **out,
                                      ropc_error **err);

/**
 * The response of a request made by ropc_request_session_call(); else as
 * ropc_request_take_tokens(). `out` is yours; free it with
 * ropc_response_free().
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_request_take_response(const ropc_request *request,
                                       ropc_response **out,
                                       ropc_error **err);

/**
 * A header of the answer by its name, in whatever case, or NULL; of
 * several the first. Lives as long as `response`. Any thread.
 */
ROPC_API
const char *ropc_response_header(const ropc_response *response,
                                 const char *name);

/**
 * Overwrites and frees a response. NULL does nothing.
 */
ROPC_API void ropc_response_free(ropc_response *response);

/* ------------------------------------------------------------------------
 * Results: tokens
 * ------------------------------------------------------------------------ */

/**
 * Overwrites and frees tokens. NULL does nothing.
 */
ROPC_API void ropc_tokens_free(ropc_tokens *tokens);

/**
 * Another member of the server's answer, as JSON text (a text in its
 * quotes), or NULL when there is none of that name. Lives as long as
 * `tokens`. Any thread.
 */
ROPC_API
const char *ropc_tokens_extra(const ropc_tokens *tokens,
                              const char *name);

/**
 * What a token says of itself (RFC 7519), as the JSON text of one object.
 * **Nothing is verified**: fit to greet the person, not to decide what
 * they may do. `which` is one of ropc_token_kind. `out` is yours; free it
 * with ropc_string_free(). Does not block.
 *
 * ROPC_E_UNSUPPORTED with ROPC_REASON_NOT_A_JWT when the token was not
 * issued, is opaque or is encrypted.
 */
ROPC_API
ROPC_MUST_USE
ropc_status ropc_tokens_claims(const ropc_tokens *tokens,
                               int32_t which,
                               char **out,
                               ropc_error **err);

/* ------------------------------------------------------------------------
 * Results: errors
 * ------------------------------------------------------------------------ */

/**
 * Frees an error. NULL does nothing.
 */
ROPC_API void ropc_error_free(ropc_error *error);

/**
 * Another member of the error's body, as JSON text (a text in its quotes),
 * or NULL when there is none of that name: the second-factor token of
 * ROPC_REASON_SECOND_FACTOR is in "SecondFactorAuthentication", or in
 * "secondFactorAuthentication" as some answers have it: case matters.
 * Lives as long as `error`. Any thread.
 */
ROPC_API
const char *ropc_error_extra(const ropc_error *error,
                             const char *name);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* ROPC_H */
