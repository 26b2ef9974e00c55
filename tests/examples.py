#!/usr/bin/env python3
"""Runs builds of examples-c/login, session and game_loop against the stand-in: what
they print, how they end, that the password is neither shown nor printed, and
that the game misses no frame.

    python3 tests/examples.py PROGRAM ...
"""

import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/c"))

from harness import Standin
from tally import Tally

PASSWORD = "correct horse"
WRONG = "canary-5f1e-not-the-password"
# Nine hours ahead, under a name of its own: nobody's zone by accident.
ZONE = "DEMO-9"


class Example:
    """One build of login, session or game_loop, at one stand-in."""

    def __init__(self, program, standin):
        self.command = [sys.executable, program] if program.endswith(".py") else [program]
        self.standin = standin
        self.site = standin.ports["https"]
        self.environment = {**standin.environment(), "ROPC_LIBRARY": str(ROOT / "build/lib/libropc.so.0"), "TZ": ZONE}

    def run(self, *arguments, password=PASSWORD):
        """Exit code and all output; the password comes through a pipe."""
        reader, writer = os.pipe()
        os.write(writer, password.encode() + b"\nnot the password\n")
        os.close(writer)
        command = [*self.command, "--password-fd", str(reader), *arguments]
        done = subprocess.run(
            command, env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            pass_fds=[reader], timeout=60, text=True,
        )
        os.close(reader)
        return done.returncode, done.stdout

    def sign_in(self, user, *options, site=None, password=PASSWORD):
        ca = ["--ca", str(self.standin.ca)]
        return self.run(*options, *ca, site or self.site, "demo", "demo-client", user, password=password)

    def asked(self, *dialogue):
        """The same as at_terminal()."""
        command = [*self.command, "--oidc", "--ca", str(self.standin.ca), self.site, "demo", "demo-client"]
        return at_terminal(command, self.environment, *dialogue)


def at_terminal(command, environment, *dialogue):
    """How it ends and all its output, at a terminal where each question gets its
    answer; and whether the terminal shows what is typed, after each question and
    at the end."""
    pid, terminal = pty.fork()
    if pid == 0:
        # Whoever runs tests in the background has it ignored.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.execvpe(command[0], command, environment)
    output, shown = b"", []
    for question, answer in dialogue:
        while not output.endswith(question):
            chunk = read(terminal)
            assert chunk, f"it ended without asking {question}: {output}"
            output += chunk
        shown.append(shows_typing(terminal))
        os.write(terminal, answer)
    while chunk := read(terminal):
        output += chunk
    shown.append(shows_typing(terminal))
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    return code, output.decode(), shown


def read(terminal):
    """What the program prints next; nothing when it has ended."""
    if not select.select([terminal], [], [], 60)[0]:
        raise AssertionError("it said nothing for 60 seconds")
    try:
        return os.read(terminal, 4096)
    except OSError:  # So Linux tells that nobody has the terminal any more.
        return b""


def shows_typing(terminal):
    return bool(termios.tcgetattr(terminal)[3] & termios.ECHO)


def signs_in(login):
    code, output = login.sign_in("ada", "--oidc")
    assert code == 0, output
    assert "not verified" in output and '"email":"ada@standin.test"' in output, output
    ends = [time.time() + 900 + seconds for seconds in range(-60, 5)]
    texts = [time.strftime("%Y-%m-%d %H:%M:%S DEMO", time.gmtime(end + 9 * 3600)) for end in ends]
    assert any(text in output for text in texts), f"it does not end in 15 minutes, local time:\n{output}"
    assert re.search(r"eyJ\w{3}\.\.\. \(\d{3,} characters\)", output), output
    assert not re.search(r"eyJ[\w-]{10}", output), f"a token is printed:\n{output}"


def shows_the_access_token_of_an_oauth_application(login):
    code, output = login.sign_in("ada")
    assert code == 0 and '"sub":"' in output and '"email"' not in output, output


