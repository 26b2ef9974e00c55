"""No password or token is shown, and what was copied of a password is overwritten."""

import asyncio
import gc
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any, Callable

import pytest

import ropc
from ropc import _convert
from world import LONG, PASSWORD, WRONG, World

EXITS = Path(__file__).with_name("exits")


def test_nothing_shows_a_token_or_a_password(world: World) -> None:
    client, options = world.client(), world.options()
    tokens, session = client.login("ada", PASSWORD), world.session()
    token, refresh = tokens.access_token, tokens.refresh_token
    assert refresh
    shown = [client, options, tokens, session, session.token(), session.status(), ropc.HostStore()]
    shown += [session.call("GET", world.echo), client.request_login("ada", PASSWORD), tokens._use()]
    for one in shown:
        text = repr(one) + str(one) + str(getattr(one, "__dict__", ""))
        assert token not in text and refresh not in text and PASSWORD not in text, type(one)
        assert session.token().access_token not in text, type(one)


def test_no_error_shows_a_password(world: World) -> None:
    client, errors = world.client(), []
    texts: list[ropc.Password] = [WRONG, WRONG + "\udc80", WRONG * 10_000, WRONG.encode(), bytearray(WRONG.encode())]
    for password in texts:
        for user in ("ada", "echo", "\udc80"):
            with pytest.raises(ropc.Error) as raised:
                client.login(user, password)
            errors.append(raised.value)
    with pytest.raises(ropc.Error) as raised:
        client.grant("password", {"username": "ada", "password": WRONG + "\0"})
    for error in [*errors, raised.value]:
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        assert WRONG not in text + repr(error) + str(vars(error)) + repr(error.__context__)


def test_no_frame_of_the_package_keeps_a_password(world: World) -> None:
    client, session = world.client(), ropc.Session
    params: dict[str, ropc.Password] = {"username": "ada", "password": WRONG}
    calls: list[Callable[[], Any]] = [
        lambda: client.login("ada", WRONG),
        lambda: asyncio.run(client.login_async("ada", WRONG)),
        lambda: session.login(client, "ada", WRONG),
        lambda: asyncio.run(session.login_async(client, "ada", WRONG)),
        lambda: client.grant("password", params),
        lambda: asyncio.run(client.grant_async("password", params)),
    ]
    for number, ask in enumerate(calls):
        with pytest.raises(ropc.RefusedError) as raised:
            ask()
        shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True).stack
        ours = [frame for frame in shown if Path(frame.filename).parent == Path(_convert.__file__).parent]
        assert len(ours) > 1 and not any(WRONG in str(frame.locals) for frame in ours), number
    assert "closed" in repr(ropc.Client.__new__(ropc.Client))


def test_copies_are_overwritten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Any] = []
    make = _convert.Secret.__init__

    def note(self: _convert.Secret, *arguments: Any, **more: Any) -> None:
        make(self, *arguments, **more)
        kept.append(self.kept)

    monkeypatch.setattr(_convert.Secret, "__init__", note)
    client, own = world.client(), bytearray(PASSWORD.encode())
    client.login("ada", PASSWORD)
    client.login("ada", own)
    ropc.Session.login(client, "ada", memoryview(bytes(own)))
    client.grant("password", {"username": "ada", "password": own})
    with pytest.raises(ropc.RefusedError):
        client.login("ada", WRONG)
    with pytest.raises(ropc.ArgumentError):
        client.login("\udc80", WRONG)
    mine = [one for one in kept if one is own]
    copies = [one for one in kept if one is not own]
    assert len(mine) == 1 and own == PASSWORD.encode()
    assert len(copies) == 12 and all(isinstance(one, bytearray) and one and not any(one) for one in copies)


def test_a_bytearray_is_passed_as_it_is() -> None:
    own = bytearray(b"geheim")
    with _convert.Secret("password", own) as secret:
        assert secret.kept is own and secret.length == 6
        with pytest.raises(BufferError):
            own.append(0)
    own.append(0)
    with _convert.Secret("password", "gehé") as secret:
        assert bytes(secret.kept[: secret.length]) == "gehé".encode()


def test_wipe() -> None:
    own = bytearray(b"[geheim]")
    ropc.wipe(memoryview(own)[1:-1])
    assert own == b"[" + bytes(6) + b"]"
    ropc.wipe(own)
    assert own == bytes(8)
    ropc.wipe(bytearray())


def test_closed_tokens_are_freed_once(world: World) -> None:
    tokens = world.client().login("ada", PASSWORD)
    pointer = tokens._use()._as_parameter_
    assert pointer[0].access_token
    freed: list[Any] = []
    free = tokens._use()._free

    def note(what: Any) -> None:
        freed.append(what)
        free(what)

    tokens._use()._free = note
    tokens.close()
    gc.collect()
    assert len(freed) == 1


def seen_in(process: int, sought: bytes) -> int:
    """How often that stands in the memory of a process."""
    found = 0
    with open(f"/proc/{process}/maps") as maps, open(f"/proc/{process}/mem", "rb", 0) as memory:
        for line in maps:
            begin, end = (int(part, 16) for part in line.split()[0].split("-"))
            if line.split()[1].startswith("r") and "[v" not in line:
                memory.seek(begin)
                found += memory.read(end - begin).count(sought)
    return found


def test_no_copy_of_a_bytearray_password_is_left_in_the_process(world: World) -> None:
    sought = b"canary-75d09bc31"
    command = [sys.executable, str(EXITS / "scan.py"), world.site, str(world.ca)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        counted = []
        for _ in range(2):
            assert process.stdout.readline() == "ready\n"
            counted.append(seen_in(process.pid, sought))
            process.stdin.write("\n")
            process.stdin.flush()
        assert process.wait(LONG) == 0
    # Once while it is there, in the program's own bytearray.
    assert counted == [1, 0]
