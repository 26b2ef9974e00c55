"""libropc as ctypes has it. Written by generate.py from include/ropc.h; do not edit."""

import ctypes
import enum
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Optional

Function = Callable[..., Any]

ABI = 1
VERSION_MAJOR = 0
VERSION_MINOR = 1
VERSION_PATCH = 0
MAX_NAME = 256
MAX_TEXT = 4096
MAX_SECRET = 65536
MAX_CLIENT_SECRET = 1024
MAX_BEARER = 12288
MAX_RECORD = 262144
MAX_PEM = 4194304
MAX_PARAMS = 64
MAX_WORKERS = 64
VERSION = "0.1.0"


class Number(enum.IntEnum):
    """Numbers of the library's. One that a newer library has and this file has
    not is a value all the same, named UNKNOWN_ and itself."""

    @classmethod
    def _missing_(cls, value: object) -> "Optional[Number]":
        if not isinstance(value, int) or not cls.__members__:
            return None
        unknown = int.__new__(cls, value)
        unknown._name_, unknown._value_ = f"UNKNOWN_{value}", value
        known: Number = cls._value2member_map_.setdefault(value, unknown)  # type: ignore[assignment]
        return known

    def __str__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    def __format__(self, how: str) -> str:
        return format(int(self) if how and how[-1] in "bdoxX" else str(self), how)


class Status(Number):
    """What a call came to: Status.OK, Status.PENDING, Status.SAVE_FIRST or a failure. Few and stable; what exactly
    went wrong is Error.reason. Numbers are never reused; treat an unknown one as a failure."""

    OK = 0
    """Done."""
    PENDING = 1
    """The request is under way: no failure, ask again."""
    SAVE_FIRST = 2
    """The session has new tokens to be saved before they are used: no failure; see Session.pending()."""
    ARG = 10
    """An argument or option is wrong. Nothing was sent."""
    STATE = 11
    """The handle cannot do that now, as in the child of a fork."""
    UNSUPPORTED = 12
    """Asked for something this library does not do."""
    RESOURCES = 13
    """The process is short of threads or descriptors."""
    RESOLVE = 20
    """The host name did not resolve."""
    CONNECT = 21
    """No connection could be made."""
    TLS = 22
    """The TLS handshake failed or the certificate is not trusted."""
    TIMEOUT = 23
    """A time limit ran out."""
    IO = 24
    """The connection broke; Error.request_sent says before or after the request was out."""
    CANCELLED = 25
    """Stopped by the program: Request.cancel(), Client.cancel() or shutdown()."""
    PROXY = 26
    """The proxy could not be used."""
    REFUSED = 30
    """The server refused this user or this password."""
    CLIENT = 31
    """The server refused this application or its request."""
    RATE_LIMITED = 32
    """The server asks to wait: Error.retry_after."""
    SERVER = 33
    """The server failed."""
    ANSWER = 34
    """The answer is not what such an endpoint answers."""
    ID_TOKEN = 35
    """The ID token does not prove who signed in."""
    SIGNED_OUT = 40
    """Nobody is signed in any more: ask the person to sign in."""
    UNCLEAR = 41
    """A refresh was sent and its answer never came; see Session.refresh()."""
    STORE = 42
    """The store cannot be read or written."""
    NOT_REVOKED = 43
    """Signed out here; the server was not told, or not all of it."""
    BUG = 90
    """A bug in this library; the process is still sound."""


