#!/usr/bin/env python3
"""Takes what `make dist` has made into a clean folder, as a user would, and
signs in at the stand-in with each part of it.

    python3 tests/dist.py             tests build/dist, the wheels and the crate
    python3 tests/dist.py --twice     builds once more, in another folder, and compares every byte

Needs the stand-in and the library that `make lib` builds.
"""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
for folder in ("packaging/dist", "bindings", "tests/c"):
    sys.path.insert(0, str(ROOT / folder))
sys.dont_write_bytecode = True  # nothing is written beside the sources

import licences
import pack
import sbom
import standin as at_standin
import symbols
from examples import PASSWORD, Example
from harness import NATIVE_LIBS, Standin, compiler, need, need_built
from tally import Tally

BUILD = ROOT / "build"
OLDEST = tuple(map(int, pack.OLDEST_GLIBC.split(".")))
# Weak names of gcc's start files; no library has them.
NOBODYS = {"__gmon_start__", "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable"}
# Libraries of their own in the glibcs that the library is linked for.
symbols.MAY_NEED |= {"libpthread.so.0", "libdl.so.2"}


def output(*command, **more):
    """What a command prints; it has to succeed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, **more)
    assert done.returncode == 0, f"{' '.join(map(str, command))}: exit code {done.returncode}\n{done.stdout}"
    return done.stdout


class Given:
    """What was made, unpacked, and the stand-in to sign in at."""

    def __init__(self, folder, standin):
        self.folder, self.standin = folder, standin
        self.archive = need_made(f"{pack.NAME}.tar.gz")
        self.wheel = need_made("*.whl")
        output("tar", "-xzf", self.archive, "-C", folder)
        self.tree = folder / pack.NAME
        self.library = self.tree / "lib/libropc.so.0"

    def files(self):
        return [path for path in sorted(self.tree.rglob("*")) if path.is_file() and not path.is_symlink()]

    def undefined(self):
        """What the library asks for: (name, version or none, whether it can do without)."""
        for line in output("nm", "--dynamic", "--undefined-only", self.library).splitlines():
            kind, name = line.split()
            name, _, version = name.partition("@")
            yield name, version, kind in "wv"

    def signs_in(self, program, library=None):
        """Runs a build of login.c, or login.py, to a sign-in."""
        example = Example(str(program), self.standin)
        example.environment["ROPC_LIBRARY"] = str(library or self.library)
        code, text = example.sign_in("ada", "--oidc")
        assert code == 0 and "ada@standin.test" in text, f"{program}: exit code {code}\n{text}"


def need_made(pattern):
    """The one file in build/dist that is called so."""
    found = list(pack.PLACE.glob(pattern))
    if len(found) != 1:
        sys.exit(f"{pack.PLACE / pattern} is {'missing' if not found else 'there twice'}; make it with: make dist")
    return found[0]


def sums_are_those_of_all_files(given):
    for folder, files in ((pack.PLACE, [given.archive, given.wheel]), (given.tree, given.files())):
        output("sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS", cwd=folder)
        lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
        listed, there = {line.split("  ", 1)[1] for line in lines}, {str(path.relative_to(folder)) for path in files}
        assert listed == there - {"SHA256SUMS"}, f"listed or there, and not both: {sorted(listed ^ there)}"


def archive_says_nothing_of_who_made_it(given):
    head = given.archive.read_bytes()[:10]
    assert head[3:8] == bytes(5), f"gzip notes a name or a time: {head.hex()}"
    with tarfile.open(given.archive) as archive:
        entries = archive.getmembers()
    paths = [Path(entry.name) for entry in entries]
    assert paths == sorted(paths) and paths[0] == Path(pack.NAME), "the entries are not in order, or not in one folder"
    assert {(entry.uid, entry.gid, entry.uname, entry.gname) for entry in entries} == {(0, 0, "", "")}
    assert {entry.mtime for entry in entries} == {pack.epoch()}, "not all entries are of the time they should be"
    modes = {entry.mode for entry in entries if not entry.issym()}
    assert modes == {0o644, 0o755}, f"modes: {[oct(mode) for mode in modes]}"


def page_names_what_is_there(given):
    page = (given.tree / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)`(?:, `([^`]+)`)? \|", page, re.M)
    assert len(rows) > 5, page
    missing = [name for row in rows for name in row if name and not list(given.tree.glob(name.rstrip("/")))]
    told = {name.split("/")[0].rstrip("*") for row in rows for name in row if name} | {"README.md", "CHANGELOG.md"}
    missing += [path.name for path in given.tree.iterdir() if not path.name.startswith(tuple(told))]
    for path in given.tree.rglob("*.md"):
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))
        missing += [f"{path.relative_to(given.tree)}: {link}" for link in links if not (path.parent / link).exists()]
    assert not missing, f"in README.md and not there, or there and not in README.md, or a link to nowhere: {missing}"


def nothing_tells_of_this_machine(given):
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    cargo = os.environ.get("CARGO_HOME", Path.home() / ".cargo")
    sysroot = output("rustc", "--print", "sysroot").strip()
    folders = [str(path) for path in (ROOT, target, cargo, sysroot, Path.home()) if path != Path("/")]
    secret = re.compile(rb"(?:%s)(?=[/\0])" % b"|".join(re.escape(folder).encode() for folder in folders))
    inside = given.folder / "wheel"
    with zipfile.ZipFile(given.wheel) as wheel:
        wheel.extractall(inside)
    found = []
    for path in [*given.files(), *(path for path in inside.rglob("*") if path.is_file())]:
        found += [f"{path.relative_to(given.folder)}: {one.decode()}" for one in set(secret.findall(path.read_bytes()))]
    assert not found, "\n".join(found)


def library_is_that_of_make_lib(given):
    """Its name, its interface, its size, what it needs."""
    wrong = [*symbols.differences(given.library), *symbols.shortcomings(given.library)]
    assert not wrong, "\n".join(wrong)
    dynamic = output("readelf", "--dynamic", "--wide", given.library)
    assert "RPATH" not in dynamic and "RUNPATH" not in dynamic, dynamic


def library_asks_for_old_glibc_only(given):
    newest = pack.newest_glibc(given.library)
    assert tuple(map(int, newest.split("."))) <= OLDEST, f"it needs glibc {newest}"
    page = (given.tree / "README.md").read_text(encoding="utf-8")
    assert f"needs glibc {newest} or newer" in page, f"it needs glibc {newest}, and README.md says otherwise"
    # Without a version a name is one that the glibc it was linked for has not.
    unknown = [name for name, version, weak in given.undefined() if not version and not weak]
    assert not unknown, f"glibc {pack.OLDEST_GLIBC} has no {', '.join(unknown)}"


def library_unwinds_as_the_process_does(given):
    versions = {name: version for name, version, _ in given.undefined() if name.startswith("_Unwind_")}
    assert versions.get("_Unwind_RaiseException") == "GCC_3.0", f"it has an unwinder of its own: {versions}"
    assert "_Unwind_Backtrace" not in versions, "it reads debug information; see src/capi/backtrace.rs"


def library_signs_in_without_what_came_later(given):
    """Functions that glibcs after the oldest have are taken if they are there.
    Under other names they are nowhere."""
    later = {name for name, version, weak in given.undefined() if weak and not version} - NOBODYS
    assert {"getrandom", "__cxa_thread_atexit_impl"} <= later, f"what may be missing is {later}"
    content = given.library.read_bytes()
    for name in later:
        old = b"\0%s\0" % name.encode()
        assert content.count(old) == 1, f"{name} is there {content.count(old)} times"
        content = content.replace(old, old[:-2] + b"?\0")
    older = given.folder / "older.so"
    older.write_bytes(content)
    given.signs_in(given.tree / "examples-c/login.py", older)


def debugger_finds_the_sources(given):
    told = output(need("gdb", "gdb"), "-nx", "-batch", "-ex", "info line ropc_login", given.library)
    assert re.search(r'Line \d+ of "[^"]*src/capi/login\.rs"', told), told


def bill_is_that_of_the_library(given):
    sbom.SYMBOLS = given.tree / "lib/libropc.so.0.debug"
    wrong = [*sbom.unlike_library(json.loads((given.tree / "ropc.cdx.json").read_text()), sbom.in_library())]
    assert not wrong, "\n".join(wrong)


def licences_are_those_of_the_bill(given):
    text = (given.tree / "LICENSE-THIRD-PARTY").read_text(encoding="utf-8")
    texts = set(re.findall(r"^Text (\d+)$", text, re.M))
    listed = dict(re.findall(r"^(\S+ \d\S*) \(.+\)\n((?: {4}.+: text \d+\n)+)", text, re.M))
    components = json.loads((given.tree / "ropc.cdx.json").read_text())["components"]
    for one in components:
        if one["scope"] != "excluded":
            assert f"{one['name']} {one['version']}" in listed, f"no text of {one['name']}"
    numbers = set(re.findall(r": text (\d+)$", text, re.M))
    assert numbers == texts and len(texts) > 10, f"{numbers ^ texts} is not there, or not named"
    bare = {"name": "bare", "version": "1.0.0", "license": "MIT", "manifest_path": given.folder / "none/Cargo.toml"}
    try:
        licences.texts_of(bare)
    except SystemExit as end:
        assert "bare 1.0.0" in str(end), end
    else:
        raise AssertionError("a package without a licence text passes")
    with zipfile.ZipFile(given.wheel) as wheel:
        assert wheel.read("ropc/LICENSE-THIRD-PARTY").decode() == text, "the wheel has another LICENSE-THIRD-PARTY"


def examples_sign_in(given):
    """login.c as README.md has it compiled, with the shared and the static library,
    and login.py."""
    need("cc", "gcc libc6-dev")
    lines = re.findall(r"^    (cc .* -o )login$", (given.tree / "README.md").read_text(encoding="utf-8"), re.M)
    shared, static = given.folder / "login", given.folder / "login-static"
    for line, program in zip(lines, (shared, static), strict=True):
        output("sh", "-c", f"{line}{program}", cwd=given.tree)
    loaded = output("ldd", shared)
    assert f"libropc.so.0 => {given.tree}/lib/libropc.so.0" in loaded and "libropc" not in output("ldd", static), loaded
    for program in (shared, static, given.tree / "examples-c/login.py"):
        given.signs_in(program)


def static_library_links_for_old_glibc(given):
    program = given.folder / "login-older"
    # libgcc_s is this system's, and asks for newer functions than there are.
    output(compiler(), given.tree / "examples-c/login.c", f"-I{given.tree}/include", given.tree / "lib/libropc.a",
           f"-L{pack.old_glibc()}", *NATIVE_LIBS, "-Wl,--allow-shlib-undefined", "-o", program)
    newest = pack.newest_glibc(program)
    assert tuple(map(int, newest.split("."))) <= OLDEST, f"it needs glibc {newest}"
    given.signs_in(program)


def wheel_is_tagged_for_its_glibc(given):
    tag = given.wheel.stem.split("-")[-1]
    told = " ".join(output(pack.PLACE / "venv/bin/auditwheel", "show", given.wheel).split())
    audited = re.search(r'consistent with the following platform tag: "(\w+)"', told)
    assert audited and audited[1] == tag == f"manylinux_{OLDEST[0]}_{OLDEST[1]}_x86_64", f"{tag}\n{told}"
    with zipfile.ZipFile(given.wheel) as wheel:
        assert wheel.read("ropc/libropc.so.0") == given.library.read_bytes(), "the wheel has another library"
    copy = given.tree / "bindings/python" / given.wheel.name
    assert copy.read_bytes() == given.wheel.read_bytes(), "the tarball has another wheel"


def wheel_signs_in(given):
    venv, inside = given.folder / "venv", given.tree / "bindings/python"
    output(sys.executable, "-m", "venv", venv)
    output(venv / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-index",
           inside / given.wheel.name)
    environment = at_standin.environment(given.standin)
    for name in ("ROPC_LIBRARY", "PYTHONPATH"):
        environment.pop(name, None)
    where = output(venv / "bin/python", "-c", "import ropc; print(ropc.library_path)", env=environment).strip()
    assert Path(where).is_relative_to(venv), f"it takes {where}"
    store = given.folder / "ada.login"
    done = subprocess.run([venv / "bin/python", inside / "example.py", "--store", store, "ada"], env=environment,
                          input=PASSWORD + "\n", capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and "ada is signed in" in done.stdout, done.stdout + done.stderr


def wheel_of_make_lib_is_tagged_for_its_glibc(given):
    library, into = need_built(BUILD / "lib/libropc.so.0"), given.folder / "wheels"
    environment = {name: value for name, value in os.environ.items() if name != "ROPC_LIBRARY"}
    output(pack.PYTHON, "-m", "pip", "--disable-pip-version-check", "wheel", "--quiet", "--no-deps",
           "--no-index", "--no-build-isolation", "-w", into, ROOT / "bindings/python", env=environment)
    (made,) = into.glob("*.whl")
    wanted = f"manylinux_{pack.newest_glibc(library).replace('.', '_')}_x86_64"
    assert made.stem.endswith(f"-{wanted}"), f"{made.name} has a library that needs {wanted}"


def crate_has_what_it_needs_and_builds(given):
    told = set(output("cargo", "package", "--list", "--quiet", "--allow-dirty", "-p", "ropc", cwd=ROOT).splitlines())
    needed = set(output("git", "ls-files", "src", "include", cwd=ROOT).splitlines())
    needed |= {"build.rs", "cbindgen.toml", "README.md", "CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT"}
    assert needed <= told, f"the crate lacks {sorted(needed - told)}; see include in Cargo.toml"
    # What may be there besides: what cargo makes, examples, and what CMake starts with.
    made = {".cargo_vcs_info.json", "Cargo.toml", "Cargo.toml.orig", "Cargo.lock"}
    besides = set(output("git", "ls-files", "examples", "examples-c", "CMakeLists.txt", cwd=ROOT).splitlines())
    strangers = told - needed - made - besides
    assert not strangers, f"of no use to who builds the crate, or not in git: {sorted(strangers)}"
    output("cargo", "package", "--quiet", "--locked", "--allow-dirty", "-p", "ropc", cwd=ROOT)


CHECKS = [
    sums_are_those_of_all_files,
    archive_says_nothing_of_who_made_it,
    page_names_what_is_there,
    nothing_tells_of_this_machine,
    library_is_that_of_make_lib,
    library_asks_for_old_glibc_only,
    library_unwinds_as_the_process_does,
    library_signs_in_without_what_came_later,
    debugger_finds_the_sources,
    bill_is_that_of_the_library,
    licences_are_those_of_the_bill,
    examples_sign_in,
    static_library_links_for_old_glibc,
    wheel_is_tagged_for_its_glibc,
    wheel_signs_in,
    wheel_of_make_lib_is_tagged_for_its_glibc,
    crate_has_what_it_needs_and_builds,
]


def built_elsewhere():
    """Builds once more from a copy of the sources, where folder, mask of modes,
    language and zone are others. What differs."""
    elsewhere = BUILD / "dist-twice/in-another-folder"
    shutil.rmtree(elsewhere, ignore_errors=True)
    for name in output("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).splitlines():
        path = elsewhere / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, path)
        path.chmod(0o600)
    environment = {
        **os.environ, "SOURCE_DATE_EPOCH": str(pack.epoch()), "TZ": "DEMO-9", "LC_ALL": "C.UTF-8",
    }
    for name in ("MAKEFLAGS", "MAKELEVEL", "RUSTFLAGS"):
        environment.pop(name, None)
    if subprocess.run(["make", "dist"], cwd=elsewhere, env=environment, umask=0o077).returncode != 0:
        sys.exit(f"make dist failed in {elsewhere}")
    for path in (need_made("*.whl"), need_made("*.tar.gz")):
        other = elsewhere / "build/dist" / path.name
        if path.read_bytes() != other.read_bytes():
            yield f"{path.name} differs: compare {path} and {other}"
            yield from differing(path, other)


def differing(one, other):
    """The members of two archives that are not the same."""
    contents = []
    for path in (one, other):
        if path.suffix == ".whl":
            with zipfile.ZipFile(path) as wheel:
                contents.append({name: wheel.read(name) for name in wheel.namelist()})
        else:
            with tarfile.open(fileobj=gzip.open(path)) as archive:
                files = [entry for entry in archive.getmembers() if entry.isreg()]
                contents.append({entry.name: archive.extractfile(entry).read() for entry in files})
    for name in sorted(contents[0].keys() | contents[1].keys()):
        if contents[0].get(name) != contents[1].get(name):
            yield f"    {name}"


def main():
    if sys.argv[1:] == ["--twice"]:
        problems = list(built_elsewhere())
        print("\n".join(problems) or "ok   built twice: the same bytes")
        return 1 if problems else 0
    if sys.argv[1:]:
        sys.exit(__doc__)
    tally = Tally()
    with Standin(BUILD) as standin, tempfile.TemporaryDirectory(prefix="ropc-dist-") as folder:
        given = Given(Path(folder), standin)
        for check in CHECKS:
            tally.check(f"dist: {check.__name__.replace('_', ' ')}", check, given)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
