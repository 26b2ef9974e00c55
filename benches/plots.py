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

OURS = "#1a6fb5"
COLOURS = {
    "ropc": OURS, "ropc-python": OURS, "curl": "#444444", "oauth2-ureq": "#7aa874", "oauth2-reqwest": "#b07aa1",
    "requests-oauthlib": "#c9694f", "raw-rustls": "#d9a441", "floor": "#d9a441",
}  # fmt: skip
CLIENTS = {
    "warm": "Warm login over TLS 1.3",
    "cold, full": "Cold login, full handshake",
    "first": "New process to first token",
}
TICKS = [0.03, 0.1, 0.3, 1, 3, 10, 30]


def clients(results, folder):
    """Wall time of each client by libcurl's: the median, and a dot for each round."""
    figure, axes = pyplot.subplots(1, len(CLIENTS), figsize=(11, 3.2), sharey=True)
    for axis, (name, title) in zip(axes, CLIENTS.items()):
        found = results["rounds"][name]
        for at, (driver, told) in enumerate(found.items()):
            values = [one["ns"] / other["ns"] for one, other in zip(told, found["curl"])]
            axis.plot(statistics.median(values), at, "o", color=COLOURS[driver], markersize=9)
            axis.plot(values, [at] * len(values), ".", color="black", markersize=2.5)
        axis.axvline(1, color="black", linewidth=0.6)
        axis.set(title=title, xscale="log", xlim=(TICKS[0], TICKS[-1]), xlabel="wall time by libcurl's")
        axis.set_xticks(TICKS, [f"{tick:g}" for tick in TICKS])
        axis.minorticks_off()
        axis.set_yticks(range(len(found)), [NAMES[driver] for driver in found])
        axis.grid(axis="x", linewidth=0.3)
    axes[0].invert_yaxis()
    save(figure, folder / "clients.svg")


def threads(results, folder):
    """Logins and tokens a second over threads."""
    figure, (logins, tokens) = pyplot.subplots(1, 2, figsize=(9, 3.2))
    kinds = ((logins, "threads", "thousand logins", 1e6), (tokens, "token", "million tokens", 1e3))
    for axis, kind, what, each in kinds:
        found = {int(name.split()[1]): told for name, told in results["rounds"].items() if name.startswith(kind)}
        for driver in next(iter(found.values())):
            rates = [each / statistics.median(one["ns"] for one in told[driver]) for told in found.values()]
            style = {"color": COLOURS[driver], "linewidth": 2 if driver == "ropc" else 1, "markersize": 3}
            axis.plot(range(len(rates)), rates, "o-", label=NAMES[driver], **style)
        axis.set(xlabel="threads with one client", ylabel=f"{what} a second", ylim=(0, None))
        axis.set_xticks(range(len(found)), list(found))
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
    for draw in (clients, threads, growth):
        draw(results, folder)


if __name__ == "__main__":
    main()
