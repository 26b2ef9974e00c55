"""Which token goes where, for HTTP packages of other people."""

import ipaddress
from collections.abc import Iterable
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ._errors import ArgumentError
from ._native import Reason
from ._session import Session

Origin = tuple[str, str, int]

# May be sent again (RFC 9110, 9.2.2).
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


class Bearer:
    """A session's access token, for the origins that the caller named."""

    def __init__(self, session: Session, origins: Iterable[str]) -> None:
        if isinstance(origins, str):
            raise TypeError('origins is a list of them, as ["https://api.example.com"]')
        if not isinstance(session, Session):
            raise TypeError(f"session must be a ropc.Session, not {type(session).__name__}")
        self.session = session
        self.origins = frozenset(named(one) for one in origins)

    def check(self, url: str) -> None:
        """Raises unless the token may go there."""
        found = origin(url)
        if found not in self.origins:
            raise ArgumentError(
                f"The user's access token may not be sent to {found[0]}://{found[1]}:{found[2]}; name that origin if it"
                " may",
                reason=Reason.ORIGIN_NOT_ALLOWED,
            )
        if found[0] == "http" and {"http", "all"} & getproxies().keys() and not proxy_bypass(found[1]):
            raise ArgumentError(
                "A proxy is set for http, which would see the user's access token; set no_proxy=127.0.0.1,localhost",
                reason=Reason.PLAIN_HTTP,
            )

    def told(self, status: int, method: str, url: str, header: str, sent: str) -> bool:
        """What `url` answered to `header`, for which the token was `sent`. Whether to send what the caller asked for
        by `method` once more, with a newer token: then the second answer counts, and is not told."""
        if status != 401 or header != f"Bearer {sent}" or origin(url) not in self.origins:
            return False  # It is good, or this is after a redirect elsewhere.
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
