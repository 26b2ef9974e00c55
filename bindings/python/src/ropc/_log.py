"""The library's log lines, in Python's logging."""

import logging
from ctypes import c_int32, c_void_p

from ._library import Owned, lib
from ._native import LogLevel
from ._results import string

logger = logging.getLogger("ropc")
LEVELS = {
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARN: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: logging.DEBUG,
}


def pull(client: Owned) -> None:
    """Hands the lines that wait in the client's queue to the logger "ropc"."""
    level, line = c_int32(), c_void_p()
    while lib.client_next_log(client, level, line) == 0 and line:
        logger.log(LEVELS.get(LogLevel(level.value), logging.DEBUG), "%s", string(line))
