#!/usr/bin/env python3
"""Signs a user in at LoginRadius, with libropc and Python's own ctypes."""

import argparse, ctypes, getpass, os, sys, time
from ctypes import byref, c_char_p, c_int32, c_int64, c_size_t, c_void_p

ABI, OK, APP_OIDC, KIND_ACCESS, KIND_ID = 1, 0, 1, 1, 2  # See ropc.h.

class Tokens(ctypes.Structure):
    _fields_ = [(name, c_char_p) for name in ("access_token", "token_type", "refresh_token", "id_token", "scope")]
    _fields_ += [("expires_at", c_int64), ("received_at", c_int64)]

class Error(ctypes.Structure):  # As far as it is read here.
    _fields_ = [(name, c_int32) for name in ("status", "reason", "stage", "http_status")]
    _fields_ += [(name, c_int64) for name in ("provider_code", "retry_after_ms", "locked_until_at", "server_date_at")]
    _fields_ += [("request_sent", c_int32), ("retryable", c_int32), ("message", c_char_p)]

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--oidc", action="store_true", help="the application is an OIDC one")
parser.add_argument("--ca", metavar="FILE", help="trust the authorities in FILE only")
parser.add_argument("--password-fd", metavar="N", type=int, help="read the password from descriptor N")
for name in ("site", "app", "client_id"):
    parser.add_argument(name, metavar=name.upper())
parser.add_argument("user", metavar="USER", nargs="?")
args = parser.parse_args()

ropc = ctypes.CDLL(os.environ.get("ROPC_LIBRARY", "libropc.so.0"))
ropc.ropc_reason_name.restype = c_char_p
if ropc.ropc_abi_check(ABI) != OK:
    sys.exit("libropc is older than this program")
options, client, claims = c_void_p(), c_void_p(), c_void_p()
tokens, error = ctypes.POINTER(Tokens)(), ctypes.POINTER(Error)()

texts = [text.encode() for text in (args.site, args.app, args.client_id)]
status = ropc.ropc_options_loginradius(*texts, byref(options), byref(error))
if status == OK:  # What a setter refuses, ropc_client_new() reports.
    if args.oidc:
        ropc.ropc_options_set_app_kind(options, APP_OIDC)
    if args.ca:
        pem = open(args.ca, "rb").read()
        ropc.ropc_options_set_ca_pem(options, pem, c_size_t(len(pem)))
    status = ropc.ropc_client_new(options, byref(client), byref(error))
if status == OK:
    user = args.user or input("User: ")
    password = getpass.getpass() if args.password_fd is None else os.fdopen(args.password_fd).readline().rstrip("\n")
    status = ropc.ropc_login(client, user.encode(), password.encode(), byref(tokens), byref(error))
if status == OK:
    token, end = tokens[0].access_token.decode(), tokens[0].expires_at
    kind = KIND_ID if tokens[0].id_token else KIND_ACCESS
    if ropc.ropc_tokens_claims(tokens, kind, byref(claims), None) == OK:
        print("Signed in. Claims, not verified:", ctypes.string_at(claims).decode())
    start = token[:6] if len(token) > 12 else ""  # Who has it is the user: never print a whole one.
    when = time.strftime("%Y-%m-%d %H:%M:%S %Z", time.localtime(end)) if end else "when the server says so"
    print(f"Access token {start}... ({len(token)} characters) ends {when}.")
else:  # The message holds what ropc_reason_advice() says.
    reason = ropc.ropc_reason_name(error[0].reason).decode()
    print(f"Not signed in: {error[0].message.decode()}\n({reason})", file=sys.stderr)
for free, what in (("string", claims), ("error", error), ("tokens", tokens), ("client", client), ("options", options)):
    ropc[f"ropc_{free}_free"](what)
sys.exit(status != OK)