class Reason(Number):
    """Why a call failed, for a program to branch on. Numbers are never reused; treat an unknown one by its status.
    10 to 19: the program; 20 to 39: network and proxy; 40 to 59: TLS; 60 to 79: the answer; 80 to 99: what the
    server decided; 100 to 119: the session and its store; 120 on: the ID token."""

    NONE = 0
    """No failure."""
    ARGUMENT = 10
    """An argument or option is NULL, empty, too long, not UTF-8 or not allowed; the message names it. Nothing was
    sent."""
    STATE = 11
    """The handle cannot do that now, as in the child of a fork."""
    UNSUPPORTED = 12
    """This library does not do that, as a SOCKS proxy."""
    PLAIN_HTTP = 13
    """http:// leads to an address that is not loopback. Nothing was sent."""
    NOT_A_JWT = 14
    """The token is opaque or encrypted: it has no claims to show."""
    RESOURCES = 15
    """No thread or no descriptor could be had, or too many name lookups are stuck."""
    BUG = 16
    """A bug in this library; the process is still sound."""
    SAVE_FIRST = 17
    """A session has new tokens, which are to be saved before they are used: no failure."""
    UNRESOLVED = 20
    """The host name did not resolve."""
    CONNECTION_REFUSED = 21
    """The host answered that nothing listens at that port."""
    UNREACHABLE = 22
    """No way to the host: no network, no route, or a firewall."""
    TIMED_OUT = 23
    """A time limit ran out; `stage` says where, `request_sent` whether the request was out."""
    CUT_OFF_BEFORE_SENT = 24
    """The connection ended before the request was sent."""
    CUT_OFF_AFTER_SENT = 25
    """The connection ended after the request was sent and before its answer was complete: what the server did is
    not known."""
    CANCELLED = 26
    """Stopped by the program."""
    PROXY_UNREACHABLE = 27
    """The proxy could not be reached."""
    PROXY_LOGIN = 28
    """The proxy wants a user name and password (407), or other ones."""
    PROXY_REFUSED = 29
    """The proxy refused to connect, or is no proxy."""
    TLS_EXPIRED = 40
    """The server's certificate has ended, or this clock is wrong."""
    TLS_NOT_YET_VALID = 41
    """The server's certificate is not valid yet, or this clock is wrong."""
    TLS_WRONG_HOST = 42
    """The certificate is for another host."""
    TLS_UNKNOWN_ISSUER = 43
    """No trusted authority issued the certificate, or the server does not send its intermediate."""
    TLS_PIN = 44
    """The certificate is trusted, and no key in its chain is pinned."""
    TLS_PROTOCOL = 45
    """The other side does not speak TLS 1.2 or 1.3."""
    TLS_CERTIFICATE = 46
    """The certificate is broken or made for another purpose."""
    TLS_CLIENT_CERTIFICATE = 47
    """The server wants a client certificate, or another one."""
    REDIRECT_REFUSED = 60
    """The server redirects; a password never follows."""
    ANSWER_NOT_UNDERSTOOD = 61
    """The answer is no token answer: a web page, broken JSON, or a member that cannot be used."""
    ANSWER_TOO_LARGE = 62
    """The answer is larger than allowed."""
    TOKEN_TYPE = 63
    """The token is of a type that is not Bearer (RFC 6749, 7.1)."""
    NOT_FOUND = 64
    """Nothing is served at this URL (404, 405, 410)."""
    UNEXPLAINED = 65
    """The server refused and did not say why."""
    RATE_LIMITED = 66
    """Too many requests; retry_after says how long to wait, if known."""
    SERVER_FAULT = 67
    """The server failed (5xx)."""
    OTHER_ISSUER = 68
    """The server's metadata names another issuer than the one asked for."""
    OTHER_HOST = 69
    """The server's metadata has an endpoint at another host."""
    WRONG_CREDENTIALS = 80
    """No such user, or not this password."""
    NOT_VERIFIED = 81
    """The e-mail address or phone number was never confirmed."""
    LOCKED = 82
    """Locked after failed attempts; locked_until says until when, if known."""
    BLOCKED = 83
    """Blocked by an administrator."""
    SECOND_FACTOR = 84
    """A second factor is needed, which this grant cannot carry."""
    RISK_CHECK = 85
    """The server found this sign-in risky and wants an extra step."""
    CAPTCHA = 86
    """The server wants a solved CAPTCHA."""
    CONSENT = 87
    """A consent, a privacy policy or a PIN must be dealt with first."""
    LOGIN_NOT_ALLOWED = 88
    """This user may not sign in this way, or from here."""
    SESSION_LIMIT = 89
    """The user is signed in at too many places."""
    CLIENT_REFUSED = 90
    """Unknown application, wrong secret, or grant not allowed to it."""
    UNSUPPORTED_GRANT = 91
    """The server does not offer this grant."""
    SCOPE_REFUSED = 92
    """The scope is unknown or more than allowed."""
    REQUEST_REFUSED = 93
    """The server calls the request malformed."""
    GRANT_REFUSED = 94
    """What was offered in place of a password is invalid or has ended."""
    TOKEN_REFUSED = 95
    """The access token is invalid or has ended."""
    SIGNED_OUT = 100
    """The session was signed out, by this program or by another that shares its store."""
    REFRESH_ENDED = 101
    """The refresh token is invalid, was revoked or has ended."""
    NO_REFRESH_TOKEN = 102
    """The access token has ended, and there is no refresh token."""
    NOTHING_STORED = 103
    """The store holds nothing for this user."""
    OTHER_USER = 104
    """A refresh was answered with tokens of somebody else."""
    UNCLEAR = 105
    """A refresh was sent and its answer never came: the server may have replaced the refresh token, or not."""
    TOO_SHORT = 106
    """The server's access tokens end sooner than was asked for."""
    NOT_REVOKED = 107
    """Signed out here; the server could not be told, or not all of it."""
    STORE_ACCESS = 108
    """The store's file or folder cannot be read or written."""
    STORE_EXPOSED = 109
    """Others can read the store's file."""
    STORE_BROKEN = 110
    """The store's file is none, or of a newer version of this library."""
    STORE_FOREIGN = 111
    """The record is of another server, application or user."""
    STORE_BUSY = 112
    """Another process uses the record and does not let go."""
    SAVE_FAILED = 113
    """New tokens are there and could not be saved; they are kept."""
    ORIGIN_NOT_ALLOWED = 114
    """The access token may not be sent to that origin."""
    ID_TOKEN_MALFORMED = 120
    """The ID token is no signed JWT of bounded size."""
    ID_TOKEN_ALGORITHM = 121
    """The ID token is signed in a way that is not allowed."""
    ID_TOKEN_KEY = 122
    """No key of the server fits the ID token."""
    ID_TOKEN_SIGNATURE = 123
    """The signature of the ID token is wrong."""
    ID_TOKEN_ISSUER = 124
    """The ID token is of another issuer."""
    ID_TOKEN_AUDIENCE = 125
    """The ID token is for another application."""
    ID_TOKEN_EXPIRED = 126
    """The ID token has ended."""
    ID_TOKEN_EARLY = 127
    """The ID token is not valid yet, or this clock is wrong."""
    ID_TOKEN_NONCE = 128
    """The ID token belongs to another sign-in."""
    ID_TOKEN_ACCESS = 129
    """The ID token came with another access token."""


