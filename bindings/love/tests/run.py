#!/usr/bin/env python3
"""Tests the LÖVE binding against a stand-in: every suite in LÖVE without a
window and in plain LuaJIT, with the JIT on and off; how a game starts again and
ends; where the library is found; the example's screen under Xvfb, with pictures
of it in build/love/.

    run.py [WORD]...     only the groups whose names hold one of the words
"""

import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LOVE = HERE.parent
ROOT = LOVE.parent.parent
sys.path[:0] = [str(ROOT / "tests/c"), str(LOVE.parent)]

import packing  # noqa: E402
import standin as beside  # noqa: E402
from harness import Line, Standin, need  # noqa: E402

SUITES = ["layout", "flows", "input", "collect", "frames"]
WAYS_TO_END = ["shutdown", "plain", "exit", "close", "error"]
SHOTS = ROOT / "build/love"


class Run:
    """What all groups use, and how many tests failed."""

    def __init__(self, standin, line, folder):
        self.standin = standin
        self.folder = folder
        self.descriptor = line.theirs.fileno()
        self.failed = 0
        (folder / "runtime").mkdir(mode=0o700)
        self.environment = {
            **beside.environment(standin),
            **line.environment(),
            "LUA_PATH": f"{LOVE}/?.lua;{HERE}/?.lua;;",
            "ROPC_TEST_FOLDER": str(folder),
            "ROPC_TEST_SYMBOLS": str(ROOT / "tests/symbols.txt"),
            "ROPC_TEST_SHOTS": str(SHOTS),
            "ALSOFT_DRIVERS": "null",
            "XDG_DATA_HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder / "runtime"),
        }

    def program(self, *command, **environment):
        """Runs a program to its end, which must not take minutes."""
        told = {name: value for name, value in {**self.environment, **environment}.items() if value is not None}
        try:
            return subprocess.run(
                command,
                env=told,
                pass_fds=[self.descriptor],
                cwd=self.folder,
                capture_output=True,
                text=True,
                timeout=180,
            )
        except subprocess.TimeoutExpired as late:
            output = (late.stdout or b"").decode(errors="replace")
            return subprocess.CompletedProcess(command, -1, output, "it did not end within 180 s\n")

    def tell(self, name, fault):
        """`fault` is None, or what is wrong."""
        print(f"FAIL {name}: {fault}" if fault else f"ok   {name}", flush=True)
        self.failed += fault is not None

    def suite(self, name, *command, **environment):
        """Passes on what a suite says of its tests. Whatever it says besides, it
        must end well, and nothing may be printed to its standard error."""
        done = self.program(*command, **environment)
        for line in done.stdout.splitlines():
            kind, _, rest = line.partition(" ")
            print(f"{kind:4} {name}: {rest.strip()}" if kind in ("ok", "FAIL") else line, flush=True)
        told = sum(line.startswith(("ok ", "FAIL ")) for line in done.stdout.splitlines())
        if done.returncode != 0 or done.stderr or told == 0:
            self.tell(f"{name} ends well", f"exit code {done.returncode}, {told} tests\n{done.stderr}")

    def ends(self, name, code, *command, **environment):
        """A program that ends with this code, and prints no word of trouble."""
        done = self.program(*command, **environment)
        good = done.returncode == code and not done.stderr
        self.tell(name, None if good else f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done


def suites():
    """Every suite, in each host, with the JIT on and off."""
    hosts = {"love": ["love", HERE / "headless", "suite"], "luajit": ["luajit", HERE / "plain.lua"]}
    for host, command in hosts.items():
        for suite in SUITES + ["threads"] * (host == "love"):
            for jit in ["on", "off"]:
                name = f"{host} {suite}" + (", JIT off" if jit == "off" else "")
                yield name, lambda run, name=name, command=command, suite=suite, jit=jit: run.suite(
                    name, *command, suite, ROPC_TEST_JIT=jit
                )


def restart(run):
    run.suite("restart", "love", HERE / "headless", "restart")


def quit_under_way(run):
    for how in WAYS_TO_END:
        run.ends(f"quit, requests under way: {how}", 3, "love", HERE / "headless", "quit", how)


@contextlib.contextmanager
def display(folder):
    """A display of our own; its name."""
    ours, theirs = os.pipe()
    server = subprocess.Popen(
        [need("Xvfb", "xvfb"), "-displayfd", str(theirs), "-screen", "0", "800x600x24", "-nolisten", "tcp"],
        pass_fds=[theirs],
        stderr=(folder / "xvfb.txt").open("w"),
    )
    os.close(theirs)
    try:
        with os.fdopen(ours) as number:
            yield ":" + number.readline().strip()
    finally:
        server.terminate()
        server.wait(30)


def visits(run, game, name, attempt):
    """The three visits, one after the other, by somebody who was never here."""
    data = run.folder / f"person-{attempt}"
    data.mkdir()
    for visit in ["first", "second", "third"]:
        # Without LUA_PATH: it finds the binding by itself.
        told = {"DISPLAY": name, "ROPC_TEST_VISIT": visit, "LUA_PATH": None, "XDG_DATA_HOME": str(data)}
        done = run.program("love", game, **told)
        frames = next((line for line in done.stdout.splitlines() if line.startswith("FRAMES")), "no frames")
        yield visit, done, frames


def screen(run):
    """The example as a person sees it. A machine that is busy with something else
    takes frames too: once in three tries it does not."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    game = packing.example_with_driver(run.folder)
    with display(run.folder) as name:
        for attempt in range(3):
            played = list(visits(run, game, name, attempt))
            if all(", lost 0, " in frames for _, _, frames in played) or any(done.returncode for _, done, _ in played):
                break
    for visit, done, frames in played:
        good = done.returncode == 0 and not done.stderr
        run.tell(f"screen, {visit} visit", None if good else f"exit code {done.returncode}\n{done.stderr}")
        run.tell(f"screen, {visit} visit: no frame lost", None if ", lost 0, " in frames else frames)
        print(f"     {frames}")


def example(run):
    """What the example must not do wrong, each for somebody who was never here."""
    tree = run.folder / "example"
    tree.mkdir()
    game = packing.example_with_driver(tree)
    with display(run.folder) as name, Standin(ROOT / "build") as other:
        told = {"DISPLAY": name, "LUA_PATH": None, "ROPC_TEST_VISIT": "stopped", "XDG_DATA_HOME": str(tree / "stopped")}
        run.ends("example: a sign-out that was stopped leaves the player signed in", 0, "love", game, **told)
        told |= {"ROPC_TEST_VISIT": "signs_in", "XDG_DATA_HOME": str(tree / "servers")}
        run.ends("example: signs in to a server", 0, "love", game, **told)
        run.ends("example: then to another server", 0, "love", game, **{**beside.environment(other), **told})


def quick_start(run):
    """The README's line, until it has begun; then it is asked to quit."""
    words = next(line for line in (LOVE / "README.md").read_text().splitlines() if line.startswith("make lib && "))
    command = words.split("&&")[1].split("#")[0].split()
    begun = run.folder / "love/ropc-example"
    with display(run.folder) as name:
        told = {**run.environment, "DISPLAY": name, "LUA_PATH": ""}
        del told["ROPC_LIBRARY"]
        fault = packing.quits_when_asked(command, told, begun)
    run.tell("quick start", fault)


def groups():
    yield "cdef", packing.cdef
    yield from suites()
    yield "restart", restart
    yield "quit", quit_under_way
    yield "library", packing.library
    yield "screen", screen
    yield "example", example
    yield "README", packing.readme
    yield "quick start", quick_start


def main():
    if any(word.startswith("-") for word in sys.argv[1:]):
        sys.exit(__doc__)
    need("love", "love")
    need("luajit", "luajit")
    wanted = [(name, group) for name, group in groups() if not sys.argv[1:] or any(w in name for w in sys.argv[1:])]
    with Standin(ROOT / "build") as standin, Line(standin) as line, tempfile.TemporaryDirectory() as folder:
        run = Run(standin, line, pathlib.Path(folder))
        for _, group in wanted:
            group(run)
    if run.failed or not wanted:
        sys.exit(f"{run.failed} tests failed")


if __name__ == "__main__":
    main()
