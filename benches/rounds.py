"""What is timed: scenarios, each with all its clients in turn, round after round,
so that whatever else the machine does falls on all of them."""

import statistics
import time
from dataclasses import dataclass

RUST = ("raw-rustls", "oauth2-ureq", "oauth2-reqwest")
PYTHON = ("ropc-python", "requests-oauthlib")
# Python is slower: what takes the others a second must not take it a minute.
PYTHON_SHARE = 10


@dataclass
class Scenario:
    """One work at one listener of the server."""

    name: str
    work: str
    listener: str
    count: int  # in a full run; a quick one does a fifth
    drivers: tuple
    threads: int = 1
    # Client and server stay where run.py puts them, or go anywhere.
    pinned: bool = True


ALL = ("ropc", "curl", *RUST, *PYTHON)
NATIVE = ("ropc", "curl", *RUST)
THREADS = (1, 2, 8, 32)
SCENARIOS = [
    Scenario("warm", "warm", "ec", 10000, ALL),
    Scenario("warm, plain http", "warm", "http", 10000, ("ropc", "curl", "floor")),
    Scenario("warm, RSA", "warm", "rsa", 10000, ("ropc", "curl", "raw-rustls")),
    Scenario("warm, chunks", "warm", "ec-chunks", 10000, ("ropc", "curl", "oauth2-ureq")),
    Scenario("cold, full", "cold", "ec-full", 1000, ALL),
    Scenario("cold, resumed", "cold", "ec", 1000, ALL),
    Scenario("cold, full, RSA", "cold", "rsa-full", 1000, ("ropc", "curl", "raw-rustls")),
    Scenario("cold, plain http", "cold", "http", 1000, ("ropc", "curl", "floor")),
    Scenario("first", "first", "ec", 15, ALL),
    *(Scenario(f"threads {n}", "threads", "ec", 32000, NATIVE, n, pinned=False) for n in THREADS),
    *(Scenario(f"token {n}", "token", "ec", 5_000_000, ("ropc",), n, pinned=n == 1) for n in THREADS),
    Scenario("poll", "poll", "ec", 5_000_000, ("ropc",)),
]


def one(lab, server, scenario, driver, quick, cpu):
    """One driver's part of a round."""
    count = scenario.count // (5 if quick else 1)
    if driver in PYTHON and scenario.work != "first":
        count //= PYTHON_SHARE
    base, ca = server.place(scenario.listener)
    if scenario.work == "first":
        return lab.first(driver, count, base, server.bundle, cpu)
    return lab.drive(driver, scenario.work, count, base, ca, threads=scenario.threads, cpu=cpu)


def middle(results, driver):
    """The median of what a driver took so far, for a person to read."""
    ns = statistics.median(result["ns"] for result in results[driver])
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            return f"{driver} {ns / size:.1f} {unit}"
    return f"{driver} {ns:.1f} ns"


def measure(lab, servers, rounds, quick, client_cpu):
    """All scenarios; for each its drivers, and for each of them its rounds."""
    found = {}
    for at, scenario in enumerate(SCENARIOS, 1):
        results = {driver: [] for driver in scenario.drivers}
        start = time.monotonic()
        for number in range(rounds):
            # Forwards and backwards in turn: who is first pays for nobody.
            order = scenario.drivers if number % 2 == 0 else scenario.drivers[::-1]
            server = servers["pinned" if scenario.pinned else "free"]
            for driver in order:
                told = one(lab, server, scenario, driver, quick, client_cpu if scenario.pinned else None)
                results[driver].append(told)
        took = time.monotonic() - start
        told = ", ".join(middle(results, driver) for driver in scenario.drivers)
        print(f"[{at}/{len(SCENARIOS)}] {scenario.name}: {rounds} rounds in {took:.0f} s: {told}", flush=True)
        found[scenario.name] = results
    return found
