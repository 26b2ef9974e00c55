"""Compiles and runs the code of ../godot and ../unreal: against declarations of ours for the two engines, which are in no package,
and Godot's own gdextension_interface.h, from the package gdextension-api. And signs in from within Godot 3."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from harness import Line, Standin, need, shared

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
GODOT = "4.6"
MANIFEST = """[package]
name = "engines"
version = "0.0.0"
edition = "2021"

[dependencies]
gdextension-api = "=0.4.0"

[workspace]
"""

# Engine, how it compiles.
ENGINES = [
    ("godot", ["-std=c++17", "-fno-exceptions"]),
    ("unreal", ["-std=c++20", "-fno-exceptions", "-fno-rtti"]),
]
COMPILERS = {"g++": "g++", "clang++-19": "clang-19"}
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wshadow", "-g"]


# What a play of godot3/sign_in.gd prints, of which there are two.
PLAY = """loaded: True
sign_in_wrongly: 0
ended: 30
sign_in: 0
ended: 0
token: True
sign_in_for_ever: 0
terminated: ROPC_PENDING, 0 threads left, ROPC_E_CANCELLED
unloaded: True
"""


def godot_interface(build):
    """The folder of gdextension_interface.h, where cargo keeps it."""
    folder = build / "engines"
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "src/lib.rs").write_text("")
    (folder / "Cargo.toml").write_text(MANIFEST)
    command = ["cargo", "metadata", "--quiet", "--format-version", "1", "--manifest-path", folder / "Cargo.toml"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"the package gdextension-api cannot be fetched:\n{done.stderr}")
    package = next(one for one in json.loads(done.stdout)["packages"] if one["name"] == "gdextension-api")
    return Path(package["manifest_path"]).parent / f"versions/{GODOT}/res"


def ran(command, environment, **more):
    """Runs a program that ends by itself; code and all it said, code None when it did not end."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, **more)
    except subprocess.TimeoutExpired:
        return None, "still running after 120 s"
    return done.returncode, done.stdout + done.stderr


def godot3(build, standin, tell):
    """A native library in a Godot that runs: loaded, asked every frame, unloaded while it works, and loaded again."""
    folder = standin.path / "godot3"
    shutil.copytree(HERE / "godot3", folder)
    flags = ["-std=c++17", "-fno-exceptions", "-shared", "-fPIC", *STRICT, f"-I{ROOT / 'include'}"]
    command = [need("g++", "g++"), *flags, folder / "plugin.cpp", "-o", folder / "libplugin.so"]
    code, said = ran([*command, *shared(build / "lib")], None)
    if code == 0:
        command = [need("godot3-server", "godot3-server"), "--path", folder, "-s", "res://sign_in.gd"]
        code, said = ran(command, {**standin.environment(), "HOME": str(standin.path)})
    return not tell("engines Godot 3", None if code == 0 and PLAY + PLAY in said else f"{code}: {said}")


def build_file(program):
    """What is wrong with Ropc.Build.cs for a compiler of C#; None when nothing is."""
    sources = [HERE.parent / "unreal/Ropc.Build.cs", HERE / "unreal/UnrealBuildTool.cs"]
    code, said = ran([need("mcs", "mono-mcs"), "-target:library", "-warnaserror", f"-out:{program}", *sources], None)
    return None if code == 0 and not said else f"{code}: {said}"


def ended(build, program):
    """A session that the server ends."""
    with Standin(build, "--lifetime", "20") as short, Line(short) as line:
        told = {**short.environment(), **line.environment()}
        return ran([program, "ended"], told, pass_fds=[line.theirs.fileno()])


def check(build, standin, tell):
    """How many of the engines' programs went wrong."""
    failed = 0
    for engine, flags in ENGINES:
        include = [f"-I{HERE / engine}", f"-I{ROOT / 'include'}"]
        if engine == "godot":
            include.append(f"-isystem{godot_interface(build)}")
        for compiler, package in COMPILERS.items():
            name, program = f"engines {engine} ({compiler})", standin.path / f"{engine}-{compiler}"
            command = [need(compiler, package), *flags, *STRICT, *include, HERE / f"{engine}.cpp", "-o", program]
            code, said = ran([*command, *shared(build / "lib")], None)
            if code == 0:
                (standin.path / "login").unlink(missing_ok=True)
                code, said = ran([program], standin.environment())
            if code == 0 and not said:
                code, said = ended(build, program)
            failed += not tell(name, None if code == 0 and not said else f"{code}: {said}")
    failed += not tell("engines unreal, its build file", build_file(standin.path / "build.dll"))
    return failed + godot3(build, standin, tell)
