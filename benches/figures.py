"""The figures that were promised, and how each is had from the results."""

import statistics
from dataclasses import dataclass
from typing import Callable


@dataclass
class Figure:
    """One line of the table. `value` gives one number for each round, or one."""

    name: str
    must: str
    reach: str
    value: Callable
    good: Callable
    form: str = "{:.2f}"


def ratio(scenario, other, what="ns"):
    """What ours takes by what another takes, in each round."""

    def values(results):
        ours, theirs = (results["rounds"][scenario][name] for name in ("ropc", other))
        return [mine[what] / its[what] for mine, its in zip(ours, theirs)]

    return values


def rate(scenario, other):
    """How many ours does in a second by how many another does, in each round."""
    return lambda results: [1 / value for value in ratio(scenario, other)(results)]


def absolute(scenario):
    """Nanoseconds in each round."""
    return lambda results: [one["ns"] for one in results["rounds"][scenario]["ropc"]]


def counted(what):
    """A count of a warm login over TLS."""
    return lambda results: [results["counts"]["warm ec"]["ropc"][what]]


def memory(what):
    """Memory after one TLS login, by libcurl's."""

    def values(results):
        return [results["memory"]["ropc"]["1"][what] / results["memory"]["curl"]["1"][what]]

    return values


def forbidden(results):
    """Calls that a warm login must not make."""
    calls = results["counts"]["warm ec"]["ropc"]["calls"]
    return [sum(calls.get(name, 0) for name in ("setsockopt", "clone", "clone3"))]


def rising(results):
    """Tokens a second of two threads, by those of one."""
    one, two = (results["rounds"][f"token {n}"]["ropc"] for n in (1, 2))
    return [a["ns"] / b["ns"] for a, b in zip(one, two)]


def flat(name):
    """The least of the second half of many logins, by the least of the first:
    whatever else the machine does only adds, and what grows grows in each."""

    def values(results):
        parts = results["growth"][name]
        half = len(parts) // 2
        return [min(parts[half:]) / min(parts[:half])]

    return values


def only(*keys):
    """One number of the results."""

    def value(results):
        for key in keys:
            results = results[key]
        return [results]

    return value


def at_most(limit):
    return lambda value: value <= limit


def at_least(limit):
    return lambda value: value >= limit


def megabytes(results):
    return [results["sizes"]["ropc"] / 1e6]


def other_threads(results):
    return [results["idle"]["threads"] - 1]


def client_kilobytes(results):
    return [results["clients"]["bytes"] / 1024]


CURL = "× libcurl"
COUNT, FINE = "{:.0f}", "{:.3f}"
FIGURES = [
    Figure("warm login, wall", f"≤ 0.70 {CURL}", "0.60", ratio("warm", "curl"), at_most(0.70)),
    Figure("warm login, wall", "≤ 1.35 × raw rustls", "1.20", ratio("warm", "raw-rustls"), at_most(1.35)),
    Figure("warm login, processor", f"≤ 0.58 {CURL}", "0.45", ratio("warm", "curl", "cpu"), at_most(0.58), FINE),
    # A rare call to get memory is none of a login.
    Figure("warm login, system calls", "≤ 3", "3", counted("system_calls"), at_most(3.05), "{:.1f}"),
    Figure("socket options and threads among them", "0", "0", forbidden, at_most(0), "{:.1f}"),
    Figure("warm login, allocations", "≤ 50", "40", counted("allocations"), at_most(50), "{:.1f}"),
    Figure("cold login, full handshake", f"≤ 0.50 {CURL}", "0.45", ratio("cold, full", "curl"), at_most(0.50)),
    Figure("cold login, resumed", f"≤ 0.52 {CURL}", "0.45", ratio("cold, resumed", "curl"), at_most(0.52)),
    Figure("new process to token, all roots", f"≤ 0.08 {CURL}", "0.06", ratio("first", "curl"), at_most(0.08), FINE),
    Figure("8 threads, logins a second", f"≥ 1.4 {CURL}", "1.6", rate("threads 8", "curl"), at_least(1.4)),
    Figure("32 threads, logins a second", f"≥ 1.4 {CURL}", "1.6", rate("threads 32", "curl"), at_least(1.4)),
    Figure("valid token from a session, ns", "≤ 80", "45", absolute("token 1"), at_most(80), COUNT),
    Figure("tokens a second, 2 threads by 1", "> 1", "", rising, lambda value: value > 1),
    Figure("system calls of 1,000 tokens", "0", "0", only("quiet", "token"), at_most(0), COUNT),
    Figure("poll of a running request, ns", "≤ 10", "", absolute("poll"), at_most(10), "{:.1f}"),
    Figure("system calls of 1,000 polls", "0", "0", only("quiet", "poll"), at_most(0), COUNT),
    Figure("login after connecting ahead, flights", "1", "1", only("flights"), at_most(1), COUNT),
    Figure("shared library, MB", "≤ 1.85", "1.65", megabytes, at_most(1.85)),
    Figure("peak memory after a TLS login", f"≤ 0.38 {CURL}", "0.33", memory("peak_kb"), at_most(0.38)),
    Figure("private memory after a TLS login", f"≤ 0.18 {CURL}", "0.15", memory("dirty_kb"), at_most(0.18)),
    Figure("many logins, time, second half by first", "flat", "", flat("ns"), at_most(1.1)),
    Figure("many logins, memory, second half by first", "flat", "", flat("dirty_kb"), at_most(1.1)),
    Figure("1,000 idle sessions, threads", "0", "0", other_threads, at_most(0), COUNT),
    Figure("1,000 idle sessions, wake-ups in 3 s", "0", "0", only("idle", "wake_ups"), at_most(0), COUNT),
    Figure("one more client of the same trust, KB", "≤ 16", "4", client_kilobytes, at_most(16), "{:.1f}"),
]


def spread(values):
    """Median, and the quartiles around it."""
    values = sorted(values)
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return statistics.median(values), low, high
