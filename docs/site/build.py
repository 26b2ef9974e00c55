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
OUT = ROOT / "build/docs"
REQUIREMENTS = HERE / "requirements.txt"

import stage  # noqa: E402


def environment(folder):
    """The Python that has Sphinx, in `folder`; made anew when what it needs has changed."""
    python, made_for = folder / "bin/python", folder / "made-for.txt"
    wanted = f"{sys.version}\n{REQUIREMENTS.read_text()}"
    if made_for.exists() and made_for.read_text() == wanted and python.exists():
        return python
    print("==> Sphinx, from PyPI: into build/docs/venv", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", folder]).returncode != 0:
        sys.exit("no virtual environment can be made: apt-get install -y --no-install-recommends python3-venv")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", REQUIREMENTS]
    if subprocess.run(pip).returncode != 0:
        sys.exit("pip could not install docs/site/requirements.txt: see above; is PyPI, or a mirror of it, in reach?")
    made_for.write_text(wanted)
    return python


def sphinx(python, pages, html, doctrees):
    """Sphinx over a folder of pages: its exit code, and what it complains about."""
    command = [python, "-m", "sphinx", "-b", "html", "-c", HERE, "-d", doctrees, "-n", "-W", "--keep-going", "-q"]
    # The same bytes on every machine, whatever the language and zone of who builds.
    surroundings = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONPATH": ""}
    done = subprocess.run([*command, pages, html], env=surroundings, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr


def main():
    python = environment(OUT / "venv")
    stage.write(ROOT, OUT / "pages")
    shutil.rmtree(OUT / "html", ignore_errors=True)
    code, said = sphinx(python, OUT / "pages", OUT / "html", OUT / "doctrees")
    print(said, end="", file=sys.stderr)
    if code != 0:
        sys.exit("the site has the faults above; pages under build/docs/pages are copies: mend what they come from")
    print(f"build/docs/html/index.html: {len(list((OUT / 'html').rglob('*.html')))} pages")


if __name__ == "__main__":
    main()
