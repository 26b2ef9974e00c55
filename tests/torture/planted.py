"""The proof that each kind of bug would be found: operations with one, and what must
be said of them. And that no system call is overlooked, by strace's count."""

import re
import subprocess
from collections import Counter

import verdicts
from calls import OPERATIONS, Case

# Not seen by the driver: waits on locks, ends, and what glibc does with a process's
# first thread, which is the driver's own there.
UNSEEN = {"futex", "exit", "exit_group", "rt_sigreturn", "restart_syscall", "rt_sigaction"}


def call(operation, order, outcomes=("",), end="again"):
    """A call that fails, as the driver is told of it."""
    thread, name, kind, nth, fault = order.split()
    return Case(operation, end, int(thread), name, kind, int(nth), fault, kind, frozenset(outcomes))


# A bug, the fault that shows it, and what must be said.
OF_CALLS = [
    (call("planted_hang", "0 openat path 1 EMFILE"), "still under way"),
    (call("planted_descriptor", "0 openat path 2 EMFILE"), "1 descriptors"),
    (call("planted_twice", "0 recvfrom socket 2 ECONNRESET"), "the password was sent 3 times"),
    (call("planted_reuse", "1 recvfrom socket 2 ECONNRESET"), "a refresh token was sent twice"),
    (call("planted_silence", "0 openat path 1 EMFILE"), "ended as ROPC_E_STORE"),
    (call("planted_short", "0 write file 1 short"), "ended as ROPC_E_STORE"),
]


def found(name, problem, wanted):
    """The line of one proof; whether it succeeded."""
    good = problem is not None and wanted in problem
    print(f"ok   planted:{name}" if good else f"FAIL planted:{name}: wanted {wanted!r}, found {problem!r}", flush=True)
    return good


def lost_record(lane):
    """A record that a failed write destroys, and nobody is told."""
    case = call("planted_loss", "0 write file 1 ENOSPC", end="gone")
    place = lane.place()
    report = lane.do(case.operation, place, case.end, case.order())
    after = lane.do("next", place, "again", "plain")
    return verdicts.after_call(case, report) or verdicts.next_start("refresh", report, after, False, [])


def crash(lane):
    report = lane.do("planted_crash", lane.place(), "again", "memory 1 once all")
    return verdicts.after_memory(report)


def unseen(lane, strace, operation):
    """Calls of an operation that only strace sees."""
    recorded = lane.do(operation, lane.place(), "again", "record").calls
    output = lane.place() / "trace"
    order = f"{operation} {lane.place()}/store 30 again plain\n"
    command = [strace, "-f", "-o", output, *lane.command]
    subprocess.run(command, input=order, text=True, capture_output=True, timeout=60, **lane.surroundings)
    counting, traced = False, Counter()
    for line in output.read_text(errors="replace").splitlines():
        if 'write(-1, "armed:"' in line or 'write(-1, "disarm"' in line:
            counting = "armed" in line
        elif counting and (name := re.match(r"\d+ +(\w+)\(", line)) and name[1] not in UNSEEN:
            traced[name[1]] += 1
    if not traced:
        return "strace saw nothing"
    # Some come at times only, as a third recvfrom.
    more = {name: count for name, count in (traced - Counter(one[1] for one in recorded)).items() if count > 2}
    strange = set(traced) - {one[1] for one in recorded}
    return f"strace sees more: {more}, {strange}" if more or strange else None


def prove(lane, strace):
    """Prints a line for each; which succeeded."""
    results = []
    for case, wanted in OF_CALLS:
        seconds = 1 if case.operation == "planted_hang" else 30
        report = lane.do(case.operation, lane.place(), case.end, case.order(), seconds)
        results.append(found(case.operation.removeprefix("planted_"), verdicts.after_call(case, report), wanted))
    results.append(found("loss", lost_record(lane), "the next start"))
    results.append(found("crash", crash(lane), "killed by signal 11"))
    report = lane.do("planted_leak", lane.place(), "-", "live", 120)
    results.append(found("leak", verdicts.live(report), "blocks"))
    problems = [problem for operation in OPERATIONS if (problem := unseen(lane, strace, operation))]
    print("\n".join([f"FAIL planted:strace: {problem}" for problem in problems] or ["ok   planted:strace"]), flush=True)
    return [*results, not problems]
