"""Signs users in with a name and a password, and keeps them signed in: LoginRadius or any OAuth 2.0 server
(RFC 6749, 4.3), by libropc.

    options = ropc.Options.loginradius("acme.hub.loginradius.com", "my-app", "client-id")
    with ropc.Client(options) as client, ropc.FileStore("ada.login") as store:
        session = ropc.Session.login(client, "ada@example.com", password, store)
        print(session.call("GET", "https://acme.hub.loginradius.com/...").json())

RFC 9700 (2.4) says that this grant must not be used: the program sees the password. This library is for what is left: a
site's own program, where no browser can be shown.

`ropc.requests` and `ropc.httpx` have a `SessionAuth` for those two packages.
"""

from ._client import Client
from ._convert import Password, Seconds, wipe
from ._errors import (
    AnswerError,
    ArgumentError,
    BugError,
    CancelledError,
    ClientRefusedError,
    Error,
    IdTokenError,
    NetworkError,
    NotRevokedError,
    RateLimitedError,
    RefusedError,
    ResourcesError,
    SaveFirst,
    ServerError,
    SignedOutError,
    StateError,
    StoreError,
    TimedOutError,
    TlsError,
    UnclearError,
    UnsupportedError,
    advice,
)
from ._library import path as library_path
from ._native import (
    MAX_BEARER,
    MAX_CLIENT_SECRET,
    MAX_NAME,
    MAX_PARAMS,
    MAX_PEM,
    MAX_RECORD,
    MAX_SECRET,
    MAX_TEXT,
    MAX_WORKERS,
    AppKind,
    Encoding,
    Endpoint,
    Limit,
    LogLevel,
    Reason,
    SecretMethod,
    SessionState,
    Stage,
    Status,
    TokenHint,
    TokenKind,
    Trust,
)
from ._native import VERSION as __version__
from ._options import Options
from ._process import set_workers, shutdown, version
from ._request import Request
from ._results import Response, SessionInfo, Token, Tokens
from ._session import Session
from ._store import FileStore, HostStore, Save, Store

__all__ = [
    "AnswerError", "AppKind", "ArgumentError", "BugError", "CancelledError", "Client", "ClientRefusedError", "Encoding",
    "Endpoint", "Error", "FileStore", "HostStore", "IdTokenError", "Limit", "LogLevel", "MAX_BEARER",
    "MAX_CLIENT_SECRET", "MAX_NAME", "MAX_PARAMS", "MAX_PEM", "MAX_RECORD", "MAX_SECRET", "MAX_TEXT", "MAX_WORKERS",
    "NetworkError", "NotRevokedError", "Options", "Password", "RateLimitedError", "Reason", "RefusedError", "Request",
    "ResourcesError", "Response", "Save", "SaveFirst", "Seconds", "SecretMethod", "ServerError", "Session",
    "SessionInfo", "SessionState", "SignedOutError", "Stage", "StateError", "Status", "Store", "StoreError",
    "TimedOutError", "TlsError", "Token", "TokenHint", "TokenKind", "Tokens", "Trust", "UnclearError",
    "UnsupportedError", "__version__", "advice", "library_path", "set_workers", "shutdown", "version", "wipe",
]  # fmt: skip
