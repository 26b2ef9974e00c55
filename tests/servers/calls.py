"""The calls after a sign-in, one by one: refresh, revocation, userinfo, ID
tokens, discovery. What has to come back is in peers/."""

from expect import DEAD, OK, TOKEN_REFUSED, no_id_token
from visit import PASSWORDS, Wrong


def clients(visit):
    """Whoever can sign in can refresh and revoke the same way."""
    for name, client, expected in visit.peer.clients:
        visit.client(client)
        signed_in = visit.steps.do("login", user="bøb", password=PASSWORDS["bøb"])
        visit.expect(f"{name}, sign-in", expected, signed_in)
        if signed_in["status"] != "ROPC_OK":
            continue
        refreshed = visit.refresh(signed_in)
        visit.expect(f"{name}, refresh", OK, refreshed)
        if refreshed["status"] != "ROPC_OK":
            continue
        visit.expect_alive(f"{name}, after the refresh", True, refreshed)
        says = visit.steps.do("userinfo", token=refreshed["access_token"])
        visit.expect(f"{name}, userinfo", {**OK, **under("says", visit.peer.userinfo_not_ascii)}, says)
        revoked = visit.steps.do("revoke", token=refreshed["refresh_token"], hint="refresh")
        visit.expect(f"{name}, revocation", OK, revoked)
        after = OK if name in visit.peer.revokes_nothing else visit.peer.ended
        visit.expect(f"{name}, refresh after revocation", after, visit.refresh(refreshed))


def refresh_tokens_worth_nothing(visit):
    """One that is none, and one of another client."""
    visit.client()
    visit.expect("garbage", visit.peer.ended, visit.steps.do("refresh", token="garbage"))
    name, other, _ = next(each for each in visit.peer.clients if each[1]["client"] != visit.peer.client["client"])
    tokens = visit.login()
    visit.client(other)
    visit.expect(f"of another than {name}", visit.peer.ended, visit.refresh(tokens))


def replaced(visit, refreshing):
    """A refresh, and the refresh token of before once more."""
    visit.client()
    first = visit.login()
    second = visit.refresh(first)
    visit.expect("refresh", OK, second)
    if second["status"] != "ROPC_OK" or not second["refresh_token"]:
        raise Wrong("a refresh must give a refresh token, a new one or the old")
    if (second["refresh_token"] != first["refresh_token"]) != refreshing.rotates:
        visit.problems.append("refresh: the refresh token is the wrong one of old and new")
    visit.expect_alive("the access token of before", refreshing.old_access, first)
    visit.expect_alive("the new access token", True, second)

    again = visit.refresh(first)
    visit.expect("the refresh token of before", refreshing.again, again)
    same = [again.get(name) == second[name] for name in ("access_token", "refresh_token")]
    if again["status"] == "ROPC_OK" and refreshing.same_again and not all(same):
        visit.problems.append("the refresh token of before: the answer is not the same again")
    visit.expect_alive("after that", refreshing.newer_access, second)
    newest = visit.refresh(second)
    visit.expect("after that, refresh", visit.peer.ended if refreshing.newer_refresh == DEAD else OK, newest)


def revocation(visit):
    """Each token with each hint, and what is left of both after it."""
    visit.client()
    for kind in ("access", "refresh"):
        for hint in ("none", "access", "refresh"):
            what = f"{kind} token, hint {hint}"
            access, refresh = visit.peer.revoked.get((kind, hint)) or visit.peer.revoked[kind]
            tokens = visit.login()
            visit.expect(what, OK, visit.steps.do("revoke", token=tokens[f"{kind}_token"], hint=hint))
            visit.expect_alive(what, access, tokens)
            visit.expect(f"{what}, refresh", visit.peer.ended if refresh == DEAD else OK, visit.refresh(tokens))
            # Once more: a token that is unknown by now.
            visit.expect(f"{what}, again", OK, visit.steps.do("revoke", token=tokens[f"{kind}_token"], hint=hint))
    visit.expect("garbage", OK, visit.steps.do("revoke", token="garbage", hint="none"))


def revocation_by_a_stranger(visit):
    """Whoever does not know the secret ends nothing."""
    visit.client()
    tokens = visit.login()
    visit.client({**visit.peer.client, "secret": "canary-9Ws1"})
    revoked = visit.steps.do("revoke", token=tokens["refresh_token"], hint="refresh")
    visit.expect("revocation", visit.peer.stranger, revoked)
    visit.expect_alive("after it", True, tokens)
    visit.client()
    visit.expect("refresh after it", OK, visit.refresh(tokens))


