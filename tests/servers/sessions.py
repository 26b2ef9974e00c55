"""Sessions: a whole one, and what they make of the server's refusals. What has
to come back is in peers/."""

import json
import pathlib
import stat
import tempfile
import time

import lab
from expect import ENDED, OK
from steps import is_alive
from visit import PASSWORDS, Wrong

SIGNED_OUT = {"status": "ROPC_E_SIGNED_OUT", "reason": "ROPC_REASON_SIGNED_OUT", "request_sent": 0}
NOTHING_STORED = {"status": "ROPC_E_SIGNED_OUT", "reason": "ROPC_REASON_NOTHING_STORED"}
NOT_ALLOWED = {"reason": "ROPC_REASON_ORIGIN_NOT_ALLOWED", "request_sent": 0}
STATE_SIGNED_IN = 1
STATE_SIGNED_OUT = 6


def whole_session(visit):
    """Sign-in, use, end of an access token, restart in a second process, end
    of another, sign-out."""
    with tempfile.TemporaryDirectory(prefix="ropc-") as folder:
        store = pathlib.Path(folder, "store")
        where = {"store": store, "key": "alice"}
        visit.client(ended=visit.peer.ended_error)
        visit.must("begin", user="alice", password=PASSWORDS["alice"], **where)
        visit.expect("state", {"state": STATE_SIGNED_IN, "user_key": "alice"}, visit.steps.do("state"))
        if stat.S_IMODE(store.stat().st_mode) != 0o600:
            visit.problems.append("others can read the store")
        use(visit)
        first = stored(store)
        second = outlive(visit, store, first)

        visit.steps.__exit__()  # the program ends without signing out
        with visit.another() as later:
            later.client(ended=visit.peer.ended_error)
            later.must("resume", **where)
            later.expect("state after the restart", {"state": STATE_SIGNED_IN}, later.steps.do("state"))
            use(later)
            outlive(later, store, second)
            leave(later, store, stored(store))
        visit.problems += [f"after the restart, {problem}" for problem in later.problems]


def use(visit):
    """Calls the API, and nobody else."""
    answer = call(visit)
    visit.expect("API call", {**OK, "http_status": 200, "body": visit.peer.resource}, answer)
    elsewhere = visit.steps.do("call", method="GET", url="https://127.0.0.1:1/")
    visit.expect("API call to another origin", NOT_ALLOWED, elsewhere)


def call(visit):
    return visit.steps.do("call", method="GET", url=visit.server.origin + visit.peer.paths["resource"])


def outlive(visit, store, before):
    """The access token ends; the session goes on with another."""
    if visit.peer.life.ends == "revoked":
        with visit.another() as somebody:
            somebody.client()
            somebody.must("revoke", token=before["access_token"], hint="access")
    wait_until_dead(visit, before)
    use(visit)
    after = stored(store)
    if after["access_token"] == before["access_token"]:
        visit.problems.append("the session went on with an access token that is dead")
    rotates = visit.peer.refreshing["rotation"].rotates
    if (after["refresh_token"] != before["refresh_token"]) != rotates:
        visit.problems.append("the store has the wrong refresh token of old and new")
    return after


def wait_until_dead(visit, tokens):
    """Only the server knows when: it is asked, without the library."""
    end = time.monotonic() + lab.STEP_SECONDS
    while is_alive(visit.server, visit.peer.paths["resource"], tokens["access_token"]):
        if time.monotonic() > end:
            raise Wrong("an access token does not end")
        time.sleep(0.05)


def leave(visit, store, tokens):
    """Signs out: here, in the store, at the server."""
    visit.expect("sign-out", OK, visit.steps.do("leave"))
    visit.expect_alive("after the sign-out", False, tokens)
    visit.expect("refresh after the sign-out", visit.peer.ended, visit.refresh(tokens))
    visit.expect("token after the sign-out", SIGNED_OUT, visit.steps.do("token"))
    visit.expect("call after the sign-out", SIGNED_OUT, call(visit))
    visit.expect("state after the sign-out", {"state": STATE_SIGNED_OUT}, visit.steps.do("state"))
    visit.expect("sign-out again", OK, visit.steps.do("leave"))
    if tokens["refresh_token"] in store.read_text():
        visit.problems.append("the store still has the tokens after the sign-out")
    visit.expect("resume after the sign-out", NOTHING_STORED, visit.steps.do("resume", store=store, key="alice"))


def stored(store):
    """The record of alice."""
    record = json.loads(store.read_text())["users"].get("alice")
    if record is None:
        raise Wrong("the store has lost the tokens")
    return record


def sign_out(visit):
    """With tokens that would live for an hour."""
    with tempfile.TemporaryDirectory(prefix="ropc-") as folder:
        store = pathlib.Path(folder, "store")
        visit.client()
        visit.must("begin", user="alice", password=PASSWORDS["alice"], store=store, key="alice")
        tokens = stored(store)
        visit.expect_alive("before the sign-out", True, tokens)
        leave(visit, store, tokens)


def used_before(visit, refreshing):
    """Somebody else has used the refresh token that the session has."""
    visit.client(ended=refreshing.ended_error)
    tokens = visit.login()
    visit.must("adopt", key="alice")
    other = visit.refresh(tokens)
    visit.expect("somebody's refresh", OK, other)
    visit.expect("the session's refresh", refreshing.session, visit.steps.do("renew"))
    after = visit.steps.do("token")
    if refreshing.session is OK:
        visit.expect("token after it", OK, after)
        if refreshing.same_again:
            visit.expect("token after it", {"access_token": other["access_token"]}, after)
        visit.expect("call after it", {**OK, "http_status": 200}, call(visit))
        visit.expect("refresh after it", OK, visit.steps.do("renew"))
    elif refreshing.session is ENDED:
        visit.expect("token after it", ENDED, after)
        visit.expect("state after it", {"state": STATE_SIGNED_OUT}, visit.steps.do("state"))
    else:
        # Nothing that says the end: the tokens are kept, and the error is told.
        visit.expect("token after it", {**OK, "access_token": tokens["access_token"]}, after)
        told = {"state": STATE_SIGNED_IN, "last_reason": refreshing.session["reason"]}
        visit.expect("state after it", told, visit.steps.do("state"))


def revoked_elsewhere(visit):
    """The server takes the access token back while the session thinks it good."""
    visit.client(ended=visit.peer.ended_error)
    tokens = visit.login()
    visit.must("adopt", key="alice")
    visit.must("revoke", token=tokens["access_token"], hint="access")
    visit.expect_alive("before the call", False, tokens)
    visit.expect("call", visit.peer.life.revoked_elsewhere, call(visit))


# Whatever a server is set to.
CHECKS = {"sign-out": sign_out, "revoked elsewhere": revoked_elsewhere}
