"""oidc-provider; what it does in its own way stands in its server.mjs."""

from expect import (
    ALICE,
    ALIVE,
    APP,
    BOB,
    DEAD,
    ENDED,
    HARD,
    LONG,
    LONG_PASSWORD,
    LONGEST_PASSWORD,
    MACHINE,
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

WRONG_CLIENT = refused("CLIENT_REFUSED", 401, "invalid_client")
MALFORMED = refused("REQUEST_REFUSED", 400, "invalid_request")
ENDED_REFRESH = refused("GRANT_REFUSED", 400, "invalid_grant")


def signins(origin):
    url = {"url": f"{origin}/token"}
    openid = {"scope": "openid profile"}

    bearer = {"status": "ROPC_OK", "token_type": "Bearer", "access_claims": "ROPC_REASON_NOT_A_JWT"}
    user = {**bearer, "expires_in": 3600, "refresh_token": 1}
    plain = {**user, "id_token": 0, "scope": None, "id_claims": "ROPC_REASON_NOT_A_JWT"}
    with_id = {**user, "id_token": 1, "scope": "openid profile", "id_claims.iss": origin}
    alice = {**with_id, "id_claims.sub": "alice", "id_claims.name": "Alice Liddell"}
    bob = {**with_id, "id_claims.sub": "bøb", "id_claims.name": "Bøb"}
    wrong_user = refused("WRONG_CREDENTIALS", 400, "invalid_grant", message=says("user name and password"))
    forms_only = {**MALFORMED, "oauth_description": says("only", "application/x-www-form-urlencoded")}
    wrong_scope = refused("SCOPE_REFUSED", 400, "invalid_scope", oauth_description=says("not allowed"))

    return [
        ("form", {**url, **PUB, **ALICE}, WONDERLAND, plain),
        ("form, not ASCII", {**url, **PUB, **BOB, **openid}, NON_ASCII, {**bob, "id_claims.aud": "pub"}),
        ("id token", {**url, **PUB, **ALICE, **openid}, WONDERLAND, {**alice, "id_claims.aud": "pub"}),
        ("form, long", {**url, **PUB, **LONG, **openid}, LONG_PASSWORD, {**with_id, "id_claims.sub": "long"}),
        # A body of another kind is refused before anything in it is looked at.
        ("JSON", {**url, **PUB, **ALICE, "encoding": "json"}, WONDERLAND, forms_only),
        ("LoginRadius", {**url, "site": origin, **PUB, **ALICE}, WONDERLAND, forms_only),
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
        # Too much for the server: not a word on whether the password is right.
        ("too long", {**url, **PUB, **LONG}, LONGEST_PASSWORD, MALFORMED),
        # The client. Basic has to be form-encoded; what is not is a malformed
        # request to this server, not a wrong secret.
        ("secret, post", {**url, **APP, "method": "post", **ALICE, **openid}, WONDERLAND, alice),
        ("secret, Basic", {**url, **APP, "method": "basic", **ALICE, **openid}, WONDERLAND, alice),
        ("secret, Basic raw", {**url, **APP, "method": "raw", **ALICE, **openid}, WONDERLAND, alice),
        ("hard secret, post", {**url, **HARD, "method": "post", **BOB, **openid}, NON_ASCII, bob),
        ("hard secret, Basic", {**url, **HARD, "method": "basic", **BOB, **openid}, NON_ASCII, bob),
        (
            "hard secret, Basic raw",
            {**url, **HARD, "method": "raw", **BOB},
            NON_ASCII,
            {**MALFORMED, "oauth_description": says("not properly encoded"), "advice": says("client authentication")},
        ),
        ("unknown client", {**url, "client": "nobody", **ALICE}, WONDERLAND, WRONG_CLIENT),
        ("wrong secret", {**url, **APP, "secret": "canary-5Pq2", "method": "basic", **ALICE}, WONDERLAND, WRONG_CLIENT),
        ("no secret", {**url, "client": "app", **ALICE}, WONDERLAND, WRONG_CLIENT),
        # Grants. One that the client may not use is a malformed request here.
        (
            "client not for users",
            {**url, **MACHINE, "method": "basic", **ALICE},
            WONDERLAND,
            {**MALFORMED, "oauth_description": says("not allowed for this client")},
        ),
        (
            "client credentials",
            {**url, **HARD, "method": "basic", "grant": "client_credentials", "scope": "profile"},
            "",
            {**bearer, "expires_in": 600, "refresh_token": 0, "id_token": 0, "scope": "profile"},
        ),
        (
            "unknown grant",
            {**url, **APP, "method": "basic", "grant": "urn:example:none"},
            "",
            refused("UNSUPPORTED_GRANT", 400, "unsupported_grant_type"),
        ),
        # Scopes: refused by our handler of the password grant, and by the
        # library's own of client_credentials.
        ("refused scope", {**url, **PUB, **ALICE, "scope": "openid admin"}, WONDERLAND, wrong_scope),
        (
            "refused scope, client credentials",
            {**url, **APP, "method": "basic", "grant": "client_credentials", "scope": "admin"},
            "",
            wrong_scope,
        ),
        # Koa answers with two words of plain text.
        ("wrong path", {**url, "url": f"{origin}/nowhere", **PUB, **ALICE}, WONDERLAND, NOT_FOUND),
    ]


PEER = Peer(
    name="oidc-provider",
    signins=signins,
    paths={"token": "/token", "revoke": "/token/revocation", "userinfo": "/me", "jwks": "/jwks", "resource": "/me"},
    issuer="",
    client={**HARD, "method": "basic"},
    scope="openid profile",
    clients=[
        ("public", PUB, OK),
        ("secret, post", {**APP, "method": "post"}, OK),
        ("secret, Basic", {**APP, "method": "basic"}, OK),
        ("secret, Basic raw", {**APP, "method": "raw"}, OK),
        ("hard secret, post", {**HARD, "method": "post"}, OK),
        ("hard secret, Basic", {**HARD, "method": "basic"}, OK),
        ("hard secret, Basic raw", {**HARD, "method": "raw"}, MALFORMED),
        ("JSON", {**PUB, "encoding": "json"}, MALFORMED),
    ],
    ended=ENDED_REFRESH,
    refreshing={
        "rotation": Refreshing(
            rotates=True,
            old_access=ALIVE,
            again=ENDED_REFRESH,
            newer_access=DEAD,
            newer_refresh=DEAD,
        ),
        "no rotation": Refreshing(setting={"ROTATE": "0"}, rotates=False, old_access=ALIVE, again=OK, session=OK),
    },
    revoked={"access": (DEAD, DEAD), "refresh": (DEAD, DEAD)},
    stranger=WRONG_CLIENT,
    userinfo={"sub": "alice", "name": "Alice Liddell"},
    userinfo_not_ascii={"sub": "bøb", "name": "Bøb"},
    resource=says('"sub":"alice"'),
    id_tokens={"login": {"sub": "alice", "aud": "hard"}, "refresh": {"sub": "alice", "aud": "hard"}},
    # Our handler of the password grant passes it on, as the library's own do.
    nonce="n-0S6_WzA2Mj",
    discoveries=[
        Discovery("its issuer", lambda origin: origin, OK),
        Discovery("a slash too many", lambda origin: f"{origin}/", no_metadata("OTHER_ISSUER")),
        Discovery("other name", by_other_name, no_metadata("OTHER_ISSUER"), over_tls=WRONG_HOST),
        Discovery("a slash at the end", lambda origin: f"{origin}/", OK, setting={"SLASH": "/"}),
        Discovery("a slash too few", lambda origin: origin, no_metadata("OTHER_ISSUER"), setting={"SLASH": "/"}),
        # Behind a proxy that does not tell it by which name it was asked.
        Discovery(
            "endpoints at another host",
            lambda origin: origin,
            no_metadata("OTHER_HOST"),
            options=("--public-host", "localhost"),
        ),
        Discovery(
            "endpoints at another host, allowed",
            lambda origin: origin,
            OK,
            others=1,
            options=("--public-host", "localhost"),
        ),
    ],
    life=Life(setting={"AT_TTL": "5"}, ends="time", revoked_elsewhere=ENDED),
)
