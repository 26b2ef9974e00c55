"""include/ropc.h as data, from which the signatures of the bindings are
written. What of the header this reader does not understand ends it: nothing
is left out silently."""

import pathlib
import re
from typing import NamedTuple

HEADER = pathlib.Path(__file__).resolve().parent.parent / "include/ropc.h"

# What hosts call an enum whose name in C alone would not say what it is.
CLEARER = {
    "ropc_app": "ropc_app_kind",
    "ropc_secret": "ropc_secret_method",
    "ropc_log": "ropc_log_level",
    "ropc_hint": "ropc_token_hint",
}


class Item(NamedTuple):
    """A constant or a value of an enum: its name with ROPC_, its number."""

    name: str
    value: int
    doc: str


class Variable(NamedTuple):
    """A field or a parameter: its type as in C with single spaces, as in
    `const char *`, `ropc_error **`."""

    type: str
    name: str
    doc: str = ""


class Enum(NamedTuple):
    name: str
    items: list
    doc: str

    @property
    def host_name(self):
        return CLEARER.get(self.name, self.name)


class Handle(NamedTuple):
    """A type that programs only point to."""

    name: str
    doc: str


class Struct(NamedTuple):
    """A struct whose fields programs read."""

    name: str
    fields: list
    doc: str


class Function(NamedTuple):
    """A function, or the type of one that the library calls."""

    name: str
    result: str
    parameters: list
    doc: str


class Interface(NamedTuple):
    constants: list
    enums: list
    handles: list
    structs: list
    callbacks: list
    functions: list


COMMENT = r"/\*(?:(?!\*/).)*\*/"
BODY = rf"\{{(?P<body>(?:{COMMENT}|[^}}/])*)\}}"
DOC = r"(?:/\*\*(?P<doc>(?:(?!\*/).)*)\*/\s*)?"
KINDS = {
    "constant": DOC + r"#define (?P<name>ROPC_\w+) (?P<value>-?\d+)\n",
    "enum": DOC + rf"typedef enum {BODY} (?P<name>\w+);",
    "struct": DOC + rf"typedef struct {BODY} (?P<name>\w+);",
    "handle": DOC + r"typedef struct (?P<name>\w+) (?P=name);",
    "callback": DOC + r"typedef (?P<result>[^;(]*?)\(\*(?P<name>\w+)\)\((?P<body>[^)]*)\);",
    "function": DOC + r"ROPC_API\s+(?:ROPC_MUST_USE\s+)?(?P<result>[^;(]*?)(?P<name>ropc_\w+)\((?P<body>[^)]*)\);",
    # What no binding needs.
    "comment": COMMENT,
    "condition": r"#(?:ifndef ROPC_API|if defined\(__GNUC__\)[^\n]*|ifdef __cplusplus)\n(?:(?!#endif)[^\n]*\n)*?#endif[^\n]*\n",
    "include": r"#include [^\n]*\n|#ifndef ROPC_H\n#define ROPC_H\n|#endif  /\* ROPC_H \*/\n",
}


def plain(doc):
    """The text of a comment, its paragraphs one line each."""
    lines = [re.sub(r"^\s*\* ?", "", line).strip() for line in (doc or "").strip().splitlines()]
    return re.sub(r"(?<!\n)\n(?!\n)", " ", "\n".join(lines)).strip()


def variable(text, doc=""):
    text = re.sub(r"\s+", " ", text.strip())
    found = re.fullmatch(r"(.*?[ *])(\w+)", text)
    if found is None:
        raise SystemExit(f"{HEADER}: no variable: {text}")
    return Variable(found[1].strip(), found[2], plain(doc))


def members(pattern, body):
    """What stands in braces, each with its comment."""
    rest = re.sub(DOC + pattern, "", body, flags=re.S).strip()
    if rest:
        raise SystemExit(f"{HEADER}: not understood: {rest}")
    return re.finditer(DOC + pattern, body, re.S)


def read():
    """The whole header, everything in its order."""
    text = HEADER.read_text(encoding="utf-8")
    found = Interface([], [], [], [], [], [])
    place = 0
    while text[place:].strip():
        place += len(text[place:]) - len(text[place:].lstrip())
        for kind, pattern in KINDS.items():
            match = re.compile(pattern, re.S).match(text, place)
            if match:
                break
        else:
            raise SystemExit(f"{HEADER}: not understood: {text[place:place + 200]}")
        place = match.end()
        part = match.groupdict()
        doc, body = plain(part.get("doc")), part.get("body")
        if kind == "constant":
            found.constants.append(Item(part["name"], int(part["value"]), doc))
        elif kind == "enum":
            items = members(r"(?P<name>ROPC_\w+) = (?P<value>\d+),", body)
            found.enums.append(Enum(part["name"], [Item(i["name"], int(i["value"]), plain(i["doc"])) for i in items], doc))
        elif kind == "struct":
            fields = members(r"(?P<field>[^;/]+);", body)
            found.structs.append(Struct(part["name"], [variable(f["field"], f["doc"]) for f in fields], doc))
        elif kind == "handle":
            found.handles.append(Handle(part["name"], doc))
        elif kind in ("callback", "function"):
            parameters = [] if body.strip() == "void" else [variable(one) for one in body.split(",")]
            one = Function(part["name"], re.sub(r"\s+", " ", part["result"]).strip(), parameters, doc)
            (found.callbacks if kind == "callback" else found.functions).append(one)
    return found
