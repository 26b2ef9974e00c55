#!/usr/bin/env python3
"""Writes packaging/order.txt: the functions of the shared library that a login runs,
by the names the linker knows, those of each login first and those of a process'
first behind them.

    make lib && python3 benches/order.py && make lib    (needs valgrind)

The linker puts them side by side (see the Makefile), so that a login needs fewer
pages and cache lines. A name that is out of date is passed over, and costs no more
than its place: write the list anew when the benchmark is run anew.
"""

import bisect
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # nothing is written beside the sources

from lab import ROOT, Lab, Server, run

ORDER = ROOT / "packaging/order.txt"
# Logins of one run; what runs in each is counted as often at least.
LOGINS = 200


def functions(library):
    """Where each begins, and its name."""
    rows = run(["nm", "--defined-only", "--numeric-sort", f"{library}.debug"]).splitlines()
    found = [row.split() for row in rows]
    return [(int(row[0], 16), row[2]) for row in found if len(row) == 3 and row[1] in "tT"]


def counted(path, library):
    """How often each instruction of the library ran, out of callgrind's file."""
    names, counts = {}, {}
    where, at, called = "", 0, False
    for line in path.read_text().splitlines():
        if told := re.match(r"c?ob=\((\d+)\)(?: (.*))?$", line):
            number, name = told.groups()
            names[number] = name or names[number]
            where = names[number] if line.startswith("ob") else where
        elif line.startswith("calls="):
            called = True
        elif told := re.match(r"(0x[0-9a-f]+|[+-]\d+|\*) \S+ (\d+)", line):
            step, count = told.groups()
            at = int(step, 16) if step.startswith("0x") else at + (0 if step == "*" else int(step))
            # The line after a call has what the called function took.
            if not called and Path(where).name == library.name:
                counts[at] = counts.get(at, 0) + int(count)
            called = False
    return counts


def ran(lab, place, all_functions):
    """The functions that ran in each login, and those that ran at all, as they lie."""
    output = lab.folder / "order.out"
    before = ["valgrind", "--quiet", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={output}"]
    lab.drive("ropc", "warm", LOGINS, *place, before=before)
    starts = [start for start, _ in all_functions]
    often = {}
    for at, count in counted(output, lab.library).items():
        name = all_functions[bisect.bisect_right(starts, at) - 1][1]
        often[name] = max(often.get(name, 0), count)
    names = [name for _, name in all_functions if name in often]
    each = [name for name in names if often[name] >= LOGINS]
    return each, [name for name in names if often[name] < LOGINS]


def main():
    lab = Lab(ROOT / "build")
    lab.make()
    with Server(lab, "order", None) as server:
        each, once = ran(lab, server.place("ec"), functions(lab.library))
    if not each:
        sys.exit("callgrind saw no function of the library")
    # Two of C may have one name.
    ORDER.write_text("".join(f"{name}\n" for name in dict.fromkeys(each + once)))
    # cargo does not know that the linker reads it.
    (ROOT / "src/lib.rs").touch()
    print(f"{ORDER.relative_to(ROOT)}: {len(each)} functions of each login, {len(once)} of the first")


if __name__ == "__main__":
    main()
