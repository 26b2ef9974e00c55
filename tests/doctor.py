#!/usr/bin/env python3
"""Runs builds of examples-c/doctor against servers that are in order, and against
each that is wrong in one way: the right check fails, those before it are good,
the next step fits, no password or token is printed.

    python3 tests/doctor.py PROGRAM ...
"""

import contextlib
import http.server
import json
import pathlib
import re
import subprocess
import sys
import threading
import time
from functools import partial

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/c"))

from canary import secret_in
from doctor_cases import (
    ALLOWED, BEHIND, CASES, CONNECTED, HINT_PROXY, HOUR, NOBODY, PASSWORD, PLAIN, SAID_TO_NOBODY, TOKENS, VERDICTS,
)
from examples import at_terminal
from harness import Standin
from tally import Tally

# Less than the library's own time limit, and far more than --timeout in a test.
HANGS = 25


class Scripted(http.server.BaseHTTPRequestHandler):
    """Answers every login in one way, and every revocation in another."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append(body)
        answer = self.server.revoke if self.path.endswith("/revoke") else self.server.login
        if answer is None:  # It hangs, until the test is over.
            self.server.over.wait(60)
            return
        status, content = answer
        text = content if isinstance(content, str) else "" if content is None else json.dumps(content)
        self.send_response_only(status)
        if self.server.skew is not None:
            self.send_header("Date", self.date_time_string(time.time() + self.server.skew))
        if status == 302:
            self.send_header("Location", "http://127.0.0.1/portal")
        self.send_header("Content-Type", "text/html" if isinstance(content, str) else "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        """Says nothing on the way."""


@contextlib.contextmanager
def scripted(login, revoke, skew):
    """Such a server, while the test needs it."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Scripted) as server:
        server.login, server.revoke, server.skew = login, revoke, skew
        server.seen, server.over = [], threading.Event()
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


class Doctor:
    """One build of doctor, beside a stand-in."""

    def __init__(self, program, standin):
        self.program, self.standin = program, standin
        ports = standin.ports
        self.numbers = {**ports["traps"], **ports["spki_sha256"], "dead": standin.dead, "http_port": ports["http_port"]}
        self.sites = {name: f"https://localhost:{port}" for name, port in ports["traps"].items()}
        self.sites.update(https=ports["https"], http=ports["http"], dead=f"https://localhost:{standin.dead}")
        # A name that does not exist is soon known not to.
        self.environment = {**standin.environment(), "RES_OPTIONS": "timeout:1 attempts:1"}

    def arguments(self, site, options="", user=None):
        """A command line. Some options are not the program's: another or no
        authority, application and client id."""
        app, client, ca, given = "demo", "demo-client", ["--ca", str(self.standin.ca)], []
        for option in options.format(**self.numbers).split():
            if option.startswith("--app="):
                app = option.removeprefix("--app=")
            elif option.startswith("--client="):
                client = option.removeprefix("--client=")
            elif option == "--no-client":
                client = None
            elif option == "--no-ca":
                ca = []
            else:
                given.append(option)
                ca = [] if option == "--system-ca" else ca
        places = [self.sites.get(site, site), app, client, user]
        return [*given, *ca, *[place for place in places if place is not None]]

    def run(self, arguments, password="", **variables):
        """How it ends, and all it says."""
        done = subprocess.run(
            [self.program, "--password-fd", "0", *arguments], input=password + "\nnot the password\n",
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=HANGS,
            env={**self.environment, **variables},
        )
        return done.returncode, done.stdout

    def examine(self, arguments, password, wanted, reason, hint, **variables):
        """Runs it, and compares what it finds with what is to be found."""
        code, output = self.run(arguments, password, **variables)
        check_lines(code, output, wanted, reason, hint)
        return output


