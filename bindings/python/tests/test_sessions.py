"""A user who stays signed in."""

import asyncio
import os
import signal
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

import ropc
from ropc._errors import call
from ropc._library import lib
from world import LONG, PASSWORD, World


def test_hands_out_a_token_and_refreshes(world: World) -> None:
    session, before = world.session(), world.grants()["refreshed"]
    first = session.token()
    polled = session.poll()
    assert polled and polled.access_token == first.access_token and polled.expires_at == first.expires_at
    world.expire(session)
    assert session.token(valid_for=60, wait=LONG).access_token != first.access_token
    session.refresh(wait=LONG)
    assert world.grants()["refreshed"] == before + 2
    with pytest.raises(ropc.Error) as raised:
        session.token(valid_for=timedelta(hours=1))
    assert raised.value.reason is ropc.Reason.TOO_SHORT


def test_many_threads_cause_one_refresh(world: World) -> None:
    session, before, found = world.session(), world.grants()["refreshed"], set()
    world.expire(session)
    threads = [threading.Thread(target=lambda: found.add(session.token().access_token)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert len(found) == 1 and world.grants()["refreshed"] == before + 1


def test_waits_only_so_long(world: World) -> None:
    world.ask("refresh fault:delay_700")
    try:
        session = world.session()
        world.expire(session)
        assert session.poll() is None
        with pytest.raises(ropc.TimedOutError):
            session.token(wait=0.25)
        with pytest.raises(ropc.TimedOutError):
            session.token(wait=0)
        assert session.token(wait=LONG).access_token
        with pytest.raises(ropc.TimedOutError):
            session.refresh(wait=0.15)
    finally:
        world.ask("refresh")
    world.until(lambda: not session.status().refreshing, "the refresh never ended")
    assert session.token()


def test_tells_why_there_is_no_token(world: World) -> None:
    session = world.session()
    world.ask("refresh servererror")
    try:
        for _ in range(2):
            with pytest.raises(ropc.ServerError) as raised:
                session.refresh(wait=LONG)
            assert raised.value.retry_after
        info = session.status()
        assert info.last_status is ropc.Status.SERVER and info.last_reason is ropc.Reason.SERVER_FAULT
        assert info.last_message and session.token()
    finally:
        world.ask("refresh")
    session = world.session()
    world.ask("kill_refresh")
    world.expire(session)
    with pytest.raises(ropc.SignedOutError) as ended:
        session.token()
    assert ended.value.reason is ropc.Reason.REFRESH_ENDED


def test_unclear_refresh(world: World) -> None:
    session = world.session()
    world.ask("lose 1")
    world.expire(session)
    with pytest.raises(ropc.UnclearError):
        session.token()
    assert session.status().state is ropc.SessionState.UNCLEAR
    with pytest.raises(ropc.UnclearError):
        session.refresh(wait=LONG)
    # Sent once more: this server takes that for theft, and says so.
    with pytest.raises(ropc.SignedOutError):
        session.refresh(force=True, wait=LONG)


def test_restart_with_a_file(world: World, tmp_path: Path) -> None:
    path = tmp_path / "login"
    with ropc.FileStore(path) as store, world.session(store) as session:
        token = session.token().access_token
    assert path.stat().st_mode & 0o777 == 0o600
    client, store = world.client(), ropc.FileStore(str(path))
    again = ropc.Session.resume(client, store, "ada")
    assert again.token().access_token == token
    world.expire(again)
    newer = again.token().access_token
    assert ropc.Session.resume(client, store, "ada").token().access_token == newer
    again.sign_out()
    with pytest.raises(ropc.SignedOutError) as raised:
        ropc.Session.resume(client, store, "ada")
    assert raised.value.reason is ropc.Reason.NOTHING_STORED


def test_restart_with_the_program_s_store_by_pull(world: World) -> None:
    client, store = world.client(), ropc.HostStore()
    session = ropc.Session.login(client, "ada", PASSWORD, store, "me")
    with pytest.raises(ropc.SaveFirst):
        session.token()
    with pytest.raises(ropc.StateError):
        session.saved()
    record = session.pending()
    session.saved(False)
    with pytest.raises(ropc.SaveFirst):
        session.call("GET", world.echo)
    info = session.status()
    assert info.state is ropc.SessionState.SAVE_FIRST and info.last_reason is ropc.Reason.SAVE_FAILED
    saved: list[Optional[str]] = []
    assert session.save_pending(lambda user_key, text: saved.extend((user_key, text)))
    assert saved == ["me", record] and not session.save_pending(lambda user_key, text: None)
    token = session.token().access_token

    store = ropc.HostStore()
    assert record
    store.give("me", record)
    again = ropc.Session.resume(client, store, "me")
    assert again.token().access_token == token
    with pytest.raises(ropc.SaveFirst):
        again.refresh(wait=LONG)
    assert again.pending() not in (None, record)
    again.saved()
    assert again.token().access_token != token


def test_restart_with_the_program_s_store_by_a_save(world: World) -> None:
    kept: dict[str, Optional[str]] = {}
    client, store = world.client(), ropc.HostStore(kept.__setitem__)
    session = ropc.Session.login(client, "ada", PASSWORD, store)
    first = kept["ada"]
    assert first and session.call("GET", world.echo).status == 200
    session.refresh(wait=LONG)
    second = kept["ada"]
    assert second != first
    world.expire(session)
    assert session.token() and kept["ada"] != second
    assert kept["ada"]
    store.give("ada", kept["ada"])
    assert ropc.Session.resume(client, store, "ada").token().access_token == session.token().access_token
    session.sign_out()
    assert kept == {"ada": None}


def test_a_save_that_fails_loses_nothing(world: World) -> None:
    kept: list[Optional[str]] = []
    broken = True

    def save(user_key: str, record: Optional[str]) -> None:
        if broken:
            raise OSError("the keychain is locked")
        kept.append(record)

    session = world.session(ropc.HostStore(save))
    with pytest.raises(OSError, match="locked"):
        session.token()
    assert session.status().last_reason is ropc.Reason.SAVE_FAILED
    broken = False
    assert session.token() and len(kept) == 1


def test_a_save_cannot_use_its_session(world: World) -> None:
    found: list[BaseException] = []

    def save(user_key: str, record: Optional[str]) -> None:
        for use in (session.token, session.sign_out):
            try:
                use()
            except ropc.StateError as error:
                found.append(error)

    session = ropc.Session.login(world.client(), "ada", PASSWORD, ropc.HostStore())
    session._save = save
    assert session.token() and len(found) == 2


def test_close_saves_what_is_new(world: World) -> None:
    kept: list[Optional[str]] = []
    session = world.session(ropc.HostStore(lambda user_key, record: kept.append(record)))
    world.expire(session)
    # Begun beside the program, as before a token ends.
    assert call(lib.session_refresh, session._use(), 0, 0) is ropc.Status.PENDING
    world.until(lambda: not session.status().refreshing, "the refresh never ended")
    assert len(kept) == 1
    session.close()
    assert len(kept) == 2 and kept[1]
    session.close()


def test_api_call(world: World) -> None:
    session = world.session()
    with session.call("PUT", world.echo + "?x=1", {"X-Trace": "17"}, b"a\0b") as response:
        echoed = response.json()
        assert response.status == 200 and (echoed["method"], echoed["target"]) == ("PUT", "/api/echo?x=1")
        assert echoed["user"] == "ada" and echoed["body"] == "a\0b" and ["x-trace", "17"] in echoed["headers"]
        assert response.content_type == response.header("content-TYPE") == "application/json; charset=utf-8"
        assert response.header("X-None") is None
    world.ask("expire_access")
    assert session.call("GET", world.echo, [("Accept", "*/*")]).status == 200
    assert session.call("POST", world.echo, body=bytearray(b"x")).json()["body"] == "x"
    assert session.call("POST", world.echo, body=memoryview(b"")).json()["body"] == ""
    assert session.call("GET", world.site + "/api/always401").status == 401
    with pytest.raises(ropc.ArgumentError) as raised:
        session.call("GET", "https://api.example/")
    assert raised.value.reason is ropc.Reason.ORIGIN_NOT_ALLOWED


def test_sign_out_ends_the_token_at_the_server(world: World) -> None:
    session, before = world.session(), world.grants()
    token = session.token().access_token
    assert world.api_takes(token)
    session.sign_out()
    assert not world.api_takes(token)
    after = world.grants()
    assert (after["revoked"], after["invalidated"]) == (before["revoked"] + 1, before["invalidated"] + 1)
    with pytest.raises(ropc.SignedOutError):
        session.token()
    assert session.status().state is ropc.SessionState.SIGNED_OUT
    session.sign_out()


def test_sign_out_that_the_server_does_not_hear(world: World) -> None:
    kept: dict[str, Optional[str]] = {}
    options = ropc.Options.loginradius(world.site, "demo", "demo-client").set_ca_pem(world.ca.read_bytes())
    session = ropc.Session.login(ropc.Client(options), "ada", PASSWORD, ropc.HostStore(kept.__setitem__))
    assert kept["ada"]
    with pytest.raises(ropc.NotRevokedError):
        session.sign_out()  # Without an API key the access token lives on.
    assert kept == {"ada": None}


def ctrl_c(session: ropc.Session) -> None:
    session.sign_out()


def cancelled_task(session: ropc.Session) -> None:
    async def main() -> None:
        task = asyncio.ensure_future(session.sign_out_async())
        while session.status().state is not ropc.SessionState.SIGNED_OUT:
            await asyncio.sleep(0.001)
        task.cancel()
        await task

    asyncio.run(main())


def taken_request(session: ropc.Session) -> None:
    request = session.request_sign_out().start()
    while session.status().state is not ropc.SessionState.SIGNED_OUT:
        assert request.poll() is ropc.Status.PENDING
    request.cancel()
    request.result()


@pytest.mark.parametrize("sign_out", [ctrl_c, cancelled_task, taken_request])
def test_sign_out_that_is_cancelled_is_forgotten_all_the_same(
    world: World, sign_out: Callable[[ropc.Session], None]
) -> None:
    kept: list[Optional[str]] = []
    session = world.session(ropc.HostStore(lambda user_key, record: kept.append(record)))

    def interrupt() -> None:
        signed_out = ropc.SessionState.SIGNED_OUT
        world.until(lambda: session.status().state is signed_out, "the sign-out never began")
        os.kill(os.getpid(), signal.SIGINT)

    os.kill(world.standin.process.pid, signal.SIGSTOP)
    try:
        if sign_out is ctrl_c:
            threading.Thread(target=interrupt).start()
        with pytest.raises((KeyboardInterrupt, asyncio.CancelledError, ropc.NotRevokedError)):
            sign_out(session)
    finally:
        os.kill(world.standin.process.pid, signal.SIGCONT)
    assert len(kept) == 2 and kept[1] is None
    assert session.status().state is ropc.SessionState.SIGNED_OUT


def test_sign_out_is_not_overtaken_by_a_save(world: World) -> None:
    begun, go_on, kept = threading.Event(), threading.Event(), {}

    def save(user_key: str, record: Optional[str]) -> None:
        if record is not None:
            begun.set()
            assert go_on.wait(LONG)
        kept[user_key] = record

    session = ropc.Session.login(world.client(), "ada", PASSWORD, ropc.HostStore())
    session._save, before = save, world.grants()["invalidated"]
    saving = threading.Thread(target=session.save_pending, args=(save,))
    saving.start()
    assert begun.wait(LONG)
    leaving = threading.Thread(target=session.sign_out)
    leaving.start()
    world.until(lambda: world.grants()["invalidated"] > before, "the server was never told")
    leaving.join(0.2)  # It is to wait for the save.
    go_on.set()
    for thread in (saving, leaving):
        thread.join(LONG)
    assert kept == {"ada": None}


@pytest.mark.parametrize("wait", [lambda session: session.refresh(), lambda s: asyncio.run(s.refresh_async())])
def test_refresh_begins_one(world: World, wait: Callable[[ropc.Session], None], monkeypatch: Any) -> None:
    session, before, status = world.session(), world.grants()["refreshed"], ropc.Session.status

    def late(self: ropc.Session) -> ropc.SessionInfo:
        """What was so when it was asked, and is over when it is told."""
        info = status(self)
        world.until(lambda: not status(self).refreshing, "the refresh never ended")
        return info

    monkeypatch.setattr(ropc.Session, "status", late)
    wait(session)
    assert world.grants()["refreshed"] == before + 1


def test_cancel_of_the_client_ends_a_wait(world: World) -> None:
    client, found = world.client(), []
    session = ropc.Session.login(client, "ada", PASSWORD)
    world.ask("refresh fault:delay_2000")
    try:
        world.expire(session)
        for wait in (lambda: session.token(wait=LONG), lambda: session.refresh(wait=LONG)):
            world.sent()

            def waiting() -> None:
                try:
                    wait()
                except ropc.Error as error:
                    found.append(type(error))

            thread = threading.Thread(target=waiting)
            thread.start()
            if not found:
                world.arrived()
            while thread.is_alive():
                client.cancel()
                thread.join(0.01)
    finally:
        world.ask("refresh")
    assert found == [ropc.CancelledError] * 2


def test_session_from_tokens(world: World, tmp_path: Path) -> None:
    client, store = world.client(), ropc.FileStore(tmp_path / "login")
    tokens = client.login("ada", PASSWORD)
    session = ropc.Session.new(client, tokens, store, "me")
    assert session.token().access_token == tokens.access_token
    assert session.status().user_key == "me" and session.status().scope == "openid"
    other = ropc.Client(world.options().set_scope("openid").set_user_agent("other"))
    assert ropc.Session.resume(other, store, "me").token().access_token == tokens.access_token
