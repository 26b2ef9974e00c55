"""What the library hands out."""

import ctypes
import json
from ctypes import c_void_p
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Optional

from ._convert import number, text
from ._errors import call, moment
from ._handles import Handle
from ._library import Owned, lib
from ._native import Reason, SessionState, Status, TokenKind


def string(address: c_void_p) -> Optional[str]:
    """A text that is ours: copied, overwritten and freed."""
    if not address:
        return None
    try:
        return ctypes.string_at(address).decode()
    finally:
        lib.string_free(address)


def maybe(value: Optional[bytes]) -> Optional[str]:
    """A text of a struct, or None for NULL."""
    return None if value is None else value.decode()


def members(json_text: Optional[str]) -> dict[str, Any]:
    """The members of the one object that the library gives as JSON."""
    found: dict[str, Any] = json.loads(json_text or "{}")
    return found


class Struct(Handle):
    """A struct of the library's that is read in place."""

    def _read(self, field: str) -> Any:
        # Kept until the field is copied, whoever closes this meanwhile.
        owned = self._use()
        return getattr(owned._as_parameter_[0], field)


class Tokens(Struct):
    """What the server issued. Each read copies out of the library's memory, which is overwritten by `close`, `with`,
    or once nobody has this any more; a copy that Python made cannot be. Any thread may read it."""

    @property
    def access_token(self) -> str:
        """For the Authorization header, after "Bearer "."""
        return str(self._read("access_token").decode())

    @property
    def token_type(self) -> str:
        """As the server wrote it: "Bearer", "bearer", "access_token" or "". Always send "Bearer"."""
        return str(self._read("token_type").decode())

    @property
    def refresh_token(self) -> Optional[str]:
        """For new tokens once the access token has ended, if one was issued."""
        return maybe(self._read("refresh_token"))

    @property
    def id_token(self) -> Optional[str]:
        """Who signed in, as a JWT, if one was issued."""
        return maybe(self._read("id_token"))

    @property
    def scope(self) -> Optional[str]:
        """Scopes, separated by spaces. None when the server did not say, which means: as asked for."""
        return maybe(self._read("scope"))

    @property
    def expires_at(self) -> Optional[datetime]:
        """When the access token ends (UTC), if the server said so."""
        return moment(self._read("expires_at"))

    @property
    def received_at(self) -> datetime:
        """When the answer came, by this machine's clock (UTC)."""
        at = moment(self._read("received_at"))
        assert at is not None, "the library always knows"
        return at

    @property
    def server_date_at(self) -> Optional[datetime]:
        """When the answer came, by the server's clock (UTC), if known. Far from `received_at`, one of the two clocks is
        wrong."""
        return moment(self._read("server_date_at"))

    def extra(self, name: str) -> Any:
        """Another member of the server's answer, decoded from JSON, or None when there is none of that name."""
        found = lib.tokens_extra(self._use(), text("name", name))
        return None if found is None else json.loads(found)

    def claims(self, which: TokenKind = TokenKind.ID) -> dict[str, Any]:
        """What a token says of itself. Nothing is verified: fit to greet the person, not to decide what they may do
        (`Client.verify_id_token`). `UnsupportedError` when the token was not issued, is opaque or is encrypted."""
        out = c_void_p()
        call(lib.tokens_claims, self._use(), number(TokenKind, which), out)
        return members(string(out))


class Token:
    """One access token out of a session."""

    __slots__ = ("access_token", "expires_at")

    def __init__(self, access_token: str, expires_at: Optional[datetime]) -> None:
        self.access_token = access_token
        """For the Authorization header, after "Bearer "."""
        self.expires_at = expires_at
        """When it ends (UTC), if the server said so."""

    def __repr__(self) -> str:
        return f"<ropc.Token, expires_at={self.expires_at}>"


def token(pointer: Any) -> Token:
    """Copied, overwritten and freed."""
    owned = Owned(pointer, lib.token_free)
    found = owned._as_parameter_[0]
    return Token(found.access_token.decode(), moment(found.expires_at))


class Response(Struct):
    """What an API answered. Any thread may read it."""

    @property
    def status(self) -> int:
        """The HTTP status: whatever it is, the call was a success."""
        return int(self._read("http_status"))

    @property
    def body(self) -> bytes:
        """The body, copied at each read."""
        owned = self._use()
        found = owned._as_parameter_[0]
        return ctypes.string_at(found.body, found.body_len)

    @property
    def content_type(self) -> Optional[str]:
        """Content-Type, if there was one."""
        return latin(self._read("content_type"))

    def header(self, name: str) -> Optional[str]:
        """A header by its name, in whatever case; of several the first."""
        return latin(lib.response_header(self._use(), text("name", name)))

    def json(self) -> Any:
        """The body, decoded from JSON."""
        return json.loads(self.body)

    def __repr__(self) -> str:
        return "<ropc.Response, closed>" if self.closed else f"<ropc.Response, status={self.status}>"


def latin(value: Optional[bytes]) -> Optional[str]:
    """A header's value, which may be no UTF-8."""
    return None if value is None else value.decode("utf-8", "replace")


@dataclass(frozen=True)
class SessionInfo:
    """A session at one moment, for a line on a screen."""

    state: SessionState
    """How it is."""
    refreshing: bool
    """Whether a refresh is under way."""
    user_key: str
    """Who: what the program called the user."""
    scope: Optional[str]
    """What was granted, if the server said so."""
    expires_at: Optional[datetime]
    """When the access token ends (UTC); None when unknown or signed out."""
    received_at: Optional[datetime]
    """When the tokens came (UTC); None when signed out."""
    last_status: Status
    """Why the last refresh or save failed; `Status.OK` when none did since the last that succeeded."""
    last_reason: Reason
    """Its reason; `Reason.NONE`."""
    last_message: Optional[str]
    """Its message."""


def session_info(pointer: Any) -> SessionInfo:
    """Copied and freed."""
    owned = Owned(pointer, lib.session_info_free)
    found = owned._as_parameter_[0]
    return SessionInfo(
        state=SessionState(found.state),
        refreshing=bool(found.refreshing),
        user_key=found.user_key.decode(),
        scope=maybe(found.scope),
        expires_at=moment(found.expires_at),
        received_at=moment(found.received_at),
        last_status=Status(found.last_status),
        last_reason=Reason(found.last_reason),
        last_message=maybe(found.last_message),
    )