def check_lines(code, output, wanted, reason, hint):
    """Whether this output says `wanted`, and nothing that nobody may read."""
    marks = {"ok": "", "-": "-", "FAIL": "!"}
    lines = re.findall(r"^(ok|-|FAIL) +([a-z-]+): \S", output, re.M)
    found = " ".join(marks[mark] + check for mark, check in lines)
    assert found == wanted, f"wanted {wanted}, found {found}\n{output}"
    assert code == (1 if "!" in wanted else 0), f"ends with {code}:\n{output}"
    assert re.match(r"ropc \d+\.\d+\.\d+, application ", output), output
    failed = re.findall(r"^FAIL [a-z-]+: (\S.*)\. \(ROPC_REASON_(\w+)\)$", output, re.M)
    assert [told for _, told in failed] == ([reason] if reason else []), f"wanted {reason}:\n{output}"
    # What to do has a line of its own.
    assert hint is None or not any(hint in what for what, _ in failed), output
    steps = re.findall(r"^     what to do: \S.*$(?:\n     .*)?", output, re.M)
    assert len(steps) == wanted.count("!"), output
    # The clock's line says which one is ahead.
    place = output if "!clock" in wanted else "".join(steps)
    assert hint is None or hint in place, f"wanted as next step {hint!r}:\n{output}"
    verdict = VERDICTS[" sign-in" in wanted, "!" in wanted]
    assert output.splitlines()[-1] == verdict, f"wanted {verdict}:\n{output}"
    secret = "proxy-pass" if "proxy-pass" in output else secret_in(output)
    assert secret is None, f"{secret} is shown:\n{output}"


def cases_at_the_stand_in(doctor):
    for site, options, user, wanted, reason, hint in CASES:
        user, password = user if isinstance(user, tuple) else (user, PASSWORD if user else "")
        other = "with another password" if password not in (PASSWORD, "") else ""
        label = " ".join(part for part in (site, options, user, other) if part)
        yield label, partial(doctor.examine, doctor.arguments(site, options, user), password, wanted, reason, hint)


def cases_for_nobody(doctor):
    for what, *row in SAID_TO_NOBODY:
        yield f"nobody is told: {what}", partial(tells_nobody, doctor, *row)


def tells_nobody(doctor, login, revoke, skew, wanted, reason, hint):
    """One login that names nobody is all that is sent, except to tell two
    refusals apart; and it is said before."""
    with scripted(login, revoke, skew) as server:
        site, options = f"http://127.0.0.1:{server.server_port}", "" if login else "--timeout 1"
        output = doctor.examine(doctor.arguments(site, options), "", wanted, reason, hint)
    users = [body["username"] for body in server.seen if "username" in body]
    assert users == [NOBODY], server.seen
    assert len(server.seen) == (2 if revoke else 1), server.seen
    assert f"one login is sent for {NOBODY}" in output.split("answer:")[0], output


def the_environment_s_proxy(doctor):
    at = doctor.arguments("https")
    url = "http://{}127.0.0.1:{}".format
    tunnel, refuses, asks = (doctor.numbers[name] for name in ("proxy_open", "proxy_html", "proxy_needs_login"))
    good = "proxy tls answer clock app grant -sign-in"
    output = doctor.examine(at, "", good, None, None, https_proxy=url("", tunnel))
    assert f"127.0.0.1:{tunnel}, from the environment" in output, output
    doctor.examine(at, "", good, None, None, ALL_PROXY=url("proxy-user:proxy-pass@", asks))
    doctor.examine(at, "", f"{ALLOWED} -sign-in", None, None, https_proxy=url("", refuses), no_proxy="localhost")
    doctor.examine(["--proxy", "", *at], "", f"{ALLOWED} -sign-in", None, None, https_proxy=url("", refuses))
    doctor.examine(at, "", "!proxy", "PROXY_REFUSED", HINT_PROXY, https_proxy=url("", refuses))
    doctor.examine(at, "", "!proxy", "PROXY_UNREACHABLE", HINT_PROXY, https_proxy=url("", doctor.standin.dead))
    doctor.examine(at, "", "!proxy", "PROXY_LOGIN", HINT_PROXY, https_proxy=url("me:proxy-pass@", asks))
    doctor.examine(at, "", "!settings", "UNSUPPORTED", "Choose a setting", all_proxy="socks5://127.0.0.1")


