#!/usr/bin/env python3
"""Runs what README.md and the head of include/ropc.h show: a newcomer pastes
it, so it has to work, and so do README's lines that compile and link. The site
is replaced by a port of this machine where nothing listens; what the program
says then shows that it got that far.

    python3 tests/readme.py
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build/readme"
README = (ROOT / "README.md").read_text()
SITE = "acme.hub.loginradius.com"


def closed_port():
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Around lines that begin where there is a client.
AROUND = """#include <ropc.h>
#include <stdio.h>

static void draw_frame(void) {}

int main(void)
{
    ropc_options *options = NULL; ropc_client *client = NULL; ropc_tokens *tokens = NULL; ropc_error *error = NULL;
    (void)draw_frame;
    if (ropc_options_loginradius("%s", "my-app", "client-id", &options, &error) != ROPC_OK
     || ropc_client_new(options, &client, &error) != ROPC_OK)
        return 1;
%s
    fprintf(stderr, "%%s\\n", error != NULL ? error->message : "no error");
    ropc_error_free(error); ropc_tokens_free(tokens); ropc_client_free(client); ropc_options_free(options);
    return 0;
}
"""


def snippets():
    """Name, language and text of each."""
    for language, text in re.findall(r"^```(c|python)\n(.*?)^```$", README, re.M | re.S):
        if language == "c" and "main(" not in text:
            yield "README, c with a client", language, AROUND % (SITE, text)
        else:
            yield f"README, {language}", language, text
    head = (ROOT / "include/ropc.h").read_text().split("Link with", 1)[0]
    lines = [line[5:] for line in head.splitlines() if line.startswith(" *   ")]
    body = "\n".join(lines)
    yield "ropc.h", "c", f"#include <ropc.h>\n#include <stdio.h>\nint main(void) {{\n{body}\nreturn 0; }}\n"


def run(name, language, text):
    """What is wrong with a snippet; None when nothing is."""
    if SITE not in text:
        return f"does not sign in at {SITE}"
    text = text.replace(SITE, f"localhost:{closed_port()}")
    if language == "c":
        (OUT / "snippet.c").write_text(text)
        compile_it = ["cc", "-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT}/include"]
        link_it = [f"-L{ROOT}/build/lib", "-lropc", f"-Wl,-rpath,{ROOT}/build/lib"]
        done = subprocess.run([*compile_it, OUT / "snippet.c", "-o", OUT / "snippet", *link_it])
        if done.returncode != 0:
            return "does not compile"
        command, environment = [OUT / "snippet"], None
    else:
        command = [sys.executable, "-c", text]
        here = {"PYTHONPATH": f"{ROOT}/bindings/python/src", "ROPC_LIBRARY": f"{ROOT}/build/lib/libropc.so"}
        environment = {**os.environ, **here}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    if done.returncode != 0 or "Nothing listens at localhost" not in said:
        return f"ended with {done.returncode} and said {said!r}"
    return None


def link_lines():
    """README's own, as they stand there, and the same for C++."""
    for line in re.findall(r"`(cc login\.c [^`]*)`", README):
        yield f"README, {line}", line
        if shutil.which("c++"):
            # Only login.c is C++: what follows says by its name what it is.
            cpp = line.replace("cc login.c", "c++ -std=c++11 -x c++ login.c -x none", 1)
            yield f"README as C++, {cpp}", cpp
    if not shutil.which("c++"):
        print("c++ is not here: nothing is linked as C++ (sudo apt-get install g++)")


def run_line(line):
    """What is wrong with a line that makes a.out of login.c."""
    port = closed_port()
    ten_lines = re.search(r"^```c\n(.*?)^```$", README, re.M | re.S).group(1)
    (OUT / "login.c").write_text(ten_lines.replace(SITE, f"localhost:{port}"))
    (OUT / "a.out").unlink(missing_ok=True)
    # A directory as README means it: the root of this project.
    for name in ("include", "build/lib", "build/static"):
        (OUT / name).parent.mkdir(exist_ok=True)
        (OUT / name).unlink(missing_ok=True)
        (OUT / name).symlink_to(ROOT / name)
    if subprocess.run(line, shell=True, cwd=OUT).returncode != 0:
        return "does not link"
    done = subprocess.run(["./a.out"], cwd=OUT, capture_output=True, text=True, timeout=60)
    if done.returncode != 0 or f"Nothing listens at localhost port {port}." not in done.stderr:
        return f"ended with {done.returncode} and said {done.stdout + done.stderr!r}"
    return None


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    results = [(name, run(name, language, text)) for name, language, text in snippets()]
    if len(results) != 5:
        results.append(("snippets", f"{len(results)} found, of 5"))
    lines = list(link_lines())
    results += [(name, run_line(line)) for name, line in lines]
    plain = [line for _, line in lines if line.startswith("cc ")]
    if len(plain) != 2 or "-lropc" not in plain[0] or "libropc.a" not in plain[1]:
        results.append(("link lines", f"one shared and one static are wanted: {plain}"))
    for name, problem in results:
        print(f"{'FAIL' if problem else 'ok  '} {name}{': ' + problem if problem else ''}")
    failed = sum(problem is not None for _, problem in results)
    passed = len(results) - failed
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
