#!/usr/bin/env python3
"""Holds unsafe code to where it may be, and docs/unsafe.md to the sources.

    python3 tests/unsafe.py            fails when there is unsafe code elsewhere, or the page has other numbers
    python3 tests/unsafe.py --table    writes the numbers of the page anew: read what is new before, and the page after
"""

import re
import sys
from pathlib import Path

from tally import Tally

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/unsafe.md"
ALLOWED = ["src/capi/", "src/oauth/sys/"]
# A comment, a text, a letter: what says nothing of the code.
SILENT = r"""//[^\n]*|/\*.*?\*/|b?r#*".*?"#*|b?"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])'"""
KINDS = {
    "exported": r"\bunsafe extern \"C\" fn ropc_|#\[unsafe\(no_mangle\)\]\s*(?:pub )?extern",
    "functions": r"\bunsafe fn\b",
    "blocks": r"\bunsafe \{",
    "impls": r"\bunsafe impl\b",
}
# Attributes and types, which are no code that runs.
NO_CODE = r"#\[unsafe\(no_mangle\)\]|\bunsafe extern \"C\" fn\(|\bunsafe extern \"C\" fn ropc_"
TESTS = r"\n *#\[cfg\((?:test|all\(test, [^\n]*\))\)\]\n *(?:pub )?mod tests \{"


def code(text):
    """Source text without comments and texts; "C" stays, which names an ABI."""
    return re.sub(SILENT, lambda one: one[0] if one[0] == '"C"' else " ", text, flags=re.S)


def counted(text):
    """How much unsafe code a source has: what is shipped by its kind, and what
    is in its tests."""
    shipped, *tests = re.split(TESTS, code(text))
    found = {kind: len(re.findall(pattern, shipped)) for kind, pattern in KINDS.items()}
    found["tests"] = sum(len(re.findall(KINDS["blocks"], one)) for one in tests)
    return found


def strange(text):
    """The word where `counted` does not know it."""
    known = "|".join([*KINDS.values(), NO_CODE])
    return re.findall(r"[^\n]*\bunsafe\b[^\n]*", re.sub(known, "", code(text)))


def sources():
    """Every source with the word in its code."""
    for path in sorted((ROOT / "src").rglob("*.rs")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"\bunsafe\b", code(text)):
            yield path.relative_to(ROOT).as_posix(), text


def elsewhere(found):
    """Unsafe code outside of the folders for it."""
    for name, text in found:
        if not name.startswith(tuple(ALLOWED)):
            yield f"{name}: unsafe code belongs into {' or '.join(ALLOWED)}"
        yield from (f"{name}: this kind is not counted: {line.strip()}" for line in strange(text))


def table(page):
    """The table of the page; what a file rests on comes from the page."""
    rests = dict(re.findall(r"^\| `(src/[\w/.]+)` \|.*\| ([^|]+) \|$", page, re.M))
    kinds = [*KINDS, "tests"]
    lines = [f"| file | {' | '.join(kinds)} | rests on |", "|---" * (len(kinds) + 2) + "|"]
    total = dict.fromkeys(kinds, 0)
    for name, text in sources():
        numbers = counted(text)
        total = {kind: total[kind] + numbers[kind] for kind in kinds}
        lines.append(f"| `{name}` | {' | '.join(str(numbers[kind]) for kind in kinds)} | {rests.get(name, '?')} |")
    return "\n".join([*lines, f"| all | {' | '.join(str(total[kind]) for kind in kinds)} | |"])


def paged(page):
    """The page with the table as it should be."""
    made, count = re.subn(r"^\| file \|.*?(?=\n\n)", lambda _: table(page), page, flags=re.S | re.M)
    if count != 1:
        sys.exit(f"{PAGE} has {count} tables of files; one is wanted")
    return made


def stale(page):
    """Where the page is not what the sources are."""
    due = paged(page).splitlines()
    for line in [line for line in page.splitlines() if line not in due] or [line for line in due if line not in page]:
        yield f"docs/unsafe.md has other numbers than the sources: {line}; read what is new, then run it with --table"
    yield from (f"docs/unsafe.md does not say what this rests on: {line}" for line in due if line.endswith("| ? |"))


def blind():
    """Planted code that would not be found."""
    planted = "fn safe() { let text = \"unsafe {\"; // unsafe {\n unsafe { call() } }\n"
    if counted(planted)["blocks"] != 1:
        yield "a block is not told from a text and a comment"
    if not [*elsewhere([("src/oauth/client.rs", planted)])]:
        yield "a block in another folder is not found"
    if [*elsewhere([("src/capi/client.rs", planted)])]:
        yield "a block where it may be is found"
    if not [*elsewhere([("src/capi/client.rs", "unsafe trait Odd {}")])]:
        yield "an unsafe trait is not found"


def main():
    page = PAGE.read_text(encoding="utf-8")
    if sys.argv[1:] == ["--table"]:
        PAGE.write_text(paged(page), encoding="utf-8")
        return 0
    tally = Tally()
    tally.tell_all("unsafe code, planted code is found", blind())
    tally.tell_all("unsafe code, is only where it may be", elsewhere(sources()))
    tally.tell_all("unsafe code, docs/unsafe.md has the same numbers", stale(page))
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
