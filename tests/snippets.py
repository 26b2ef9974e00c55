#!/usr/bin/env python3
"""Compiles and runs every fenced block of the pages: what a newcomer pastes has to work. At the stand-in, which takes
the place of the site that the pages name. Whatever call of the library fails in a block is a lie of the page, unless
the page announces it; snippets/planted.md has lies that must be found out, each run.

    python3 tests/snippets.py [--languages c,python,sh] [PAGE ...]

A page says of a block, in a comment above it:

    <!-- snippet: user=locked fails=ROPC_REASON_LOCKED prints="text" lifetime=SECONDS tls -->
    <!-- compiled only: why -->                                  (and `compile` after the language)

`functions` after c or cpp: the top of a file, before all later blocks of that page. A block without main() is the
inside of a function with names that snippets/around.h declares (around.hpp, around.py, around.cs, around.lua). What
is replaced, as acme.hub.loginradius.com, pages.py lists. Needs `make lib`; for C++, C# and Lua also Debian's g++,
pkgconf, mono-mcs, mono-runtime and luajit.
"""

import argparse
import contextlib
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OUT = ROOT / "build/snippets"
sys.path[:0] = [str(HERE / "snippets"), str(HERE / "c")]

import languages
import pages
import shell
import shim
from harness import Standin, need_built
from tally import Tally

# Languages of READMEs whose blocks another test compiles and runs. What else is there is run here.
ELSEWHERE = {
    "bindings/cpp/README.md": ({"cpp"}, "bindings/cpp/tests/sources.py"),
    "bindings/love/README.md": ({"lua"}, "bindings/love/tests/packing.py"),
    "bindings/python/README.md": ({"python"}, "bindings/python/tests/test_example.py"),
}
LIMIT_S = 60
# A user who was never signed in here is what every program begins with.
NO_FAILURE = "ropc_session_resume ROPC_REASON_NOTHING_STORED "


class World:
    """Where blocks run: the shim, and a stand-in for each lifetime that one asks for. For `with`."""

    def __init__(self):
        self.library = OUT / "lib"
        self.standins = {}
        self.open = contextlib.ExitStack()

    def __enter__(self):
        shim.build(self.library, need_built(ROOT / "build/lib/libropc.so"))
        return self

    def __exit__(self, *_):
        self.open.close()

    def standin(self, note):
        lifetime = note.get("lifetime", "900")
        if lifetime not in self.standins:
            self.standins[lifetime] = self.open.enter_context(Standin(ROOT / "build", "--lifetime", lifetime))
        return self.standins[lifetime]

    def origin(self, note):
        return self.standin(note).ports["https" if "tls" in note else "http"]

    def shown(self, block):
        """The block as it is run."""
        return block._replace(text=pages.replaced(block.text, self.origin(block.note), block.note.get("user", "ada")))

    def environment(self, block, folder):
        """All of it: no proxy and no trust of whoever runs the tests."""
        standin = self.standin(block.note)
        trust = {"SSL_CERT_FILE": str(standin.ca)} if "tls" in block.note else {}
        love = ROOT / "bindings/love"
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "LD_LIBRARY_PATH": str(self.library),
            "ROPC_LIBRARY": str(self.library / "libropc.so.0"),
            "PYTHONPATH": str(ROOT / "bindings/python/src"),
            "LUA_PATH": f"{love}/?.lua;{love}/?/init.lua",
            "SNIPPET_SITE": self.origin(block.note),
            "SNIPPET_USER": block.note.get("user", "ada"),
            "SNIPPET_FAILURES": str(folder) + ".failures",
            "SNIPPET_PAGE": block.page,
            **trust,
        }

    def run(self, block, command):
        """What is wrong with a block that compiled; None when nothing is."""
        with tempfile.TemporaryDirectory(dir=OUT) as top:
            folder = Path(top, "here")
            folder.mkdir()
            standin = self.standin(block.note)
            files = {"company-ca.pem": standin.ca, "client.pem": standin.cert, "client.key": standin.key}
            for name, source in files.items():
                shutil.copyfile(source, folder / name)
            environment = self.environment(block, folder)
            failures = Path(environment["SNIPPET_FAILURES"])
            failures.write_text("")
            try:
                done = subprocess.run(
                    command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT, text=True, errors="replace", timeout=LIMIT_S,
                )
            except subprocess.TimeoutExpired:
                return f"still runs after {LIMIT_S} s"
            return verdict(block, done, failures.read_text().splitlines())


