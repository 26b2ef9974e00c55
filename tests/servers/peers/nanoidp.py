"""nanoidp; what it does in its own way stands in its serve.py."""

from expect import (
    ALICE,
    ALIVE,
    APP,
    BOB,
    DEAD,
    HARD,
    NON_ASCII,
    NOT_FOUND,
    OK,
    PUB,
    WONDERLAND,
    WRONG,
    WRONG_HOST,
    Discovery,
    Life,
    Peer,
    Refreshing,
    by_other_name,
    no_metadata,
    refused,
    says,
)

APP_POST = {**APP, "client": "apppost"}
HARD_POST = {**HARD, "client": "hardpost"}

# A body that is no form is none at all: no client, no grant, no user.
NO_CLIENT = refused("CLIENT_REFUSED", 400, "invalid_client", oauth_description=says("Client authentication required"))
WRONG_CLIENT = refused("CLIENT_REFUSED", 401, "invalid_client")
NO_SECRET_IN_BODY = refused("CLIENT_REFUSED", 400, "invalid_client", oauth_description=says("not accepted"))
ENDED_REFRESH = refused("GRANT_REFUSED", 400, "invalid_grant")


def signins(origin):
    url = {"url": f"{origin}/token"}
    openid = {"scope": "openid profile"}
    bearer = {"status": "ROPC_OK", "token_type": "Bearer", "expires_in": 3600, "access_claims.iss": origin}
    plain = {**bearer, "refresh_token": 1, "id_token": 0, "scope": None}
    with_id = {**bearer, "refresh_token": 1, "id_token": 1, "scope": "openid profile", "id_claims.iss": origin}
    alice = {**with_id, "access_claims.sub": "alice", "id_claims.sub": "alice"}
    bob = {**with_id, "access_claims.sub": "bøb", "id_claims.sub": "bøb"}
    of_nobody = {**bearer, "refresh_token": 0, "id_token": 0, "access_claims.sub": "app"}
    wrong_user = refused("WRONG_CREDENTIALS", 400, "invalid_grant", message=says("user name and password"))
    wrong_scope = refused("SCOPE_REFUSED", 400, "invalid_scope", oauth_description=says("admin"))

    return [
        ("form", {**url, **PUB, **ALICE}, WONDERLAND, {**plain, "access_claims.sub": "alice"}),
        ("form, not ASCII", {**url, **PUB, **BOB, **openid}, NON_ASCII, {**bob, "id_claims.aud": "pub"}),
        ("id token", {**url, **PUB, **ALICE, **openid}, WONDERLAND, {**alice, "id_claims.aud": "pub"}),
        ("JSON", {**url, **PUB, **ALICE, "encoding": "json"}, WONDERLAND, NO_CLIENT),
        # The trap: with Basic the same is a success, with tokens of nobody.
        (
            "JSON, Basic",
            {**url, **APP, "method": "basic", **ALICE, "encoding": "json"},
            WRONG,
            of_nobody,
        ),
        (
            "LoginRadius with forms",
            {**url, "site": origin, "encoding": "form", **PUB, **ALICE, **openid},
            WONDERLAND,
            alice,
        ),
        # The user. A user who does not exist must not be told apart.
        ("wrong password", {**url, **PUB, **ALICE}, WRONG, wrong_user),
        ("wrong password, not ASCII", {**url, **PUB, **BOB}, NON_ASCII + "ü", wrong_user),
        ("unknown user", {**url, **PUB, "user": "nobody"}, WONDERLAND, wrong_user),
        # The client. Each is registered for one way, and HTTP Basic is never
        # decoded.
        ("secret, post", {**url, **APP_POST, "method": "post", **ALICE, **openid}, WONDERLAND, alice),
        ("secret, Basic", {**url, **APP, "method": "basic", **ALICE, **openid}, WONDERLAND, alice),
        ("secret, Basic raw", {**url, **APP, "method": "raw", **ALICE, **openid}, WONDERLAND, alice),
        ("hard secret, post", {**url, **HARD_POST, "method": "post", **BOB, **openid}, NON_ASCII, bob),
        ("hard secret, Basic", {**url, **HARD, "method": "basic", **BOB}, NON_ASCII, WRONG_CLIENT),
        ("hard secret, Basic raw", {**url, **HARD, "method": "raw", **BOB, **openid}, NON_ASCII, bob),
        ("post of one registered for Basic", {**url, **APP, "method": "post", **ALICE}, WONDERLAND, NO_SECRET_IN_BODY),
        ("Basic of one registered for post", {**url, **APP_POST, "method": "basic", **ALICE}, WONDERLAND, WRONG_CLIENT),
        ("unknown client", {**url, "client": "nobody", **ALICE}, WONDERLAND, NO_CLIENT),
        ("wrong secret", {**url, **APP, "secret": "canary-5Pq2", "method": "basic", **ALICE}, WONDERLAND, WRONG_CLIENT),
        ("no secret", {**url, "client": "app", **ALICE}, WONDERLAND, NO_CLIENT),
        ("client credentials", {**url, **APP, "method": "basic", "grant": "client_credentials"}, "", of_nobody),
        (
            "unknown grant",
            {**url, **APP, "method": "basic", "grant": "urn:example:none"},
            "",
            refused("UNSUPPORTED_GRANT", 400, "unsupported_grant_type"),
        ),
        ("unknown scope", {**url, **PUB, **ALICE, "scope": "openid admin"}, WONDERLAND, wrong_scope),
        # It takes a slash too many, and Flask answers a wrong path with a page.
        ("two slashes", {"url": f"{origin}//token", **PUB, **ALICE, **openid}, WONDERLAND, alice),
        ("wrong path", {"url": f"{origin}/nowhere", **PUB, **ALICE}, WONDERLAND, NOT_FOUND),
    ]


