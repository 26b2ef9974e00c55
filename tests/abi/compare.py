"""Three ways to tell whether a header only grew: word by word, by a compiler
that is told of the older one, and by abidiff.

A folder here is one that has a ropc.h. Each way yields what is more than growth: new
functions, types, constants and values, and new fields at the end of structs,
all of which the library allocates, are growth. What is compiled goes to a
folder `scratch`.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "bindings"))
sys.path.insert(0, str(HERE.parent / "c"))

import interface  # noqa: E402
from harness import compiler, need  # noqa: E402

SONAME = "libropc.so.0"
# They say which header it is.
MOVING = {"ROPC_ABI", "ROPC_VERSION_MAJOR", "ROPC_VERSION_MINOR", "ROPC_VERSION_PATCH"}


def read(folder):
    """The header of a folder as data."""
    interface.HEADER = folder / "ropc.h"
    return interface.read()


def words(older, newer, _scratch):
    """What is not in the newer header, or in other words."""
    old, new = parts(read(older)), parts(read(newer))
    for name, what in old.items():
        if name not in new:
            yield f"{name} is gone"
        elif name in MOVING:
            if name == "ROPC_ABI" and new[name] < what:
                yield f"ROPC_ABI was {what} and is {new[name]}"
        elif isinstance(what, list) and isinstance(new[name], list):
            gone = [f"{kind} {field}" for kind, field in what if (kind, field) not in new[name]]
            if not is_growth(what, new[name]):
                yield f"{name} has other fields, or in another order" + "".join(f"; {field} is gone" for field in gone)
        elif new[name] != what:
            yield f"{name} was {what} and is {new[name]}"


def is_growth(old, new):
    """Whether a struct has all its fields where they were."""
    return new[: len(old)] == old


def parts(header):
    """Everything in a header by its name; a struct is a list, for it may grow
    at its end."""
    found = {one.name: one.value for one in header.constants}
    found |= {item.name: (enum.name, item.value) for enum in header.enums for item in enum.items}
    found |= {one.name: "a handle" for one in header.handles}
    found |= {one.name: [(field.type, field.name) for field in one.fields] for one in header.structs}
    calls = [*header.callbacks, *header.functions]
    found |= {one.name: f"{one.result} {[parameter.type for parameter in one.parameters]}" for one in calls}
    return found


def pointer_to(function):
    """The type of a pointer to such a function, as C writes it."""
    parameters = ", ".join(parameter.type for parameter in function.parameters) or "void"
    return f"{function.result} (*)({parameters})"


def layout(folder, scratch):
    """Sizes and offsets of the structs, as the compiler has them: {name: number}."""
    lines = []
    for struct in read(folder).structs:
        lines.append(f'printf("{struct.name} %zu\\n", sizeof({struct.name}));')
        for field in struct.fields:
            lines.append(f'printf("{struct.name}.{field.name} %zu\\n", offsetof({struct.name}, {field.name}));')
    program = "#include <stdio.h>\n#include <ropc.h>\nint main(void) {\n" + "\n".join(lines) + "\nreturn 0;\n}\n"
    output = scratch / "layout"
    problem = compiled(folder, program, output, "-std=c99")
    if problem:
        sys.exit(f"{folder / 'ropc.h'}: {problem}")
    told = subprocess.run([output], capture_output=True, text=True, check=True).stdout
    return {name: int(number) for name, number in map(str.split, told.splitlines())}


def compiled(folder, program, output, *options):
    """Compiles a C text with the header of a folder; what the compiler says."""
    command = [compiler(), "-Wall", "-Wextra", "-Werror", *options, f"-I{folder}", "-x", "c", "-", "-o", output]
    english = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, input=program, capture_output=True, text=True, env=english).stderr


def shim(older, newer, scratch):
    """What a compiler says that has the newer header and is told of all that
    programs made with the older one have inside them."""
    header = read(older)
    lines = ["#include <ropc.h>", "#define SAME(what, text) _Static_assert(what, text)"]
    for name, number in [(one.name, one.value) for one in header.constants if one.name not in MOVING]:
        lines.append(f'SAME({name} == {number}, "{name} was {number}");')
    for item in (item for enum in header.enums for item in enum.items):
        lines.append(f'SAME((int){item.name} == {item.value}, "{item.name} was {item.value}");')
    places = layout(older, scratch)
    for struct in header.structs:
        size = places[struct.name]
        lines.append(f'SAME(sizeof({struct.name}) >= {size}, "{struct.name} had {size} bytes");')
        for field in struct.fields:
            name, at = f"{struct.name}.{field.name}", places[f"{struct.name}.{field.name}"]
            lines.append(f'SAME(offsetof({struct.name}, {field.name}) == {at}, "{name} was at {at}");')
            kind = f"_Generic(&(({struct.name} *)0)->{field.name}, {field.type} *: 1, default: 0)"
            lines.append(f'SAME({kind}, "{name} was {field.type}");')
    lines += [f"extern {handle.name} *ropc_abi_{handle.name};" for handle in header.handles]
    for callback in header.callbacks:
        kind = f"_Generic(({callback.name})0, {pointer_to(callback)}: 1, default: 0)"
        lines.append(f'SAME({kind}, "{callback.name} had another type");')
    for function in header.functions:
        kind = f"_Generic(&{function.name}, {pointer_to(function)}: 1, default: 0)"
        lines.append(f'SAME({kind}, "{function.name} had another type");')
    said = compiled(newer, "\n".join(lines) + "\n", scratch / "shim.o", "-std=c11", "-c")
    yield from re.findall(r"error: (.*)", said)


def stand_in(folder, scratch):
    """A library with all functions of a header, which are never called: for
    programs to be linked with, and for abidiff to read its debug information."""
    header = read(folder)
    lines = ["#include <ropc.h>"]
    lines += [f"{one.name} *ropc_abi_{one.name};" for one in [*header.enums, *header.structs, *header.callbacks]]
    for function in header.functions:
        parameters = ", ".join(f"{one.type} {one.name}" for one in function.parameters) or "void"
        lines.append(f"{function.result} {function.name}({parameters}) {{ for (;;) {{ }} }}")
    scratch.mkdir(exist_ok=True)
    output = scratch / "libropc.so"
    options = ["-std=c99", "-g", "-shared", "-fPIC", "-Wno-unused-parameter", f"-Wl,-soname,{SONAME}"]
    said = compiled(folder, "\n".join(lines) + "\n", output, *options)
    if said:
        sys.exit(f"{folder / 'ropc.h'}: {said}")
    return output


def grown(older, newer):
    """The structs that have new fields, and all of the older ones before them:
    to abidiff that is a change like any other."""
    old, new = parts(read(older)), parts(read(newer))
    structs = [name for name, what in old.items() if isinstance(what, list) and isinstance(new.get(name), list)]
    return [name for name in structs if is_growth(old[name], new[name]) and old[name] != new[name]]


def abidiff(older, newer, scratch):
    """What abidiff says of the two."""
    tool = need("abidiff", "abigail-tools")
    libraries = [stand_in(older, scratch / "older"), stand_in(newer, scratch / "newer")]
    growth = scratch / "growth.abignore"
    growth.write_text("".join(f"[suppress_type]\n  name = {name}\n" for name in grown(older, newer)), encoding="utf-8")
    command = [tool, "--no-added-syms", "--suppressions", growth, *libraries]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode & 3:
        sys.exit(f"abidiff failed:\n{done.stdout}{done.stderr}")
    if done.returncode:
        yield done.stdout.strip()
