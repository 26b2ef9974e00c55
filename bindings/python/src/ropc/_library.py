"""The library: where it is found, and how it is asked to stop."""

import atexit
import ctypes
import os
import pathlib
import sys
import threading
from typing import Any

from ._native import ABI, VERSION, Function, Library

# At the end of the interpreter: long enough for a refresh that was sent to be
# answered and saved, short enough for who waits for the prompt.
EXIT_MS = 2_000


def name() -> str:
    """What the library is called on this system."""
    if sys.platform == "win32":
        return "ropc.dll"
    if sys.platform == "darwin":
        return "libropc.dylib"
    return "libropc.so" if hasattr(sys, "getandroidapilevel") else "libropc.so.0"


def place() -> str:
    """The library of the wheel, else that of ROPC_LIBRARY, else the system's."""
    inside = pathlib.Path(__file__).resolve().parent / name()
    if inside.exists():
        return str(inside)
    told = os.environ.get("ROPC_LIBRARY")
    return os.path.abspath(told) if told else name()


def load(path: str) -> Library:
    """The library at `path`, if it serves this package."""
    try:
        check = ctypes.CDLL(path).ropc_abi_check
    except (OSError, AttributeError) as why:
        raise ImportError(
            f"libropc cannot be loaded ({why}). Install the wheel, which has it inside, or set ROPC_LIBRARY to the"
            " library's path; `make lib` builds it as build/lib/libropc.so.0"
        ) from None
    check.argtypes = [ctypes.c_uint32]
    if check(ABI) != 0:
        raise ImportError(f"{path} is older than this package, which needs libropc {VERSION}: install a newer one")
    return Library(path)


class Owned:
    """A pointer that is ours, freed when the last reference to this goes. A call
    has one as long as it runs, so that no other thread frees what it works on."""

    __slots__ = ("_as_parameter_", "_free")

    def __init__(self, pointer: Any, free: Function) -> None:
        self._as_parameter_ = pointer
        self._free = free

    def __del__(self) -> None:
        # One that Ctrl-C kept from being made has nothing.
        free = getattr(self, "_free", None)
        if free is not None:
            free(self._as_parameter_)


path = place()
lib = load(path)
ending = threading.Event()


def end() -> None:
    """Stops everything, with the interpreter."""
    ending.set()
    lib.shutdown(EXIT_MS)


atexit.register(end)
