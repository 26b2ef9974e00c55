#!/usr/bin/env python3
"""Shows examples-c/login at work, one sign-in and three telling failures,
session, which finds its user signed in again, and game_loop, all at a stand-in
for LoginRadius on this machine. `make demo` builds what it runs."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/c"))

from harness import Standin  # noqa: E402

# What is shown, the program, the user, the password, a trap in place of the
# server, how it ends.
SCENES = [
    ("Ada signs in.", "login", "ada", "correct horse", None, 0),
    ("Ada mistypes her password.", "login", "ada", "correct hose", None, 1),
    ("The right password, but the account is locked.", "login", "locked", "correct horse", None, 1),
    ("The right password, but the server's certificate has expired.", "login", "ada", "correct horse", "expired", 1),
    ("Ada signs in, to stay; a program calls an API for her.", "session", "ada", "correct horse", None, 0),
    ("The program is started again. Her access token has ended meanwhile.", "session", "ada", None, None, 0),
    ("She signs out.", "session --sign-out", "ada", None, None, 0),
    ("A game: three visits to its login screen, the server slow.",
     "game_loop", "fault:delay_200", "correct horse", None, 0),
]  # fmt: skip


def play(standin, title, program, user, password, trap, expected):
    """Runs one scene; whether it ended as it should."""
    port = standin.ports["traps"][trap] if trap else standin.ports["https_port"]
    program, *options = program.split()
    arguments = [*options, "--oidc", "--ca", "ca.pem"]
    if password:
        arguments += ["--password-fd", "0"]
    arguments += [f"localhost:{port}", "demo", "demo-client", user]
    if program == "session":
        arguments += ["ada.login", f"https://localhost:{port}/api/echo"]
    if password is None:
        standin.ask("expire_access")
    typed = "cat password | " if password else ""
    print(f"\n{title}\n\n$ {typed}{program} {' '.join(arguments)}", flush=True)
    done = subprocess.run(
        [ROOT / "build/bin" / program, *arguments],
        input=f"{password or ''}\n", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        cwd=standin.path, env=standin.environment(), timeout=60,
    )  # fmt: skip
    for line in done.stdout.splitlines():
        # Broken after a comma or a space, near the 70th column.
        print("  " + re.sub(r"(.{66}[^, ]*[, ]) ?(?=.{8})", r"\1\n    ", line))
    count = len(standin.ask("requests"))
    received = ["nothing: the password never left", "the request"][count] if count < 2 else f"{count} requests"
    print(f"  -> exit code {done.returncode}; the server received {received}")
    return done.returncode == expected


def main():
    with Standin(ROOT / "build") as standin:
        print(f"A stand-in for LoginRadius answers at {standin.ports['https']}.")
        good = [play(standin, *scene) for scene in SCENES]
    print("\nThe stand-in is stopped. The programs are examples-c/login.c, session.c and game_loop.c;")
    print("whom else the stand-in knows, build/bin/standin --accounts tells.")
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
