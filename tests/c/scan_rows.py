"""What scan.py does to the library: every operation, with every outcome. A
combination that is left out makes no sense; LEFT_OUT says why."""

from dataclasses import dataclass, field

from scan_forms import easy_secret, hard_secret

# The secrets that a row may be about, and how each is made anew.
SECRETS = {
    "password": hard_secret,
    "client secret": hard_secret,
    "proxy password": hard_secret,
    "API key": easy_secret,
    "parameter": hard_secret,
    "access": easy_secret,
    "refresh": easy_secret,
    "new access": easy_secret,
    "new refresh": easy_secret,
    "new ID token": easy_secret,
    "text": easy_secret,
}

# Where what a client keeps is not as it was given: the login at a proxy is
# ready for its header, behind "ada:".
LIVE_FORMS = {"proxy password": "base64, 1"}

# What a success has: its members, by the name of what stands in them.
TOKENS = {"access_token": "new access", "refresh_token": "new refresh", "id_token": "new ID token"}
TEXT = {"note": "text"}


@dataclass
class Operation:
    """One operation: what it is called, what is set before, what it is given,
    and what it yields."""

    name: str
    call: str
    gives: list
    gets: dict = field(default_factory=dict)
    # What of it the result holds; all of it.
    holds: list = None
    # Names in braces stand for secrets, and for where something is.
    settings: list = None
    # Where the result keeps its texts: the caller's own, in ordinary memory.
    result_is_kept: bool = False
    # It is the proxy that misbehaves.
    at_proxy: bool = False

    def held(self):
        return list(self.gets.values()) if self.holds is None else self.holds

    def left_out(self, outcome):
        return any(self.name in names and outcome in outcomes for names, outcomes, _ in LEFT_OUT)


SECRET = "secret_post {client secret}"
LOGINRADIUS = ["loginradius {origin}", "oidc", "api_key {API key}", "endpoint 5 {origin}", SECRET]
FORM = ["oauth2 {origin}/token"]
LOGIN = ["ada", "{password}"]

OPERATIONS = [
    Operation("login, JSON", "login", LOGIN, TOKENS, settings=LOGINRADIUS),
    Operation("login, form", "login", LOGIN, TOKENS, settings=[*LOGINRADIUS, "form", "param {parameter}"]),
    Operation("login_n", "login_n", LOGIN, TOKENS, settings=LOGINRADIUS),
    Operation("login, secret in the body", "login", LOGIN, TOKENS, settings=[*FORM, SECRET]),
    Operation("login, secret as Basic", "login", LOGIN, TOKENS, settings=[*FORM, "secret_basic {client secret}"]),
    Operation("login, secret as raw Basic", "login", LOGIN, TOKENS, settings=[*FORM, "secret_raw {client secret}"]),
    Operation("login, through a proxy", "login", LOGIN, TOKENS, settings=[*LOGINRADIUS, "proxy {proxy}"]),
    Operation("login, proxy misbehaves", "login", LOGIN, TOKENS, settings=[*LOGINRADIUS, "proxy {proxy}"],
              at_proxy=True),
    Operation("login, client certificate", "login", LOGIN, TOKENS, settings=[*LOGINRADIUS, "cert {origin} {cert}"]),
    Operation("grant", "grant", ["{access}"], TOKENS, settings=LOGINRADIUS),
    Operation("refresh", "refresh", ["{refresh}"], TOKENS, settings=LOGINRADIUS),
    Operation("refresh, token not replaced", "refresh", ["{refresh}"], {"access_token": "new access"},
              ["new access", "refresh"], LOGINRADIUS),
    Operation("refresh, secret as Basic", "refresh", ["{refresh}"], TOKENS,
              settings=[*FORM, "secret_basic {client secret}"]),
    Operation("revoke", "revoke", ["{refresh}"], settings=LOGINRADIUS),
    Operation("revoke, secret as Basic", "revoke", ["{refresh}"],
              settings=[*FORM, "endpoint 2 {origin}/revoke", "secret_basic {client secret}"]),
    Operation("userinfo", "userinfo", ["{access}"], TEXT, settings=LOGINRADIUS),
    Operation("profile", "profile", ["{access}"], TEXT, settings=LOGINRADIUS),
    Operation("validate", "validate", ["{access}"], {"access_token": "new access"}, settings=LOGINRADIUS),
    Operation("invalidate", "invalidate", ["{access}"], settings=LOGINRADIUS),
    Operation("discover", "discover", ["{origin}"], settings=["oauth2", "api_key {API key}", SECRET]),
    Operation("verify ID token", "verify", ["{ID token}"],
              settings=[*LOGINRADIUS, "issuer {origin}", "endpoint 4 {origin}/jwks"]),
    Operation("connect ahead", "connect", [], settings=LOGINRADIUS),
    Operation("session login", "session_login", LOGIN, TOKENS, settings=LOGINRADIUS, result_is_kept=True),
]  # fmt: skip

# Operations, outcomes that they do not have, and why.
LEFT_OUT = [
    (["revoke", "revoke, secret as Basic"], ["garbled"], "any answer with 200 is a success, whatever it says"),
    (["discover"], ["stopped"], "it is asked of settings: there is no client that could be told to stop"),
    (["login, through a proxy", "login, proxy misbehaves"], ["nobody there"], "the proxy finds the server by itself"),
    (["login, proxy misbehaves"], ["redirected", "garbled", "halved", "panic"],
     "its refusals have no body that is read; panics are had through the other proxy"),
    (["connect ahead"], ["refused", "echoed", "redirected", "garbled", "halved", "cut", "timed out", "stopped",
                         "cancelled", "shut down", "freed"], "nothing is sent, so nothing is answered"),
]  # fmt: skip

# What becomes of a blocking call: the server's manner, and how it ends (the
# status, or the HTTP status of the refusal).
CALLS = {
    "success": ("success", "OK"),
    "refused": ("refused", 400),
    "echoed": ("echoed", 403),
    "redirected": ("redirected", 302),
    "garbled": ("garbled", "E_ANSWER"),
    "halved": ("halved", "E_IO"),
    "cut": ("cut", "E_IO"),
    "timed out": ("silent", "E_TIMEOUT"),
    "stopped": ("silent", "E_CANCELLED"),
    "wrong host": ("success", "E_TLS"),
    "nobody there": ("success", "E_CONNECT"),
    "panic": ("success", "E_BUG"),
}

# Of a request: what is done to it, too.
REQUESTS = {
    **{outcome: ends for outcome, ends in CALLS.items() if outcome != "stopped"},
    "cancelled": ("silent", "E_CANCELLED"),
    "shut down": ("silent", "E_CANCELLED"),
    "freed": ("silent", None),
    "freed unstarted": ("success", None),
    "cancelled before": ("success", "E_CANCELLED"),
    "cancelled in the queue": ("silent", "E_CANCELLED"),
}

# How those end that a proxy causes.
AT_PROXY = {"refused": "E_PROXY", "echoed": "E_PROXY", "cut": "E_PROXY"}
