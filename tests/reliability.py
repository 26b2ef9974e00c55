#!/usr/bin/env python3
"""The one table of what the library was put through: docs/reliability.md, from
the rows in tests/reliability/*.toml.

    reliability.py --check     every row has a test, every test a row, and the page is as written here
    reliability.py --write     writes the page
    reliability.py --list      every test there is, by the name that rows have

A row: `id`, `what` is done to the library, what `must` come back, and `tests`.
More cells are data, which tests/rows.rs runs; its test need not be named.
--check first proves, on copies in memory, that it finds what is wrong. It asks
`cargo test --workspace -- --list` for the Rust tests: seconds when they are
compiled, minutes when they are not. Needs Python 3.11.
"""

import argparse
import ast
import copy
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLES = ROOT / "tests/reliability"
PAGE = ROOT / "docs/reliability.md"

# The groups, in the order of the page.
GROUPS = [
    "border", "process", "network", "tls", "http", "statuses", "connections", "json", "refusals", "tokens", "jwt",
    "sessions", "stores", "time", "secrets", "torture", "load", "hosts", "interface", "packages", "source", "ground",
]

ALWAYS = ["id", "what", "must", "tests"]

# Cells that make a row one that tests/rows.rs runs, and the test that does it.
RUN_BY = {
    **dict.fromkeys(["fault", "wire", "body"], "rows::answers"),
    "retry_after": "rows::waits",
    **dict.fromkeys(["site", "url", "app", "proxy"], "rows::addresses"),
    **dict.fromkeys(["login_user", "login_password"], "rows::credentials"),
    **dict.fromkeys(["header", "claims", "token"], "rows::id_tokens"),
    **dict.fromkeys(["record", "file"], "rows::stored"),
    "certificate": "rows::certificates",
}

# Where tests are files. Those that are none, but what tests share, build or
# start, are listed under `shared` in ground.toml.
FILES = [
    "bindings/*/generate.py", "bindings/*/tests/**/*", "examples-c/*.py", "src/oauth/models/**/*.rs", "tests/**/*.py",
    "tests/c/planted/*.c", "tests/fuzz/tests/*.rs",
]
KINDS = {".c", ".cpp", ".cs", ".gd", ".lua", ".py", ".rs"}

INTRODUCTION = """\
# What this library was put through

A row for each thing that was done to it, or that a standard requires: what must come back, and which tests show it. A
program that holds passwords is worth what was tried against it, so the table is complete in both directions:
`tests/reliability.py --check`, a part of `make test`, fails when a row has no test and when a test has no row. Where a
row names a standard, the library does what that section says, or the row says what it does instead.

Tests are named as they are printed: `network::nothing_listens` is in tests/network.rs, `oauth::` and `capi::` in src,
`doc/` an example in the documentation of a source, `standin::` in tests/standin, `c/login` is tests/c/login.c,
`hosts/pipes` a run of tests/hosts/run.py, `torture/live:logins` one of tests/torture/run.py, `fuzz/http` a target in
tests/fuzz, `python/` a method in tests/python; anything else is a file. To add a row, write it into a file of
tests/reliability with the next free number, then run `tests/reliability.py --write`. A row may carry data, such as an
answer (`body`, `wire`) and the status and reason that must come of it: then tests/rows.rs runs it as a login, a request
and a refresh, and no test has to be written.
"""

NOT_HERE = """\
## What does not apply

| what | why |
|---|---|
| authorization code flow, PKCE, `iss` of authorization responses (RFC 9207), external browsers (RFC 8252) | only the \
password grant, refreshes and grants without a browser are here; README says why the password grant is a last resort \
(RFC 9700, 2.4) |
| acr, auth_time, max_age (OIDC Core, 3.1.3.7, 12 and 13) | no request asks for them, and their claims are handed out |
| introspection (RFC 7662) | for resource servers; LoginRadius' own validation of a token has rows above |
| revoked certificates | no revocation list is asked for: a pin, or an authority of one's own, is stricter |
| switching the verification off | there is no such option; a CA of one's own is set instead |
| sender-constrained tokens (DPoP, mTLS) | such a token type is not understood, which has a row |
| a handle that is freed twice, or used after it was freed | the caller's bug, as in any C library: the header says \
once; the bindings refuse it, which has rows |
"""


def rust_tests(output):
    """The names in what `cargo test --workspace -- --list` prints."""
    names, prefix = [], None
    for line in output.splitlines():
        if found := re.search(r"Running .* \((?:.*/)?([\w-]+)-[0-9a-f]+\)", line):
            # Unit tests of the library have the paths of their modules; those of the stand-in stand under its name.
            prefix = {"ropc": "", "all": "standin::"}.get(found[1], f"{found[1]}::")
        elif found := re.search(r"Doc-tests (\w+)", line):
            prefix = "doc/"
        elif found := re.fullmatch(r"(.+?)(?: \(line \d+\))?: test", line):
            names.append(f"{prefix}{found[1]}")
    return names


