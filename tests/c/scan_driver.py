"""drivers/scan.c at work: what it is told, and what its memory has then."""

import os
import subprocess
import tempfile
import time
from collections import Counter, namedtuple

import scan_memory
from scan_forms import Wanted

# How a command ended: the driver's answer.
Told = namedtuple("Told", "status reason http clocks")

# Whoever waits so long has found a bug.
LONG = 30

# A thread of the library lets go of what it used a moment after its result is
# there. Of what was sent nothing is left even at the first look.
PATIENCE = 2

# The dynamic loader looks functions up when they are first called, and puts
# all vector registers on the stack meanwhile: the last bytes of an answer may
# be in them. That is not the library's to prevent (see SECURITY.md).
ENVIRONMENT = {"LD_BIND_NOW": "1"}


class Driver:
    """One process, for `with`. `kept` and `shown` are what its memory must
    have: keys of scan_forms, counted, kept out of core dumps and not."""

    def __init__(self, program):
        self.program = program
        self.wanted = Wanted()
        self.kept, self.shown = Counter(), Counter()
        self.problems, self.looks, self.patience = [], 0, PATIENCE
        # What it wrote to stderr, once it has ended.
        self.printed = b""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="ropc-core-")
        self.stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.stderr, env=ENVIRONMENT,
            preexec_fn=lambda: scan_memory.allow_core(self.folder),
        )  # fmt: skip
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        code = self.process.wait(LONG)
        self.stderr.seek(0)
        self.printed = self.stderr.read()
        self.stderr.close()
        for key, count in self.wanted.count([self.printed]).items():
            self.problems.append(f"printed {key} {count} times")
        if os.path.isdir(self.folder):
            os.rmdir(self.folder)
            if code != 0:
                self.problems.append(f"the program ended with {code}")

    def send(self, line):
        self.process.stdin.write((line if isinstance(line, bytes) else line.encode()) + b"\n")
        self.process.stdin.flush()

    def ended(self):
        status, reason, http, clocks = self.process.stdout.readline().decode().split()
        return Told(status.removeprefix("ROPC_"), reason.removeprefix("ROPC_REASON_"), int(http), int(clocks))

    def do(self, *lines):
        """Has each done; the last one's end."""
        told = None
        for line in lines:
            self.send(line)
            told = self.ended()
        return told

    def must(self, *lines):
        """The same where each has to succeed."""
        told = None
        for line in lines:
            told = self.do(line)
            if told.status != "OK":
                self.problems.append(f"{line.split()[0]}: {told}")
        return told

    def count(self):
        """What is there: kept out of core dumps, and not."""
        self.looks += 1
        blocks = list(scan_memory.memory(self.process.pid))
        return [self.wanted.count(block for block, out in blocks if out is kept_out) for kept_out in (True, False)]

    def look(self, step, at_once=()):
        """Finds what must be there and no more. `at_once` are names of which
        the first look counts."""
        until = time.monotonic() + self.patience
        first = self.count()
        found = first
        while found != [self.kept, self.shown] and time.monotonic() < until:
            time.sleep(0.02)
            found = self.count()
        early = [key for counts in first for key in counts if key.split(",")[0] in at_once]
        early = [key for key in early if not self.kept[key] and not self.shown[key]]
        if found != [self.kept, self.shown] or early:
            # What is wrong once is wrong in every step that follows.
            self.patience /= 2
            self.problems.append(
                f"{step}: " + differences(["kept out of dumps", "not"], found, [self.kept, self.shown])
                + "".join(f"; at the first look {key}" for key in early)
            )  # fmt: skip

    def look_among(self, step, kept):
        """Finds nothing but what is of `kept`, once, and kept out of dumps."""
        found = self.count()
        if found[1] or any(count > 1 or key not in kept for key, count in found[0].items()):
            self.problems.append(f"{step}: {differences(['kept out of dumps', 'not'], found, [Counter(), Counter()])}")

    def look_at_core(self, step, by_gdb=False):
        """The same of a core dump; the kernel's ends the process."""
        spans = scan_memory.core(self.process, self.folder, by_gdb)
        found = self.wanted.count(spans)
        self.looks += 1
        if found != self.shown:
            self.problems.append(f"{step}: " + differences(["core dump"], [found], [self.shown]))


def differences(places, found, wanted):
    """What is in `places` otherwise than wanted."""
    all_of = [
        f"{key}: {has[key]}, wanted {should[key]} ({place})"
        for place, has, should in zip(places, found, wanted)
        for key in sorted({*has, *should})
        if has[key] != should[key]
    ]
    return "; ".join(all_of) or "as wanted later"
