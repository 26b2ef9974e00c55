"""Draws the plots of the page from the results, with matplotlib.

    python plots.py RESULTS FOLDER
"""

import json
import statistics
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
# The same results give the same bytes, and text stays text.
matplotlib.rcParams |= {"svg.hashsalt": "ropc", "svg.fonttype": "none", "font.size": 9}

from matplotlib import pyplot  # noqa: E402

from lab import NAMES  # noqa: E402

OURS, OTHERS, FLOORS = "#1a6fb5", "#9aa5b1", "#d9a441"
COLOURS = {"ropc": OURS, "ropc-python": OURS, "raw-rustls": FLOORS, "floor": FLOORS}
BARS = {"warm": "Warm login over TLS 1.3", "cold, full": "Cold login, full handshake", "first": "New process to first token"}


def bars(results, folder):
    """Wall time of each client by libcurl's, a dot for each round."""
    figure, axes = pyplot.subplots(1, len(BARS), figsize=(11, 3.2), sharey=True)
    for axis, (name, title) in zip(axes, BARS.items()):
        found = results["rounds"][name]
        for at, (driver, told) in enumerate(found.items()):
            values = [one["ns"] / other["ns"] for one, other in zip(told, found["curl"])]
            axis.barh(at, statistics.median(values), color=COLOURS.get(driver, OTHERS), height=0.6)
            axis.plot(values, [at] * len(values), ".", color="black", markersize=2.5)
        axis.axvline(1, color="black", linewidth=0.6)
        axis.set(title=title, xscale="log", xlabel="wall time by libcurl's (logarithmic)")
        axis.set_yticks(range(len(found)), [NAMES[driver] for driver in found])
    axes[0].invert_yaxis()
    save(figure, folder / "clients.svg")


def threads(results, folder):
    """Logins and tokens a second over threads."""
    figure, (logins, tokens) = pyplot.subplots(1, 2, figsize=(9, 3.2))
    for axis, kind, unit, size in ((logins, "threads", "thousand logins", 1e3), (tokens, "token", "million tokens", 1e6)):
        scenarios = {int(name.split()[1]): found for name, found in results["rounds"].items() if name.startswith(kind)}
        for driver in next(iter(scenarios.values())):
            rates = [1e9 / size / statistics.median(one["ns"] for one in found[driver]) for found in scenarios.values()]
            style = {"color": OURS, "linewidth": 2} if driver == "ropc" else {"linewidth": 1}
            axis.plot(range(len(rates)), rates, "o-", markersize=3, label=NAMES[driver], **style)
        axis.set(xlabel="threads with one client", ylabel=f"{unit} a second", ylim=(0, None))
        axis.set_xticks(range(len(scenarios)), list(scenarios))
    logins.legend(frameon=False, fontsize=7)
    save(figure, folder / "threads.svg")


def growth(results, folder):
    """Time and memory over very many logins."""
    told = results["growth"]
    done = [(at + 1) * told["logins"] / len(told["ns"]) for at in range(len(told["ns"]))]
    figure, (time, memory) = pyplot.subplots(1, 2, figsize=(9, 2.6))
    time.plot(done, [ns / 1e3 for ns in told["ns"]], "o-", color=OURS, markersize=3)
    time.set(xlabel="logins of one process", ylabel="µs a login", ylim=(0, None))
    memory.plot(done, told["dirty_kb"], "o-", color=OURS, markersize=3)
    memory.set(xlabel="logins of one process", ylabel="private memory, KB", ylim=(0, None))
    save(figure, folder / "growth.svg")


def save(figure, path):
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    # matplotlib ends some lines of paths with a space.
    path.write_text("\n".join(line.rstrip() for line in path.read_text().splitlines()) + "\n")


def main():
    results, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    folder.mkdir(exist_ok=True)
    for draw in (bars, threads, growth):
        draw(results, folder)


if __name__ == "__main__":
    main()
