"""Python environments for tools that need packages: each is a folder under build/
with what one requirements.txt pins.

tests/servers/lab.py makes its own, which look at hashes; benches/lab.py too, with
the package itself in them; that of bindings/python/tests/run.py begins empty.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def python_with(requirements, folder):
    """The Python in `folder` that has what this file pins: all of it, for nothing
    is installed that it does not name. It is made anew when the file or this
    Python has changed."""
    python, made_for = folder / "bin/python", folder / "made-for.txt"
    wanted = f"{sys.version}\n{requirements.read_text(encoding='utf-8')}"
    if made_for.exists() and made_for.read_text(encoding="utf-8") == wanted and python.exists():
        return python
    name = requirements.relative_to(ROOT)
    print(f"==> {name}, from PyPI: into {folder}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", folder]).returncode != 0:
        sys.exit("no virtual environment can be made: apt-get install -y --no-install-recommends python3-venv")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", requirements]
    if subprocess.run(pip).returncode != 0:
        sys.exit(f"pip could not install {name}: see above; is PyPI, or a mirror of it, in reach?")
    made_for.write_text(wanted, encoding="utf-8")
    return python
