"""Arguments that are none, and things used when they cannot be."""

import copy
import pickle
from datetime import timedelta
from pathlib import Path
from typing import Any, Callable

import pytest

import ropc
from ropc._bearer import Bearer
from world import LONG, PASSWORD, World

HUGE = "x" * 10_000_000
# A text that has a NUL inside, is no UTF-8, is too long, or is empty.
BAD = ["a\0b", "\udc80", HUGE, ""]


@pytest.fixture
def client(world: World) -> ropc.Client:
    return world.client()


@pytest.mark.parametrize("bad", BAD, ids=["nul", "surrogate", "huge", "empty"])
def test_bad_texts_are_refused_before_anything_is_sent(world: World, client: ropc.Client, bad: str) -> None:
    tokens = client.login("ada", PASSWORD)
    session, store, options = world.session(), ropc.HostStore(), world.options()
    world.sent()
    calls: list[Callable[[], Any]] = [
        lambda: ropc.Options.loginradius(bad, "demo", "demo-client"),
        lambda: ropc.Options.loginradius(world.site, bad, "demo-client"),
        lambda: ropc.Options.oauth2(bad, "demo-client"),
        lambda: ropc.Options.oauth2(None, "demo-client").discover(bad),
        lambda: client.grant(bad),
        lambda: client.grant("password", {bad: "value"}),
        lambda: client.refresh(bad),
        lambda: client.revoke(bad),
        lambda: client.userinfo(bad),
        lambda: client.profile(tokens.access_token, bad),
        lambda: client.validate(bad),
        lambda: client.invalidate(bad),
        lambda: client.verify_id_token(bad),
        lambda: ropc.Session.login(client, "ada", PASSWORD, store, bad),
        lambda: ropc.Session.new(client, tokens, store, bad),
        lambda: ropc.Session.resume(client, store, bad),
        lambda: store.give(bad, "record"),
        lambda: store.give("ada", bad),
        lambda: ropc.FileStore(bad),
        lambda: session.call(bad, world.echo),
        lambda: session.call("GET", bad),
        lambda: session.call("GET", world.echo, {bad: "value"}),
        lambda: session.expire(bad),
    ]
    for number, ask in enumerate(calls):
        with pytest.raises(ropc.ArgumentError) as raised:
            ask()
        assert raised.value.reason is ropc.Reason.ARGUMENT and len(str(raised.value)) < 1000, number
    for setter in (options.set_issuer, options.set_scope, options.set_user_agent, options.add_api_origin):
        with pytest.raises(ropc.ArgumentError):
            setter(bad)
    assert tokens.extra(bad) is None if "\0" not in bad else True
    assert world.sent() == []


@pytest.mark.parametrize("bad", ["\udc80", HUGE, ""], ids=["surrogate", "huge", "empty"])
def test_bad_names_and_passwords(world: World, client: ropc.Client, bad: str) -> None:
    world.sent()
    octets = bad.encode("utf-8", "surrogatepass")
    for password in (bad, octets, bytearray(octets), memoryview(octets)):
        with pytest.raises(ropc.ArgumentError) as raised:
            client.login("ada", password)
        assert raised.value.reason is ropc.Reason.ARGUMENT and raised.value.stage is ropc.Stage.SETUP
        with pytest.raises(ropc.ArgumentError):
            ropc.Session.login(client, "ada", password)
        with pytest.raises(ropc.ArgumentError):
            client.grant("password", {"password": password})
    with pytest.raises(ropc.ArgumentError):
        client.login(bad, PASSWORD)
    assert world.sent() == []


def test_nul_inside_a_name_or_password_goes_to_the_server(world: World, client: ropc.Client) -> None:
    with pytest.raises(ropc.RefusedError):
        client.login("a\0b", b"c\0d")
    assert world.sent()[0]["body"].count("\\u0000") == 2
    with pytest.raises(ropc.ArgumentError):
        client.grant("password", {"password": b"c\0d"})
    with pytest.raises(ropc.ArgumentError):
        ropc.Session.login(client, "a\0b", PASSWORD)


@pytest.mark.parametrize("wrong", [None, 7, object(), ["ada"]])
def test_wrong_types_are_type_errors(world: World, client: ropc.Client, wrong: Any) -> None:
    session = world.session()
    calls: list[Callable[[], Any]] = [
        lambda: client.login(wrong, PASSWORD),
        lambda: client.login("ada", wrong),
        lambda: client.grant("password", {"password": wrong}),
        lambda: client.refresh(wrong),
        lambda: ropc.Options.loginradius(wrong, "demo", "demo-client"),
        lambda: world.options().set_scope(wrong),
        lambda: ropc.FileStore(wrong),
        lambda: ropc.Session.login(client, "ada", wrong),
        lambda: ropc.wipe(wrong),
        lambda: session.call("GET", world.echo, wrong or ["ab"]),
        lambda: world.options().set_ca_pem(wrong),
        lambda: world.options().set_client_cert_pem(world.site, wrong, b"key"),
        lambda: ropc.HostStore(wrong or "save"),  # type: ignore[arg-type]
        lambda: ropc.advice("x"),  # type: ignore[arg-type]
    ]
    for ask in calls:
        with pytest.raises(TypeError):
            ask()
    with pytest.raises(TypeError):
        session.call("POST", world.echo, body="text")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        ropc.wipe(b"cannot be changed")  # type: ignore[arg-type]


