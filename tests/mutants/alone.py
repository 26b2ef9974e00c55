"""Mutants that need a build of their own: in constants, in functions whose
result has no name, and the deletion of a field."""

import re

from build import Copy
from listing import ROOT
from switches import byte_of
from trials import Trials

# Integration tests that are built for one mutant at most.
PROGRAMS = 3


class Alone(Copy):
    def __init__(self, work, mutants, tests):
        super().__init__(work)
        self.folder = work / "alone"
        self.work = work
        self.mutants = mutants
        self.tests = tests
        self.fill()

    def kill(self, mutant, only_units):
        """As Trials.kill, after a build; the letter "n" when there is none."""
        source = (ROOT / mutant["file"]).read_bytes()
        start, end = (byte_of(source, mutant["span"][which]) for which in ["start", "end"])
        self.write(self.folder / mutant["file"], source[:start] + mutant["replacement"].encode() + source[end:])
        try:
            near = self.near(mutant)
            programs = list(dict.fromkeys(test.program for test in near if test.program not in ("lib", "c")))[:PROGRAMS]
            units = [test for test in self.tests if test.program == "lib"]
            for some in [units, [] if only_units else [test for test in near if test.program in programs]]:
                programs = {test.program for test in some}
                if not programs:
                    continue
                which = ["--lib"] if "lib" in programs else [f"--test={program}" for program in sorted(programs)]
                code, made = self.programs(*which)
                if code != 0:
                    return "n", ""
                found = Trials(made, self.work).kill(mutant, some)
                if found:
                    return found
            return None
        finally:
            self.restore(mutant["file"])

    def near(self, mutant):
        """Tests that reach the function a mutant is in, or one that names the
        constant it is in; those that reach least first."""
        source = (ROOT / mutant["file"]).read_text()
        constant = re.search(r"(?:const|static) (\w+)", source.split("\n")[mutant["span"]["start"]["line"] - 1])
        related = set()
        for other in self.mutants:
            if mutant["function"]:
                same = other["file"] == mutant["file"] and other["stamp"] == mutant["stamp"]
            else:
                same = constant is not None and re.search(rf"\b{constant[1]}\b", other["text"])
            if same:
                related.add(other["number"])
        found = [test for test in self.tests if test.reaches & related]
        return sorted(found, key=lambda test: len(test.reaches))
