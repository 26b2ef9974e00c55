"""What the processes have and do, as tables, and whether it stayed the same."""

import os
from collections import Counter

# How much more than after the first fifth a still process may have. In use: the
# library's tables (calls under way, threads, look-ups) and the C library's keep the
# room of their busiest moment, which may come late. Anonymous: the stacks of threads
# that have ended, some 40 with 12 KiB each, of which the C library keeps many or few
# for the next ones. Resident: those, and code that ran for the first time. Mappings:
# the same stacks.
ALLOWED = {"heap": 16 * 1024, "anon": 512, "rss": 1024, "threads": 0, "descriptors": 0, "mappings": 40}
# Sessions that are kept may be signed in or not, and have tokens to save or not.
KEPT = {"heap": 32 * 1024, "anon": 64}
UNITS = {"heap": "bytes", "anon": "KiB", "rss": "KiB"}

STATUSES = {
    0: "ok", 1: "pending", 2: "save first", 21: "connect", 22: "tls", 23: "timeout", 24: "cut off", 25: "stopped",
    26: "proxy", 30: "refused", 34: "too short", 40: "signed out", 41: "unclear", 42: "store", 43: "not revoked",
}
FAULTS = ["none", "delay", "throttle", "cut", "reset", "silence", "half_close", "stall", "refused", "proxy_503"]


class Peaks:
    """The most that a process had at any moment that somebody looked."""

    def __init__(self, pid):
        self.pid, self.most = pid, Counter()

    def look(self):
        """Looks; a process that is gone has nothing."""
        try:
            with open(f"/proc/{self.pid}/status") as status:
                lines = dict(line.split(":", 1) for line in status)
            now = {"rss": int(lines["VmRSS"].split()[0]), "threads": int(lines["Threads"])}
            now["descriptors"] = len(os.listdir(f"/proc/{self.pid}/fd"))
        except (OSError, KeyError):
            return
        self.most |= Counter(now)

    def take(self):
        """Since the last time."""
        most, self.most = self.most, Counter()
        return dict(most)


def outcomes(report):
    """Calls by outcome, those that never block left out."""
    total = Counter()
    for kind, calls in report["calls"].items():
        if kind not in ("at once", "shutdown"):
            total.update({int(status): count for status, count in calls.items()})
    return total


def print_head():
    """The head of the table. A row counts the calls since the one before; memory,
    threads and so on are of the still process, the most since the row before in
    brackets."""
    print(
        f"{'':8}{'s':>6}{'calls':>8}{'/s':>5}{'ok':>7}{'refused':>8}{'network':>8}{'stopped':>8}{'unclear':>8}"
        f"{'other':>6}{'heap KiB':>9}{'anon KiB':>9}{'PSS KiB':>8}{'RSS KiB':>15}{'threads':>9}{'fds':>8}{'maps':>5}"
        f"{'late ms':>8}"
    )


def print_row(name, reports):
    """The newest report, and what came since the one before."""
    now, before = reports[-1], reports[-2] if len(reports) > 1 else {"calls": {}, "ms": 0}
    calls = outcomes(now)
    calls.subtract(outcomes(before))
    total, peaks = sum(calls.values()), now["peaks"]
    network = sum(calls.pop(status, 0) for status in (21, 23, 24, 26))
    ok, refused, stopped, unclear = (calls.pop(status, 0) for status in (0, 30, 25, 41))
    seconds = (now["ms"] - before["ms"]) / 1000
    print(
        f"{name:8}{now['ms'] / 1000:6.0f}{total:8}{total / seconds:5.0f}{ok:7}{refused:8}{network:8}{stopped:8}"
        f"{unclear:8}{sum(calls.values()):6}{now['heap'] / 1024:9.1f}{now['anon']:9}{now['pss']:8}"
        f"{now['rss']:7} ({peaks.get('rss', 0):5}){now['threads']:4} ({peaks.get('threads', 0):2})"
        f"{now['descriptors']:4} ({peaks.get('descriptors', 0):2}){now['mappings']:4}{max(now['worst'].values()):8}",
        flush=True,
    )


def print_end(programs, faults, counts, ledger):
    """Everything that was done, by kind and outcome."""
    for program in programs:
        if not program.reports:
            continue
        last = program.reports[-1]
        print(f"{program.name}: {last['forced']} forced, {last['lines']} log lines, {last['late_tokens']} times 401")
        for kind, calls in last["calls"].items():
            told = ", ".join(f"{count} {STATUSES.get(int(status), status)}" for status, count in calls.items())
            print(f"  {kind:15} {sum(calls.values()):7}, at most {last['worst'][kind]:4} ms late: {told}")
    print("faults:", ", ".join(f"{faults.get(kind, 0)} {kind}" for kind in FAULTS))
    print("stand-in:", f"{ledger.requests} requests;", ", ".join(f"{count} {what}" for what, count in counts.items()))


def growth(reports):
    """What a still process has more than after the first fifth."""
    if len(reports) < 4:
        return [f"there are {len(reports)} reports, and four are needed"]
    early = [report for report in reports if report["ms"] >= reports[-1]["ms"] / 5.5]
    wrong = []
    # Those with nothing in them are compared, and those with what is kept.
    for kept in (0, 1):
        alike = [report for report in early if report["kept"] == kept]
        if len(alike) < 2:
            continue
        first, report = alike[0], alike[-1]
        for what, allowed in ALLOWED.items():
            more = report[what] - first[what]
            allowed += kept * KEPT.get(what, 0)
            if more > allowed:
                unit = UNITS.get(what, "")
                wrong.append(
                    f"{what}: {more} {unit} more after {report['ms'] // 1000} s than after {first['ms'] // 1000} s"
                    f" ({first[what]} then; allowed are {allowed})"
                )
    return wrong


def missing(programs, faults):
    """What should have come about and did not: then nothing is proven."""
    wrong = [f"no connection had the fault {kind}" for kind in FAULTS if not faults.get(kind)]
    ended = Counter()
    for program in programs:
        for kind, calls in (program.reports[-1]["calls"] if program.reports else {}).items():
            ended[kind] += calls.get("0", 0) + calls.get("30", 0)
    never = [kind for kind, times in ended.items() if not times]
    return wrong + [f"no call of the kind '{kind}' came to its proper end" for kind in never]
