"""What is measured, and at what: builds the drivers and the server, starts them,
pins them to processors, and lets nothing come between them where it may."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FLAGS = ["-std=c99", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2", "-g", "-pthread"]
# A command and the Debian package it is in; make looks for a compiler and Rust.
TOOLS = {"openssl": "openssl", "valgrind": "valgrind", "strace": "strace", "taskset": "util-linux", "git": "git"}
LIBRARIES = {"curl/curl.h": "libcurl4-openssl-dev", "cjson/cJSON.h": "libcjson-dev"}
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
# Who is started by this waits for nothing else on its processor: see sched(7).
FIRST = ["chrt", "--fifo", "10"]
# The name of a driver in the results, and that of its client in the page.
NAMES = {
    "ropc": "libropc",
    "curl": "libcurl + cJSON",
    "oauth2-ureq": "oauth2-rs, ureq",
    "oauth2-reqwest": "oauth2-rs, reqwest",
    "raw-rustls": "raw rustls",
    "floor": "raw socket",
    "ropc-python": "ropc for Python",
    "requests-oauthlib": "requests-oauthlib",
}


def need():
    """Installs what is missing, or ends with the command that does."""
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    missing += [package for header, package in LIBRARIES.items() if not has_header(header)]
    missing += [] if BUNDLE.exists() else ["ca-certificates"]
    missing += [] if importlib.util.find_spec("ensurepip") else ["python3-venv"]
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if missing and os.geteuid() != 0:
        sys.exit(f"missing; install with: sudo {' '.join(install)}")
    if missing:
        print(f"installing: {' '.join(missing)}", flush=True)
        run(["apt-get", "update", "-qq"])
        run(install, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def has_header(name):
    seen = subprocess.run(["cc", "-E", "-x", "c", "-"], input=f"#include <{name}>\n", text=True, capture_output=True)
    return seen.returncode == 0


def run(command, **more):
    """Runs a command that has to succeed; what it prints. Whoever wants to be told of
    its progress gives it `stderr=None`."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    done = subprocess.run(command, text=True, **(pipes | more))
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr or ''}")
    return done.stdout


class Lab:
    """Everything built, in a folder of its own; a driver is a command."""

    def __init__(self, build):
        self.library = build / "lib/libropc.so.0"
        if not self.library.exists():
            sys.exit(f"{self.library} is missing; build it with: make lib")
        self.build, self.folder = build, build / "bench"
        self.folder.mkdir(exist_ok=True)
        self.cpus = sorted(os.sched_getaffinity(0))
        # FIRST, where that is allowed.
        self.first_there = []
        self.python = self.folder / "venv/bin/python"
        # No proxy, no other library, no other authorities than those told.
        self.environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        peers = self.folder / "target/release"
        self.drivers = {name: [peers / name] for name in ("raw-rustls", "oauth2-ureq", "oauth2-reqwest")}
        self.drivers |= {name: [self.folder / name] for name in ("ropc", "curl", "floor")}
        self.drivers["ropc-python"] = [self.python, HERE / "peers.py", "ropc"]
        self.drivers["requests-oauthlib"] = [self.python, HERE / "peers.py", "requests-oauthlib"]

    def make(self):
        """Builds what is not there yet; says what, for it takes minutes the first time."""
        allowed = subprocess.run([*FIRST, "true"], capture_output=True).returncode == 0
        self.first_there = FIRST if allowed else []
        print("building: the server and the peers in Rust", flush=True)
        cargo = ["cargo", "build", "--release", "--locked", "--manifest-path", HERE / "Cargo.toml"]
        run(cargo, env={**os.environ, "CARGO_TARGET_DIR": str(self.folder / "target")}, stderr=None)
        print("building: the drivers in C", flush=True)
        library = [f"-L{self.library.parent}", "-lropc", f"-Wl,-rpath,{self.library.parent}"]
        self.compile("ropc", ["ropc.c", "ropc_own.c", "bench.c"], library)
        self.compile("curl", ["curl.c", "bench.c"], ["-lcurl", "-lcjson"])
        self.compile("floor", ["floor.c", "bench.c"], [])
        self.compile("first", ["first.c"], [])
        self.compile("allocations.so", ["allocations.c"], ["-shared", "-fPIC"])
        print("building: the Python environment", flush=True)
        if not self.python.exists():
            run([sys.executable, "-m", "venv", "--clear", self.folder / "venv"])
        pip = [self.python, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        run([*pip, "-r", HERE / "requirements.txt"])
        told = {**os.environ, "ROPC_LIBRARY": str(self.library)}
        run([*pip, "--force-reinstall", "--no-deps", ROOT / "bindings/python"], env=told)
        # Pages of a file that is not on the disk yet count as written by who maps it.
        os.sync()

    def compile(self, name, sources, libraries):
        """One program out of C sources of this folder."""
        paths = [HERE / source for source in sources]
        run(["cc", *FLAGS, f"-I{ROOT / 'include'}", *paths, "-o", self.folder / name, *libraries])

    def pinned(self, command, cpu):
        """The command on one processor and first there, or on all of them as any other:
        many threads that never wait would leave nothing for the machine."""
        return command if cpu is None else ["taskset", "-c", str(cpu), *self.first_there, *command]

    def drive(self, name, work, count, base, ca, *, threads=1, cpu=None, before=(), environment=None):
        """Runs a driver; what it told."""
        more = [str(threads)] if threads > 1 else []
        command = [*before, *self.drivers[name], work, str(count), base, ca, *more]
        return json.loads(run(self.pinned(command, cpu), env={**self.environment, **(environment or {})}))

    def first(self, name, count, base, ca, cpu):
        """Runs a driver in new processes; how long until each has a token."""
        command = [self.folder / "first", str(count), *self.drivers[name], "once", "1", base, ca]
        return json.loads(run(self.pinned(command, cpu), env=self.environment))


class Server:
    """The token server on one processor, or on all of them; for `with`."""

    def __init__(self, lab, name, cpu):
        self.lab, self.cpu, self.folder = lab, cpu, lab.folder / name

    def __enter__(self):
        self.folder.mkdir(exist_ok=True)
        command = self.lab.pinned([self.lab.folder / "target/release/server", self.folder], self.cpu)
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = self.process.stdout.readline()
        if not told:
            sys.exit("the server did not start")
        self.places = json.loads(told)
        bundle = self.folder / "bundle.pem"
        bundle.write_bytes(BUNDLE.read_bytes() + Path(self.places["ec-ca"]).read_bytes())
        self.bundle = str(bundle)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()

    def place(self, listener):
        """Base URL of a listener, and a file of authorities for it."""
        kind = "rsa" if listener.startswith("rsa") else "ec"
        return self.places[listener], self.places[f"{kind}-ca"]