class Stage(Number):
    """How far a call had come when it failed."""

    NONE = 0
    """Not begun."""
    SETUP = 1
    """Checking arguments and options."""
    LOOKUP = 2
    """Looking up the host name."""
    CONNECT = 3
    """Connecting."""
    PROXY = 4
    """Talking to the proxy."""
    TLS = 5
    """The TLS handshake."""
    SEND = 6
    """Sending the request."""
    RECEIVE = 7
    """Waiting for the answer, or receiving it."""
    ANSWER = 8
    """The answer came: it says so, or cannot be used."""


class SessionState(Number):
    """How a session is."""

    SIGNED_IN = 1
    """An access token is there, and good."""
    REFRESHING = 2
    """None is, and a refresh is under way or will be at the next call."""
    SAVE_FIRST = 3
    """New tokens are to be saved first."""
    WAITING = 4
    """None is good, and the last refresh failed; it is tried again."""
    UNCLEAR = 5
    """None is good, and a refresh was sent whose answer never came."""
    SIGNED_OUT = 6
    """Nobody is signed in any more."""


class AppKind(Number):
    """The two kinds of LoginRadius applications."""

    OAUTH = 0
    """/api/oauth/{app}/..."""
    OIDC = 1
    """/api/oidc/{app}/...; asks for scope "openid" unless you set another."""


