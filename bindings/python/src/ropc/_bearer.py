"""Which token goes where, for HTTP packages of other people."""

import ipaddress
import time
from collections.abc import Iterable
from urllib.parse import urlsplit

from ._errors import ArgumentError
from ._native import Reason
from ._session import Session

Origin = tuple[str, str, int]

# May be sent again (RFC 9110, 9.2.2).
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
# An API that refuses every token brings about one refresh in so many seconds.
DOUBT = 60.0


class Bearer:
    """A session's access token, for the origins that the caller named."""

    def __init__(self, session: Session, origins: Iterable[str]) -> None:
        if isinstance(origins, str):
            raise TypeError('origins is a list of them, as ["https://api.example.com"]')
        self.session = session
        self.origins = frozenset(named(one) for one in origins)
        self.doubted: dict[str, float] = {}

    def check(self, url: str) -> None:
        """Raises unless the token may go there."""
        found = origin(url)
        if found not in self.origins:
            raise ArgumentError(
                f"The user's access token may not be sent to {found[0]}://{found[1]}:{found[2]}; name that origin if it"
                " may",
                reason=Reason.ORIGIN_NOT_ALLOWED,
            )

    def told(self, status: int, method: str, url: str, header: str, sent: str) -> bool:
        """What `url` answered to `header`, for which the token was `sent`. Whether to ask it once more, with a newer
        token."""
        if header != f"Bearer {sent}" or origin(url) not in self.origins:
            return False  # After a redirect elsewhere.
        api, now = url.partition("?")[0], time.monotonic()
        if status != 401:
            self.doubted.pop(api, None)
            return False
        self.doubted = {known: until for known, until in self.doubted.items() if now < until}
        if api in self.doubted:
            return False
        self.doubted[api] = now + DOUBT
        self.session.expire(sent)
        return method.upper() in REPEATABLE


def origin(url: str) -> Origin:
    """Scheme, host and port of a URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        raise ArgumentError("A URL is broken: it is to be https://host:port/...") from None
    return parts.scheme, parts.hostname or "", port


def named(text: str) -> Origin:
    """An origin that the caller names: https, or http to this machine."""
    scheme, host, port = found = origin(text)
    if text.rstrip("/").count("/") != 2 or "@" in text or "?" in text or "#" in text or not host or not port:
        raise ArgumentError('An origin is as "https://api.example.com", with a port if it is not 443, and no more')
    if not host.isascii():
        raise ArgumentError("An origin is written in ASCII: xn--...")
    if scheme != "https" and not (scheme == "http" and loopback(host)):
        raise ArgumentError("An origin is https, or http to this machine", reason=Reason.PLAIN_HTTP)
    return found


def loopback(host: str) -> bool:
    """Whether a host is this machine, without asking anybody."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
