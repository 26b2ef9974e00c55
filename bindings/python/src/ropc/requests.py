"""A session's access token for the package `requests`.

    api = requests.Session()
    api.auth = ropc.requests.SessionAuth(session, ["https://api.example.com"])
"""

from collections.abc import Iterable
from typing import Any

import requests
from requests.auth import AuthBase

from ._bearer import Bearer
from ._session import Session


class SessionAuth(AuthBase):
    """Gives each request an access token that is good, refreshed before if need be. When the API answers 401 the token
    is refreshed once, and the request sent once more, unless it is a POST or PATCH or its body can be read only once.

    `origins` are those that may have the token: https, or http to this machine by its name or address. A request to
    any other raises `ArgumentError` (`Reason.ORIGIN_NOT_ALLOWED`), and after a redirect to another origin it is sent
    without. Blocks and raises as `Session.token` does. Any thread may use it.

    Each 401 is taken as the token's end: an API that refuses every token costs one refresh per call, while
    `Session.call` refreshes for such an API once a minute. With http the token is refused while the environment has a
    proxy for it (`Reason.PLAIN_HTTP`); a proxy that you set yourself would see the token."""

    def __init__(self, session: Session, origins: Iterable[str]) -> None:
        self._bearer = Bearer(session, origins)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        self._bearer.check(request.url or "")
        sent = self._bearer.session.token().access_token
        request.headers["Authorization"] = f"Bearer {sent}"

        def answered(response: requests.Response, **how: Any) -> requests.Response:
            return self._answered(response, sent, how)

        request.hooks["response"].append(answered)
        return request

    def _answered(self, response: requests.Response, sent: str, how: Any) -> requests.Response:
        if not self._told(response, sent) or not isinstance(response.request.body, (str, bytes, type(None))):
            return response
        # Read to its end, so that the connection serves the next one too.
        response.content
        response.close()
        newer = self._bearer.session.token().access_token
        repeated = response.request.copy()
        repeated.headers["Authorization"] = f"Bearer {newer}"
        second: requests.Response = response.connection.send(repeated, **how)
        second.history.append(response)
        second.request = repeated
        return second

    def _told(self, response: requests.Response, sent: str) -> bool:
        asked = response.request
        facts = asked.method or "", asked.url or "", asked.headers.get("Authorization", "")
        return self._bearer.told(response.status_code, *facts, sent)
