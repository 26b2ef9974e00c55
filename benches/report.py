"""Writes the page: the text of performance.md, with the tables in their places."""

import statistics

from figures import FIGURES, spread
from lab import HERE, NAMES
from rounds import SCENARIOS

PROFILED = ("ropc", "curl", "raw-rustls")
TITLES = {
    "warm": "Warm login, TLS 1.3, EC chain",
    "warm, plain http": "Warm login, plain http",
    "warm, RSA": "Warm login, TLS 1.3, RSA chain",
    "warm, chunks": "Warm login, TLS 1.3, EC chain, the answer in chunks",
    "cold, full": "Cold login, full handshake, EC chain",
    "cold, resumed": "Cold login, resumed with a ticket",
    "cold, full, RSA": "Cold login, full handshake, RSA chain",
    "cold, plain http": "Cold login, plain http",
    "first": "New process to first token, all roots",
    **{f"threads {n}": f"{n} thread{'s' * (n > 1)}, one client, warm, TLS" for n in (1, 2, 8, 32)},
}


def verdicts(results):
    """Each figure with its value, spread and whether it is met."""
    for figure in FIGURES:
        values = figure.value(results)
        middle, low, high = spread(values)
        yield figure, middle, (low, high) if len(values) > 1 else None, figure.good(middle)


def summary(results):
    """The same as lines for a terminal."""
    for figure, middle, _, good in verdicts(results):
        mark = "met " if good else "MISS"
        yield f"{mark} {figure.name}: {figure.form.format(middle)} (must {figure.must})"


def table(head, rows):
    lines = [head, ["---"] + ["--:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def promised(results):
    rows = []
    for figure, middle, quartiles, good in verdicts(results):
        value = figure.form.format(middle)
        around = " to ".join(figure.form.format(one) for one in quartiles) if quartiles else ""
        rows.append([figure.name, figure.must, figure.reach, value if good else f"**{value}**", around])
    return table(["figure", "must", "reach for", "measured", "quartiles"], rows)


def duration(ns):
    for unit, size in (("ms", 1e6), ("µs", 1e3)):
        if ns >= size:
            return f"{ns / size:.2f} {unit}"
    return f"{ns:.1f} ns"


def timed(results):
    """A table for each scenario that has more than one client."""
    tables = []
    for name in (scenario.name for scenario in SCENARIOS if len(scenario.drivers) > 1):
        found = results["rounds"][name]
        rows = []
        for driver, told in found.items():
            middle, low, high = spread([one["ns"] for one in told])
            cpu = statistics.median(one["cpu"] for one in told)
            times = [one["ns"] / other["ns"] for one, other in zip(told, found["curl"])]
            rows.append([NAMES[driver], duration(middle), f"{duration(low)} to {duration(high)}", duration(cpu)])
            rows[-1].append(f"{statistics.median(times):.2f}")
        head = ["client", "wall", "quartiles", "processor", "× libcurl"]
        tables.append(f"### {TITLES[name]}\n\n{table(head, rows)}")
    return "\n\n".join(tables)


def counted(results):
    """A table of counts for each work and listener."""
    tables = []
    for what, found in results["counts"].items():
        rows = []
        for driver, told in found.items():
            calls = ", ".join(f"{name} {count:.2g}" for name, count in list(told["calls"].items())[:5])
            numbers = [f"{told['instructions'] / 1000:.1f} k"]
            numbers += [f"{told[name]:.1f}" for name in ("system_calls", "allocations")]
            rows.append([NAMES[driver], *numbers, calls])
        head = ["client", "instructions", "system calls", "allocations", "which calls"]
        work, listener = what.split()
        title = f"{work.capitalize()} login, {'plain http' if listener == 'http' else 'TLS 1.3'}"
        tables.append(f"### {title}\n\n{table(head, rows)}")
    return "\n\n".join(tables)


def memory(results):
    """What each client's process takes, after few logins and more."""
    rows = []
    for driver, found in results["memory"].items():
        numbers = [f"{told[name]:,} KB" for told in found.values() for name in ("peak_kb", "dirty_kb")]
        rows.append([NAMES[driver], *numbers])
    logins = [f"{count} login{'s' * (count != '1')}" for count in results["memory"]["ropc"]]
    return table(["client", *(f"{what}, {count}" for count in logins for what in ("peak", "private"))], rows)


def profile(results):
    """Where the instructions of a warm login go, in three clients."""
    found = {driver: told["profile"] for driver, told in results["counts"]["warm ec"].items() if driver in PROFILED}
    owners = {owner for told in found.values() for owner, count in told.items() if count >= 50}
    rows = []
    for owner in sorted(owners, key=lambda owner: -max(told.get(owner, 0) for told in found.values())):
        counts = [told.get(owner, 0) for told in found.values()]
        rows.append([owner, *(f"{count / 1000:.1f} k" if count >= 50 else "" for count in counts)])
    return table(["code of", *(NAMES[driver] for driver in found)], rows)


def machine(results):
    rows = [[name, value] for name, value in results["machine"].items()]
    rows += [["date", results["date"]], ["load before the run", f"{results['load']:.1f}"]]
    rows += [["run", f"{results['size']}, {results['rounds_each']} rounds, client and server {results['how']}"]]
    rows += [["measuring took", f"{results['seconds'] / 60:.1f} minutes"]]
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def verdict(results):
    missed = sum(not good for *_, good in verdicts(results))
    return f"{missed} of {len(FIGURES)} are not met; they are bold." if missed else f"All {len(FIGURES)} are met."


def page(results):
    text = (HERE / "performance.md").read_text()
    parts = (promised, timed, counted, memory, profile, machine, verdict)
    for part in parts:
        text = text.replace(f"{{{{{part.__name__}}}}}", part(results))
    return text