def test_things_of_another_kind_are_type_errors(world: World, client: ropc.Client) -> None:
    tokens, store, session, options = client.login("ada", PASSWORD), ropc.HostStore(), world.session(), world.options()
    things: list[Any] = [client, tokens, store, session, options, client.request_connect()]
    things += [session.call("GET", world.echo), None, 7, "client", object()]
    new, login, resume = ropc.Session.new, ropc.Session.login, ropc.Session.resume
    calls: list[tuple[str, type, Callable[[Any], Any]]] = [
        ("options", ropc.Options, ropc.Client),
        ("client", ropc.Client, lambda one: resume(one, store, "ada")),
        ("client", ropc.Client, lambda one: login(one, "ada", PASSWORD)),
        ("client", ropc.Client, lambda one: new(one, tokens, None, "ada")),
        ("tokens", ropc.Tokens, lambda one: new(client, one, None, "ada")),
        ("store", ropc.Store, lambda one: resume(client, one, "ada")),
        ("store", ropc.Store, lambda one: login(client, "ada", PASSWORD, one)),
        ("store", ropc.Store, lambda one: new(client, tokens, one, "ada")),
        ("session", ropc.Session, lambda one: Bearer(one, [world.site])),
    ]
    world.sent()
    for number, (name, kind, ask) in enumerate(calls):
        for one in things:
            if isinstance(one, kind) or (one is None and number in (6, 7)):
                continue
            with pytest.raises(TypeError, match=f"^{name} must be a ropc.{kind.__name__}, not {type(one).__name__}$"):
                ask(one)
    assert world.sent() == []


def test_numbers_beyond_their_types(world: World) -> None:
    options, session = world.options(), world.session()
    calls: list[Callable[[], Any]] = [
        lambda: ropc.set_workers(2**32 + 8),
        lambda: ropc.set_workers(10**5000),
        lambda: ropc.set_workers(0),
        lambda: ropc.set_workers(65),
        lambda: ropc.shutdown(-1),
        lambda: session.token(valid_for=2**40),
        lambda: session.token(wait=float("nan")),
        lambda: session.token(wait=float("inf")),
        lambda: session.refresh(wait=timedelta(days=-1)),
        lambda: world.options().set_limit(ropc.Limit.ANSWER_BYTES, -1),
        lambda: world.options().set_limit(ropc.Limit.ANSWER_BYTES, 2**64 + 2048),
        lambda: world.options().set_limit(ropc.Limit(2**32 + 1), 2048),
        lambda: world.options().set_app_kind(ropc.AppKind(2**32)),
        lambda: world.options().set_timeouts(connect=2**33 / 1000 + 5),
    ]
    for ask in calls:
        with pytest.raises(ropc.ArgumentError):
            ask()
    ropc.set_workers(8)
    options.set_timeouts(0.0001, timedelta(minutes=10))  # Part of a millisecond is one.


def test_a_refused_setting_names_its_setter(world: World) -> None:
    options = world.options()
    with pytest.raises(ropc.ArgumentError, match="timeouts"):
        options.set_timeouts(total=700)
    with pytest.raises(ropc.ArgumentError, match="timeouts"):
        ropc.Client(options)
    plain = ropc.Options.oauth2("https://example.com/token", "client")
    with pytest.raises(ropc.UnsupportedError):
        plain.set_app_kind(ropc.AppKind.OIDC)
    with pytest.raises(ropc.UnsupportedError):
        world.options().set_proxy("socks5://localhost:1")
    with pytest.raises(ropc.UnsupportedError):
        world.options().discover(world.site)
    with pytest.raises(ropc.ArgumentError, match="pin"):
        ropc.Client(world.options().add_pin("https://elsewhere.example", "0" * 64))


