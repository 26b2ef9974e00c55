"""What the runners here share: the stand-in server, the C compiler, and how
to say that a tool is missing."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

# C99 and POSIX, and nothing that any compiler would warn about.
FLAGS = ["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-g", "-pthread"]
FLAGS += [f"-I{ROOT / 'include'}", f"-I{HERE}"]

# What the static library needs besides itself (see README.md).
NATIVE_LIBS = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"]


def need(tool, package):
    """The path of a tool, or the end with the command that installs it."""
    path = shutil.which(tool)
    if path is None:
        sys.exit(f"{tool} is missing; install it with: apt-get install -y --no-install-recommends {package}")
    return path


def need_built(path):
    """A file that make builds."""
    if not path.exists():
        sys.exit(f"{path} is missing; build it with: make lib")
    return path


def compiler():
    """The C compiler: CC, or cc."""
    return need(os.environ.get("CC", "cc"), "gcc libc6-dev")


def compile_c(command, source, output, library):
    """Compiles one program; on failure shows what the compiler says and ends."""
    done = subprocess.run([*command, *FLAGS, source, "-o", output, *library], text=True, capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{source.name} does not compile:\n{done.stdout}{done.stderr}")
    return output


def shared(directory):
    """Link arguments for the shared library in `directory`; a program that
    calls nothing of it does not ask for it."""
    return [f"-L{directory}", "-Wl,--as-needed", "-lropc", f"-Wl,-rpath,{directory}"]


def static(build):
    """Link arguments for the static library."""
    return [str(need_built(build / "static/libropc.a")), *NATIVE_LIBS]


def dead_port():
    """A port at which nothing listens: bound, never listening, held on to."""
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    return holder, holder.getsockname()[1]


class Standin:
    """The stand-in server as a process, for `with`."""

    def __init__(self, build, *options):
        self.program = need_built(build / "bin/standin")
        self.options = options

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="ropc-c-")
        self.path = Path(self.folder.name)
        self.ca = self.path / "ca.pem"
        self.cert, self.key = self.path / "client.pem", self.path / "client.key"
        files = ["--ca", self.ca, "--client-cert", self.cert, "--client-key", self.key]
        self.process = subprocess.Popen(
            [self.program, *self.options, *files], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.ports = json.loads(self.process.stdout.readline())
        if self.process.stdout.readline() != "ready\n":
            sys.exit("the stand-in did not start")
        self.holder, self.dead = dead_port()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()
        self.holder.close()
        self.folder.cleanup()

    def ask(self, command):
        """One command of `standin --help`, and its answer."""
        self.process.stdin.write(command + "\n")
        return json.loads(self.process.stdout.readline())

    def users(self):
        """Every name that gets an answer of its own: the accounts, and each
        variant and fault."""
        told = subprocess.run([self.program, "--accounts"], capture_output=True, text=True, check=True).stdout
        accounts, rest = told.split("\n\n", 1)
        users = [line.split()[0] for line in accounts.splitlines()[1:]]
        for kind in ["variant", "fault"]:
            line = next(line for line in rest.splitlines() if line.startswith(f"{kind}:NAME "))
            users += [f"{kind}:{name.replace('_MS', '_20')}" for name in line.split(": ", 1)[1].split()]
        return users

    def environment(self):
        """The whole environment of a test program: where everything is, and
        no proxy or trust variables of whoever runs the tests."""
        traps = {f"STANDIN_{name.upper()}": str(port) for name, port in self.ports["traps"].items()}
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "STANDIN_HTTPS": self.ports["https"],
            "STANDIN_HTTP": self.ports["http"],
            "STANDIN_CA": str(self.ca),
            "STANDIN_CERT_FILE": str(self.cert),
            "STANDIN_KEY_FILE": str(self.key),
            "STANDIN_DEAD": str(self.dead),
            "STANDIN_FOLDER": str(self.path),
            "STANDIN_USERS": " ".join(self.users()),
            **traps,
        }


class Line:
    """Lets one program, and what it forks, ask the stand-in by itself: it writes
    a command of `standin --help` to the descriptor that STANDIN_LINE names, and
    reads the answer there, a line each. For `with`."""

    def __init__(self, standin):
        self.standin = standin

    def __enter__(self):
        self.ours, self.theirs = socket.socketpair()
        self.thread = threading.Thread(target=self.answer, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.theirs.close()
        # A program that is gone asks no more.
        self.ours.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.ours.close()

    def answer(self):
        with self.ours.makefile() as line:
            for command in line:
                answer = json.dumps(self.standin.ask(command.strip())) + "\n"
                try:
                    self.ours.sendall(answer.encode())
                except OSError:
                    return  # The program was ended before its answer came.

    def environment(self):
        return {"STANDIN_LINE": str(self.theirs.fileno())}