PEER = Peer(
    name="nanoidp",
    signins=signins,
    paths={
        "token": "/token",
        "revoke": "/revoke",
        "userinfo": "/userinfo",
        "jwks": "/.well-known/jwks.json",
        "resource": "/userinfo",
    },
    issuer="",
    client={**HARD, "method": "raw"},
    scope="openid profile",
    clients=[
        ("public", PUB, OK),
        ("secret, post", {**APP_POST, "method": "post"}, OK),
        ("secret, Basic", {**APP, "method": "basic"}, OK),
        ("secret, Basic raw", {**APP, "method": "raw"}, OK),
        ("hard secret, post", {**HARD_POST, "method": "post"}, OK),
        ("hard secret, Basic", {**HARD, "method": "basic"}, WRONG_CLIENT),
        ("hard secret, Basic raw", {**HARD, "method": "raw"}, OK),
        ("JSON", {**PUB, "encoding": "json"}, NO_CLIENT),
    ],
    ended=ENDED_REFRESH,
    refreshing={
        # Access tokens live on: they are signed, and nobody asks about them.
        "rotation": Refreshing(
            rotates=True,
            old_access=ALIVE,
            again=ENDED_REFRESH,
            newer_access=ALIVE,
            newer_refresh=DEAD,
        ),
        # A new one comes with every refresh all the same, and the old one stays.
        "no rotation": Refreshing(setting={"ROTATE": "0"}, rotates=True, old_access=ALIVE, again=OK, session=OK),
    },
    revoked={"access": (DEAD, ALIVE), "refresh": (ALIVE, DEAD)},
    stranger=WRONG_CLIENT,
    userinfo={"sub": "alice", "email": "alice@example.test"},
    userinfo_not_ascii={"sub": "bøb", "email": "bob@example.test"},
    resource=says('"sub":"alice"'),
    id_tokens={"login": {"sub": "alice", "aud": "hard"}, "refresh": {"sub": "alice", "aud": "hard"}},
    discoveries=[
        Discovery("its issuer", lambda origin: origin, OK),
        Discovery("a slash too many", lambda origin: f"{origin}/", no_metadata("OTHER_ISSUER")),
        Discovery("other name", by_other_name, no_metadata("OTHER_ISSUER"), over_tls=WRONG_HOST),
    ],
    life=Life(setting={}, ends="revoked", revoked_elsewhere={**OK, "http_status": 200}),
    cannot={
        "endpoints at another host": "it makes every URL out of its issuer",
        "a slash at the end of the issuer": "it cuts it off",
        "lifetimes of seconds": "a minute is the shortest it issues: sessions refresh there after a revocation",
    },
)
