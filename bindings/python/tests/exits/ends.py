"""What the programs here share: each ends in another way."""

import pathlib
import sys

import ropc

PASSWORD = "correct horse"


def client_of(site: str, ca: str) -> ropc.Client:
    """A client of the stand-in."""
    options = ropc.Options.loginradius(site, "demo", "demo-client").set_app_kind(ropc.AppKind.OIDC)
    return ropc.Client(options.set_ca_pem(pathlib.Path(ca).read_bytes()))


def go_on() -> None:
    """Waits until the test has seen what it waits for."""
    print("ready", flush=True)
    sys.stdin.readline()
