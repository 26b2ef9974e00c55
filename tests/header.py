#!/usr/bin/env python3
"""Holds include/ropc.h to src/capi, from which it is generated.

    header.py                      it is what src/capi generates today
    header.py --write              make it so
    header.py --compile CC ...     it compiles alone and twice, by each of these

It is generated in a copy of the sources under build/: a build that cargo
thinks is done would not generate at all, and the committed header must not
change under a test. Dependencies are built where all others are.
"""

import argparse
import difflib
import fnmatch
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = ROOT / "include/ropc.h"
COPY = ROOT / "build/header"
SOURCES = ["Cargo.toml", "Cargo.lock", "build.rs", "cbindgen.toml", "src", "include", "tests/standin"]

LANGUAGES = {"C99": ["-x", "c", "-std=c99"], "C++11": ["-x", "c++", "-std=c++11"]}
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", f"-I{HEADER.parent}", "-"]
PROGRAM = '#include "ropc.h"\n#include "ropc.h"\nint main(void) { return ropc_abi_check(ROPC_ABI) != ROPC_OK; }\n'


def generated():
    """The header as src/capi generates it now."""
    shutil.rmtree(COPY, ignore_errors=True)
    for name in SOURCES:
        (COPY / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, COPY / name)
    header = COPY / "include/ropc.h"
    header.unlink(missing_ok=True)
    target = os.environ.get("CARGO_TARGET_DIR", "target")
    command = ["cargo", "build", "--quiet", "--lib", "--features", "header", "--target-dir", ROOT / target]
    if subprocess.run(command, cwd=COPY).returncode != 0 or not header.exists():
        sys.exit("the header was not generated: see above")
    text = header.read_text(encoding="utf-8")
    wide = [line for line in text.splitlines() if len(line) > 79]
    if wide:
        sys.exit("lines of the header are wider than a screen:\n" + "\n".join(wide))
    # A public constant of the core gets in unless cbindgen.toml excludes it.
    names = re.findall(r"^#define (\w+)|^\} (\w+);|^typedef .*?\b(\w+);$", text, re.M)
    strangers = [name for some in names for name in some if name and not name.lower().startswith("ropc_")]
    if strangers:
        sys.exit(f"the header has names that are not its own: {strangers}")
    unlisted = [name for name in functions(text) if not is_listed(name, text)]
    if unlisted:
        sys.exit(f'"What to call" in cbindgen.toml leaves out {unlisted}')
    return text


def functions(text):
    """What the header declares."""
    names = re.findall(r"^ROPC_API\s[^(;]*?\b(ropc_\w+)\(", text, re.M)
    if not names:
        sys.exit("the header declares no function")
    return names


def is_listed(name, text):
    """Whether "What to call" names a function, or stands for it with a star.
    What begins with _ there comes behind some part of the name before it."""
    listed = text.split("What to call", 1)[1].split("Three ways", 1)[0]
    last = ""
    for word in re.findall(r"(?<![\w*])(?:ropc)?_[a-z0-9_*]+", listed):
        if word.startswith("_"):
            heads = [last[:at] for at, char in enumerate(last) if char == "_"] + [last]
        else:
            heads, last = [""], word
        if any(fnmatch.fnmatchcase(name, head + word) for head in heads):
            return True
    return False


def compare(new):
    """Ends with the difference when the committed header is another one."""
    old = HEADER.read_text(encoding="utf-8")
    if old == new:
        print("include/ropc.h is what src/capi generates")
        return
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), "include/ropc.h", "src/capi", lineterm="")
    sys.exit("\n".join(lines) + "\n\ninclude/ropc.h is not what src/capi generates: run `make header` and commit it")


def compiles(compiler, strictly):
    """Ends when a compiler has anything to say about the header."""
    for language, flags in LANGUAGES.items():
        command = [compiler, *flags, *STRICT]
        nothing = subprocess.run(command, input="int main(void) { return 0; }", text=True, capture_output=True)
        # gcc without g++ is common; a compiler of C is what this project needs.
        if nothing.returncode != 0 and language != "C99" and not strictly:
            print(f"{compiler} does not compile {language} here: left to `make test-all`")
            continue
        done = subprocess.run(command, input=PROGRAM, text=True, capture_output=True)
        if done.returncode != 0:
            sys.exit(f"{compiler}, {language}: include/ropc.h does not compile cleanly\n{done.stderr}")
        print(f"{compiler} compiles include/ropc.h as {language}, alone and twice, without a warning")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--write", action="store_true", help="write the committed header")
    what.add_argument("--compile", nargs="+", metavar="CC", help="only compile it")
    parser.add_argument("--strictly", action="store_true", help="a compiler without C++ is an error")
    args = parser.parse_args()
    if args.compile:
        for compiler in args.compile:
            compiles(compiler, args.strictly)
    elif args.write:
        HEADER.write_text(generated(), encoding="utf-8")
        print("include/ropc.h is written")
    else:
        compare(generated())


if __name__ == "__main__":
    main()
