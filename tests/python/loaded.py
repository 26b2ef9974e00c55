"""The library, with the signatures that the Python package has from
include/ropc.h: whoever imports this can import its _native.py, too."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# The file alone: the package would look for a library of its own.
sys.path.append(str(ROOT / "bindings/python/src/ropc"))

from _native import Library  # noqa: E402

ropc = Library(str(ROOT / "build/lib/libropc.so"))
