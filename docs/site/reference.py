"""The reference pages, written from include/ropc.h: each function, type, member and value with its comment, in the
header's groups and order, as Sphinx' C domain wants it. Names in the comments become links; one that does not exist
ends the build, as the pages are built with -n -W."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bindings"))

import interface  # noqa: E402

SECTION = re.compile(r"/\* -+\n \* (?P<title>[^\n]+)\n \* -+ \*/")
DOCUMENTED = ("constant", "enum", "struct", "handle", "callback", "function")

# What is no function: page and title, and of these kinds which names. None: the rest.
TYPES = [
    ("constants", "Constants", "constant", None),
    ("status", "Status: what a call came to", "enum", {"ropc_status"}),
    ("reasons", "Reasons: why a call failed", "enum", {"ropc_reason"}),
    ("values", "Values of options and results", "enum", None),
    ("handles", "Handles", "handle", None),
    ("structs", "Structs", "struct", None),
    ("callbacks", "Functions of the program's", "callback", None),
]


def slug(title):
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def entries():
    """Everything in the header: kind, the match that bindings/interface.py has for it, title of its section."""
    text, place, section = interface.HEADER.read_text(encoding="utf-8"), 0, None
    while text[place:].strip():
        place += len(text[place:]) - len(text[place:].lstrip())
        found = ((kind, re.compile(pattern, re.S).match(text, place)) for kind, pattern in interface.KINDS.items())
        kind, match = next(((kind, match) for kind, match in found if match), (None, None))
        if match is None:
            sys.exit(f"{interface.HEADER}: not understood: {text[place:place + 200]}")
        place = match.end()
        if SECTION.match(match[0]):
            section = SECTION.match(match[0])["title"]
        elif kind in DOCUMENTED:
            yield kind, match, section


def known():
    """Every name that the header declares, with the role that links to it."""
    names = {}
    for kind, match, _ in entries():
        names[match["name"]] = {"function": "func", "constant": "macro"}.get(kind, "type")
        if kind == "enum":
            names.update(dict.fromkeys(re.findall(r"(ROPC_\w+) =", match["body"]), "enumerator"))
        if kind == "struct":
            for field in fields(match):
                names[f"{match['name']}.{field.name}"] = "member"
    return names


def fields(match):
    found = interface.members(r"(?P<field>[^;/]+);", match["body"])
    return [interface.variable(one["field"])._replace(doc=one["doc"]) for one in found]


# What of a comment's text is more than text. A name in quotes is a text, not what it names.
SPECIAL = re.compile(
    r"""`(?P<code>[^`]+)`|\*\*(?P<bold>[^*]+)\*\*|(?P<quoted>"ROPC_[A-Z_]+")
    |(?P<name>\bropc_[a-z0-9_]*[a-z0-9](?![\w*])|\bROPC_[A-Z0-9_]*[A-Z0-9](?![\w*]))
     (?:\.(?P<member>[a-z_]+)\b)?(?P<call>\(\))?
    |(?<!\w)(?P<short>_[a-z][a-z0-9_]*[a-z0-9](?![\w*]))(?:\(\))?
    |[\\*`|_]|(?<=http):(?=//)|(?<=https):(?=//)""",
    re.X,
)


def prose(text, names):
    """Text of a comment as reStructuredText: names as links, `code` and **bold** kept, all else as it stands. A name
    that begins with a bar ends like the full one before it: ropc_session_token(), _poll()."""
    full = ""

    def one(match):
        nonlocal full
        if match["code"]:
            return f"``{match['code']}``"
        if match["bold"]:
            return f"**{match['bold']}**"
        if match["quoted"]:
            return match["quoted"]
        if match["short"]:
            bars = [at for at, character in enumerate(full) if character == "_"]
            ends = [full[:at] + match["short"] for at in [len(full), *reversed(bars)]]
            target = next((end for end in ends if end in names), None)
            return f":c:{names[target]}:`{match[0]} <{target}>`" if target else "\\" + match[0]
        if match["name"]:
            full = match["name"]
            member = f"{full}.{match['member']}"
            target = member if member in names else full
            # What is no name at all is a link to nothing, and so ends the build.
            role = names.get(target, "func" if match["call"] else "type")
            rest = f".{match['member']}" if match["member"] and target == full else ""
            return f":c:{role}:`{target}{match['call'] or ''} <{target}>`" + rest
        return "\\" + match[0]

    # A role ends at a space or at punctuation; a letter right behind it would hide it.
    return re.sub(r"(:c:\w+:`[^`]+`)(?=\w)", r"\1\\ ", SPECIAL.sub(one, text))


def lines_of(comment):
    """A comment without its stars; each line as it is indented."""
    return [re.sub(r"^\s*\*(?: |$)", "", line).rstrip() for line in (comment or "").strip("\n").splitlines()]


