"""Puts the library into the wheel. What the package is stands in pyproject.toml."""

import os
import pathlib
import re
import shutil
import sys
import tempfile

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = {"win32": "ropc.dll", "darwin": "libropc.dylib"}.get(sys.platform, "libropc.so.0")


def library():
    """The library to put in: ROPC_LIBRARY, or what `make lib` builds."""
    told = os.environ.get("ROPC_LIBRARY")
    path = pathlib.Path(told).resolve() if told else ROOT / "build/lib" / NAME
    if not path.is_file():
        what = "ROPC_LIBRARY says so, and it" if told else "it"
        sys.exit(f"The wheel holds libropc; {what} is not at {path}. Build it first: make -C {ROOT} lib")
    return path


def glibc_needed(path):
    """The newest glibc whose symbols a library of Linux asks for, as (2, 17); None of any other."""
    versions = re.findall(rb"(?<=\0)GLIBC_(\d+)\.(\d+)(?:\.\d+)?(?=\0)", path.read_bytes())
    return max(((int(major), int(minor)) for major, minor in versions), default=None)


class BuildWithLibrary(build_py):
    def run(self):
        found = library()
        super().run()
        folder = pathlib.Path(self.build_lib, "ropc")
        if not self.editable_mode:
            shutil.copyfile(found, folder / NAME)
            for licence in sorted(ROOT.glob("LICENSE-*")):
                shutil.copyfile(licence, folder / licence.name)


class WithLibrary(Distribution):
    def has_ext_modules(self):
        return True  # Of a platform, as they are.


class ForThisPlatform(bdist_wheel):
    def get_tag(self):
        # Any Python 3 will do: the library knows nothing of it. Of Linux' libraries
        # it takes glibc and libgcc_s alone, so the tag can say which glibc (PEP 600).
        platform, glibc = super().get_tag()[2], glibc_needed(library())
        if glibc and platform.startswith("linux_"):
            platform = platform.replace("linux", f"manylinux_{glibc[0]}_{glibc[1]}", 1)
        return "py3", "none", platform


class NoSources(sdist):
    def run(self):
        sys.exit("There is no sdist: the library's sources are not Python's. Build a wheel: pip wheel bindings/python")


# Nothing is left beside the sources, and nothing of an earlier build gets in.
with tempfile.TemporaryDirectory() as scratch:
    setup(
        distclass=WithLibrary,
        cmdclass={"build_py": BuildWithLibrary, "bdist_wheel": ForThisPlatform, "sdist": NoSources},
        options={"build": {"build_base": scratch}, "egg_info": {"egg_base": scratch}},
    )
