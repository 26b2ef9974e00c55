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


def ratio(scenario, other, what="ns", turned=False):
    """What ours takes by what another takes, in each round; turned, the other way."""

    def values(results):
        ours, theirs = (results["rounds"][scenario][name] for name in ("ropc", other))
        pairs = [(mine[what], other[what]) for mine, other in zip(ours, theirs)]
        return [b / a if turned else a / b for a, b in pairs]

    return values


def absolute(scenario):
    """Nanoseconds in each round."""
    return lambda results: [one["ns"] for one in results["rounds"][scenario]["ropc"]]


def counted(what):
    """A count of a warm login over TLS."""
    return lambda results: [results["counts"]["warm ec"]["ropc"][what]]


def memory(what):
    """Memory after TLS logins, by libcurl's."""
    return lambda results: [results["counts"]["warm ec"][name][what] for name in ("ropc", "curl")]


def by(values):
    """The first of two numbers by the second."""

    def divided(results):
        ours, theirs = values(results)
        return [ours / theirs]

    return divided


def forbidden(results):
    """Calls that a warm login must not make."""
    calls = results["counts"]["warm ec"]["ropc"]["calls"]
    return [sum(calls.get(name, 0) for name in ("setsockopt", "clone", "clone3"))]


def rising(results):
    """Tokens a second of two threads, by those of one."""
    one, two = (results["rounds"][f"token {n}"]["ropc"] for n in (1, 2))
    return [a["ns"] / b["ns"] for a, b in zip(one, two)]


def flat(name):
    """The last three tenths of many logins, by the first three."""

    def values(results):
        parts = results["growth"][name]
        return [statistics.median(parts[-3:]) / statistics.median(parts[:3])]

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


TIMES = "× libcurl"
FIGURES = [
    Figure("warm login, wall", f"≤ 0.70 {TIMES}", "0.60", ratio("warm", "curl"), at_most(0.70)),
    Figure("warm login, wall", "≤ 1.35 × raw rustls", "1.20", ratio("warm", "raw-rustls"), at_most(1.35)),
    Figure("warm login, processor of the client", f"≤ 0.58 {TIMES}", "0.45", ratio("warm", "curl", "cpu"), at_most(0.58)),
    Figure("warm login, system calls", "≤ 3", "3", counted("system_calls"), at_most(3.05), "{:.1f}"),
    Figure("of them socket options and threads", "0", "0", forbidden, at_most(0), "{:.1f}"),
    Figure("warm login, allocations", "≤ 50", "40", counted("allocations"), at_most(50), "{:.1f}"),
    Figure("cold login, full handshake", f"≤ 0.50 {TIMES}", "0.45", ratio("cold, full", "curl"), at_most(0.50)),
    Figure("cold login, resumed", f"≤ 0.52 {TIMES}", "0.45", ratio("cold, resumed", "curl"), at_most(0.52)),
    Figure("new process to first token, all roots", f"≤ 0.08 {TIMES}", "0.06", ratio("first", "curl"), at_most(0.08), "{:.3f}"),
    *(
        Figure(f"{n} threads, logins a second", f"≥ 1.4 {TIMES}", "1.6", ratio(f"threads {n}", "curl", turned=True), at_least(1.4))
        for n in (8, 32)
    ),
    Figure("valid token from a session, ns", "≤ 80", "45", absolute("token 1"), at_most(80), "{:.0f}"),
    Figure("the same, tokens a second of 2 threads by 1", "> 1", "", rising, lambda value: value > 1),
    Figure("its system calls, in a thousand", "0", "0", only("quiet", "token"), at_most(0), "{:.0f}"),
    Figure("poll of a running request, ns", "≤ 10", "", absolute("poll"), at_most(10), "{:.1f}"),
    Figure("its system calls, in a thousand", "0", "0", only("quiet", "poll"), at_most(0), "{:.0f}"),
    Figure("login after connecting ahead, flights", "1", "1", only("flights"), at_most(1), "{:.0f}"),
    Figure("shared library, MB", "≤ 1.85", "1.65", lambda results: [results["sizes"]["ropc"] / 1e6], at_most(1.85)),
    Figure("peak memory after TLS logins", f"≤ 0.38 {TIMES}", "0.33", by(memory("peak_kb")), at_most(0.38)),
    Figure("private memory after TLS logins", f"≤ 0.18 {TIMES}", "0.15", by(memory("dirty_kb")), at_most(0.18)),
    Figure("many logins, time, last three tenths by first three", "flat", "", flat("ns"), at_most(1.1)),
    Figure("many logins, memory, the same", "flat", "", flat("dirty_kb"), at_most(1.1)),
    Figure("1,000 idle sessions, threads besides the program's", "0", "0", lambda results: [results["idle"]["threads"] - 1], at_most(0), "{:.0f}"),
    Figure("1,000 idle sessions, wake-ups in 3 s", "0", "0", only("idle", "wake_ups"), at_most(0), "{:.0f}"),
    Figure("one more client of the same trust, KB", "≤ 16", "4", lambda results: [results["clients"]["bytes"] / 1024], at_most(16), "{:.1f}"),
]


def spread(values):
    """Median, and the quartiles around it."""
    values = sorted(values)
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return statistics.median(values), low, high
