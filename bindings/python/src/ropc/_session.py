"""A user who stays signed in."""

import asyncio
import concurrent.futures
import contextlib
import os
import threading
import time
import weakref
from collections.abc import Iterable, Iterator, Mapping
from ctypes import c_char_p, c_void_p
from typing import Any, Callable, Optional, TypeVar, Union

from . import _log
from ._client import Client
from ._convert import Password, Seconds, Secret, milliseconds, optional, text
from ._errors import SaveFirst, StateError, TimedOutError, call, check
from ._handles import Handle
from ._library import Owned, lib
from ._native import (
    Function,
    ResponsePointer,
    SessionHandle,
    SessionInfoPointer,
    SessionState,
    Status,
    TokenPointer,
)
from ._request import FIRST_NAP, LONGEST_NAP, SLICE_MS, Request, beside, prepare, run, run_beside, take_done, taking
from ._results import Response, SessionInfo, Token, Tokens, session_info, string, token
from ._store import Save, Store

T = TypeVar("T")
# How long a call that was cancelled may take to end, which is a moment.
CANCELLED_WITHIN = 1.0
Headers = Union[Mapping[str, str], Iterable[tuple[str, str]]]
Body = Union[bytes, bytearray, memoryview]

take_response = taking(
    lib.request_take_response, lambda pointer: Response(Owned(pointer, lib.response_free)), ResponsePointer
)  # fmt: skip