def c_tests():
    return [f"c/{source.stem}" for source in sorted((ROOT / "tests/c").glob("*.c"))]


def host_tests():
    """The runs of tests/hosts/run.py: each Host() in it, and the names it looks at."""
    tree = ast.parse((ROOT / "tests/hosts/run.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    names = [call.args[0].value for call in calls if call.func.id == "Host"]
    names += [call.args[0].value for call in calls if call.func.id == "tell" and isinstance(call.args[0], ast.Constant)]
    return [f"hosts/{name}" for name in names]


def constant(file, name):
    """What a Python file sets `name` to."""
    for node in ast.parse((ROOT / file).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    sys.exit(f"{file} sets no {name}; tests/reliability.py reads the names of tests there")


def torture_tests():
    """The tests of tests/torture/run.py, by the names it takes."""
    run = "tests/torture/run.py"
    parts = {
        "calls": constant("tests/torture/calls.py", "OPERATIONS"),
        "allocations": constant(run, "ALLOCATIONS"),
        "live": constant(run, "LIVE"),
    }
    return [f"torture/{part}:{name}" for part, names in parts.items() for name in names]


def fuzz_tests():
    """The targets of tests/fuzz/run.py, by their names."""
    return [f"fuzz/{target.stem}" for target in sorted((ROOT / "tests/fuzz/fuzz_targets").glob("*.rs"))]


def python_tests():
    """Every method that unittest finds."""
    names = []
    for file in sorted((ROOT / "tests/python").glob("test_*.py")):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                tests = [item.name for item in node.body if getattr(item, "name", "").startswith("test")]
                names += [f"python/{file.stem}.{node.name}.{test}" for test in tests]
    return names


def file_tests(shared):
    """Files that are tests as they are."""
    found = {path for pattern in FILES for path in ROOT.glob(pattern) if path.suffix in KINDS}
    # Their methods are listed.
    found -= set((ROOT / "tests/python").glob("test_*.py"))
    return sorted({str(path.relative_to(ROOT)) for path in found} - set(shared))


def all_tests(shared):
    """Every test there is; `shared` are files that are none."""
    # The lists come on stdout and what they are of on stderr: one stream keeps them in order.
    command = [os.environ.get("CARGO", "cargo"), "test", "--workspace", "--", "--list"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")
    rust = rust_tests(done.stdout)
    if len(rust) < 100:
        sys.exit(f"{' '.join(command)} names {len(rust)} tests only; has its output changed?\n{done.stdout[:2000]}")
    return [*rust, *c_tests(), *host_tests(), *torture_tests(), *fuzz_tests(), *python_tests(), *file_tests(shared)]


def read_tables():
    """{name of a group: its table}, in the order of the page."""
    files = {path.stem: path for path in TABLES.glob("*.toml")}
    if files.keys() != set(GROUPS):
        sys.exit(f"tests/reliability.py: GROUPS and the files of {TABLES} differ: {sorted(files.keys() ^ set(GROUPS))}")
    tables = {}
    for name in GROUPS:
        try:
            tables[name] = tomllib.loads(files[name].read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            sys.exit(f"{files[name]}: {error}")
    return tables


def rows_of(tables):
    return [row for table in tables.values() for row in table["row"]]


def runner(row):
    """The test that runs the data of a row; None when it has none."""
    return next((test for cell, test in RUN_BY.items() if cell in row), None)


def tests_of(row):
    run = runner(row)
    return [*([run] if run else []), *row.get("tests", [])]


def cell(text):
    """Text as a table of Markdown takes it."""
    return re.sub(r"([|\\<>*_])", r"\\\1", " ".join(text.split()))


def page(tables):
    """docs/reliability.md."""
    parts = [INTRODUCTION]
    for table in tables.values():
        head = "| | what is done | what must come back | tests |\n|---|---|---|---|\n"
        parts.append(f"## {table['title']}\n\n{table['about']}\n\n{head}")
        for row in table["row"]:
            tests = ", ".join(f"`{test}`" for test in tests_of(row))
            parts[-1] += f"| {row['id']} | {cell(row['what'])} | {cell(row['must'])} | {tests} |\n"
    return "\n".join([*parts, NOT_HERE])


def problems(tables, tests, written):
    """What is wrong with the table, as lines that say what to do."""
    rows, seen = rows_of(tables), set()
    for row in rows:
        name = row.get("id", "a row without an id")
        if name in seen:
            yield f"{name} is the id of two rows; give one of them the next free number"
        seen.add(name)
        if missing := [key for key in ALWAYS[:3] if key not in row]:
            yield f"{name} has no {', '.join(missing)}"
            continue
        if more := [key for key in row if key not in ALWAYS and not runner(row)]:
            yield f"{name} has {', '.join(more)}, which tests/rows.rs does not run; see RUN_BY in tests/reliability.py"
        if not tests_of(row):
            yield f"{name} has no test; write one, or take the row out"
        if len(tests_of(row)) != len(set(tests_of(row))):
            yield f"{name} names a test twice"
        for test in tests_of(row):
            if test not in tests:
                yield f"{name} names {test}, which does not exist"
    in_rows = {test for row in rows for test in tests_of(row)}
    twice = {test for test in tests if tests.count(test) > 1}
    for test in sorted(twice):
        yield f"{test} is the name of two tests; rename one of them"
    for test in sorted(set(tests) - in_rows):
        yield f"{test} is in no row; add it to one in tests/reliability, or to `shared` in ground.toml if it is no test"
    for name in tables.get("ground", {}).get("shared", []):
        if not (ROOT / name).is_file():
            yield f"{name} is no file; take it out of `shared` in tests/reliability/ground.toml"
    if not list_is_whole(tests):
        yield "a kind of test is missing from the list of tests altogether"
    if all(key in row for row in rows for key in ["id", "what", "must"]) and written != page(tables):
        yield "docs/reliability.md is not what the rows say; run: python3 tests/reliability.py --write"


def list_is_whole(tests):
    """Whether each way to find tests has found some."""
    kinds = ["oauth::", "capi::", "network::", "standin::", "doc/", "c/", "hosts/", "torture/", "fuzz/"]
    kinds += ["python/", "bindings/"]
    return all(any(test.startswith(kind) for test in tests) for kind in kinds)


def planted(tables, tests, written):
    """Copies with something wrong, and the words by which it must be found."""
    first = next(iter(tables))

    def with_row(change):
        other = copy.deepcopy(tables)
        change(other[first]["row"])
        return other, tests, written

    def add(**cells):
        row = {"id": "planted-01", "what": "a", "must": "b", "tests": [tests[0]], **cells}
        return with_row(lambda rows: rows.append(row))

    yield "no test", add(tests=[])
    yield "does not exist", add(tests=["network::nothing_like_it"])
    yield "does not exist", add(tests=[tests[0][:-1]])
    yield "two rows", add(id=tables[first]["row"][0]["id"])
    yield "does not run", add(bodies="{}")
    yield "does not run", add(status="ROPC_OK")
    yield "has no must", with_row(lambda rows: rows[0].pop("must"))
    yield "names a test twice", add(tests=[tests[0], tests[0]])
    yield "planted::test is in no row", (tables, [*tests, "planted::test"], written)
    yield "two tests", (tables, [*tests, tests[0]], written)
    yield "missing from the list", (tables, [test for test in tests if not test.startswith("hosts/")], written)
    yield "no file", ({**tables, "ground": {**tables["ground"], "shared": ["tests/nothing.py"]}}, tests, written)
    yield "--write", (tables, tests, written.replace("must", "might", 1))
    without = copy.deepcopy(tables)
    for row in rows_of(without):
        row["tests"] = [test for test in row.get("tests", []) if test != "network::nothing_listens"]
    yield "network::nothing_listens is in no row", (without, tests, page(without))


def prove(tables, tests, written):
    """Ends the run when something planted is not found."""
    for words, copies in planted(tables, tests, written):
        if not any(words in problem for problem in problems(*copies)):
            sys.exit(f"tests/reliability.py does not find what was planted for it: {words!r}")
    listed = rust_tests(
        "     Running unittests src/lib.rs (target/debug/deps/ropc-0123)\ncapi::one: test\n\n1 test, 0 benchmarks\n"
        "     Running tests/log.rs (/t/log-45ef)\ntwo: test\nthree: benchmark\n"
        "   Doc-tests ropc\na.rs - b (line 3): test\n"
    )
    if listed != ["capi::one", "log::two", "doc/a.rs - b"]:
        sys.exit(f"tests/reliability.py does not read what cargo prints: {listed}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    what = parser.add_mutually_exclusive_group(required=True)
    for option in ["check", "write", "list"]:
        what.add_argument(f"--{option}", action="store_true")
    args = parser.parse_args()
    tables = read_tables()
    shared = tables["ground"]["shared"]
    if args.list:
        print("\n".join(all_tests(shared)))
        return 0
    if args.write:
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(tables), encoding="utf-8")
        print(f"wrote {PAGE.relative_to(ROOT)}: {len(rows_of(tables))} rows")
        return 0
    tests = all_tests(shared)
    written = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    prove(tables, tests, written)
    found = list(problems(tables, tests, written))
    for problem in found:
        print(f"FAIL {problem}")
    data = sum(runner(row) is not None for row in rows_of(tables))
    print(f"{len(rows_of(tables))} rows, {data} of them data, {len(tests)} tests, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