def test_every_setter_takes_what_it_should(world: World) -> None:
    options = (
        ropc.Options.loginradius(world.site, "demo", "secret-client")
        .set_app_kind(ropc.AppKind.OIDC)
        .set_ca_pem(world.ca.read_text())
        .set_api_key("standin-api-key")
        .set_endpoint(ropc.Endpoint.REVOKE, world.site + "/revoke")
        .set_issuer(world.site + "/service/oidc/demo")
        .set_secret(bytearray(b"s:e c%r+t/&"), ropc.SecretMethod.POST)
        .set_encoding(ropc.Encoding.FORM)
        .set_scope("openid profile")
        .add_param("audience", "https://api.example")
        .set_response_type(None)
        .set_timeouts(timedelta(seconds=5), 20)
        .add_pin(world.site, world.standin.ports["spki_sha256"]["leaf"])
        .set_client_cert_pem(world.site, world.standin.cert.read_bytes(), world.standin.key.read_bytes())
        .set_proxy("")
        .set_user_agent("tests/1")
        .add_api_origin("https://api.example")
        .add_ended_error("invalid_request")
        .set_limit(ropc.Limit.IDLE_CONNECTIONS, 2)
        .set_log(ropc.LogLevel.ERROR)
    )
    assert ropc.Client(options).login("ada", PASSWORD).scope
    sent = world.sent()[0]
    assert "scope=openid+profile" in sent["body"] and "client_secret=s%3Ae" in sent["body"]
    assert ["User-Agent", "tests/1"] in [[name.title(), value] for name, value in sent["headers"]]
    with pytest.raises(ropc.TlsError):
        ropc.Client(ropc.Options.loginradius(world.site, "demo", "c").set_trust(ropc.Trust.BUNDLED)).connect()


def test_closed_things_say_so(world: World, tmp_path: Path) -> None:
    client, options = world.client(), world.options()
    tokens, store, session = client.login("ada", PASSWORD), ropc.FileStore(tmp_path / "login"), world.session()
    request, response = client.request_login("ada", PASSWORD), session.call("GET", world.echo)
    everything = [client, options, tokens, store, session, request, response]
    for one in everything:
        assert not one.closed
        one.close()
        one.close()
        assert one.closed and "closed" in repr(one)
    fresh = world.client()
    calls: list[Callable[[], Any]] = [
        lambda: client.login("ada", PASSWORD),
        lambda: client.cancel(),
        lambda: client.proxy,
        lambda: client.pull_log(),
        lambda: ropc.Session.login(client, "ada", PASSWORD),
        lambda: ropc.Session.login(fresh, "ada", PASSWORD, store),
        lambda: ropc.Session.resume(fresh, store, "ada"),
        lambda: ropc.Session.new(fresh, tokens, None, "ada"),
        lambda: ropc.Client(options),
        lambda: options.set_scope("openid"),
        lambda: tokens.access_token,
        lambda: tokens.claims(),
        lambda: tokens.extra("x"),
        lambda: session.token(),
        lambda: session.poll(),
        lambda: session.status(),
        lambda: session.call("GET", world.echo),
        lambda: session.sign_out(),
        lambda: session.pending(),
        lambda: session.expire("x"),
        lambda: session.refresh(),
        lambda: request.start(),
        lambda: request.poll(),
        lambda: request.wait(0),
        lambda: request.result(),
        lambda: request.cancel(),
        lambda: response.body,
        lambda: response.header("x"),
    ]
    for ask in calls:
        with pytest.raises(ropc.StateError, match="closed"):
            ask()
    with pytest.raises(ropc.StateError):
        with store:
            ropc.Session.resume(fresh, store, "ada")


def test_wrong_order(world: World, client: ropc.Client) -> None:
    request = client.request_login("ada", PASSWORD)
    with pytest.raises(ropc.StateError):
        request.result()
    request.start()
    with pytest.raises(ropc.StateError):
        request.start()
    assert request.wait(LONG) is ropc.Status.OK
    store = ropc.HostStore()
    with pytest.raises(ropc.SignedOutError):
        ropc.Session.resume(client, store, "ada")
    with pytest.raises(ropc.StoreError):
        store.give("ada", "no record")
        ropc.Session.resume(client, store, "ada")


def test_handles_stay_in_their_process(world: World, client: ropc.Client) -> None:
    handles = [client, world.options(), ropc.HostStore(), world.session(), client.request_connect()]
    for one in [*handles, client.login("ada", PASSWORD)]:
        with pytest.raises(TypeError, match="stays in its process"):
            pickle.dumps(one)
        with pytest.raises(TypeError, match="stays in its process"):
            copy.copy(one)


def test_errors_can_travel(client: ropc.Client) -> None:
    with pytest.raises(ropc.RefusedError) as raised:
        client.login("locked", PASSWORD)
    there = pickle.loads(pickle.dumps(raised.value))
    assert type(there) is ropc.RefusedError and str(there) == str(raised.value)
    assert (there.reason, there.locked_until) == (raised.value.reason, raised.value.locked_until)
    assert there.extra("ErrorCode") is None and copy.copy(there).reason is ropc.Reason.LOCKED