def says_why_not(login):
    code, output = login.sign_in("ada", password=WRONG)
    assert code == 1, output
    assert "ROPC_REASON_WRONG_CREDENTIALS" in output, output
    assert "Ask for user name and password again" in output, f"no advice:\n{output}"
    assert WRONG not in output, output
    assert WRONG in login.standin.ask("requests")[-1]["body"], "the password was not the one sent"


def tells_failures_apart(login):
    code, output = login.sign_in("locked")
    assert code == 1 and "ROPC_REASON_LOCKED" in output, output
    expired = f"https://localhost:{login.standin.ports['traps']['expired']}"
    code, output = login.sign_in("ada", site=expired)
    assert code == 1 and "ROPC_REASON_TLS_EXPIRED" in output, output


def trusts_only_the_given_authorities(login):
    code, output = login.run(login.site, "demo", "demo-client", "ada")
    assert code == 1 and "ROPC_REASON_TLS_UNKNOWN_ISSUER" in output, output
    code, output = login.run("--ca", "/no/such/file", login.site, "demo", "demo-client", "ada")
    assert code == 1 and "/no/such/file" in output, output


def explains_its_use(login):
    for arguments in ([], ["a", "b"], ["--unknown", "a", "b", "c"], ["a", "b", "c", "d", "e"], ["--ca"]):
        code, output = login.run(*arguments)
        assert code == 2 and "usage: " in output, f"{arguments}: {code}\n{output}"


def asks_at_the_terminal_and_hides_the_password(login):
    dialogue = (b"User: ", b"ada\n"), (b"Password: ", PASSWORD.encode() + b"\n")
    code, output, shown = login.asked(*dialogue)
    assert code == 0 and "ada@standin.test" in output, output
    assert PASSWORD not in output, f"the password is shown:\n{output}"
    assert shown == [True, False, True], shown


def leaves_a_terminal_that_shows_what_is_typed(login):
    code, output, shown = login.asked((b"User: ", b"ada\n"), (b"Password: ", b"half\x03"))
    assert code == -signal.SIGINT, f"{code}\n{output}"
    assert shown == [True, False, True], shown


def goes_through_a_game(game):
    # What our calls did, they do again; what another program did that took
    # the processor, it hardly does three times.
    for _ in range(3):
        game.standin.ask("requests")
        code, output = game.sign_in("fault:delay_200", "--oidc")
        requests = [request["body"] for request in game.standin.ask("requests")]
        assert code == 0, output
        if "lost: 0\n" in output:
            break
    lines = [
        r"wrong password: refused after [1-9]\d* frames? \(ROPC_REASON_WRONG_CREDENTIALS\)",
        r"cancel: ended [1-9]\d* frames? later",
        # 200 ms are twelve frames.
        r"sign-in: tokens after (1[2-9]|[2-9]\d|\d{3,}) frames",
        r"longest time in ropc calls within one frame: \d+\.\d{3} ms \(goal: below 0\.1 ms\)",
        r"frames: [1-9]\d+, lost: 0",
    ]
    assert re.fullmatch("".join(line + r"\n" for line in lines), output), output
    sent = [PASSWORD in body for body in requests]
    # The cancel may have come before its request had left.
    assert sent in ([False, True, True], [False, True]), f"wrong, cancelled, right: {sent}"


def tells_what_went_wrong_in_a_game(game):
    code, output = game.sign_in("fault:delay_200", password=WRONG)
    assert code == 1 and "sign-in: refused after " in output and WRONG not in output, output
    code, output = game.sign_in("ada", site=f"https://localhost:{game.standin.dead}")
    assert code == 1 and output.count("Nothing listens at localhost") == 3, output
    code, output = game.sign_in("ada", site="https://localhost/path")
    assert code == 1 and "ROPC_REASON_ARGUMENT" in output and "frames: " not in output, output


def draws_at_a_terminal(game):
    dialogue = (b"User: ", b"fault:delay_200\n"), (b"Password: ", PASSWORD.encode() + b"\n")
    code, output, shown = game.asked(*dialogue)
    assert code == 0 and "sign-in: tokens after " in output, output
    drawn = set(re.findall(r"\r([|/\\-]) sign-in(?=\r)", output))
    assert drawn == set("|/-\\"), f"{drawn}\n{output}"
    assert PASSWORD not in output, f"the password is shown:\n{output}"
    assert shown == [True, False, True], shown


