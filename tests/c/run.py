"""Compiles and runs every C program of this folder against the stand-in.

    python3 tests/c/run.py [--build DIR] [--asan | --valgrind] [NAME ...]

Plain: each program with the shared and with the static library.
--asan: each with AddressSanitizer and UBSan, in the program and in a library
built for it; needs clang 19 and Rust nightly.
--valgrind: each under memcheck, with the shared library.
Both first prove, with planted bugs, that they would find one.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import after
import checkers
from harness import HERE, ROOT, Line, Standin, compile_c, compiler, need_built, shared, static

TIME_LIMIT = 60


def run(command, environment, limit, standin):
    """Return code, all output, what of it was on stderr, and the time it took."""
    started = time.monotonic()
    with Line(standin) as line:
        try:
            done = subprocess.run(
                command,
                env={**environment, **line.environment()},
                pass_fds=[line.theirs.fileno()],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limit,
                errors="replace",
            )
            code, out, err = done.returncode, done.stdout, done.stderr
        except subprocess.TimeoutExpired as late:
            code, out, err = None, (late.stdout or b"").decode(errors="replace"), ""
    return code, out + err, err, time.monotonic() - started


def verdict(code, err, limit):
    """What is wrong with how a program ended; None when nothing is."""
    if code is None:
        return f"still running after {limit} s"
    if code < 0:
        return f"killed by signal {-code}"
    if code != 0:
        return f"exit code {code}"
    return "wrote to stderr" if err else None


def tell(name, how, problem, output, took):
    """The one line a program gets, and what a failure has to say."""
    begin, end = ("FAIL", f": {problem}") if problem else ("ok  ", "")
    print(f"{begin} {name} ({how}, {took:.1f} s){end}", flush=True)
    if problem:
        print("".join(f"     {line}\n" for line in output.splitlines()[:60]), end="", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    checker = parser.add_mutually_exclusive_group()
    checker.add_argument("--asan", action="store_true")
    checker.add_argument("--valgrind", action="store_true")
    parser.add_argument("names", nargs="*", metavar="NAME", help="programs to run; default: all")
    args = parser.parse_args()
    build = args.build.resolve()

    # The ways to build and run each program: name, compiler, what to link,
    # what goes in front of the program, its environment, its library.
    library = need_built(build / "lib/libropc.so")
    if args.asan:
        ways = [checkers.asan(build)]
    elif args.valgrind:
        ways = [checkers.valgrind(build)]
    else:
        ways = [
            checkers.Way("shared", [compiler(), "-O1"], shared(build / "lib"), library),
            # Without the library's debug symbols, which are the most of it.
            checkers.Way("static", [compiler(), "-O1", "-Wl,--strip-debug"], static(build), library),
        ]

    sources = sorted(HERE.glob("*.c"))
    unknown = set(args.names) - {source.stem for source in sources}
    if unknown:
        sys.exit(f"there is no program {', '.join(sorted(unknown))}")
    sources = [source for source in sources if not args.names or source.stem in args.names]
    passed = failed = 0
    with Standin(build) as standin:
        for way in ways:
            for planted in way.planted:
                problem, output, took = checkers.finds(way, planted, standin, run)
                tell(planted.source.stem, f"planted bug, {way.name}", problem, output, took)
                passed, failed = passed + (not problem), failed + bool(problem)
            plugin = compile_c(
                [*way.compiler, "-shared", "-fPIC"], HERE / "plugin/plugin.c", standin.path / "plugin.so", way.link
            )
            with ThreadPoolExecutor() as pool:
                outputs = [standin.path / f"{source.stem}-{way.name}" for source in sources]
                programs = list(pool.map(lambda *one: compile_c(way.compiler, *one, way.link), sources, outputs))
            for source, program in zip(sources, programs):
                environment = {
                    **standin.environment(),
                    **way.environment,
                    "ROPC_LIBRARY": str(way.library),
                    "ROPC_PLUGIN": str(plugin),
                    "ROPC_WAY": way.name,
                }
                standin.ask("requests")
                before = standin.ask("counts")
                limit = TIME_LIMIT * way.slowness
                code, output, err, took = run(
                    [*way.prefix, *way.exceptions.get(source.stem, []), program], environment, limit, standin
                )
                problem = verdict(code, err, limit) or after.check(source.stem, standin, before)
                tell(source.stem, way.name, problem, output, took)
                passed, failed = passed + (not problem), failed + bool(problem)
                os.unlink(program)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
