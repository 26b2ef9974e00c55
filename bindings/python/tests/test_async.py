"""asyncio: the loop goes on while the library works."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Callable, Optional

import pytest

import ropc
from conftest import ROOT
from harness import Standin
from world import LONG, PASSWORD, World


async def while_ticking(work: Awaitable[Any], ticks: int) -> "asyncio.Task[Any]":
    """A task that is still at it after the loop has turned so often."""
    task = asyncio.ensure_future(work)
    for _ in range(ticks):
        await asyncio.sleep(0.002)
    assert not task.done(), "it ended early"
    return task


async def until(what: Callable[[], Any]) -> None:
    end = asyncio.get_running_loop().time() + LONG
    while not what():
        assert asyncio.get_running_loop().time() < end
        await asyncio.sleep(0.002)


def test_every_call_has_a_coroutine(world: World) -> None:
    async def main() -> None:
        client = world.client()
        await client.connect_async()
        tokens = await client.login_async("ada", PASSWORD)
        assert (await client.userinfo_async(tokens.access_token))["sub"] == tokens.claims()["sub"]
        assert await client.profile_async(tokens.access_token)
        assert (await client.validate_async(tokens.access_token)).expires_at
        params = {"username": "ada", "password": PASSWORD}
        assert (await client.grant_async("password", params)).access_token
        assert tokens.refresh_token
        newer = await client.refresh_async(tokens.refresh_token)
        session = await ropc.Session.new_async(client, newer, None, "ada")
        assert (await session.token_async()).access_token == newer.access_token
        assert newer.refresh_token
        await client.revoke_async(newer.refresh_token)
        await client.invalidate_async(newer.access_token)
        plain = ropc.Options.oauth2(None, "demo-client").set_ca_pem(world.ca.read_bytes())
        found = ropc.Client(await plain.discover_async(world.site + "/service/oidc/demo"))
        tokens = await found.login_async("ada", PASSWORD)
        assert tokens.id_token and (await found.verify_id_token_async(tokens.id_token))["email"]

    asyncio.run(main())


def test_session_with_refresh_call_and_sign_out(world: World) -> None:
    async def main() -> None:
        kept: dict[str, Optional[str]] = {}
        store = ropc.HostStore(kept.__setitem__)
        session = await ropc.Session.login_async(world.client(), "ada", PASSWORD, store)
        first = (await session.token_async()).access_token
        world.expire(session)
        second = (await session.token_async(wait=LONG)).access_token
        await session.refresh_async(wait=LONG)
        third = (await session.token_async()).access_token
        assert len({first, second, third}) == 3
        world.ask("expire_access")
        assert (await session.call_async("GET", world.echo)).json()["user"] == "ada"
        await session.sign_out_async()
        assert kept == {"ada": None}
        with pytest.raises(ropc.SignedOutError):
            await session.token_async()

    asyncio.run(main())


def test_program_s_store_without_a_save(world: World) -> None:
    async def main() -> None:
        session = await ropc.Session.login_async(world.client(), "ada", PASSWORD, ropc.HostStore())
        for ask in (session.token_async, lambda: session.call_async("GET", world.echo)):
            with pytest.raises(ropc.SaveFirst):
                await ask()
        assert session.pending()
        session.saved()
        with pytest.raises(ropc.SaveFirst):
            await session.refresh_async(wait=LONG)

    asyncio.run(main())


def test_failures_are_those_of_the_call(world: World) -> None:
    with pytest.raises(ropc.RefusedError) as raised:
        asyncio.run(world.client().login_async("locked", PASSWORD))
    assert raised.value.reason is ropc.Reason.LOCKED


def test_loop_ticks_while_a_login_hangs_and_a_cancelled_task_ends_it(world: World) -> None:
    async def main() -> None:
        client = world.client()
        request = client.request_login("fault:never", PASSWORD).start()
        await until(world.sent)

        async def consume() -> ropc.Tokens:
            return await request

        task = await while_ticking(consume(), 100)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert request.wait(LONG) is ropc.Status.CANCELLED

        client = ropc.Client(alone.options().set_timeouts(total=600))
        task = await while_ticking(client.login_async("fault:never", PASSWORD), 100)
        await until(lambda: alone.ask("counts")["open"] == 1)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(task, 0.01)
        # Its request is stopped: the connection goes long before the time limit.
        await until(lambda: alone.ask("counts")["open"] == 0)

    with Standin(ROOT / "build") as standin:
        alone = World(standin)
        asyncio.run(main())


def test_loop_ticks_while_a_refresh_hangs(world: World) -> None:
    async def main() -> None:
        world.ask("refresh fault:delay_1000")
        try:
            session = world.session()
            world.expire(session)
            task = await while_ticking(session.token_async(wait=LONG), 50)
            with pytest.raises(ropc.TimedOutError):
                await session.token_async(wait=0.05)
            with pytest.raises(ropc.TimedOutError):
                await session.refresh_async(wait=0.05)
            assert (await task).access_token
        finally:
            world.ask("refresh")

    asyncio.run(main())


def test_a_forced_refresh_that_fails_is_sent_once(world: World) -> None:
    session = world.session()
    world.sent()
    world.ask("refresh servererror")
    try:
        with pytest.raises(ropc.ServerError):
            asyncio.run(session.refresh_async(force=True, wait=5))
    finally:
        world.ask("refresh")
    assert len(world.sent()) == 1


def test_many_at_once(world: World) -> None:
    async def main() -> None:
        client = world.client()
        found = await asyncio.gather(*(client.login_async("ada", PASSWORD) for _ in range(40)))
        assert len({tokens.access_token for tokens in found}) == 40

    asyncio.run(main())
