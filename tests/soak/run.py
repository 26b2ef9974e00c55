#!/usr/bin/env python3
"""Soak: mixed load from many threads, and from a plug-in that is loaded and
unloaded again and again, through a proxy that misbehaves. Every call ends in time
and as the header says, nothing is sent twice, and what the processes have is the
same in the end.

    python3 tests/soak/run.py [--minutes N] [--seed N] [--build DIR] [--planted NAMES]

First proves, with faults planted in the load, that it would find one; --planted
does one such run alone, with the faults named, which is to fail.
"""

import argparse
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "c"))

import ledger  # noqa: E402
import watch  # noqa: E402
from harness import ROOT, Standin, compile_c, compiler, need_built, shared  # noqa: E402

# Access tokens live so long, in seconds: a session refreshes all the time.
LIFETIME = 4
PEOPLE = 100
WORKERS = {"load": 16, "reloads": 2}

# What each planted fault must be found as.
PLANTED = {
    # A free left out in one of a hundred, or of twenty.
    "leak": "heap",
    "leaks": "heap",
    "descriptor": "descriptors",
    "late": "came back too late",
    "unlisted": "is no end that this call has here",
    "foreign": "gave a token that is not this user's",
    "twice": "was sent twice",
}
PROOF_SECONDS = 15


