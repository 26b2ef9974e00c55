#!/usr/bin/env python3
"""Installs what is built into clean folders below build/install, and signs in from there in each way that
docs/guide/install.md and the man page name: C and C++, shared and static, by hand, by pkg-config, by CMake's
find_package and add_subdirectory. Also: what is installed, that it can be moved and staged, that all of it goes again,
and that the man page and cargo-c's metadata are complete.

    python3 tests/install.py [--build DIR] [NAME ...]         default: all checks, in their order
"""

import argparse
import ctypes
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import symbols
from installed import ROOT, SOURCES, VERSION, Installed, asked, check_program, compiled, expected, listing, loaded, run
from tally import Tally

sys.path.insert(0, str(ROOT / "tests/c"))

from harness import NATIVE_LIBS, Standin, need, need_built

TOOLS = {"make": "make", "cmake": "cmake", "pkg-config": "pkgconf", "readelf": "binutils", "groff": "groff-base"}
TOOLS |= {"cc": "gcc libc6-dev", "c++": "g++", "rustc": "rustc"}
# Of a program that has ropc beside it, or installed.
PROJECT = """cmake_minimum_required(VERSION 3.16)
project(consumer C CXX)
set(CMAKE_CXX_STANDARD 17)
{find}
foreach(kind ropc static)
  add_executable(c-${{kind}} {c})
  add_executable(cpp-${{kind}} {cpp})
  target_link_libraries(c-${{kind}} PRIVATE ropc::${{kind}})
  target_link_libraries(cpp-${{kind}} PRIVATE ropc::${{kind}})
endforeach()
get_target_property(native ropc::static INTERFACE_LINK_LIBRARIES)
message(STATUS "native: ${{native}}")
"""
FIND = """foreach(version {newer_minor} {newer_major})
  find_package(ropc ${{version}} QUIET)
  if(ropc_FOUND)
    message(FATAL_ERROR "{version} was taken for ${{version}}")
  endif()
endforeach()
find_package(ropc {version} EXACT REQUIRED)
find_package(ropc {major}.0 REQUIRED)"""


def native(at):
    """What rustc says that a static library needs. The compiler adds libgcc_s by itself, or libgcc_eh with -static."""
    asks = ["rustc", "--crate-type", "staticlib", "--print", "native-static-libs", "-o", at.work / "empty.a", "-"]
    done = subprocess.run(asks, input="", capture_output=True, text=True)
    told = re.search(r"native-static-libs: (.*)", done.stderr)
    assert told, f"rustc does not say what a static library needs:\n{done.stderr}"
    return [name for name in told[1].split() if name != "-lgcc_s"]


def installs_what_it_should(at):
    sources = [listing(ROOT / name) for name in ("packaging", "include")]
    at.make("install", PREFIX=at.prefix)
    found, wanted = listing(at.prefix), expected()
    wrong = dict(found.items() ^ wanted.items())
    assert not wrong, f"not as it should be: {sorted(wrong)}; there is {found}"
    real = f"lib/libropc.so.{VERSION}"
    origins = {real: at.build / "lib/libropc.so.0", "lib/libropc.a": at.build / "static/libropc.a"}
    origins |= {f"include/{name}": ROOT / "include" / name for name in ("ropc.h", "ropc.hpp")}
    for name, origin in origins.items():
        assert (at.prefix / name).read_bytes() == origin.read_bytes(), f"{name} is not {origin}"
    assert "soname: [libropc.so.0]" in run("readelf", "--dynamic", at.prefix / real), "its soname is not libropc.so.0"
    assert sources == [listing(ROOT / name) for name in ("packaging", "include")], "make install wrote into the sources"


def installs_nothing_that_is_not_built(at):
    try:
        said = at.make("install", PREFIX=at.work / "nothing", BUILD=at.work / "empty")
    except AssertionError as refused:
        said = str(refused)
    assert "libropc.so.0 is missing, so nothing was installed. Build it first, as yourself: make lib" in said, said
    assert not (at.work / "nothing").exists(), "something was installed all the same"


def is_one_version(at):
    library = ctypes.CDLL(str(at.prefix / "lib/libropc.so"))
    library.ropc_version.restype = ctypes.c_char_p
    parts = dict(re.findall(r"#define ROPC_VERSION_(\w+) (\d+)", (at.prefix / "include/ropc.h").read_text()))
    page = (at.prefix / "share/man/man3/ropc.3").read_text()
    found = {
        "the library": library.ropc_version().decode(),
        "ropc.h": ".".join(parts[part] for part in ("MAJOR", "MINOR", "PATCH")),
        "ropc.pc": asked(at.prefix / "lib/pkgconfig", "--modversion")[0],
        "ropc(3)": re.search(r'^\.TH ropc 3 "" "ropc (.*)"$', page, re.M)[1],
    }
    assert set(found.values()) == {VERSION}, f"Cargo.toml says {VERSION}, and {found}"