def the_system_s_authorities(doctor):
    at = doctor.arguments("https", "--system-ca")
    wanted = f"{CONNECTED} !tls"
    doctor.examine(at, "", wanted, "TLS_UNKNOWN_ISSUER", "set its certificate", SSL_CERT_FILE=str(doctor.standin.cert))
    doctor.examine(at, "", f"{ALLOWED} -sign-in", None, None, SSL_CERT_FILE=str(doctor.standin.ca))


def signs_out_again(doctor):
    before = doctor.standin.ask("counts")["grants"]
    doctor.examine(doctor.arguments("https", "", "ada"), PASSWORD, f"{ALLOWED} sign-in sign-out", None, None)
    after = doctor.standin.ask("counts")["grants"]
    assert after["logins"] - before["logins"] == 1 and after["revoked"] - before["revoked"] == 1, (before, after)


def signs_in_where_the_clock_is_wrong(doctor):
    with scripted(TOKENS, (200, None), 2 * HOUR) as server:
        at = doctor.arguments(f"http://127.0.0.1:{server.server_port}", "", "ada")
        wanted = f"{PLAIN} answer !clock app grant sign-in sign-out"
        doctor.examine(at, PASSWORD, wanted, None, BEHIND)
    assert [body.get("username") for body in server.seen] == ["ada", None], server.seen


def asks_the_application_of_its_kind(doctor):
    for options, path in [("", "/api/oauth/demo/token"), ("--oidc", "/api/oidc/demo/token")]:
        doctor.standin.ask("requests")
        doctor.run(doctor.arguments("https", options))
        assert [request["target"] for request in doctor.standin.ask("requests")] == [path], options


def says_what_the_server_says(doctor):
    for user, text in [("locked", "The account is locked"), ("unsupported", "The password grant is off for this app")]:
        code, output = doctor.run(doctor.arguments("https", "", user), PASSWORD)
        assert f"\n     the server says: {text}" in output, output


def says_each_step(doctor):
    code, output = doctor.run(["--verbose", *doctor.arguments("https", "", "ada")], PASSWORD)
    assert code == 0 and re.search(r"^     connected to https://localhost:\d+ ", output, re.M), output
    assert secret_in(output) is None, output


def explains_its_use(doctor):
    code, output = doctor.run([])
    assert code == 2 and output.startswith("usage: "), output
    for wrong in ("a", "--unknown a b", "--ca", "a b c d e", "--timeout 601 a b", "--timeout x a b"):
        code, output = doctor.run(wrong.split())
        assert code == 2 and output.startswith("usage: "), f"{wrong}: {code}\n{output}"
    done = subprocess.run([doctor.program, "--help"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and done.stdout == output and done.stderr == "", done
    code, output = doctor.run(["--ca", "/no/such/file", *doctor.arguments("https", "--no-ca")])
    assert code == 1 and "/no/such/file" in output and "FAIL settings" in output, output


def hides_the_password_at_the_terminal(doctor):
    command = [doctor.program, *doctor.arguments("https", "", "ada")]
    code, output, shown = at_terminal(command, doctor.environment, (b"Password: ", PASSWORD.encode() + b"\n"))
    text = output.replace("\r\n", "\n").replace("Password: \n", "")
    check_lines(code, text, f"{ALLOWED} sign-in sign-out", None, None)
    # It asks once the server is known to be the right one.
    assert "ok   tls" in output.split("Password: ")[0], output
    assert shown == [False, True], shown


OTHERS = [
    the_environment_s_proxy,
    the_system_s_authorities,
    signs_out_again,
    signs_in_where_the_clock_is_wrong,
    asks_the_application_of_its_kind,
    says_what_the_server_says,
    says_each_step,
    explains_its_use,
    hides_the_password_at_the_terminal,
]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tally = Tally()
    with Standin(ROOT / "build") as standin:
        for program in sys.argv[1:]:
            doctor, name = Doctor(program, standin), pathlib.Path(program).name
            checks = [(check.__name__.replace("_", " "), partial(check, doctor)) for check in OTHERS]
            for what, check in [*cases_at_the_stand_in(doctor), *cases_for_nobody(doctor), *checks]:
                tally.check(f"{name} {what}", check)
    sys.exit(tally.end())


if __name__ == "__main__":
    main()
