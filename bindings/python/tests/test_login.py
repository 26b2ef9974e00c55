"""Signing in, and what the server says to it."""

import json
import time
from datetime import datetime, timedelta, timezone

import pytest

import ropc
from ropc import _errors
from world import LONG, PASSWORD, WRONG, World


def soon(seconds: float) -> datetime:
    return datetime.now(timezone.utc) + timedelta(seconds=seconds)


def test_success(world: World) -> None:
    with world.client() as client, client.login("ada", PASSWORD) as tokens:
        assert tokens.token_type == "Bearer" and tokens.scope == "openid"
        assert tokens.access_token.count(".") == 2 and tokens.refresh_token
        assert tokens.expires_at is not None
        assert abs(tokens.expires_at - soon(900)) < timedelta(minutes=1)
        assert abs(tokens.received_at - soon(0)) < timedelta(minutes=1)
        assert tokens.server_date_at and abs(tokens.server_date_at - soon(0)) < timedelta(minutes=1)
        assert tokens.claims()["email"] == "ada@standin.test"
        assert tokens.claims(ropc.TokenKind.ACCESS)["cid"] == "demo-client"
        assert tokens.extra("no_such_member") is None


def test_unusual_successes(world: World) -> None:
    client = world.client()
    assert client.login("variant:no_expiry", PASSWORD).expires_at is None
    late = client.login("variant:expires_huge", PASSWORD).expires_at
    assert late == datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
    over = client.login("variant:expires_negative", PASSWORD)
    assert over.expires_at and over.expires_at == over.received_at
    assert _errors.moment(2**62) == datetime.max.replace(tzinfo=timezone.utc) and _errors.moment(0) is None
    with pytest.raises(ropc.UnsupportedError) as opaque:
        client.login("variant:big_token", PASSWORD).claims(ropc.TokenKind.ACCESS)
    assert opaque.value.reason is ropc.Reason.NOT_A_JWT


def test_wrong_password_with_its_reason(world: World) -> None:
    with pytest.raises(ropc.RefusedError) as raised:
        world.client().login("ada", WRONG)
    error = raised.value
    assert error.status is ropc.Status.REFUSED and error.reason is ropc.Reason.WRONG_CREDENTIALS
    assert (error.stage, error.http_status, error.provider_code) == (ropc.Stage.ANSWER, 401, 966)
    assert error.request_sent and not error.retryable
    assert error.retry_after is None and error.locked_until is None and error.oauth_error is None
    assert error.provider_message == "The username or password is incorrect"
    assert error.advice and error.advice in str(error) and str(error) == error.message


def test_locked_until(world: World) -> None:
    with pytest.raises(ropc.RefusedError) as raised:
        world.client().login("locked", PASSWORD)
    error = raised.value
    assert error.reason is ropc.Reason.LOCKED
    assert error.locked_until and abs(error.locked_until - soon(600)) < timedelta(minutes=1)
    assert error.server_date_at and abs(error.server_date_at - soon(0)) < timedelta(minutes=1)


def test_second_factor_with_its_token(world: World) -> None:
    with pytest.raises(ropc.RefusedError) as raised:
        world.client().login("mfa-native", PASSWORD)
    assert raised.value.reason is ropc.Reason.SECOND_FACTOR
    extra = raised.value.extra("SecondFactorAuthentication")
    assert extra["SecondFactorAuthenticationToken"] == "second-factor-token-1234"
    assert raised.value.extra("no_such_member") is None and raised.value.extra("a\0b") is None


def test_other_failures_have_their_classes(world: World) -> None:
    client = world.client()
    expected = {
        "ratelimited": (ropc.RateLimitedError, ropc.Reason.RATE_LIMITED),
        "servererror": (ropc.ServerError, ropc.Reason.SERVER_FAULT),
        "client-refused": (ropc.ClientRefusedError, ropc.Reason.CLIENT_REFUSED),
        "variant:html": (ropc.AnswerError, ropc.Reason.ANSWER_NOT_UNDERSTOOD),
        "fault:cut_before": (ropc.NetworkError, ropc.Reason.CUT_OFF_AFTER_SENT),
    }
    for user, (kind, reason) in expected.items():
        with pytest.raises(kind) as raised:
            client.login(user, PASSWORD)
        assert raised.value.reason is reason, user
        if user == "ratelimited":
            assert raised.value.retry_after == timedelta(seconds=7)


def test_untrusted_certificate(world: World) -> None:
    site = f"https://localhost:{world.standin.ports['traps']['unknown_ca']}"
    with pytest.raises(ropc.TlsError) as raised:
        ropc.Client(world.options(site)).login("ada", PASSWORD)
    assert raised.value.reason is ropc.Reason.TLS_UNKNOWN_ISSUER
    assert not raised.value.request_sent and raised.value.http_status is None