def names_what_the_static_library_needs(at):
    private = re.search(r"^Libs\.private: (.*)$", (at.prefix / "lib/pkgconfig/ropc.pc").read_text(), re.M)[1].split()
    assert private == native(at), f"Libs.private is {private}, and rustc says {native(at)}"


def signs_in_by_hand(at):
    flags = [f"-I{at.prefix / 'include'}"]
    for language in SOURCES:
        program = compiled(at, "by-hand", language, flags, [f"-L{at.prefix / 'lib'}", "-lropc"])
        library = at.prefix / "lib/libropc.so.0"
        check_program(at, program, language, library, LD_LIBRARY_PATH=str(at.prefix / "lib"))
        program = compiled(at, "by-hand-static", language, flags, [at.prefix / "lib/libropc.a", *NATIVE_LIBS])
        check_program(at, program, language, None)


def signs_in_by_pkg_config(at, prefix=None, name="pkg-config"):
    prefix = prefix or at.prefix
    folder = prefix / "lib/pkgconfig"
    rpath = f"-Wl,-rpath,{asked(folder, '--variable=libdir')[0]}"
    for language in SOURCES:
        program = compiled(at, name, language, asked(folder, "--cflags"), [*asked(folder, "--libs"), rpath])
        check_program(at, program, language, prefix / "lib/libropc.so.0")
        # The whole program is static; glibc warns of name look-ups, which need its files where the program runs.
        libs = ["-static", *asked(folder, "--static", "--libs")]
        program = compiled(at, f"{name}-static", language, asked(folder, "--cflags"), libs)
        assert loaded(program) == {}, f"{program} is not static: {loaded(program)}"
        check_program(at, program, language, None)


def by_cmake(at, name, find, library, *options):
    """Builds PROJECT, and runs all of it; `find` is how it comes to ropc."""
    folder = at.work / name
    folder.mkdir()
    (folder / "CMakeLists.txt").write_text(PROJECT.format(find=find, **SOURCES))
    said = run("cmake", "-S", folder, "-B", folder / "build", *options)
    needs = [f"-l{one.removeprefix('-l')}" for one in re.search(r"native: (.*)", said)[1].split(";")]
    assert needs == native(at), f"ropc::static is linked with {needs}, and rustc says {native(at)}"
    run("cmake", "--build", folder / "build")
    for language in SOURCES:
        check_program(at, folder / "build" / f"{language}-ropc", language, library)
        check_program(at, folder / "build" / f"{language}-static", language, None)


def signs_in_by_find_package(at, prefix=None, name="find-package"):
    prefix = prefix or at.prefix
    major, minor, _ = map(int, VERSION.split("."))
    find = FIND.format(version=VERSION, major=major, newer_minor=f"{major}.{minor + 1}", newer_major=f"{major + 1}.0")
    by_cmake(at, name, find, prefix / "lib/libropc.so.0", f"-DCMAKE_PREFIX_PATH={prefix}")
    cache = (at.work / name / "build/CMakeCache.txt").read_text()
    assert f"ropc_DIR:PATH={prefix}/lib/cmake/ropc\n" in cache, "another ropc was found than the installed one"


def builds_the_examples_with_what_is_installed(at):
    for static, library in [("OFF", at.prefix / "lib/libropc.so.0"), ("ON", None)]:
        folder = at.work / f"examples-static-{static}"
        options = ["-DROPC_INSTALLED=ON", f"-DROPC_STATIC={static}", f"-DCMAKE_PREFIX_PATH={at.prefix}"]
        run("cmake", "-S", ROOT / "examples-c", "-B", folder, *options)
        run("cmake", "--build", folder)
        check_program(at, folder / "login", "c", library)


def signs_in_by_add_subdirectory(at):
    print("     (cargo builds both libraries, some minutes the first time)", flush=True)
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    library = at.work / "add-subdirectory/build/ropc/libropc.so.0"
    find = f'add_subdirectory("{ROOT}" ropc EXCLUDE_FROM_ALL)'
    by_cmake(at, "add-subdirectory", find, library, f"-DROPC_TARGET_DIR={target}")


def works_where_it_is_moved_to(at):
    moved = at.work / "elsewhere/moved"
    moved.parent.mkdir()
    at.prefix.rename(moved)
    try:
        signs_in_by_pkg_config(at, moved, "pkg-config-moved")
        signs_in_by_find_package(at, moved, "find-package-moved")
    finally:
        moved.rename(at.prefix)


def can_be_staged(at):
    stage, libdir = at.work / "stage", "lib/x86_64-linux-gnu"
    variables = {"DESTDIR": stage, "PREFIX": "/usr", "LIBDIR": f"/usr/{libdir}"}
    at.make("install", **variables)
    found, wanted = listing(stage / "usr"), expected(libdir)
    assert found == wanted, f"staged {sorted(found)}, not {sorted(wanted)}"
    for path in (path for name in ("*.pc", "*.cmake", "*.3", "*.h", "*.hpp") for path in stage.rglob(name)):
        for trace in (ROOT, at.build, stage):
            assert str(trace) not in path.read_text(), f"{path.name} names {trace}, which is of this machine"
    folder = stage / "usr" / libdir / "pkgconfig"
    rpath = f"-Wl,-rpath,{stage / 'usr' / libdir}"
    program = compiled(at, "staged", "c", asked(folder, "--cflags"), [*asked(folder, "--libs"), rpath])
    check_program(at, program, "c", stage / "usr" / libdir / "libropc.so.0")
    at.make("uninstall", **variables)
    left = [path for path in stage.rglob("*") if not path.is_dir()]
    assert not left, f"make uninstall left {left}"