def verdict(block, done, failures):
    """What is wrong with how a block ended; None when nothing is."""
    failures = [line for line in failures if not line.startswith(NO_FAILURE)]
    announced = set(block.note.get("fails", "").split(",")) - {""}
    unannounced = [line for line in failures if line.split()[1] not in announced]
    missing = announced - {line.split()[1] for line in failures}
    if unannounced:
        return "a call failed, and the page does not announce it:\n" + "\n".join(unannounced)
    if done.returncode != 0:
        return f"ended with {done.returncode}\n{done.stdout}"
    if missing:
        return f"announced and did not come: {', '.join(sorted(missing))}\n{done.stdout}"
    if block.note.get("prints", "") not in done.stdout:
        return f"does not print \"{block.note['prints']}\":\n{done.stdout}"
    return None


def outcomes(world, blocks, wanted):
    """Each block of the wanted languages with what is wrong with it, or None."""
    good = []
    for block in blocks:
        if block.problem:
            yield block, block.problem
        elif block.language == "sh" and "sh" in wanted:
            folder = shell.project(OUT / "project", world.origin({}))
            yield block, shell.wrong_with(block.text, folder)
        elif block.language in languages.ALL and block.language in wanted:
            good.append(world.shown(block))
    for language, same in itertools.groupby(sorted(good, key=lambda one: one.language), lambda one: one.language):
        for block, made in languages.ALL[language](list(same), OUT / "made", world.library):
            runs = isinstance(made, list) and made and not block.word
            yield block, world.run(block, made) if runs else (None if isinstance(made, list) else made)


def planted(world, wanted):
    """What is wrong with how the planted lies are found out."""
    page = "tests/snippets/planted.md"
    text = (ROOT / page).read_text()
    blocks, expected = list(pages.read(page, text)), re.findall(r"<!-- found: (.*) -->", text)
    if len(blocks) != len(expected):
        yield page, f"{len(expected)} comments for {len(blocks)} blocks"
    for block, words in zip(blocks, expected):
        if block.problem or block.language in wanted:
            (_, problem), = outcomes(world, [block], wanted)
            found = problem is not None and words in problem
            yield f"planted, {words}", None if found else f"{block.name} is not found out, but: {problem}"


def header(world):
    """The head of include/ropc.h shows a sign-in."""
    head = (ROOT / "include/ropc.h").read_text().split("Link with", 1)[0]
    body = "\n".join(line[5:] for line in head.splitlines() if line.startswith(" *   "))
    text = f"#include <ropc.h>\n#include <stdio.h>\nint main(void)\n{{\n{body}\nreturn 0;\n}}\n"
    text = text.replace('"secret"', '"correct horse"')
    block = pages.Block("include/ropc.h", 1, "c", "", text, {"prints": "until "}, None)
    for _, problem in outcomes(world, [block], {"c"}):
        yield "include/ropc.h, its head", problem


def readme(world, wanted):
    """The lines of README.md and the install page that compile and link README.md's first program."""
    lines = list(shell.link_lines("cpp" in wanted))
    for word in ["-lropc", "libropc.a"] + ["pkg-config --cflags", "pkg-config --static"] * ("cpp" in wanted):
        if not any(word in line for _, line in lines):
            yield "link lines", f"none has {word}: {[line for _, line in lines]}"
    folder = shell.project(OUT / "project", world.origin({}))
    for name, line in lines:
        yield name, shell.linked(line, folder)


def blocks_of(path):
    """The blocks of a page that are to be run here."""
    page = str(path.relative_to(ROOT))
    elsewhere, _ = ELSEWHERE.get(page, (set(), None))
    # In the READMEs of bindings, what has no language is text.
    plain = {""} if page.startswith("bindings/") else set()
    return [block for block in pages.read(page, path.read_text()) if block.language not in elsewhere | plain]


def bindings():
    """The tests that run blocks of READMEs are there, and read them."""
    for page, (_, test) in ELSEWHERE.items():
        reads = (ROOT / test).exists() and "README.md" in (ROOT / test).read_text()
        yield f"{page}: {test}", None if reads else "does not read it: mend the test, or ELSEWHERE"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--languages", default=",".join([*languages.ALL, "sh"]), metavar="LIST", help="default: all")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="default: all that there are")
    args = parser.parse_args()
    wanted = set(args.languages.split(","))
    if wanted - {*languages.ALL, "sh"}:
        parser.error(f"languages are {', '.join([*languages.ALL, 'sh'])}")
    return wanted, [Path(page).resolve() for page in args.pages]


def main():
    wanted, chosen = arguments()
    languages.fresh(OUT / "made")
    own = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "docs/index.md"]
    own += [*sorted(ROOT.glob("docs/guide/*.md")), *sorted(ROOT.glob("bindings/*/README.md"))]
    blocks = [block for path in chosen or own for block in blocks_of(path)]
    tally = Tally()
    with World() as world:
        results = ((block.name, problem) for block, problem in outcomes(world, blocks, wanted))
        whole = [] if chosen else [planted(world, wanted), header(world), readme(world, wanted), bindings()]
        for name, problem in itertools.chain(*whole, results):
            tally.tell(name, problem)
    sys.exit(tally.end())


if __name__ == "__main__":
    main()
