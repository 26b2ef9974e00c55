#!/usr/bin/env python3
"""Shows that no panic leaves the library, whatever function it happens in.

    python3 tests/guard.py

Builds the library so that it panics inside every exported function (see
`planted` in src/capi/mod.rs) and calls each: the panic must be caught, and come
back as what the header says of a bug. Takes its own folder under build/.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import symbols
from tally import Tally

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bindings"))

import interface

TARGET = ROOT / "build/guard"
LIBRARY = TARGET / "debug/libropc.so"
SECONDS = 60

# Where the library panics: numbers that src/capi/mod.rs has too.
NOWHERE, BEFORE_BODIES, AFTER_OUT = 0, 1, 2
# Each way to call everything: its name, where the panic is planted, whether
# `err` and `out` are given, and whether everything else is. Who looks at
# anything before the place of its result never comes to the last panic.
WAYS = {
    "called with nothing": (BEFORE_BODIES, False, False),
    "called with everything": (BEFORE_BODIES, True, True),
    "once `out` is emptied": (AFTER_OUT, True, False),
}
# What a function without a status gives after a bug.
RESULTS = {
    "ropc_status_name": b"ROPC_UNKNOWN_STATUS",
    "ropc_reason_name": b"ROPC_UNKNOWN_REASON",
    "ropc_reason_advice": b"",
    "ropc_shutdown": 2**32 - 1,
}
NUMBERS = {
    "int32_t": ctypes.c_int32, "uint32_t": ctypes.c_uint32, "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
    "size_t": ctypes.c_size_t, "ropc_status": ctypes.c_int, "ropc_reason": ctypes.c_int, "ropc_stage": ctypes.c_int,
    "const char *": ctypes.c_char_p, "void": None,
}
# In a place that a function should write to, before it does.
RUBBISH = 0x5555_5555


class Library:
    """The library with its planted panics, and the functions it exports."""

    def __init__(self):
        self.native = ctypes.CDLL(str(LIBRARY))
        self.where = ctypes.c_uint32.in_dll(self.native, "ROPC_PLANTED_WHERE")
        self.caught = ctypes.c_uint32.in_dll(self.native, "ROPC_PLANTED_CAUGHT")
        header = interface.read()
        version = [str(one.value) for one in header.constants if one.name.startswith("ROPC_VERSION_")]
        self.results = {**RESULTS, "ropc_version": ".".join(version).encode()}
        self.numbers = {item.name: item.value for enum in header.enums for item in enum.items}
        self.declared = {function.name: function for function in header.functions}
        error = next(struct for struct in header.structs if struct.name == "ropc_error")
        fields = [(field.name, NUMBERS[field.type]) for field in error.fields]
        self.error = type("ropc_error", (ctypes.Structure,), {"_fields_": fields})

    def call(self, name, planted, places, rest):
        """What is wrong with how one function takes a panic; None when nothing is."""
        function, native = self.declared[name], getattr(self.native, name)
        native.restype = NUMBERS[function.result]
        spare = ctypes.create_string_buffer(4096)
        err, out = ctypes.c_void_p(RUBBISH), ctypes.c_void_p(RUBBISH if planted == AFTER_OUT else None)
        arguments = []
        for parameter in function.parameters:
            if parameter.type in NUMBERS and parameter.type != "const char *":
                arguments.append(NUMBERS[parameter.type](rest))
                continue
            place = {"err": err, "out": out}.get(parameter.name, spare)
            given = rest if place is spare else places
            arguments.append(ctypes.c_void_p(ctypes.addressof(place) if given else None))
        before = self.caught.value
        self.where.value = planted
        result = native(*arguments)
        self.where.value = NOWHERE
        if self.caught.value == before:
            return "no panic was caught: it does not go through `caught` of src/capi/mod.rs, or not at once"
        status = self.numbers["ROPC_E_BUG"] if function.result == "ropc_status" else None
        if result != self.results.get(name, status):
            return f"it returned {result!r}, not {self.results.get(name, status)!r}"
        if out.value is not None:
            return "its `out` is not NULL"
        has_err = any(parameter.name == "err" for parameter in function.parameters)
        return self.report(err) if has_err and places else None

    def report(self, err):
        """What is wrong with the error that a function gave."""
        if err.value in (None, RUBBISH):
            return "it gave no error"
        error = self.error.from_address(err.value)
        said = (error.status, error.reason, bool(error.message))
        free = self.native.ropc_error_free
        free.argtypes, free.restype = [ctypes.c_void_p], None
        free(err)
        if said != (self.numbers["ROPC_E_BUG"], self.numbers["ROPC_REASON_BUG"], True):
            return f"its error has status {said[0]} and reason {said[1]}, or no message"
        return None


def cargo(*options, **more):
    """Builds the library in which every exported function panics."""
    return subprocess.run(
        ["cargo", "rustc", "--quiet", "--locked", "--lib", "--crate-type", "cdylib", "--features", "dist"]
        + ["--target-dir", TARGET, *options],
        cwd=ROOT,
        env={**os.environ, "RUSTFLAGS": "--cfg ropc_plant_panics", "CARGO_PROFILE_DEV_DEBUG": "0"},
        **more,
    )


def build():
    """The same, or the end."""
    print("building the library with planted panics", flush=True)
    if cargo().returncode != 0:
        sys.exit("the library does not build with --cfg ropc_plant_panics")


def without_unwinding():
    """What is wrong with a build whose panics cannot be caught."""
    done = cargo("--", "-C", "panic=abort", capture_output=True, text=True)
    refused = done.returncode != 0 and 'build with panic = \\"unwind\\"' in done.stderr
    return [] if refused else [f"it is not refused with its reason: {done.stderr[-400:]}"]


def functions(library, way):
    """The functions to be called in one way."""
    exported = [name for name, kind in symbols.exported(LIBRARY).items() if kind == "function"]
    unknown = sorted(set(exported) ^ library.declared.keys())
    if unknown:
        sys.exit(f"the library and include/ropc.h are not of one mind about {', '.join(unknown)}")
    has_out = {one.name for one in library.declared.values() if any(part.name == "out" for part in one.parameters)}
    return [name for name in exported if WAYS[way][0] != AFTER_OUT or name in has_out]


def child(way):
    """Calls everything in one way; each name is out before its call, for the
    call may be the end of this process."""
    library = Library()
    for name in functions(library, way):
        print(name, end="", flush=True)
        problem = library.call(name, *WAYS[way])
        print(f": {problem}" if problem else "", flush=True)
    print("end", flush=True)


def check(way):
    """Calls everything in one way, in a process of its own: how many functions
    that were, and what is wrong with which."""
    command = [sys.executable, __file__, "--child", way]
    try:
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=SECONDS)
    except subprocess.TimeoutExpired as late:
        return 0, [f"{(late.stdout or b'').decode().splitlines()[-1]}: it does not return"]
    *lines, last = done.stdout.splitlines() or [""]
    problems = [line for line in lines if ":" in line]
    if last != "end":
        problems.append(f"{last or 'the library'}: the process ended ({done.returncode}): {done.stderr.strip()}")
    elif done.stderr:
        problems.append(f"the library wrote to stderr: {done.stderr.strip()}")
    elif not lines:
        problems.append("nothing was called")
    return len(lines), problems


def blind():
    """Where nothing is planted, everything must look unguarded."""
    library = Library()
    harmless = ["ropc_version", "ropc_abi_check", "ropc_tokens_free", "ropc_login", "ropc_request_poll"]
    return [f"{name} was not named" for name in harmless if library.call(name, NOWHERE, False, False) is None]


def main():
    if sys.argv[1:2] == ["--child"]:
        return child(sys.argv[2])
    build()
    tally = Tally()
    tally.tell_all("guard, a function that lets its panic out is named", blind())
    for way in WAYS:
        count, problems = check(way)
        tally.tell_all(f"guard, {way}", problems)
        print(f"     {count} functions", flush=True)
    tally.tell_all("guard, a build with panic=abort is refused", without_unwinding())
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
