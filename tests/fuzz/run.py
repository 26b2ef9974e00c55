#!/usr/bin/env python3
"""Runs the fuzz targets of this folder, or replays what they found.

    python3 tests/fuzz/run.py [--seconds N] [--keep] [TARGET ...]
    python3 tests/fuzz/run.py --replay [TARGET ...]

First: builds once, with AddressSanitizer, then one target after the other for
its share of N seconds (3600), from the inputs in corpus/ and those of the last
run, which stay under build/fuzz. An input that breaks a promise of the library
is copied to crashes/. --keep then makes corpus/ anew out of all there is.

--replay: does to each input of corpus/ and crashes/ what the fuzzer did, in a
debug build, with no fuzzer and no nightly compiler. First it looks whether the
target c_api calls every function of ropc.h.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "bindings"))

import interface

WORK = ROOT / "build/fuzz"
# A folder of its own: these flags are nobody else's.
BUILT = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "fuzz"
TRIPLE = "x86_64-unknown-linux-gnu"

# The targets, with their share of the time and the longest input. Those that
# go through sockets and threads are slow.
TARGETS = {
    "addresses": (2, 256),
    "c_api": (6, 256),
    "http": (4, 1024),
    "id_token": (2, 1024),
    "record": (1, 1024),
    "redact": (1, 256),
    "refusal": (2, 1024),
    "times": (1, 64),
    "token_answer": (2, 1024),
}

# Functions that c_api does not call, and why.
PURE = "takes a number or nothing, and gives a text or a number that never changes"
NOT_FUZZED = {
    "ropc_version": PURE,
    "ropc_abi_check": PURE,
    "ropc_status_name": PURE,
    "ropc_reason_name": PURE,
    "ropc_reason_advice": PURE,
    "ropc_wipe": "writes where and as far as its caller says: nothing could be wrong but the caller",
}

# What a folder of the corpus may hold: it is in the repository for ever.
MOST_FILES, MOST_BYTES = 150, 300 * 1024


def environment(folder, **more):
    """Where temporary files go, and no proxy of whoever runs this."""
    proxies = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}
    rest = {name: value for name, value in os.environ.items() if name.lower() not in proxies}
    return {**rest, "CARGO_TARGET_DIR": str(BUILT), "TMPDIR": str(folder), **more}


def unfuzzed(functions, sources):
    """What is wrong with which functions the sources of c_api call."""
    # Neither what is imported, nor what messages and comments speak of.
    called = re.sub(r'"[^"\n]*"|//[^\n]*|^use [^;]*;', "", sources, flags=re.M)
    left = {name for name in functions if not re.search(rf"\b{name}\b", called)}
    problems = [f"{name} is called nowhere in tests/fuzz/src/c_api" for name in sorted(left - NOT_FUZZED.keys())]
    return problems + [f"NOT_FUZZED has {name} for nothing" for name in sorted(NOT_FUZZED.keys() - left)]


def everything_is_fuzzed():
    """Whether c_api calls all that it should; says so."""
    functions = [function.name for function in interface.read().functions]
    sources = "".join(path.read_text(encoding="utf-8") for path in sorted((HERE / "src/c_api").glob("*.rs")))
    problems = unfuzzed(functions, sources)
    for problem in problems:
        print(f"FAIL fuzz/c_api: {problem}")
    if not problems:
        print(f"ok   fuzz/c_api: calls all {len(functions)} functions but {len(NOT_FUZZED)}", flush=True)
    return not problems


def replay(targets, folder):
    """The exit code of the test that replays."""
    # Over what is set already: cargo would take that in place of the folder's.
    flags = f"{os.environ.get('RUSTFLAGS', '')} --cfg fuzzing".strip()
    command = ["cargo", "test", "--quiet", "--no-default-features", "--test", "replay", "--", *targets]
    return subprocess.run(command, cwd=HERE, env=environment(folder, RUSTFLAGS=flags)).returncode


def need():
    """cargo-fuzz and a nightly compiler, or the end with how to get them."""
    wants = [
        (["cargo", "+nightly", "--version"], "Rust nightly", "rustup toolchain install nightly --profile minimal"),
        (["cargo", "fuzz", "--version"], "cargo-fuzz", "cargo install cargo-fuzz"),
    ]
    missing = False
    for command, what, how in wants:
        if subprocess.run(command, capture_output=True).returncode != 0:
            print(f"{what} is missing; install it with: {how}")
            missing = True
    if missing:
        sys.exit(1)


def build(folder):
    """Compiles all targets."""
    print("building the targets with AddressSanitizer", flush=True)
    command = ["cargo", "+nightly", "fuzz", "build", "--fuzz-dir", HERE]
    done = subprocess.run(command, cwd=HERE, env=environment(folder), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"the targets do not compile:\n{done.stdout}{done.stderr}")


def command_of(target, *options):
    """A target's program with what all runs have."""
    dictionary = HERE / f"dict/{target}.dict"
    extra = [f"-dict={dictionary}"] if dictionary.exists() else []
    longest = TARGETS[target][1]
    return [BUILT / TRIPLE / "release" / target, f"-max_len={longest}", "-timeout=30", *extra, *options]


