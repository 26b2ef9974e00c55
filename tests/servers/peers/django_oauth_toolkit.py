"""django-oauth-toolkit; what it does in its own way stands in its serve.py."""

from expect import (
    ALICE,
    APP,
    BOB,
    DEAD,
    HARD,
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

FORMS_ONLY = refused("UNSUPPORTED_GRANT", 400, "unsupported_grant_type")
WRONG_CLIENT = refused("CLIENT_REFUSED", 401, "invalid_client")
ENDED_REFRESH = refused("GRANT_REFUSED", 400, "invalid_grant")


def signins(origin):
    url = {"url": f"{origin}/o/token/"}
    bearer = {
        "status": "ROPC_OK",
        "token_type": "Bearer",
        "expires_in": 3600,
        "access_claims": "ROPC_REASON_NOT_A_JWT",
        "id_token": 0,
    }
    user = {**bearer, "refresh_token": 1, "scope": "read"}
    wrong_user = refused("WRONG_CREDENTIALS", 400, "invalid_grant", message=says("user name and password"))

    return [
        ("form", {**url, **PUB, **ALICE}, WONDERLAND, user),
        ("form, not ASCII", {**url, **PUB, **BOB}, NON_ASCII, user),
        ("scope", {**url, **PUB, **ALICE, "scope": "openid read"}, WONDERLAND, {**user, "scope": "openid read"}),
        ("JSON", {**url, **PUB, **ALICE, "encoding": "json"}, WONDERLAND, FORMS_ONLY),
        ("LoginRadius", {**url, "site": origin, **PUB, **ALICE}, WONDERLAND, FORMS_ONLY),
        ("LoginRadius with forms", {**url, "site": origin, "encoding": "form", **PUB, **ALICE}, WONDERLAND, user),
        # The user. A user who does not exist must not be told apart.
        ("wrong password", {**url, **PUB, **ALICE}, WRONG, wrong_user),
        ("wrong password, not ASCII", {**url, **PUB, **BOB}, NON_ASCII + "ü", wrong_user),
        ("unknown user", {**url, **PUB, "user": "nobody"}, WONDERLAND, wrong_user),
        # The client. Basic has to be form-encoded.
        ("secret, post", {**url, **APP, "method": "post", **ALICE}, WONDERLAND, user),
        ("secret, Basic", {**url, **APP, "method": "basic", **ALICE}, WONDERLAND, user),
        ("secret, Basic raw", {**url, **APP, "method": "raw", **ALICE}, WONDERLAND, user),
        ("hard secret, post", {**url, **HARD, "method": "post", **BOB}, NON_ASCII, user),
        ("hard secret, Basic", {**url, **HARD, "method": "basic", **BOB}, NON_ASCII, user),
        ("hard secret, Basic raw", {**url, **HARD, "method": "raw", **BOB}, NON_ASCII, WRONG_CLIENT),
        ("unknown client", {**url, "client": "nobody", **ALICE}, WONDERLAND, WRONG_CLIENT),
        ("wrong secret", {**url, **APP, "secret": "canary-5Pq2", "method": "basic", **ALICE}, WONDERLAND, WRONG_CLIENT),
        ("no secret", {**url, "client": "app", **ALICE}, WONDERLAND, WRONG_CLIENT),
        # Grants.
        (
            "client not for users",
            {**url, **MACHINE, "method": "basic", **ALICE},
            WONDERLAND,
            refused("CLIENT_REFUSED", 400, "unauthorized_client"),
        ),
        (
            "client credentials",
            {**url, **MACHINE, "method": "basic", "grant": "client_credentials"},
            "",
            {**bearer, "refresh_token": 0, "scope": "read"},
        ),
        ("unknown grant", {**url, **APP, "method": "basic", "grant": "urn:example:none"}, "", FORMS_ONLY),
        (
            "unknown scope",
            {**url, **PUB, **ALICE, "scope": "read castle"},
            WONDERLAND,
            refused("SCOPE_REFUSED", 400, "invalid_scope"),
        ),
        # Django answers with a web page.
        ("no slash at the end", {"url": f"{origin}/o/token", **PUB, **ALICE}, WONDERLAND, NOT_FOUND),
        ("two slashes", {"url": f"{origin}//o/token/", **PUB, **ALICE}, WONDERLAND, NOT_FOUND),
    ]


PEER = Peer(
    name="django-oauth-toolkit",
    signins=signins,
    paths={
        "token": "/o/token/",
        "revoke": "/o/revoke_token/",
        "userinfo": "/o/userinfo/",
        "jwks": "/o/.well-known/jwks.json",
        "resource": "/api/me",
    },
    issuer="/o",
    client={**HARD, "method": "basic"},
    scope="openid read",
    clients=[
        ("public", PUB, OK),
        ("secret, post", {**APP, "method": "post"}, OK),
        ("secret, Basic", {**APP, "method": "basic"}, OK),
        ("secret, Basic raw", {**APP, "method": "raw"}, OK),
        ("hard secret, post", {**HARD, "method": "post"}, OK),
        ("hard secret, Basic", {**HARD, "method": "basic"}, OK),
        ("hard secret, Basic raw", {**HARD, "method": "raw"}, WRONG_CLIENT),
        ("JSON", {**PUB, "encoding": "json"}, FORMS_ONLY),
    ],
    ended=ENDED_REFRESH,
    refreshing={
        "rotation": Refreshing(
            rotates=True,
            old_access=DEAD,
            again=ENDED_REFRESH,
            newer_access=DEAD,
            newer_refresh=DEAD,
        ),
        "rotation with grace": Refreshing(
            setting={"GRACE": "60"},
            rotates=True,
            old_access=DEAD,
            again=OK,
            same_again=True,
            session=OK,
        ),
        # Each refresh ends the access token of before, whoever asked for it.
        "no rotation": Refreshing(
            setting={"ROTATE": "0"}, rotates=False, old_access=DEAD, again=OK, newer_access=DEAD, session=OK
        ),
    },
    revoked={"access": (DEAD, DEAD), "refresh": (DEAD, DEAD)},
    stranger=WRONG_CLIENT,
    # Its users have numbers.
    userinfo={"sub": "1"},
    userinfo_not_ascii={"sub": "2"},
    resource=says('"hello": "alice"'),
    id_tokens={"login": None, "refresh": {"sub": "1", "aud": "hard"}},
    discoveries=[
        Discovery("its issuer", lambda origin: f"{origin}/o", OK, revokes=False),
        Discovery("a slash too many", lambda origin: f"{origin}/o/", no_metadata("OTHER_ISSUER")),
        # It goes by the name it is asked by, in its issuer and in its URLs.
        Discovery("other name", lambda origin: by_other_name(origin) + "/o", OK, revokes=False, over_tls=WRONG_HOST),
        Discovery("without its path", lambda origin: origin, NOT_FOUND),
    ],
    # The page behind @protected_resource answers 403 where RFC 6750 has 401:
    # that is no sign for a session.
    life=Life(setting={"AT_TTL": "5"}, ends="time", revoked_elsewhere={**OK, "http_status": 403}),
    cannot={
        "endpoints at another host": "it makes every URL out of the request's own host",
        "an ID token at sign-in": "it issues one only with a refresh; that one is verified",
        "revocation by discovery": "its metadata does not name the endpoint, which is set by hand",
    },
)