def userinfo(visit):
    visit.client()
    tokens = visit.login()
    good = visit.steps.do("userinfo", token=tokens["access_token"])
    visit.expect("good", {**OK, **under("says", visit.peer.userinfo)}, good)
    visit.must("revoke", token=tokens["access_token"], hint="access")
    visit.expect("revoked", TOKEN_REFUSED, visit.steps.do("userinfo", token=tokens["access_token"]))
    visit.expect("garbage", TOKEN_REFUSED, visit.steps.do("userinfo", token="garbage"))
    visit.expect("a refresh token", TOKEN_REFUSED, visit.steps.do("userinfo", token=visit.login()["refresh_token"]))


def id_tokens(visit):
    """Those of the sign-in and of the refresh; each is proven, and then looked
    at from every wrong side."""
    visit.client(nonce=visit.peer.nonce)
    signed_in = visit.login()
    refreshed = visit.must("refresh", token=signed_in["refresh_token"])
    for when, tokens in (("login", signed_in), ("refresh", refreshed)):
        expected = visit.peer.id_tokens[when]
        if (tokens["id_token"] is not None) != (expected is not None):
            visit.problems.append(f"{when}: there is {'no' if expected else 'an'} ID token")
        if tokens["id_token"] and expected:
            one_id_token(visit, when, tokens, expected)


def one_id_token(visit, when, tokens, expected):
    nonce = visit.peer.nonce
    issuer = visit.server.origin + visit.peer.issuer
    token, access = tokens["id_token"], tokens["access_token"]

    def verify(what, right, token=token, **arguments):
        visit.expect(f"{when}, {what}", right, visit.steps.do("verify", token=token, **arguments))

    visit.client()
    says = {**expected, "iss": issuer, "nonce": nonce}
    verify("right", {**OK, **under("says", says)}, access=access, nonce=nonce)
    verify("other nonce", no_id_token("NONCE"), nonce="canary-2Ln8")
    # Without a hash of it, an ID token says nothing about the access token.
    has_hash = "at_hash" in tokens["id_claims"]
    verify("other access token", no_id_token("ACCESS") if has_hash else OK, access="canary-6Tz3")
    head, claims, signature = token.split(".")
    other = ("B" if signature[0] == "A" else "A") + signature[1:]
    verify("other signature", no_id_token("SIGNATURE"), token=f"{head}.{claims}.{other}")
    verify("unsigned", no_id_token("MALFORMED"), token=f"{head}.{claims}.")
    visit.client({**visit.peer.client, "client": "another"})
    verify("other client", no_id_token("AUDIENCE"))
    visit.client(issuer=issuer + "/")
    verify("a slash too many", no_id_token("ISSUER"))


def hmac_proves_nothing(visit):
    """An access token that is signed with HMAC is no ID token, whoever has the
    key: it is refused before any key is asked for."""
    visit.client()
    found = visit.steps.do("verify", token=visit.login()["access_token"])
    visit.expect("its access token", no_id_token("ALGORITHM"), found)


def discovery(visit, wanted):
    """Asks for an issuer, and uses what was found as far as it goes."""
    issuer = wanted.issuer(visit.server.origin)
    found = visit.steps.do(
        "client",
        discover=issuer,
        others=wanted.others,
        scope=visit.peer.scope,
        ca=visit.server.ca,
        **visit.peer.client,
    )
    expected = wanted.over_tls if visit.server.ca and wanted.over_tls else wanted.expected
    visit.expect(issuer, expected, found)
    if found["status"] != "ROPC_OK" or expected is not OK:
        return
    tokens = visit.login()
    visit.expect("userinfo", OK, visit.steps.do("userinfo", token=tokens["access_token"]))
    tokens = visit.must("refresh", token=tokens["refresh_token"])
    says = {**OK, "says.iss": issuer}
    visit.expect("ID token", says, visit.steps.do("verify", token=tokens["id_token"], access=tokens["access_token"]))
    revoked = visit.steps.do("revoke", token=tokens["refresh_token"], hint="refresh")
    unknown = {"status": "ROPC_E_UNSUPPORTED", "request_sent": 0}
    visit.expect("revocation", OK if wanted.revokes else unknown, revoked)


def under(name, expected):
    """The same for what is in member `name`."""
    return {f"{name}.{inner}": right for inner, right in expected.items()}


# Whatever a server is set to.
CHECKS = {
    "clients": clients,
    "refresh tokens worth nothing": refresh_tokens_worth_nothing,
    "revocation": revocation,
    "revocation by a stranger": revocation_by_a_stranger,
    "userinfo": userinfo,
    "ID tokens": id_tokens,
}
