"""Compiles and runs the C++ programs of this folder against the stand-in, with ropc.hpp and the built library.

    python3 bindings/cpp/tests/run.py [--build DIR] [WAY ...]

Ways: names of the table below; `sources` for what runs no program of this folder: names, other compilers' flags, what
must not compile, the example; and `engines` for ../../engines. Needs g++ and clang++-19 with its sanitizers' runtime.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path[:0] = [str(ROOT / "tests/c"), str(ROOT / "bindings"), str(ROOT / "bindings/engines/tests"), str(HERE)]

import pages  # noqa: E402
import sources  # noqa: E402
from harness import Line, Standin, need, need_built, shared  # noqa: E402

STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wshadow", "-Wconversion", "-Wsign-conversion"]
BARE = ["-fno-exceptions", "-fno-rtti"]
CHECKED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"]

# Name, compiler, its flags. Checkers cost half as much without optimization.
WAYS = {
    "g++-17": ["g++", "-std=c++17", "-O2"],
    "g++-20-bare-asan": ["g++", "-std=c++20", "-g", *BARE, *CHECKED],
    "clang-17-asan": ["clang++-19", "-std=c++17", "-g", *CHECKED],
}
PACKAGES = {"g++": "g++", "clang++-19": "clang-19 libclang-rt-19-dev"}
PROGRAMS = ["sign_in", "sessions", "misuse", "secrets", "failures", "exits"]
TIME_LIMIT = 120


def compile_all(ways, folder, build):
    """The programs of all ways, in a folder each; ends when one does not compile."""

    def run(way, *arguments):
        compiler, *flags = WAYS[way]
        command = [need(compiler, PACKAGES[compiler]), *flags, *STRICT, "-pthread", f"-I{ROOT / 'include'}"]
        done = subprocess.run([*command, *arguments], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"{way}: {Path(arguments[-1]).name} does not build:\n{done.stdout}{done.stderr}")

    def compile_one(way, name):
        run(way, "-c", HERE / f"{name}.cpp", "-o", folder / way / f"{name}.o")

    def link(way, name):
        objects = [folder / way / f"{one}.o" for one in (name, "cases")]
        run(way, *objects, *shared(build / "lib"), "-o", folder / way / name)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for way in ways:
            (folder / way).mkdir()
        for step, names in [(compile_one, [*PROGRAMS, "cases"]), (link, PROGRAMS)]:
            list(pool.map(lambda one, step=step: step(*one), [(way, name) for way in ways for name in names]))


def run(command, way, standin):
    """The lines that one process has to say for itself, and what was wrong with its end."""
    environment = {
        **standin.environment(),
        "ROPC_WAY": way,
        "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1",
        "UBSAN_OPTIONS": "print_stacktrace=1",
    }
    with Line(standin) as line:
        try:
            done = subprocess.run(
                command, env={**environment, **line.environment()}, pass_fds=[line.theirs.fileno()],
                stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT, text=True, errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            return (late.stdout or b"").decode(errors="replace").splitlines(), f"still running after {TIME_LIMIT} s"
    problem = None
    if done.returncode != 0:
        problem = f"exit code {done.returncode}"
    elif done.stderr:
        problem = "wrote to stderr"
    return done.stdout.splitlines(), problem and f"{problem}\n{done.stderr[:4000]}".strip()


def tell(name, problem=None):
    print(f"FAIL {name}: {problem}" if problem else f"ok   {name}", flush=True)
    return not problem


def lives(way, program, standin):
    """Runs all cases of a program in one process; how many went wrong."""
    lines, problem = run([program], way, standin)
    failed = 0
    for line in lines:
        match = re.fullmatch(r"(ok  |FAIL) (\w+)(?:: (.*))?", line)
        if match is None:
            problem = problem or f"said: {line}"
        else:
            failed += not tell(f"{way} {program.name} {match[2]}", match[3])
    if not lines or (problem and not failed):
        failed += not tell(f"{way} {program.name}", problem or "said nothing")
    return failed


def ends(way, program, standin):
    """Runs each case of exits.cpp in a process of its own."""
    failed = 0
    for case in re.findall(r"^CASE\((\w+)\)", (HERE / "exits.cpp").read_text(encoding="utf-8"), re.M):
        lines, problem = run([program, case], way, standin)
        # One that ends in the middle says nothing more.
        if problem is None and lines not in ([f"ok   {case}"], []):
            problem = " ".join(lines)
        failed += not tell(f"{way} exits {case}", problem)
    return failed


def finds_bugs(way, folder, build, standin):
    """That the checkers would find what they are here for."""
    compiler, *flags = WAYS[way]
    failed = 0
    for planted, says in [("leak", "LeakSanitizer"), ("dangling", "heap-use-after-free")]:
        program = folder / planted
        source = HERE / f"planted/{planted}.cpp"
        subprocess.run([compiler, *flags, f"-I{ROOT / 'include'}", source, "-o", program, *shared(build / "lib")],
                       check=True)  # fmt: skip
        _, problem = run([program], way, standin)
        found = problem is not None and says in problem
        failed += not tell(f"{way} finds a planted bug: {planted}", None if found else f"not found: {problem}")
    return failed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    parser.add_argument("ways", nargs="*", metavar="WAY", help="default: all")
    args = parser.parse_args()
    build = args.build.resolve()
    others = {"sources": sources.check, "engines": pages.check}
    ways = args.ways or [*others, *WAYS]
    unknown = set(ways) - {*others, *WAYS}
    if unknown:
        sys.exit(f"there is no way {', '.join(sorted(unknown))}")
    need_built(build / "lib/libropc.so")
    failed = 0
    with Standin(build) as standin, tempfile.TemporaryDirectory(dir=build) as folder:
        folder = Path(folder)
        compile_all([way for way in ways if way in WAYS], folder, build)
        for way in ways:
            if way in others:
                failed += others[way](build, standin, tell)
                continue
            if way.endswith("asan"):
                failed += finds_bugs(way, folder / way, build, standin)
            for name in PROGRAMS:
                failed += (ends if name == "exits" else lives)(way, folder / way / name, standin)
    print(f"{failed} failed" if failed else "all passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
