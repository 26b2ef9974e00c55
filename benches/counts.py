"""What does not depend on what else the machine does: instructions, system calls,
allocations, memory, sizes. Each is the difference of two runs of which one signs
in more often, so what a process does once is not in it."""

import re
import statistics
import sys
from pathlib import Path

from callgrind import by_owner
from lab import ROOT, run
from rounds import PYTHON

# Logins of the shorter run, and how many more the longer one has.
FEW, MORE = 20, 100
# Under valgrind a login takes milliseconds.
COLD_MORE = 20
COUNTED = ("ropc", "curl", "raw-rustls", "oauth2-ureq", "oauth2-reqwest", "floor", *PYTHON)
LISTENERS = {"warm": ("ec", "http"), "cold": ("ec-full", "http")}
# Floors are for one of the two each, and Python is looked at over TLS.
NOT_AT = {"http": ("raw-rustls", *PYTHON), "ec": ("floor",), "ec-full": ("floor",)}
# What a quick run counts of a warm login over TLS.
QUICK = ("ropc", "curl", "raw-rustls")
# Two runs of Python begin alike, and each block it wants is asked of the C library.
ENVIRONMENT = {"PYTHONHASHSEED": "0", "PYTHONMALLOC": "malloc"}
# After how many logins memory is looked at, and in how many processes each time.
MEMORY_AFTER, PROCESSES = (1, 25), 5
# Work that makes no login: it must make no system call either.
QUIET = ("token", "poll")


def difference(command, few, more):
    """What a command that takes a number of logins tells, for one login."""
    first, second = command(few), command(few + more)
    return {name: (second[name] - first.get(name, 0)) / more for name in second}


def instructions(lab, driver, work, place):
    """Instructions by owner; callgrind's processor has no AVX-512 and no SHA extensions."""
    output = lab.folder / "callgrind.out"
    before = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={output}"]

    def counted(count):
        # With Python's own allocator: that is how it runs.
        lab.drive(driver, work, count, *place, before=before, environment={"PYTHONHASHSEED": "0"})
        return by_owner(output)

    return counted


def system_calls(lab, driver, work, place):
    """Each system call by its name."""
    output = lab.folder / "strace.out"

    def calls(count):
        lab.drive(driver, work, count, *place, before=["strace", "-f", "-c", "-o", output])
        rows = re.findall(r"^ *[\d.]+ +[\d.]+ +\d+ +(\d+)(?: +\d+)? +(\w+)$", output.read_text(), re.M)
        return {name: int(count) for count, name in rows if name != "total"}

    return calls


def allocations(lab, driver, work, place):
    """How often memory is asked for, and how much."""
    output = lab.folder / "allocations.out"
    more = {"LD_PRELOAD": str(lab.folder / "allocations.so"), "BENCH_ALLOCATIONS": str(output), **ENVIRONMENT}

    def asked(count):
        lab.drive(driver, work, count, *place, environment=more)
        return dict(zip(("allocations", "bytes"), map(int, output.read_text().split())))

    return asked


def of_logins(lab, server, quick):
    """The counts of each driver, warm and cold, over TLS and plain."""
    found = {}
    for work, listeners in LISTENERS.items():
        for listener in listeners:
            drivers = [driver for driver in COUNTED if driver not in NOT_AT[listener]]
            if quick:
                drivers = QUICK if (work, listener) == ("warm", "ec") else ()
            for driver in drivers:
                found.setdefault(f"{work} {listener}", {})[driver] = of_one(lab, driver, work, server.place(listener))
    return found


def of_one(lab, driver, work, place):
    """All counts of one driver for one work."""
    calls = difference(system_calls(lab, driver, work, place), FEW, MORE)
    calls = {name: count for name, count in sorted(calls.items(), key=lambda one: -one[1]) if count >= 0.05}
    asked = difference(allocations(lab, driver, work, place), FEW, MORE)
    profile = difference(instructions(lab, driver, work, place), FEW, COLD_MORE if work == "cold" else MORE)
    told = {"calls": calls, "system_calls": sum(calls.values()), **asked}
    told |= {"profile": profile, "instructions": sum(profile.values())}
    print(
        f"counts, {work}, {driver}: {told['instructions'] / 1000:.1f} k instructions, "
        f"{told['system_calls']:.1f} system calls, {asked['allocations']:.1f} allocations",
        flush=True,
    )
    return told


def memory(lab, server):
    """What each client's process takes over TLS: at its peak, and what it wrote to."""
    found = {}
    for driver in (driver for driver in COUNTED if driver not in NOT_AT["ec"]):
        for count in MEMORY_AFTER:
            told = [lab.drive(driver, "memory", count, *server.place("ec")) for _ in range(PROCESSES)]
            middle = {name: statistics.median(one[name] for one in told) for name in told[0]}
            found.setdefault(driver, {})[str(count)] = middle
        once = found[driver]["1"]
        print(f"memory, {driver}: {once['peak_kb']} KB at most, {once['dirty_kb']} KB private", flush=True)
    return found


def quiet(lab, server):
    """System calls of work that needs none, in a thousand of each."""
    place, found = server.place("ec"), {}
    for work in QUIET:
        calls = difference(system_calls(lab, "ropc", work, place), 1000, 100_000)
        # One more or less in a whole run is the process', which now and then asks for memory.
        found[work] = round(abs(sum(calls.values())) * 1000)
    return found


def flights(build):
    """How often a login after connecting ahead waits for the server, at most."""
    print("counts, flights of a login after connecting ahead", flush=True)
    told = run([sys.executable, ROOT / "tests/flights.py", "--build", build])
    ahead = ("ropc_client_connect", "ropc_request_connect")
    return max(int(line.split()[-1]) for line in told.splitlines() if line.startswith(ahead))


def sizes(lab):
    """Bytes of what a program loads: ours, and libcurl with what it cannot do without."""
    told = run(["ldd", lab.folder / "curl"])
    wanted = ("libcurl", "libssl", "libcrypto", "libcjson")
    paths = [line.split()[2] for line in told.splitlines() if line.strip().startswith(wanted)]
    return {"ropc": lab.library.stat().st_size, "curl": sum(Path(path).stat().st_size for path in paths)}

