#!/usr/bin/env python3
"""Runs a test and looks for passwords and tokens in all it prints.

    python3 tests/canary.py [--brief] COMMAND [ARGUMENT ...]
    python3 tests/canary.py SCRIPT.py [ARGUMENT ...]
    python3 tests/canary.py --prove

What the command prints is shown as it comes; with --brief only how far it is,
and all of it when it fails. Of a script also what it captures
of the programs that it runs (subprocess.run) is searched. Every password,
secret and token of the tests can be recognised: see MARKS. Found is, in any
encoding of tests/c/scan_forms.py, as good as shown: then the end is a failure,
and says in which line. --prove plants each form and wants it found.
"""

import os
import re
import runpy
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/c"))

from scan_forms import forms  # noqa: E402

# What the tests sign in with, and what their other passwords, secrets and
# refresh tokens have in them.
MARKS = ["correct horse", 'p&s=w+r%d é€"\\', "s:e c%r+t/&", "standin-api-key", "canary", "Canary", "CANARY"]

# Access and ID tokens are JWTs, and so begins one's header in base64url.
JWT = r"eyJ[A-Za-z0-9_-]{16}"

# What shows such a thing on purpose: the stand-in, which lists its accounts and
# what it received, and the line with which bindings/standin.py greets a person;
# and nm, for std has a symbol called CANARY.
ON_PURPOSE = {"standin", "nm"}
GREETING = b'A stand-in for LoginRadius runs. Sign in as "ada" with the password "correct horse",'

# What --brief shows of cargo.
BRIEF = re.compile(rb"\s*(?:Compiling|Finished|Running|Doc-tests|test result)|error|warning")

# How the wrapper tells of what was found inside a script.
FOUND = "FAIL canary: "


def pattern():
    """Everything that is looked for."""
    # Short forms would be found in any text; none of these are.
    texts = {text for mark in MARKS for text in forms(mark).values() if len(text) >= 6}
    return re.compile(b"|".join([JWT.encode(), *map(re.escape, sorted(texts, key=len, reverse=True))]))


LOOK = pattern()


def secret_in(output):
    """The first secret in some output, or None."""
    data = output.encode("utf-8", "surrogateescape") if isinstance(output, str) else output
    found = LOOK.search((data or b"").replace(GREETING, b""))
    return found[0].decode(errors="replace") if found else None


def line_of(output, secret):
    """The line of `output` that shows it, for a person to find it by: the
    secrets of tests are none."""
    text = output if isinstance(output, str) else output.decode(errors="replace")
    return next((line.strip()[:300] for line in text.splitlines() if secret in line), text[:300])


def search_children():
    """From here on what subprocess.run captures is searched."""
    run = subprocess.run

    def searched(*args, **options):
        try:
            done = run(*args, **options)
        except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as failed:
            search(args or options.get("args"), failed.stdout, failed.stderr)
            raise
        search(done.args, done.stdout, done.stderr)
        return done

    subprocess.run = searched


def search(args, *outputs):
    program = os.fspath(args if isinstance(args, (str, os.PathLike)) else args[0])
    for output in outputs:
        secret = secret_in(output)
        if secret and Path(program).name not in ON_PURPOSE:
            print(f"{FOUND}{program} prints {secret!r}: {line_of(output, secret)}", file=sys.stderr, flush=True)


def inside(script, arguments):
    """Runs a script of ours, its children's output searched."""
    search_children()
    sys.argv = [script, *arguments]
    sys.path[0] = str(Path(script).resolve().parent)
    runpy.run_path(script, run_name="__main__")


def through(stream, to, problems, kept):
    """Shows what comes out of `stream`, line by line, and searches it; with
    `kept`, keeps it there and shows less."""
    for line in stream:
        if kept is None or BRIEF.match(line):
            to.buffer.write(line)
            to.buffer.flush()
        if kept is not None:
            kept.append(line)
        text = line.decode(errors="replace").strip()
        if text.startswith(FOUND):
            problems.append(text.removeprefix(FOUND))
        elif secret := secret_in(line):
            problems.append(f"{secret!r} is in this line: {text[:300]}")


def run(command, kept):
    """The exit code of the command, or 1 when it showed a secret."""
    if command[0].endswith(".py"):
        command = [sys.executable, __file__, "--inside", *command]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    problems = []
    ways = [(process.stdout, sys.stdout), (process.stderr, sys.stderr)]
    threads = [threading.Thread(target=through, args=(stream, to, problems, kept)) for stream, to in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    code = process.wait()
    if code and kept:
        sys.stderr.buffer.write(b"".join(kept))
    for problem in problems:
        print(f"{FOUND}{problem}", file=sys.stderr)
    return code if code or not problems else 1


# Prints its argument in one of the ways a test may: by itself, by a child whose
# output it captures, as the text of an error.
PLANTED = {
    "a line of a program": "import os, sys; os.write(1, os.fsencode(sys.argv[1]) + b'\\n')",
    "a line on stderr": "import os, sys; os.write(2, b'x' + os.fsencode(sys.argv[1]) + b'x')",
    "an error's text": "import sys; raise ValueError(sys.argv[1].encode())",
    "a child's captured output": "import subprocess, sys; subprocess.run(['echo', sys.argv[1]], capture_output=True)",
}


def prove():
    """Every form of every mark is found, in every way; and nothing where there
    is nothing."""
    missed = [f"{form} of {mark}" for mark in MARKS for form, text in forms(mark).items()
              if not secret_in(b"some text " + text + b" and more")]  # fmt: skip
    if secret_in("ok   a test that prints nothing of the kind, 1 passed; correct, horse"):
        missed.append("something is found where there is nothing")
    with tempfile.TemporaryDirectory(prefix="ropc-canary-") as folder:
        for way, code in PLANTED.items():
            script = Path(folder) / "planted.py"
            script.write_text(code)
            for text, wanted in [("eyJhbGciOiJSUzI1NiIsImtpZCI6InN0", 1), ("correct%20horse", 1), ("a canary-1", 1)]:
                done = subprocess.run([sys.executable, __file__, script, text], capture_output=True, text=True)
                if done.returncode != wanted or FOUND not in done.stderr:
                    missed.append(f"{way}: {text}: exit code {done.returncode}, {done.stderr}")
        (Path(folder) / "planted.py").write_text("print('nothing')")
        done = subprocess.run([sys.executable, __file__, script, "x"], capture_output=True, text=True)
        if (done.returncode, done.stdout, done.stderr) != (0, "nothing\n", ""):
            missed.append(f"a script that shows nothing: {done}")
    for miss in missed:
        print(f"FAIL canary misses {miss}")
    print("ok   canary: finds what is planted, in every form" if not missed else f"{len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--prove"]:
        sys.exit(prove())
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3:])
    elif sys.argv[1:2] == ["--brief"] and len(sys.argv) > 2:
        sys.exit(run(sys.argv[2:], []))
    elif len(sys.argv) > 1:
        sys.exit(run(sys.argv[1:], None))
    else:
        sys.exit(__doc__)
