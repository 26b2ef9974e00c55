#!/usr/bin/env python3
"""Writes the man page ropc(3) from include/ropc.h, to standard output.

    python3 packaging/man.py | man -l -
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bindings"))

import interface  # noqa: E402

# Columns between the margins of an 80 column terminal.
WIDTH = 71
SECTION = r"/\* -{72}\n \* (.*)\n \* -{72} \*/\n"

SYNOPSIS = r""".nf
.B #include <ropc.h>
.BR "#include <ropc.hpp>" "  for C++17; its head says what it adds"
.PP
.B cc login.c $(pkg\-config \-\-cflags \-\-libs ropc)
.B cc \-static login.c $(pkg\-config \-\-static \-\-cflags \-\-libs ropc)
.fi
"""
SEE_ALSO = r""".BR pkg\-config (1)
.PP
RFC 6749 (the grant and its answers), RFC 9700 (why not to use it where a browser can be shown), RFC 7009 (revocation),
RFC 8414 (discovery).
"""

# What roff would take for its own.
ESCAPES = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "^": r"\(ha", "~": r"\(ti", "`": r"\(ga"})
# Stand in a text for changes of font until it is escaped: bold, italic, and back.
BOLD, ITALIC, BACK = "\1", "\2", "\3"
FONTS = str.maketrans({BOLD: r"\fB", ITALIC: r"\fI", BACK: r"\fP"})


def escaped(text):
    """A line of text as roff has it."""
    text = text.translate(ESCAPES).translate(FONTS)
    return rf"\&{text}" if text.startswith(".") else text


def prose(text):
    """A paragraph, names and what the header sets in ** or ` in bold."""
    text = re.sub(r"\*\*(.+?)\*\*|`(.+?)`", lambda found: f"{BOLD}{found[1] or found[2]}{BACK}", text)
    return escaped(re.sub(rf"(?<![{BOLD}\w])(\w*(?:ropc|ROPC)_\w+)(?![\w*])", rf"{BOLD}\1{BACK}", text))


def paragraphs(doc, begin=".PP"):
    """The comment of one thing; the items of a list are paragraphs too."""
    parts = [part for whole in doc.split("\n\n") for part in re.split(r" (?=- [A-Z])", whole)]
    return f"\n{begin}\n".join(prose(part) for part in parts)


def head(text):
    """The header's first comment: what it is for (one line), and the rest of it as roff."""
    comment = re.match(r"\s*/\*\n(.*?)\n \*/", text, re.S)[1]
    blocks = "\n".join(line[3:] for line in comment.splitlines()).split("\n\n")
    purpose, out = blocks[0].split(" - ", 1)[1].replace("\n", " "), []
    # The last one says how the header is made.
    for block in blocks[1:-1]:
        if block.startswith("  "):
            lines = [escaped(line[2:]) for line in block.splitlines()]
            out.append("\n".join([".PP", ".RS 2", ".nf", *lines, ".fi", ".RE"]))
        elif re.match(r" \d\. ", block):
            for rule in re.split(r"^ (?=\d\. )", block, flags=re.M)[1:]:
                number, *words = rule.split()
                out += [f".IP {number} 4", prose(" ".join(words))]
        else:
            out += [".PP", prose(" ".join(block.split()))]
    return purpose, "\n".join(out) + "\n"


def prototype(begin, parameters):
    """As in a C header, its lines not wider than the page."""
    lines, line = [], begin.replace("* ", "*")
    for one in parameters:
        text = f"{one.type} {BACK}{ITALIC}{one.name}{BACK}{BOLD}".replace(f"* {BACK}", f"*{BACK}")
        text += ");" if one is parameters[-1] else ","
        # Changes of font take no room.
        if len(re.sub(f"[{BACK}{BOLD}{ITALIC}]", "", f"{line} {text}")) > WIDTH:
            lines.append(line)
            line = " " * 11
        line += text if line.endswith("(") else f" {text}"
    if not parameters:
        line += "void);"
    return [*lines, line]


def entry(lines, doc):
    """Something that is declared in these lines, and what it is about below them."""
    bold = "\n".join(escaped(f"{BOLD}{line}{BACK}") for line in lines)
    return f".PP\n.nf\n{bold}\n.fi\n.RS 4\n{paragraphs(doc)}\n.RE\n"


def functions(text, known):
    """Every function, below the headings of the header."""
    by_name = {one.name: one for one in known}
    _, *parts = re.split(SECTION, text)
    for title, body in zip(parts[::2], parts[1::2]):
        yield f".SS {title}\n"
        for name in re.findall(r"\b(ropc_\w+)\(", re.sub(r"/\*.*?\*/", "", body, flags=re.S)):
            one = by_name.pop(name)
            yield entry(prototype(f"{one.result} {name}(", one.parameters), one.doc)
    if by_name:
        sys.exit(f"{interface.HEADER}: below no heading, so not in the man page: {', '.join(by_name)}")


def tagged(name, note, doc):
    """A value or a field, and what it means beside it."""
    return f".TP\n{escaped(f'{BOLD}{name}{BACK}{note}')}\n{paragraphs(doc, '.IP')}\n"


def page():
    """The whole page."""
    text = interface.HEADER.read_text(encoding="utf-8")
    known = interface.read()
    numbers = {one.name: one.value for one in known.constants}
    version = ".".join(str(numbers[f"ROPC_VERSION_{part}"]) for part in ("MAJOR", "MINOR", "PATCH"))
    purpose, description = head(text)
    out = [
        f'.\\" Written by packaging/man.py from include/ropc.h; do not edit.\n.TH ropc 3 "" "ropc {version}"\n',
        # Names of C are not to be hyphenated, nor lines of names stretched.
        ".nh\n.ad l\n",
        f".SH NAME\nropc \\- {escaped(purpose).rstrip('.')}\n",
        f".SH SYNOPSIS\n{SYNOPSIS}",
        f".SH DESCRIPTION\n{description}",
        ".SH FUNCTIONS\n",
        *functions(text, known.functions),
        ".SH TYPES\n",
    ]
    for one in known.handles:
        out.append(entry([f"typedef struct {one.name} {one.name};"], one.doc))
    for one in known.callbacks:
        out.append(entry(prototype(f"typedef {one.result} (*{one.name})(", one.parameters), one.doc))
    for struct in known.structs:
        out.append(f".SS {struct.name}\n{paragraphs(struct.doc)}\n")
        out += [tagged(f"{one.type} {one.name}".replace("* ", "*"), "", one.doc) for one in struct.fields]
    out.append(".SH VALUES\n")
    for enum in known.enums:
        out.append(f".SS {enum.name}\n{paragraphs(enum.doc)}\n")
        out += [tagged(item.name, f" = {item.value}", item.doc) for item in enum.items]
    out.append(".SH CONSTANTS\n")
    out += [tagged(item.name, f" {item.value}", item.doc) for item in known.constants]
    out.append(f".SH SEE ALSO\n{SEE_ALSO}")
    return "".join(out)


if __name__ == "__main__":
    sys.stdout.write(page())
