#!/usr/bin/env python3
"""Signs in at two OAuth servers that nobody here wrote: @jmondi/oauth2-server
with JSON, oidc-provider with forms; over plain http on loopback and over the
TLS of Node; from C (signin.c, written from the header alone) and from Python
through ctypes (signin.py), there also by requests and after connecting ahead.

    python3 tests/servers/run.py [--build DIR]

Needs DIR/lib (`make lib`), Node with npm, openssl and a C compiler. Installs
the servers' packages into DIR/servers, once.
"""

import argparse
import json
import pathlib
import subprocess
import sys

sys.dont_write_bytecode = True  # nothing is written beside the sources

import lab
from cases import ALICE, CASES, PUB, WONDERLAND

TRANSPORTS = {"http": None, "TLS 1.3": "TLSv1.3", "TLS 1.2": "TLSv1.2"}


class Tally:
    """Counts, and tells what went wrong as it happens."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, problems):
        if problems:
            self.failed += 1
            print(f"FAILED {name}", *problems, sep="\n    ", flush=True)
        else:
            self.passed += 1


def differences(expected, found):
    """What in `found` is not as `expected` says; see cases.py."""
    for name, right in expected.items():
        value = found
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        good = right(value) if callable(right) else value in right if isinstance(right, set) else value == right
        if not good:
            wanted = "something else" if callable(right) else repr(right)
            yield f"{name} is {value!r}, not {wanted}"


def sign_in(program, arguments, password, expected):
    """One run of a sign-in program; a list of what is wrong with it."""
    command = [*program, *(f"{name}={value}" for name, value in arguments.items())]
    try:
        done = subprocess.run(command, input=password.encode(), capture_output=True, timeout=lab.STEP_SECONDS)
    except subprocess.TimeoutExpired:
        return [f"did not end within {lab.STEP_SECONDS} seconds"]
    out, err = done.stdout.decode(), done.stderr.decode()
    if done.returncode != 0 or err:
        return [f"exit code {done.returncode}", out, err]
    problems = list(differences(expected, json.loads(out)))
    # As they are and as JSON writes them: nothing that was told in confidence
    # may come back in any text.
    for secret in filter(None, (password, arguments.get("secret"))):
        if secret in out or json.dumps(secret).strip('"') in out:
            problems.append("the password or the secret is in the output")
    return [*problems, out] if problems else []


def same_connection(server, program, arguments):
    """Two sign-ins with one client: one connection, over the expected TLS."""
    before = server.counts()
    problems = sign_in(program, {**arguments, "logins": 2}, WONDERLAND, {"status": "ROPC_OK"})
    after = server.counts()
    expected = {name: before[name] + more for name, more in (("opened", 1), ("connections", 1), ("requests", 2))}
    return problems + list(differences({**expected, "tls": server.tls}, after))


def nothing_sent(server, program, arguments, expected):
    """A connection that must not come about: the server sees no request."""
    before = server.counts()
    problems = sign_in(program, arguments, WONDERLAND, {**expected, "request_sent": 0, "http_status": 0})
    del before["opened"]  # which happens before it is known who is there
    return problems + list(differences(before, server.counts()))


def certificate_cases(server):
    """What must be refused about a server with TLS."""
    url = f"{server.origin}/token"
    port = server.origin.rpartition(":")[2]
    client = {**PUB, **ALICE}

    def tls(reason):
        return {"status": "ROPC_E_TLS", "reason": f"ROPC_REASON_TLS_{reason}", "stage": 5}

    yield "not a trusted authority", {**client, "url": url}, tls("UNKNOWN_ISSUER")
    elsewhere = {**client, "url": f"https://localhost:{port}/token", "ca": server.ca}
    yield "certificate of another host", elsewhere, tls("WRONG_HOST")


def check_server(server, transport, programs, tally):
    before = tally.passed, tally.failed
    authority = {"ca": server.ca} if server.ca else {}
    for language, program in programs.items():
        where = f"{server.name}, {transport}, {language}"
        for name, arguments, password, expected in CASES[server.name](server.origin):
            tally.check(f"{where}: {name}", sign_in(program, {**arguments, **authority}, password, expected))
        arguments = {**CASES[server.name](server.origin)[0][1], **authority}
        tally.check(f"{where}: two on one connection", same_connection(server, program, arguments))
        if language == "Python":
            ahead = {**arguments, "how": "ahead"}
            tally.check(f"{where}: two on a connection made ahead", same_connection(server, program, ahead))
        if server.ca:
            for name, arguments, expected in certificate_cases(server):
                tally.check(f"{where}: {name}", nothing_sent(server, program, arguments, expected))
        else:
            # Node answers a TLS handshake on a plain port with HTTP 400.
            arguments = {**PUB, **ALICE, "url": server.origin.replace("http:", "https:") + "/token"}
            expected = {"status": "ROPC_E_TLS", "reason": "ROPC_REASON_TLS_PROTOCOL"}
            tally.check(f"{where}: TLS at a plain port", nothing_sent(server, program, arguments, expected))
    passed, failed = tally.passed - before[0], tally.failed - before[1]
    print(f"{server.name}, {transport}: {passed} passed, {failed} failed", flush=True)


def main():
    parser = argparse.ArgumentParser(description="Signs in at two OAuth servers that nobody here wrote.")
    parser.add_argument("--build", type=pathlib.Path, default=lab.ROOT / "build", help="build directory")
    build = parser.parse_args().build
    into = build.resolve() / "servers"
    into.mkdir(parents=True, exist_ok=True)

    library = build.resolve() / "lib" / "libropc.so"
    python = [sys.executable, lab.HERE / "signin.py", library]
    programs = {
        "C": [lab.compile_signin(build, into)],
        "Python": python,
        "Python by request": [*python, "how=request"],
    }
    lab.need_node()
    certificates = lab.certificates(into / "certificates")
    folders = [lab.install(name, into) for name in CASES]

    tally = Tally()
    for folder in folders:
        for transport, tls in TRANSPORTS.items():
            with lab.Server(folder, certificates if tls else None, tls) as server:
                check_server(server, transport, programs, tally)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(lab.main_guard(main))
