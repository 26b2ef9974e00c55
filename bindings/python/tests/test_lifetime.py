"""Handles go in every order, while others use them, and leave nothing."""

import contextlib
import gc
import itertools
import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

import ropc
from ropc._library import Owned
from world import LONG, PASSWORD, World


class Ledger:
    """What was made and what was freed, by the name of the function that frees it."""

    def __init__(self) -> None:
        self.made: Counter[str] = Counter()
        self.freed: Counter[str] = Counter()

    def even(self) -> bool:
        gc.collect()
        return self.made == self.freed


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ledger]:
    gc.collect()
    book, make = Ledger(), Owned.__init__

    def counted(self: Owned, pointer: Any, free: Any) -> None:
        name = free.__name__
        book.made[name] += 1

        def once(what: Any) -> None:
            book.freed[name] += 1
            free(what)

        make(self, pointer, once)

    monkeypatch.setattr(Owned, "__init__", counted)
    yield book


def five(world: World, client: ropc.Client, tokens: ropc.Tokens) -> dict[str, Any]:
    """One of each that depends on another."""
    options, store = world.options(), ropc.HostStore()
    mine = ropc.Client(options)
    session = ropc.Session.new(mine, tokens, store, "ada")
    request = session.request_call("GET", world.echo)
    return {"options": options, "client": mine, "store": store, "session": session, "request": request}


def test_every_order_of_closing_and_of_collecting(world: World, ledger: Ledger) -> None:
    client = world.client()
    tokens = client.login("ada", PASSWORD)
    for order in itertools.permutations(["options", "client", "store", "session", "request"]):
        closed, dropped = five(world, client, tokens), five(world, client, tokens)
        for name in order:
            closed[name].close()
            del dropped[name]
            gc.collect(0)
    cycle: list[Any] = [five(world, client, tokens) for _ in range(20)]
    cycle.append(cycle)
    del cycle, closed, dropped
    client.close()
    tokens.close()
    del client, tokens
    assert ledger.even(), (ledger.made, ledger.freed)
    assert ledger.made["ropc_session_free"] == 260


def test_results_and_errors_are_freed(world: World, ledger: Ledger) -> None:
    session, client = world.session(), world.client()
    for user in ("ada", "locked"):
        try:
            client.login(user, PASSWORD).claims()
        except ropc.Error as error:
            assert error.provider_code
    session.token()
    session.status()
    session.call("GET", world.echo)
    request = client.request_login("ada", PASSWORD).start()
    request.wait()
    del request  # Its tokens were never taken.
    session.sign_out()
    del session, client
    assert ledger.even(), (ledger.made, ledger.freed)
    assert {"ropc_error_free", "ropc_tokens_free", "ropc_response_free", "ropc_token_free"} <= set(ledger.made)


def test_what_came_outlives_where_it_came_from(world: World) -> None:
    client = world.client()
    session = ropc.Session.login(client, "ada", PASSWORD)
    tokens, response = client.login("ada", PASSWORD), session.call("GET", world.echo)
    request = client.request_login("fault:delay_300", PASSWORD).start()
    client.close()
    assert session.call("GET", world.echo).status == 200
    session.close()
    del session, client
    gc.collect()
    assert tokens.access_token and response.json()["user"] == "ada"
    assert request.result().access_token


def close_in_use(world: World) -> None:
    """Closes everything while six threads are in it."""
    client = world.client()
    session = ropc.Session.login(client, "ada", PASSWORD)
    request = client.request_login("fault:delay_30", PASSWORD).start()
    uses: list[Callable[[], Any]] = [
        request.result, session.token, session.status, session.refresh,
        lambda: session.call("GET", world.echo), lambda: client.login("ada", PASSWORD),
    ]  # fmt: skip
    ready = threading.Barrier(len(uses) + 1)

    def use(what: Callable[[], Any]) -> None:
        ready.wait(LONG)
        with contextlib.suppress(ropc.StateError):
            for _ in range(3):
                what()

    threads = [threading.Thread(target=use, args=(one,)) for one in uses]
    for thread in threads:
        thread.start()
    ready.wait(LONG)
    for one in (request, session, client):
        one.close()
    for thread in threads:
        thread.join(LONG)
        assert not thread.is_alive(), "a thread hangs"


def test_close_while_others_are_in_it(world: World, ledger: Ledger) -> None:
    for _ in range(30):
        close_in_use(world)
    world.until(ledger.even, f"not freed: {ledger.made - ledger.freed}")


def test_setters_in_many_threads_crash_nothing(world: World) -> None:
    options = world.options()

    def set_and_make() -> None:
        for number in range(200):
            options.set_scope("openid " + "x" * (number % 50 + 1)).set_user_agent(f"agent/{number}")
            ropc.Client(options).close()

    threads = [threading.Thread(target=set_and_make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert ropc.Client(options.set_scope("openid")).login("ada", PASSWORD).scope


def test_threads_share_a_client_and_a_session(world: World) -> None:
    found: list[Any] = []
    client = world.client()
    session = ropc.Session.login(client, "ada", PASSWORD)

    def work() -> None:
        for _ in range(5):
            found.append(client.login("ada", PASSWORD).token_type)
            found.append(session.call("GET", world.echo).status)
            session.expire(session.token())

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert Counter(found) == {"Bearer": 80, 200: 80}


def test_another_thread_runs_while_one_waits(world: World) -> None:
    client = world.client()
    world.sent()
    thread = threading.Thread(target=lambda: pytest.raises(ropc.CancelledError, client.login, "fault:never", PASSWORD))
    thread.start()
    world.arrived()  # This thread asks for it: it was not kept from running.
    assert thread.is_alive()
    client.cancel()
    thread.join(LONG)
    assert not thread.is_alive()


def test_nothing_leaks(world: World) -> None:
    client = world.client()
    tokens = client.login("ada", PASSWORD)

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    def rounds(count: int) -> None:
        for _ in range(count):
            five(world, client, tokens)
            for _ in range(10):
                tokens.claims()
            with pytest.raises(ropc.ArgumentError):
                client.login("", PASSWORD)
        gc.collect()

    rounds(500)
    before = resident()
    rounds(3000)
    assert resident() - before < 4 << 20
