"""What holds for the whole process."""

from ._convert import Seconds, milliseconds, whole
from ._errors import check
from ._library import lib
from ._native import MAX_WORKERS


def version() -> str:
    """The loaded library's version, e.g. "0.1.0"; `__version__` is this package's."""
    return str(lib.version().decode())


def set_workers(most: int) -> None:
    """How many calls of the process may run at once, each on a thread of the library: 1 to `MAX_WORKERS`, default 8.
    More wait in a queue, in the order they were started, within their time limits. The child of a fork begins with 8
    again."""
    check(lib.set_workers(whole("most", most, 2**32 - 1)), f"most is {most}: it can be 1 to {MAX_WORKERS}")


def shutdown(wait: Seconds = 1.0) -> int:
    """Stops everything: each call of the process that is under way ends as `CancelledError` unless it had ended before,
    the library's threads end, and this waits up to `wait` until they are gone. Tells how many were not: a name look-up
    that the system does not come back from, or a session's refresh that was sent. The library can be used again at
    once. At the end of the interpreter this is called by itself."""
    return int(lib.shutdown(milliseconds("wait", wait)))
