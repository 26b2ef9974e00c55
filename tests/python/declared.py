"""libropc declared anew from include/ropc.h, as a host without a C compiler
would do it."""

import ctypes
import pathlib
from ctypes import POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_void_p

ROOT = pathlib.Path(__file__).resolve().parents[2]

ABI = 1
OK, PENDING, SAVE_FIRST, E_ARG, E_STATE, E_UNSUPPORTED = 0, 1, 2, 10, 11, 12
E_TLS, E_CANCELLED, E_REFUSED, E_ANSWER, E_SIGNED_OUT, E_STORE = 22, 25, 30, 34, 40, 42
REASON_ARGUMENT, REASON_STATE, REASON_NOT_A_JWT = 10, 11, 14
REASON_CANCELLED, REASON_UNKNOWN_ISSUER = 26, 43
REASON_WRONG_CREDENTIALS, REASON_LOCKED, REASON_SECOND_FACTOR = 80, 82, 84
REASON_SIGNED_OUT, REASON_NOTHING_STORED, REASON_SAVE_FAILED, REASON_ORIGIN_NOT_ALLOWED = 100, 103, 113, 114
STAGE_SETUP, STAGE_RECEIVE, STAGE_ANSWER = 1, 7, 8
APP_OIDC, KIND_ACCESS, KIND_ID, LOG_DEBUG, LIMIT_ANSWER_BYTES, ENDPOINT_IDENTITY, HINT_REFRESH = 1, 1, 2, 4, 1, 5, 2
SIGNED_IN, STATE_SAVE_FIRST, SIGNED_OUT = 1, 3, 6


class Tokens(ctypes.Structure):
    _fields_ = [(name, c_char_p) for name in ("access_token", "token_type", "refresh_token", "id_token", "scope")]
    _fields_ += [("expires_at", c_int64), ("received_at", c_int64)]


class Error(ctypes.Structure):
    _fields_ = [(name, c_int32) for name in ("status", "reason", "stage", "http_status")]
    _fields_ += [(name, c_int64) for name in ("provider_code", "retry_after_ms", "locked_until_at", "server_date_at")]
    _fields_ += [("request_sent", c_int32), ("retryable", c_int32)]
    _fields_ += [(name, c_char_p) for name in ("message", "oauth_error", "oauth_description")]
    _fields_ += [(name, c_char_p) for name in ("provider_message", "provider_description")]


class Token(ctypes.Structure):
    _fields_ = [("access_token", c_char_p), ("length", c_size_t), ("expires_at", c_int64)]


class Response(ctypes.Structure):
    # The body may hold a NUL: its length says where it ends.
    _fields_ = [("http_status", c_int32), ("body", c_void_p), ("body_len", c_size_t), ("content_type", c_char_p)]


class SessionInfo(ctypes.Structure):
    _fields_ = [("state", c_int32), ("refreshing", c_int32), ("user_key", c_char_p), ("scope", c_char_p)]
    _fields_ += [("expires_at", c_int64), ("received_at", c_int64)]
    _fields_ += [("last_status", c_int32), ("last_reason", c_int32), ("last_message", c_char_p)]


# What the header calls the structs.
STRUCTS = {
    "tokens": Tokens, "error": Error, "token": Token, "response": Response, "session_info": SessionInfo,
}  # fmt: skip

LOG_FN = ctypes.CFUNCTYPE(None, c_void_p, c_int32, c_char_p)
SAVE_FN = ctypes.CFUNCTYPE(c_int32, c_void_p, c_char_p, c_char_p)
OUT, ERR, TOKENS = POINTER(c_void_p), POINTER(POINTER(Error)), POINTER(POINTER(Tokens))
TOKEN, RESPONSE, INFO = POINTER(POINTER(Token)), POINTER(POINTER(Response)), POINTER(POINTER(SessionInfo))
# Of a grant: its type, names and values of parameters, and how many there are.
GRANT = [c_char_p, POINTER(c_char_p), POINTER(c_char_p), c_size_t]
# Of a call: its method and URL, headers like those parameters, and its body.
CALL = [c_char_p, *GRANT, c_char_p, c_size_t]

