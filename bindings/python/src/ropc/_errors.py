"""What goes wrong, as exceptions."""

import json
import operator
import threading
import time
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

from ._library import EXIT_MS, Owned, ending, lib
from ._native import ErrorPointer, Reason, Stage, Status

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Error(Exception):
    """Why a call failed: catch a subclass, or branch on `reason`. The text says
    what happened and what to do; no text here holds a password, secret or token."""

    status: Status = Status.BUG
    """What the call came to."""
    reason: Reason = Reason.NONE
    """Why: what a program branches on."""
    stage: Stage = Stage.NONE
    """How far the call had come."""
    http_status: Optional[int] = None
    """HTTP status of the answer, if there was one."""
    provider_code: Optional[int] = None
    """LoginRadius' ErrorCode, also one that the library does not know."""
    retry_after: Optional[timedelta] = None
    """How long the server asks to wait, at most a day."""
    locked_until: Optional[datetime] = None
    """When a lock ends (UTC), if known."""
    server_date_at: Optional[datetime] = None
    """The time by the server's clock (UTC), if known."""
    request_sent: bool = False
    """Whether any byte of the request had left: the server may have counted the attempt."""
    retryable: bool = False
    """Whether the same call, made later and unchanged, can succeed."""
    oauth_error: Optional[str] = None
    """RFC 6749 "error", e.g. "invalid_grant"."""
    oauth_description: Optional[str] = None
    """RFC 6749 "error_description"."""
    provider_message: Optional[str] = None
    """LoginRadius' Message."""
    provider_description: Optional[str] = None
    """LoginRadius' Description."""

    _native: Any = None

    def __init__(self, message: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.message = message
        vars(self).update(facts)

    @property
    def advice(self) -> str:
        """What to do about `reason`: a sentence in English for the person who reads it, or ""."""
        return advice(self.reason)

    def extra(self, name: str) -> Any:
        """Another member of the error's body, decoded from JSON, or None when there is none of that name: the
        second-factor token of `Reason.SECOND_FACTOR` is in "SecondFactorAuthentication". Of an error that was
        pickled on its way here, nothing is left of them."""
        # The library has no name with a NUL inside.
        known = self._native is not None and "\0" not in name
        text = lib.error_extra(self._native, name.encode("utf-8", "surrogatepass")) if known else None
        return None if text is None else json.loads(text)

    def __reduce__(self) -> tuple[Any, ...]:
        facts = {name: fact for name, fact in vars(self).items() if name != "_native"}
        return type(self), self.args, facts


class ArgumentError(Error):
    """An argument or option is wrong. Nothing was sent."""

    status, reason, stage = Status.ARG, Reason.ARGUMENT, Stage.SETUP


class StateError(Error):
    """The object cannot do that now: it is closed, was taken already, or belongs to the parent of this process."""

    status, reason, stage = Status.STATE, Reason.STATE, Stage.SETUP


class UnsupportedError(Error):
    """Asked for something that the library does not do, or for a token that cannot be read."""


class ResourcesError(Error):
    """The process is short of threads or descriptors."""


class NetworkError(Error):
    """The server was not reached, or the connection broke: `request_sent` says before or after the request was out."""


class TlsError(NetworkError):
    """The TLS handshake failed or the certificate is not trusted."""


class TimedOutError(NetworkError):
    """A time limit ran out."""


class CancelledError(Error):
    """Stopped by the program."""


class RefusedError(Error):
    """The server refused this user or this password: `reason` says whether it is wrong, locked and so on."""


class ClientRefusedError(Error):
    """The server refused this application or its request."""


class ServerError(Error):
    """The server failed."""


class RateLimitedError(ServerError):
    """The server asks to wait: `retry_after`."""


class AnswerError(ServerError):
    """The answer is not what such an endpoint answers."""


class IdTokenError(Error):
    """The ID token does not prove who signed in."""


class SignedOutError(Error):
    """Nobody is signed in any more: ask the person to sign in."""


class UnclearError(Error):
    """A refresh was sent and its answer never came; see `Session.refresh`."""


class StoreError(Error):
    """The store cannot be read or written."""


class NotRevokedError(Error):
    """Signed out here; the server was not told, or not all of it."""


class SaveFirst(Error):
    """The session has new tokens to be saved before they are used: `Session.save_pending`. No failure."""

    status, reason = Status.SAVE_FIRST, Reason.SAVE_FIRST


class BugError(Error):
    """A bug in the library; the process is still sound."""


CLASSES: dict[int, type[Error]] = {
    Status.ARG: ArgumentError,
    Status.STATE: StateError,
    Status.UNSUPPORTED: UnsupportedError,
    Status.RESOURCES: ResourcesError,
    Status.RESOLVE: NetworkError,
    Status.CONNECT: NetworkError,
    Status.TLS: TlsError,
    Status.TIMEOUT: TimedOutError,
    Status.IO: NetworkError,
    Status.CANCELLED: CancelledError,
    Status.PROXY: NetworkError,
    Status.REFUSED: RefusedError,
    Status.CLIENT: ClientRefusedError,
    Status.RATE_LIMITED: RateLimitedError,
    Status.SERVER: ServerError,
    Status.ANSWER: AnswerError,
    Status.ID_TOKEN: IdTokenError,
    Status.SIGNED_OUT: SignedOutError,
    Status.UNCLEAR: UnclearError,
    Status.STORE: StoreError,
    Status.NOT_REVOKED: NotRevokedError,
    Status.BUG: BugError,
}


def advice(reason: int) -> str:
    """What to do about a reason: a sentence in English for the person who reads it, or ""."""
    return str(lib.reason_advice(operator.index(reason)).decode())


def moment(at: int) -> Optional[datetime]:
    """An instant of the library's; None when it is not known."""
    if at == 0:
        return None
    try:
        return EPOCH + timedelta(seconds=at)
    except OverflowError:
        # Later than Python can say.
        return datetime.max.replace(tzinfo=timezone.utc)


def failure(status: int, error: Any) -> Error:
    """The exception for what a call gave; `error` is freed with it."""
    known, native = error[0], Owned(error, lib.error_free)
    texts = ("oauth_error", "oauth_description", "provider_message", "provider_description")
    return CLASSES.get(status, Error)(
        known.message.decode(),
        status=Status(status),
        reason=Reason(known.reason),
        stage=Stage(known.stage),
        http_status=known.http_status or None,
        provider_code=known.provider_code or None,
        retry_after=timedelta(milliseconds=known.retry_after_ms) if known.retry_after_ms else None,
        locked_until=moment(known.locked_until_at),
        server_date_at=moment(known.server_date_at),
        request_sent=bool(known.request_sent),
        retryable=bool(known.retryable),
        **{name: text.decode() if (text := getattr(known, name)) is not None else None for name in texts},
        _native=native,
    )


def call(function: Any, *arguments: Any) -> Status:
    """Calls a function whose last parameter is `err`: OK or PENDING, or raises why not."""
    error = ErrorPointer()
    status = function(*arguments, error)
    if status == Status.SAVE_FIRST:
        raise SaveFirst("The session has new tokens, which are to be saved first: see Session.save_pending")
    if status == Status.CANCELLED and ending.is_set() and threading.current_thread().daemon:
        # The interpreter ends, and this thread with it: what it raised now would be printed into that. But a function
        # that atexit calls may wait for the thread.
        time.sleep(2 * EXIT_MS / 1000)
    if status not in (Status.OK, Status.PENDING):
        raise failure(status, error)
    return Status(status)


def check(status: int, message: str) -> None:
    """Raises for a function that gives a status and no error."""
    if status != Status.OK:
        raise CLASSES.get(status, Error)(message, status=Status(status))
