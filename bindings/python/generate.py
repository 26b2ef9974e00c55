#!/usr/bin/env python3
"""Writes src/ropc/_native.py from include/ropc.h: the only place where the
Python package has the library's numbers, structs and signatures.

    python3 bindings/python/generate.py            writes it
    python3 bindings/python/generate.py --check    fails when the header says something else
"""

import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
OUTPUT = HERE / "src/ropc/_native.py"
sys.path.insert(0, str(HERE.parent))

import interface  # noqa: E402

# A char * that is to be freed is a c_void_p: c_char_p would make bytes of it,
# and its address would be lost.
TYPES = {
    "int32_t": "c_int32", "int64_t": "c_int64", "uint32_t": "c_uint32", "uint64_t": "c_uint64", "size_t": "c_size_t",
    "void": "None", "void *": "c_void_p", "const char *": "c_char_p", "const uint8_t *": "c_void_p",
    "int32_t *": "POINTER(c_int32)", "const char *const *": "Texts", "char *": "c_void_p", "char **": "Out",
}  # fmt: skip

BEGIN = '''"""libropc as ctypes has it. Written by generate.py from include/ropc.h; do not edit."""

import ctypes
import enum
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Optional

Function = Callable[..., Any]
'''

NUMBER = '''

class Number(enum.IntEnum):
    """Numbers of the library's. One that a newer library has and this file has
    not is a value all the same, named UNKNOWN_ and itself."""

    @classmethod
    def _missing_(cls, value: object) -> "Optional[Number]":
        if not isinstance(value, int) or not cls.__members__:
            return None
        unknown = int.__new__(cls, value)
        unknown._name_, unknown._value_ = f"UNKNOWN_{value}", value
        known: Number = cls._value2member_map_.setdefault(value, unknown)  # type: ignore[assignment]
        return known

    def __str__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    def __format__(self, how: str) -> str:
        return format(int(self) if how and how[-1] in "bdoxX" else str(self), how)
'''

POINTER_CLASS = '''

class Pointer(c_void_p):
    """To what only the library can see into. It would take any pointer for the kind it wants, so another kind is
    refused here; a plain c_void_p is whatever its owner says."""

    @classmethod
    def from_param(cls, value: Any) -> Any:
        given = getattr(value, "_as_parameter_", value)
        if given is not None and type(given) not in (cls, c_void_p):
            raise TypeError(f"a {cls.__name__} is wanted, not a {type(given).__name__}")
        return c_void_p.from_param(given)
'''

LIBRARY = '''

class Library:
    """The functions of the library at `path`, by their names without ropc_.

    Python's other threads run during a call, except in those that neither block
    nor may be made in two threads at once (rule 6 of the header).
    """

    def __init__(self, path: str) -> None:
        free, held = ctypes.CDLL(path), ctypes.PyDLL(path)

        def declare(library: ctypes.CDLL, name: str, result: Any, *arguments: Any) -> Function:
            function = library[f"ropc_{name}"]
            function.restype, function.argtypes = result, arguments
            return function

'''


def class_name(c_name):
    """`ropc_session_state` is SessionState."""
    return "".join(part.capitalize() for part in c_name.split("_")[1:])


def member_name(enum, item):
    """`ROPC_REASON_LOCKED` is LOCKED, `ROPC_E_REFUSED` is REFUSED."""
    own = f"{enum.name.upper()}_"
    return re.sub(rf"^({own}|ROPC_SESSION_STATE_|ROPC_E_|ROPC_)", "", item.name)


def type_of(found, c_type):
    """How ctypes calls a type of the header."""
    if c_type in TYPES:
        return TYPES[c_type]
    base = c_type.replace("const ", "").rstrip(" *")
    stars = c_type.count("*")
    if stars == 0 and base in {one.name for one in found.enums}:
        return "c_int32"
    if stars == 0 and base in {one.name for one in found.callbacks}:
        return class_name(base)
    if base in {one.name for one in found.handles}:
        return class_name(base) + "Handle" if stars == 1 else "Out"
    if base in {one.name for one in found.structs}:
        return class_name(base) + ("Pointer" if stars == 1 else "Out")
    raise SystemExit(f"{c_type} has no type in Python; teach {__file__}")