class Run:
    """One target for so many seconds."""

    def __init__(self, target, seconds, folder):
        self.target, self.seconds = target, seconds
        self.corpus, self.findings = WORK / "corpus" / target, WORK / "findings" / target
        shutil.rmtree(self.findings, ignore_errors=True)
        self.corpus.mkdir(parents=True, exist_ok=True)
        self.findings.mkdir(parents=True)
        self.lines, self.pulse = [], ""
        kept = [path for path in (HERE / "corpus" / target, HERE / "crashes" / target) if path.exists()]
        options = [f"-max_total_time={seconds}", f"-artifact_prefix={self.findings}/", "-print_final_stats=1"]
        command = command_of(target, *options, self.corpus, *kept)
        pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True, "errors": "replace"}
        self.process = subprocess.Popen(command, env=environment(folder), stdin=subprocess.DEVNULL, **pipes)

    def listen(self):
        for line in self.process.stderr:
            if re.match(r"#\d+\t", line):
                self.pulse = line.strip()
            elif len(self.lines) < 10_000:
                self.lines.append(line.rstrip())

    def wait(self):
        """Until it has ended, with a word every 30 s. Its row of the table."""
        listener = threading.Thread(target=self.listen)
        started = time.monotonic()
        listener.start()
        while listener.is_alive():
            listener.join(30)
            if listener.is_alive():
                print(f"     {self.target} {time.monotonic() - started:.0f} s: {self.pulse}", flush=True)
        code = self.process.wait()
        took = time.monotonic() - started
        # Some end the process by themselves: then the last pulse is all there is.
        said = re.search(r"number_of_executed_units: (\d+)", "\n".join(self.lines)) or re.match(r"#(\d+)", self.pulse)
        executions = int(said[1]) if said else 0
        edges = re.search(r"cov: (\d+)", self.pulse)
        found = self.keep_findings(code)
        return {
            "target": self.target,
            "executions": executions,
            "a second": round(executions / max(took, 1)),
            "edges": int(edges[1]) if edges else 0,
            "corpus": len(list(self.corpus.iterdir())),
            "findings": found,
        }

    def keep_findings(self, code):
        """Copies what broke a promise, and says what to do with it."""
        paths = sorted(self.findings.iterdir())
        if code == 0 and not paths:
            return 0
        words = ["panicked at", "ERROR: ", "WARNING: "]
        at = next((at for at, line in enumerate(self.lines) if any(word in line for word in words)), 0)
        print(f"FAIL fuzz/{self.target}: exit code {code}")
        print("".join(f"     {line}\n" for line in self.lines[at : at + 40]), end="")
        crashes = HERE / "crashes" / self.target
        for path in paths:
            crashes.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, crashes)
            print(f"     kept as tests/fuzz/crashes/{self.target}/{path.name}")
        print("     Mend the library, see that `python3 tests/fuzz/run.py --replay` passes, and keep the file.")
        return max(len(paths), 1)


def keep(target, folder):
    """Makes a folder of the corpus anew: what people wrote, which has names of
    its own, and the fewest found inputs that reach the rest, the shortest first."""
    corpus, merged = HERE / "corpus" / target, Path(folder) / "merged"
    corpus.mkdir(parents=True, exist_ok=True)
    found = [path for path in corpus.iterdir() if re.fullmatch("[0-9a-f]{40}", path.name)]
    before = Path(folder) / "found"
    for path in [merged, before]:
        path.mkdir()
    for path in found:
        shutil.move(path, before)
    shutil.copytree(corpus, merged, dirs_exist_ok=True)
    there = [path for path in (before, WORK / "corpus" / target) if path.exists()]
    # By what is reached, not by how often: a tenth as many inputs.
    command = command_of(target, "-set_cover_merge=1", "-use_counters=0", merged, *there)
    subprocess.run(command, env=environment(folder), capture_output=True, check=True)
    files, size = len(list(corpus.iterdir())), sum(path.stat().st_size for path in corpus.iterdir())
    new = [path for path in merged.iterdir() if not (corpus / path.name).exists()]
    for path in sorted(new, key=lambda path: path.stat().st_size):
        files, size = files + 1, size + path.stat().st_size
        if files > MOST_FILES or size > MOST_BYTES:
            break
        shutil.copy(path, corpus)
    print(f"     corpus/{target}: {len(list(corpus.iterdir()))} inputs; {len(new)} would reach more", flush=True)
    for path in [merged, before]:
        shutil.rmtree(path)


def table(rows):
    columns = list(rows[0])
    widths = [max(len(column), *(len(str(row[column])) for row in rows)) for column in columns]
    print()
    for row in [dict(zip(columns, columns)), *rows]:
        print("  ".join(str(row[column]).rjust(width) for column, width in zip(columns, widths)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=3600, metavar="N", help="for all targets together")
    parser.add_argument("--keep", action="store_true", help="make corpus/ anew out of what was found")
    parser.add_argument("--replay", action="store_true", help="only replay what is kept")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    args = parser.parse_args()
    unknown = set(args.targets) - set(TARGETS)
    if unknown:
        sys.exit(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    targets = [target for target in TARGETS if not args.targets or target in args.targets]
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as folder:
        if args.replay:
            return replay(args.targets, folder) if everything_is_fuzzed() else 1
        need()
        os.nice(10)
        build(folder)
        shares = sum(TARGETS[target][0] for target in targets)
        rows, begun = [], time.monotonic()
        for target in targets:
            seconds = max(args.seconds * TARGETS[target][0] // shares, 1)
            print(f"==> {target}: {seconds} s", flush=True)
            rows.append(Run(target, seconds, folder).wait())
        # A target ends at its first finding.
        took = round(time.monotonic() - begun)
        if args.keep:
            for target in targets:
                keep(target, folder)
    table(rows)
    findings = sum(row["findings"] for row in rows)
    print(f"\n{sum(row['executions'] for row in rows)} executions in {took} s, {findings} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
