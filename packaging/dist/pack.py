#!/usr/bin/env python3
"""Makes what is given away, for Linux x86-64: a tarball and a Python wheel, in
build/dist. `make dist` starts it, after `make sbom`.

The libraries are those of `make lib`, the shared one linked for an old glibc. The
same sources give the same bytes, in any folder and at any time: every file in the
tarball is of SOURCE_DATE_EPOCH, or else of the time of the last commit.
"""

import argparse
import gzip
import hashlib
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests")]

import licences
from environment import python_with

PLACE = ROOT / "build/dist"
PYTHON = PLACE / "venv/bin/python"
# As old as Rust's standard library allows.
OLDEST_GLIBC = "2.17"
VERSION = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.M)[1]
NAME = f"ropc-{VERSION}-linux-x86_64"
# Of the sources, as they are; the rest is made.
FROM_SOURCES = [
    "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "docs/support.md",
    "bindings/cpp/README.md", "bindings/cpp/*.cpp",
    "bindings/engines/README.md", "bindings/engines/godot/*", "bindings/engines/unreal/*",
    "bindings/love/README.md", "bindings/love/ropc.lua", "bindings/love/ropc/*.lua", "bindings/love/example/*.lua",
    "bindings/python/README.md", "bindings/python/example.py",
    "bindings/unity/README.md", "bindings/unity/package.json", "bindings/unity/Runtime/*",
    "bindings/unity/Samples~/*/*", "bindings/unity/example/*.cs",
    "examples-c/*.c", "examples-c/*.h", "examples-c/login.py",
]
OF_WHEEL = ["LICENSE-*", "bindings/python/*.toml", "bindings/python/*.py", "bindings/python/README.md",
            "bindings/python/src/ropc/*.py", "bindings/python/src/ropc/py.typed"]


def run(*command, **more):
    """Runs a command that shows itself what goes wrong."""
    if subprocess.run(command, **{"cwd": ROOT, **more}).returncode != 0:
        sys.exit(f"failed: {shlex.join(map(str, command))}")


def output(*command):
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"failed: {shlex.join(map(str, command))}")
    return done.stdout.strip()


def say(what):
    print(f"dist: {what}", flush=True)


def epoch():
    """The time that everything is from, in seconds."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if not told and not (ROOT / ".git").exists():
        sys.exit("There is no git history here that says of when this is: set SOURCE_DATE_EPOCH, in seconds since 1970")
    return int(told or output("git", "log", "-1", "--format=%ct"))


def old_glibc():
    """A folder to link with in place of the system's glibc: libraries that have
    the names and versions of an old one's functions. zig knows those of each, and
    makes them when it links anything."""
    folder = PLACE / "venv" / f"glibc-{OLDEST_GLIBC}"
    if (folder / "libc.so").is_file():
        return folder
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="zig-", dir=PLACE) as scratch:
        Path(scratch, "empty.c").write_text("int empty;\n", encoding="utf-8")
        run(PYTHON, "-m", "ziglang", "build-lib", "empty.c", "-dynamic", "-lc", "-OReleaseSmall", "-fstrip",
            "-fno-compiler-rt", "-fno-ubsan-rt", "-target", f"x86_64-linux-gnu.{OLDEST_GLIBC}", cwd=scratch,
            env={**os.environ, "ZIG_GLOBAL_CACHE_DIR": scratch, "ZIG_LOCAL_CACHE_DIR": scratch})
        names = ["libc.so.6", "libpthread.so.0", "libdl.so.2", "libm.so.6", "libld.so.2"]
        # First the part that every program has in itself, as with the real one:
        # stat, and pthread_atfork of this library and not of the process.
        names.insert(0, "libc_nonshared.a")
        for name in names:
            (made,) = Path(scratch, "o").glob(f"*/{name}")
            shutil.copyfile(made, folder / name)
    # Whichever rustc asks for first brings all.
    for name in ("util", "rt", "pthread", "m", "dl", "c"):
        (folder / f"lib{name}.so").write_text(f"INPUT({' '.join(names)})\n", encoding="utf-8")
    return folder


class Cargo:
    """Builds as `make lib` does, in a folder of its own: cargo could not tell the
    libraries apart."""

    def __init__(self, order):
        self.order = order.split()
        self.flags = os.environ.get("RUSTFLAGS", "")
        self.names = re.findall(r"--remap-path-prefix=\S+", self.flags)
        if not self.names:
            sys.exit("RUSTFLAGS has not what the library is built with; start this with: make dist")

    def build(self, flags, *arguments):
        # gcc's flag for the same, for the C and the assembly of ring.
        names = " ".join(name.replace("--remap-path-prefix", "-ffile-prefix-map") for name in self.names)
        run("cargo", "rustc", "--locked", "--lib", "--target-dir", PLACE / "target", *arguments,
            env={**os.environ, "RUSTFLAGS": flags, "CFLAGS": names})

    def shared(self):
        self.build(self.flags, "--profile", "dist", "--features", "dist", "--crate-type", "cdylib",
                   "--", "-C", f"link-arg=-L{old_glibc()}", *self.order)
        return PLACE / "target/dist/libropc.so"

    def static(self):
        self.build(" ".join(self.names), "--release", "--crate-type", "staticlib")
        return PLACE / "target/release/libropc.a"


def strip_static(made, into):
    """The static library without debug symbols and LLVM's own form, which are of
    Rust's standard library. cargo names its members by the folder that they are
    built in, so they get numbers."""
    with tempfile.TemporaryDirectory(prefix="ropc-static-") as scratch:
        stripped = Path(scratch, "libropc.a")
        run("objcopy", "--strip-debug", "--remove-section=.llvmbc", "--remove-section=.llvmcmd", made, stripped)
        names = output("ar", "t", stripped).splitlines()
        members = [f"ropc-{number:03}.o" for number in range(len(names))]
        run("ar", "x", stripped, cwd=scratch)
        for name, member in zip(names, members):
            Path(scratch, name).rename(Path(scratch, member))
        run("ar", "rcsD", into, *members, cwd=scratch)


def strip(shared, static, built):
    """Both in `built`, as `make lib` leaves them in build; the shared one, and its
    debug symbols."""
    for folder in ("lib", "static"):
        Path(built, folder).mkdir(parents=True)
    library = built / "lib/libropc.so.0"
    symbols = library.with_name(f"{library.name}.debug")
    run("objcopy", "--only-keep-debug", shared, symbols)
    run("objcopy", "--strip-all", f"--add-gnu-debuglink={symbols}", shared, library)
    strip_static(static, built / "static/libropc.a")
    return library, symbols


def put(path, content):
    """Writes a file with the mode that it has in git, whatever the umask."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o644)


