"""What to sign in to, and how."""

from typing import Optional, TypeVar, Union

from ._convert import Password, Seconds, Secret, milliseconds, number, octets, optional, text, whole
from ._errors import call, failure
from ._handles import Handle
from ._library import Owned, lib
from ._native import (
    AppKind,
    ClientHandle,
    Encoding,
    Endpoint,
    ErrorPointer,
    Function,
    Limit,
    LogFn,
    LogLevel,
    OptionsHandle,
    SecretMethod,
    Status,
    Trust,
)
from ._request import Request, prepare, run, run_beside, taking

Self = TypeVar("Self", bound="Options")


def made(out: OptionsHandle) -> "Options":
    """Settings that the library gave."""
    return Options(Owned(out, lib.options_free))


class Options(Handle):
    """Settings for clients: `Options.loginradius(...)` or `Options.oauth2(...)`, then what is to differ from the
    defaults. Each setter gives the same settings back, so that they can stand in one expression; one that refuses its
    value raises, and then these settings make no client any more: begin with new ones. Nothing here blocks, except
    `discover`. Clients that were made from them do not change with them."""

    @classmethod
    def loginradius(cls, site: str, app: str, client_id: str) -> "Options":
        """LoginRadius application `app` at `site`, which is a host, host:port or origin ("acme.hub.loginradius.com",
        your own domain the same way), with the application's client id. Bodies are JSON."""
        out = OptionsHandle()
        call(lib.options_loginradius, text("site", site), text("app", app), text("client_id", client_id), out)
        return made(out)

    @classmethod
    def oauth2(cls, token_url: Optional[str], client_id: str) -> "Options":
        """Any RFC 6749 server whose token endpoint is `token_url`: https, or http to a loopback address; None when
        `discover` is to find it. Bodies are forms."""
        out = OptionsHandle()
        call(lib.options_oauth2, optional("token_url", token_url), text("client_id", client_id), out)
        return made(out)

    def _set(self: Self, setter: Function, *values: object) -> Self:
        if setter(self._use(), *values) != Status.OK:
            # Who makes a client is told what was refused, and by which setter.
            out, error = ClientHandle(), ErrorPointer()
            raise failure(lib.client_new(self._use(), out, error), error)
        return self

    def set_app_kind(self: Self, kind: AppKind) -> Self:
        """Which kind of LoginRadius application this is. Default: `AppKind.OAUTH`."""
        return self._set(lib.options_set_app_kind, number(AppKind, kind))

    def set_endpoint(self: Self, which: Endpoint, url: str) -> Self:
        """The URL of an endpoint, in place of the derived one. Default: LoginRadius' own paths; for another server
        only the token endpoint is known, and what `discover` finds."""
        return self._set(lib.options_set_endpoint, number(Endpoint, which), text("url", url))

    def set_issuer(self: Self, issuer: str) -> Self:
        """The issuer that ID tokens must be of, compared as text; `Client.verify_id_token` wants it. Default: none;
        `discover` sets it."""
        return self._set(lib.options_set_issuer, text("issuer", issuer))

    def set_secret(self: Self, secret: Password, method: SecretMethod) -> Self:
        """The application's secret and how it is sent. Default: none; a program that people can take apart has no
        secret (RFC 6749, 10.1)."""
        with Secret("secret", secret, ended=True) as kept:
            return self._set(lib.options_set_secret, kept.pointer, number(SecretMethod, method))

    def set_encoding(self: Self, encoding: Encoding) -> Self:
        """How bodies are written. Default: JSON for LoginRadius, form for any other server."""
        return self._set(lib.options_set_encoding, number(Encoding, encoding))

    def set_scope(self: Self, scope: str) -> Self:
        """The scopes to ask for, one space between them. Default: none, or "openid" for an OIDC application."""
        return self._set(lib.options_set_scope, text("scope", scope))

    def add_param(self: Self, name: str, value: Password) -> Self:
        """One more parameter of every token request, e.g. "audience"; at most `MAX_PARAMS`. Default: none."""
        with Secret("value", value, ended=True) as kept:
            return self._set(lib.options_add_param, text("name", name), kept.pointer)

    def set_response_type(self: Self, value: Optional[str]) -> Self:
        """response_type of the password grant; None leaves it out. Default: "token" for LoginRadius, as its guide has
        it; none for any other server."""
        return self._set(lib.options_set_response_type, optional("value", value))

    def set_timeouts(self: Self, connect: Seconds = 10.0, total: Seconds = 30.0) -> Self:
        """How long a call may take to get a connection (name look-up, proxy and TLS included), and how long in all:
        0.001 to 600 seconds each. There is no "for ever"."""
        return self._set(lib.options_set_timeouts, milliseconds("connect", connect), milliseconds("total", total))

    def set_trust(self: Self, trust: Trust) -> Self:
        """Whose certificates to trust; replaces what `set_ca_pem` set. Default: `Trust.BUNDLED`."""
        return self._set(lib.options_set_trust, number(Trust, trust))

    def set_ca_pem(self: Self, pem: Union[bytes, str]) -> Self:
        """Trust the authorities in `pem` (the text, not a path) and no others; replaces what `set_trust` set."""
        given = text("pem", pem) if isinstance(pem, str) else octets("pem", pem)
        return self._set(lib.options_set_ca_pem, given, len(given))

    def add_pin(self: Self, origin: str, sha256: str) -> Self:
        """Demand that the chain which was verified for `origin` holds a key with this SHA-256: of its DER
        SubjectPublicKeyInfo, in base64 or hexadecimal. Of several pins of one origin one must fit; keep one for the
        next key. Default: none."""
        return self._set(lib.options_add_pin, text("origin", origin), text("sha256", sha256))

    def set_client_cert_pem(self: Self, origin: str, cert: bytes, key: Password) -> Self:
        """The certificate chain (leaf first) and private key to show to `origin` when it asks, both in PEM. Default:
        none."""
        with Secret("key", key) as kept:
            chain = octets("cert", cert)
            values = text("origin", origin), chain, len(chain), kept.pointer, kept.length
            return self._set(lib.options_set_client_cert_pem, *values)

    def set_proxy(self: Self, url: str) -> Self:
        """The HTTP proxy to go through: `[http://][user:password@]host[:port]`, port 1080 unless given; "" for none
        at all. Default: what the environment says (https_proxy, no_proxy and so on) when the client is made."""
        return self._set(lib.options_set_proxy, text("url", url))

    def set_user_agent(self: Self, user_agent: str) -> Self:
        """The User-Agent header: printable ASCII, one line. Default: "ropc/" and the version."""
        return self._set(lib.options_set_user_agent, text("user_agent", user_agent))

    def set_api_key(self: Self, key: Password) -> Self:
        """LoginRadius' API key, for `Client.profile`, `Client.validate`, `Client.invalidate` and signing a session
        out. It goes to the identity host and nowhere else. Default: none."""
        with Secret("key", key, ended=True) as kept:
            return self._set(lib.options_set_api_key, kept.pointer)

    def add_api_origin(self: Self, origin: str) -> Self:
        """Lets `Session.call` send the user's access token to `origin` too (https, or http to a loopback address). At
        most `MAX_PARAMS`. Default: the origins of the token and the userinfo endpoint, which are the site, and
        LoginRadius' identity host."""
        return self._set(lib.options_add_api_origin, text("origin", origin))

    def add_ended_error(self: Self, error: str) -> Self:
        """What else this server says to a refresh when the refresh token has ended: an `error` of RFC 6749 or, in
        digits, LoginRadius' ErrorCode. Default: "invalid_grant", and 1217 with LoginRadius."""
        return self._set(lib.options_add_ended_error, text("error", error))

    def set_limit(self: Self, which: Limit, value: int) -> Self:
        """Moves a bound; `Limit` tells ranges and defaults."""
        return self._set(lib.options_set_limit, number(Limit, which), whole("value", value, 2**64 - 1))

    def set_log(self: Self, level: LogLevel) -> Self:
        """How much is logged, to the logger "ropc" of Python's `logging`: after each call of the client or of what
        came from it, in the thread that made the call. No line holds a password, secret or token. Default:
        `LogLevel.OFF`."""
        return self._set(lib.options_set_log, number(LogLevel, level), LogFn(), None)

    def request_discover(self, issuer: str, *, other_hosts: bool = False) -> Request["Options"]:
        """Prepares what `discover` does."""
        values = text("issuer", issuer), int(other_hosts)
        take = taking(lib.request_take_options, made, OptionsHandle)
        return prepare(lib.request_discover, self._use(), *values, client=None, take=take)

    def discover(self, issuer: str, *, other_hosts: bool = False) -> "Options":
        """Asks a server where its endpoints are (RFC 8414; OpenID Connect Discovery), and gives settings like these
        with those endpoints, except where these have one already, and with `issuer` as the issuer of its ID tokens.
        Blocks, up to the total time limit.

        The metadata must name the very same issuer, letter by letter. An endpoint at another origin than the issuer's
        is refused (`Reason.OTHER_HOST`), unless `other_hosts`: then the issuer decides where passwords go.
        `UnsupportedError` for LoginRadius, whose endpoints follow from site and application."""
        return run(self.request_discover(issuer, other_hosts=other_hosts))

    async def discover_async(self, issuer: str, *, other_hosts: bool = False) -> "Options":
        """`discover` in a coroutine."""
        return await run_beside(self.request_discover(issuer, other_hosts=other_hosts))
