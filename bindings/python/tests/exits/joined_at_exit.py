"""At its end waits for a daemon thread that is inside a call."""

import atexit
import sys
import threading


def stop() -> None:
    thread.join()
    print("joined", flush=True)


# Registered before the package's own: it runs after it.
atexit.register(stop)

import ropc  # noqa: E402
from ends import PASSWORD, client_of, go_on  # noqa: E402

client = client_of(*sys.argv[1:])


def work() -> None:
    try:
        client.login("fault:never", PASSWORD)
    except ropc.CancelledError as error:
        print(error.reason, flush=True)


thread = threading.Thread(target=work, daemon=True)
thread.start()
go_on()
