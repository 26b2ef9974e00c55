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
    without. Raises as `Session.token` does. Any thread may use it.

    Each 401 is taken as the token's end: an API that refuses every token costs one refresh per call, while
    `Session.call` refreshes for such an API once a minute. With http the token is refused while the environment has a
    proxy for it (`Reason.PLAIN_HTTP`); a proxy that you set yourself would see the token."""

    def __init__(self, session: Session, origins: Iterable[str]) -> None:
        self._bearer = Bearer(session, origins)

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """For `httpx.Client`."""
        self._bearer.check(str(request.url))
        sent = self._bearer.session.token().access_token
        response = yield with_token(request, sent)
        if self._told(request, response, sent) and can_repeat(request):
            yield with_token(request, self._bearer.session.token().access_token)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """For `httpx.AsyncClient`."""
        self._bearer.check(str(request.url))
        sent = (await self._bearer.session.token_async()).access_token
        response = yield with_token(request, sent)
        if self._told(request, response, sent) and can_repeat(request):
            yield with_token(request, (await self._bearer.session.token_async()).access_token)

    def _told(self, request: httpx.Request, response: httpx.Response, sent: str) -> bool:
        # After a redirect the answer is to another request, which may be a GET where a POST would be repeated.
        asked = response.request
        facts = request.method, str(asked.url), asked.headers.get("Authorization", "")
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
