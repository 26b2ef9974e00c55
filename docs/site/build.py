#!/usr/bin/env python3
"""Builds the site into build/docs/html: the reference, written from include/ropc.h, the guide and the other pages.
A broken link, a name that does not exist and any other warning is an error. `make docs` runs this.

    python3 docs/site/build.py

Sphinx and its theme, as requirements.txt pins them, come into build/docs/venv by pip, the first time and whenever
that file changes (needs Debian's python3-venv).
"""

import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.append(str(ROOT / "tests"))

import stage
from environment import python_with

OUT = ROOT / "build/docs"
REQUIREMENTS = HERE / "requirements.txt"


def sphinx(python, pages, html, doctrees):
    """Sphinx over a folder of pages: its exit code, and what it complains about."""
    command = [python, "-m", "sphinx", "-b", "html", "-c", HERE, "-d", doctrees, "-n", "-W", "--keep-going", "-q"]
    # The same bytes on every machine, whatever the language and zone of who builds.
    surroundings = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONPATH": ""}
    done = subprocess.run([*command, pages, html], env=surroundings, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr


def main():
    python = python_with(REQUIREMENTS, OUT / "venv")
    stage.write(ROOT, OUT / "pages")
    shutil.rmtree(OUT / "html", ignore_errors=True)
    code, said = sphinx(python, OUT / "pages", OUT / "html", OUT / "doctrees")
    print(said, end="", file=sys.stderr)
    if code != 0:
        sys.exit("the site has the faults above; pages under build/docs/pages are copies: mend what they come from")
    print(f"build/docs/html/index.html: {len(list((OUT / 'html').rglob('*.html')))} pages")


if __name__ == "__main__":
    main()
