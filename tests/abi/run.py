#!/usr/bin/env python3
"""Holds the interface to what was released: it only grows, and programs that
were compiled for an older header run with this library.

    python3 tests/abi/run.py             needs abidiff and a C compiler
    python3 tests/abi/run.py --record    records the interface of the version in Cargo.toml

A record is a folder here with the version's name: its header, and its list of
symbols, sizes and numbers (tests/symbols.txt as it was). It is made when
Cargo.toml gets a new version, and anew whenever the interface changes until
that version is released; from then on it stays as it is. So a record of another
interface than this one's must be of an older version, and what is new since has
a higher ROPC_ABI.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

import compare
import planted
from compare import HERE, ROOT, SONAME

sys.path.insert(0, str(ROOT / "tests"))

import after  # (tests/c)
import symbols
from harness import Standin, compile_c, compiler, need, need_built
from run import run, verdict  # (tests/c/run.py)
from tally import Tally

INCLUDE = ROOT / "include"
LIST = ROOT / "tests/symbols.txt"
# They use what every release has had; what is newer is tested elsewhere.
PROGRAMS = ["login", "session", "requests", "grant", "reasons"]
WAYS = {"words": compare.words, "compiler": compare.shim, "abidiff": compare.abidiff}
TIME_LIMIT = 60


def version():
    """The version that is being made."""
    return re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.M)[1]


def record():
    folder = HERE / version()
    folder.mkdir(exist_ok=True)
    shutil.copyfile(INCLUDE / "ropc.h", folder / "ropc.h")
    shutil.copyfile(LIST, folder / "symbols.txt")
    print(f"{folder.relative_to(ROOT)}: recorded")


def listed(path):
    """A list of symbols: {name: (ABI version, what)}."""
    symbols.LIST = path
    return symbols.listed()


def names(old, new):
    """What a list of symbols has no more, or otherwise."""
    for name, (abi, what) in old.items():
        if name not in new:
            yield f"{name} is gone"
        elif new[name] != (abi, what) and not has_grown((abi, what), new[name]):
            yield f"{name} was {what} (ROPC_ABI {abi}) and is {new[name][1]} (ROPC_ABI {new[name][0]})"
    newest = max(abi for abi, _ in old.values())
    for name in new.keys() - old.keys():
        if new[name][0] <= newest:
            yield f"{name} came later than ROPC_ABI {newest}, and tests/symbols.txt says {new[name][0]}"


def has_grown(old, new):
    """Whether both are the size of a struct, which is larger."""
    sizes = [re.fullmatch(r"(\d+) bytes", what) for _, what in [old, new]]
    return old[0] == new[0] and all(sizes) and int(sizes[0][1]) < int(sizes[1][1])


def changed(folder, change, scratch):
    """A folder with the header of another, with a change planted in it."""
    text, times = re.subn(*change, (folder / "ropc.h").read_text(encoding="utf-8"), flags=re.S)
    if times != 1:
        sys.exit(f"planted.py: {change[0]!r} is in {folder / 'ropc.h'} {times} times")
    made = scratch / "planted"
    made.mkdir(exist_ok=True)
    (made / "ropc.h").write_text(text, encoding="utf-8")
    return made


def blind(folder, scratch):
    """Planted changes that a way does not tell from growth."""
    for what, change, *misses in planted.BREAKING:
        made = changed(folder, change, scratch)
        for name, way in WAYS.items():
            if name not in misses and not [*way(folder, made, scratch)]:
                yield f"{what}: {name} does not find it"
    old = listed(folder / "symbols.txt")
    for what, line in planted.LISTED.items():
        if not [*names(old, {name: value for name, value in {**old, **line}.items() if value})]:
            yield f"{what}: tests/symbols.txt may say so"


def strict(folder, scratch):
    """Planted growth that a way does not let through."""
    for what, change in planted.GROWING:
        made = changed(folder, change, scratch)
        for name, way in WAYS.items():
            yield from (f"{what}: {name} says {said}" for said in way(folder, made, scratch))
    old = listed(folder / "symbols.txt")
    newest = max(abi for abi, _ in old.values())
    yield from names(old, {**old, "ropc_new": (newest + 1, "function"), "ropc_error": (1, "1000 bytes")})


def same(folder, scratch):
    """What the record of the version that is being made does not have."""
    advice = f"run it with --record, or, if {folder.name} was released, raise the version in Cargo.toml before"
    if not folder.is_dir():
        return [f"it is not recorded; {advice}"]
    new = [*compare.words(INCLUDE, folder, scratch)] or listed(folder / "symbols.txt") != listed(LIST)
    return [f"it is recorded with another interface; {advice}"] if new else []


def programs(folder, scratch, build, names=PROGRAMS):
    """Compiles programs for a header and links them with a library that has
    what is in it; then they run with the real one: what is wrong with each."""
    old = compare.stand_in(folder, scratch / "linked").parent
    link = [f"-L{old}", "-lropc", f"-Wl,-rpath,{build / 'lib'}"]
    with Standin(build) as standin:
        for name in names:
            output = scratch / name
            seen = scratch / "seen"
            command = [compiler(), "-O1", "-MD", "-MF", seen, f"-I{folder}"]
            compile_c(command, ROOT / "tests/c" / f"{name}.c", output, link)
            if str(folder / "ropc.h") not in seen.read_text() or str(INCLUDE / "ropc.h") in seen.read_text():
                yield name, "it was compiled with another header", ""
                continue
            standin.ask("requests")
            before = standin.ask("counts")
            environment = {**standin.environment(), "ROPC_WAY": "shared"}
            code, said, err, _ = run([output], environment, TIME_LIMIT, standin)
            yield name, verdict(code, err, TIME_LIMIT) or after.check(name, standin, before), said


def deaf(folder, scratch, build):
    """Whether programs would run all the same that were compiled for a header
    that this library does not have."""
    change = next(change for what, change, *_ in planted.BREAKING if what == planted.HARMFUL)
    for name, problem, _ in programs(changed(folder, change, scratch), scratch, build, ["login"]):
        if problem is None:
            yield f"{name} runs, although {planted.HARMFUL}"


def main():
    if sys.argv[1:] == ["--record"]:
        return record()
    build = ROOT / "build"
    need("abidiff", "abigail-tools")
    need_built(build / "lib" / SONAME)
    records = [path.parent for path in HERE.glob("*/ropc.h")]
    records.sort(key=lambda one: [int(number) for number in one.name.split(".")])
    if not records:
        sys.exit("nothing is recorded; run it with --record")
    newest = records[-1]
    tally = Tally()
    tally.tell_all(f"abi, the version that is being made is recorded ({version()})", same(HERE / version(), None))
    with tempfile.TemporaryDirectory(prefix="ropc-abi-") as folder:
        scratch = Path(folder)
        tally.tell_all("abi, changes that break programs are found", blind(newest, scratch))
        tally.tell_all("abi, changes that only add are let through", strict(newest, scratch))
        tally.tell_all("abi, a program compiled for another interface fails", deaf(newest, scratch, build))
        for one in records:
            problems = names(listed(one / "symbols.txt"), listed(LIST))
            tally.tell_all(f"abi, names and numbers are as released ({one.name})", problems)
            for name, way in WAYS.items():
                tally.tell_all(f"abi, the header only grew, by {name} ({one.name})", way(one, INCLUDE, scratch))
            for name, problem, output in programs(one, scratch, build):
                if not tally.tell(f"abi, {name} compiled for the released header runs ({one.name})", problem):
                    print("".join(f"     {line}\n" for line in output.splitlines()[:60]), end="", flush=True)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
