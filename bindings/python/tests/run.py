#!/usr/bin/env python3
"""Builds the wheel, installs it into a clean environment under build/python, and tests it there.

    python3 bindings/python/tests/run.py [PYTEST ARGUMENT]...

What the tests need besides is in requirements.txt.
"""

import base64
import csv
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
PACKAGE = HERE.parent
ROOT = PACKAGE.parents[1]
PLACE = ROOT / "build/python"
LIBRARY = {"win32": "ropc.dll", "darwin": "libropc.dylib"}.get(sys.platform, "libropc.so.0")
# No library and no packages but the wheel's; no proxy for the server that is
# on this machine.
CLEAN = {name: value for name, value in os.environ.items() if name not in ("ROPC_LIBRARY", "PYTHONPATH")}
LOCAL = {name: value for name, value in CLEAN.items() if not name.lower().endswith("_proxy")}
failed = []


def tell(name, problem=None):
    print(f"FAIL {name}: {problem}" if problem else f"ok   {name}", flush=True)
    if problem:
        failed.append(name)


def run(name, *command, folder=None, environment=None):
    """Runs a command whose success is a test of its own."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    tell(name, None if done.returncode == 0 else f"exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.returncode == 0


def build(wheels):
    """The wheel, built from the sources and the library that make lib built."""
    shutil.rmtree(wheels, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    before = {path: path.stat().st_mtime_ns for path in sources()}
    if not run("wheel: is built", *pip, "wheel", "--quiet", "--no-deps", "-w", str(wheels), str(PACKAGE)):
        return None
    changed = {path: path.stat().st_mtime_ns for path in sources()} != before
    tell("wheel: nothing is left beside the sources", "the folder changed" if changed else None)
    missing = {**os.environ, "ROPC_LIBRARY": str(PLACE / "nowhere")}
    done = subprocess.run([*pip, "wheel", "--no-deps", "-w", str(wheels), str(PACKAGE)], env=missing,
                          capture_output=True, text=True)  # fmt: skip
    said = done.returncode != 0 and "make -C" in done.stdout + done.stderr
    tell("wheel: without a library it says what to do", None if said else done.stdout + done.stderr)
    return next(iter(wheels.glob("*.whl")))


def sources():
    """The package's folder, without what Python and the tests make."""
    return [path for path in PACKAGE.rglob("*") if "__pycache__" not in path.parts and HERE not in path.parents]


def check(wheel):
    """Name, contents and RECORD."""
    named = re.fullmatch(r"ropc-\d+\.\d+\.\d+-py3-none-(?!any)\w+\.whl", wheel.name)
    tell("wheel: its name is that of any Python 3 on this platform", None if named else wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        info = wheel.name.split("-py3")[0] + ".dist-info"
        wanted = {f"ropc/{path.name}" for path in (PACKAGE / "src/ropc").iterdir() if path.name != "__pycache__"}
        wanted |= {f"ropc/{LIBRARY}", "ropc/LICENSE-APACHE", "ropc/LICENSE-MIT"}
        wanted |= {f"{info}/{name}" for name in ("METADATA", "WHEEL", "RECORD", "top_level.txt")}
        tell("wheel: holds the package, the library and nothing else", str(names ^ wanted) if names != wanted else None)
        same = archive.read(f"ropc/{LIBRARY}") == (ROOT / "build/lib" / LIBRARY).read_bytes()
        tell("wheel: its library is that of make lib", None if same else "another one")
        wrong = []
        rows = list(csv.reader(archive.read(f"{info}/RECORD").decode().splitlines()))
        for name, told, size in rows:
            data = archive.read(name)
            found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            if not name.endswith("/RECORD") and (told, size) != (f"sha256={found}", str(len(data))):
                wrong.append(name)
        wrong += names ^ {row[0] for row in rows}
        tell("wheel: RECORD has each file", str(wrong) if wrong else None)


def main():
    wheel = build(PLACE / "wheels")
    if wheel is None:
        return 1
    check(wheel)
    shutil.rmtree(PLACE / "venv", ignore_errors=True)
    python = str(PLACE / "venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))
    pip = [python, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    ready = run("environment: made", sys.executable, "-m", "venv", str(PLACE / "venv"))
    ready = ready and run("environment: the wheel alone", *pip, "install", "--no-index", str(wheel), environment=CLEAN)
    if not ready:
        return 1
    with tempfile.TemporaryDirectory(prefix="ropc-python-") as elsewhere:
        shutil.copy(HERE / "smoke.py", elsewhere)
        run("wheel: works with nothing beside it", python, "-I", "smoke.py", folder=elsewhere, environment=LOCAL)
        needed = [*pip, "install", "-r", str(HERE / "requirements.txt")]
        if not run("environment: what the tests need", *needed, environment=CLEAN):
            return 1
        config = ["--config-file", str(PACKAGE / "pyproject.toml"), "--cache-dir", str(PLACE / "mypy")]
        mypy = [python, "-m", "mypy", *config]
        typed = {**CLEAN, "MYPYPATH": f"{HERE}{os.pathsep}{HERE / 'exits'}"}
        files = [str(PACKAGE / "example.py"), *map(str, [*HERE.glob("test_*.py"), HERE / "conftest.py"])]
        run("mypy: the package is strictly typed", *mypy, "-p", "ropc", folder=elsewhere, environment=typed)
        run("mypy: and so are its uses", *mypy, *files, *map(str, (HERE / "exits").glob("*.py")),
            folder=elsewhere, environment=typed)  # fmt: skip
        command = [python, "-m", "pytest", "-p", "no:terminal", "-p", "no:cacheprovider"]
        command += sys.argv[1:] or [str(HERE)]
        quiet = {**LOCAL, "PYTHONDONTWRITEBYTECODE": "1"}
        if subprocess.run(command, cwd=elsewhere, env=quiet).returncode != 0:
            failed.append("pytest")
    print(f"failed: {', '.join(failed)}" if failed else "the Python package: everything passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
