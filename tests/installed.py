"""An installed ropc, for install.py: `make install` into a folder, programs that are built with what is there, and
their sign-in at the stand-in server."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {"c": ROOT / "examples-c/login.c", "cpp": ROOT / "bindings/cpp/login.cpp"}
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["package"]["version"]
# What a make around this one, or whoever runs it, says about where things are.
OTHERS = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "PREFIX", "DESTDIR", "LIBDIR", "INCLUDEDIR", "MANDIR", "CPATH"}
OTHERS |= {"PKG_CONFIG_PATH", "CMAKE_PREFIX_PATH", "LD_LIBRARY_PATH", "LIBRARY_PATH", "PYTHONDONTWRITEBYTECODE"}


def environment(**more):
    return {name: value for name, value in os.environ.items() if name not in OTHERS} | more


def run(*command, env=None, **more):
    """What a command prints; an AssertionError with all it said when it fails."""
    command = [str(one) for one in command]
    quiet = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True}
    done = subprocess.run(command, env=env or environment(), **quiet, **more)
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout


def listing(folder):
    """Everything below a folder: {path: where a link leads, or the mode}."""
    return {
        str(path.relative_to(folder)): os.readlink(path) if path.is_symlink() else f"{path.stat().st_mode & 0o777:o}"
        for path in folder.rglob("*")
    }


def expected(libdir="lib"):
    """What `listing` has to say of an installed ropc."""
    files = {
        "include/ropc.h": "644",
        "include/ropc.hpp": "644",
        f"{libdir}/libropc.so.{VERSION}": "755",
        f"{libdir}/libropc.so.0": f"libropc.so.{VERSION}",
        f"{libdir}/libropc.so": "libropc.so.0",
        f"{libdir}/libropc.a": "644",
        f"{libdir}/pkgconfig/ropc.pc": "644",
        f"{libdir}/cmake/ropc/ropc-config.cmake": "644",
        f"{libdir}/cmake/ropc/ropc-config-version.cmake": "644",
        "share/man/man3/ropc.3": "644",
    }
    folders = {str(folder): "755" for path in files for folder in Path(path).parents if str(folder) != "."}
    return files | folders


class Installed:
    """Where everything is; `make install` and `make uninstall`; a sign-in."""

    def __init__(self, build, standin):
        self.build, self.standin = build, standin
        self.work = build / "install"
        shutil.rmtree(self.work, ignore_errors=True)
        self.prefix = self.work / "prefix"
        # Stands before the real ones in PATH while something is installed.
        self.no_rust = self.work / "no-rust"
        self.no_rust.mkdir(parents=True)
        for tool in ("cargo", "rustc", "rustup"):
            (self.no_rust / tool).write_text("#!/bin/sh\necho ran >> \"$0.ran\"\nexit 99\n")
            (self.no_rust / tool).chmod(0o755)

    def make(self, target, **variables):
        """`make target` as root would run it: with a strict umask, and no Rust at hand."""
        told = [f"{name}={value}" for name, value in {"BUILD": self.build, **variables}.items()]
        env = environment(PATH=f"{self.no_rust}:{os.environ['PATH']}")
        said = run("make", "-C", ROOT, target, *told, env=env, umask=0o077)
        ran = [str(path) for path in self.no_rust.glob("*.ran")]
        assert not ran, f"make {target} ran cargo or rustc: {ran}"
        return said

    def sign_in(self, program, language, **more):
        """Runs a build of login.c or login.cpp to its end."""
        self.standin.ask("requests")
        site, ca, store = self.standin.ports["https"], str(self.standin.ca), self.work / "ada.login"
        store.unlink(missing_ok=True)
        arguments = ["--password-fd", "0", "--oidc", "--ca", ca, site, "demo", "demo-client", "ada"]
        if language == "cpp":
            arguments = ["--password-fd", "0", "ada", store, site, "demo", "demo-client"]
        env = {**self.standin.environment(), "ROPC_CA": ca, **more}
        done = subprocess.run(
            [program, *arguments], env=env, input="correct horse\n", capture_output=True, text=True, timeout=60
        )
        said = done.stdout + done.stderr
        begin = {"c": "Signed in. Claims, not verified: ", "cpp": "Signed in with the password."}[language]
        assert done.returncode == 0 and said.startswith(begin), f"{program} ended with {done.returncode}:\n{said}"
        assert len(self.standin.ask("requests")) == 1, f"{program} did not send one request"


def loaded(program, **more):
    """The shared libraries that a program asks for: {name: the file it gets}."""
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", "--wide", program))
    if not needed:
        return {}
    found = dict(re.findall(r"^\s*(\S+) => (/\S+)", run("ldd", program, env=environment(**more)), re.M))
    return {name: found.get(name) for name in needed}


def check_program(at, program, language, library, **more):
    """That it signs in, with `library` (None: with no libropc beside it)."""
    names = loaded(program, **more)
    got = {name: path for name, path in names.items() if "ropc" in name}
    if library is None:
        assert not got, f"{program.name} is linked with {got}, not with the static library"
    else:
        assert list(got) == ["libropc.so.0"], f"{program.name} asks for {list(got)}, not for libropc.so.0"
        path = got["libropc.so.0"]
        assert path and Path(path).resolve() == library.resolve(), f"{program.name} gets {path}, not {library}"
    at.sign_in(program, language, **more)


def compiled(at, folder, language, cflags, libs):
    """The program of one language, built by hand."""
    (at.work / folder).mkdir(exist_ok=True)
    program = at.work / folder / language
    command = {"c": ["cc"], "cpp": ["c++", "-std=c++17"]}[language]
    run(*command, SOURCES[language], "-o", program, *cflags, *libs)
    return program


def asked(folder, *arguments, **more):
    """What pkg-config says, when it looks in `folder` first."""
    return run("pkg-config", *arguments, "ropc", env=environment(PKG_CONFIG_PATH=str(folder), **more)).split()
