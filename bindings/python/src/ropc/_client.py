"""One application at one server."""

import ctypes
from collections.abc import Mapping
from contextlib import ExitStack
from ctypes import c_char_p, c_void_p
from typing import Any, Optional

from . import _log
from ._convert import Password, Secret, number, optional, text
from ._errors import call, check
from ._handles import Handle
from ._library import Owned, lib
from ._native import ClientHandle, Function, TokenHint, TokensPointer
from ._options import Options
from ._request import Request, prepare, run, run_beside, take_done, taking
from ._results import Tokens, members, string

take_tokens = taking(
    lib.request_take_tokens, lambda pointer: Tokens(Owned(pointer, lib.tokens_free)), TokensPointer
)  # fmt: skip
take_members = taking(lib.request_take_text, lambda address: members(string(address)))


class Client(Handle):
    """One application at one server, with its connections: make one, for all threads. Connects to nothing yet.

    Every call that asks the server comes in three forms: `login` blocks, up to the total time limit, while other
    threads run and Ctrl-C is seen; `login_async` is for asyncio; `request_login` prepares a `Request`. All of them run
    on the library's threads, `set_workers` at once. They raise an `Error`. In the child of a fork a client goes on
    with connections of its own.
    """

    def __init__(self, options: Options) -> None:
        """`options` are copied. `ArgumentError` for a pin or certificate whose origin has no endpoint."""
        out = ClientHandle()
        call(lib.client_new, Options._behind("options", options), out)
        super().__init__(Owned(out, lib.client_free))

    def cancel(self) -> None:
        """Stops all calls of this client that are under way, in whatever thread: each raises `CancelledError` unless
        it had ended before. Later calls are not touched. Returns at once. A session's refresh that was sent goes on,
        for its tokens would be lost; who waits for it does not."""
        check(lib.client_cancel(self._use()), "The client cannot be cancelled")

    @property
    def proxy(self) -> Optional[str]:
        """The HTTP proxy through which the token endpoint is reached, as "host:port" without its login. None when it is
        reached directly: no proxy is set, no_proxy excepts the host, or it is plain http to loopback."""
        out = c_void_p()
        call(lib.client_proxy, self._use(), out)
        return string(out)

    def pull_log(self) -> None:
        """Hands the lines that wait to the logger "ropc" now. Calls do so by themselves when they end; what happens
        beside the program, as a refresh nobody waits for, is pulled by the next one."""
        _log.pull(self._use())

    def _prepare(self, function: Function, *arguments: Any, take: Any) -> Request[Any]:
        return prepare(function, self._use(), *arguments, client=self._use(), take=take)

    # Signing in.

    def request_connect(self) -> Request[None]:
        """Prepares what `connect` does."""
        return self._prepare(lib.request_connect, take=take_done)

    def connect(self) -> None:
        """Connects ahead of a login, while the user still types: the login after it costs one turn to the server and
        back instead of three, for the 15 seconds that the connection is kept. No secret is sent."""
        run(self.request_connect())

    async def connect_async(self) -> None:
        """`connect` in a coroutine."""
        await run_beside(self.request_connect())

    def request_login(self, username: str, password: Password) -> Request[Tokens]:
        """Prepares what `login` does. The password is copied into the library and overwritten there before the
        request's end is told."""
        with Secret("username", username) as user, Secret("password", password) as secret:
            texts = user.pointer, user.length, secret.pointer, secret.length
            return self._prepare(lib.request_login_n, *texts, take=take_tokens)

    def login(self, username: str, password: Password) -> Tokens:
        """Signs in with a user name and a password (RFC 6749, 4.3). The password is sent at most once, and overwritten
        in the library's memory; your copy is yours: see `wipe`. `RefusedError` covers wrong credentials, locked,
        second factor needed and the like: branch on its `reason`."""
        request = self.request_login(username, password)
        del password  # A traceback would keep it.
        return run(request)

    async def login_async(self, username: str, password: Password) -> Tokens:
        """`login` in a coroutine."""
        request = self.request_login(username, password)
        del password
        return await run_beside(request)

    def request_grant(self, grant_type: str, params: Optional[Mapping[str, Password]] = None) -> Request[Tokens]:
        """Prepares what `grant` does."""
        given = dict(params or {})
        with ExitStack() as stack:
            names = (c_char_p * len(given))(*(text("name", name) for name in given))
            kept = [stack.enter_context(Secret(name, value, ended=True)) for name, value in given.items()]
            values = (c_char_p * len(given))(*(ctypes.cast(one.pointer, c_char_p) for one in kept))
            arguments = text("grant_type", grant_type), names, values, len(given)
            return self._prepare(lib.request_grant, *arguments, take=take_tokens)

    def grant(self, grant_type: str, params: Optional[Mapping[str, Password]] = None) -> Tokens:
        """Any grant that the token endpoint offers, with its parameters. Client id, secret and scope are added.
        "password" with username, password and one more member answers a CAPTCHA; LoginRadius' "exchange_token", and
        "client_credentials" without parameters, go this way too."""
        request = self.request_grant(grant_type, params)
        del params
        return run(request)

    async def grant_async(self, grant_type: str, params: Optional[Mapping[str, Password]] = None) -> Tokens:
        """`grant` in a coroutine."""
        request = self.request_grant(grant_type, params)
        del params
        return await run_beside(request)

    # After the login.

    def request_refresh(self, refresh_token: str) -> Request[Tokens]:
        """Prepares what `refresh` does."""
        return self._prepare(lib.request_refresh, text("refresh_token", refresh_token), take=take_tokens)

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens for a refresh token (RFC 6749, 6). The answer always has a usable refresh token: keep it before
        you use anything else of it. It is sent at most once: when `Error.request_sent` and no answer came, the server
        may have replaced it. A `Session` does all this by itself."""
        return run(self.request_refresh(refresh_token))

    async def refresh_async(self, refresh_token: str) -> Tokens:
        """`refresh` in a coroutine."""
        return await run_beside(self.request_refresh(refresh_token))

    def request_revoke(self, token: str, hint: TokenHint = TokenHint.NONE) -> Request[None]:
        """Prepares what `revoke` does."""
        return self._prepare(lib.request_revoke, text("token", token), number(TokenHint, hint), take=take_done)

    def revoke(self, token: str, hint: TokenHint = TokenHint.NONE) -> None:
        """Has the server end a token (RFC 7009). LoginRadius ends refresh tokens this way; an access token lives on
        until `invalidate`. A token that the server does not know is a success; after any failure it must be taken to
        be still valid. `UnsupportedError` when no such endpoint is known."""
        run(self.request_revoke(token, hint))

    async def revoke_async(self, token: str, hint: TokenHint = TokenHint.NONE) -> None:
        """`revoke` in a coroutine."""
        await run_beside(self.request_revoke(token, hint))

    def request_userinfo(self, access_token: str) -> Request[dict[str, Any]]:
        """Prepares what `userinfo` does."""
        return self._prepare(lib.request_userinfo, text("access_token", access_token), take=take_members)

    def userinfo(self, access_token: str) -> dict[str, Any]:
        """Who the user is (OIDC Core, 5.3). Compare its "sub" with the ID token's, if there is one.
        `Reason.TOKEN_REFUSED` when the access token is not good (any more)."""
        return run(self.request_userinfo(access_token))

    async def userinfo_async(self, access_token: str) -> dict[str, Any]:
        """`userinfo` in a coroutine."""
        return await run_beside(self.request_userinfo(access_token))

    def request_profile(self, access_token: str, fields: Optional[str] = None) -> Request[dict[str, Any]]:
        """Prepares what `profile` does."""
        texts = text("access_token", access_token), optional("fields", fields)
        return self._prepare(lib.request_profile, *texts, take=take_members)

    def profile(self, access_token: str, fields: Optional[str] = None) -> dict[str, Any]:
        """LoginRadius' profile of the user: everything, or with `fields` ("Email,FirstName") only those members. Wants
        the site's API key (`Options.set_api_key`)."""
        return run(self.request_profile(access_token, fields))

    async def profile_async(self, access_token: str, fields: Optional[str] = None) -> dict[str, Any]:
        """`profile` in a coroutine."""
        return await run_beside(self.request_profile(access_token, fields))

    def request_validate(self, access_token: str) -> Request[Tokens]:
        """Prepares what `validate` does."""
        return self._prepare(lib.request_validate, text("access_token", access_token), take=take_tokens)

    def validate(self, access_token: str) -> Tokens:
        """Asks LoginRadius whether an access token is good, and until when: `expires_at`. Wants the API key."""
        return run(self.request_validate(access_token))

    async def validate_async(self, access_token: str) -> Tokens:
        """`validate` in a coroutine."""
        return await run_beside(self.request_validate(access_token))

    def request_invalidate(self, access_token: str) -> Request[None]:
        """Prepares what `invalidate` does."""
        return self._prepare(lib.request_invalidate, text("access_token", access_token), take=take_done)

    def invalidate(self, access_token: str) -> None:
        """Has LoginRadius end an access token, and its refresh token with it. Wants the API key. Never repeated; after
        a failure the token must be taken to be still valid."""
        run(self.request_invalidate(access_token))

    async def invalidate_async(self, access_token: str) -> None:
        """`invalidate` in a coroutine."""
        await run_beside(self.request_invalidate(access_token))

    def request_verify_id_token(
        self, id_token: str, access_token: Optional[str] = None, nonce: Optional[str] = None
    ) -> Request[dict[str, Any]]:
        """Prepares what `verify_id_token` does."""
        texts = text("id_token", id_token), optional("access_token", access_token), optional("nonce", nonce)
        return self._prepare(lib.request_verify_id_token, *texts, take=take_members)

    def verify_id_token(
        self, id_token: str, access_token: Optional[str] = None, nonce: Optional[str] = None
    ) -> dict[str, Any]:
        """Proves an ID token (OIDC Core, 3.1.3.7), and gives what it says: signed by a key that the server publishes,
        issued by the issuer of `Options.set_issuer` for this application, not ended and not from the future (60 s are
        forgiven), about `nonce` if one is given. With `access_token` it is also checked that the two came together,
        if the token says so. `IdTokenError` when it proves nothing."""
        return run(self.request_verify_id_token(id_token, access_token, nonce))

    async def verify_id_token_async(
        self, id_token: str, access_token: Optional[str] = None, nonce: Optional[str] = None
    ) -> dict[str, Any]:
        """`verify_id_token` in a coroutine."""
        return await run_beside(self.request_verify_id_token(id_token, access_token, nonce))