class Endpoint(Number):
    """The endpoints whose URLs can be set."""

    TOKEN = 1
    """Where tokens are issued (RFC 6749, 3.2)."""
    REVOKE = 2
    """Where they are revoked (RFC 7009)."""
    USERINFO = 3
    """Where a server says who somebody is (OIDC Core, 5.3)."""
    JWKS = 4
    """The server's public keys (RFC 7517)."""
    IDENTITY = 5
    """The base of LoginRadius' identity API."""


class SecretMethod(Number):
    """How a client secret is sent (RFC 6749, 2.3.1). Servers differ; a wrong choice is answered with
    Reason.CLIENT_REFUSED, by some with Reason.REQUEST_REFUSED."""

    POST = 1
    """As client_secret in the body."""
    BASIC = 2
    """HTTP Basic, form-encoded first, as the RFC says."""
    BASIC_RAW = 3
    """HTTP Basic as it is."""


class Encoding(Number):
    """How the body of a request is written."""

    JSON = 1
    """application/json, as LoginRadius documents it."""
    FORM = 2
    """application/x-www-form-urlencoded, as RFC 6749 says."""


class Trust(Number):
    """Whose certificates are trusted."""

    BUNDLED = 0
    """Mozilla's authorities, built in: the same on every machine."""
    SYSTEM = 1
    """The operating system's, with what a company added, read with the first connection; SSL_CERT_FILE and
    SSL_CERT_DIR count then."""


class Limit(Number):
    """Bounds that can be moved."""

    ANSWER_BYTES = 1
    """Bytes of an answer's body. 1024 to 67108864; default 1048576."""
    IDLE_CONNECTIONS = 2
    """Idle connections that a client keeps. 0 to 1024; default 64."""
    IDLE_MS = 3
    """How long it keeps one, in milliseconds: the next call after that closes it. 0 to 600000; default 4000. Keep
    it shorter than the server does: a login on a connection that the server is closing is lost, never repeated."""


class LogLevel(Number):
    """How much is logged; each level includes the ones before it."""

    OFF = 0
    """Nothing."""
    ERROR = 1
    """Calls that failed."""
    WARN = 2
    """What went wrong and was mended."""
    INFO = 3
    """Each call and how it ended."""
    DEBUG = 4
    """Each step of a call."""


class TokenKind(Number):
    """One of the tokens of Tokens."""

    ACCESS = 1
    """access_token"""
    ID = 2
    """id_token"""


class TokenHint(Number):
    """What kind a token to be revoked is (RFC 7009, 2.1): a help for the server, which finds the token all the
    same. LoginRadius is not told."""

    NONE = 0
    """Not said."""
    ACCESS = 1
    """access_token"""
    REFRESH = 2
    """refresh_token"""


class ErrorStruct(ctypes.Structure):
    _fields_ = [
        ("status", c_int32),
        ("reason", c_int32),
        ("stage", c_int32),
        ("http_status", c_int32),
        ("provider_code", c_int64),
        ("retry_after_ms", c_int64),
        ("locked_until_at", c_int64),
        ("server_date_at", c_int64),
        ("request_sent", c_int32),
        ("retryable", c_int32),
        ("message", c_char_p),
        ("oauth_error", c_char_p),
        ("oauth_description", c_char_p),
        ("provider_message", c_char_p),
        ("provider_description", c_char_p),
    ]


