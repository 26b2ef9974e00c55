#!/usr/bin/env python3
"""Runs a program beside a stand-in for LoginRadius on this machine, for a first
sign-in without an account anywhere.

    python3 bindings/standin.py COMMAND [ARGUMENT]...

The program finds in its environment what the examples of all bindings read:

    ROPC_SITE, ROPC_APP, ROPC_CLIENT_ID   what to sign in to
    ROPC_CA                               a PEM file, the only authority to trust
    ROPC_API                              an API that takes the token
    ROPC_LIBRARY                          the library, build/lib/libropc.so.0

`make lib` builds the stand-in and the library.
"""

import os
import pathlib
import signal
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/c"))

from harness import Standin  # noqa: E402

LIBRARY = ROOT / "build/lib" / {"darwin": "libropc.dylib", "win32": "ropc.dll"}.get(sys.platform, "libropc.so.0")


def environment(standin):
    """What a host's program is told; no proxy of whoever runs it, for the
    stand-in is on loopback."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {
        **kept,
        "ROPC_SITE": standin.ports["https"],
        "ROPC_APP": "demo",
        "ROPC_CLIENT_ID": "demo-client",
        "ROPC_CA": str(standin.ca),
        "ROPC_API": standin.ports["https"] + "/api/echo",
        "ROPC_LIBRARY": str(LIBRARY),
    }


def run(command, variables):
    """Runs a program to its end; its exit code, as a shell has it."""
    try:
        program = subprocess.Popen(command, env=variables)
    except OSError as error:
        sys.exit(f"{command[0]} cannot be run: {error.strerror}")
    # Ctrl-C is the program's, which has the terminal; a signal to end is for both.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: program.send_signal(number))
    code = program.wait()
    return code if code >= 0 else 128 - code


def main():
    if sys.argv[1:] in (["-h"], ["--help"]):
        print(__doc__)
        return
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    with Standin(ROOT / "build") as standin:
        print('A stand-in for LoginRadius runs. Sign in as "ada" with the password "correct horse",', file=sys.stderr)
        print('or as "mfa" or "locked": build/bin/standin --accounts lists all.', file=sys.stderr, flush=True)
        sys.exit(run(sys.argv[1:], environment(standin)))


if __name__ == "__main__":
    main()
