"""@jmondi/oauth2-server; what it does in its own way stands in its server.mjs."""

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
    Discovery,
    Life,
    Peer,
    Refreshing,
    refused,
    says,
)

WRONG_CLIENT = refused("CLIENT_REFUSED", 401, "invalid_client")
# Not what RFC 6749, 5.2 has for it, and nothing that tells it from a mistake
# of the program.
ENDED_REFRESH = refused("REQUEST_REFUSED", 400, "invalid_request")


def signins(origin):
    url = {"url": f"{origin}/token"}
    json = {**url, "encoding": "json"}
    form = {**url, "encoding": "form"}
    # LoginRadius' own endpoint would be {site}/api/oauth/my-app/...; the body
    # stays as LoginRadius documents it, response_type included.
    loginradius = {**url, "site": origin}

    # 3599 when the second has turned between issuing and answering.
    bearer = {"status": "ROPC_OK", "token_type": "Bearer", "expires_in": {3599, 3600}, "id_token": 0}
    user = {**bearer, "refresh_token": 1, "id_claims": "ROPC_REASON_NOT_A_JWT"}
    alice = {**user, "access_claims.sub": "alice", "access_claims.iss": origin}
    bob = {**user, "access_claims.sub": "bøb"}
    # The server says in general words what invalid_grant can mean.
    wrong_user = refused("WRONG_CREDENTIALS", 400, "invalid_grant", message=says("user name and password"))

    return [
        # JSON, form, and JSON as LoginRadius wants it.
        ("JSON", {**json, **PUB, **ALICE}, WONDERLAND, {**alice, "access_claims.cid": "pub", "scope": None}),
        ("JSON, not ASCII", {**json, **PUB, **BOB}, NON_ASCII, bob),
        ("form", {**form, **PUB, **ALICE}, WONDERLAND, alice),
        ("form, not ASCII", {**form, **PUB, **BOB}, NON_ASCII, bob),
        ("JSON, long", {**json, **PUB, **LONG}, LONG_PASSWORD, {**user, "access_claims.sub": "long"}),
        ("form, long", {**form, **PUB, **LONG}, LONG_PASSWORD, {**user, "access_claims.sub": "long"}),
        ("LoginRadius", {**loginradius, **PUB, **ALICE}, WONDERLAND, alice),
        ("LoginRadius, not ASCII", {**loginradius, **HARD, "method": "post", **BOB}, NON_ASCII, bob),
        # The user. A user who does not exist must not be told apart.
        ("wrong password", {**json, **PUB, **ALICE}, WRONG, wrong_user),
        ("wrong password, not ASCII", {**json, **PUB, **BOB}, NON_ASCII + "ü", wrong_user),
        ("unknown user", {**json, **PUB, "user": "nobody"}, WONDERLAND, wrong_user),
        (
            "LoginRadius, wrong password",
            {**loginradius, **PUB, **ALICE},
            WRONG,
            {**wrong_user, "provider_message": says("invalid, expired, revoked")},
        ),
        # Too much for the server: not a word on whether the password is right.
        ("too long", {**form, **PUB, **LONG}, LONGEST_PASSWORD, refused("REQUEST_REFUSED", 413, None)),
        # The client. HTTP Basic is split at every ':' and not decoded here, so
        # a secret with such characters passes in the body and in no header.
        ("secret, post", {**json, **APP, "method": "post", **ALICE}, WONDERLAND, alice),
        ("secret, Basic", {**json, **APP, "method": "basic", **ALICE}, WONDERLAND, alice),
        ("secret, Basic raw", {**json, **APP, "method": "raw", **ALICE}, WONDERLAND, alice),
        ("hard secret, post", {**json, **HARD, "method": "post", **BOB}, NON_ASCII, bob),
        ("hard secret, post, form", {**form, **HARD, "method": "post", **BOB}, NON_ASCII, bob),
        ("hard secret, Basic", {**json, **HARD, "method": "basic", **BOB}, NON_ASCII, WRONG_CLIENT),
        ("hard secret, Basic raw", {**json, **HARD, "method": "raw", **BOB}, NON_ASCII, WRONG_CLIENT),
        ("unknown client", {**json, "client": "nobody", **ALICE}, WONDERLAND, WRONG_CLIENT),
        ("wrong secret", {**json, **APP, "secret": "canary-5Pq2", "method": "post", **ALICE}, WONDERLAND, WRONG_CLIENT),
        ("no secret", {**json, "client": "app", **ALICE}, WONDERLAND, WRONG_CLIENT),
        (
            "LoginRadius, unknown client",
            {**loginradius, "client": "nobody", **ALICE},
            WONDERLAND,
            {**WRONG_CLIENT, "provider_message": says("Client authentication failed")},
        ),
        # Grants. One that the client may not use is answered as if its secret
        # were wrong.
        ("client not for users", {**json, **MACHINE, "method": "post", **ALICE}, WONDERLAND, WRONG_CLIENT),
        (
            "client credentials",
            {**json, **APP, "method": "post", "grant": "client_credentials", "scope": "read"},
            "",
            {**bearer, "refresh_token": 0, "scope": "read", "access_claims.cid": "app", "access_claims.sub": None},
        ),
        (
            "unknown grant",
            {**json, **APP, "method": "post", "grant": "urn:example:none"},
            "",
            refused("UNSUPPORTED_GRANT", 400, "unsupported_grant_type"),
        ),
        # Scopes come back in the server's order.
        ("scope", {**json, **PUB, **ALICE, "scope": "read openid"}, WONDERLAND, {**alice, "scope": "openid read"}),
        (
            "unknown scope",
            {**json, **PUB, **ALICE, "scope": "read castle"},
            WONDERLAND,
            refused("SCOPE_REFUSED", 400, "invalid_scope", oauth_description=says("castle")),
        ),
        # express answers with a web page.
        ("wrong path", {**json, "url": f"{origin}/nowhere", **PUB, **ALICE}, WONDERLAND, NOT_FOUND),
    ]


