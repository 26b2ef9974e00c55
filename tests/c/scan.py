"""Looks for passwords, secrets and tokens in the memory of a process that has
used them, and in core dumps of it.

    python3 tests/c/scan.py [--build DIR] [NAME ...]

A C program (drivers/scan.c) does what scan_rows.py lists with the shared
library, over TLS, overwrites whatever it was given, and waits. Then every page
of it is searched for each secret that was ever used there, in each form of
scan_forms.py: how often each is there, and whether it is where core dumps do
not reach. A row is wrong when one is there once too often or too seldom. First
come controls: what is planted is found. Then operations, sessions
(scan_session.py), and core dumps of both. NAME is a part of the names of
rows to run. Needs gdb and openssl.
"""

import argparse
import functools
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import scan_controls
import scan_session
from harness import HERE, ROOT, compile_c, compiler, dead_port, need, need_built, shared, static
from scan_driver import Driver
from scan_row import Row
from scan_rows import OPERATIONS
from scan_server import Pki, Proxy, Server

# Rows mostly wait: for time limits and handshakes.
AT_ONCE = 4


def jobs(program, careless, pki, dead, folder):
    """Name and work of each row; the work gives the driver back."""
    for name, control in scan_controls.CONTROLS.items():
        yield name, functools.partial(controlled, program, control)
    yield "control: a library that does not overwrite what it frees", functools.partial(found, careless, pki, dead)
    yield "the text of panics, static library", functools.partial(panicked, careless, pki, dead)
    for operation in OPERATIONS:
        for mode in ("call", "request"):
            yield f"{operation.name}, {mode}", functools.partial(operated, program, pki, dead, operation, mode)
        for mode, step in [("call", "success, result freed"), ("request", "success, prepared")]:
            yield (f"core dump, {operation.name}, {mode}: {step}",
                   functools.partial(operated, program, pki, dead, operation, mode, step))  # fmt: skip
    for at, (name, work, args) in enumerate(scan_session.jobs()):
        yield name, functools.partial(lived, program, pki, folder / str(at), work, args)


def controlled(program, control):
    with Driver(program) as driver:
        control(driver)
    return driver


def found(careless, pki, dead):
    """The same library without its allocator leaves copies of a password and of
    tokens behind, which have to be found."""
    with Server(pki) as server, Proxy(server.port) as proxy, Driver(careless) as driver:
        driver.patience = 0
        row = Row(driver, pki, server, proxy, dead, OPERATIONS[0], "call")
        row.live("success", "success", "OK")
        row.live("echoed", "echoed", 403)
    told = "; ".join(driver.problems)
    driver.problems = [f"no copy of {name} was found" for name in ("password", "new access") if name not in told]
    return driver


def panicked(careless, pki, dead):
    """The static library leaves it to its host what becomes of a panic's text,
    which is printed here: no secret may be in it."""
    with Server(pki) as server, Proxy(server.port) as proxy, Driver(careless) as driver:
        driver.patience = 0
        row = Row(driver, pki, server, proxy, dead, OPERATIONS[0], "call")
        row.live("success", "success", "OK")
        for moment in range(1, row.moments + 1, 3):
            row.live(f"panic {moment}", "success", "E_BUG", moment)
        # What is left in memory is another row's.
        driver.problems.clear()
    if b"panicked" not in driver.printed:
        driver.problems.append(f"no panic was printed: {driver.printed[:300]}")
    return driver


def operated(program, pki, dead, operation, mode, core_at=None):
    with Server(pki) as server, Proxy(server.port) as proxy, Driver(program) as driver:
        Row(driver, pki, server, proxy, dead, operation, mode, core_at).run()
    return silent(driver)


def silent(driver):
    """The shared library prints nothing, panics neither."""
    if driver.printed:
        driver.problems.append(f"printed {driver.printed[:300]}")
    return driver


def lived(program, pki, folder, work, args):
    folder.mkdir()
    with Server(pki) as server, Driver(program) as driver:
        work(scan_session.Life(driver, pki, server, folder), *args)
    return silent(driver)


def timed(work):
    """What is wrong, how often it was looked, and how long that took."""
    started = time.monotonic()
    driver = work()
    return driver.problems, driver.looks, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="NAME")
    args = parser.parse_args()
    build = args.build.resolve()
    need_built(build / "lib/libropc.so")
    need("gcore", "gdb")
    passed = failed = total = 0
    with tempfile.TemporaryDirectory(prefix="ropc-scan-") as name, ProcessPoolExecutor(AT_ONCE) as pool:
        folder = Path(name)
        pki = Pki(folder)
        holder, dead = dead_port()
        source, command = HERE / "drivers/scan.c", [compiler(), "-O1"]
        program = compile_c(command, source, folder / "scan", shared(build / "lib"))
        careless = compile_c([*command, "-Wl,--strip-debug"], source, folder / "careless", static(build))
        rows = jobs(program, careless, pki, dead, folder)
        rows = [row for row in rows if not args.names or any(name in row[0] for name in args.names)]
        for (name, _), (problems, looks, took) in zip(rows, pool.map(timed, [work for _, work in rows])):
            print(f"{'FAIL' if problems else 'ok  '} {name} ({looks} looks, {took:.1f} s)", flush=True)
            for problem in problems[:20]:
                print(f"     {problem}")
            passed, failed = passed + (not problems), failed + bool(problems)
            total += looks
        holder.close()
    print(f"{passed} passed, {failed} failed; {total} looks at memory and core dumps")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