def goes_again_and_leaves_what_is_not_its_own(at):
    shared = at.work / "shared"
    others = ["include/other.h", "lib/libropc-other.so.0", "lib/pkgconfig/other.pc", "share/man/man3/other.3"]
    for name in [*others, "lib/cmake/other/other-config.cmake"]:
        (shared / name).parent.mkdir(parents=True, exist_ok=True)
        (shared / name).write_text(name)
    before = listing(shared)
    at.make("install", PREFIX=shared)
    assert len(listing(shared)) > len(before)
    at.make("uninstall", PREFIX=shared)
    after = listing(shared)
    assert after == before, f"before {sorted(before)}, after {sorted(after)}"
    assert "nothing of ropc is at " in at.make("uninstall", PREFIX=shared), "what is gone was removed again"


def has_a_man_page_with_every_function(at):
    page = at.prefix / "share/man/man3/ropc.3"
    # -P-c and so on: neither bold nor underlined, for a terminal.
    render = ["groff", "-man", "-ww", "-Tascii", "-P-c", "-P-b", "-P-u", "-P-o", page]
    done = subprocess.run(render, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, f"groff warns:\n{done.stderr}"
    text = done.stdout
    listed = symbols.listed()
    functions = [name for name, (_, what) in listed.items() if what == "function"]
    prototypes = re.findall(r"^ +\w[\w ]* \**(ropc_\w+)\((?!\)).*[,;]$", text, re.M)
    missing = [name for name in functions if name not in prototypes]
    assert functions and not missing, f"ropc(3) has no prototype of {missing}"
    missing = [name for name in listed if name.startswith("ROPC_") and f" {name} = " not in text]
    assert not missing, f"ropc(3) does not have {missing}"


def agrees_with_cargo_c(at):
    """What cargo-c 0.10 would name and install, without running it."""
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    assert cargo["features"].get("capi") == [], "Cargo.toml has no feature `capi`, by which cargo-c knows what to build"
    assert "metadata" in cargo["package"], "Cargo.toml has no [package.metadata.capi.*]"
    capi = cargo["package"]["metadata"]["capi"]
    assert capi["header"]["generation"] is False, "cargo-c would write a header of its own"
    assert capi["header"]["subdirectory"] is False, "cargo-c would install include/ropc/ropc.h"
    assets = capi["install"]["include"]["asset"]
    names = {name for name in expected() if name.startswith("include/")}
    assert {asset["from"] for asset in assets} == names, f"cargo-c installs {assets}, make install {names}"
    assert all(asset.get("to", "") == "" for asset in assets), f"cargo-c would install below include: {assets}"
    number = capi["library"].get("version", VERSION)
    soname = "libropc.so." + ".".join(number.split(".")[: capi["library"]["version_suffix_components"]])
    assert number == VERSION == capi.get("pkg_config", {}).get("version", VERSION), "cargo-c has another version"
    real = (at.prefix / "lib/libropc.so").resolve()
    assert f"soname: [{soname}]" in run("readelf", "--dynamic", real), f"cargo-c calls the library {soname}"


CHECKS = [
    installs_what_it_should,
    installs_nothing_that_is_not_built,
    is_one_version,
    names_what_the_static_library_needs,
    signs_in_by_hand,
    signs_in_by_pkg_config,
    signs_in_by_find_package,
    builds_the_examples_with_what_is_installed,
    works_where_it_is_moved_to,
    can_be_staged,
    goes_again_and_leaves_what_is_not_its_own,
    has_a_man_page_with_every_function,
    agrees_with_cargo_c,
    signs_in_by_add_subdirectory,
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build", metavar="DIR")
    parser.add_argument("names", nargs="*", metavar="NAME", help="checks; installs_what_it_should comes before each")
    args = parser.parse_args()
    unknown = set(args.names) - {check.__name__ for check in CHECKS}
    if unknown:
        sys.exit(f"there is no check {', '.join(sorted(unknown))}")
    for tool, package in TOOLS.items():
        need(tool, package)
    build = args.build.resolve()
    for name in ("lib/libropc.so.0", "static/libropc.a"):
        need_built(build / name)
    tally = Tally()
    with Standin(build) as standin:
        at = Installed(build, standin)
        for check in CHECKS:
            if args.names and check not in CHECKS[:1] and check.__name__ not in args.names:
                continue
            tally.check(check.__name__.replace("_", " "), check, at)
    sys.exit(tally.end())


if __name__ == "__main__":
    main()