class Proxy:
    """proxy.py as a process, for `with`."""

    def __init__(self, seed, target, between):
        self.command = [sys.executable, HERE / "proxy.py", str(seed), str(target), str(between)]

    def __enter__(self):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(self.command, stdin=pipe, stdout=pipe, text=True, bufsize=1)
        self.ports = json.loads(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def faults(self):
        """How many so far, by kind."""
        self.process.stdin.write("\n")
        return json.loads(self.process.stdout.readline())


class Program:
    """One of the two loads: what it reports, and what it complains of."""

    def __init__(self, name, command, environment, show):
        self.name, self.show, self.reports, self.complaints = name, show, [], []
        self.process = subprocess.Popen(
            command, env={**environment, "SOAK_NAME": name, "ROPC_WAY": "shared"}, text=True, errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        self.peaks = watch.Peaks(self.process.pid)
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        """Until it ends."""
        for line in self.process.stdout:
            if line.startswith("{"):
                self.reports.append({**json.loads(line), "peaks": self.peaks.take()})
                if self.show:
                    watch.print_row(self.name, self.reports)
            else:
                self.complaints.append(line.rstrip())
                if self.show and len(self.complaints) <= 40:
                    print(f"     {self.name}: {line.rstrip()}", flush=True)

    def end(self, limit):
        """Waits for its end, at most so long."""
        try:
            self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.complaints.append("still runs, long after its time")
        self.thread.join()
        if self.process.returncode != 0 and not self.complaints:
            self.complaints.append(f"ended with {self.process.returncode}")


def built(build, folder):
    """Both programs and the plug-in."""
    cc = [compiler(), "-O1"]
    library = shared(build / "lib")
    load = compile_c([*cc, str(HERE / "round.c")], HERE / "load.c", folder / "load", library)
    reloads = compile_c([*cc, "-DSOAK_RELOADS"], HERE / "load.c", folder / "reloads", library)
    plugin = compile_c([*cc, "-shared", "-fPIC"], HERE / "round.c", folder / "plugin.so", library)
    return {"load": load, "reloads": reloads}, plugin


def subs():
    """What the stand-in calls each user of people.h."""
    return "".join(hashlib.sha256(f"fault:delay_{user}".encode()).hexdigest()[:32] for user in range(PEOPLE))


class Soak:
    """One run of everything, for so many seconds."""

    def __init__(self, programs, plugin, seconds, seed, planted=""):
        self.programs, self.plugin, self.seconds, self.seed, self.planted = programs, plugin, seconds, seed, planted
        # Four parts at least; in a long run each minute is one.
        self.part_ms = 60000 if seconds >= 300 else int(seconds * 1000 / 5)

    def environment(self, standin, proxy, name):
        """Where everything is, and how much to do."""
        round_ms = self.part_ms if name == "load" else self.part_ms // max(1, self.part_ms // 3000)
        return {
            **standin.environment(),
            # What threads keep for themselves would count as in use, and new arenas
            # would be made for a long time.
            "GLIBC_TUNABLES": "glibc.malloc.tcache_count=0:glibc.malloc.arena_max=2",
            "SOAK_RELAY": f"https://localhost:{proxy.ports['relay']}",
            "SOAK_TUNNEL": f"http://127.0.0.1:{proxy.ports['tunnel']}",
            "SOAK_SUBS": subs(),
            "SOAK_PLUGIN": str(self.plugin),
            "SOAK_PLANTED": self.planted,
            "SOAK_SEED": str(2 * self.seed + (name == "load")),
            "SOAK_MS": str(int(self.seconds * 1000)),
            "SOAK_ROUND_MS": str(round_ms),
            "SOAK_REPORT_MS": str(self.part_ms),
            "SOAK_WORKERS": str(WORKERS[name]),
            "SOAK_KEEPS": "1" if name == "load" else "0",
        }

    def run(self, build, show):
        """Runs both loads side by side."""
        between = min(30, self.seconds / 4)
        started = time.monotonic()
        with Standin(build, "--lifetime", str(LIFETIME)) as standin, \
                Proxy(self.seed, standin.ports["https_port"], between) as proxy:
            self.ledger = ledger.Ledger()
            names = ["load"] if self.planted else list(self.programs)
            running = [
                Program(name, [self.programs[name]], self.environment(standin, proxy, name), show) for name in names
            ]
            while any(program.process.poll() is None for program in running):
                if time.monotonic() - started > self.seconds + 60:
                    break
                self.ledger.add(standin.ask("requests"))
                for program in running:
                    program.peaks.look()
                time.sleep(0.5)
            for program in running:
                program.end(1)
            self.ledger.add(standin.ask("requests"))
            self.counts = standin.ask("counts")["grants"]
            self.faults = proxy.faults()
        self.running = running
        self.took = time.monotonic() - started

    def problems(self):
        """Every check by its name, and what is wrong with it."""
        found = {}
        for program in self.running:
            found[f"{program.name}: every call ends in time, as the header says"] = program.complaints
            found[f"{program.name}: memory, threads, descriptors are flat"] = watch.growth(program.reports)
        found["nothing is sent twice"] = self.ledger.problems(self.running, self.counts)
        found["everything was tried"] = watch.missing(self.running, self.faults)
        return found


def tell(problems):
    """One line for each check; whether all is well."""
    for name, wrong in problems.items():
        print(f"FAIL {name}: {wrong[0]}" if wrong else f"ok   {name}", flush=True)
        for one in wrong[1:20]:
            print(f"     {one}")
    return not any(problems.values())


def prove(programs, plugin, build, seed):
    """Runs the load with every fault planted; whether each was found."""
    # The rarer leak takes longer to show.
    planted = [name for name in PLANTED if name != "leak"]
    print(f"     {PROOF_SECONDS} s with planted faults: {', '.join(planted)}", flush=True)
    soak = Soak(programs, plugin, PROOF_SECONDS, seed, " ".join(planted))
    soak.run(build, False)
    found = [one for wrong in soak.problems().values() for one in wrong]
    good = True
    for name in planted:
        text = PLANTED[name]
        known = any(text in one for one in found)
        print(f"ok   planted: {name}" if known else f"FAIL planted: {name}: nothing says '{text}'", flush=True)
        good = good and known
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30, metavar="N")
    parser.add_argument("--seed", type=int, default=random.randrange(1000000), metavar="N")
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    parser.add_argument("--planted", default="", metavar="NAMES", help=f"any of {' '.join(PLANTED)}; no proof then")
    args = parser.parse_args()
    build = args.build.resolve()
    need_built(build / "lib/libropc.so")
    os.nice(5)
    print(f"seed {args.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="ropc-soak-") as folder:
        programs, plugin = built(build, Path(folder))
        proven = bool(args.planted) or prove(programs, plugin, build, args.seed)
        soak = Soak(programs, plugin, args.minutes * 60, args.seed, args.planted)
        watch.print_head()
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        soak.run(build, True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    watch.print_end(soak.running, soak.faults, soak.counts, soak.ledger)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"{soak.took:.0f} s, {used / soak.took:.2f} of a core, seed {args.seed}")
    problems = soak.problems()
    good = tell(problems)
    failed = sum(bool(wrong) for wrong in problems.values())
    print(f"{len(problems) - failed} passed, {failed} failed")
    return 0 if good and proven else 1


if __name__ == "__main__":
    sys.exit(main())