def argument_types(found, function):
    """Of a text with a length the pointer alone goes over, NUL or not."""
    lengths = {one.name for one in function.parameters if one.type == "size_t"}
    for one in function.parameters:
        measured = one.type == "const char *" and {f"{one.name}_len", "len"} & lengths
        yield "c_void_p" if measured else type_of(found, one.type)


def is_held(function):
    """Whether a call keeps other threads out: two must not be at the same
    options, and what blocks must let the others run."""
    options = any(re.fullmatch(r"(const )?ropc_options \*", one.type) for one in function.parameters)
    return options and "Blocks" not in function.doc


def in_python(found, doc):
    """A comment of the header with the names that things have in Python."""
    for one in found.enums:
        for item in one.items:
            doc = re.sub(rf"\b{item.name}\b", f"{class_name(one.host_name)}.{member_name(one, item)}", doc)
    doc = doc.replace("one of ROPC_E_*", "a failure").replace("retry_after_ms", "retry_after")
    doc = doc.replace("locked_until_at", "locked_until")
    doc = re.sub(r"\bropc_(client|request|session)_(\w+)\(\)", lambda m: f"{m[1].capitalize()}.{m[2]}()", doc)
    doc = re.sub(r"\bropc_(error|tokens)\b", lambda m: m[1].capitalize(), doc)
    return re.sub(r"\bropc_(\w+\(\))", r"\1", doc)


def docstring(found, doc, end=""):
    """Lines of a docstring within a class."""
    text = f'"""{in_python(found, doc)}{end}"""'
    return textwrap.fill(text, 116, initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False)


def written(found):
    """The whole file."""
    parts = [BEGIN, "\n"]
    numbers = {item.name: item.value for item in found.constants}
    parts += [f"{item.name.removeprefix('ROPC_')} = {item.value}\n" for item in found.constants]
    version = ".".join(str(numbers[f"ROPC_VERSION_{part}"]) for part in ("MAJOR", "MINOR", "PATCH"))
    parts += [f'VERSION = "{version}"\n', NUMBER]
    for one in found.enums:
        parts.append(f"\n\nclass {class_name(one.host_name)}(Number):\n{docstring(found, one.doc)}\n\n")
        for item in one.items:
            parts.append(f"    {member_name(one, item)} = {item.value}\n{docstring(found, item.doc)}\n")
    for one in found.structs:
        fields = "".join(f'        ("{field.name}", {type_of(found, field.type)}),\n' for field in one.fields)
        parts.append(f"\n\nclass {class_name(one.name)}Struct(ctypes.Structure):\n    _fields_ = [\n{fields}    ]\n")
    parts.append(POINTER_CLASS)
    parts += [f"\n\nclass {class_name(one.name)}Handle(Pointer):\n    pass\n" for one in found.handles]
    parts.append("\n\n# What calls give and take: handles and texts, arrays of texts, structs.\n")
    parts.append("Out, Texts = POINTER(c_void_p), POINTER(c_char_p)\n")
    for one in found.structs:
        name = class_name(one.name)
        parts.append(f"{name}Pointer = POINTER({name}Struct)\n{name}Out = POINTER({name}Pointer)\n")
    for one in found.callbacks:
        types = [type_of(found, c_type) for c_type in (one.result, *(each.type for each in one.parameters))]
        parts.append(f"{class_name(one.name)} = CFUNCTYPE({', '.join(types)})\n")
    parts.append(LIBRARY)
    for one in found.functions:
        name, library = one.name.removeprefix("ropc_"), "held" if is_held(one) else "free"
        types = [type_of(found, one.result), *argument_types(found, one)]
        call = f'        self.{name} = declare({library}, "{name}", {", ".join(types)})'
        if len(call) > 120:
            rest = textwrap.fill(", ".join(types), 108, initial_indent=" " * 12, subsequent_indent=" " * 12)
            call = f'        self.{name} = declare(\n            {library}, "{name}",\n{rest},\n        )  # fmt: skip'
        parts.append(call + "\n")
    return "".join(parts)


def main():
    text = written(interface.read())
    if sys.argv[1:] == ["--check"]:
        if not OUTPUT.exists() or OUTPUT.read_text(encoding="utf-8") != text:
            sys.exit(f"{OUTPUT} is not what include/ropc.h says; run: python3 bindings/python/generate.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