class TokensStruct(ctypes.Structure):
    _fields_ = [
        ("access_token", c_char_p),
        ("token_type", c_char_p),
        ("refresh_token", c_char_p),
        ("id_token", c_char_p),
        ("scope", c_char_p),
        ("expires_at", c_int64),
        ("received_at", c_int64),
        ("server_date_at", c_int64),
    ]


class TokenStruct(ctypes.Structure):
    _fields_ = [
        ("access_token", c_char_p),
        ("length", c_size_t),
        ("expires_at", c_int64),
    ]


class SessionInfoStruct(ctypes.Structure):
    _fields_ = [
        ("state", c_int32),
        ("refreshing", c_int32),
        ("user_key", c_char_p),
        ("scope", c_char_p),
        ("expires_at", c_int64),
        ("received_at", c_int64),
        ("last_status", c_int32),
        ("last_reason", c_int32),
        ("last_message", c_char_p),
    ]


class ResponseStruct(ctypes.Structure):
    _fields_ = [
        ("http_status", c_int32),
        ("body", c_void_p),
        ("body_len", c_size_t),
        ("content_type", c_char_p),
    ]


class Pointer(c_void_p):
    """To what only the library can see into. It would take any pointer for the kind it wants, so another kind is
    refused here; a plain c_void_p is whatever its owner says."""

    @classmethod
    def from_param(cls, value: Any) -> Any:
        given = getattr(value, "_as_parameter_", value)
        if given is not None and type(given) not in (cls, c_void_p):
            raise TypeError(f"a {cls.__name__} is wanted, not a {type(given).__name__}")
        return c_void_p.from_param(given)


class ClientHandle(Pointer):
    pass


class OptionsHandle(Pointer):
    pass


class RequestHandle(Pointer):
    pass


class SessionHandle(Pointer):
    pass


class StoreHandle(Pointer):
    pass


# What calls give and take: handles and texts, arrays of texts, structs.
Out, Texts = POINTER(c_void_p), POINTER(c_char_p)
ErrorPointer = POINTER(ErrorStruct)
ErrorOut = POINTER(ErrorPointer)
TokensPointer = POINTER(TokensStruct)
TokensOut = POINTER(TokensPointer)
TokenPointer = POINTER(TokenStruct)
TokenOut = POINTER(TokenPointer)
SessionInfoPointer = POINTER(SessionInfoStruct)
SessionInfoOut = POINTER(SessionInfoPointer)
ResponsePointer = POINTER(ResponseStruct)
ResponseOut = POINTER(ResponsePointer)
LogFn = CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
SaveFn = CFUNCTYPE(c_int32, c_void_p, c_char_p, c_char_p)


