#!/usr/bin/env python3
"""Writes ropc/cdef.lua from include/ropc.h: of the functions those that the
binding calls, and every struct, handle and enum they need.

    python3 bindings/love/generate.py           writes it
    python3 bindings/love/generate.py --check   says whether it is as it would be written

A function of the header that the binding neither calls nor has another way
to, or a field that it does not read, ends both: nothing is left out by
oversight.
"""

import pathlib
import re
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
OUTPUT = HERE / "ropc/cdef.lua"
sys.path.insert(0, str(HERE.parent))

import interface  # noqa: E402

TOP = """\
--- What C sees of the library. Written by generate.py from include/ropc.h; do
-- not edit.
--
-- Enums are 32-bit integers here: LuaJIT would box values of an enum type. The
-- types of callbacks are `void *`, for which NULL alone is ever passed.
-- @local
-- @module ropc.cdef

local ffi = require "ffi"

-- A struct can be declared once in a Lua state, and a module be loaded again.
if not pcall(ffi.typeof, "ropc_tokens") then
  ffi.cdef [[
"""


# Structs that the binding copies field by field; others it reads by a field's name.
COPIED = ["ropc_error", "ropc_session_info"]


def sources():
    """The Lua of all files but the one that is written here."""
    files = [HERE / "ropc.lua", *sorted((HERE / "ropc").glob("*.lua"))]
    return "".join(file.read_text(encoding="utf-8") for file in files if file != OUTPUT)


def called():
    """The functions of the library that the Lua files name."""
    return set(re.findall(r"\blib\.(ropc_\w+)", sources()))


def check_fields(structs):
    """Every field of what is copied is read somewhere."""
    read = set(re.findall(r"\.(\w+)", sources()))
    for one in structs:
        for field in one.fields:
            if one.name in COPIED and field.name not in read:
                sys.exit(f"the binding does not read {one.name}.{field.name}: give it in bindings/love/ropc/")


def check_complete(functions, names):
    """Every function of the header is called, or what it does has another way:
    its request, whose wait() blocks, or its form with lengths."""
    known = {function.name for function in functions}
    for name in sorted(names - known):
        sys.exit(f"the binding calls {name}, which is not in the header")
    for name in sorted(known - names):
        others = {name.replace("ropc_", "ropc_request_", 1), name.replace("ropc_client_", "ropc_request_", 1)}
        others |= {f"{other}_n" for other in others | {name}}
        if not others & names:
            sys.exit(f"the binding has no way to {name}: call it in bindings/love/ropc/")


def wrapped(first, parts, indent):
    """`first` and the parts behind it, broken between parts only."""
    text = first + " ".join(part.replace(" ", "\0") for part in parts)
    return [line.replace("\0", " ") for line in textwrap.wrap(text, 116, subsequent_indent=indent)]


def typed(variable_type, name):
    return f"{variable_type}{'' if variable_type.endswith('*') else ' '}{name}"


def declaration(function):
    first = typed(function.result, function.name).replace(" ", "\0") + "("
    parameters = [typed(one.type, one.name) for one in function.parameters] or ["void"]
    return wrapped(first, [f"{one}," for one in parameters[:-1]] + [parameters[-1] + ");"], "    ")


def struct(one):
    fields = wrapped("  ", [f"{typed(field.type, field.name)};" for field in one.fields], "  ")
    return [f"typedef struct {one.name} {{", *fields, f"}} {one.name};"]


def short(enum):
    """The values of an enum without what all their names begin with."""
    names = [item.name for item in enum.items]
    prefix = enum.name.upper() + "_"
    if not all(name.startswith(prefix) for name in names):
        prefix = "ROPC_"
    return [(item.name[len(prefix):], item.value) for item in enum.items]


def enum_table(enum):
    """name = { VALUE = number, ... }, wrapped."""
    values = ", ".join(f"{name} = {value}" for name, value in short(enum))
    line = f"    {enum.name[len('ropc_'):]} = {{ {values} }},"
    if len(line) <= 120:
        return [line]
    inner = textwrap.wrap(values + ",", 112, initial_indent="      ", subsequent_indent="      ")
    return [f"    {enum.name[len('ropc_'):]} = {{", *inner, "    },"]


def written():
    """The whole file."""
    header = interface.read()
    names = called()
    check_complete(header.functions, names)
    check_fields(header.structs)
    declarations = [f"typedef int32_t {enum.name};" for enum in header.enums]
    declarations += [f"typedef void *{callback.name};" for callback in header.callbacks]
    declarations += [f"typedef struct {handle.name} {handle.name};" for handle in header.handles]
    for one in header.structs:
        declarations += struct(one)
    for function in header.functions:
        if function.name in names:
            declarations += declaration(function)
    lines = [f"    {line}" for line in declarations]
    abi = next(constant.value for constant in header.constants if constant.name == "ROPC_ABI")
    # The library itself names reasons.
    tables = [line for enum in header.enums if enum.name != "ropc_reason" for line in enum_table(enum)]
    bottom = ["  ]]", "end", "", "return {", f"  abi = {abi},", "  enums = {", *tables, "  },", "}", ""]
    return TOP + "\n".join(lines + bottom)


def main():
    if sys.argv[1:] not in ([], ["--check"]):
        sys.exit(__doc__)
    text = written()
    if not sys.argv[1:]:
        OUTPUT.write_text(text, encoding="utf-8")
    elif not OUTPUT.exists() or OUTPUT.read_text(encoding="utf-8") != text:
        sys.exit(f"{OUTPUT} is not what include/ropc.h says; run: python3 bindings/love/generate.py")


if __name__ == "__main__":
    main()