class Session(Handle):
    """A signed-in user: an access token that is always good. Any thread may use it at any time.

    `Session.login`, `Session.new` or `Session.resume` gives one. From a minute before the access token ends, the next
    call that asks begins a refresh on a thread of the library and gets the old one; only who finds none that is good
    waits. A session that nobody asks refreshes nothing. However many ask, one refresh is sent, and its tokens are
    saved before they are handed out. When a refresh fails:

    - It may pass (`NetworkError`, `ServerError`): tried again when somebody asks, after a pause; until then the same
      error comes at once, with `retry_after`.
    - Somebody has to mend it (`ClientRefusedError`): the same, with longer pauses.
    - `UnclearError`: it was sent and no answer came. The server may have replaced the refresh token, or not; `refresh`
      with `force` tries it all the same; else sign in again.
    - `SignedOutError`: over. Sign in again.

    In the child of a fork it hands out what is good, and refreshes if its store is a `FileStore`.
    """

    def __init__(self, owned: Owned, client: Owned, save: Optional[Save]) -> None:
        """Not for programs."""
        super().__init__(owned)
        self._client = client
        self._save = save
        self._saving = threading.RLock()
        self._in_save = False
        alive.add(self)

    # Beginning.

    @classmethod
    def request_login(
        cls,
        client: Client,
        username: str,
        password: Password,
        store: Optional[Store] = None,
        user_key: Optional[str] = None,
    ) -> "Request[Session]":
        """Prepares what `login` does."""
        with Secret("username", username) as user, Secret("password", password) as secret:
            texts = user.pointer, user.length, secret.pointer, secret.length
            key = optional("user_key", user_key)
            return cls._prepare(lib.request_session_login_n, client, *texts, Store._maybe(store), key, store=store)

    @classmethod
    def login(
        cls,
        client: Client,
        username: str,
        password: Password,
        store: Optional[Store] = None,
        user_key: Optional[str] = None,
    ) -> "Session":
        """Signs in as `Client.login` does, and begins a session, kept in `store` as the record of `user_key`, which is
        the user name unless it is given. Without a store the session ends with the program. Blocks."""
        request = cls.request_login(client, username, password, store, user_key)
        del password  # A traceback would keep it.
        return run(request)

    @classmethod
    async def login_async(
        cls,
        client: Client,
        username: str,
        password: Password,
        store: Optional[Store] = None,
        user_key: Optional[str] = None,
    ) -> "Session":
        """`login` in a coroutine."""
        request = cls.request_login(client, username, password, store, user_key)
        del password
        return await run_beside(request)

    @classmethod
    def request_new(cls, client: Client, tokens: Tokens, store: Optional[Store], user_key: str) -> "Request[Session]":
        """Prepares what `new` does."""
        arguments = Tokens._behind("tokens", tokens), Store._maybe(store), text("user_key", user_key)
        return cls._prepare(lib.request_session_new, client, *arguments, store=store)

    @classmethod
    def new(cls, client: Client, tokens: Tokens, store: Optional[Store], user_key: str) -> "Session":
        """A session from tokens of `client`, which are copied. A record of `user_key` that is there is replaced. When
        the tokens cannot be saved there is a session all the same, and its next call raises. Blocks only as long as
        its file takes."""
        return run(cls.request_new(client, tokens, store, user_key))

    @classmethod
    async def new_async(cls, client: Client, tokens: Tokens, store: Optional[Store], user_key: str) -> "Session":
        """`new` in a coroutine."""
        return await run_beside(cls.request_new(client, tokens, store, user_key))

    @classmethod
    def resume(cls, client: Client, store: Store, user_key: str) -> "Session":
        """The session that `store` has for `user_key`, as when the program is started again. Asks no server; blocks
        only as long as its file takes. `SignedOutError` when the store holds nothing for this user;
        `Reason.STORE_FOREIGN` when its record is of another server or application."""
        owner, out = Client._behind("client", client), SessionHandle()
        call(lib.session_resume, owner, Store._behind("store", store), text("user_key", user_key), out)
        return cls(Owned(out, lib.session_free), owner, store._save)

    @classmethod
    def _prepare(
        cls, function: Function, client: Client, *arguments: Any, store: Optional[Store]
    ) -> "Request[Session]":
        owner = Client._behind("client", client)
        save = store._save if store else None

        def made(out: SessionHandle) -> "Session":
            session = cls(Owned(out, lib.session_free), owner, save)
            session._save_quietly()
            return session

        take = taking(lib.request_take_session, made, SessionHandle)
        return prepare(function, owner, *arguments, client=owner, take=take)

    # Its token.

    def poll(self, valid_for: Seconds = 0) -> Optional[Token]:
        """An access token that is good for `valid_for` more, or None while a refresh is under way, which is begun
        here when it is needed. Never blocks, except as long as a `HostStore` saves. Ask every frame, or wait a while.
        `Reason.TOO_SHORT` when the server's tokens do not live that long."""
        least = milliseconds("valid_for", valid_for)
        return self._saving_first(lambda: self._given(lib.session_poll, least))

    def token(self, valid_for: Seconds = 0, wait: Seconds = 30.0) -> Token:
        """An access token that is good for `valid_for` more. While there is one: no waiting. Else blocks until a
        refresh has brought one, at most `wait`: `TimedOutError` then, and the refresh goes on. Other threads run, and
        Ctrl-C is seen within 0.1 s."""
        least, end = milliseconds("valid_for", valid_for), deadline(wait)
        found = self.poll(valid_for)
        while found is None:
            part = min(left_ms(end), SLICE_MS)
            try:
                found = self._saving_first(lambda: self._given(lib.session_token, least, part))
            except TimedOutError:
                if part < SLICE_MS:
                    raise
                # This part of the wait is over, or the refresh had no answer: a poll tells the one from the other.
                found = self.poll(valid_for)
        return found

    async def token_async(self, valid_for: Seconds = 0, wait: Seconds = 30.0) -> Token:
        """`token` in a coroutine. Who cancels the task cancels the wait; the refresh goes on."""
        end, nap = deadline(wait), FIRST_NAP
        while (found := self.poll(valid_for)) is None:
            if not left_ms(end):
                return self.token(valid_for, 0)
            await asyncio.sleep(nap)
            nap = min(2 * nap, LONGEST_NAP)
        return found

    def refresh(self, *, force: bool = False, wait: Seconds = 30.0) -> None:
        """Gets newer tokens now, although the access token is good: after the user's rights changed, say (a refresh
        that is under way counts). With `force` also when an earlier refresh had no answer (`UnclearError`) or a pause
        is on: the refresh token is sent once more, and a server that takes that for theft may end all of the user's
        tokens. Blocks, at most `wait`; then `TimedOutError`, and the refresh goes on."""
        ended = self._refresh(force, wait)
        while not ended.done():
            concurrent.futures.wait([ended], SLICE_MS / 1000)
        with self._saving_last():
            ended.result()

    async def refresh_async(self, *, force: bool = False, wait: Seconds = 30.0) -> None:
        """`refresh` in a coroutine."""
        with self._saving_last():
            await asyncio.wrap_future(self._refresh(force, wait))

    def expire(self, access_token: Union[str, Token]) -> None:
        """An API answered 401 to this access token: it is not handed out any more, and the next call refreshes. A
        newer one is not thrown away. Repeat the API call once: a second 401 is about the user's rights. Does not
        block."""
        used = access_token.access_token if isinstance(access_token, Token) else access_token
        check(lib.session_expire(self._use(), text("access_token", used)), "This is no access token")

    def _given(self, function: Function, *numbers: int) -> Optional[Token]:
        out = TokenPointer()
        return None if call(function, self._use(), *numbers, out) == Status.PENDING else token(out)

    def _refresh(self, force: bool, wait: Seconds) -> "concurrent.futures.Future[Status]":
        """A refresh, which one call begins and waits for: a second could begin another."""
        owned, wait_ms = self._use(), max(1, milliseconds("wait", wait))  # With 0 it would only begin.
        if self._save is not None:
            self.save_pending(self._save)
        return beside(lib.session_refresh, owned, int(force), wait_ms)

    @contextlib.contextmanager
    def _saving_last(self) -> Iterator[None]:
        """A refresh that ends in this: the program's store gets what it brought."""
        try:
            yield
        except SaveFirst:
            if self._save is None:
                raise
            self.save_pending(self._save)
        finally:
            _log.pull(self._client)

    # Saving, with a HostStore.

    def pending(self) -> Optional[str]:
        """The record that is to be saved: a line of text that holds tokens, to be kept as safe as a password; None
        when everything is saved. Then say how it went: `saved`. A record that a file could not take can be had here
        too. Does not block."""
        out = c_void_p()
        call(lib.session_pending, self._use(), out)
        return string(out)

    def saved(self, ok: bool = True) -> None:
        """The record of `pending` is saved, or could not be: then nothing is lost, the session raises `SaveFirst`
        again, and `status` tells. A program that would rather go on without a copy says True too. `StateError` when no
        record was taken before."""
        check(lib.session_saved(self._use(), int(ok)), "No record was taken: pending() gives the one to be saved")

    def save_pending(self, save: Save) -> bool:
        """Has `save` save what is to be saved, if anything is: `pending` and `saved` in one. Tells whether there was
        anything. What `save` raises comes out of here, and nothing is lost. One thread at a time."""
        with self._saving:
            self._refuse_in_save()
            record = self.pending()
            if record is None:
                return False
            ok, self._in_save = False, True
            try:
                save(self.status().user_key, record)
                ok = True
            finally:
                self._in_save = False
                self.saved(ok)
            return True

    def _refuse_in_save(self) -> None:
        """Raises in a save function of this session: what it saves would be of before."""
        if self._saving.acquire(blocking=False):  # Else it is another thread that saves.
            try:
                if self._in_save:
                    raise StateError("A save function cannot use the session it saves for")
            finally:
                self._saving.release()

    def _saving_first(self, ask: Callable[[], T]) -> T:
        """What a call gives, once the program's store has what is new."""
        try:
            while True:
                try:
                    return ask()
                except SaveFirst:
                    if self._save is None:
                        raise
                self.save_pending(self._save)
        finally:
            _log.pull(self._client)

    def _save_quietly(self) -> None:
        """Saves what a new session begins with. If that fails there is a session all the same, and its next call
        asks again."""
        if self._save is not None:
            with contextlib.suppress(Exception):
                self.save_pending(self._save)

    # Calling an API.

    def request_call(
        self, method: str, url: str, headers: Headers = (), body: Optional[Body] = None
    ) -> Request[Response]:
        """Prepares what `call` does. With a `HostStore` it may end as `SaveFirst`: save, and make another."""
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        if not all(isinstance(pair, (tuple, list)) and len(pair) == 2 for pair in pairs):
            raise TypeError("headers must be a mapping, or pairs of a name and a value")
        names, values = ((c_char_p * len(pairs))(*(text("headers", pair[i]) for pair in pairs)) for i in (0, 1))
        arguments = text("method", method), text("url", url), names, values, len(pairs)
        if isinstance(body, str):
            raise TypeError("body must be bytes: encode it")
        if body is None:
            return self._prepare_call(lib.request_session_call, *arguments, None, 0, take=take_response)
        with Secret("body", body) as kept:
            octets = kept.pointer, kept.length
            return self._prepare_call(lib.request_session_call, *arguments, *octets, take=take_response)

    def call(self, method: str, url: str, headers: Headers = (), body: Optional[Body] = None) -> Response:
        """Calls an API with the user's access token, which is refreshed before if need be. `method` is GET, HEAD,
        OPTIONS, PUT, DELETE, POST or PATCH; `url` https, or http to this machine. "Accept" is application/json unless
        it is among the headers, a Content-Type is yours to give; Authorization and what HTTP itself needs are not.

        The token goes to the site, to LoginRadius' identity host, and to origins of `Options.add_api_origin`; to any
        other: `Reason.ORIGIN_NOT_ALLOWED`, and nothing is sent. Redirects are not followed. When the API does not
        take the token it is refreshed once, and the request sent once more, unless it is a POST or PATCH.

        Blocks, up to the total time limit. Every HTTP status is a success: look at `Response.status`."""
        return self._saving_first(lambda: run(self.request_call(method, url, headers, body)))

    async def call_async(self, method: str, url: str, headers: Headers = (), body: Optional[Body] = None) -> Response:
        """`call` in a coroutine."""
        while True:
            try:
                return await run_beside(self.request_call(method, url, headers, body))
            except SaveFirst:
                if self._save is None:
                    raise
            self.save_pending(self._save)

    def _prepare_call(self, function: Function, *arguments: Any, take: Any) -> Request[Any]:
        return prepare(function, self._use(), *arguments, client=self._client, take=take)

    # How it is, and the end.

    def status(self) -> SessionInfo:
        """How it is now. Does not block."""
        return status_of(self._use())

    def request_sign_out(self) -> Request[None]:
        """Prepares what `sign_out` does. To take its end (`result`, `await`) has the `save` of a `HostStore` forget
        the record: who closes or cancels it instead forgets the record without it."""
        owned = self._use()

        def take(request: Owned) -> None:
            with self._forgetting(owned):
                take_done(request)

        return self._prepare_call(lib.request_session_sign_out, take=take)

    def sign_out(self) -> None:
        """Signs out: forgets the tokens, removes the record from the store, has the server end the refresh token and
        the access token (with LoginRadius, for which the API key must be set). A refresh that is under way is waited
        for. Blocks, up to the total time limit.

        The part on this machine works offline too; what could not be done is `NotRevokedError`. The session then
        raises `SignedOutError`; to sign out again is a success. The `save` of a `HostStore` gets None as the record,
        also when this is cancelled on its way; without one, forget the record yourself."""
        self._refuse_in_save()
        request = self._prepare_call(lib.request_session_sign_out, take=take_done)
        with self._forgetting(self._use(), request):
            run(request)

    async def sign_out_async(self) -> None:
        """`sign_out` in a coroutine."""
        self._refuse_in_save()
        request = self._prepare_call(lib.request_session_sign_out, take=take_done)
        with self._forgetting(self._use(), request):
            await run_beside(request)

    @contextlib.contextmanager
    def _forgetting(self, owned: Owned, request: Optional[Request[None]] = None) -> Iterator[None]:
        """A sign-out that ends in this, in whatever way: the program's store forgets who is signed out by it."""
        try:
            yield
        finally:
            if request is not None:
                request.wait(CANCELLED_WITHIN)
            # Another thread may be saving the record of before.
            with self._saving:
                info = status_of(owned)
                if self._save is not None and info.state == SessionState.SIGNED_OUT:
                    self._save(info.user_key, None)

    def close(self) -> None:
        """Frees it, after a last save when its `HostStore` has a `save`. Nobody is signed out, and the record stays:
        `resume`. A refresh that was not sent is stopped; one that was goes on until its tokens are in the file, or
        wait in the `HostStore` for the next `resume`: if that one is to be closed too, see before that `status` says
        refreshing False."""
        try:
            if self._save is not None and not self.closed:
                self.save_pending(self._save)
        finally:
            super().close()


def status_of(owned: Owned) -> SessionInfo:
    """How a session is."""
    out = SessionInfoPointer()
    call(lib.session_status, owned, out)
    return session_info(out)


def deadline(wait: Seconds) -> float:
    """When a wait from now is over."""
    return time.monotonic() + milliseconds("wait", wait) / 1000


def left_ms(end: float) -> int:
    """How long until then."""
    return max(0, round((end - time.monotonic()) * 1000))


# Sessions whose locks the child of a fork must not inherit: another thread,
# which is not there, may hold them.
alive: "weakref.WeakSet[Session]" = weakref.WeakSet()


def renew_locks() -> None:
    """In the child."""
    for session in list(alive):
        session._saving, session._in_save = threading.RLock(), False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=renew_locks)
