"""A session's access token for the package `httpx`.

    api = httpx.AsyncClient(auth=ropc.httpx.SessionAuth(session, ["https://api.example.com"]))
"""

from collections.abc import AsyncGenerator, Generator, Iterable

import httpx

from ._bearer import Bearer
from ._session import Session


class SessionAuth(httpx.Auth):
    """Gives each request an access token that is good, refreshed before if need be; for `httpx.Client` and
    `httpx.AsyncClient`, whose loop it does not block. When the API answers 401 the token is refreshed once, and the
    request sent once more, unless it is a POST or PATCH or its body can be read only once.

    `origins` are those that may have the token: https, or http to this machine by its name or address. A request to
    any other raises `ArgumentError` (`Reason.ORIGIN_NOT_ALLOWED`), and after a redirect to another origin it is sent
    without. Raises as `Session.token` does. Any thread may use it."""

    def __init__(self, session: Session, origins: Iterable[str]) -> None:
        self._bearer = Bearer(session, origins)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """For `httpx.Client`."""
        self._bearer.check(str(request.url))
        sent = self._bearer.session.token().access_token
        response = yield with_token(request, sent)
        if self._told(response, sent) and can_repeat(request):
            newer = self._bearer.session.token().access_token
            self._told((yield with_token(request, newer)), newer)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """For `httpx.AsyncClient`."""
        self._bearer.check(str(request.url))
        sent = (await self._bearer.session.token_async()).access_token
        response = yield with_token(request, sent)
        if self._told(response, sent) and can_repeat(request):
            newer = (await self._bearer.session.token_async()).access_token
            self._told((yield with_token(request, newer)), newer)

    def _told(self, response: httpx.Response, sent: str) -> bool:
        asked = response.request
        facts = asked.method, str(asked.url), asked.headers.get("Authorization", "")
        return self._bearer.told(response.status_code, *facts, sent)


def can_repeat(request: httpx.Request) -> bool:
    """Whether its body is there, and not a stream that is over."""
    try:
        request.content
    except httpx.RequestNotRead:
        return False
    return True


def with_token(request: httpx.Request, token: str) -> httpx.Request:
    """A request that carries it."""
    request.headers["Authorization"] = f"Bearer {token}"
    return request
