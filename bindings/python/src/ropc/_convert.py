"""Values of Python's for the library, and back."""

import ctypes
import math
import operator
from datetime import timedelta
from typing import Any, Optional, Union

from ._errors import ArgumentError
from ._library import lib
from ._native import MAX_SECRET, Number

Seconds = Union[int, float, timedelta]
"""A duration: in seconds, or as a timedelta."""
Password = Union[str, bytes, bytearray, memoryview]
"""A secret. A bytearray (or a memoryview of one) is passed without a copy, and can be wiped with `ropc.wipe`; a str
is copied for the call, and that copy overwritten."""

MOST_MS = 2**32 - 1


def text(name: str, value: str) -> bytes:
    """A text for a `const char *`. What is no UTF-8 the library refuses."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if "\0" in value:
        raise ArgumentError(f"{name} has a NUL inside")
    return value.encode("utf-8", "surrogatepass")


def optional(name: str, value: Optional[str]) -> Optional[bytes]:
    """The same, or NULL."""
    return None if value is None else text(name, value)


def octets(name: str, value: Union[bytes, bytearray, memoryview]) -> bytes:
    """What is no secret, as bytes."""
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise TypeError(f"{name} must be bytes, not {type(value).__name__}")
    return bytes(value)


def whole(name: str, value: int, most: int) -> int:
    """A number that the library's type can hold; it says itself which of them it takes."""
    number = operator.index(value)
    if not 0 <= number <= most:
        raise ArgumentError(f"{name} can be 0 to {most}")
    return number


def number(kind: type[Number], value: int) -> int:
    """One of the library's numbers."""
    return whole(kind.__name__, value, 2**31 - 1)


def milliseconds(name: str, value: Seconds) -> int:
    """A duration in the library's unit; part of one counts as one."""
    seconds = value.total_seconds() if isinstance(value, timedelta) else value
    if not isinstance(seconds, (int, float)):
        raise TypeError(f"{name} must be a number of seconds or a timedelta, not {type(value).__name__}")
    if not 0 <= seconds <= MOST_MS / 1000:
        raise ArgumentError(f"{name} is {seconds} seconds: it can be 0 to {MOST_MS // 1000}")
    return math.ceil(seconds * 1000)


class Secret:
    """A password for one call. What had to be copied for it is overwritten after."""

    def __init__(self, name: str, value: Password, ended: bool = False) -> None:
        """`ended`: with a NUL behind it, and none inside."""
        if not isinstance(value, (str, bytes, bytearray, memoryview)):
            raise TypeError(f"{name} must be a str, bytes or a bytearray, not {type(value).__name__}")
        self.copied = isinstance(value, str) or ended or (isinstance(value, memoryview) and value.readonly)
        self.kept: Any = value
        if isinstance(value, str):
            # One more than is allowed is enough to be refused.
            self.kept, self.length = encoded(value[: MAX_SECRET + 1])
        else:
            self.length = value.nbytes if isinstance(value, memoryview) else len(value)
            if self.copied:
                self.kept = bytearray(self.length + 1)
                self.kept[: self.length] = value
        if isinstance(self.kept, bytes):
            self.pointer: Any = self.kept
        else:
            self.pointer = (ctypes.c_char * memoryview(self.kept).nbytes).from_buffer(self.kept)
        if ended and 0 in self.kept[: self.length]:
            self.__exit__()
            raise ArgumentError(f"{name} has a NUL inside")

    def __enter__(self) -> "Secret":
        return self

    def __exit__(self, *_: object) -> None:
        if self.copied:
            lib.wipe(self.pointer, len(self.kept))
        # The caller's bytearray can change its size again.
        self.kept = self.pointer = None


def encoded(value: str) -> tuple[bytearray, int]:
    """A str as UTF-8, with room behind it. Character by character: what `encode`
    gives for the whole cannot be overwritten."""
    kept, end = bytearray(4 * len(value) + 1), 0
    for character in value:
        piece = character.encode("utf-8", "surrogatepass")
        kept[end : end + len(piece)] = piece
        end += len(piece)
    return kept, end


def wipe(buffer: Union[bytearray, memoryview]) -> None:
    """Overwrites a bytearray, or what a writable memoryview shows: for your own copy of a password."""
    view = memoryview(buffer)
    if view.readonly:
        raise TypeError("what cannot be changed cannot be wiped: keep a password in a bytearray")
    if view.nbytes:
        lib.wipe((ctypes.c_char * view.nbytes).from_buffer(view), view.nbytes)
