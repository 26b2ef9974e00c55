"""The words in which peers/ says what is asked of a server and what has to
come back.

What has to come back is a dictionary: a name with a dot looks into an object,
a set holds the values that are right, a function is asked, and anything else
must be the same.
"""

from dataclasses import dataclass, field
from typing import Callable, Optional

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

DEAD, ALIVE = False, True


def says(*words):
    """A text that holds all these words."""
    return lambda text: text is not None and all(word in text for word in words)


def refused(reason, http_status, oauth_error, **more):
    """A refusal by the server: RFC 6749, 5.2."""
    status = "ROPC_E_REFUSED" if reason in ("WRONG_CREDENTIALS", "GRANT_REFUSED") else "ROPC_E_CLIENT"
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


OK = {"status": "ROPC_OK"}

NOT_FOUND = {
    "status": "ROPC_E_CLIENT",
    "reason": "ROPC_REASON_NOT_FOUND",
    "http_status": 404,
    "oauth_error": None,
    "request_sent": 1,
}

# The server does not take an access token.
TOKEN_REFUSED = {"status": "ROPC_E_REFUSED", "reason": "ROPC_REASON_TOKEN_REFUSED", "http_status": 401}

# The certificate names another host.
WRONG_HOST = {"status": "ROPC_E_TLS", "reason": "ROPC_REASON_TLS_WRONG_HOST", "request_sent": 0}

# The session is over, for the server has said so.
ENDED = {"status": "ROPC_E_SIGNED_OUT", "reason": "ROPC_REASON_REFRESH_ENDED"}


def no_id_token(reason):
    return {"status": "ROPC_E_ID_TOKEN", "reason": f"ROPC_REASON_ID_TOKEN_{reason}"}


def no_metadata(reason):
    return {"status": "ROPC_E_ANSWER", "reason": f"ROPC_REASON_{reason}", "http_status": 200}


def by_other_name(origin):
    return origin.replace("127.0.0.1", "localhost")


@dataclass
class Refreshing:
    """What a refresh does to the tokens of before, and what comes when one
    that was replaced is sent again."""

    rotates: bool
    old_access: bool  # DEAD or ALIVE
    again: dict
    # After that, the newer tokens.
    newer_access: bool = ALIVE
    newer_refresh: bool = ALIVE
    # Whether the answer to the second is the first one's tokens.
    same_again: bool = False
    # What a session says whose refresh token somebody else has used before it.
    session: dict = field(default_factory=lambda: ENDED)
    # What that session was told to take for the end, beside invalid_grant.
    ended_error: Optional[str] = None
    # Added to the environment of the server.
    setting: dict = field(default_factory=dict)


@dataclass
class Discovery:
    """What comes of asking for `issuer`, which is made from the server's
    origin; found endpoints are then used."""

    name: str
    issuer: Callable
    expected: dict
    others: int = 0
    # The same over TLS, where that is something else.
    over_tls: Optional[dict] = None
    # Whether revocation is among what was found.
    revokes: bool = True
    setting: dict = field(default_factory=dict)
    options: tuple = ()


@dataclass
class Life:
    """A whole session. `ends` says how its first access tokens end: "time" or
    "revoked"."""

    setting: dict
    ends: str
    # What the session's own call comes to after an access token of a lasting
    # lifetime was revoked by somebody else.
    revoked_elsewhere: dict


@dataclass
class Peer:
    """A server: what is asked of it, and what it answers."""

    name: str
    # origin -> [(name, arguments of signin.c, password, expected)]
    signins: Callable
    # From the origin: token, revoke, userinfo, jwks, and resource, where an API
    # takes access tokens.
    paths: dict
    issuer: str
    # The client and the scope of all that follows.
    client: dict
    scope: str
    # [(name, client, expected)]: the clients that can sign in must be able to
    # do the rest too.
    clients: list
    # What a refresh token comes to that is worth nothing.
    ended: dict
    refreshing: dict  # name -> Refreshing
    # (kind, hint) or kind -> (access token, refresh token), each DEAD or ALIVE.
    revoked: dict
    # A revocation by somebody with the wrong secret.
    stranger: dict
    userinfo: dict  # of alice
    userinfo_not_ascii: dict  # of bøb
    resource: Callable  # of the body for alice
    # "login" and "refresh" -> what its ID token says, or None: there is none.
    id_tokens: dict
    discoveries: list
    life: Life
    # What says, beside invalid_grant, that a session is over.
    ended_error: Optional[str] = None
    # Names in `clients` whose revocation is answered 200 and does nothing.
    revokes_nothing: tuple = ()
    # Sent with the sign-in, and to be in the ID token.
    nonce: Optional[str] = None
    # What cannot be had from this server, and why.
    cannot: dict = field(default_factory=dict)


def differences(expected, found):
    """What in `found` is not as `expected` says."""
    for name, right in expected.items():
        value = found
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        good = right(value) if callable(right) else value in right if isinstance(right, set) else value == right
        if not good:
            wanted = "something else" if callable(right) else repr(right)
            yield f"{name} is {value!r}, not {wanted}"
