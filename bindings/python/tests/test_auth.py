"""The session's token in requests and httpx."""

import asyncio
import io
import ssl
from collections.abc import AsyncIterator
from typing import Any, Callable

import httpx
import pytest
import requests

import ropc
import ropc.httpx
import ropc.requests
from world import World, header

# How one of the packages asks: method, URL and what else; status and body.
Ask = Callable[..., tuple[int, dict[str, Any]]]


def with_requests(world: World, session: ropc.Session, origins: list[str]) -> Ask:
    api = requests.Session()
    api.trust_env = False  # A CA bundle of whoever runs this would win.
    api.verify, api.auth = str(world.ca), ropc.requests.SessionAuth(session, origins)

    def ask(method: str, url: str, **more: Any) -> tuple[int, dict[str, Any]]:
        answer = api.request(method, url, **more)
        return answer.status_code, answer.json() if answer.ok and answer.content else {}

    return ask


def with_httpx(world: World, session: ropc.Session, origins: list[str]) -> Ask:
    auth, trust = ropc.httpx.SessionAuth(session, origins), ssl.create_default_context(cafile=str(world.ca))
    api = httpx.Client(auth=auth, verify=trust, follow_redirects=True)

    def ask(method: str, url: str, data: Any = None) -> tuple[int, dict[str, Any]]:
        answer = api.request(method, url, content=data)
        return answer.status_code, answer.json() if answer.is_success and answer.content else {}

    return ask


def with_async_httpx(world: World, session: ropc.Session, origins: list[str]) -> Ask:
    auth, trust = ropc.httpx.SessionAuth(session, origins), ssl.create_default_context(cafile=str(world.ca))

    async def work(method: str, url: str, data: Any) -> httpx.Response:
        async with httpx.AsyncClient(auth=auth, verify=trust, follow_redirects=True) as api:
            stream = isinstance(data, io.BytesIO)
            length = {"Content-Length": str(len(data.getvalue()))} if stream else {}
            return await api.request(method, url, content=parts_of(data) if stream else data, headers=length)

    async def parts_of(data: io.BytesIO) -> AsyncIterator[bytes]:
        yield data.read()

    def ask(method: str, url: str, data: Any = None) -> tuple[int, dict[str, Any]]:
        answer = asyncio.run(work(method, url, data))
        return answer.status_code, answer.json() if answer.is_success and answer.content else {}

    return ask


packages = pytest.mark.parametrize("package", [with_requests, with_httpx, with_async_httpx])
Package = Callable[[World, ropc.Session, list[str]], Ask]


@packages
def test_sends_a_token_that_is_good(world: World, package: Package) -> None:
    session = world.session()
    ask, before = package(world, session, [world.site]), world.grants()["refreshed"]
    status, echoed = ask("GET", world.echo)
    assert (status, echoed["user"]) == (200, "ada")
    world.expire(session)
    assert ask("POST", world.echo, data=b"x")[0] == 200
    assert world.grants()["refreshed"] == before + 1


@packages
def test_repeats_once_what_may_be_repeated(world: World, package: Package) -> None:
    session = world.session()
    ask = package(world, session, [world.site])
    for method, data in (("GET", None), ("PUT", b"body"), ("DELETE", None)):
        world.ask("expire_access")
        world.sent()
        status, echoed = ask(method, world.echo, data=data)
        assert (status, echoed.get("body", "")) == (200, (data or b"").decode()), method
        assert [one["method"] for one in world.sent()] == [method, "POST", method]


@packages
def test_does_not_repeat_what_may_not(world: World, package: Package) -> None:
    session = world.session()
    ask = package(world, session, [world.site])
    for method, data in (("POST", b"x"), ("PUT", io.BytesIO(b"in parts"))):
        world.ask("expire_access")
        assert ask(method, world.echo, data=data)[0] == 401, method
        # But the next one has a new token.
        assert ask("POST", world.echo, data=b"x")[0] == 200, method


@packages
def test_api_that_refuses_every_token_brings_about_one_refresh_per_call(world: World, package: Package) -> None:
    session, before = world.session(), world.grants()["refreshed"]
    ask = package(world, session, [world.site])
    for number in range(5):
        assert ask("GET", world.site + f"/api/always401?{number}")[0] == 401
    assert world.grants()["refreshed"] == before + 5
    assert session.token() and world.grants()["refreshed"] == before + 5, "the second token was thrown away"


