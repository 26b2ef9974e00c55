#!/usr/bin/env python3
"""Holds the shared library and the header to tests/symbols.txt, the list of
all that programs rely on: functions, sizes and fields of the readable structs,
numbers. The list only grows; a line once released never changes.

    symbols.py [LIBRARY]       default: build/lib/libropc.so.0

Also: what the library is called, what it needs, and that it is no larger than
tests/budgets.toml allows. Linux x86-64.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

from budgets import grown, read, size_of

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "tests/symbols.txt"
HEADER = ROOT / "include/ropc.h"
LIBRARY = ROOT / "build/lib/libropc.so.0"

MAY_NEED = {"libc.so.6", "libgcc_s.so.1", "libm.so.6", "ld-linux-x86-64.so.2"}


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def header():
    """The header without its comments."""
    return re.sub(r"/\*.*?\*/", "", HEADER.read_text(encoding="utf-8"), flags=re.S)


def exported(library):
    """What a program can link to: every defined dynamic symbol."""
    lines = output("nm", "--dynamic", "--defined-only", "--format=posix", library).splitlines()
    return {name: "function" if kind == "T" else "no function" for name, kind, *_ in map(str.split, lines)}


def described():
    """Structs, fields and numbers of the header, as a C compiler has them."""
    lines = []
    for body, name in re.findall(r"typedef struct \{(.*?)\} (\w+);", header(), re.S):
        lines.append(f'printf("{name} %zu bytes\\n", sizeof({name}));')
        for field in re.findall(r"(\w+);", body):
            place = f"sizeof((({name} *)0)->{field}), offsetof({name}, {field})"
            lines.append(f'printf("{name}.{field} %zu bytes at %zu\\n", {place});')
    for body in re.findall(r"typedef enum \{(.*?)\}", header(), re.S):
        for number in re.findall(r"(ROPC_\w+) =", body):
            lines.append(f'printf("{number} %d\\n", (int){number});')
    program = '#include <stdio.h>\n#include "ropc.h"\nint main(void) {\n' + "\n".join(lines) + "\nreturn 0;\n}\n"
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder, "described.c")
        source.write_text(program, encoding="utf-8")
        output(os.environ.get("CC", "cc"), f"-I{HEADER.parent}", source, "-o", source.with_suffix(""))
        return dict(line.split(" ", 1) for line in output(source.with_suffix("")).splitlines())


def listed():
    """tests/symbols.txt: {name: (ABI version, what)}."""
    found = {}
    for line in LIST.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, abi, what = line.split(maxsplit=2)
            if name in found:
                sys.exit(f"tests/symbols.txt lists {name} twice")
            found[name] = (int(abi), what)
    return found


def differences(library):
    """Where library, header and list are not of one mind."""
    known, functions = listed(), exported(library)
    real = functions | described()
    for name in sorted(known.keys() - real.keys()):
        yield f"{name} is gone; programs rely on it"
    for name in sorted(real.keys() - known.keys()):
        yield f"{name} ({real[name]}) is new: add it to tests/symbols.txt and raise ROPC_ABI, or do not export it"
    for name in sorted(real.keys() & known.keys()):
        if real[name] != known[name][1]:
            yield f"{name} was {known[name][1]} and is {real[name]}; programs rely on it"
    declared = set(re.findall(r"\b(ropc_\w+)\(", header()))
    for name in sorted(declared ^ functions.keys()):
        yield f"{name} is {'declared and not exported' if name in declared else 'exported and not declared'}"
    newest = max(abi for abi, _ in known.values())
    if f"#define ROPC_ABI {newest}\n" not in header():
        yield f"ROPC_ABI is not {newest}, the newest version in tests/symbols.txt"


def shortcomings(library):
    """What is wrong with the library as a file."""
    dynamic = output("readelf", "--dynamic", "--wide", library)
    if "soname: [libropc.so.0]" not in dynamic:
        yield "its soname is not libropc.so.0"
    if not re.search(r"\(FLAGS_1\).*\bNODELETE\b", dynamic):
        yield "it can be unloaded (no NODELETE), and a name look-up that outlives its call would crash"
    for needed in sorted(set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic)) - MAY_NEED):
        yield f"it needs {needed}"
    yield from grown("library", size_of(library), read())


def main():
    arguments = sys.argv[1:]
    library = pathlib.Path(arguments[0]) if arguments else LIBRARY
    wrong = [*differences(library), *shortcomings(library)]
    for what in wrong:
        print(f"{library.name}: {what}")
    if wrong:
        sys.exit(1)
    size = library.stat().st_size
    print(f"{library.name}: the {len(listed())} names of tests/symbols.txt and no others, {size:,} bytes")


if __name__ == "__main__":
    main()