def paragraphs(lines, names):
    """Paragraphs and lists of a comment, as lines of reStructuredText."""
    for block in re.split(r"\n\s*\n", "\n".join(lines).strip()):
        for item in re.split(r"\n(?=- )", block):
            bullet = item.startswith("- ")
            text = " ".join(item.removeprefix("- ").split())
            yield f"{'* ' if bullet else ''}{prose(text, names)}"
            yield ""


def directive(kind, signature, body, depth=0):
    """A directive of the C domain with what is inside it."""
    pad = "   " * depth
    yield f"{pad}.. c:{kind}:: {signature}"
    yield ""
    for line in body:
        yield f"{pad}   {line}" if line else ""


def spaced(text):
    return re.sub(r"\s+", " ", text.strip())


def entry(kind, match, names):
    """One declaration with its comment."""
    about = list(paragraphs(lines_of(match["doc"]), names))
    if kind == "constant":
        return directive("macro", match["name"], [*about, f"Value: {match['value']}", ""])
    if kind == "handle":
        return directive("type", match["name"], about)
    if kind == "function":
        return directive("function", spaced(f"{match['result'].strip()} {match['name']}({match['body']})"), about)
    if kind == "callback":
        return directive("type", spaced(f"{match['result'].strip()} (*{match['name']})({match['body']})"), about)
    inside = []
    if kind == "enum":
        for one in interface.members(r"(?P<name>ROPC_\w+) = (?P<value>\d+),", match["body"]):
            told = paragraphs(lines_of(one["doc"]), names)
            inside += directive("enumerator", f"{one['name']} = {one['value']}", list(told))
        return directive("enum", match["name"], about + inside)
    for field in fields(match):
        told = paragraphs(lines_of(field.doc), names)
        declared = f"{field.type} {field.name}".replace("* ", "*")
        inside += directive("member", declared, list(told))
    return directive("struct", match["name"], about + inside)


def page(title, entries_, names):
    text = [title, "=" * len(title), ""]
    for kind, match in entries_:
        text += entry(kind, match, names)
    return "\n".join(text) + "\n"


def head():
    """The comment at the top of the header, as lines."""
    text = interface.HEADER.read_text(encoding="utf-8")
    lines = [re.sub(r"^ \*(?: |$)", "", line) for line in text.split(" */", 1)[0].splitlines()[1:]]
    return [line for line in lines if not line.startswith("Generated from")]


def listed(lines, names):
    """The names of the header's own contents, each with what it is for, as rows of a table."""
    rows, left = [], ""
    for line in lines:
        called, _, what = line.strip().partition("  ")
        left = f"{left} {called}".strip()
        if what:
            rows.append((left, what.strip()))
            left = ""
    yield from [".. list-table::", "   :class: calls", ""]
    for called, what in rows:
        yield f"   * - {prose(called, names)}"
        yield f"     - {prose(what, names)}"
    yield ""


def manual(names):
    """The header's head: prose, code, a list of what to call, and numbered rules."""
    for block in re.split(r"\n\s*\n", "\n".join(head()).strip()):
        lines = block.splitlines()
        indented = all(line.startswith("  ") for line in lines)
        if indented and re.search(r"[;{]$", block, re.M):
            yield from [".. code-block:: c", "", *[f"   {line.removeprefix('  ')}" for line in lines], ""]
        elif indented and len(re.findall(r"^  \S+.*?  +\S", block, re.M)) > 3:
            yield from listed(lines, names)
        elif re.match(r"\s*\d\. ", block):
            for rule in re.split(r"\n(?=\s*\d\. )", block):
                yield f"{rule.split()[0]} {prose(' '.join(rule.split()[1:]), names)}"
                yield ""
        else:
            yield prose(" ".join(block.split()), names)
            yield ""


def write(folder):
    """All pages into `folder`; index.rst has them in their order."""
    folder.mkdir(parents=True, exist_ok=True)
    names, everything, pages = known(), list(entries()), []
    for name, title, kind, only in TYPES:
        others = set().union(*(those for _, _, of, those in TYPES if of == kind and those))
        chosen = [(of, match) for of, match, _ in everything if of == kind]
        chosen = [one for one in chosen if (one[1]["name"] in only if only else one[1]["name"] not in others)]
        pages.append((name, page(title, chosen, names)))
    functions = []
    for title in dict.fromkeys(section for kind, _, section in everything if kind == "function"):
        chosen = [(of, match) for of, match, section in everything if of == "function" and section == title]
        functions.append((slug(title), page(title, chosen, names)))
    for name, text in [*functions, *pages]:
        (folder / f"{name}.rst").write_text(text, encoding="utf-8")
    title = "ropc.h, the manual"
    contents = [title, "=" * len(title), "", *manual(names)]
    contents += [".. toctree::", "   :caption: Functions", "", *[f"   {name}" for name, _ in functions], ""]
    contents += [".. toctree::", "   :caption: Types and values", "", *[f"   {name}" for name, _ in pages], ""]
    contents += ["Every name, in the order of the alphabet: :ref:`genindex`.", ""]
    (folder / "index.rst").write_text("\n".join(contents), encoding="utf-8")
