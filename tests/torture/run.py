#!/usr/bin/env python3
"""Torture: every system call and every allocation of what the library does fails
once, and what it keeps is counted over a thousand times.

    python3 tests/torture/run.py [--build DIR] [NAME ...]

NAME is calls, allocations or live, or one of these with an operation, such as
calls:refresh; default: all. That the machinery would find a bug is proven before,
each time. Linux on x86-64 with glibc only. At most two processes at a time.
"""

import argparse
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "c"))

import planted
import verdicts
from calls import OPERATIONS, WITH_STORE, cases
from harness import ROOT, compile_c, compiler, need, need_built, shared
from lane import Lane

LANES = 2
RECORDINGS = 3
TRIES = 3
# How often they come depends on how fast the other side is.
TIMELY = {"recvfrom", "poll"}

# By operation: whose allocations fail. glibc's own look-up of a name survives no
# failure of its own allocations: it crashes, or keeps a lock for ever (2.36).
ALLOCATIONS = {"cold": "ours", "request": "ours", "numeric": "all", "refresh": "all", "first": "all"}
LIVE = ["logins", "refusals", "cancels", "sessions", "clients"]


class Tally:
    """What came of the cases of one test."""

    def __init__(self, name):
        self.name, self.started = name, time.monotonic()
        self.outcomes, self.problems = Counter(), []

    def add(self, what, report, problem):
        result = report.results.get("once")
        outcome = verdicts.reason(result) or "OK" if result else f"{report.end[0]} {report.end[1]}"
        self.outcomes[outcome] += 1
        if problem:
            self.problems.append(f"{what}: {problem}")

    def tell(self, about):
        """Its lines; whether all is well."""
        took = time.monotonic() - self.started
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.most_common())
        print(f"{'FAIL' if self.problems else 'ok  '} {self.name} ({about}: {outcomes}; {took:.1f} s)", flush=True)
        for problem in self.problems[:20]:
            print(f"     {problem}", flush=True)
        return not self.problems


def spread(lanes, items, do):
    """Does `do(lane, item)` for all of `items`, on all lanes."""
    lock, items, failures = threading.Lock(), iter(items), []

    def work(lane):
        try:
            while True:
                with lock:
                    item = next(items, None)
                if item is None or failures:
                    return
                do(lane, item)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=[lane]) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def with_next_start(lane, operation, end, what, verdict):
    """One case, and the next start of the program when there is a store: the report
    and what is wrong."""
    place, before = lane.place(), lane.reused()
    report = lane.do(operation, place, end, what)
    problem = verdict(report)
    if operation in WITH_STORE and not problem:
        after = lane.do("next", place, "again", "plain")
        files = [path.name for path in place.iterdir()]
        problem = verdicts.sent(report, after)
        problem = problem or verdicts.next_start(operation, report, after, lane.reused() != before, files)
    lane.clear(place)
    return report, problem


def torture_calls(lanes, operation):
    """Every fault of every call of one operation."""
    tally = Tally(f"calls:{operation}")
    recordings = [lanes[0].do(operation, lanes[0].place(), "again", "record") for _ in range(RECORDINGS)]
    for recording in recordings:
        if problem := verdicts.lived(recording) or verdicts.again(recording) or verdicts.left(recording):
            tally.add("without a fault", recording, problem)
    numbers = [Counter(call[:3] for call in recording.calls) for recording in recordings]
    certain = numbers[0] & numbers[1] & numbers[2]
    todo = [case for end in OPERATIONS[operation] for case in cases(operation, end, [r.calls for r in recordings])]
    missed = []

    def is_certain(case):
        # A process that ends at once does not wait for its other threads.
        always = case.end == "again" and case.call not in TIMELY
        return always and case.nth <= certain[case.thread, case.call, case.kind]

    def one(lane, case):
        for _ in range(TRIES):
            report, problem = with_next_start(
                lane, operation, case.end, case.order(), lambda report: verdicts.after_call(case, report)
            )
            if problem or report.hits:
                break
        if not report.hits and not problem:
            missed.append(case)
            if is_certain(case):
                problem = "this call did not come"
        tally.add(case, report, problem)

    spread(lanes, todo, one)
    calls = len(recordings[0].calls)
    return tally.tell(f"{calls} calls, {len(todo)} faults, {len(missed)} of calls that came at times only")


def torture_allocations(lanes, operation):
    """Every allocation of one operation fails, alone and with all that follow."""
    tally, whose = Tally(f"allocations:{operation}"), ALLOCATIONS[operation]
    counts = []
    for how in ("once", "on"):
        done = threading.Event()

        def numbers():
            number = 1
            while not done.is_set():
                yield number
                number += 1

        def one(lane, number):
            report, problem = with_next_start(
                lane, operation, "again", f"memory {number} {how} {whose}", verdicts.after_memory
            )
            if not report.hits and report.end == ("exit", 0):
                done.set()
                if not problem:
                    counts.append(number - 1)
                    return
            tally.add(f"allocation {number}, {how}", report, problem)

        spread(lanes, numbers(), one)
    return tally.tell(f"{min(counts, default=0)} allocations, each alone and with all that follow")


def count_live(lanes, names):
    """The same a thousand times, each on a lane."""
    results = []

    def one(lane, name):
        tally = Tally(f"live:{name}")
        before = lane.standin.ask("counts")["requests"]
        report = lane.do(name, lane.place(), "-", "live", 120)
        requests = lane.standin.ask("counts")["requests"] - before
        problem = verdicts.live(report)
        if not problem and requests < 1000:
            problem = f"{requests} requests came to the server, wanted 1000"
        tally.add("", report, problem)
        blocks, used, descriptors, threads = report.live.get(1000, (0, 0, 0, 0))
        about = f"{blocks} blocks, {used} bytes, {descriptors} descriptors, {threads} threads in use"
        results.append(tally.tell(about))

    spread(lanes, names, one)
    return results


def wanted(names):
    """The parts with their operations that were asked for."""
    every = {"calls": list(OPERATIONS), "allocations": list(ALLOCATIONS), "live": LIVE}
    if not names:
        return every
    parts = {}
    for name in names:
        part, _, operation = name.partition(":")
        if part not in every or (operation and operation not in every[part]):
            sys.exit(f"there is no {name}; there are {', '.join(f'{p}:{o}' for p, all in every.items() for o in all)}")
        parts.setdefault(part, []).extend([operation] if operation else every[part])
    return parts


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    build, parts = args.build.resolve(), wanted(args.names)
    strace = need("strace", "strace")
    need_built(build / "lib/libropc.so")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ropc-torture-")))
        program = compile_c([compiler(), "-O1"], HERE / "driver.c", folder / "driver", shared(build / "lib"))
        library = [compiler(), "-O1", "-shared", "-fPIC"]
        preload = compile_c(library, HERE / "failing.c", folder / "failing.so", [])
        lanes = [stack.enter_context(Lane(build, program, preload)) for _ in range(LANES)]
        results = planted.prove(lanes[0], strace)
        results += [torture_calls(lanes, operation) for operation in parts.get("calls", [])]
        results += [torture_allocations(lanes, operation) for operation in parts.get("allocations", [])]
        results += count_live(lanes, parts.get("live", []))
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main())