def stays_signed_in(session):
    with tempfile.TemporaryDirectory() as folder:
        store, api = f"{folder}/login", f"{session.site}/api/echo"

        def start(*options, password=WRONG):
            session.standin.ask("requests")
            arguments = ["--ca", str(session.standin.ca), *options, session.site, "demo", "demo-client", "ada"]
            code, output = session.run(*arguments, store, api, password=password)
            return code, output, [request["target"].split("/")[-1] for request in session.standin.ask("requests")]

        code, output, targets = start(password=PASSWORD)
        assert code == 0 and targets == ["token", "echo"], f"{targets}\n{output}"
        assert "Signed in with the password.\nThe API answers 200" in output, output
        assert re.search(r"ada is signed in; the access token ends \d\d:\d\d:\d\d\.", output), output
        assert os.stat(store).st_mode & 0o777 == 0o600, "the file can be read by others"
        session.standin.ask("expire_access")
        code, output, targets = start()
        assert code == 0 and targets == ["echo", "token", "echo"], f"{targets}\n{output}"
        assert output.startswith("Still signed in, without the password.\nThe API answers 200"), output
        code, output, targets = start("--sign-out")
        assert code == 0 and targets == ["echo", "revoke"], f"{targets}\n{output}"
        assert "the site's API key" in output and output.endswith("ada is signed out.\n"), output
        code, output, targets = start()
        assert code == 1 and targets == ["token"] and "ROPC_REASON_WRONG_CREDENTIALS" in output, output
        assert not re.search(r"eyJ[\w-]{10}", output), f"a token is printed:\n{output}"


def says_why_it_cannot_stay(session):
    with tempfile.TemporaryDirectory() as folder:
        at = ["--ca", str(session.standin.ca), session.site, "demo", "demo-client", "ada"]
        code, output = session.run(*at, f"{folder}/none/login")
        assert code == 1 and "ROPC_REASON_STORE_ACCESS" in output and folder in output, output
        pathlib.Path(folder, "open").write_text("{}")
        os.chmod(f"{folder}/open", 0o644)
        code, output = session.run(*at, f"{folder}/open")
        assert code == 1 and "ROPC_REASON_STORE_EXPOSED" in output and "chmod 600" in output, output
        code, output = session.run(*at, f"{folder}/login", "https://elsewhere.example/")
        assert code == 1 and "ROPC_REASON_ORIGIN_NOT_ALLOWED" in output and "elsewhere.example" in output, output


def explains_its_use_too(session):
    for arguments in ([], ["a", "b", "c", "d"], ["--unknown", *"abcde"], list("abcdefg"), ["--ca"]):
        code, output = session.run(*arguments)
        assert code == 2 and "usage: " in output, f"{arguments}: {code}\n{output}"


LOGIN_CHECKS = [
    signs_in,
    shows_the_access_token_of_an_oauth_application,
    says_why_not,
    tells_failures_apart,
    trusts_only_the_given_authorities,
    explains_its_use,
    asks_at_the_terminal_and_hides_the_password,
    leaves_a_terminal_that_shows_what_is_typed,
]

SESSION_CHECKS = [
    stays_signed_in,
    says_why_it_cannot_stay,
    explains_its_use_too,
]

GAME_CHECKS = [
    goes_through_a_game,
    tells_what_went_wrong_in_a_game,
    explains_its_use,
    draws_at_a_terminal,
]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tally = Tally()
    with Standin(ROOT / "build") as standin:
        for program in sys.argv[1:]:
            name = pathlib.Path(program).name
            checks = {"session": SESSION_CHECKS, "game_loop": GAME_CHECKS}
            for check in checks.get(name.removesuffix("-static"), LOGIN_CHECKS):
                what = f"{program} {check.__name__.replace('_', ' ')}"
                tally.check(what, check, Example(program, standin))
    sys.exit(tally.end())


if __name__ == "__main__":
    main()
