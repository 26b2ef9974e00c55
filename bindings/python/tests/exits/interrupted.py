"""Ctrl-C in a call that blocks, once for each way to wait."""

import os
import signal
import sys
import threading
import time
from typing import Any, Callable

from ends import PASSWORD, client_of, go_on

import ropc

client = client_of(*sys.argv[1:])
request = client.request_login("fault:never", PASSWORD).start()
go_on()


def interrupted(work: Callable[[], Any]) -> None:
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.monotonic()
    try:
        work()
    except KeyboardInterrupt:
        assert time.monotonic() - began < 10
        print("interrupted")
    timer.join()


interrupted(lambda: client.login("fault:never", PASSWORD))
interrupted(request.wait)
interrupted(request.result)
assert request.poll() is ropc.Status.PENDING
