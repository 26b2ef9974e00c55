#!/usr/bin/env python3
"""Runs what README.md and the head of include/ropc.h show: a newcomer pastes
it, so it has to work. The site is replaced by a port of this machine where
nothing listens; what the program says then shows that it got that far.

    python3 tests/readme.py
"""

import pathlib
import re
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/readme"
SITE = "acme.hub.loginradius.com"


def closed_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def snippets():
    """Name, language and text of each."""
    readme = (ROOT / "README.md").read_text()
    for language, text in re.findall(r"^```(c|python)\n(.*?)^```$", readme, re.M | re.S):
        yield f"README, {language}", language, text
    head = (ROOT / "include/ropc.h").read_text().split("Link with", 1)[0]
    lines = [line[5:] for line in head.splitlines() if line.startswith(" *   ")]
    body = "\n".join(lines)
    yield "ropc.h", "c", f"#include <ropc.h>\n#include <stdio.h>\nint main(void) {{\n{body}\nreturn 0; }}\n"


def run(name, language, text):
    """What is wrong with a snippet; None when nothing is."""
    if SITE not in text:
        return f"does not sign in at {SITE}"
    text = text.replace(SITE, f"localhost:{closed_port()}")
    if language == "c":
        (OUT / "snippet.c").write_text(text)
        compile_it = ["cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT}/include"]
        link_it = [f"-L{ROOT}/build/lib", "-lropc", f"-Wl,-rpath,{ROOT}/build/lib"]
        done = subprocess.run([*compile_it, OUT / "snippet.c", "-o", OUT / "snippet", *link_it])
        if done.returncode != 0:
            return "does not compile"
        command, wanted = [OUT / "snippet"], "Nothing listens at localhost"
    else:
        command, wanted = [sys.executable, "-c", text], "not signed in"
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    if done.returncode != 0 or wanted not in said:
        return f"ended with {done.returncode} and said {said!r}"
    return None


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    passed = failed = 0
    for name, language, text in snippets():
        problem = run(name, language, text)
        print(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}")
        passed, failed = passed + (not problem), failed + bool(problem)
    if passed + failed < 3:
        print("FAIL a snippet is missing")
        failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
