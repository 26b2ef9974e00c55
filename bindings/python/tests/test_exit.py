"""Programs that end with something under way: no crash, no hang, nothing on stderr."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import ropc
from world import LONG, World

EXITS = Path(__file__).with_name("exits")
# Each program: its exit code and what it prints; after "ready" it goes on once
# the server has its request.
PROGRAMS = {
    "request_in_flight": (0, ["ready"]),
    "session_alive": (0, ["ready"]),
    "daemon_thread": (0, ["ready"]),
    "daemon_threads_at_it": (0, []),
    "sys_exit": (7, ["ready"]),
    "joined_at_exit": (0, ["ready", "Reason.CANCELLED", "joined"]),
    "atexit_use": (0, ["0", "Bearer"]),
    "interrupted": (0, ["ready", "interrupted", "interrupted", "interrupted"]),
    "asyncio_left": (0, ["cancelled", "ready"]),
    "forked_child_exits": (0, ["ready", "Bearer", "3"]),
    "without_packages": (0, ["Bearer", "requests", "httpx", "True"]),
}


def waited_for(body: str) -> bool:
    """Whether a request is one that a program has under way."""
    return "fault:never" in body or "refresh_token" in body


def run(world: World, name: str, ready: bool) -> tuple[int, list[str], str, float]:
    """Exit code, lines, stderr, and how long it took from the moment it was told to go on."""
    command = [sys.executable, "-X", "dev", "-W", "error", str(EXITS / f"{name}.py"), world.site, str(world.ca)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        stop = threading.Timer(LONG, process.kill)
        stop.start()
        if ready:
            world.until(lambda: any(waited_for(one["body"]) for one in world.sent()), "nothing arrived")
        began = time.monotonic()
        output, errors = process.communicate("\n")
        stop.cancel()
    return process.returncode, output.splitlines(), errors, time.monotonic() - began


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_ends(world: World, name: str) -> None:
    code, lines, errors, took = run(world, name, "ready" in PROGRAMS[name][1])
    assert (code, lines, errors) == (*PROGRAMS[name], "")
    # It did not wait for the time limit of what was under way, 30 seconds.
    assert took < 20


def test_a_refresh_that_was_sent_is_saved_before_the_end(world: World) -> None:
    world.ask("refresh fault:delay_500")
    try:
        assert run(world, "session_alive", True)[:3] == (0, ["ready"], "")
    finally:
        world.ask("refresh")
    options = ropc.Options.loginradius(world.site, "demo", "demo-client").set_app_kind(ropc.AppKind.OIDC)
    client = ropc.Client(options.set_ca_pem(world.ca.read_bytes()))
    session = ropc.Session.resume(client, ropc.FileStore(world.ca.with_name("left")), "ada")
    assert world.api_takes(session.token().access_token)
    # With the refresh token of before, the server would end everything.
    session.refresh(wait=LONG)


def test_ctrl_c_ends_the_wait_for_a_refresh(world: World) -> None:
    world.ask("refresh fault:never")
    try:
        assert run(world, "interrupted_wait", True)[:3] == (0, ["ready", "interrupted", "interrupted"], "")
    finally:
        world.ask("refresh")


def test_an_exception_that_nobody_catches_shows_no_password(world: World) -> None:
    code, lines, errors, _ = run(world, "uncaught", False)
    assert (code, lines) == (1, []) and "RefusedError" in errors
    assert "canary-9c40" not in errors


def test_every_program_is_run() -> None:
    programs = {path.stem for path in EXITS.glob("*.py")} - {"ends", "scan", "uncaught", "interrupted_wait"}
    assert programs == set(PROGRAMS) and ropc.__version__
