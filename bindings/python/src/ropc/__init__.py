"""Signs users in with a name and a password, and keeps them signed in: LoginRadius or any OAuth 2.0 server
(RFC 6749, 4.3), by libropc.

    options = ropc.Options.loginradius("acme.hub.loginradius.com", "my-app", "client-id")
    with ropc.Client(options) as client, ropc.FileStore("ada.login") as store:
        session = ropc.Session.login(client, "ada@example.com", password, store)
        print(session.call("GET", "https://acme.hub.loginradius.com/...").json())

RFC 9700 (2.4) says that this grant must not be used: the program sees the password. This library is for what is left: a
site's own program, where no browser can be shown.

Calls that ask a server come in three forms. `client.login(...)` blocks, up to the total time limit (30 s unless
`Options.set_timeouts` says another), while other threads run; Ctrl-C is seen within 0.1 s and cancels it.
`client.login_async(...)` is for asyncio, without a thread; who cancels the task cancels the call.
`client.request_login(...)` prepares a `Request`: start, poll, wait, result, cancel. All of them run on threads of the
library, 8 at once (`set_workers`); more wait in a queue.

Failures are subclasses of `Error`: branch on `reason`, show the text. Durations are seconds or a timedelta, instants
are aware datetimes (UTC), None when unknown.

Everything is closed by `close`, by `with`, or when nobody has it any more, in any order; any thread may use it at any
time, also while another closes it (`StateError` then).

Passwords are str, bytes or bytearray. A bytearray goes to the library without a copy: wipe it with `wipe`. Of a str a
copy is made, and overwritten. Python cannot wipe a str or bytes of yours, so neither what getpass gives, nor a token,
record or body that you read. `Tokens` themselves are overwritten when they are closed.

`ropc.requests` and `ropc.httpx`, to be imported by themselves, have a `SessionAuth` for those two packages.

In the child of a fork a client goes on, and requests of the parent raise `StateError`. What can be closed cannot be
pickled: a worker that is spawned makes its own client; errors can. At the end of the interpreter the library is shut
down, with up to 2 s for a refresh that was sent; a daemon thread that waits in a call ends with it (or as
`CancelledError`, if an atexit function joins it), and other threads Python itself waits for.

The library is the one in the wheel, else that of ROPC_LIBRARY, else the system's.
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