class Library:
    """The functions of the library at `path`, by their names without ropc_.

    Python's other threads run during a call, except in those that neither block
    nor may be made in two threads at once (rule 6 of the header).
    """

    def __init__(self, path: str) -> None:
        free, held = ctypes.CDLL(path), ctypes.PyDLL(path)

        def declare(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Function:
            function = library[f"ropc_{name}"]
            function.restype, function.argtypes = result, arguments
            return function

        self.version = declare(free, "version", c_char_p)
        self.abi_check = declare(free, "abi_check", c_int32, c_uint32)
        self.status_name = declare(free, "status_name", c_char_p, c_int32)
        self.reason_name = declare(free, "reason_name", c_char_p, c_int32)
        self.reason_advice = declare(free, "reason_advice", c_char_p, c_int32)
        self.set_workers = declare(free, "set_workers", c_int32, c_uint32)
        self.shutdown = declare(free, "shutdown", c_uint32, c_uint32)
        self.string_free = declare(free, "string_free", None, c_void_p)
        self.wipe = declare(free, "wipe", None, c_void_p, c_size_t)
        self.options_loginradius = declare(
            free, "options_loginradius",
            c_int32, c_char_p, c_char_p, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.options_oauth2 = declare(free, "options_oauth2", c_int32, c_char_p, c_char_p, Out, ErrorOut)
        self.options_free = declare(held, "options_free", None, OptionsHandle)
        self.options_set_app_kind = declare(held, "options_set_app_kind", c_int32, OptionsHandle, c_int32)
        self.options_set_endpoint = declare(held, "options_set_endpoint", c_int32, OptionsHandle, c_int32, c_char_p)
        self.options_set_issuer = declare(held, "options_set_issuer", c_int32, OptionsHandle, c_char_p)
        self.options_set_secret = declare(held, "options_set_secret", c_int32, OptionsHandle, c_char_p, c_int32)
        self.options_set_encoding = declare(held, "options_set_encoding", c_int32, OptionsHandle, c_int32)
        self.options_set_scope = declare(held, "options_set_scope", c_int32, OptionsHandle, c_char_p)
        self.options_add_param = declare(held, "options_add_param", c_int32, OptionsHandle, c_char_p, c_char_p)
        self.options_set_response_type = declare(held, "options_set_response_type", c_int32, OptionsHandle, c_char_p)
        self.options_set_timeouts = declare(held, "options_set_timeouts", c_int32, OptionsHandle, c_uint32, c_uint32)
        self.options_set_trust = declare(held, "options_set_trust", c_int32, OptionsHandle, c_int32)
        self.options_set_ca_pem = declare(held, "options_set_ca_pem", c_int32, OptionsHandle, c_void_p, c_size_t)
        self.options_add_pin = declare(held, "options_add_pin", c_int32, OptionsHandle, c_char_p, c_char_p)
        self.options_set_client_cert_pem = declare(
            held, "options_set_client_cert_pem",
            c_int32, OptionsHandle, c_char_p, c_void_p, c_size_t, c_void_p, c_size_t,
        )  # fmt: skip
        self.options_set_proxy = declare(held, "options_set_proxy", c_int32, OptionsHandle, c_char_p)
        self.options_set_user_agent = declare(held, "options_set_user_agent", c_int32, OptionsHandle, c_char_p)
        self.options_set_api_key = declare(held, "options_set_api_key", c_int32, OptionsHandle, c_char_p)
        self.options_add_api_origin = declare(held, "options_add_api_origin", c_int32, OptionsHandle, c_char_p)
        self.options_add_ended_error = declare(held, "options_add_ended_error", c_int32, OptionsHandle, c_char_p)
        self.options_set_limit = declare(held, "options_set_limit", c_int32, OptionsHandle, c_int32, c_uint64)
        self.options_set_log = declare(held, "options_set_log", c_int32, OptionsHandle, c_int32, LogFn, c_void_p)
        self.discover = declare(free, "discover", c_int32, OptionsHandle, c_char_p, c_int32, Out, ErrorOut)
        self.request_discover = declare(
            held, "request_discover",
            c_int32, OptionsHandle, c_char_p, c_int32, Out, ErrorOut,
        )  # fmt: skip
        self.client_new = declare(held, "client_new", c_int32, OptionsHandle, Out, ErrorOut)
        self.client_free = declare(free, "client_free", None, ClientHandle)
        self.client_connect = declare(free, "client_connect", c_int32, ClientHandle, ErrorOut)
        self.client_cancel = declare(free, "client_cancel", c_int32, ClientHandle)
        self.client_proxy = declare(free, "client_proxy", c_int32, ClientHandle, Out, ErrorOut)
        self.client_next_log = declare(free, "client_next_log", c_int32, ClientHandle, POINTER(c_int32), Out)
        self.login = declare(free, "login", c_int32, ClientHandle, c_char_p, c_char_p, TokensOut, ErrorOut)
        self.login_n = declare(
            free, "login_n",
            c_int32, ClientHandle, c_void_p, c_size_t, c_void_p, c_size_t, TokensOut, ErrorOut,
        )  # fmt: skip
        self.grant = declare(
            free, "grant",
            c_int32, ClientHandle, c_char_p, Texts, Texts, c_size_t, TokensOut, ErrorOut,
        )  # fmt: skip
        self.refresh = declare(free, "refresh", c_int32, ClientHandle, c_char_p, TokensOut, ErrorOut)
        self.request_refresh = declare(free, "request_refresh", c_int32, ClientHandle, c_char_p, Out, ErrorOut)
        self.revoke = declare(free, "revoke", c_int32, ClientHandle, c_char_p, c_int32, ErrorOut)
        self.request_revoke = declare(free, "request_revoke", c_int32, ClientHandle, c_char_p, c_int32, Out, ErrorOut)
        self.userinfo = declare(free, "userinfo", c_int32, ClientHandle, c_char_p, Out, ErrorOut)
        self.request_userinfo = declare(free, "request_userinfo", c_int32, ClientHandle, c_char_p, Out, ErrorOut)
        self.profile = declare(free, "profile", c_int32, ClientHandle, c_char_p, c_char_p, Out, ErrorOut)
        self.request_profile = declare(
            free, "request_profile",
            c_int32, ClientHandle, c_char_p, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.validate = declare(free, "validate", c_int32, ClientHandle, c_char_p, TokensOut, ErrorOut)
        self.request_validate = declare(free, "request_validate", c_int32, ClientHandle, c_char_p, Out, ErrorOut)
        self.invalidate = declare(free, "invalidate", c_int32, ClientHandle, c_char_p, ErrorOut)
        self.request_invalidate = declare(free, "request_invalidate", c_int32, ClientHandle, c_char_p, Out, ErrorOut)
        self.verify_id_token = declare(
            free, "verify_id_token",
            c_int32, ClientHandle, c_char_p, c_char_p, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.request_verify_id_token = declare(
            free, "request_verify_id_token",
            c_int32, ClientHandle, c_char_p, c_char_p, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.request_login = declare(free, "request_login", c_int32, ClientHandle, c_char_p, c_char_p, Out, ErrorOut)
        self.request_login_n = declare(
            free, "request_login_n",
            c_int32, ClientHandle, c_void_p, c_size_t, c_void_p, c_size_t, Out, ErrorOut,
        )  # fmt: skip
        self.request_grant = declare(
            free, "request_grant",
            c_int32, ClientHandle, c_char_p, Texts, Texts, c_size_t, Out, ErrorOut,
        )  # fmt: skip
        self.request_connect = declare(free, "request_connect", c_int32, ClientHandle, Out, ErrorOut)
        self.request_start = declare(free, "request_start", c_int32, RequestHandle, ErrorOut)
        self.request_poll = declare(free, "request_poll", c_int32, RequestHandle)
        self.request_wait = declare(free, "request_wait", c_int32, RequestHandle, c_uint32)
        self.request_take_tokens = declare(free, "request_take_tokens", c_int32, RequestHandle, TokensOut, ErrorOut)
        self.request_take_text = declare(free, "request_take_text", c_int32, RequestHandle, Out, ErrorOut)
        self.request_take_options = declare(free, "request_take_options", c_int32, RequestHandle, Out, ErrorOut)
        self.request_take_done = declare(free, "request_take_done", c_int32, RequestHandle, ErrorOut)
        self.request_cancel = declare(free, "request_cancel", c_int32, RequestHandle)
        self.request_free = declare(free, "request_free", None, RequestHandle)
        self.store_file = declare(free, "store_file", c_int32, c_char_p, Out, ErrorOut)
        self.store_host = declare(free, "store_host", c_int32, SaveFn, c_void_p, Out, ErrorOut)
        self.store_give = declare(free, "store_give", c_int32, StoreHandle, c_char_p, c_char_p, ErrorOut)
        self.store_free = declare(free, "store_free", None, StoreHandle)
        self.session_new = declare(
            free, "session_new",
            c_int32, ClientHandle, TokensPointer, StoreHandle, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.session_login = declare(
            free, "session_login",
            c_int32, ClientHandle, c_char_p, c_char_p, StoreHandle, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.session_login_n = declare(
            free, "session_login_n",
            c_int32, ClientHandle, c_void_p, c_size_t, c_void_p, c_size_t, StoreHandle, c_char_p, Out,
            ErrorOut,
        )  # fmt: skip
        self.request_session_new = declare(
            free, "request_session_new",
            c_int32, ClientHandle, TokensPointer, StoreHandle, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.request_session_login = declare(
            free, "request_session_login",
            c_int32, ClientHandle, c_char_p, c_char_p, StoreHandle, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.request_session_login_n = declare(
            free, "request_session_login_n",
            c_int32, ClientHandle, c_void_p, c_size_t, c_void_p, c_size_t, StoreHandle, c_char_p, Out,
            ErrorOut,
        )  # fmt: skip
        self.request_take_session = declare(free, "request_take_session", c_int32, RequestHandle, Out, ErrorOut)
        self.session_resume = declare(
            free, "session_resume",
            c_int32, ClientHandle, StoreHandle, c_char_p, Out, ErrorOut,
        )  # fmt: skip
        self.session_token = declare(
            free, "session_token",
            c_int32, SessionHandle, c_uint32, c_uint32, TokenOut, ErrorOut,
        )  # fmt: skip
        self.session_poll = declare(free, "session_poll", c_int32, SessionHandle, c_uint32, TokenOut, ErrorOut)
        self.session_refresh = declare(free, "session_refresh", c_int32, SessionHandle, c_int32, c_uint32, ErrorOut)
        self.session_expire = declare(free, "session_expire", c_int32, SessionHandle, c_char_p)
        self.session_pending = declare(free, "session_pending", c_int32, SessionHandle, Out, ErrorOut)
        self.session_saved = declare(free, "session_saved", c_int32, SessionHandle, c_int32)
        self.session_sign_out = declare(free, "session_sign_out", c_int32, SessionHandle, ErrorOut)
        self.request_session_sign_out = declare(free, "request_session_sign_out", c_int32, SessionHandle, Out, ErrorOut)
        self.session_free = declare(free, "session_free", None, SessionHandle)
        self.token_free = declare(free, "token_free", None, TokenPointer)
        self.session_status = declare(free, "session_status", c_int32, SessionHandle, SessionInfoOut, ErrorOut)
        self.session_info_free = declare(free, "session_info_free", None, SessionInfoPointer)
        self.session_call = declare(
            free, "session_call",
            c_int32, SessionHandle, c_char_p, c_char_p, Texts, Texts, c_size_t, c_void_p, c_size_t,
            ResponseOut, ErrorOut,
        )  # fmt: skip
        self.request_session_call = declare(
            free, "request_session_call",
            c_int32, SessionHandle, c_char_p, c_char_p, Texts, Texts, c_size_t, c_void_p, c_size_t, Out,
            ErrorOut,
        )  # fmt: skip
        self.request_take_response = declare(
            free, "request_take_response",
            c_int32, RequestHandle, ResponseOut, ErrorOut,
        )  # fmt: skip
        self.response_header = declare(free, "response_header", c_char_p, ResponsePointer, c_char_p)
        self.response_free = declare(free, "response_free", None, ResponsePointer)
        self.tokens_free = declare(free, "tokens_free", None, TokensPointer)
        self.tokens_extra = declare(free, "tokens_extra", c_char_p, TokensPointer, c_char_p)
        self.tokens_claims = declare(free, "tokens_claims", c_int32, TokensPointer, c_int32, Out, ErrorOut)
        self.error_free = declare(free, "error_free", None, ErrorPointer)
        self.error_extra = declare(free, "error_extra", c_char_p, ErrorPointer, c_char_p)
