#!/usr/bin/env python3
"""Holds the shared library to tests/budgets.toml: how many instructions,
allocations and system calls a login, a token and a poll cost, and its bytes. It
fails when one of these has grown. None of them depends on how fast or how busy
the machine is, and none is a time.

    budgets.py [--build DIR]      default: build
    budgets.py --record           writes tests/budgets.toml as the library is

Each figure is the difference of two runs of which one does the work more often,
so that what a process does once is not in it, and that the tokens of the
stand-in server differ in length from login to login evens out. First it is shown
that a little more of each kind would be noticed.
"""

import argparse
import os
import platform
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/c"))

from harness import Standin, compile_c, compiler, need, need_built, shared

BUDGETS = ROOT / "tests/budgets.toml"
HEAD = """\
# What the shared library costs, a line for each work. tests/budgets.py counts, and
# fails when something has grown. To allow that, raise the number; or let it write
# all of them: python3 tests/budgets.py --record
# Other versions than these may count a little differently: {versions}.
"""

# The line of each work, what it is, the work of tests/budgets.c and at which port
# of the stand-in; how often it is done, and how often more.
WORKS = {
    "warm_tls": ("A login over TLS 1.3, on a connection that is there", "warm", "https", 20, 100),
    "cold_tls": ("A login over TLS 1.3, with a full handshake", "cold", "https", 5, 20),
    "warm_http": ("A login over plain http, on a connection that is there", "warm", "http", 20, 100),
    "token": ("A good token out of a session, and its end", "token", "https", 1000, 10_000),
    "poll": ("A poll of a request that is under way", "poll", "http", 1000, 200_000),
}
LIBRARY = "The shared library as it is shipped, without debug symbols"

# What a figure may be off by: a share of it, and so much besides. The parts of a
# handshake come together or one by one, and now and then a process asks for
# memory; a request that is polled may be a few steps further.
MARGIN = {
    "instructions": (0.02, 2),
    "allocations": (0, 0.5),
    "system_calls": (0.02, 0.1),
    "bytes": (0.005, 0),
}

# What is promised, to a tenth of a call: raising a line gets nobody past these.
PROMISED = {
    ("warm_tls", "allocations"): 50,
    ("warm_tls", "system_calls"): 3,
    ("token", "allocations"): 1,
    ("token", "system_calls"): 0,
    ("poll", "allocations"): 0,
    ("poll", "system_calls"): 0,
    ("library", "bytes"): 1_850_000,
}


