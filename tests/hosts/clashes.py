"""What no program can see of itself: that the names of this library are its own."""

import ctypes.util
import subprocess
import sys

from harness import need

# What a host may have beside it, and links by name.
BESIDE = ["crypto", "ssl", "curl", "c"]


def defined(library, *options):
    """The names that a library defines for others."""
    command = [need("nm", "binutils"), "--defined-only", "--extern-only", "--format=posix", *options, str(library)]
    # An archive's members without names are told on stderr.
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {line.split()[0].split("@")[0] for line in listing.splitlines() if len(line.split()) > 1}


def of_system(name):
    """The file of a library of the system."""
    soname = ctypes.util.find_library(name)
    if soname is None:
        sys.exit(f"lib{name} is missing; install it with: apt-get install -y libssl-dev libcurl4-openssl-dev")
    command = [need("cc", "gcc libc6-dev"), f"-print-file-name={soname}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def problems(build):
    """A sentence for each name that could become another's."""
    found = []
    # Through a table, a name of ours would become that of the first copy loaded.
    command = [need("readelf", "binutils"), "--relocs", "--wide", str(build / "lib/libropc.so.0")]
    relocations = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if " ropc_" in relocations:
        found.append("the shared library calls itself by names that another copy defines too")
    ours = defined(build / "static/libropc.a")
    if "ropc_login" not in ours:
        found.append("nm does not list the static library")
    for name in BESIDE:
        common = ours & defined(of_system(name), "--dynamic")
        if common:
            found.append(f"the static library and lib{name} both define {', '.join(sorted(common)[:5])}")
    return found
