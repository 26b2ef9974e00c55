#!/usr/bin/env python3
"""Signs a user in once, finds the user signed in the next time, calls an API, signs out.

    python3 bindings/standin.py python3 bindings/python/example.py [--sign-out] [USER]

What to sign in to is in ROPC_SITE, ROPC_APP, ROPC_CLIENT_ID, ROPC_CA (a PEM file, if it is no public authority) and
ROPC_API (an API that takes the token); bindings/standin.py sets them for a server on this machine. The password is
asked for at the terminal, or read from standard input when that is none.
"""

import argparse
import getpass
import os
import pathlib
import sys

import ropc


def options() -> ropc.Options:
    """What to sign in to."""
    site, app, client_id = (os.environ[f"ROPC_{name}"] for name in ("SITE", "APP", "CLIENT_ID"))
    found = ropc.Options.loginradius(site, app, client_id).set_app_kind(ropc.AppKind.OIDC)
    ca = os.environ.get("ROPC_CA")
    return found.set_ca_pem(pathlib.Path(ca).read_bytes()) if ca else found


def sign_in(client: ropc.Client, store: ropc.Store, user: str) -> ropc.Session:
    """The session of the last time, or a new one."""
    key = f"{user} at {os.environ['ROPC_SITE']}"
    try:
        return ropc.Session.resume(client, store, key)
    except ropc.SignedOutError:
        typed = getpass.getpass(f"Password of {user}: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        return ropc.Session.login(client, user, typed, store, key)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sign-out", action="store_true", help="sign out in the end")
    parser.add_argument("--store", default=pathlib.Path.home() / ".ropc-example.login", metavar="FILE")
    parser.add_argument("user", nargs="?", default="ada")
    args = parser.parse_args()
    try:
        with ropc.Client(options()) as client, ropc.FileStore(args.store) as store:
            with sign_in(client, store, args.user) as session:
                info = session.status()
                print(f"{args.user} is signed in; the access token ends {info.expires_at}.")
                if "ROPC_API" in os.environ:
                    answer = session.call("GET", os.environ["ROPC_API"])
                    print(f"The API answers {answer.status}, {len(answer.body)} bytes.")
                if args.sign_out:
                    session.sign_out()
                    print("Signed out.")
    except ropc.NotRevokedError as error:
        print(error)  # Signed out here all the same.
    except ropc.RefusedError as error:
        until = f" Until {error.locked_until}." if error.locked_until else ""
        sys.exit(f"Not signed in: {error}{until}\n({error.reason})")
    except ropc.Error as error:
        sys.exit(f"{error}\n({error.reason})")
    except KeyboardInterrupt:
        sys.exit(130)  # As a shell tells of a program that Ctrl-C ended.


if __name__ == "__main__":
    main()