PEER = Peer(
    name="jmondi",
    signins=signins,
    paths={"token": "/token", "revoke": "/token/revoke", "userinfo": "/me", "jwks": "/jwks", "resource": "/me"},
    issuer="",
    client={**HARD, "method": "post"},
    scope="read",
    clients=[
        ("public", PUB, OK),
        ("public, JSON", {**PUB, "encoding": "json"}, OK),
        ("secret, post", {**APP, "method": "post"}, OK),
        ("secret, post, JSON", {**APP, "method": "post", "encoding": "json"}, OK),
        ("secret, Basic", {**APP, "method": "basic"}, OK),
        ("secret, Basic raw", {**APP, "method": "raw"}, OK),
        ("hard secret, post", {**HARD, "method": "post"}, OK),
        ("hard secret, post, JSON", {**HARD, "method": "post", "encoding": "json"}, OK),
        ("hard secret, Basic", {**HARD, "method": "basic"}, WRONG_CLIENT),
        ("hard secret, Basic raw", {**HARD, "method": "raw"}, WRONG_CLIENT),
    ],
    # Revocation is authenticated as the client_credentials grant is, which this
    # client may not use; the answer is 200 all the same.
    revokes_nothing=("public", "public, JSON"),
    ended=ENDED_REFRESH,
    ended_error="invalid_request",
    refreshing={
        "rotation": Refreshing(rotates=True, old_access=DEAD, again=ENDED_REFRESH, session=ENDED_REFRESH),
        "rotation, told what ends": Refreshing(
            rotates=True, old_access=DEAD, again=ENDED_REFRESH, ended_error="invalid_request", session=ENDED
        ),
    },
    # A token is found only by the right hint; without one it takes any for an
    # access token. The answer is 200 all the same.
    revoked={
        "access": (DEAD, DEAD),
        ("refresh", "none"): (ALIVE, ALIVE),
        ("refresh", "access"): (ALIVE, ALIVE),
        ("refresh", "refresh"): (DEAD, DEAD),
    },
    stranger=OK,
    userinfo={"sub": "alice"},
    userinfo_not_ascii={"sub": "bøb"},
    resource=says('"sub":"alice"'),
    id_tokens={"login": None, "refresh": None},
    discoveries=[Discovery("an issuer that has no metadata", lambda origin: origin, NOT_FOUND)],
    life=Life(setting={"AT_TTL": "5"}, ends="time", revoked_elsewhere=ENDED),
    cannot={
        "ID tokens": "it has none, and no keys to be published; its access tokens, signed with HMAC, prove nothing",
        "discovery": "it has no metadata",
        "no rotation": "it replaces every refresh token",
    },
)
