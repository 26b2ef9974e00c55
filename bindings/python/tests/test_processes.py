"""Forked and spawned workers."""

import concurrent.futures
import multiprocessing
import os
import threading
from pathlib import Path
from typing import Any, Callable, Optional

import pytest

import ropc
from world import LONG, PASSWORD, World

METHODS = [one for one in ("fork", "spawn", "forkserver") if one in multiprocessing.get_all_start_methods()]


def forked(work: Callable[[], Any]) -> Any:
    """What `work` gives in the child of a fork; an exception of it comes out here."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()

    def child() -> None:
        try:
            theirs.send((True, work()))
        except BaseException as error:
            theirs.send((False, error))

    process = context.Process(target=child)
    process.start()
    assert ours.poll(LONG), "the child hangs"
    fine, result = ours.recv()
    process.join(LONG)
    assert process.exitcode == 0, process.exitcode
    if not fine:
        raise result
    return result


def test_forked_child_goes_on_with_the_client(world: World) -> None:
    client = world.client()
    client.login("ada", PASSWORD)
    assert forked(lambda: client.login("ada", PASSWORD).token_type) == "Bearer"
    with pytest.raises(ropc.RefusedError) as raised:
        forked(lambda: client.login("locked", PASSWORD))
    assert raised.value.reason is ropc.Reason.LOCKED and raised.value.locked_until
    assert client.login("ada", PASSWORD).token_type == "Bearer"


def test_requests_stay_with_the_parent(world: World) -> None:
    request = world.hanging(world.client())

    def child() -> list[Any]:
        found: list[Any] = [request.poll(), request.wait(LONG), request.wait()]
        for what in (request.result, request.start):
            try:
                what()
            except ropc.StateError as error:
                found.append(error.reason)
        request.close()
        return found

    state, reason = ropc.Status.STATE, ropc.Reason.STATE
    assert forked(child) == [state, state, state, reason, reason]
    assert request.poll() is ropc.Status.PENDING


def test_session_hands_out_what_is_good_and_refreshes_with_a_file(world: World, tmp_path: Path) -> None:
    plain, filed = world.session(), world.session(ropc.FileStore(tmp_path / "login"))
    tokens = [session.token().access_token for session in (plain, filed)]
    assert forked(lambda: [session.token().access_token for session in (plain, filed)]) == tokens
    world.ask("expire_access")
    for session, token in zip((plain, filed), tokens):
        session.expire(token)
    with pytest.raises(ropc.StateError):
        forked(plain.token)
    newer = forked(filed.token)
    assert newer.access_token != tokens[1] and filed.token().access_token == newer.access_token


def test_fork_while_other_threads_are_at_it(world: World) -> None:
    client, begun, go_on = world.client(), threading.Event(), threading.Event()

    def save(user_key: str, record: Optional[str]) -> None:
        begun.set()
        assert go_on.wait(LONG)

    session = ropc.Session.login(client, "ada", PASSWORD, ropc.HostStore())
    assert session.save_pending(lambda *_: None)
    session._save = save
    refreshing = threading.Thread(target=lambda: session.refresh(wait=LONG))
    hanging = threading.Thread(target=lambda: pytest.raises(ropc.CancelledError, client.login, "fault:never", PASSWORD))
    refreshing.start()
    hanging.start()
    assert begun.wait(LONG)

    def child() -> Any:
        client.login("ada", PASSWORD)
        # What the parent was about to save is the parent's.
        assert not session.save_pending(lambda *_: None)
        session.token()

    with pytest.raises(ropc.StateError):
        forked(child)
    go_on.set()
    refreshing.join(LONG)
    while hanging.is_alive():
        client.cancel()
        hanging.join(0.01)


def test_plain_fork_ends_clean(world: World) -> None:
    client, session = world.client(), world.session()
    request = world.hanging(client)
    for _ in range(5):
        child = os.fork()
        if child == 0:
            code = 1
            try:
                client.login("ada", PASSWORD)
                session.token()
                request.close()
                session.close()
                client.close()
                code = 0 if ropc.shutdown(LONG) == 0 else 2
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
    assert request.poll() is ropc.Status.PENDING


def sign_in(site: str, ca: str, user: str) -> tuple[int, str]:
    """A job for a worker of any kind, which makes its own client."""
    options = ropc.Options.loginradius(site, "demo", "demo-client").set_ca_pem(Path(ca).read_bytes())
    with ropc.Client(options) as client, client.login(user, PASSWORD) as tokens:
        return os.getpid(), tokens.token_type


@pytest.mark.parametrize("method", METHODS)
def test_workers_of_every_start_method(world: World, method: str) -> None:
    world.client().login("ada", PASSWORD)
    context = multiprocessing.get_context(method)
    here: tuple[str, str] = (world.site, str(world.ca))
    with concurrent.futures.ProcessPoolExecutor(2, context) as pool:
        jobs = [pool.submit(sign_in, *here, "ada") for _ in range(4)]
        assert {job.result(LONG)[1] for job in jobs} == {"Bearer"}
        assert os.getpid() not in {job.result()[0] for job in jobs}
        refused = pool.submit(sign_in, *here, "mfa").exception(LONG)
        assert isinstance(refused, ropc.RefusedError) and refused.reason is ropc.Reason.SECOND_FACTOR
        with pytest.raises(TypeError, match="stays in its process"):
            pool.submit(ropc.Client.login, world.client(), "ada", PASSWORD).result(LONG)
    with context.Pool(2) as workers:
        jobs_there = workers.starmap(sign_in, [(*here, "ada")] * 4)
        assert {kind for _, kind in jobs_there} == {"Bearer"}


@pytest.mark.parametrize("method", METHODS)
def test_process_ends_with_everything_alive(world: World, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    process = context.Process(target=leave_all, args=(world.site, str(world.ca)))
    process.start()
    process.join(LONG)
    assert process.exitcode == 0


kept: dict[str, Any] = {}


def leave_all(site: str, ca: str) -> None:
    """Ends its process with a session and a request under way."""
    options = ropc.Options.loginradius(site, "demo", "demo-client").set_ca_pem(Path(ca).read_bytes())
    client = ropc.Client(options)
    kept["session"] = ropc.Session.login(client, "ada", PASSWORD)
    kept["request"] = client.request_login("fault:never", PASSWORD).start()