@packages
def test_does_not_repeat_a_post_that_was_redirected(world: World, package: Package) -> None:
    session = world.session()
    ask = package(world, session, [world.site])
    world.sent()
    assert ask("POST", world.site + "/api/redirect?to=/api/always401", data=b"an order")[0] == 401
    sent = [(one["method"], one["target"]) for one in world.sent()]
    assert sent[0][0] == "POST" and [method for method, target in sent if "redirect" in target] == ["POST"]
    assert ("GET", "/api/always401") in sent


@packages
def test_token_goes_to_no_other_origin(world: World, package: Package) -> None:
    session = world.session()
    ask = package(world, session, [world.site])
    plain = world.site.replace("https", "http") + "/"
    for url in (world.http + "/api/echo", "https://api.example/", plain, "nonsense"):
        world.sent()
        with pytest.raises(Exception) as raised:
            ask("GET", url)
        assert isinstance(raised.value, ropc.ArgumentError) or url == "nonsense", url
        assert getattr(raised.value, "reason", None) is ropc.Reason.ORIGIN_NOT_ALLOWED or url == "nonsense"
        assert world.sent() == []


@packages
def test_token_does_not_follow_to_another_origin(world: World, package: Package) -> None:
    session, before = world.session(), world.grants()["refreshed"]
    ask = package(world, session, [world.site])
    # One that stays keeps it; the one that leaves does not, and its 401 ends no token.
    assert ask("GET", world.site + "/api/redirect?to=/api/echo")[0] == 200
    world.sent()
    assert ask("GET", world.site + f"/api/redirect?to={world.http}/api/echo")[0] == 401
    sent = world.sent()
    assert [header(one, "authorization") is not None for one in sent] == [True, False]
    assert world.grants()["refreshed"] == before


@packages
def test_plain_http_to_this_machine(world: World, package: Package) -> None:
    session = world.session()
    assert package(world, session, [world.http + "/"])("GET", world.http + "/api/echo")[0] == 200


@packages
def test_plain_http_does_not_show_the_token_to_a_proxy(
    world: World, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.session()
    monkeypatch.setenv("no_proxy", "localhost")
    monkeypatch.setenv("http_proxy", world.http)
    with pytest.raises(ropc.ArgumentError) as raised:
        package(world, session, [world.http])("GET", world.http + "/api/echo")
    assert raised.value.reason is ropc.Reason.PLAIN_HTTP
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert package(world, session, [world.http])("GET", world.http + "/api/echo")[0] == 200


@packages
def test_refuses_origins_that_are_none(world: World, package: Package) -> None:
    session = world.session()
    plain = ["http://api.example", "http://10.0.0.1", "ftp://localhost", "https://ä.de"]
    broken = ["https://a/b", "https://u@a", "https://", "a", "", "https://a:b", "https://[::1"]
    for origin in [*plain, *broken, "https://a?b", "https://a#b"]:
        with pytest.raises(ropc.ArgumentError):
            package(world, session, [origin])
    with pytest.raises(TypeError):
        package(world, session, world.site)  # type: ignore[arg-type]
    for origin in ("https://API.example:8443/", "http://127.0.0.2:80", "http://[::1]", "http://localhost:1"):
        package(world, session, [origin])


@packages
def test_raises_what_the_session_does(world: World, package: Package) -> None:
    session = world.session()
    ask = package(world, session, [world.site])
    session.sign_out()
    with pytest.raises(ropc.SignedOutError):
        ask("GET", world.echo)
    session.close()
    with pytest.raises(ropc.StateError):
        ask("GET", world.echo)


def test_loop_ticks_while_the_token_of_a_request_is_refreshed(world: World) -> None:
    world.ask("refresh fault:delay_500")

    async def main() -> int:
        trust = ssl.create_default_context(cafile=str(world.ca))
        auth = ropc.httpx.SessionAuth(session, [world.site])
        async with httpx.AsyncClient(auth=auth, verify=trust) as api:
            task, ticks = asyncio.ensure_future(api.get(world.echo)), 0
            while not task.done():
                await asyncio.sleep(0.001)
                ticks += 1
            assert (await task).status_code == 200
        return ticks

    try:
        session = world.session()
        world.expire(session)
        assert asyncio.run(main()) > 20
    finally:
        world.ask("refresh")


def test_token_is_not_shown(world: World) -> None:
    session = world.session()
    token = session.token().access_token
    for auth in (ropc.requests.SessionAuth(session, [world.site]), ropc.httpx.SessionAuth(session, [world.site])):
        assert token not in repr(auth) and token not in str(vars(auth))
