"""The sign-ins: what is asked of each server and what has to come back.

A case is a name, the arguments of signin.c, the password, and what the line of
JSON has to hold. A name with a dot looks into an object; a set holds the values
that are right; a function is asked.
"""

ALICE = {"user": "alice"}
BOB = {"user": "bøb"}
LONG = {"user": "long"}
WONDERLAND = "wonderland"
NON_ASCII = "p&s=w+r%d é€"
LONG_PASSWORD = "é" * 9000
# As long as a password may be, and three times that in a form.
LONGEST_PASSWORD = "\x7f\x01" * 32768
WRONG = "canary-3Jx9 is not hers"

PUB = {"client": "pub"}
APP = {"client": "app", "secret": "appsecret"}
HARD = {"client": "hard", "secret": "s:e c%r+t/&"}
MACHINE = {"client": "machine", "secret": "machinesecret"}


def refused(reason, http_status, oauth_error, **more):
    """A refusal by the server: RFC 6749, 5.2."""
    status = "ROPC_E_REFUSED" if reason == "WRONG_CREDENTIALS" else "ROPC_E_CLIENT"
    return {
        "status": status,
        "reason": f"ROPC_REASON_{reason}",
        "stage": 8,
        "http_status": http_status,
        "oauth_error": oauth_error,
        "request_sent": 1,
        "retryable": 0,
        **more,
    }


def says(*words):
    """A text that holds all these words."""
    return lambda text: text is not None and all(word in text for word in words)


NOT_FOUND = {
    "status": "ROPC_E_CLIENT",
    "reason": "ROPC_REASON_NOT_FOUND",
    "http_status": 404,
    "oauth_error": None,
    "request_sent": 1,
}


def jmondi(origin):
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
    wrong_client = refused("CLIENT_REFUSED", 401, "invalid_client")

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
        ("hard secret, Basic", {**json, **HARD, "method": "basic", **BOB}, NON_ASCII, wrong_client),
        ("hard secret, Basic raw", {**json, **HARD, "method": "raw", **BOB}, NON_ASCII, wrong_client),
        ("unknown client", {**json, "client": "nobody", **ALICE}, WONDERLAND, wrong_client),
        ("wrong secret", {**json, **APP, "secret": "canary-5Pq2", "method": "post", **ALICE}, WONDERLAND, wrong_client),
        ("no secret", {**json, "client": "app", **ALICE}, WONDERLAND, wrong_client),
        (
            "LoginRadius, unknown client",
            {**loginradius, "client": "nobody", **ALICE},
            WONDERLAND,
            {**wrong_client, "provider_message": says("Client authentication failed")},
        ),
        # Grants. One that the client may not use is answered as if its secret
        # were wrong.
        ("client not for users", {**json, **MACHINE, "method": "post", **ALICE}, WONDERLAND, wrong_client),
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


def oidc_provider(origin):
    url = {"url": f"{origin}/token"}
    openid = {"scope": "openid profile"}

    bearer = {"status": "ROPC_OK", "token_type": "Bearer", "access_claims": "ROPC_REASON_NOT_A_JWT"}
    user = {**bearer, "expires_in": 3600, "refresh_token": 1}
    plain = {**user, "id_token": 0, "scope": None, "id_claims": "ROPC_REASON_NOT_A_JWT"}
    with_id = {**user, "id_token": 1, "scope": "openid profile", "id_claims.iss": origin}
    alice = {**with_id, "id_claims.sub": "alice", "id_claims.name": "Alice Liddell"}
    bob = {**with_id, "id_claims.sub": "bøb", "id_claims.name": "Bøb"}
    wrong_user = refused("WRONG_CREDENTIALS", 400, "invalid_grant", message=says("user name and password"))
    wrong_client = refused("CLIENT_REFUSED", 401, "invalid_client")
    malformed = refused("REQUEST_REFUSED", 400, "invalid_request")
    forms_only = {**malformed, "oauth_description": says("only", "application/x-www-form-urlencoded")}
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
        ("too long", {**url, **PUB, **LONG}, LONGEST_PASSWORD, malformed),
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
            {**malformed, "oauth_description": says("not properly encoded"), "advice": says("client authentication")},
        ),
        ("unknown client", {**url, "client": "nobody", **ALICE}, WONDERLAND, wrong_client),
        ("wrong secret", {**url, **APP, "secret": "canary-5Pq2", "method": "basic", **ALICE}, WONDERLAND, wrong_client),
        ("no secret", {**url, "client": "app", **ALICE}, WONDERLAND, wrong_client),
        # Grants. One that the client may not use is a malformed request here.
        (
            "client not for users",
            {**url, **MACHINE, "method": "basic", **ALICE},
            WONDERLAND,
            {**malformed, "oauth_description": says("not allowed for this client")},
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


CASES = {"jmondi": jmondi, "oidc-provider": oidc_provider}
