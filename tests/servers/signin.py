"""The same as signin.c through ctypes: the same arguments (see there), after
the path of the shared library; the same line of JSON. One argument more:

  how   ahead: connects before it signs in
        request: does both beside the program, and polls
"""

import ctypes
import json
import sys
import time
from ctypes import POINTER, byref, c_char_p, c_int, c_int32, c_int64, c_size_t, c_void_p

ROPC_ABI = 1
ROPC_OK = 0
ROPC_PENDING = 1
ENDPOINT_TOKEN = 1
SECRET_METHODS = {"post": 1, "basic": 2, "raw": 3}
ENCODINGS = {"json": 1, "form": 2}
TOKEN_ACCESS, TOKEN_ID = 1, 2


class Tokens(ctypes.Structure):
    _fields_ = [
        *((name, c_char_p) for name in ("access_token", "token_type", "refresh_token", "id_token", "scope")),
        *((name, c_int64) for name in ("expires_at", "received_at")),
    ]


class Error(ctypes.Structure):
    _fields_ = [
        *((name, c_int) for name in ("status", "reason", "stage")),
        ("http_status", c_int32),
        *((name, c_int64) for name in ("provider_code", "retry_after_ms", "locked_until_at", "server_date_at")),
        *((name, c_int32) for name in ("request_sent", "retryable")),
        *(
            (name, c_char_p)
            for name in ("message", "oauth_error", "oauth_description", "provider_message", "provider_description")
        ),
    ]


def load(path):
    """The library, with the types of what is called here."""
    ropc = ctypes.CDLL(path)
    out, error = POINTER(c_void_p), POINTER(POINTER(Error))
    tokens = POINTER(POINTER(Tokens))
    for name, result, *arguments in (
        ("ropc_abi_check", c_int, ctypes.c_uint32),
        ("ropc_status_name", c_char_p, c_int32),
        ("ropc_reason_name", c_char_p, c_int32),
        ("ropc_reason_advice", c_char_p, c_int32),
        ("ropc_string_free", None, c_void_p),
        ("ropc_options_loginradius", c_int, c_char_p, c_char_p, c_char_p, out, error),
        ("ropc_options_oauth2", c_int, c_char_p, c_char_p, out, error),
        ("ropc_options_free", None, c_void_p),
        ("ropc_options_set_endpoint", c_int, c_void_p, c_int32, c_char_p),
        ("ropc_options_set_secret", c_int, c_void_p, c_char_p, c_int32),
        ("ropc_options_set_encoding", c_int, c_void_p, c_int32),
        ("ropc_options_set_scope", c_int, c_void_p, c_char_p),
        ("ropc_options_set_ca_pem", c_int, c_void_p, c_char_p, c_size_t),
        ("ropc_options_set_proxy", c_int, c_void_p, c_char_p),
        ("ropc_client_new", c_int, c_void_p, out, error),
        ("ropc_client_free", None, c_void_p),
        ("ropc_client_connect", c_int, c_void_p, error),
        ("ropc_login", c_int, c_void_p, c_char_p, c_char_p, tokens, error),
        ("ropc_grant", c_int, c_void_p, c_char_p, c_void_p, c_void_p, c_size_t, tokens, error),
        ("ropc_request_login", c_int, c_void_p, c_char_p, c_char_p, out, error),
        ("ropc_request_grant", c_int, c_void_p, c_char_p, c_void_p, c_void_p, c_size_t, out, error),
        ("ropc_request_connect", c_int, c_void_p, out, error),
        ("ropc_request_start", c_int, c_void_p, error),
        ("ropc_request_poll", c_int, c_void_p),
        ("ropc_request_take_tokens", c_int, c_void_p, tokens, error),
        ("ropc_request_take_done", c_int, c_void_p, error),
        ("ropc_request_free", None, c_void_p),
        ("ropc_tokens_free", None, POINTER(Tokens)),
        ("ropc_tokens_claims", c_int, POINTER(Tokens), c_int32, out, error),
        ("ropc_error_free", None, POINTER(Error)),
    ):
        function = getattr(ropc, name)
        function.restype, function.argtypes = result, arguments
    return ropc


def text(value):
    return None if value is None else value.decode()


def claims(ropc, tokens, which):
    """The claims of one token, or why there are none."""
    out, error = c_void_p(), POINTER(Error)()
    if ropc.ropc_tokens_claims(tokens, which, byref(out), byref(error)) == ROPC_OK:
        found = json.loads(ctypes.string_at(out))
    else:
        found = text(ropc.ropc_reason_name(error.contents.reason))
    ropc.ropc_string_free(out)
    ropc.ropc_error_free(error)
    return found


def about_tokens(ropc, tokens):
    fields = tokens.contents
    return {
        "status": "ROPC_OK",
        "token_type": text(fields.token_type),
        "expires_in": fields.expires_at - fields.received_at,
        "refresh_token": int(fields.refresh_token is not None),
        "id_token": int(fields.id_token is not None),
        "scope": text(fields.scope),
        "access_claims": claims(ropc, tokens, TOKEN_ACCESS),
        "id_claims": claims(ropc, tokens, TOKEN_ID),
    }


