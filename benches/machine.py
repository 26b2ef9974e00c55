"""What the figures were measured on, and with which versions."""

import hashlib
import os
import platform
import re
from pathlib import Path

from lab import HERE, ROOT, run

CRATES = ("oauth2", "ureq", "reqwest", "rustls", "ring")
PACKAGES = {"libcurl": "libcurl4", "cJSON": "libcjson1", "OpenSSL": "libssl3", "valgrind": "valgrind"}


def first(pattern, text, default="unknown"):
    found = re.search(pattern, text, re.M)
    return found[1] if found else default


def told(lab):
    """Name and value of each line of the page's table."""
    lock = (HERE / "Cargo.lock").read_text()
    pip = run([lab.python, "-m", "pip", "--disable-pip-version-check", "freeze"])
    release = Path("/etc/os-release").read_text()
    lines = {
        "processor": first(r"^model name\s*: (.*)", Path("/proc/cpuinfo").read_text(), platform.machine()),
        "processors": str(os.cpu_count()),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.1f} GB",
        "system": f"{first(r'^PRETTY_NAME=.(.*?).$', release)}, Linux {platform.release()}",
        "sources": run(["git", "-C", ROOT, "describe", "--always", "--dirty"]).strip(),
        "libropc": f"SHA-256 {hashlib.sha256(lab.library.read_bytes()).hexdigest()[:16]}...",
        "Rust": first(r"^rustc (\S+)", run(["rustc", "--version"])),
        "C compiler": run(["cc", "--version"]).splitlines()[0],
        "Python": platform.python_version(),
        "requests-oauthlib": first(r"^requests-oauthlib==(.*)", pip),
    }
    lines |= {name: first(r"^Version: (.*)", dpkg(package)) for name, package in PACKAGES.items()}
    return lines | {f"{name} of the peers": first(rf'^name = "{name}"\nversion = "(.*)"', lock) for name in CRATES}


def dpkg(package):
    return run(["dpkg", "--status", package])
