"""The same as signin.c through ctypes: the same arguments (see there), after
the path of the shared library; the same line of JSON. One argument more:

  how   ahead: connects before it signs in
        request: does both beside the program, and polls
"""

import ctypes
import json
import sys
import time
from ctypes import POINTER, byref, c_void_p
from pathlib import Path

# The signatures that the Python package has from the header.
sys.path.append(str(Path(__file__).resolve().parents[2] / "bindings/python/src/ropc"))

from _native import ABI, Encoding, Endpoint, ErrorStruct, Library, SecretMethod, Status, TokenKind, TokensStruct

SECRET_METHODS = {"post": SecretMethod.POST, "basic": SecretMethod.BASIC, "raw": SecretMethod.BASIC_RAW}
ENCODINGS = {"json": Encoding.JSON, "form": Encoding.FORM}


def text(value):
    return None if value is None else value.decode()


def claims(ropc, tokens, which):
    """The claims of one token, or why there are none."""
    out, error = c_void_p(), POINTER(ErrorStruct)()
    if ropc.tokens_claims(tokens, which, byref(out), byref(error)) == Status.OK:
        found = json.loads(ctypes.string_at(out))
    else:
        found = text(ropc.reason_name(error.contents.reason))
    ropc.string_free(out)
    ropc.error_free(error)
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
        "access_claims": claims(ropc, tokens, TokenKind.ACCESS),
        "id_claims": claims(ropc, tokens, TokenKind.ID),
    }


def about_error(ropc, error):
    fields = error.contents
    return {
        "status": text(ropc.status_name(fields.status)),
        "reason": text(ropc.reason_name(fields.reason)),
        **{name: getattr(fields, name) for name in ("stage", "http_status", "request_sent", "retryable")},
        **{
            name: text(getattr(fields, name))
            for name in ("oauth_error", "oauth_description", "provider_message", "message")
        },
        "advice": text(ropc.reason_advice(fields.reason)),
    }


def make_options(ropc, given, options, error):
    """Settings; a setter that refuses is reported by ropc_client_new()."""
    url, site, client = given.get("url"), given.get("site"), given.get("client")
    if site:
        status = ropc.options_loginradius(site, b"my-app", client, byref(options), byref(error))
    else:
        status = ropc.options_oauth2(url, client, byref(options), byref(error))
    if status != Status.OK:
        return status
    if site and url:
        ropc.options_set_endpoint(options, Endpoint.TOKEN, url)
    if "secret" in given:
        ropc.options_set_secret(options, given["secret"], SECRET_METHODS[given["method"].decode()])
    if "encoding" in given:
        ropc.options_set_encoding(options, ENCODINGS[given["encoding"].decode()])
    if "scope" in given:
        ropc.options_set_scope(options, given["scope"])
    if "ca" in given:
        with open(given["ca"], "rb") as file:
            pem = file.read()
        ropc.options_set_ca_pem(options, pem, len(pem))
    ropc.options_set_proxy(options, b"")
    return Status.OK


def sign_in(ropc, client, given, password, tokens, error):
    """As a call that blocks, or as a request that is polled."""
    if given.get("how") == b"request":
        request = c_void_p()
        if "grant" in given:
            prepared = ropc.request_grant(client, given["grant"], None, None, 0, byref(request), byref(error))
        else:
            prepared = ropc.request_login(client, given.get("user"), password, byref(request), byref(error))
        status = finish(ropc, prepared, request, error)
        if prepared == Status.OK:
            taken = ropc.request_take_tokens(request, byref(tokens), byref(error))
            if taken != status:
                sys.exit(f"signin.py: polled {status}, taken {taken}")
        ropc.request_free(request)
        return status
    if "grant" in given:
        return ropc.grant(client, given["grant"], None, None, 0, byref(tokens), byref(error))
    return ropc.login(client, given.get("user"), password, byref(tokens), byref(error))


def connect_ahead(ropc, client, how):
    """Whether it went well; what went wrong, the login tells."""
    if how == b"ahead":
        return ropc.client_connect(client, None) == Status.OK
    if how == b"request":
        request, error = c_void_p(), POINTER(ErrorStruct)()
        prepared = ropc.request_connect(client, byref(request), byref(error))
        status = finish(ropc, prepared, request, error)
        if ropc.request_take_done(request, None) != status:
            sys.exit("signin.py: connecting was polled and taken in two ways")
        ropc.request_free(request)
        return status == Status.OK
    return True


def finish(ropc, prepared, request, error):
    """Starts a prepared request and polls it until it has ended."""
    status = prepared
    if status == Status.OK:
        status = ropc.request_start(request, byref(error))
    if status == Status.OK:
        while (status := ropc.request_poll(request)) == Status.PENDING:
            time.sleep(0.001)
    return status


def main():
    library, *arguments = sys.argv[1:]
    given = dict(argument.encode().split(b"=", 1) for argument in arguments)
    given = {name.decode(): value for name, value in given.items()}
    password = sys.stdin.buffer.read()

    ropc = Library(library)
    if ropc.abi_check(ABI) != Status.OK:
        sys.exit("signin.py: the library is older than this program")
    options, client = c_void_p(), c_void_p()
    tokens, error = POINTER(TokensStruct)(), POINTER(ErrorStruct)()
    status = make_options(ropc, given, options, error)
    if status == Status.OK:
        status = ropc.client_new(options, byref(client), byref(error))
    connected = status == Status.OK and connect_ahead(ropc, client, given.get("how"))
    for _ in range(int(given.get("logins", 1))):
        if status != Status.OK:
            break
        ropc.tokens_free(tokens)
        status = sign_in(ropc, client, given, password, tokens, error)

    if status == Status.OK and not connected:
        sys.exit("signin.py: it signed in, and could not connect ahead")
    if status == Status.OK and tokens and not error:
        print(json.dumps(about_tokens(ropc, tokens)))
    elif status != Status.OK and not tokens and error and error.contents.status == status:
        print(json.dumps(about_error(ropc, error)))
    else:
        sys.exit("signin.py: status, tokens and error do not fit together")
    ropc.tokens_free(tokens)
    ropc.error_free(error)
    ropc.client_free(client)
    ropc.options_free(options)


if __name__ == "__main__":
    main()
