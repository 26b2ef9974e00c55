"""The stand-in, and what signs in to it."""

import base64
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Optional

import ropc

PASSWORD = "correct horse"
WRONG = "canary-9c40-not-the-password"
# Longer than anything here takes; who waits so long has hung.
LONG = 60.0


class World:
    def __init__(self, standin: Any) -> None:
        self.standin = standin
        self.site: str = standin.ports["https"]
        self.http: str = standin.ports["http"]
        self.ca: Path = standin.ca
        self.echo = self.site + "/api/echo"

    def ask(self, command: str) -> Any:
        return self.standin.ask(command)

    def grants(self) -> dict[str, int]:
        counted: dict[str, int] = self.ask("counts")["grants"]
        return counted

    def options(self, site: Optional[str] = None) -> ropc.Options:
        options = ropc.Options.loginradius(site or self.site, "demo", "demo-client")
        options.set_app_kind(ropc.AppKind.OIDC).set_ca_pem(self.ca.read_bytes())
        return options.set_api_key("standin-api-key").set_endpoint(ropc.Endpoint.IDENTITY, self.site)

    def client(self) -> ropc.Client:
        return ropc.Client(self.options())

    def session(self, store: Optional[ropc.Store] = None) -> ropc.Session:
        return ropc.Session.login(self.client(), "ada", PASSWORD, store)

    def until(self, what: Any, why: str) -> Any:
        """Asks until the answer is yes."""
        end = time.monotonic() + LONG
        while not (answer := what()):
            assert time.monotonic() < end, why
        return answer

    def arrived(self) -> Any:
        """The requests that have come, once there is one."""
        return self.until(lambda: self.ask("requests"), "the request never arrived")

    def hanging(self, client: ropc.Client) -> "ropc.Request[ropc.Tokens]":
        """A login that the server has, and does not answer."""
        self.ask("requests")
        request = client.request_login("fault:never", PASSWORD).start()
        self.arrived()
        return request

    def expire(self, session: ropc.Session) -> str:
        """Ends the session's access token, at the server and here."""
        used = session.token().access_token
        self.ask("expire_access")
        session.expire(used)
        return used

    def api_takes(self, access_token: str) -> bool:
        """Whether the server does, asked without the library."""
        ask = urllib.request.Request(self.http + "/api/echo", headers={"Authorization": f"Bearer {access_token}"})
        try:
            with urllib.request.urlopen(ask, timeout=LONG):
                return True
        except urllib.error.HTTPError:
            return False

    def sent(self) -> list[Any]:
        """The requests that have come since the last time."""
        found: list[Any] = self.ask("requests")
        return found


def header(seen: Any, name: str) -> Optional[str]:
    """A header of one of them."""
    found = [value for key, value in seen["headers"] if key.lower() == name.lower()]
    return str(found[0]) if found else None


def octets(seen: Any) -> bytes:
    """All of one of them."""
    return base64.b64decode(seen["raw_base64"])
