#!/usr/bin/env python3
"""Counts the flights of a login over TLS 1.3 at the stand-in server: one for
each time that the client speaks and has to wait for an answer, TCP's connect
included. Cold, warm, and after connecting ahead, beside libcurl.

    python3 tests/flights.py [--build DIR]
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/c"))

from harness import Standin, compile_c, compiler, shared

# TLS 1.3 session tickets that the server sends after the handshake: they wait
# in the socket while nothing is read from it.
TICKETS = [0, 2, 4]
# Steps after which they do, a moment later.
CONNECTS = {"connect", "request", "curl_connect_only"}
# No step takes so long.
SECONDS = 60

# What is done ahead, and the flights of that and of the login after it.
OURS = {
    "ropc, cold": (["new"], (0, 3)),
    "ropc, warm": (["new", "login"], (3, 1)),
    "ropc_client_connect first": (["new", "connect"], (2, 1)),
    "ropc_request_connect first": (["new", "request"], (2, 1)),
}
# The same with libcurl, and what of ours must not take more.
CURLS = {
    "libcurl, cold": (["curl_new"], ["ropc, cold"]),
    "libcurl, warm": (["curl_new", "curl_login"], ["ropc, warm"]),
    "CURLOPT_CONNECT_ONLY first": (["curl_new", "curl_connect_only"], list(OURS)[2:]),
    "a HEAD request first": (["curl_new", "curl_head"], list(OURS)[2:]),
}


class Program:
    """flights.c under way; a step is one line in and one out."""

    def __init__(self, program, standin):
        arguments = [standin.ports["https"], f"{standin.ports['https']}/api/oauth/demo/token", standin.ca]
        self.process = subprocess.Popen(
            [program, *arguments], env=standin.environment(), text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(SECONDS)
        self.process.stdout.close()

    def step(self, name):
        """Does a step; what it answers."""
        self.process.stdin.write(name + "\n")
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the program ended in step {name}")
        return int(line)


def count(program, standin, tickets, ahead, login):
    """The flights of what is done ahead and of the login after it, and how
    many bytes were unread in between."""
    standin.ask("requests")
    before = standin.ask("counts")
    for step in ahead:
        program.step(step)
    unread = program.step("unread")
    end = time.monotonic() + SECONDS
    while tickets and unread == 0 and ahead[-1] in CONNECTS:
        unread = program.step("unread")
        if time.monotonic() > end:
            sys.exit("no ticket has come")
    between = standin.ask("counts")
    program.step(login)
    after = standin.ask("counts")
    assert standin.ask("requests")[-1]["tls"], "the login went over plain http"
    return (between["flights"] - before["flights"], after["flights"] - between["flights"]), unread


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    build = parser.parse_args().build.resolve()
    need_libcurl()
    folder = build / "flights"
    folder.mkdir(exist_ok=True)
    command = [compiler()]
    binary = compile_c(command, ROOT / "tests/flights.c", folder / "flights", [*shared(build / "lib"), "-lcurl"])

    problems = []
    print(f"{'flights over TLS 1.3':28} {'tickets':>7} {'unread':>6} {'ahead':>6} {'login':>6}")
    for tickets in TICKETS:
        with Standin(build, "--tickets", str(tickets)) as standin, Program(binary, standin) as program:
            found = {}
            rows = {name: (ahead, "login") for name, (ahead, _) in OURS.items()}
            rows |= {name: (ahead, "curl_login") for name, (ahead, _) in CURLS.items()}
            for name, (ahead, login) in rows.items():
                found[name], unread = count(program, standin, tickets, ahead, login)
                print(f"{name:28} {tickets:7} {unread:6} {found[name][0]:6} {found[name][1]:6}")
        for name, (_, right) in OURS.items():
            if found[name] != right:
                problems.append(f"{name}, {tickets} tickets: {found[name]} flights, not {right}")
        for curl, (_, ours) in CURLS.items():
            problems += [
                f"{name}, {tickets} tickets: {found[name]} flights, more than {curl}: {found[curl]}"
                for name in ours
                if any(mine > theirs for mine, theirs in zip(found[name], found[curl]))
            ]
    print(*problems, sep="\n", end="\n" if problems else "")
    sys.exit(bool(problems))


def need_libcurl():
    """libcurl with its header, or the end with the command that installs it."""
    command = [compiler(), "-E", "-x", "c", "-"]
    seen = subprocess.run(command, input="#include <curl/curl.h>\n", text=True, capture_output=True)
    if seen.returncode != 0:
        package = "libcurl4-openssl-dev"
        sys.exit(f"libcurl is missing; install it with: apt-get install -y --no-install-recommends {package}")


if __name__ == "__main__":
    main()
