"""Tells how each test went, a line each, and counts them."""

import subprocess


class Tally:
    """`ok   NAME`, or `FAIL NAME: why`. With `quiet`, what is good is only counted."""

    def __init__(self, quiet=False):
        self.passed = self.failed = 0
        self.quiet = quiet

    def tell(self, name, problem=None):
        """One test, and what is wrong; None when nothing is."""
        return self.tell_all(name, [] if problem is None else [problem])

    def tell_all(self, name, problems):
        """The same, where several things may be wrong: whether nothing is."""
        problems = list(problems)
        for problem in problems:
            print(f"FAIL {name}: {problem}", flush=True)
        if not problems and not self.quiet:
            print(f"ok   {name}", flush=True)
        self.failed += bool(problems)
        self.passed += not problems
        return not problems

    def check(self, name, function, *arguments):
        """A test that asserts."""
        try:
            function(*arguments)
        except (AssertionError, subprocess.TimeoutExpired) as problem:
            return self.tell(name, problem)
        return self.tell(name)

    def end(self):
        """The summary; the exit code."""
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed else 0
