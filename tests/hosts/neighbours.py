"""The Rust neighbours of a host, built by cargo, and what a C program has to link
to have one: in its own file, or beside it."""

import os
import shutil
import subprocess
import sys

from harness import NATIVE_LIBS, ROOT

HERE = ROOT / "tests/hosts/neighbour"


def build(folder, profile, *options):
    """Builds the neighbour and copies its two libraries into `folder`: the next
    build, with other features, would replace them."""
    print(f"building a Rust neighbour: {folder.name}", flush=True)
    target = os.environ.get("CARGO_TARGET_DIR") or str(ROOT / "build/hosts-target")
    command = ["cargo", "build", "--quiet", "--locked", "--profile", profile, *options]
    done = subprocess.run(command, cwd=HERE, env={**os.environ, "CARGO_TARGET_DIR": target})
    if done.returncode != 0:
        sys.exit(f"the neighbour {folder.name} does not build")
    made = os.path.join(target, profile)
    folder.mkdir(parents=True, exist_ok=True)
    for library in ("libneighbour.a", "libneighbour.so"):
        shutil.copy(os.path.join(made, library), folder / library)
    return folder


def static(folder):
    """Link arguments for the neighbour in the program."""
    return [str(folder / "libneighbour.a"), *NATIVE_LIBS]


def shared(folder):
    """Link arguments for the neighbour beside the program."""
    return [f"-L{folder}", "-lneighbour", f"-Wl,-rpath,{folder}"]
