"""What the programs here share: each ends in another way."""

import os
import pathlib
import signal
import sys
import threading
import time
from typing import Any, Callable

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


def interrupted(work: Callable[[], Any]) -> None:
    """Ctrl-C while the main thread works."""
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.monotonic()
    try:
        work()
    except KeyboardInterrupt:
        assert time.monotonic() - began < 10
        print("interrupted")
    timer.join()
