#!/usr/bin/env python3
"""The traps of native hosts, each a program: what a host may have around the
library, or do to it, and what the library promised all the same.

    python3 tests/hosts/run.py [--build DIR] [--asan] [NAME ...]

Each program runs with the shared and with the static library. Needs libssl-dev,
libcurl4-openssl-dev and locales; cargo builds the Rust neighbours into
CARGO_TARGET_DIR, or build/hosts-target.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "c"))

import checkers  # noqa: E402
import clashes  # noqa: E402
import neighbours  # noqa: E402
from harness import ROOT, Standin, compile_c, compiler, need, need_built, shared, static  # noqa: E402
from run import run, tell, verdict  # noqa: E402  (tests/c/run.py)

TIME_LIMIT = 120
LANGUAGES = ["de_DE", "tr_TR"]


@dataclass
class Host:
    """A program, and what it is compiled and run with besides the library."""

    name: str
    source: str = ""
    flags: list = field(default_factory=list)
    link: list = field(default_factory=list)
    prefix: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    # With which library; none: both.
    only: str = ""
    # Whether AddressSanitizer, which replaces functions itself, leaves it its trap.
    asan: bool = True

    def path(self):
        """Its source."""
        return HERE / f"{self.source or self.name}.c"


# Those that need nothing but themselves.
HOSTS = [
    Host("endtoend"),
    Host("endtoend-dirty", "endtoend", environment={"MALLOC_PERTURB_": "165", "MALLOC_ARENA_MAX": "1"}, asan=False),
    # The places of everything are the same in each run.
    Host("endtoend-fixed", "endtoend", prefix=["setarch", "-R"], asan=False),
    Host("foreign", asan=False),
    Host("copies"),
    Host("namespaces", asan=False),
    Host("pipes"),
    Host("storm"),
    Host("places"),
    Host("limits", asan=False),
    Host("stack", asan=False),
    Host("surroundings", asan=False),
    Host("spawn"),
    Host("closefrom"),
    Host("cancelled"),
    Host("exits", asan=False),
    # What libcurl has linked leaks a little of its own.
    Host("openssl", link=["-lcurl", "-lssl", "-lcrypto"], asan=False),
]


def with_neighbours(build):
    """Every way to have another Rust library beside this one. One that is linked
    with LTO brings Rust's own functions in one piece, which can be in a program
    once: README.md says to take the shared library then."""
    plain = neighbours.build(build / "hosts/plain", "release")
    tls = neighbours.build(build / "hosts/tls", "release", "--features", "tls")
    lto = neighbours.build(build / "hosts/lto", "lto")
    flags = ["-DNEIGHBOUR_TLS"]
    return [
        Host("neighbour", link=neighbours.static(plain), asan=False),
        Host("neighbour-tls", "neighbour", flags, neighbours.static(tls), asan=False),
        Host("neighbour-beside", "neighbour", flags, neighbours.shared(tls), asan=False),
        Host("neighbour-lto", "neighbour", link=neighbours.static(lto), only="shared", asan=False),
    ]


def languages(folder):
    """Languages that need not be installed, for LOCPATH."""
    tool = need("localedef", "libc-bin")
    for language in LANGUAGES:
        command = [tool, "--no-archive", "-i", language, "-f", "UTF-8", folder / f"{language}.UTF-8"]
        if subprocess.run(command, capture_output=True).returncode != 0:
            sys.exit(f"no {language} can be made; install it with: apt-get install -y --no-install-recommends locales")
    return folder


def copies_of(library, folder):
    """Two files more with the same library in them, as plug-ins bring it."""
    copies = {}
    for number in (1, 2):
        place = folder / f"copy-{number}"
        place.mkdir()
        copies[f"ROPC_COPY_{number}"] = shutil.copy(library, place / "libropc.so.0")
    return copies


def compiled(hosts, way, folder):
    """Each with its program."""

    def one(host):
        output = folder / f"{host.name}-{way.name}"
        return compile_c([*way.compiler, *host.flags], host.path(), output, [*way.link, *host.link])

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(zip(hosts, pool.map(one, hosts)))


def attempt(host, way, program, environment, standin):
    """Runs one program and tells how it went: whether well."""
    limit = TIME_LIMIT * way.slowness
    environment = {**standin.environment(), **way.environment, **environment, **host.environment, "ROPC_WAY": way.name}
    # What others sent is not for this one to count.
    standin.ask("requests")
    code, output, err, took = run([*host.prefix, program], environment, limit, standin)
    problem = verdict(code, err, limit)
    tell(host.name, way.name, problem, output, took)
    for line in output.splitlines():
        if not problem and line.startswith("note: "):
            print(f"     {line[6:]}", flush=True)
    return not problem


def wanted(hosts, names):
    """Those that were asked for, or all."""
    unknown = set(names) - {host.name for host in hosts} - {"clashes"}
    if unknown:
        sys.exit(f"there is no host {', '.join(sorted(unknown))}")
    return [host for host in hosts if not names or host.name in names]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    parser.add_argument("--asan", action="store_true", help="with AddressSanitizer, those that it leaves their trap")
    parser.add_argument("names", nargs="*", metavar="NAME", help="hosts to run; default: all")
    args = parser.parse_args()
    build = args.build.resolve()
    library = need_built(build / "lib/libropc.so.0")
    if args.asan:
        ways = [checkers.asan(build)]
        hosts = [host for host in HOSTS if host.asan]
    else:
        fast = [compiler(), "-O1", "-Wl,--strip-debug"]
        ways = [
            checkers.Way("shared", fast, shared(build / "lib"), library),
            checkers.Way("static", fast, static(build), library),
        ]
        rust = not args.names or any(name.startswith("neighbour") for name in args.names)
        hosts = HOSTS + (with_neighbours(build) if rust else [])
    hosts = wanted(hosts, args.names)
    results = []
    if not args.asan and (not args.names or "clashes" in args.names):
        problems = clashes.problems(build)
        tell("clashes", "names", problems[0] if problems else None, "\n".join(problems), 0)
        results.append(not problems)
    with Standin(build) as standin, tempfile.TemporaryDirectory(prefix="ropc-languages-") as folder:
        environment = {"LOCPATH": str(languages(Path(folder)))}
        for way in ways:
            environment.update(copies_of(way.library, Path(tempfile.mkdtemp(dir=folder))))
            mine = [host for host in hosts if host.only in ("", way.name)]
            for host, program in compiled(mine, way, standin.path):
                results.append(attempt(host, way, program, environment, standin))
                program.unlink()
    print(f"{results.count(True)} passed, {results.count(False)} failed")
    return 1 if False in results else 0


if __name__ == "__main__":
    sys.exit(main())
