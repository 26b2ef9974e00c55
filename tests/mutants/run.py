#!/usr/bin/env python3
"""Breaks the library in every way cargo-mutants knows, and looks whether a
test notices.

    python3 tests/mutants/run.py [--resume] [--file PREFIX ...] [--shard K/N]
        [--near] [--unit] [--switched] [--minutes M] [--work DIR]
    python3 tests/mutants/run.py --known

README.md beside it says how it works. Each mutant is one line: what killed it, or
that it survived. A survivor that explained.toml says nothing about fails the
run. --resume goes on where another run stopped; --near runs the unit tests and
the few programs that look closest, --unit only the former.

--known builds nothing: it counts the functions whose result is of another source
than today's, and fails when there are any.
"""

import argparse
import json
import os
import shutil
import sys
import time
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
RESULTS = HERE / "results.json"
sys.path.append(str(ROOT / "tests"))

from environment import python_with

# Seconds of integration tests that --near runs, about.
NEAR = 8


def need():
    """What lists mutants, or the end with how to get it."""
    if shutil.which("cargo-mutants") is None:
        sys.exit("cargo-mutants is missing. Install it: cargo install --locked cargo-mutants")


def environment():
    """Goes on in a Python that has tree-sitter, in the work directory."""
    work = parse().work.resolve()
    if Path(sys.prefix) == work / "venv":
        return
    python = python_with(HERE / "requirements.txt", work / "venv")
    os.execv(python, [python, *sys.argv])


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument(
        "--again", nargs="?", const="mt", default="", metavar="LETTERS", help="with --resume: those too; m and t"
    )
    parser.add_argument("--file", nargs="+", metavar="PREFIX", help="only files that begin so, in this order")
    parser.add_argument("--shard", default="1/1", metavar="K/N", help="every Nth mutant, from the Kth on")
    parser.add_argument("--near", action="store_true")
    parser.add_argument("--switched", action="store_true", help="none that needs a build of its own")
    parser.add_argument("--unit", action="store_true")
    parser.add_argument("--minutes", type=float, default=1e9, help="stop then")
    parser.add_argument("--work", type=Path, default=ROOT / "build/mutants")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--known", action="store_true", help="count the functions without a result")
    return parser.parse_args()


def chosen(mutants, args):
    """The mutants that the command line asks for."""
    at, of = map(int, args.shard.split("/"))
    mutants = mutants[at - 1 :: of]
    if not args.file:
        return mutants
    return [mutant for prefix in args.file for mutant in mutants if mutant["file"].startswith(prefix)]