def test_time_limit(world: World) -> None:
    client = ropc.Client(world.options().set_timeouts(total=timedelta(milliseconds=300)))
    with pytest.raises(ropc.TimedOutError) as raised:
        client.login("fault:never", PASSWORD)
    assert isinstance(raised.value, ropc.NetworkError) and raised.value.request_sent


def test_which_proxy(world: World) -> None:
    assert world.client().proxy is None
    options = world.options().set_proxy("http://user:hidden@proxy.example:3128")
    assert ropc.Client(options).proxy == "proxy.example:3128"


def test_passwords_of_every_kind(world: World) -> None:
    client, secret = world.client(), 'p&s=w+r%d é€"\\'
    kept = bytearray(secret.encode())
    for password in (secret, secret.encode(), kept, memoryview(kept), memoryview(secret.encode())):
        client.login("bøb", password).close()
    sent = [json.loads(one["body"]) for one in world.sent()]
    assert [(one["username"], one["password"]) for one in sent] == [("bøb", secret)] * 5
    kept.append(1)  # The library lets go of it.


def test_request_is_polled(world: World) -> None:
    with world.client().request_login("fault:delay_300", PASSWORD) as request:
        assert request.poll() is ropc.Status.STATE
        request.start()
        turns, end = 0, time.monotonic() + LONG
        while request.poll() is ropc.Status.PENDING:
            turns += 1
            assert time.monotonic() < end
        assert turns > 10 and request.poll() is ropc.Status.OK
        assert request.result().token_type == "Bearer"
        with pytest.raises(ropc.StateError):
            request.result()
        assert request.poll() is ropc.Status.OK


def test_request_is_waited_for_only_so_long(world: World) -> None:
    request = world.client().request_login("fault:delay_500", PASSWORD).start()
    assert request.wait(0) is ropc.Status.PENDING
    assert request.wait(timedelta(milliseconds=20)) is ropc.Status.PENDING
    assert request.wait() is ropc.Status.OK and request.wait(1) is ropc.Status.OK
    assert request.result().refresh_token


def test_cancel(world: World) -> None:
    client = world.client()
    request = world.hanging(client)
    request.cancel()
    assert request.wait(LONG) is ropc.Status.CANCELLED
    with pytest.raises(ropc.CancelledError) as raised:
        request.result()
    assert raised.value.stage is ropc.Stage.RECEIVE and raised.value.request_sent
    unstarted = client.request_login("ada", PASSWORD)
    unstarted.cancel()
    with pytest.raises(ropc.StateError):
        unstarted.start()


def test_shutdown_with_a_request_in_flight(world: World) -> None:
    client = world.client()
    request = world.hanging(client)
    assert ropc.shutdown(LONG) == 0
    assert request.poll() is ropc.Status.CANCELLED
    with pytest.raises(ropc.CancelledError):
        request.result()
    assert client.login("ada", PASSWORD).token_type == "Bearer"


def test_grants_and_single_calls(world: World) -> None:
    client = world.client()
    solved: dict[str, ropc.Password] = {"username": "captcha", "g-recaptcha-response": "human"}
    solved["password"] = bytearray(PASSWORD.encode())
    assert client.grant("password", solved).access_token
    client.connect()
    tokens = client.login("ada", PASSWORD)
    assert client.userinfo(tokens.access_token)["sub"] == tokens.claims()["sub"]
    assert set(client.profile(tokens.access_token, "Uid")) == {"Uid"}
    assert client.validate(tokens.access_token).expires_at
    assert tokens.refresh_token
    newer = client.refresh(tokens.refresh_token)
    assert newer.refresh_token and newer.refresh_token != tokens.refresh_token
    client.revoke(newer.refresh_token, ropc.TokenHint.REFRESH)
    with pytest.raises(ropc.RefusedError) as raised:
        client.refresh(newer.refresh_token)
    assert raised.value.reason is ropc.Reason.GRANT_REFUSED
    client.invalidate(newer.access_token)
    assert not world.api_takes(newer.access_token)


def test_discovery_and_a_proven_id_token(world: World) -> None:
    issuer = world.site + "/service/oidc/demo"
    asking = ropc.Options.oauth2(None, "demo-client").set_ca_pem(world.ca.read_bytes())
    client = ropc.Client(asking.discover(issuer))
    tokens = client.login("ada", PASSWORD)
    assert tokens.id_token
    proven = client.verify_id_token(tokens.id_token, tokens.access_token)
    assert (proven["iss"], proven["email"]) == (issuer, "ada@standin.test")
    with pytest.raises(ropc.IdTokenError) as raised:
        client.verify_id_token(tokens.id_token, nonce="of another sign-in")
    assert raised.value.reason is ropc.Reason.ID_TOKEN_NONCE
    with pytest.raises(ropc.AnswerError) as other:
        asking.discover(issuer + "/")
    assert other.value.reason in (ropc.Reason.OTHER_ISSUER, ropc.Reason.NOT_FOUND)
