#!/usr/bin/env python3
"""Runs the models of src/oauth/models, and shows that they find faults.

    python3 tests/models.py

First every model with the library as it is. Then, for one fault of models_faults.py
after the other, with a copy of it into which that fault was planted: the model
named beside it must fail. A model that no fault is planted for is refused.
While one model runs, the next is built.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from models_faults import FAULTS

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "build/models"
SOURCES = ["Cargo.toml", "Cargo.lock", "build.rs", "src", "include", "tests/standin"]
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "models"
# The checker in place of std's threads; optimized, or it would take ten times
# as long.
ENVIRONMENT = {
    **os.environ,
    "CARGO_TARGET_DIR": str(TARGET),
    "RUSTFLAGS": "--cfg shuttle",
    "RUST_BACKTRACE": "0",
    "CARGO_PROFILE_TEST_DEBUG": "0",
}
PROFILE = ["--config", 'profile.test.package."*".opt-level=1']
PREFIX = "oauth::models::"
# A model that takes longer hangs.
SECONDS = 300


def copy():
    """The sources under build/: what is planted must not be seen elsewhere."""
    shutil.rmtree(COPY, ignore_errors=True)
    for name in SOURCES:
        source, there = ROOT / name, COPY / name
        there.parent.mkdir(parents=True, exist_ok=True)
        # With the time of now, lest cargo think that an older build will do.
        if source.is_dir():
            shutil.copytree(source, there, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, there)


def build(level):
    """Compiles the models of the copy; the program that runs them. Optimized
    at `level`: most faults are found sooner than that would take."""
    command = ["cargo", "test", "--lib", "--no-run", "--message-format=json-render-diagnostics"]
    command += [*PROFILE, "--config", f"profile.test.opt-level={level}"]
    done = subprocess.run([*command, "--quiet"], cwd=COPY, env=ENVIRONMENT, text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"it does not compile:\n{done.stderr}")
    made = [json.loads(line) for line in done.stdout.splitlines()]
    return next(one["executable"] for one in made if one.get("executable") and one["target"]["name"] == "ropc")


def run(program, model):
    """Runs one model: how it ended and what it said."""
    command = [program, "--exact", PREFIX + model]
    try:
        done = subprocess.run(command, cwd=COPY, env=ENVIRONMENT, text=True, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        sys.exit(f"{model} is without an end after {SECONDS} s")
    said = done.stdout + done.stderr
    if done.returncode == 0 and "1 passed; 0 failed" in said:
        return True, said
    if "0 passed; 1 failed" in said:
        return False, said
    sys.exit(f"{model} did not run to its end (exit status {done.returncode}):\n{said}")


def plant(edits):
    """Replaces texts in the copy; what undoes it."""
    before = {}
    for name, old, new in edits:
        text = (COPY / name).read_text(encoding="utf-8")
        before.setdefault(name, text)
        if text.count(old) != 1:
            sys.exit(f"{name} has this {text.count(old)} times, not once; a fault of models_faults.py needs it:\n{old}")
        (COPY / name).write_text(text.replace(old, new), encoding="utf-8")
    return before


def reason(said):
    """What a model failed with; which threads a deadlock is made of does not
    matter here."""
    found = re.search(r"panicked at [^\n]*\n([^\n]*)", said)
    return found[1].split("! ")[0][:60] if found else "no message"


def seconds(since):
    """The time since then, as every line begins."""
    return f"{time.monotonic() - since:5.1f} s"


def find(pool, number, what, model, edits):
    """Plants one fault, builds, and has its model run in the pool; the line
    that tells how it went."""
    start = time.monotonic()
    before = plant(edits)
    # Its own program: the next build takes the place of this one.
    program = shutil.copy(build(0), COPY / f"fault-{number}")
    for name, text in before.items():
        (COPY / name).write_text(text, encoding="utf-8")

    def finds():
        passed, said = run(program, model)
        if passed:
            sys.exit(f"{model} does not find this: {what}")
        program.unlink()
        return f"{seconds(start)}  {model.rpartition('::')[0]} finds: {what} ({reason(said)})"

    return pool.submit(finds)


def main():
    if shutil.which("cargo") is None:
        sys.exit("cargo is missing. Install it: curl --proto '=https' -sSf https://sh.rustup.rs | sh")
    copy()
    start = time.monotonic()
    program = build(1)
    print(f"{seconds(start)}  built", flush=True)
    listed = subprocess.run([program, "--list", PREFIX], env=ENVIRONMENT, text=True, capture_output=True).stdout
    models = re.findall(rf"^{PREFIX}(\S+): test$", listed, re.MULTILINE)
    found_by = {model for _, model, _ in FAULTS}
    if set(models) != found_by:
        sys.exit(f"models without a fault, or faults without a model: {sorted(set(models) ^ found_by)}")

    def passes(model):
        start = time.monotonic()
        passed, said = run(program, model)
        if not passed:
            # A schedule without an end fills megabytes.
            said = said if len(said) < 20_000 else f"{said[:2000]}\n...\n{said[-2000:]}"
            sys.exit(f"{model} failed:\n{said}")
        return f"{seconds(start)}  {model}"

    with ThreadPoolExecutor(2) as pool:
        for line in pool.map(passes, models):
            print(line, flush=True)
    with ThreadPoolExecutor(1) as pool:
        finds = []
        for number, fault in enumerate(FAULTS):
            finds.append(find(pool, number, *fault))
            # What has ended, in order; a model that found nothing ends all.
            while finds and finds[0].done():
                print(finds.pop(0).result(), flush=True)
        for found in finds:
            print(found.result(), flush=True)
    print(f"{len(models)} models pass and find {len(FAULTS)} planted faults")


if __name__ == "__main__":
    main()
