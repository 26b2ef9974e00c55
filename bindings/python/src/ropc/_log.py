"""The library's log lines, in Python's logging."""

import logging
import sys
import threading
import traceback
from ctypes import c_int32, c_void_p

from ._library import Owned, lib
from ._native import LogLevel
from ._results import string

logger = logging.getLogger("ropc")
here = threading.local()
# Of one call: a handler that uses the library brings about new lines with each.
MOST_LINES = 1000
LEVELS = {
    LogLevel.ERROR: logging.ERROR,
    LogLevel.WARN: logging.WARNING,
    LogLevel.INFO: logging.INFO,
    LogLevel.DEBUG: logging.DEBUG,
}


def pull(client: Owned) -> None:
    """Hands the lines that wait in the client's queue to the logger "ropc"."""
    if getattr(here, "pulling", False):
        return  # Its handler uses the library: what that says waits for the turns below.
    here.pulling = True
    try:
        level, line = c_int32(), c_void_p()
        for _ in range(MOST_LINES):
            if lib.client_next_log(client, level, line) != 0 or not line:
                break
            logger.log(LEVELS.get(LogLevel(level.value), logging.DEBUG), "%s", string(line))
    except Exception:
        # A filter that raises must not cost a call its result: told as logging tells of handlers.
        if logging.raiseExceptions and sys.stderr is not None:
            traceback.print_exc()
    finally:
        here.pulling = False
