"""The package needs neither requests nor httpx, and no library from elsewhere."""

import pathlib
import sys

sys.modules["requests"] = sys.modules["httpx"] = None  # type: ignore[assignment]

import ropc  # noqa: E402
from ends import PASSWORD, client_of  # noqa: E402

print(client_of(*sys.argv[1:]).login("ada", PASSWORD).token_type)
for module in ("requests", "httpx"):
    try:
        __import__(f"ropc.{module}")
    except ImportError as why:
        print(why.name)
mapped = pathlib.Path("/proc/self/maps").read_text() if sys.platform.startswith("linux") else ropc.library_path
print({line.split()[-1] for line in mapped.splitlines() if "libropc" in line} == {ropc.library_path})
