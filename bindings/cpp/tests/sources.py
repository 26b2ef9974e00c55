"""What run.py holds ropc.hpp to without a program: that it has all of ropc.h, that it compiles by itself, what must not
compile, and that the example and the README do what they say."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import interface
from harness import need, shared

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
HEADER = ROOT / "include/ropc.hpp"
COMPILERS = {"g++": "g++", "clang++-19": "clang-19"}
FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT / 'include'}"]

# Functions that ropc.hpp has no need of, and why.
UNUSED = {
    "ropc_login": "ropc_login_n copies no password to end it in NUL",
    "ropc_request_login": "the same",
    "ropc_session_login": "the same",
    "ropc_request_session_login": "the same",
}

# Enums whose name is another one here.
RENAMED = {"ropc_log": "log_level"}

# Each begins with a client and tokens. The first must compile: what fails in the others is what they say.
BEGIN = """#include "ropc.hpp"
using namespace std::chrono_literals;
void use(ropc::client client, ropc::result<ropc::tokens> tokens, ropc::options options, ropc::session session);
void use(ropc::client client, ropc::result<ropc::tokens> tokens, ropc::options options, ropc::session session) {
    (void)client; (void)tokens; (void)options; (void)session;
"""
SNIPPETS = [
    ("what is right", "const auto other = std::move(client); if (tokens) tokens->access_token();", None),
    ("a copy of a client", "const auto other = client;", "deleted"),
    ("a copy of a session", "const ropc::session other(session);", "deleted"),
    ("a copy of tokens", "const ropc::tokens other = *tokens;", "deleted"),
    ("a copy of a result", "const auto other = tokens;", "deleted"),
    ("a copy of an error", "const ropc::error other = tokens.error();", "deleted"),
    ("assigning a copy", "ropc::options other; other = options;", "deleted"),
    ("an ignored result", 'client.login("ada", "secret");', "nodiscard"),
    ("an ignored end", "session.sign_out();", "nodiscard"),
    ("an ignored poll", 'client.request_login("ada", "secret")->poll();', "nodiscard"),
    ("a number for a setting", "options.set_trust(1);", "no|cannot"),
    ("another enum's value", "options.set_trust(ropc::app::oidc);", "no|cannot"),
    ("a time without a unit", "(void)session.poll(1000);", "no|could not"),
    ("a time that is too fine", "(void)session.poll(5us);", "no|could not"),
    ("tokens as a number", "int number = *tokens; (void)number;", "no|cannot"),
    ("a temporary result's error by reference", "ropc::error &error = client.connect().error(); (void)error;", "bind"),
]


def compiled(compiler, flags, text):
    """What the compiler says; None when it says nothing."""
    command = [need(compiler, COMPILERS[compiler]), *flags, *FLAGS, "-x", "c++", "-fsyntax-only", "-"]
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    return done.stderr if done.returncode != 0 or done.stderr else None


def names(tell):
    """Every function, number and field of ropc.h is in ropc.hpp, by its own name."""
    text = HEADER.read_text(encoding="utf-8")
    code = re.sub(r"//[^\n]*", "", text)
    header, failed = interface.read(), 0

    called = set(re.findall(r"\b(ropc_\w+)\b(?! ?::)", code))
    functions = {one.name for one in header.functions}
    missing = sorted(functions - called - set(UNUSED))
    failed += not tell("sources every function", missing and f"not in ropc.hpp: {missing}")
    stale = sorted(name for name in UNUSED if name in called or name not in functions)
    failed += not tell("sources exceptions are true", stale and f"in ropc.hpp, or not in ropc.h: {stale}")

    wrong = []
    for enum in header.enums:
        name = RENAMED.get(enum.name, enum.name.removeprefix("ropc_"))
        body = re.search(rf"enum class {name} : std::int32_t \{{(.*?)\}}", code, re.S)
        found = dict(re.findall(r"(\w+) = (\w+)", body[1])) if body else {}
        for item in enum.items:
            values = [cpp for cpp, c in found.items() if c == item.name]
            if len(values) != 1 or not item.name.lower().endswith(f"_{values[0]}"):
                wrong.append(item.name)
    failed += not tell("sources every number", wrong and f"not in their enum class: {wrong}")

    lost = [f"{struct.name}.{field.name}" for struct in header.structs for field in struct.fields
            if not re.search(rf"{struct.name}::{field.name}\b|\bget\(\)->{field.name}\b", code)]  # fmt: skip
    # result and error get it from the call that returned it.
    lost = [name for name in lost if name != "ropc_error.status"]
    failed += not tell("sources every field", lost and f"not in ropc.hpp: {lost}")

    wide = [line for line in text.splitlines() if len(line) > 120]
    failed += not tell("sources lines", wide and f"too wide: {wide}")
    return failed


def alone(tell):
    """ropc.hpp compiles by itself, twice, in every way; and older C++ is told."""
    failed = 0
    program = '#include "ropc.hpp"\n#include "ropc.hpp"\nint main() { return static_cast<int>(ropc::abi_check()); }\n'
    macros = ["check(x) (x)", "verify(x) (x)", "TEXT(x) L##x", "min(a, b) ((a) < (b) ? (a) : (b))", "None 0L"]
    macros += ["max(a, b) ((a) < (b) ? (b) : (a))", "Status int", "ERROR 0"]
    for compiler in COMPILERS:
        for standard in ["17", "20", "23"]:
            for bare in [[], ["-fno-exceptions", "-fno-rtti"]]:
                flags = [f"-std=c++{standard}", *bare, "-Wshadow", "-Wconversion", "-Wsign-conversion"]
                flags += ["-Wold-style-cast", "-Wnon-virtual-dtor", "-Wundef"]
                said = compiled(compiler, flags, program)
                failed += not tell(f"sources alone: {compiler} C++{standard}{' bare' if bare else ''}", said)
        # As engines and window systems define them, after the standard library's headers.
        standard_library = "".join(re.findall(r"^#include <.*>\n", HEADER.read_text(encoding="utf-8"), re.M))
        defined = "".join(f"#define {one}\n" for one in macros)
        said = compiled(compiler, ["-std=c++17"], standard_library + defined + program)
        failed += not tell(f"sources beside macros of engines: {compiler}", said)
        said = compiled(compiler, ["-std=c++14"], program) or ""
        failed += not tell(f"sources C++14: {compiler}", None if "ropc.hpp needs C++17" in said else f"said {said}")
    return failed


def must_not_compile(tell):
    failed = 0
    rows = [(compiler, *row) for compiler in COMPILERS for row in SNIPPETS]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = list(pool.map(lambda row: compiled(row[0], ["-std=c++17"], BEGIN + row[2] + "\n}\n"), rows))
    for (compiler, what, _, wanted), said in zip(rows, told):
        if wanted is None:
            problem = said
        elif said is None:
            problem = "compiles"
        else:
            problem = None if re.search(wanted, said) else f"said {said}"
        failed += not tell(f"sources {'compiles' if wanted is None else 'refused'}: {what} ({compiler})", problem)
    return failed


def example(build, standin, tell):
    """login.cpp: a sign-in, a restart without the password, a sign-out; and what goes wrong."""
    failed = 0
    program = standin.path / "login"
    for compiler in COMPILERS:
        command = [need(compiler, COMPILERS[compiler]), "-std=c++17", *FLAGS, HERE.parent / "login.cpp"]
        done = subprocess.run([*command, "-o", program, *shared(build / "lib")], capture_output=True, text=True)
        if done.returncode != 0:
            failed += not tell(f"sources example: {compiler}", done.stderr)
            continue
        store = standin.path / f"login-{compiler}"
        site = [standin.ports["https"], "demo", "demo-client", standin.ports["https"] + "/api/echo"]
        steps = [
            ("first", [], "ada", "correct horse", 0, ["Signed in with the password.", "ada is signed in", "s 200,"]),
            ("again", ["--sign-out"], "ada", "", 0, ["Still signed in, without the password.", "is signed out."]),
            ("wrong", [], "ada", "wrong", 1, ["ROPC_REASON_WRONG_CREDENTIALS"]),
            ("locked", [], "locked", "correct horse", 1, ["The lock ends", "ROPC_REASON_LOCKED"]),
            ("no user", [], None, "", 2, ["usage:"]),
        ]
        for name, options, user, password, code, says in steps:
            words = [] if user is None else [user, store, *site]
            done = subprocess.run(
                [program, "--password-fd", "0", *options, *words], input=password + "\n", capture_output=True,
                text=True, timeout=60, env={"ROPC_CA": str(standin.ca), "PATH": os.environ["PATH"]},
            )  # fmt: skip
            said = done.stdout + done.stderr
            right = done.returncode == code and all(text in said for text in says)
            right = right and (password == "" or password not in said or password == "wrong")
            failed += not tell(f"sources example, {name}: {compiler}", None if right else f"{done.returncode}: {said}")
    return failed


def pages(tell):
    """The C++ of the READMEs and of the head of ropc.hpp."""
    head = HEADER.read_text(encoding="utf-8").split("\n// One file over", 1)[0]
    shown = "\n".join(line[2:] for line in head.splitlines() if line.startswith("//   "))
    around = "void use(std::string_view);\nvoid show(std::string_view);\nvoid head();\nvoid head() {\n%s;\n}\n"
    found = [("ropc.hpp", around % shown.replace("...", ";"))]
    readme = (HERE.parent / "README.md").read_text(encoding="utf-8")
    for number, text in enumerate(re.findall(r"^```cpp\n(.*?)^```$", readme, re.M | re.S), 1):
        found.append((f"README {number}", text))
    failed = 0
    for name, text in found:
        said = compiled("g++", ["-std=c++17"], '#include "ropc.hpp"\n#include <iostream>\n' + text)
        failed += not tell(f"sources shown in {name}", said)
    return failed


def check(build, standin, tell):
    """How many of all these went wrong."""
    return names(tell) + alone(tell) + must_not_compile(tell) + example(build, standin, tell) + pages(tell)
