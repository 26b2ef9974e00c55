"""Operations that run beside the program."""

import asyncio
import threading
import time
from collections.abc import Generator
from concurrent.futures import Future
from ctypes import c_void_p
from typing import Any, Callable, Generic, Optional, TypeVar

from . import _log
from ._convert import Seconds, milliseconds
from ._errors import call, check
from ._handles import Handle
from ._library import Owned, lib
from ._native import Function, RequestHandle, Status

T = TypeVar("T")

# How long a wait lets nothing interrupt it: Ctrl-C is seen after so long.
SLICE_MS = 100
# How long a coroutine sleeps between two polls: at first, and at most.
FIRST_NAP, LONGEST_NAP = 0.001, 0.05


class Request(Handle, Generic[T]):
    """One operation that runs beside the program, on a thread of the library: prepared, started, polled or waited
    for, taken. Any thread may use it at any time. Freed, it is cancelled.

    `client.request_login(...)` prepares what `client.login(...)` does, and so on. In the child of a fork the
    requests of the parent raise `StateError`.
    """

    def __init__(self, owned: Owned, take: Callable[[Owned], T], client: Optional[Owned]) -> None:
        super().__init__(owned)
        self._take = take
        self._client = client

    def start(self) -> "Request[T]":
        """Starts it, once. Its time limit runs from here. Does not block. `ResourcesError` when no thread can be had:
        it may be started again then; `StateError` when it was started or cancelled before."""
        call(lib.request_start, self._use())
        return self

    def poll(self) -> Status:
        """How far it is: `Status.PENDING` while it is under way, then what it came to. Never blocks; ask every frame.
        `Status.STATE` when it was not started, or in the child of a fork."""
        return Status(lib.request_poll(self._use()))

    def wait(self, timeout: Optional[Seconds] = None) -> Status:
        """Waits until it has ended, or `timeout` at most, and tells what `poll` then does. Blocks; other threads run,
        and Ctrl-C is seen within 0.1 s. Several threads may wait."""
        left = None if timeout is None else milliseconds("timeout", timeout)
        end = None if left is None else time.monotonic() + left / 1000
        while True:
            status = Status(lib.request_wait(self._use(), SLICE_MS if left is None else min(left, SLICE_MS)))
            if end is not None:
                left = max(0, round((end - time.monotonic()) * 1000))
            if status != Status.PENDING or left == 0:
                return status

    def result(self) -> T:
        """Waits until it has ended, and gives what it yields or raises why there is nothing: what the call without
        `request_` in its name does. Once: then there is nothing to take any more (`StateError`)."""
        self.wait()
        return self._taken()

    def cancel(self) -> None:
        """Stops it. Returns at once; it ends as `Status.CANCELLED`, in a moment, unless it had ended before. One that
        was not started never will be."""
        check(lib.request_cancel(self._use()), "The request cannot be cancelled")

    def __await__(self) -> Generator[Any, None, T]:
        """What `result` gives, while asyncio's loop runs. Who cancels the task cancels the request."""
        return self._result_beside().__await__()

    async def _result_beside(self) -> T:
        nap = FIRST_NAP
        try:
            while self.poll() == Status.PENDING:
                await asyncio.sleep(nap)
                nap = min(2 * nap, LONGEST_NAP)
        except asyncio.CancelledError:
            self.cancel()
            raise
        return self._taken()

    def _taken(self) -> T:
        try:
            return self._take(self._use())
        finally:
            if self._client is not None:
                _log.pull(self._client)


def prepare(function: Function, *arguments: Any, client: Optional[Owned], take: Callable[[Owned], T]) -> Request[T]:
    """A request made by one of the library's functions; log lines about it wait in `client`."""
    out = RequestHandle()
    call(function, *arguments, out)
    return Request(Owned(out, lib.request_free), take, client)


def run(request: Request[T]) -> T:
    """Does what a request was prepared for, in place of the library's blocking call: that would not see Ctrl-C."""
    try:
        return request.start().result()
    except BaseException:
        # A traceback may keep it, and it must not go on for that.
        request.cancel()
        raise


async def run_beside(request: Request[T]) -> T:
    """The same in a coroutine."""
    return await request.start()


def beside(function: Function, *arguments: Any) -> "Future[Status]":
    """How a call ends that blocks and that no request stands for: made in a thread of its own, since it would not see
    Ctrl-C."""
    ended: Future[Status] = Future()
    ended.set_running_or_notify_cancel()

    def work() -> None:
        try:
            ended.set_result(call(function, *arguments))
        except Exception as why:
            ended.set_exception(why)

    threading.Thread(target=work, name="ropc", daemon=True).start()
    return ended


def taking(function: Function, made: Callable[[Any], T], out: Callable[[], Any] = c_void_p) -> Callable[[Owned], T]:
    """Takes by `function` what `made` then makes a value of Python's."""

    def take(request: Owned) -> T:
        taken = out()
        if call(function, request, taken) == Status.PENDING:
            check(Status.STATE, "The request is still under way: wait for it")
        return made(taken)

    return take


def take_done(request: Owned) -> None:
    """Takes the end of a request that yields nothing but success."""
    call(lib.request_take_done, request)
