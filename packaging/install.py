#!/usr/bin/env python3
"""Puts what `make lib` built where programs find it, or takes it away again; install.mk calls it.

    install.py install|uninstall --build DIR --shared NAME --native LIBRARIES
               --libdir DIR --includedir DIR --mandir DIR [--destdir DIR]

Both go by one list, so that what the one puts there the other removes.
"""

import argparse
import os
import pathlib
import re
import struct
import sys

import man

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
# A folder that nobody else uses: it goes when it is empty.
CMAKE = "cmake/ropc"


def version():
    return re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.M)[1]


def filled(name, values):
    """The template `name`, every @KEY@ replaced."""
    text = (HERE / name).read_text(encoding="utf-8")
    return re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], text).encode()


def listed(args):
    """What is installed: {path: content}, where content is a built file (Path), the bytes of a file, or where a link
    leads (str)."""
    built, number = args.build / "lib" / args.shared, version()
    libdir, includedir = args.libdir, args.includedir
    prefix = os.path.commonpath([libdir, includedir])
    if args.shared.endswith(".dylib"):
        real, links, soname = args.shared, {}, f"@rpath/{args.shared}"
        # The library is called @rpath/..., so each program has to say where that is.
        rpath = " -Wl,-rpath,${libdir}"
    else:
        real, soname, rpath = f"libropc.so.{number}", args.shared, ""
        links = {args.shared: real, "libropc.so": args.shared}
    # The compiler adds it by itself, or libgcc_eh when the whole program is
    # static: then there is no libgcc_s, and its name would end the link.
    native = [one for one in re.findall(r"-framework \S+|\S+", args.native) if one != "-lgcc_s"]
    values = {
        "VERSION": number,
        "MAJOR": number.split(".")[0],
        "SHARED": real,
        "SONAME": soname,
        "RPATH": rpath,
        "NATIVE": " ".join(native),
        "NATIVE_LIST": ";".join(native),
        "POINTER_BYTES": str(struct.calcsize("P")),
        "PREFIX_FROM_PC": os.path.relpath(prefix, libdir / "pkgconfig"),
        "LIBDIR_FROM_PREFIX": os.path.relpath(libdir, prefix),
        "INCLUDE_FROM_PREFIX": os.path.relpath(includedir, prefix),
        "INCLUDE_FROM_CMAKE": os.path.relpath(includedir, libdir / CMAKE),
    }
    return {
        includedir / "ropc.h": ROOT / "include/ropc.h",
        includedir / "ropc.hpp": ROOT / "include/ropc.hpp",
        libdir / real: built,
        **{libdir / name: target for name, target in links.items()},
        libdir / "libropc.a": args.build / "static/libropc.a",
        libdir / "pkgconfig/ropc.pc": filled("ropc.pc.in", values),
        libdir / CMAKE / "ropc-config.cmake": filled("ropc-config.cmake.in", values),
        libdir / CMAKE / "ropc-config-version.cmake": filled("ropc-config-version.cmake.in", values),
        args.mandir / "man3/ropc.3": man.page().encode(),
    }


def make_folders(folder):
    """Makes `folder` readable for all, whatever the umask of root is; leaves what is there as it is."""
    if not folder.is_dir():
        make_folders(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)


def put(path, content, mode):
    """Makes `path` anew under another name first: a program that runs keeps the library that it has."""
    make_folders(path.parent)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    if isinstance(content, str):
        new.symlink_to(content)
    else:
        new.write_bytes(content if isinstance(content, bytes) else content.read_bytes())
        new.chmod(mode)
    new.replace(path)


def install(files):
    missing = [content for content in files.values() if isinstance(content, pathlib.Path) and not content.exists()]
    if missing:
        sys.exit(f"{missing[0]} is missing, so nothing was installed. Build it first, as yourself: make lib")
    for path, content in files.items():
        put(path, content, 0o755 if re.search(r"\.so|\.dylib", path.name) else 0o644)
        print(f"installed {path}")


def uninstall(files):
    there = [path for path in files if path.is_symlink() or path.exists()]
    for path in there:
        path.unlink()
        print(f"removed {path}")
        if path.parent.match(CMAKE) and not any(path.parent.iterdir()):
            path.parent.rmdir()
    if not there:
        print(f"nothing of ropc is at {', '.join(sorted({str(path.parent) for path in files}))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["install", "uninstall"])
    for name in ("build", "libdir", "includedir", "mandir"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--shared", required=True, help="what the shared library is called, as programs ask for it")
    parser.add_argument("--native", required=True, help="what the static library has to be linked with")
    parser.add_argument("--destdir", default="", help="goes before every path, for those who make packages")
    args = parser.parse_args()
    for path in (args.libdir, args.includedir, args.mandir):
        if not path.is_absolute():
            sys.exit(f"{path} depends on where make is started: give PREFIX= and the like as paths that begin with /")
    files = {pathlib.Path(f"{args.destdir}{path}"): content for path, content in listed(args).items()}
    try:
        (install if args.what == "install" else uninstall)(files)
    except OSError as problem:
        sys.exit(f"{problem.filename}: {problem.strerror}. Nothing more was done; sudo may help, or another PREFIX=")
    if args.what == "install" and not args.destdir and not args.shared.endswith(".dylib"):
        print(f"Programs find the library once `ldconfig` has run, if /etc/ld.so.conf has {args.libdir}; else link")
        print(f"them with -Wl,-rpath,{args.libdir}")


if __name__ == "__main__":
    main()