def measured(trials, tests, mutants, path, key):
    """Fills in what each test reaches and takes; kept for the next run on the
    same sources."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    if kept.get("key") != key:
        kept = {"key": key}
    for at, test in enumerate(tests):
        name = f"{test.program} {test.name}"
        if name not in kept:
            failed = trials.measure(test, len(mutants))
            if failed:
                sys.exit(f"{name} fails without a mutant: {failed}")
            kept[name] = [test.seconds, sorted(test.reaches)]
            if at % 20 == 0 or test.seconds > 5:
                print(f"measured {at + 1} of {len(tests)}: {name} takes {test.seconds} s", flush=True)
                path.write_text(json.dumps(kept))
        test.seconds, test.reaches = kept[name][0], set(kept[name][1])
    path.write_text(json.dumps(kept))


def near(runner, mutant, tests):
    """The unit tests, and the programs that look closest at a mutant."""
    found, seconds = [], 0
    for group in runner.order(mutant["file"], tests):
        program = group[0].program
        if program == "lib" or seconds < NEAR and (program != "c" or mutant["file"].startswith("src/capi")):
            found += [test for test in group if test not in found]
            seconds += 0 if program == "lib" else sum(test.seconds for test in group)
    return found


class Run:
    """Everything that was built and measured, for one mutant after the other."""

    def __init__(self, args, mutants, runner, tests, copy):
        self.args, self.mutants, self.runner, self.tests = args, mutants, runner, tests
        self.unviable, self.alone, self.absent = copy.known()
        self.single = Alone(args.work, mutants, tests)

    def attempt(self, mutant, known):
        """What becomes of a mutant that was `known` to be so: a letter, and why."""
        number = mutant["number"]
        if number in self.alone:
            return self.single.kill(mutant, self.args.unit) or ("s" if self.args.unit else "m", "a build of its own")
        reach = [test for test in self.tests if number in test.reaches]
        some = [test for test in reach if test.program == "lib"] if self.args.unit else reach
        if self.args.near:
            # The slow unit tests have run, if any did.
            some = [test for test in some if known != "s" or test.program != "lib" or test.seconds < QUICK]
            some = near(self.runner, mutant, some)
        left = "m" if len(some) == len(reach) else "s" if self.args.unit else "r"
        return self.runner.kill(mutant, some) or (left, f"{len(some)} tests of {len(reach)}")

    def all(self, results):
        """Tries what the command line asks for, and what is not known yet."""
        start = time.monotonic()
        results.letters |= dict.fromkeys(self.unviable, "n") | dict.fromkeys(self.absent, "o")
        wanted = ("." if self.args.unit else ".s" if self.args.near else ".sr") + self.args.again
        # What takes a build of its own comes last.
        for mutant in sorted(chosen(self.mutants, self.args), key=lambda mutant: mutant["number"] in self.alone):
            number = mutant["number"]
            known = results.letters[number]
            if known in "no" or self.args.resume and known not in wanted:
                continue
            if self.args.switched and number in self.alone:
                continue
            # Every test has met it, and would tell nothing new.
            if self.args.resume and known == "m" and listing.explanation(mutant["name"]):
                continue
            if time.monotonic() - start > self.args.minutes * 60:
                break
            began = time.monotonic()
            letter, why = self.attempt(mutant, known)
            results.letters[number] = letter
            took = time.monotonic() - began
            print(f"{took:5.1f} s  {mutant['name']}: {WORDS[letter]} ({why[:150]})", flush=True)
            if number % 10 == 0 or took > 2:
                results.save()
        results.save()


def summary(results):
    """The figures; 1 when there is a survivor that nobody explained, or more
    to do."""
    counts = Counter(WORDS[letter] for letter in results.letters.values())
    for word, count in counts.most_common():
        print(f"{count:5} {word}")
    alive = [mutant["name"] for mutant in results.mutants if results.letters[mutant["number"]] in SURVIVED]
    open_ones = [name for name in alive if not listing.explanation(name)]
    for name in open_ones:
        print(f"FAIL {name}: it survived. Write a test that fails, or say why in tests/mutants/explained.toml")
    print(f"{len(alive)} survived, {len(alive) - len(open_ones)} of them explained")
    return 1 if open_ones or WORDS["."] in counts else 0


def known(results):
    """How much the results say of the library as it is: 1 when that is not all."""
    functions = results.functions()
    new = [key for key, group in functions.items() if "." in (results.letters[mutant["number"]] for mutant in group)]
    for file, count in sorted(Counter(file for file, _ in new).items()):
        print(f"{file}: no result for {count} of its functions as they are")
    gone = len(results.kept - functions.keys())
    left = len(functions) - len(new)
    print(f"{left} functions have a result, {len(new)} have none; {gone} results are of functions that are gone")
    return 1 if new or gone else 0


def main():
    args = parse()
    args.work = args.work.resolve()
    start = time.monotonic()
    mutants = listing.mutants(ROOT)
    copy = build.Copy(args.work)
    unviable, alone, absent = copy.switch(mutants)
    print(
        f"{len(mutants)} mutants: {len(mutants) - len(unviable | alone | absent)} in one build, {len(unviable)} do not "
        f"compile, {len(absent)} are not in the product here, {len(alone)} need a build each",
        flush=True,
    )
    built = args.work / "built.json"
    kept = json.loads(built.read_text()) if built.exists() else {}
    anew = kept.get("key") != copy.key()
    if anew:
        kept = {"key": copy.key(), "programs": copy.tests()}
        copy.libraries(args.work / "c")
    with Standin(args.work / "c") as standin:
        runner = trials.Trials(kept["programs"], args.work, standin)
        tests = runner.names() + runner.compile(args.work / "c", anew)
        built.write_text(json.dumps(kept))
        print(f"{len(tests)} tests built after {time.monotonic() - start:.0f} s", flush=True)
        measured(runner, tests, mutants, args.work / "measured.json", copy.key())
        print(f"measured after {time.monotonic() - start:.0f} s", flush=True)
        results = Results(mutants, args.results)
        Run(args, mutants, runner, tests, copy).all(results)
    return summary(results)


if __name__ == "__main__":
    need()
    import listing
    from results import Results

    if parse().known:
        sys.exit(known(Results(listing.mutants(ROOT), parse().results)))
    environment()
    import build
    import trials
    from alone import Alone
    from harness import Standin
    from results import SURVIVED, WORDS
    from trials import QUICK

    sys.exit(main())
