"""Uses the library after it was shut down, and from a finalizer at the very end."""

import atexit
import sys

# Registered before the package's own: it runs after it.
atexit.register(lambda: late.use())

import ropc  # noqa: E402
from ends import PASSWORD, client_of  # noqa: E402

client = client_of(*sys.argv[1:])


class Late:
    def __init__(self) -> None:
        self.client, self.request = client, client.request_login("ada", PASSWORD)

    def use(self) -> None:
        print(self.client.login("ada", PASSWORD).token_type, flush=True)

    def __del__(self) -> None:
        self.request.cancel()
        self.client.close()


late: Late = Late()
sys.modules["kept"] = late  # type: ignore[assignment]
print(ropc.shutdown(20))
