"""Lines for a shell that a page shows: those that compile are run beside the README's ten lines as login.c, in a folder
like the root of this project, with the library installed where pkg-config looks; of `make` only the target is looked
up."""

import os
import re
import shutil
import subprocess
import sys

from harness import need
from languages import ROOT, fresh
from pages import replaced

COMPILERS = {"cc", "gcc", "c++", "g++"}


def ten_lines(origin):
    """The README's first program, for the stand-in."""
    readme = (ROOT / "README.md").read_text()
    return replaced(re.search(r"^```c\n(.*?)^```$", readme, re.M | re.S)[1], origin, "ada")


def project(folder, origin):
    """A folder that looks like this project after `make lib`, with login.c in it."""
    fresh(folder)
    for name in ("include", "build/lib", "build/static"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(ROOT / name)
    (folder / "login.c").write_text(ten_lines(origin))
    return folder


def surroundings(folder, text):
    """The environment of some lines; for pkg-config the library is installed beside `folder`, once."""
    if "pkg-config" not in text:
        return dict(os.environ)
    need("pkg-config", "pkgconf")
    prefix = folder.with_name("prefix")
    if not (folder / "installed").exists():
        done = subprocess.run(["make", "-s", "-C", ROOT, "install", f"PREFIX={prefix}"], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(f"the library cannot be installed into {prefix}:\n{done.stdout}{done.stderr}")
        (folder / "installed").touch()
    return {**os.environ, "PKG_CONFIG_PATH": f"{prefix}/lib/pkgconfig", "LD_LIBRARY_PATH": f"{prefix}/lib"}


def targets():
    makefiles = [ROOT / "Makefile", ROOT / "packaging/install.mk", ROOT / "tests/checks.mk"]
    return {target for one in makefiles for target in re.findall(r"^([a-z-]+):", one.read_text(), re.M)}


def wrong_with(text, folder):
    """What is wrong with lines for a shell, run in `folder`; None when nothing is."""
    for line in text.replace("\\\n", " ").splitlines():
        commands = [command.split() for command in line.split("#")[0].split("&&") if command.strip()]
        commands = [words[1:] if words[0] == "sudo" else words for words in commands]
        if all(words[0] == "make" for words in commands):
            named = {word for words in commands for word in words[1:] if "=" not in word}
            if named - targets():
                return f"{line}: Makefile has no {', '.join(sorted(named - targets()))}"
        elif all(words[0] in COMPILERS or words[0].startswith("./") for words in commands):
            done = subprocess.run(
                line, shell=True, cwd=folder, env=surroundings(folder, text), capture_output=True, text=True, timeout=60
            )
            if done.returncode != 0:
                return f"{line}: ended with {done.returncode}\n{done.stdout}{done.stderr}"
        else:
            return f"{line}: is not run here; name the block `text`"
    return None


def link_lines(more):
    """Those of README.md and the install page, and with `more` also those for pkg-config, and all of them for C++."""
    for page in ("README.md", "docs/guide/install.md"):
        for line in re.findall(r"`(cc (?:-static )?login\.c [^`]*)`", (ROOT / page).read_text()):
            if more or "pkg-config" not in line:
                yield f"{page}: {line}", line
            if more and shutil.which("c++"):
                # Only login.c is C++: what follows says by its name what it is.
                cpp = re.sub(r"^cc (.*?)login\.c", r"c++ -std=c++11 \1-x c++ login.c -x none", line)
                yield f"{page} as C++: {cpp}", cpp


def linked(line, folder):
    """What is wrong with a line that makes a.out of login.c; None when nothing is."""
    (folder / "a.out").unlink(missing_ok=True)
    problem = wrong_with(line, folder)
    if problem:
        return problem
    environment = surroundings(folder, line)
    done = subprocess.run(["./a.out"], cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    if done.returncode != 0 or "signed in until " not in done.stdout:
        return f"ended with {done.returncode} and said {done.stdout + done.stderr!r}"
    return None
