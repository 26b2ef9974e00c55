#!/usr/bin/env python3
"""Tests the C# binding: its sources, and what it does on Mono and on .NET Core.

    python3 bindings/unity/tests/run.py [GROUP ...]     default: everything; groups are those of Program.cs

Needs mono-mcs, mono-runtime and python3-venv of Debian, and `make lib`. .NET
Core 3.1 comes from PyPI, into build/unity/. The C# tests ask the stand-in by
lines on their standard output, and are answered on their standard input.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import venv

HERE = pathlib.Path(__file__).resolve().parent
UNITY = HERE.parent
ROOT = UNITY.parent.parent
BUILT = ROOT / "build/unity"
sys.path[:0] = [str(ROOT / "bindings"), str(UNITY)]

import generate  # noqa: E402
import interface  # noqa: E402
from standin import environment  # noqa: E402  (puts tests/c on the path)

from harness import Standin, need, need_built  # noqa: E402

DOTNET = "dotnetcore2==3.1.23"
# No ICU on the machine: texts are compared by their code points, as everything here does.
RUNTIME = {
    "runtimeOptions": {
        "framework": {"name": "Microsoft.NETCore.App", "version": "3.1.0"},
        "configProperties": {"System.Globalization.Invariant": True},
    }
}
GROUPS = ["layouts", "logins", "calls", "sessions", "bad input", "collected", "scan", "sample"]
LIMIT = 180

# The oldest C# that this compiler can hold the code to; Unity 2020.2 has C# 8.
MCS = ["-langversion:6", "-warnaserror", "-warn:4", "-debug"]

# What IL2CPP cannot do, what would let native code call into the domain, and what would tie Runtime/ to the engine.
UNWANTED = (
    r"FunctionPointer|MonoPInvokeCallback|UnmanagedType|\bdelegate\b|\bdynamic\b|Reflection|\.Emit\b|Activator|"
    r"\bGetType\(|MakeGeneric|\bunsafe\b|\bwhen\b|\bUnityEngine\b|\bUnityEditor\b"
)
# Others do the same, with lengths: README.md.
NOT_CALLED = {"ropc_login", "ropc_request_login", "ropc_session_login", "ropc_request_session_login"}

failures = []


def tell(name, problem=None):
    print(f"FAIL {name}: {problem}" if problem else f"ok   {name}", flush=True)
    if problem:
        failures.append(name)


def files(folder):
    return sorted(str(path) for path in (UNITY / folder).glob("*.cs"))


def compiled(name, output, *arguments):
    """Compiles, and tells whether that went well."""
    kind = [] if output.suffix == ".exe" else ["-target:library"]
    command = ["mcs", *MCS, *kind, f"-out:{output}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    tell(name, f"\n{done.stdout}{done.stderr}" if done.returncode else None)
    return done.returncode == 0


def code(path):
    """A source without its comments."""
    return re.sub(r"//[^\n]*", "", pathlib.Path(path).read_text(encoding="utf-8"))


def unknown_result():
    """What is wrong with what generate.py says of a function that answers a struct."""
    try:
        return "it is " + generate.result(interface.Function("ropc_new", "ropc_new_struct", [], ""))
    except SystemExit as end:
        return None if {"ropc_new:", "ropc_new_struct"} <= set(str(end).split()) else str(end)
    except KeyError as error:
        return f"KeyError {error}"


def check_sources():
    done = subprocess.run([sys.executable, UNITY / "generate.py", "--check"], capture_output=True, text=True)
    tell("Native.cs and Enums.cs are what include/ropc.h says", done.stderr.strip() or None)
    tell("generate.py names a function whose result has no C#", unknown_result())
    found = [f"{path} has {word}" for path in files("Runtime") for word in re.findall(UNWANTED, code(path))]
    tell("nothing that IL2CPP cannot do, and no delegate for native code", ", ".join(found) or None)
    texts = [code(one) for one in files("Runtime") if not one.endswith("Native.cs")]
    called = set(re.findall(r"\bNative\.(ropc_\w+)\(", " ".join(texts)))
    missing = {function.name for function in interface.read().functions} - called
    tell("every function can be reached, but those that README.md names", ", ".join(missing ^ NOT_CALLED) or None)
    readme = (UNITY / "README.md").read_text(encoding="utf-8")
    unnamed = NOT_CALLED - set(re.findall(r"\w+", readme))
    tell("README.md names the functions that are not called", ", ".join(unnamed) or None)
    package = json.loads((UNITY / "package.json").read_text(encoding="utf-8"))
    assembly = json.loads((UNITY / "Runtime/Ropc.asmdef").read_text(encoding="utf-8"))
    right = all((UNITY / sample["path"]).is_dir() for sample in package["samples"]) and assembly["noEngineReferences"]
    tell("package.json and Ropc.asmdef tell what is there", None if right else "a sample is missing, or not so")


def check_builds():
    library, sample = BUILT / "Ropc.dll", files("Samples~/SignIn") + [HERE / "Unity.cs"]
    documented = [f"-doc:{BUILT}/Ropc.xml", *files("Runtime")]
    compiled("Runtime compiles, with a comment on all that is public", library, *documented)
    compiled("the sample compiles, in a player", BUILT / "Player.dll", f"-r:{library}", *sample)
    compiled("the sample compiles, in the editor", BUILT / "Editor.dll", "-d:UNITY_EDITOR", f"-r:{library}", *sample)
    compiled("Runtime compiles for iOS", BUILT / "iOS.dll", "-d:UNITY_IOS", *files("Runtime"))
    linked = [b"__Internal\0" in (BUILT / name).read_bytes() for name in ("iOS.dll", "Ropc.dll")]
    tell("the library is linked in on iOS, and loaded elsewhere", None if linked == [True, False] else str(linked))


def check_readme():
    """The quick start, line by line as it stands there, without the build."""
    block = re.search(r"```\n(.*?)```", (UNITY / "README.md").read_text(encoding="utf-8"), re.S)[1]
    commands = [line for line in block.splitlines() if not line.startswith("make ")]
    done = subprocess.run(["sh", "-ec", "\n".join(commands)], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT)
    right = done.returncode == 0 and "Signed in as ada" in done.stdout and "The API answered 200" in done.stdout
    tell("the quick start of README.md signs in", None if right else f"{done.returncode}\n{done.stdout}{done.stderr}")


def dotnet():
    """How to start a program on .NET Core: the runtime of a package, installed once."""
    host = list(BUILT.glob("venv/lib/python*/site-packages/dotnetcore2/bin/dotnet"))
    if not host:
        venv.create(BUILT / "venv", with_pip=True, clear=True)
        pip = [BUILT / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", DOTNET]
        subprocess.run(pip, check=True)
        host = list(BUILT.glob("venv/lib/python*/site-packages/dotnetcore2/bin/dotnet"))
    host[0].chmod(0o755)
    config = BUILT / "tests.runtimeconfig.json"
    config.write_text(json.dumps(RUNTIME), encoding="utf-8")
    return [host[0], "exec", "--runtimeconfig", config]


def threads(process):
    """How many threads of the library a process has."""
    found = 0
    for name in pathlib.Path(f"/proc/{process}/task").glob("*/comm"):
        try:
            found += name.read_text().startswith("ropc-")
        except OSError:
            pass  # It has just ended.
    return found


def run(runtime, command, group):
    """One group in a process, with a stand-in, of its own: its exit code, what it wrote to standard error, and how
    many tests it told of."""
    told = {"LD_LIBRARY_PATH": str(ROOT / "build/lib"), "ROPC_SYMBOLS": str(ROOT / "tests/symbols.txt")}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    count = 0
    with Standin(ROOT / "build") as standin, tempfile.TemporaryFile("w+") as errors:
        told = {**environment(standin), **told, "ROPC_FOLDER": str(standin.path)}
        # .NET Core would end at its start on a machine without ICU.
        told["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"
        told["ROPC_BLACK_HOLE"] = f"https://localhost:{standin.ports['traps']['black_hole']}/"
        process = subprocess.Popen([*command, BUILT / "tests.exe", group], env=told, stderr=errors, **pipes)
        limit = threading.Timer(LIMIT, process.kill)
        limit.start()
        for line in process.stdout:
            verdict, rest = line[:5], line[5:].rstrip()
            if verdict == "ask  ":
                answer = threads(process.pid) if rest == "threads" else standin.ask(rest)
                process.stdin.write(json.dumps(answer) + "\n")
                process.stdin.flush()
                continue
            name, _, problem = rest.partition(": FAILED: ")
            tell(f"{runtime}: {name}", problem if verdict == "FAIL " else None if verdict == "ok   " else "no test")
            count += 1
        code = process.wait()
        limit.cancel()
        errors.seek(0)
        return code, errors.read(), count


# Mono 6 ends a domain by aborting threads, now and then its own, which sorts timers: then it ends the process.
MONOS_OWN = "System.Threading.Timer+Scheduler.SchedulerThread"


def check_groups(runtime, command, groups):
    for group in groups:
        code, errors, count = run(runtime, command, group)
        if count == 0 and "ThreadAbortException" in errors and MONOS_OWN in errors:
            print(f"     {runtime} aborted its own timers in {group}: once more")
            code, errors, count = run(runtime, command, group)
        if code != 0 or errors or count == 0:
            tell(f"{runtime}: {group}", f"exit code {code} behind {count} tests\n{errors}")


def check_ends(runtime, command):
    for group, wanted, name in (
        ("end", 0, "shutdown with requests, tasks, sessions and threads in flight: Main returns"),
        ("exit", 7, "shutdown with requests, tasks, sessions and threads in flight: Environment.Exit"),
    ):
        began = time.monotonic()
        code, errors, _ = run(runtime, command, group)
        took = time.monotonic() - began
        right = code == wanted and not errors and took < 20
        tell(f"{runtime}: {name}", None if right else f"exit code {code} after {took:.0f} s\n{errors}")


def main():
    need("mcs", "mono-mcs")
    need("mono", "mono-runtime")
    need_built(ROOT / "build/lib/libropc.so")
    BUILT.mkdir(parents=True, exist_ok=True)
    chosen = sys.argv[1:]
    if not chosen:
        check_sources()
        check_builds()
        check_readme()
    sources = files("Runtime") + files("Samples~/SignIn") + files("tests")
    if compiled("the tests compile", BUILT / "tests.exe", "-d:UNITY_EDITOR", *sources):
        for runtime, command, more in (("Mono", ["mono", "--debug"], ["domains"]), (".NET Core", dotnet(), [])):
            check_groups(runtime, command, [group for group in GROUPS + more if not chosen or group in chosen])
            if not chosen:
                check_ends(runtime, command)
    sys.exit(f"{len(failures)} failed: " + ", ".join(failures) if failures else 0)


if __name__ == "__main__":
    main()
