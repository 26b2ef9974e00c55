#!/usr/bin/env python3
"""Signs in at four OAuth servers that nobody here wrote, and stays signed in:
@jmondi/oauth2-server with JSON, oidc-provider, nanoidp and django-oauth-toolkit
with forms; over plain http on loopback and over TLS.

Sign-ins run from C (signin.c) and from Python through ctypes (signin.py), there
also by requests and after connecting ahead. What comes after the sign-in runs
from C (steps.c): refresh, revocation, userinfo, ID tokens, discovery, sessions.
The C programs are written from the header alone. What is asked of each server
and what has to come back is data: peers/.

    python3 tests/servers/run.py [--build DIR] [--only SERVER]

Needs DIR/lib (`make lib`), Node with npm, Python 3.10 with venv, openssl and a
C compiler. Installs the servers' packages into DIR/servers, once.
"""

import argparse
import concurrent.futures
import contextlib
import pathlib
import sys
import time

sys.dont_write_bytecode = True  # nothing is written beside the sources

import calls
import lab
import sessions
import signins
from peers import PEERS
from visit import Visit, Wrong

sys.path.append(str(lab.ROOT / "tests"))

from tally import Tally

TRANSPORTS = {"http": None, "TLS 1.3": "TLSv1.3", "TLS 1.2": "TLSv1.2"}


class Parts(Tally):
    """Counts hundreds of checks, and tells of each part how it went."""

    @contextlib.contextmanager
    def part(self, name):
        """Tells how a part of the whole went, and how long it took."""
        passed, failed, start = self.passed, self.failed, time.monotonic()
        yield
        took = time.monotonic() - start
        print(f"{name}: {self.passed - passed} passed, {self.failed - failed} failed, {took:.1f} s", flush=True)


def checks_of(peer, setting, options):
    """What is to be checked of a server that was started like this."""
    if not setting and not options:
        yield from calls.CHECKS.items()
        yield from sessions.CHECKS.items()
        if not any(peer.id_tokens.values()):
            yield "HMAC proves nothing", calls.hmac_proves_nothing
    for name, refreshing in peer.refreshing.items():
        if (refreshing.setting, ()) == (setting, options):
            yield name, calls.replaced, refreshing
            yield f"{name}, session", sessions.used_before, refreshing
    for wanted in peer.discoveries:
        if (wanted.setting, wanted.options) == (setting, options):
            yield f"discovery, {wanted.name}", calls.discovery, wanted


def other_ways_to_start(peer):
    """Each combination of environment and options that something is said about."""
    ways = []
    for setting, options in (
        *((refreshing.setting, ()) for refreshing in peer.refreshing.values()),
        *((wanted.setting, wanted.options) for wanted in peer.discoveries),
    ):
        if (setting or options) and (setting, options) not in ways:
            ways.append((setting, options))
    return ways


def visits(peer, server, steps, checks):
    """Each of `checks` with a new process at one server; what was wrong."""
    for name, check, *arguments in checks:
        with Visit(peer, server, steps) as visit:
            try:
                check(visit, *arguments)
            except Wrong as wrong:
                visit.problems.append(str(wrong))
        yield name, visit.problems


class Bench:
    """One of the servers, and all that is needed to check it."""

    def __init__(self, tally, peer, folder, certificates, programs, steps):
        self.tally = tally
        self.peer = peer
        self.folder = folder
        self.certificates = certificates
        self.programs = programs
        self.steps = steps

    def server(self, transport, setting=None, options=()):
        tls = TRANSPORTS[transport]
        return lab.Server(self.folder, self.certificates if tls else None, tls, setting, options)

    def check(self):
        for transport in TRANSPORTS:
            where = f"{self.peer.name}, {transport}"
            with self.server(transport) as server:
                with self.tally.part(f"{where}, sign-ins"):
                    signins.all_at(self.tally, self.peer, server, where, self.programs)
                if transport != "TLS 1.2":
                    with self.tally.part(f"{where}, calls and sessions"):
                        self.visits(server, where, checks_of(self.peer, {}, ()))
        self.set_otherwise()
        self.lives()
        for what, why in self.peer.cannot.items():
            print(f"{self.peer.name}: not here: {what}: {why}", flush=True)

    def visits(self, server, where, checks):
        for name, problems in visits(self.peer, server, self.steps, checks):
            self.tally.tell_all(f"{where}: {name}", problems)

    def set_otherwise(self):
        for setting, options in other_ways_to_start(self.peer):
            told = " ".join([*(f"{name}={value}" for name, value in setting.items()), *options])
            with self.tally.part(f"{self.peer.name}, http, {told}"):
                with self.server("http", setting, options) as server:
                    self.visits(server, f"{self.peer.name}, http, {told}", checks_of(self.peer, setting, options))

    def lives(self):
        """Whole sessions, which wait more than they do: all at once."""
        transports = [transport for transport in TRANSPORTS if transport != "TLS 1.2"]
        with self.tally.part(f"{self.peer.name}, {' and '.join(transports)}, whole sessions"):
            with concurrent.futures.ThreadPoolExecutor() as pool:
                results = list(pool.map(self.life, transports))
            for transport, problems in zip(transports, results):
                self.tally.tell_all(f"{self.peer.name}, {transport}: a whole session", problems)

    def life(self, transport):
        with self.server(transport, self.peer.life.setting) as server:
            whole = [("a whole session", sessions.whole_session)]
            return [problem for _, problems in visits(self.peer, server, self.steps, whole) for problem in problems]


def main():
    parser = argparse.ArgumentParser(description="Signs in at four OAuth servers that nobody here wrote, and stays.")
    parser.add_argument("--build", type=pathlib.Path, default=lab.ROOT / "build", help="build directory")
    parser.add_argument("--only", choices=[peer.name for peer in PEERS], help="one server instead of all")
    given = parser.parse_args()
    into = given.build.resolve() / "servers"
    into.mkdir(parents=True, exist_ok=True)

    library = given.build.resolve() / "lib" / "libropc.so"
    python = [sys.executable, lab.HERE / "signin.py", library]
    programs = {
        "C": [lab.compile_program("signin", given.build, into)],
        "Python": python,
        "Python by request": [*python, "how=request"],
    }
    steps = lab.compile_program("steps", given.build, into)
    lab.need_node()
    lab.need_venv()
    certificates = lab.certificates(into / "certificates")
    peers = [peer for peer in PEERS if given.only in (None, peer.name)]
    folders = {peer.name: lab.install(peer.name, into) for peer in peers}

    tally = Parts(quiet=True)
    for peer in peers:
        Bench(tally, peer, folders[peer.name], certificates, programs, steps).check()
    return tally.end()


if __name__ == "__main__":
    sys.exit(lab.main_guard(main))