def about_error(ropc, error):
    fields = error.contents
    return {
        "status": text(ropc.ropc_status_name(fields.status)),
        "reason": text(ropc.ropc_reason_name(fields.reason)),
        **{name: getattr(fields, name) for name in ("stage", "http_status", "request_sent", "retryable")},
        **{
            name: text(getattr(fields, name))
            for name in ("oauth_error", "oauth_description", "provider_message", "message")
        },
        "advice": text(ropc.ropc_reason_advice(fields.reason)),
    }


def make_options(ropc, given, options, error):
    """Settings; a setter that refuses is reported by ropc_client_new()."""
    url, site, client = given.get("url"), given.get("site"), given.get("client")
    if site:
        status = ropc.ropc_options_loginradius(site, b"my-app", client, byref(options), byref(error))
    else:
        status = ropc.ropc_options_oauth2(url, client, byref(options), byref(error))
    if status != ROPC_OK:
        return status
    if site and url:
        ropc.ropc_options_set_endpoint(options, ENDPOINT_TOKEN, url)
    if "secret" in given:
        ropc.ropc_options_set_secret(options, given["secret"], SECRET_METHODS[given["method"].decode()])
    if "encoding" in given:
        ropc.ropc_options_set_encoding(options, ENCODINGS[given["encoding"].decode()])
    if "scope" in given:
        ropc.ropc_options_set_scope(options, given["scope"])
    if "ca" in given:
        with open(given["ca"], "rb") as file:
            pem = file.read()
        ropc.ropc_options_set_ca_pem(options, pem, len(pem))
    ropc.ropc_options_set_proxy(options, b"")
    return ROPC_OK


def sign_in(ropc, client, given, password, tokens, error):
    """As a call that blocks, or as a request that is polled."""
    if given.get("how") == b"request":
        request = c_void_p()
        if "grant" in given:
            prepared = ropc.ropc_request_grant(client, given["grant"], None, None, 0, byref(request), byref(error))
        else:
            prepared = ropc.ropc_request_login(client, given.get("user"), password, byref(request), byref(error))
        status = finish(ropc, prepared, request, error)
        if prepared == ROPC_OK:
            taken = ropc.ropc_request_take_tokens(request, byref(tokens), byref(error))
            if taken != status:
                sys.exit(f"signin.py: polled {status}, taken {taken}")
        ropc.ropc_request_free(request)
        return status
    if "grant" in given:
        return ropc.ropc_grant(client, given["grant"], None, None, 0, byref(tokens), byref(error))
    return ropc.ropc_login(client, given.get("user"), password, byref(tokens), byref(error))


def connect_ahead(ropc, client, how):
    """Whether it went well; what went wrong, the login tells."""
    if how == b"ahead":
        return ropc.ropc_client_connect(client, None) == ROPC_OK
    if how == b"request":
        request, error = c_void_p(), POINTER(Error)()
        prepared = ropc.ropc_request_connect(client, byref(request), byref(error))
        status = finish(ropc, prepared, request, error)
        if ropc.ropc_request_take_done(request, None) != status:
            sys.exit("signin.py: connecting was polled and taken in two ways")
        ropc.ropc_request_free(request)
        return status == ROPC_OK
    return True


def finish(ropc, prepared, request, error):
    """Starts a prepared request and polls it until it has ended."""
    status = prepared
    if status == ROPC_OK:
        status = ropc.ropc_request_start(request, byref(error))
    if status == ROPC_OK:
        while (status := ropc.ropc_request_poll(request)) == ROPC_PENDING:
            time.sleep(0.001)
    return status


def main():
    library, *arguments = sys.argv[1:]
    given = dict(argument.encode().split(b"=", 1) for argument in arguments)
    given = {name.decode(): value for name, value in given.items()}
    password = sys.stdin.buffer.read()

    ropc = load(library)
    if ropc.ropc_abi_check(ROPC_ABI) != ROPC_OK:
        sys.exit("signin.py: the library is older than this program")
    options, client = c_void_p(), c_void_p()
    tokens, error = POINTER(Tokens)(), POINTER(Error)()
    status = make_options(ropc, given, options, error)
    if status == ROPC_OK:
        status = ropc.ropc_client_new(options, byref(client), byref(error))
    connected = status == ROPC_OK and connect_ahead(ropc, client, given.get("how"))
    for _ in range(int(given.get("logins", 1))):
        if status != ROPC_OK:
            break
        ropc.ropc_tokens_free(tokens)
        status = sign_in(ropc, client, given, password, tokens, error)

    if status == ROPC_OK and not connected:
        sys.exit("signin.py: it signed in, and could not connect ahead")
    if status == ROPC_OK and tokens and not error:
        print(json.dumps(about_tokens(ropc, tokens)))
    elif status != ROPC_OK and not tokens and error and error.contents.status == status:
        print(json.dumps(about_error(ropc, error)))
    else:
        sys.exit("signin.py: status, tokens and error do not fit together")
    ropc.ropc_tokens_free(tokens)
    ropc.ropc_error_free(error)
    ropc.ropc_client_free(client)
    ropc.ropc_options_free(options)


if __name__ == "__main__":
    main()