# Every function of the header: what it gives back, what it takes. A char * of
# ours is a c_void_p: c_char_p would turn it into bytes, and nothing could be
# freed any more.
FUNCTIONS = {
    "version": (c_char_p, []),
    "abi_check": (c_int32, [c_uint32]),
    "status_name": (c_char_p, [c_int32]),
    "reason_name": (c_char_p, [c_int32]),
    "reason_advice": (c_char_p, [c_int32]),
    "set_workers": (c_int32, [c_uint32]),
    "shutdown": (c_uint32, [c_uint32]),
    "string_free": (None, [c_void_p]),
    "wipe": (None, [c_void_p, c_size_t]),
    "options_loginradius": (c_int32, [c_char_p, c_char_p, c_char_p, OUT, ERR]),
    "options_oauth2": (c_int32, [c_char_p, c_char_p, OUT, ERR]),
    "options_free": (None, [c_void_p]),
    "options_set_app_kind": (c_int32, [c_void_p, c_int32]),
    "options_set_endpoint": (c_int32, [c_void_p, c_int32, c_char_p]),
    "options_set_issuer": (c_int32, [c_void_p, c_char_p]),
    "options_set_secret": (c_int32, [c_void_p, c_char_p, c_int32]),
    "options_set_encoding": (c_int32, [c_void_p, c_int32]),
    "options_set_scope": (c_int32, [c_void_p, c_char_p]),
    "options_add_param": (c_int32, [c_void_p, c_char_p, c_char_p]),
    "options_set_response_type": (c_int32, [c_void_p, c_char_p]),
    "options_set_timeouts": (c_int32, [c_void_p, c_uint32, c_uint32]),
    "options_set_trust": (c_int32, [c_void_p, c_int32]),
    "options_set_ca_pem": (c_int32, [c_void_p, c_char_p, c_size_t]),
    "options_add_pin": (c_int32, [c_void_p, c_char_p, c_char_p]),
    "options_set_client_cert_pem": (c_int32, [c_void_p, c_char_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "options_set_proxy": (c_int32, [c_void_p, c_char_p]),
    "options_set_user_agent": (c_int32, [c_void_p, c_char_p]),
    "options_set_api_key": (c_int32, [c_void_p, c_char_p]),
    "options_add_api_origin": (c_int32, [c_void_p, c_char_p]),
    "options_add_ended_error": (c_int32, [c_void_p, c_char_p]),
    "options_set_limits": (c_int32, [c_void_p, c_int32, ctypes.c_uint64]),
    "options_set_log": (c_int32, [c_void_p, c_int32, LOG_FN, c_void_p]),
    "discover": (c_int32, [c_void_p, c_char_p, c_int32, OUT, ERR]),
    "request_discover": (c_int32, [c_void_p, c_char_p, c_int32, OUT, ERR]),
    "client_new": (c_int32, [c_void_p, OUT, ERR]),
    "client_free": (None, [c_void_p]),
    "client_connect": (c_int32, [c_void_p, ERR]),
    "client_cancel": (c_int32, [c_void_p]),
    "client_next_log": (c_int32, [c_void_p, OUT]),
    "login": (c_int32, [c_void_p, c_char_p, c_char_p, TOKENS, ERR]),
    "login_n": (c_int32, [c_void_p, c_char_p, c_size_t, c_void_p, c_size_t, TOKENS, ERR]),
    "grant": (c_int32, [c_void_p, *GRANT, TOKENS, ERR]),
    "refresh": (c_int32, [c_void_p, c_char_p, TOKENS, ERR]),
    "request_refresh": (c_int32, [c_void_p, c_char_p, OUT, ERR]),
    "revoke": (c_int32, [c_void_p, c_char_p, c_int32, ERR]),
    "request_revoke": (c_int32, [c_void_p, c_char_p, c_int32, OUT, ERR]),
    "userinfo": (c_int32, [c_void_p, c_char_p, OUT, ERR]),
    "request_userinfo": (c_int32, [c_void_p, c_char_p, OUT, ERR]),
    "profile": (c_int32, [c_void_p, c_char_p, c_char_p, OUT, ERR]),
    "request_profile": (c_int32, [c_void_p, c_char_p, c_char_p, OUT, ERR]),
    "validate": (c_int32, [c_void_p, c_char_p, TOKENS, ERR]),
    "request_validate": (c_int32, [c_void_p, c_char_p, OUT, ERR]),
    "invalidate": (c_int32, [c_void_p, c_char_p, ERR]),
    "request_invalidate": (c_int32, [c_void_p, c_char_p, OUT, ERR]),
    "verify_id_token": (c_int32, [c_void_p, c_char_p, c_char_p, c_char_p, OUT, ERR]),
    "request_verify_id_token": (c_int32, [c_void_p, c_char_p, c_char_p, c_char_p, OUT, ERR]),
    "request_login": (c_int32, [c_void_p, c_char_p, c_char_p, OUT, ERR]),
    "request_login_n": (c_int32, [c_void_p, c_char_p, c_size_t, c_void_p, c_size_t, OUT, ERR]),
    "request_grant": (c_int32, [c_void_p, *GRANT, OUT, ERR]),
    "request_connect": (c_int32, [c_void_p, OUT, ERR]),
    "request_start": (c_int32, [c_void_p, ERR]),
    "request_poll": (c_int32, [c_void_p]),
    "request_wait": (c_int32, [c_void_p, c_uint32]),
    "request_take_tokens": (c_int32, [c_void_p, TOKENS, ERR]),
    "request_take_text": (c_int32, [c_void_p, OUT, ERR]),
    "request_take_options": (c_int32, [c_void_p, OUT, ERR]),
    "request_take_done": (c_int32, [c_void_p, ERR]),
    "request_cancel": (c_int32, [c_void_p]),
    "request_free": (None, [c_void_p]),
    "store_file": (c_int32, [c_char_p, OUT, ERR]),
    "store_host": (c_int32, [SAVE_FN, c_void_p, OUT, ERR]),
    "store_give": (c_int32, [c_void_p, c_char_p, c_char_p, ERR]),
    "store_free": (None, [c_void_p]),
    "session_new": (c_int32, [c_void_p, POINTER(Tokens), c_void_p, c_char_p, OUT, ERR]),
    "session_login": (c_int32, [c_void_p, c_char_p, c_char_p, c_void_p, c_char_p, OUT, ERR]),
    "request_session_new": (c_int32, [c_void_p, POINTER(Tokens), c_void_p, c_char_p, OUT, ERR]),
    "request_session_login": (c_int32, [c_void_p, c_char_p, c_char_p, c_void_p, c_char_p, OUT, ERR]),
    "request_take_session": (c_int32, [c_void_p, OUT, ERR]),
    "session_resume": (c_int32, [c_void_p, c_void_p, c_char_p, OUT, ERR]),
    "session_token": (c_int32, [c_void_p, c_uint32, c_uint32, TOKEN, ERR]),
    "session_poll": (c_int32, [c_void_p, c_uint32, TOKEN, ERR]),
    "session_refresh": (c_int32, [c_void_p, c_int32, c_uint32, ERR]),
    "session_expire": (c_int32, [c_void_p, c_char_p]),
    "session_pending": (c_int32, [c_void_p, OUT, ERR]),
    "session_saved": (c_int32, [c_void_p, c_int32]),
    "session_sign_out": (c_int32, [c_void_p, ERR]),
    "request_session_sign_out": (c_int32, [c_void_p, OUT, ERR]),
    "session_free": (None, [c_void_p]),
    "session_call": (c_int32, [c_void_p, *CALL, RESPONSE, ERR]),
    "request_session_call": (c_int32, [c_void_p, *CALL, OUT, ERR]),
    "request_take_response": (c_int32, [c_void_p, RESPONSE, ERR]),
    "response_header": (c_char_p, [POINTER(Response), c_char_p]),
    "response_free": (None, [POINTER(Response)]),
    "session_status": (c_int32, [c_void_p, INFO, ERR]),
    "session_info_free": (None, [POINTER(SessionInfo)]),
    "token_free": (None, [POINTER(Token)]),
    "tokens_free": (None, [POINTER(Tokens)]),
    "tokens_extra": (c_char_p, [POINTER(Tokens), c_char_p]),
    "tokens_claims": (c_int32, [POINTER(Tokens), c_int32, OUT, ERR]),
    "error_free": (None, [POINTER(Error)]),
    "error_extra": (c_char_p, [POINTER(Error), c_char_p]),
}


class Ropc:
    """The library with its functions declared, by their short names."""

    def __init__(self, path):
        library = ctypes.CDLL(str(path))
        for name, (result, arguments) in FUNCTIONS.items():
            function = getattr(library, f"ropc_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)


ropc = Ropc(ROOT / "build/lib/libropc.so")
