"""Runs tests with one mutant on."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field

from listing import ROOT, first

sys.path.insert(0, str(ROOT / "tests/c"))

import after  # noqa: E402
import run as c_tests  # noqa: E402
from harness import HERE as C_TESTS  # noqa: E402
from harness import compile_c, compiler, shared  # noqa: E402

# A mutant that asks for memory without end must not take the machine's.
MOST_BYTES = 16 << 30
# What a test may take, in times what it takes without a mutant, and at least.
SLOWER, LEAST_SECONDS = 3, 10
# What one may take without a mutant, on a machine that has a lot to do.
LONGEST_SECONDS = 100
THREADS = 4
# Unit tests that take less than so many seconds run before all others.
QUICK = 0.2
# Tests that killed others of a file, to be run before the rest.
LIKELY = 8


@dataclass
class Test:
    program: str  # "lib", the name of a file of tests/, or "c"
    name: str
    seconds: float = 0.0
    reaches: set = field(default_factory=set)

    @property
    def letter(self):
        return {"lib": "u", "c": "c"}.get(self.program, "i")


def lower():
    # The soft limit only: a test sets its own and takes it back.
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    os.nice(15)


class Trials:
    """The programs that were built, and the tests in them."""

    def __init__(self, programs, work, standin=None):
        self.programs = programs
        self.work = work
        self.standin = standin
        self.environment = {**os.environ, "RUST_BACKTRACE": "0"}
        self.reached = work / "reached"
        # By file: the tests that killed, as (program, name), the last first.
        self.kept = work / "killers.json"
        self.killers = json.loads(self.kept.read_text()) if self.kept.exists() else {}

    def names(self):
        """All tests, as Test."""
        tests = []
        for program, path in self.programs.items():
            listed = subprocess.run([path, "--list", "--format", "terse"], cwd=ROOT, text=True, capture_output=True)
            tests += [Test(program, name) for name in re.findall(r"^(\S+): test$", listed.stdout, re.MULTILINE)]
        return tests

    def compile(self, build, anew):
        """Compiles the C programs against the library in `build`; as tests."""
        # A library that is not optimized gives its threads larger stacks.
        command = [compiler(), "-O1", "-DLARGEST_STACK=2097152"]
        plugin = C_TESTS / "plugin/plugin.c"
        self.plugin, self.c_library = build / "plugin.so", build / "lib/libropc.so"
        sources = sorted(C_TESTS.glob("*.c"))
        self.c_programs = {source.stem: build / source.stem for source in sources}
        if anew:
            compile_c([*command, "-shared", "-fPIC"], plugin, self.plugin, shared(build / "lib"))
            for source in sources:
                compile_c(command, source, self.c_programs[source.stem], shared(build / "lib"))
        return [Test("c", name) for name in self.c_programs]

    def rust(self, program, names, seconds, more):
        """Runs tests of one program together: which failed, or how it ended."""
        limit = max(LEAST_SECONDS, SLOWER * seconds)
        command = [self.programs[program], "--exact", f"--test-threads={THREADS}", *names]
        process = subprocess.Popen(
            command, cwd=ROOT, env={**self.environment, **more}, text=True, errors="replace", preexec_fn=lower,
            process_group=0, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            said, _ = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return f"no end after {limit:.0f} s"
        if process.returncode == 0:
            return []
        failed = re.findall(r"^test (\S+)(?: - should panic)? \.\.\. FAILED", said, re.MULTILINE)
        return failed or f"it ended with {process.returncode}: {said[-300:]}"

    def c(self, name, seconds, more):
        """Runs one C program: what is wrong, or nothing."""
        environment = {
            **self.standin.environment(),
            "ROPC_LIBRARY": str(self.c_library),
            "ROPC_PLUGIN": str(self.plugin),
            "ROPC_WAY": "shared",
            **more,
        }
        self.standin.ask("requests")
        before = self.standin.ask("counts")
        limit = max(LEAST_SECONDS, SLOWER * seconds)
        # Where nothing is left of an earlier run.
        with tempfile.TemporaryDirectory(prefix="ropc-mutants-") as folder:
            environment["STANDIN_FOLDER"] = folder
            code, output, err, _ = c_tests.run([self.c_programs[name]], environment, limit, self.standin)
        problem = c_tests.verdict(code, err, limit)
        try:
            problem = problem or after.check(name, self.standin, before)
        except Exception as odd:  # What the server saw is not what the rule can read.
            problem = repr(odd)
        return [f"{name}: {problem}"] if problem else []

    def measure(self, test, mutants):
        """Runs a test without a mutant: its time, and what it reaches."""
        self.reached.write_bytes(bytes(mutants))
        more = {"ROPC_MUTANTS_REACHED": str(self.reached)}
        start = time.monotonic()
        if test.program == "c":
            failed = self.c(test.name, LONGEST_SECONDS, more)
        else:
            failed = self.rust(test.program, [test.name], LONGEST_SECONDS, more)
        test.seconds = round(time.monotonic() - start, 2)
        test.reaches = {number for number, byte in enumerate(self.reached.read_bytes()) if byte}
        return failed

    def kill(self, mutant, tests):
        """Runs tests with a mutant on, the likeliest first: (letter, what
        failed) of the first that fails, or None."""
        for group in self.order(mutant["file"], tests):
            program, names = group[0].program, [test.name for test in group]
            failed = self.fails(group, mutant["number"])
            if failed:
                one = failed[0] if isinstance(failed, list) else names[0]
                self.killers.setdefault(mutant["file"], []).insert(0, [program, one])
                self.kept.write_text(json.dumps(self.killers))
                hangs = isinstance(failed, str) and failed.startswith("no end")
                return "t" if hangs else group[0].letter, f"{program}: {one if isinstance(failed, list) else failed}"
        return None

    def fails(self, group, number):
        """What of a group of tests fails with a mutant on. A mutant is not
        killed by chance: what is no unit test must fail twice, and what fails
        without the mutant too, on a machine that is busy, says nothing."""
        more = {"ROPC_MUTANT": str(number)}
        program, names = group[0].program, [test.name for test in group]
        seconds = sum(test.seconds for test in group)
        if program == "c":
            once = self.c(names[0], seconds, more) and self.c(names[0], seconds, more)
            return [] if once and self.c(names[0], seconds, {}) else once
        failed = self.rust(program, names, seconds, more)
        if failed and program != "lib" and isinstance(failed, list):
            failed = self.rust(program, failed, seconds, more)
        if failed and (program != "lib" or isinstance(failed, str)):
            without = self.rust(program, failed if isinstance(failed, list) else names, seconds, {})
            return [] if without else failed
        return failed

    def order(self, file, tests):
        """Tests that run together, in the order they run: the quick unit tests,
        what killed other mutants of the file, the other unit tests, the other
        programs; of these those first that killed most, or reach least."""
        known = [tuple(one) for one in self.killers.get(file, [])]
        killers = Counter(known)
        units = [test for test in tests if test.program == "lib"]
        likely = [one for one in dict.fromkeys(known) if one[0] not in ("lib", "c")][:LIKELY]
        rust, programs = {}, Counter()
        for test in sorted(tests, key=lambda test: len(test.reaches)):
            if test.program not in ("lib", "c"):
                rust.setdefault(test.program, []).append(test)
                programs[test.program] += killers[test.program, test.name]
        early = {}
        for test in tests:
            if (test.program, test.name) in likely:
                early.setdefault(test.program, []).append(test)
        groups = [[test for test in units if test.seconds < QUICK], *early.values()]
        groups.append([test for test in units if test.seconds >= QUICK])
        wanted = first(file)
        place = {program: len(wanted) - at for at, program in enumerate(wanted)}
        groups += sorted(
            rust.values(), key=lambda group: (-place.get(group[0].program, 0), -programs[group[0].program])
        )
        groups += [[test] for test in sorted(tests, key=lambda test: test.seconds) if test.program == "c"]
        return [group for group in groups if group]
