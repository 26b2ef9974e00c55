"""What run.py holds ropc.hpp to without a program: that it has all of ropc.h, that it compiles by itself and as other
programs have it, what must not compile, and that the example and the README do what they say."""

import os
import re
import subprocess
import sys
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

# What must not compile: a name, the line, what both compilers say of it. Of the last ones only clang knows.
BEGIN = """#include "ropc.hpp"
using namespace std::chrono_literals;
void use(ropc::client client, ropc::result<ropc::tokens> tokens, ropc::options options, ropc::session session);
void use(ropc::client client, ropc::result<ropc::tokens> tokens, ropc::options options, ropc::session session) {
    (void)client; (void)tokens; (void)options; (void)session;
"""
RIGHT = """
    std::string name(client.login("ada", "secret")->access_token());
    const auto &error = client.connect().error();
    const auto text = client.userinfo("token");
    const std::string_view view = *text;
    const auto other = std::move(client);
    if (tokens) name = tokens->access_token();
    (void)error.message(); (void)view; (void)session.poll(1s).status();
"""
SNIPPETS = [
    ("a copy of a client", "const auto other = client;", "deleted"),
    ("a copy of a session", "const ropc::session other(session);", "deleted"),
    ("a copy of tokens", "const ropc::tokens other = *tokens;", "deleted"),
    ("a copy of a result", "const auto other = tokens;", "deleted"),
    ("a copy of an error", "const ropc::error other = tokens.error();", "deleted"),
    ("assigning a copy", "ropc::options other; other = options;", "deleted"),
    ("an ignored result", 'client.login("ada", "secret");', "nodiscard"),
    ("an ignored end", "session.sign_out();", "nodiscard"),
    ("an ignored poll", 'client.request_login("ada", "secret")->poll();', "nodiscard"),
    ("a number for a setting", "options.set_trust(1);", "no known|cannot"),
    ("another enum's value", "options.set_trust(ropc::app_kind::oidc);", "no known|cannot|no viable"),
    ("a time without a unit", "(void)session.poll(1000);", "no viable|cannot convert"),
    ("a time that is too fine", "(void)session.poll(5us);", "no viable|cannot convert"),
    ("tokens as a number", "int number = *tokens; (void)number;", "no viable|cannot"),
    ("a temporary result's error by reference", "ropc::error &error = client.connect().error(); (void)error;", "bind"),
]
DANGLING = [
    ("a view of a temporary error", 'std::string_view view = client.login("ada", "s").error().message(); (void)view;'),
    ("a view of temporary tokens", 'std::string_view view = client.login("ada", "s")->access_token(); (void)view;'),
    ("a view of a temporary text", 'std::string_view view = *client.userinfo("token"); (void)view;'),
    ("a pointer into a temporary", 'const char *text = client.userinfo("token")->c_str(); (void)text;'),
    ("a part of a temporary", 'const auto part = client.login("ada", "s")->refresh_token(); (void)part;'),
    ("a handle's pointer", "ropc_client *raw = ropc::client().get(); (void)raw;"),
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
        name = enum.host_name.removeprefix("ropc_")
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
    """ropc.hpp compiles by itself, twice, and beside macros; and older C++ is told."""
    program = '#include "ropc.hpp"\n#include "ropc.hpp"\nint main() { return static_cast<int>(ropc::abi_check()); }\n'
    macros = ["check(x) (x)", "verify(x) (x)", "TEXT(x) L##x", "min(a, b) ((a) < (b) ? (a) : (b))", "None 0L"]
    macros += ["max(a, b) ((a) < (b) ? (b) : (a))", "Status int", "ERROR 0"]
    # As engines and window systems define them, after the standard library's headers.
    standard_library = "".join(re.findall(r"^#include <.*>\n", HEADER.read_text(encoding="utf-8"), re.M))
    beside = standard_library + "".join(f"#define {one}\n" for one in macros) + program
    strict = ["-Wshadow", "-Wconversion", "-Wsign-conversion", "-Wold-style-cast", "-Wnon-virtual-dtor", "-Wundef"]
    failed = 0
    for compiler in COMPILERS:
        said = compiled(compiler, ["-std=c++17", *strict], program)
        failed += not tell(f"sources alone: {compiler}", said)
        said = compiled(compiler, ["-std=c++17"], beside)
        failed += not tell(f"sources beside macros of engines: {compiler}", said)
        said = compiled(compiler, ["-std=c++14", "-Wfatal-errors"], program) or ""
        failed += not tell(f"sources C++14: {compiler}", None if "ropc.hpp needs C++17" in said else f"said {said}")
    return failed


def everywhere(tell):
    """The programs of this folder compile in every way, also in those that run.py does not run."""
    texts = {path.stem: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.cpp")) if path.stem != "cases"}
    # One file, for half of the time is spent with the standard library. What is global stays so.
    lines = sorted(set(re.findall(r"^#include <.*>$", "\n".join(texts.values()), re.M))) + ['#include "cases.hpp"']
    for name, text in texts.items():
        around = ["", ""] if "void *operator new" in text else [f"namespace {name} {{", "}"]
        lines += [around[0], f'#include "{name}.cpp"', around[1]]
    rows = [(compiler, standard, bare) for compiler in COMPILERS for standard in ("17", "20", "23")
            for bare in ([], ["-fno-exceptions", "-fno-rtti"])]  # fmt: skip
    flags = [f"-I{HERE}", "-Wshadow", "-Wconversion", "-Wsign-conversion"]

    def one(row):
        return compiled(row[0], [f"-std=c++{row[1]}", *row[2], *flags], "\n".join(lines) + "\n")

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = list(pool.map(one, rows))
    return sum(not tell(f"sources everywhere: {compiler} C++{standard}{' bare' if bare else ''}", said)
               for (compiler, standard, bare), said in zip(rows, told))  # fmt: skip


def must_not_compile(tell):
    """All lines in one file, each in a function and under a file name of its own."""
    failed = 0
    for compiler in COMPILERS:
        said = compiled(compiler, ["-std=c++17"], f"{BEGIN}{RIGHT}}}\n")
        failed += not tell(f"sources compiles: what is right ({compiler})", said)
        rows = SNIPPETS + [(what, code, "will be destroyed") for what, code in DANGLING if compiler != "g++"]
        head, begin = BEGIN.split("\n", 1)
        functions = [f'namespace n{number} {{\n{begin}#line 1 "line{number}"\n{code}\n}}\n}}\n'
                     for number, (_, code, _) in enumerate(rows)]  # fmt: skip
        all_errors = "-fmax-errors=0" if compiler == "g++" else "-ferror-limit=0"
        said = compiled(compiler, ["-std=c++17", all_errors], "\n".join([head, *functions])) or ""
        for number, (what, _, wanted) in enumerate(rows):
            errors = re.findall(rf"^line{number}:1:\d+: error: (.*)$", said, re.M)
            right = any(re.search(wanted, error) for error in errors)
            problem = None if right else f"said {errors}" if errors else "compiles"
            failed += not tell(f"sources refused: {what} ({compiler})", problem)
    return failed


def quick_start(build, standin, tell):
    """The README's lines as they stand there, but with files of this run and the password on standard input: the
    second stand-in is another site, and the third is asked once. Gives the program that they make, or None."""
    readme = (HERE.parent / "README.md").read_text(encoding="utf-8")
    program, store = standin.path / "login", standin.path / "ada.login"
    lines = [line.strip().split("  #")[0].replace("python3", sys.executable) for line in readme.splitlines()
             if re.match(r"    (g\+\+|python3) ", line)]  # fmt: skip
    lines = [line.replace("build/login", f"{program}").replace("build/ada.login", f"{store}") for line in lines]
    if len(lines) != 3:
        tell("sources quick start", f"lines of the README: {lines}")
        return None
    compile_it, once, twice = (line.replace(f"{program} ada", f"{program} --password-fd 0 ada") for line in lines)
    asked, kept = "Signed in with the password.", "Still signed in, without the password."
    flags = " ".join(f"'{flag}'" for flag in FLAGS)
    for name, line, says in [
        ("compiles", f"{compile_it} {flags}", []),
        ("first stand-in", once, [asked]),
        ("second stand-in", once, [asked]),
        ("two runs beside one", twice, [asked, kept]),
    ]:
        done = subprocess.run(["sh", "-c", line], cwd=ROOT, input="correct horse\n", capture_output=True, text=True,
                              timeout=120)  # fmt: skip
        said = re.findall(r"^(?:Signed in with|Still signed in).*$", done.stdout, re.M)
        right = done.returncode == 0 and said == says
        problem = None if right else f"{done.returncode}: {done.stdout}{done.stderr}"
        if not tell(f"sources quick start, {name}", problem):
            return None
    return program


def example(build, standin, tell):
    """login.cpp: a sign-in, a restart without the password, a sign-out; and what goes wrong."""
    failed = 0
    clang = standin.path / "login-clang"
    command = [need("clang++-19", COMPILERS["clang++-19"]), "-std=c++17", *FLAGS, HERE.parent / "login.cpp"]
    done = subprocess.run([*command, "-o", clang, *shared(build / "lib")], capture_output=True, text=True)
    failed += not tell("sources example compiles: clang++-19", done.stderr)
    for compiler, program in [("g++", quick_start(build, standin, tell)), ("clang++-19", clang)]:
        if program is None or not program.exists():
            failed += 1
            continue
        store = standin.path / f"{compiler}.login"
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
    failed = names(tell) + alone(tell) + everywhere(tell) + must_not_compile(tell)
    return failed + example(build, standin, tell) + pages(tell)
