"""The ways run.py can build and run a program, and the proof that a checking
way would find a bug."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from harness import HERE, ROOT, compile_c, compiler, need, need_built, shared

TARGET = "x86_64-unknown-linux-gnu"
PLANTED = HERE / "planted"


@dataclass
class Planted:
    """A program with a bug, and what the checker must say about it."""

    source: Path
    says: list


@dataclass
class Way:
    """How programs are built and run."""

    name: str
    compiler: list
    link: list
    library: Path
    prefix: list = field(default_factory=list)
    environment: dict = field(default_factory=dict)
    planted: list = field(default_factory=list)
    slowness: int = 1
    # What one program, by its name, gets in front besides `prefix`.
    exceptions: dict = field(default_factory=dict)


def finds(way, planted, standin, run):
    """Runs a program with a planted bug: the problem is if it is not found."""
    program = compile_c(way.compiler, planted.source, standin.path / "planted", way.link)
    environment = {**standin.environment(), **way.environment}
    code, output, _, took = run([*way.prefix, program], environment, 60 * way.slowness, standin)
    missing = [text for text in planted.says if text not in output]
    if code == 0:
        return "the bug was not noticed", output, took
    return (f"the report does not say {missing[0]!r}" if missing else None), output, took


def asan(build):
    """AddressSanitizer and UBSan in the program, AddressSanitizer in the
    library too: what Rust reads and writes wrongly is found, not only what C
    does. Debug build: integer overflow ends it, and reports name lines."""
    packages = "clang-19 libclang-rt-19-dev llvm-19"
    clang, symbolizer = need("clang-19", packages), need("llvm-symbolizer-19", packages)
    nm = need("nm", "binutils")
    target = build / "asan"
    folder = target / TARGET / "debug"
    print("building the library with AddressSanitizer", flush=True)
    done = subprocess.run(
        ["cargo", "+nightly", "rustc", "-q", "--lib", "--crate-type", "cdylib", "--features", "dist"]
        + ["--target", TARGET, "--target-dir", target],
        cwd=ROOT,
        env={**os.environ, "RUSTFLAGS": "-Zsanitizer=address"},
    )
    if done.returncode != 0:
        sys.exit("the library does not build with nightly Rust; install it with: rustup toolchain install nightly")
    library = folder / "libropc.so"
    # The name that the program asks for when it starts.
    versioned = folder / "libropc.so.0"
    if not versioned.is_symlink():
        versioned.symlink_to("libropc.so")
    sanitize = "-fsanitize=address,undefined"
    way = Way(
        "asan",
        [clang, "-O1", sanitize, "-fno-sanitize-recover=all", "-fno-omit-frame-pointer"],
        shared(folder),
        library,
        environment={
            "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:abort_on_error=0",
            "ASAN_SYMBOLIZER_PATH": symbolizer,
        },
        planted=[
            Planted(PLANTED / "overflow.c", ["heap-buffer-overflow", "overflow.c"]),
            Planted(PLANTED / "undefined.c", ["signed integer overflow"]),
            Planted(PLANTED / "library_reads_beyond.c", ["heap-buffer-overflow", "ropc_login_n"]),
            Planted(PLANTED / "library_uses_freed.c", ["heap-use-after-free", "ropc_tokens_extra"]),
            Planted(PLANTED / "leak.c", ["LeakSanitizer", "ropc_options_loginradius"]),
        ],
        slowness=3,
    )
    for what in [library, probe(way, build)]:
        symbols = subprocess.run([nm, what], capture_output=True, text=True, check=True).stdout
        if "__asan_init" not in symbols:
            sys.exit(f"AddressSanitizer is not in {what}")
    return way


def probe(way, build):
    """A program built the way all are, to look into."""
    return compile_c(way.compiler, PLANTED / "leak.c", build / "asan/probe", way.link)


def valgrind(build):
    """memcheck, on the library as it is shipped, told where its symbols are:
    suppressions go by names."""
    tool, objcopy = need("valgrind", "valgrind libc6-dbg"), need("objcopy", "binutils")
    shipped = need_built(build / "lib/libropc.so").resolve()
    symbols = need_built(build / "lib/libropc.so.0.debug")
    folder = build / "valgrind"
    folder.mkdir(exist_ok=True)
    library = folder / "libropc.so.0"
    # Not to where make put them: one link is all there can be.
    subprocess.run([objcopy, "--remove-section=.gnu_debuglink", shipped, library], check=True)
    subprocess.run([objcopy, f"--add-gnu-debuglink={symbols}", library], check=True)
    shutil.copy(symbols, folder)
    plain = folder / "libropc.so"
    if not plain.is_symlink():
        plain.symlink_to(library.name)
    return Way(
        "valgrind",
        [compiler(), "-O1"],
        shared(folder),
        library,
        prefix=[tool, "-q", "--error-exitcode=9", "--leak-check=full", "--errors-for-leak-kinds=definite"]
        + ["--show-leak-kinds=definite", "--num-callers=30", f"--suppressions={HERE / 'ring.supp'}"],
        planted=[
            Planted(PLANTED / "leak.c", ["definitely lost", "ropc_options_loginradius"]),
            Planted(PLANTED / "overflow.c", ["Invalid write", "overflow.c"]),
            Planted(PLANTED / "library_uses_freed.c", ["Invalid read", "ropc_tokens_extra"]),
        ],
        slowness=5,
        # A child of fork() sets aside what it inherits and never frees it, and
        # memcheck looks at children too; --asan looks for the parent's leaks.
        exceptions={"fork": ["--leak-check=no"], "session_fork": ["--leak-check=no"]},
    )
