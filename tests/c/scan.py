"""Looks for passwords and tokens in the memory of a process that has used them.

    python3 tests/c/scan.py [--build DIR]

A C program (drivers/scan.c) gets a password through a pipe, signs in over TLS
with the shared library, overwrites its own copy and waits, its client alive,
and its request where it made one. Then every writable page of it is searched
for the password as it is, as JSON escapes it, percent-encoded and in base64.
None may be there, however the login ended. First a control: texts planted on
purpose are found, each once, and so is the one copy that a request has which
was not started yet. Then the tokens of sessions, as scan_session.py tells.
"""

import argparse
import base64
import json
import secrets
import subprocess
import sys
import urllib.parse
from pathlib import Path

import scan_session
from harness import HERE, ROOT, Standin, compile_c, compiler, need_built, shared
from relay import Relay

# The one account of the stand-in whose password is hard to escape.
BOB, BOBS = "bøb", 'p&s=w+r%d é€"\\'


def random_password():
    """48 characters, with every kind that some encoding changes."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    hard = list('"\\é &%+=/"\\é ')
    text = hard + [secrets.choice(letters) for _ in range(48 - len(hard))]
    secrets.SystemRandom().shuffle(text)
    # Spaces inside, so that no encoding can trim one.
    return "x" + "".join(text)[:46] + "y"


def base64_forms(data):
    """What any base64 of any text around `data` must contain: at each of the
    three alignments, the characters that depend on nothing but `data`."""
    for before in range(3):
        full = base64.b64encode(bytes(before) + data).decode()
        first = (before * 8 + 5) // 6
        last = (before + len(data)) * 8 // 6
        yield full[first:last].encode()


def forms(password):
    """Name and bytes of each form the password could be left in."""
    plain = password.encode()
    quote = urllib.parse.quote
    lower = "".join(chr(b) if chr(b).isalnum() and b < 128 else f"%{b:02x}" for b in plain)
    found = {
        "plain": plain,
        "JSON": json.dumps(password, ensure_ascii=False)[1:-1].encode(),
        "JSON, ASCII": json.dumps(password)[1:-1].encode(),
        "percent": quote(password, safe="").encode(),
        "percent, lower case": lower.encode(),
        "form": urllib.parse.quote_plus(password, safe="").encode(),
        "UTF-16": password.encode("utf-16-le"),
    }
    for at, text in enumerate(base64_forms(plain)):
        found[f"base64, {at}"] = text
        found[f"base64url, {at}"] = text.translate(bytes.maketrans(b"+/", b"-_"))
    # A form that equals another one is counted once.
    return {name: text for name, text in found.items() if list(found.values()).index(text) == list(found).index(name)}


def writable_memory(pid):
    """The bytes of every mapping that the process can write to."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            span, access, *_ = line.split()
            if "w" not in access:
                continue
            start, end = (int(number, 16) for number in span.split("-"))
            memory.seek(start)
            try:
                yield memory.read(end - start)
            except OSError as unreadable:
                # The kernel's own page; everything else must be readable.
                if "[v" not in line:
                    raise unreadable


def copies(pid, wanted):
    """How often each form is in the memory of the process."""
    counts = dict.fromkeys(wanted, 0)
    for block in writable_memory(pid):
        for name, text in wanted.items():
            counts[name] += block.count(text)
    return counts


