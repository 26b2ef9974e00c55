"""example.py, and what README.md shows."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from world import LONG, PASSWORD, WRONG, World

PACKAGE = Path(__file__).resolve().parents[1]


def start(world: World, folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    """The example, beside the stand-in."""
    told = {"SITE": world.site, "APP": "demo", "CLIENT_ID": "demo-client", "CA": str(world.ca), "API": world.echo}
    command = [sys.executable, str(PACKAGE / "example.py"), "--store", str(folder / "login"), *arguments]
    environment = {**os.environ, **{f"ROPC_{name}": value for name, value in told.items()}}
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def run(world: World, folder: Path, password: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The same, to its end."""
    with start(world, folder, *arguments) as process:
        output, errors = process.communicate(password + "\n", timeout=LONG)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def test_example_signs_in_comes_back_and_signs_out(world: World, tmp_path: Path) -> None:
    for arguments, logins in (((), 1), (("--sign-out",), 0)):
        before = world.grants()
        done = run(world, tmp_path, PASSWORD, *arguments)
        # Without an API key the access token lives on, and it says so.
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert done.stdout.startswith("ada is signed in") and "The API answers 200" in done.stdout
        after = world.grants()
        assert (after["logins"], after["revoked"]) == (before["logins"] + logins, before["revoked"] + 1 - logins)


def test_example_signs_in_anew_at_another_server(world: World, tmp_path: Path) -> None:
    assert run(world, tmp_path, PASSWORD).returncode == 0
    world.site, world.echo = world.http, world.http + "/api/echo"
    assert run(world, tmp_path, PASSWORD).returncode == 0


def test_example_says_why_not(world: World, tmp_path: Path) -> None:
    wrong, locked = run(world, tmp_path, WRONG), run(world, tmp_path, PASSWORD, "locked")
    assert (wrong.returncode, wrong.stdout) == (1, "") and "(Reason.WRONG_CREDENTIALS)" in wrong.stderr
    assert locked.returncode == 1 and "Until 20" in locked.stderr and "(Reason.LOCKED)" in locked.stderr
    assert "Traceback" not in wrong.stderr + locked.stderr and WRONG not in wrong.stderr


def test_example_ends_quietly_by_ctrl_c(world: World, tmp_path: Path) -> None:
    world.sent()
    process = start(world, tmp_path, "fault:never")
    assert process.stdin
    process.stdin.write(PASSWORD + "\n")
    process.stdin.flush()
    world.arrived()
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=LONG)
    assert (process.returncode, output, errors) == (130, "", "")


def test_readme_shows_what_works(world: World, tmp_path: Path) -> None:
    text = (PACKAGE / "README.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(snippets) == 1
    here = {
        '"acme.hub.loginradius.com", "my-app", "client-id")': f'"{world.site}", "demo", "demo-client")'
        f".set_ca_pem(open({str(world.ca)!r}).read())",
        "getpass.getpass()": repr(PASSWORD),
        '"https://acme.hub.loginradius.com/..."': repr(world.echo),
    }
    code = snippets[0]
    for shown, real in here.items():
        assert shown in code
        code = code.replace(shown, real)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=LONG)
    assert (done.returncode, done.stderr) == (0, "") and "'user': 'ada'" in done.stdout