class Counter:
    """The program and the tools that count what it does."""

    def __init__(self, build, standin):
        self.valgrind, self.strace = need("valgrind", "valgrind"), need("strace", "strace")
        self.standin, self.output = standin, standin.path / "counted"
        command, source = [compiler(), "-O1"], ROOT / "tests/budgets.c"
        self.program = compile_c(command, source, standin.path / "budgets", shared(build / "lib"))
        command, source = [*command, "-shared", "-fPIC"], ROOT / "benches/allocations.c"
        self.preload = compile_c(command, source, standin.path / "allocations.so", [])

    def run(self, work, port, count, *planted, before=(), **more):
        """Runs the program; what a tool before it said on standard error."""
        # By its address: who looks a name up, and how, is the machine's.
        site = self.standin.ports[port].replace("localhost", "127.0.0.1")
        command = [*before, self.program, work, str(count), site, self.standin.ca, *planted]
        environment = {"PATH": os.environ["PATH"], **more}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
        return done.stderr

    def instructions(self, *work):
        told = self.run(*work, before=[self.valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null"])
        return int(re.search(r"Collected : (\d+)", told)[1])

    def system_calls(self, *work):
        self.run(*work, before=[self.strace, "-f", "-c", "-o", self.output])
        rows = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+)(?: +\d+)? +(\w+)$", self.output.read_text(), re.M)
        return sum(int(count) for count, name in rows if name != "total")

    def allocations(self, *work):
        self.run(*work, LD_PRELOAD=str(self.preload), BENCH_ALLOCATIONS=str(self.output))
        return int(self.output.read_text().split()[0])

    def count(self, work, port, few, more, *planted):
        """The figures of one piece of work."""
        ways = {"instructions": self.instructions, "allocations": self.allocations, "system_calls": self.system_calls}
        return {
            kind: max(0, way(work, port, few + more, *planted) - way(work, port, few, *planted)) / more
            for kind, way in ways.items()
        }


def allowed(kind, recorded):
    share, besides = MARGIN[kind]
    return recorded * (1 + share) + besides


def size_of(library):
    return {"bytes": library.stat().st_size}


def read():
    """tests/budgets.toml."""
    return tomllib.loads(BUDGETS.read_text(encoding="utf-8"))


def grown(name, found, budgets):
    """What of one line's figures has grown, as sentences that say what to do."""
    recorded = budgets.get(name, {})
    for kind, value in found.items():
        words, most = kind.replace("_", " "), PROMISED.get((name, kind))
        if most is not None and round(value, 1) > most:
            yield f"{told(kind, value)} {words}, and at most {most:,} are promised: it has to become less"
        elif kind not in recorded:
            yield f"tests/budgets.toml has no {words} for it; write them with: python3 tests/budgets.py --record"
        elif value > allowed(kind, recorded[kind]):
            yield (
                f"{words} grew from {told(kind, recorded[kind])} to {told(kind, value)}, and every program pays: "
                f"find a cheaper way, or raise the line {name} of tests/budgets.toml"
            )


def shrunk(name, found, budgets):
    """What has become less, and could be held there."""
    for kind, value in found.items():
        if allowed(kind, value) < budgets.get(name, {}).get(kind, 0):
            yield f"{kind.replace('_', ' ')} fell from {told(kind, budgets[name][kind])} to {told(kind, value)}"


def told(kind, value):
    return f"{value:,.1f}" if kind in ("allocations", "system_calls") else f"{value:,.0f}"


def figures(found):
    """All of one line, to read."""
    return ", ".join(f"{told(kind, value)} {kind.replace('_', ' ')}" for kind, value in found.items())


def prove(counter):
    """Ends the run unless a little more is noticed: by those who count, and by the
    comparison."""
    _, *token = WORKS["token"]
    as_is, more = counter.count(*token), counter.count(*token, "planted")
    if len(over(as_is, more)) != len(as_is) or over(as_is, as_is):
        sys.exit(f"tests/budgets.py does not notice what is planted for it: {figures(as_is)} became {figures(more)}")
    for kind in MARGIN:
        most = allowed(kind, 1e6)
        if not over({kind: 1e6}, {kind: most + 1}) or over({kind: 1e6}, {kind: most}):
            sys.exit(f"tests/budgets.py does not compare {kind} as it should")
    for (name, kind), most in PROMISED.items():
        if not list(grown(name, {kind: most + 0.1}, {name: {kind: 1e9}})):
            sys.exit(f"tests/budgets.py lets a raised line {name} past what is promised")
    print("ok   planted: an allocation, a system call and a few instructions more are noticed", flush=True)


def over(recorded, found):
    """What is found to have grown in a line of no work."""
    return list(grown("planted", found, {"planted": recorded}))


def written(found):
    """tests/budgets.toml, for what was found."""
    valgrind = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()
    versions = f"{rust[0]} {rust[1]}, {' '.join(platform.libc_ver())}, {valgrind.replace('-', ' ')}"
    parts = [HEAD.format(versions=versions)]
    for name, values in found.items():
        title = WORKS[name][0] if name in WORKS else LIBRARY
        line = ", ".join(f"{kind} = {told(kind, value).replace(',', '_')}" for kind, value in values.items())
        parts.append(f"# {title}.\n{name} = {{ {line} }}\n")
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    parser.add_argument("--record", action="store_true")
    options = parser.parse_args()
    build = options.build.resolve()
    library = need_built(build / "lib/libropc.so.0")
    budgets, found, failed = {} if options.record else read(), {}, 0
    with Standin(build, "--tickets", "0") as standin:
        counter = Counter(build, standin)
        prove(counter)
        for name in [*WORKS, "library"]:
            found[name] = counter.count(*WORKS[name][1:]) if name in WORKS else size_of(library)
            wrong = list(grown(name, found[name], found if options.record else budgets))
            failed += bool(wrong)
            print(f"FAIL {name}: {'; '.join(wrong)}" if wrong else f"ok   {name}: {figures(found[name])}", flush=True)
            for less in shrunk(name, found[name], budgets):
                print(f"     {name}: {less}. Hold it there with: python3 tests/budgets.py --record")
    if options.record:
        BUDGETS.write_text(written(found), encoding="utf-8")
        print(f"wrote {BUDGETS.relative_to(ROOT)}")
    print(f"{len(found)} budgets, {failed} exceeded")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