class Scan:
    """Runs the driver and counts."""

    def __init__(self, program, standin):
        self.program, self.standin, self.failed = program, standin, 0
        self.seen = 0

    def run(
        self, label, encoding, port, user, password, ends, limit=10000, planted=(), how="call", there=(), sent=None
    ):
        """One login, done as `how` says, that ends as `ends` says; prints a row
        of the table. Each form in `planted` is given to the program to keep;
        these and the ones in `there` must be found, once. With `sent`, the
        program goes on when that event says that the password was sent."""
        wanted = forms(password)
        driver = subprocess.Popen(
            [self.program, encoding, str(port), user, str(limit), how],
            env=self.standin.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        lines = [password.encode(), *(wanted[name] for name in planted), b""]
        driver.stdin.write(b"\n".join(lines) + b"\n")
        driver.stdin.flush()
        if sent is not None:
            if not sent.wait(20):
                sys.exit("the password was not sent in 20 s")
            driver.stdin.write(b"\n")
            driver.stdin.flush()
        ended = driver.stdout.readline().decode().strip()
        counts = copies(driver.pid, wanted)
        driver.stdin.close()
        driver.stdout.close()
        code = driver.wait(30)
        expected = [*planted, *there]
        problems = [f"{name}: {count}" for name, count in counts.items() if count != (1 if name in expected else 0)]
        if ended != ends:
            problems.append(f"ended {ended!r}, wanted {ends!r}")
        if code != 0:
            problems.append(f"exit code {code}")
        self.failed += bool(problems)
        told = "; ".join(problems) or "as wanted"
        print(f"{label:<34} {encoding:<5} {sum(counts.values()):>6} {len(expected):>6}  {told}", flush=True)


REFUSED = "ROPC_E_REFUSED ROPC_REASON_WRONG_CREDENTIALS"
CANCELLED = "ROPC_E_CANCELLED ROPC_REASON_CANCELLED"
NOT_STARTED = "ROPC_E_STATE ROPC_REASON_NONE"
GONE = "ROPC_OK ROPC_REASON_NONE"


def requests(scan, encoding, https):
    """The same with requests."""
    scan.run("control: prepared, not started", encoding, https, "ada", random_password(), NOT_STARTED, how="prepared",
             there=["plain"])
    scan.run("request: success", encoding, https, BOB, BOBS, "ROPC_OK ROPC_REASON_NONE", how="ran")
    scan.run("request: refusal (401)", encoding, https, "ada", random_password(), REFUSED, how="ran")
    scan.run("request: refusal that echoes it", encoding, https, "echo", random_password(), REFUSED, how="ran")
    scan.run("request: freed unstarted", encoding, https, "ada", random_password(), GONE, how="freed unstarted")
    for how in ["cancelled before", "cancelled in the queue"]:
        scan.run(f"request: {how}", encoding, https, "ada", random_password(), CANCELLED, how=how)
    for how, ends in [("cancelled", CANCELLED), ("shut down", CANCELLED), ("freed", GONE)]:
        with Relay(https, cut=False) as relay:
            scan.run(f"request: {how}, without answer", encoding, relay.port, "ada", random_password(), ends, how=how,
                     sent=relay.asked)



def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    build = parser.parse_args().build.resolve()
    need_built(build / "lib/libropc.so")
    with Standin(build) as standin:
        source, output = HERE / "drivers/scan.c", standin.path / "scan"
        program = compile_c([compiler(), "-O1"], source, output, shared(build / "lib"))
        https, traps = standin.ports["https_port"], standin.ports["traps"]
        scan = Scan(program, standin)
        print(f"{'AFTER':<34} {'BODY':<5} {'COPIES':>6} {'WANTED':>6}")
        for encoding in ("json", "form"):
            secret = random_password()
            names = list(forms(secret))
            scan.run("control: every form planted", encoding, https, "ada", secret, REFUSED, planted=names)
            scan.run("control: the plain one planted", encoding, https, BOB, BOBS, "ROPC_OK ROPC_REASON_NONE",
                     planted=["plain"])
            scan.run("success", encoding, https, BOB, BOBS, "ROPC_OK ROPC_REASON_NONE")
            scan.run("refusal (401)", encoding, https, "ada", random_password(), REFUSED)
            scan.run("refusal that echoes the password", encoding, https, "echo", random_password(), REFUSED)
            with Relay(https, cut=True) as relay:
                scan.run("connection cut before the answer", encoding, relay.port, "ada", random_password(),
                         "ROPC_E_IO ROPC_REASON_CUT_OFF_AFTER_SENT")
            with Relay(https, cut=False) as relay:
                scan.run("time-out, no answer", encoding, relay.port, "ada", random_password(),
                         "ROPC_E_TIMEOUT ROPC_REASON_TIMED_OUT", limit=500)
            scan.run("TLS failure", encoding, traps["wrong_host"], "ada", random_password(),
                     "ROPC_E_TLS ROPC_REASON_TLS_WRONG_HOST")
            scan.run("no connection", encoding, standin.dead, "ada", random_password(),
                     "ROPC_E_CONNECT ROPC_REASON_CONNECTION_REFUSED")
            requests(scan, encoding, https)
        scan.failed += scan_session.rows(build, standin, copies)
    print(f"{scan.failed} of the rows failed" if scan.failed else "no copy of a password or token where none may be")
    return 1 if scan.failed else 0


if __name__ == "__main__":
    sys.exit(main())
