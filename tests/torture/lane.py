"""A driver with a stand-in of its own: what is done to the one is in nobody
else's counts."""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from harness import Line, Standin


@dataclass
class Report:
    """What a child of the driver said."""

    # "exit", "signal" or "late", and which.
    end: tuple = ("", 0)
    hits: int = 0
    # By "once" and "again": (status, reason, sent, ms, message).
    results: dict = field(default_factory=dict)
    # The same: the requests that the server saw.
    wire: dict = field(default_factory=dict)
    # (thread, call, kind, path), as they came.
    calls: list = field(default_factory=list)
    # Descriptors more than before, and threads of the library.
    left: tuple = None
    # After so many: blocks, bytes, descriptors, threads.
    live: dict = field(default_factory=dict)
    # Everything else: failed checks, and what a dying process writes.
    said: list = field(default_factory=list)

    def read(self, line):
        """Takes one line in."""
        kind, *rest = line.split("\t")
        if kind == "hits":
            self.hits = int(rest[0])
        elif kind in ("once", "again"):
            status, reason, sent, ms, message = rest
            self.results[kind] = (status, reason, sent == "1", int(ms), message)
        elif kind.endswith("_wire"):
            self.wire[kind[:-5]] = json.loads(rest[0])
        elif kind == "call":
            thread, call, about, path = rest
            self.calls.append((int(thread), call, about, path))
        elif kind == "left":
            self.left = (int(rest[0]), int(rest[1]))
        elif kind == "live":
            number, *values = map(int, rest)
            self.live[number] = values
        elif line:
            self.said.append(line)


class Lane:
    """For `with`."""

    def __init__(self, build, program, preload):
        self.standin = Standin(build)
        self.command, self.preload = [program], preload
        self.count = 0

    def __enter__(self):
        self.standin.__enter__()
        # In memory, where there is such a place: thousands of fsync() take minutes.
        memory = Path("/dev/shm")
        self.folder = tempfile.TemporaryDirectory(prefix="ropc-torture-", dir=memory if memory.is_dir() else None)
        self.line = Line(self.standin).__enter__()
        environment = {
            **self.standin.environment(),
            **self.line.environment(),
            "LD_PRELOAD": str(self.preload),
            "ROPC_WAY": "torture",
            # For glibc, when a fault keeps it from /etc/hosts.
            "RES_OPTIONS": "timeout:1 attempts:1",
        }
        self.surroundings = {"env": environment, "pass_fds": [self.line.theirs.fileno()]}
        self.process = subprocess.Popen(
            self.command,
            **self.surroundings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            bufsize=1,
        )
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.process.kill()
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()
        self.line.__exit__()
        self.folder.cleanup()
        self.standin.__exit__()

    def place(self):
        """A folder for a store, its own for each case."""
        self.count += 1
        place = Path(self.folder.name) / str(self.count)
        place.mkdir()
        return place

    def clear(self, place):
        """Removes it."""
        shutil.rmtree(place)

    def reused(self):
        """How often a refresh token came that had been replaced."""
        return self.standin.ask("counts")["grants"]["reused"]

    def do(self, operation, place, end, what, seconds=30):
        """Has it done, and gives the report."""
        self.process.stdin.write(f"{operation} {place}/store {seconds} {end} {what}\n")
        report = Report()
        while not report.end[0]:
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"the driver ended, after: {' / '.join(report.said)}")
            line = line.rstrip("\n")
            if line.startswith("end\t"):
                _, how, number = line.split("\t")
                report.end = (how, int(number))
            else:
                report.read(line)
        if report.live:
            # More than the next driver could take in.
            self.standin.ask("requests")
        return report
