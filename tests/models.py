#!/usr/bin/env python3
"""Runs the models of src/oauth/models, and shows that they find faults.

    python3 tests/models.py

First every model with the library as it is. Then, for one fault after the
other, with a copy of it into which that fault was planted: the model named
beside it must fail. A model that no fault is planted for is refused.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

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
    "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
    "CARGO_PROFILE_DEV_DEBUG": "0",
    "CARGO_PROFILE_TEST_OPT_LEVEL": "1",
    "CARGO_PROFILE_TEST_DEBUG": "0",
}
PREFIX = "oauth::models::"
# A model that takes longer hangs.
SECONDS = 300

REQUEST, WORKER, THREADS = "src/oauth/request.rs", "src/oauth/worker.rs", "src/oauth/threads.rs"
CALL, CALLS = "src/oauth/call.rs", "src/oauth/calls.rs"

# What is wrong, the model that must find it, and the texts that are replaced:
# each is in its file exactly once.
FAULTS = [
    (
        "nobody is told that a request has ended",
        "request::it_ends_once_and_is_taken_once",
        [(REQUEST, "        self.ended.notify_all();\n", "")],
    ),
    (
        "whoever waits looks, lets go of the lock, and waits",
        "request::it_ends_once_and_is_taken_once",
        [
            (
                REQUEST,
                "slot = wait(&self.ended, slot, left);",
                "drop(slot); slot = wait(&self.ended, lock(&self.slot), left);",
            )
        ],
    ),
    (
        "the end is told before the result is there",
        "request::it_ends_once_and_is_taken_once",
        [
            (
                REQUEST,
                "slot.outcome = Some(outcome);\n        self.step.store(step, Ordering::Release);",
                "self.step.store(step, Ordering::Release);\n        drop(slot);\n"
                "        let mut slot = lock(&self.slot);\n        slot.outcome = Some(outcome);",
            )
        ],
    ),
    (
        "a cancel throws tokens away that came",
        "request::it_ends_once_and_is_taken_once",
        [(REQUEST, "self.settle(outcome);", "self.settle(call.check().and(outcome));")],
    ),
    (
        "the password outlives a cancelled request",
        "request::it_ends_once_and_is_taken_once",
        [(REQUEST, "        drop(slot.work.take());\n", "")],
    ),
    (
        "an idle worker is not told of work",
        "workers::each_request_runs_once",
        [(WORKER, "        self.work.notify_one();\n", "")],
    ),
    (
        "one worker too many",
        "workers::each_request_runs_once",
        [
            (WORKER, "state.workers < state.most", "state.workers <= state.most"),
            (WORKER, "epoch && state.workers <= state.most {", "epoch && state.workers <= state.most + 1 {"),
        ],
    ),
    (
        "a request is refused and stays in the queue",
        "workers::they_do_with_few_threads",
        [(WORKER, "            state.queue.pop_back();\n", "")],
    ),
    (
        "a request is refused and stays on the list of calls",
        "workers::they_do_with_few_threads",
        [(REQUEST, "                calls.remove(&call);\n", "")],
    ),
    (
        "a raised limit is for those that come later",
        "workers::a_raised_limit_serves_the_queue",
        [(WORKER, "        self.staff(&mut state);\n        self.work.notify_all();", "        self.work.notify_all();")],
    ),
    (
        "the clock keeper is not told of a time that is over earlier",
        "workers::time_runs_out_in_the_queue",
        [(WORKER, "        }\n        self.queue.notify_one();\n    }\n\n    /// Takes", "        }\n    }\n\n    /// Takes")],
    ),
    (
        "a worker that goes leaves the queue without a clock keeper",
        "workers::time_runs_out_in_the_queue",
        [
            (
                WORKER,
                "            state.workers -= 1;\n            // It may have been the one that something counted on.\n"
                "            self.staff(&mut state);\n",
                "            state.workers -= 1;\n",
            )
        ],
    ),
    (
        "a cancel finds nobody awake to see it",
        "cancel::it_ends_the_owner_s_requests_and_no_others",
        [
            (CALL, "        self.cancelled.store(true, Ordering::SeqCst);\n        // In the child", "        // In the child"),
            (
                CALL,
                "                wait.end(stage);\n            }\n        }\n",
                "                wait.end(stage);\n            }\n        }\n"
                "        self.cancelled.store(true, Ordering::SeqCst);\n",
            ),
        ],
    ),
    (
        "a client's cancel stops the calls of all",
        "cancel::it_ends_the_owner_s_requests_and_no_others",
        [(CALLS, "owner.is_none_or(|owner| owner == of)", "owner.is_none_or(|owner| owner == of || owner != of)")],
    ),
    (
        "a cancel does not look into the queue",
        "cancel::what_is_being_started_does_not_stay_in_the_queue",
        [(REQUEST, "&& self.workers.remove(&task)", "&& task.poll() == Progress::Unusable")],
    ),
    (
        "a cancel between list and queue is lost",
        "cancel::what_is_being_started_does_not_stay_in_the_queue",
        [(REQUEST, "        if call.is_cancelled() {\n            call.cancel();\n        }\n", "")],
    ),
    (
        "idle workers sleep through a shutdown",
        "shutdown::it_ends_everything_and_is_no_end",
        [
            (
                WORKER,
                "        self.work.notify_all();\n        self.queue.notify_all();\n",
                "        self.queue.notify_all();\n",
            )
        ],
    ),
    (
        "after a shutdown workers that went are counted on",
        "shutdown::it_ends_everything_and_is_no_end",
        [
            (
                WORKER,
                "(state.workers, state.starting, state.idle, state.keeper) = (0, 0, 0, false)",
                "(state.workers, state.starting, state.keeper) = (0, 0, false)",
            )
        ],
    ),
    (
        "a shutdown stops calls first, and workers then",
        "shutdown::what_is_started_meanwhile_is_not_forgotten",
        [
            (
                WORKER,
                "        self.dismiss();\n        calls.cancel(None);\n",
                "        calls.cancel(None);\n        self.dismiss();\n",
            )
        ],
    ),
    (
        "a cancel holds on to the request while it looks into the queue",
        "shutdown::anything_goes",
        [(REQUEST, "            drop(slot);\n            call.cancel();", "            call.cancel();")],
    ),
    (
        "a thread does not tell that it ends",
        "shutdown::threads_are_all_joined",
        [(THREADS, "        threads.ended.notify_all();\n", "")],
    ),
    (
        "two wait for one thread, and one of them is told",
        "shutdown::threads_are_all_joined",
        [(THREADS, "                self.ended.notify_all();\n", "")],
    ),
]


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


def build():
    """Compiles the models of the copy; the program that runs them."""
    command = ["cargo", "test", "--lib", "--no-run", "--message-format=json-render-diagnostics"]
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
            sys.exit(f"{name} has this {text.count(old)} times, not once; a fault in {__file__} needs it:\n{old}")
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


def main():
    if shutil.which("cargo") is None:
        sys.exit("cargo is missing. Install it: curl --proto '=https' -sSf https://sh.rustup.rs | sh")
    copy()
    start = time.monotonic()
    program = build()
    print(f"{seconds(start)}  built", flush=True)
    listed = subprocess.run([program, "--list", PREFIX], env=ENVIRONMENT, text=True, capture_output=True).stdout
    models = re.findall(rf"^{PREFIX}(\S+): test$", listed, re.MULTILINE)
    for model in models:
        start = time.monotonic()
        passed, said = run(program, model)
        if not passed:
            sys.exit(f"{model} failed:\n{said}")
        print(f"{seconds(start)}  {model}", flush=True)
    found_by = {model for _, model, _ in FAULTS}
    if set(models) != found_by:
        sys.exit(f"models without a fault, or faults without a model: {sorted(set(models) ^ found_by)}")
    for what, model, edits in FAULTS:
        start = time.monotonic()
        before = plant(edits)
        passed, said = run(build(), model)
        if passed:
            sys.exit(f"{model} does not find this: {what}")
        for name, text in before.items():
            (COPY / name).write_text(text, encoding="utf-8")
        print(f"{seconds(start)}  {model.split('::')[0]} finds: {what} ({reason(said)})", flush=True)
    print(f"{len(models)} models pass and find {len(FAULTS)} planted faults")


if __name__ == "__main__":
    main()
