"""Counts the system calls of logins on a warm TLS connection, of polls, and of
tokens out of a session.

    python3 tests/c/syscalls.py [--build DIR]

At most 4 in each login (one of 50 may have more, should memory be fetched or
given back just then), and in none of them one of those that cost a login its
speed: no thread, no new connection, no socket option. None at all in polls of
a request that is under way, and in asking or polling a session whose token is
good.
"""

import argparse
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from harness import HERE, ROOT, Standin, compile_c, compiler, need, need_built, shared

LOGINS = 50
AT_MOST = 4
EXCEPTIONS = 1
NEVER = {"setsockopt", "getsockopt", "clone", "clone3", "socket", "connect", "openat"}
SENDS = {"write", "writev", "sendto", "sendmsg"}
RECEIVES = {"read", "readv", "recvfrom", "recvmsg"}
MARKER = 'write(-1, "marker", 6'


def trace(strace, program, standin):
    """The lines strace wrote about LOGINS logins."""
    output = standin.path / "trace"
    done = subprocess.run(
        [strace, "-f", "-o", output, program, str(LOGINS)],
        env=standin.environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode != 0:
        sys.exit(f"the traced program failed:\n{done.stdout}{done.stderr}")
    return output.read_text(errors="replace").splitlines()


def by_login(lines):
    """The names of the system calls between one marker and the next."""
    logins, current = [], None
    for line in lines:
        if MARKER in line:
            if current is not None:
                logins.append(current)
            current = []
        elif current is not None and (call := re.match(r"\d+ +(\w+)\(", line)):
            current.append(call[1])
    return logins


# What is done a thousand times, and the markers around it.
THOUSANDS = {
    "polls of a request": ("polls:", "polled"),
    "tokens out of a session": ("token:", "tokens"),
    "polls of a session": ("asked:", "asked."),
}


def between(lines, first, last):
    """How many calls the program's thread makes between two markers; None
    without markers."""
    names = [f'write(-1, "{marker}"' for marker in (first, last)]
    places = [at for name in names for at, line in enumerate(lines) if name in line]
    if len(places) != 2:
        return None
    thread = lines[places[0]].split()[0]
    return sum(line.split()[0] == thread for line in lines[places[0] + 1 : places[1]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    build = parser.parse_args().build.resolve()
    strace = need("strace", "strace")
    need_built(build / "lib/libropc.so")
    with Standin(build) as standin:
        source, output = HERE / "drivers/syscalls.c", standin.path / "syscalls"
        program = compile_c([compiler(), "-O1"], source, output, shared(build / "lib"))
        lines = trace(strace, program, standin)
    logins = by_login(lines)
    thousands = {what: between(lines, *markers) for what, markers in THOUSANDS.items()}
    if len(logins) != LOGINS or None in thousands.values():
        sys.exit(f"found {len(logins)} logins and {thousands} in the trace, wanted {LOGINS} and all of these")
    calls = Counter(call for login in logins for call in login)
    for call, count in calls.most_common():
        print(f"{count / LOGINS:6.2f} {call}")
    print(f"{sum(calls.values()) / LOGINS:6.2f} a login on a warm TLS connection")
    for what, count in thousands.items():
        print(f"{count:6} in a thousand {what}")
    problems = [f"{what} make system calls" for what, count in thousands.items() if count]
    long = [login for login in logins if len(login) > AT_MOST]
    if len(long) > EXCEPTIONS:
        worst = ", ".join(max(long, key=len))
        problems.append(f"{len(long)} of {LOGINS} logins make more than {AT_MOST} system calls, one makes: {worst}")
    if NEVER & set(calls):
        problems.append(f"no login may make these: {', '.join(sorted(NEVER & set(calls)))}")
    # A login that neither sends nor receives was not traced.
    if not all(SENDS & set(login) and RECEIVES & set(login) for login in logins):
        problems.append("there is a login that does not send and receive: the trace is not whole")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