def copy(patterns, source, into):
    for pattern in patterns:
        found = [path for path in sorted(source.glob(pattern)) if path.is_file()]
        if not found:
            sys.exit(f"{source / pattern} is missing; packaging/dist/pack.py wants it")
        for path in found:
            put(into / path.relative_to(source), path.read_bytes())


def newest_glibc(library):
    """The newest version of glibc whose symbols it asks for."""
    versions = re.findall(r"GLIBC_(\d+)\.(\d+)", output("objdump", "--dynamic-syms", library))
    return "{}.{}".format(*max((int(major), int(minor)) for major, minor in versions))


def wheel(library, texts, when):
    """The wheel with this library in it, and the licences of what that is made of."""
    with tempfile.TemporaryDirectory(prefix="ropc-wheel-") as scratch:
        sources = Path(scratch, "sources")
        copy(OF_WHEEL, ROOT, sources)
        put(sources / "LICENSE-THIRD-PARTY", texts.encode())
        environment = {**os.environ, "ROPC_LIBRARY": str(library), "SOURCE_DATE_EPOCH": str(when)}
        run(PYTHON, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps", "--no-index",
            "--no-build-isolation", "-w", scratch, sources / "bindings/python", env=environment)
        (made,) = Path(scratch).glob("*.whl")
        return Path(shutil.copyfile(made, PLACE / made.name))


def lay_out(folder, built, library, symbols, texts, native):
    """The tarball's files, but the wheel and the checksums."""
    run(sys.executable, "-B", ROOT / "packaging/install.py", "install", "--build", built, "--shared", library.name,
        "--native", native, "--destdir", folder, "--libdir", "/lib", "--includedir", "/include",
        "--mandir", "/share/man", stdout=subprocess.DEVNULL)
    copy(FROM_SOURCES, ROOT, folder)
    put(folder / "LICENSE-THIRD-PARTY", texts.encode())
    put(folder / "lib" / symbols.name, symbols.read_bytes())
    bill = ROOT / "build/ropc.cdx.json"
    if not bill.is_file():
        sys.exit(f"{bill} is missing; make it with: make sbom")
    put(folder / bill.name, bill.read_bytes())
    values = {"VERSION": VERSION, "NATIVE": native, "GLIBC": newest_glibc(library)}
    page = (HERE / "README.md").read_text(encoding="utf-8")
    put(folder / "README.md", re.sub(r"@([A-Z]+)@", lambda found: values[found[1]], page).encode())


def checksums(folder, paths):
    """SHA256SUMS, as sha256sum writes it."""
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in sorted(paths)]
    put(folder / "SHA256SUMS", "".join(lines).encode())


def pack(folder, when, into):
    """The tarball: entries in order, of nobody, and of one time."""
    with into.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for path in [folder, *sorted(folder.rglob("*"))]:
                entry = archive.gettarinfo(path, path.relative_to(folder.parent).as_posix())
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = ""
                entry.mtime = when
                # The folders may be of another umask.
                entry.mode = 0o755 if entry.isdir() or entry.issym() else entry.mode
                with path.open("rb") if entry.isreg() else open(os.devnull, "rb") as content:
                    archive.addfile(entry, content)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--native", required=True, metavar="LIBRARIES", help="what the static library needs besides")
    parser.add_argument("--order", required=True, metavar="ARGUMENTS", help="what orders its functions")
    told = parser.parse_args()
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        sys.exit("make dist is for Linux on x86-64; elsewhere there are make lib and make install")
    os.umask(0o022)
    PLACE.mkdir(parents=True, exist_ok=True)
    python_with(HERE / "requirements.txt", PLACE / "venv")
    when, folder, built = epoch(), PLACE / NAME, PLACE / "built"
    cargo = Cargo(told.order)
    say(f"shared library, for glibc {OLDEST_GLIBC}")
    shared = cargo.shared()
    say("static library")
    static = cargo.static()
    for old in (folder, built):
        shutil.rmtree(old, ignore_errors=True)
    for old in (*PLACE.glob("*.whl"), *PLACE.glob("*.tar.gz")):
        old.unlink()
    library, symbols = strip(shared, static, built)
    texts = licences.document()
    lay_out(folder, built, library, symbols, texts, told.native)
    made, archive = wheel(library, texts, when), PLACE / f"{NAME}.tar.gz"
    put(folder / "bindings/python" / made.name, made.read_bytes())
    checksums(folder, [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()])
    pack(folder, when, archive)
    checksums(PLACE, [archive, made])
    for path in (archive, made):
        say(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    say(f"the library needs glibc {newest_glibc(library)} or newer")


if __name__ == "__main__":
    main()
