#!/usr/bin/env python3
"""The benchmark: libropc beside its peers, at a token server on this machine.

    python3 benches/run.py [--quick] [--apart] [--build DIR]
    python3 benches/run.py --page

Writes benches/results.json, docs/performance.md and the plots in docs/performance.
The first run builds the peers, which takes minutes; after that a quick run takes
under two minutes on an idle machine, a full one about a quarter of an hour.

--quick measures fewer and shorter rounds, and not every count.
--apart pins the client and the server to a processor each, not both to one: what
is measured then is, on virtual machines, how long it takes to wake a processor.
--page writes the page anew from benches/results.json, and measures nothing.
"""

import argparse
import datetime
import json
import os
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True  # nothing is written beside the sources

import counts
import machine
import report
import rounds
from lab import HERE, ROOT, Lab, Server, need, run

RESULTS = HERE / "results.json"
ROUNDS = {"full": 9, "quick": 3}
# Logins of the run that looks for growth.
MANY = {"full": 1_000_000, "quick": 20_000}


def measure(lab, quick, apart):
    """Everything; some of it takes long, and tells so."""
    size = "quick" if quick else "full"
    client_cpu, server_cpu = lab.cpus[-1], lab.cpus[0 if apart else -1]
    with Server(lab, "pinned", server_cpu) as pinned, Server(lab, "free", None) as free:
        found = {
            "rounds": rounds.measure(lab, {"pinned": pinned, "free": free}, ROUNDS[size], quick, client_cpu),
            "counts": counts.of_logins(lab, free, quick),
            "memory": counts.memory(lab, free),
            "quiet": counts.quiet(lab, free),
            "flights": counts.flights(lab.build),
            "sizes": counts.sizes(lab),
        }
        place = pinned.place("ec")
        print(f"many logins: {MANY[size]:,}", flush=True)
        for work, count in (("growth", MANY[size]), ("idle", 1000), ("clients", 100)):
            found[work] = lab.drive("ropc", work, count, *place, cpu=client_cpu)
    how = ("on a processor each" if apart else "on one processor") + (", SCHED_FIFO" if lab.first_there else "")
    return found | {"how": how, "size": size, "rounds_each": ROUNDS[size]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--apart", action="store_true")
    parser.add_argument("--page", action="store_true")
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    options = parser.parse_args()
    lab = Lab(options.build.resolve())
    if not options.page:
        need()
        lab.make()
        start, load = time.monotonic(), os.getloadavg()[0]
        results = measure(lab, options.quick, options.apart)
        results |= {"date": datetime.date.today().isoformat(), "machine": machine.told(lab)}
        results |= {"load": load, "seconds": time.monotonic() - start}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    results = json.loads(RESULTS.read_text())
    run([lab.python, "-B", HERE / "plots.py", RESULTS, ROOT / "docs/performance"])
    (ROOT / "docs/performance.md").write_text(report.page(results))
    print(*report.summary(results), sep="\n")
    print(f"docs/performance.md is written; measuring took {results['seconds']:.0f} s")


if __name__ == "__main__":
    main()
