"""The fenced blocks of a page, and what the comment above one says of it."""

import pathlib
import re
import shlex
from typing import NamedTuple

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

RUN = {"c", "cpp", "python", "cs", "lua", "sh"}
SHOWN = {"text", "json", "http", "ini", "cmake", "toml"}
# GitHub knows C# by either name.
ALIASES = {"csharp": "cs"}
WORDS = {"": RUN | SHOWN, "compile": RUN - {"sh"}, "functions": {"c", "cpp"}}
NOTES = {"user", "fails", "prints", "tls", "lifetime"}

# What makes a block a whole program.
WHOLE = {
    "c": r"\bmain\(",
    "cpp": r"\bmain\(",
    "cs": r"\bMain\(|^public class ",
    "python": r"^(import|from) ropc\b|^import .*\bropc\b",
    "lua": r'require "ropc"',
}


class Block(NamedTuple):
    """`problem` is what is wrong with how the page shows it; None when nothing is."""

    page: str
    line: int
    language: str
    word: str
    text: str
    note: dict
    problem: str | None

    @property
    def name(self):
        return f"{self.page}:{self.line} {self.language} {self.word}".strip()

    @property
    def whole(self):
        return re.search(WHOLE.get(self.language, "(?!)"), self.text, re.M) is not None


def comment_above(lines, number):
    """The comment right above lines[number], blank lines aside; "" without one."""
    while number > 0 and not lines[number - 1].strip():
        number -= 1
    if number == 0 or not lines[number - 1].endswith("-->"):
        return ""
    start = number - 1
    while start > 0 and "<!--" not in lines[start]:
        start -= 1
    return " ".join(lines[start:number]).split("<!--", 1)[-1].removesuffix("-->").strip()


def noted(comment):
    """`snippet:` and what follows, as a dictionary; and what of it is no note."""
    if not comment.startswith("snippet:"):
        return {}, []
    pairs = [word.partition("=") for word in shlex.split(comment.removeprefix("snippet:"))]
    note = {key: value for key, _, value in pairs}
    wrong = [key for key, equals, value in pairs if key not in NOTES or (key == "tls") == bool(equals and value)]
    return note, wrong


def reasons():
    """Names that a failure can have."""
    header = (ROOT / "include/ropc.h").read_text()
    return set(re.findall(r"^  (ROPC_(?:REASON|E)_\w+) =", header, re.M))


def wrong_with(fence, info, word, comment, note, wrong):
    language = info[0] if info else ""
    if fence["before"] or fence["fence"] != "```":
        return "stands in a list or a quote, or has no plain ``` fence"
    if not language:
        return "names no language; name `text` if it is not to be run"
    if language not in RUN | SHOWN:
        return f"is of a language that is not run here: {language}; name `text` if it is not to be run"
    if language not in WORDS.get(word, ()) or len(info) > 2:
        return f"says {' '.join(info)}; after the language may stand: compile, functions"
    if word == "compile" and not comment.startswith("compiled only: "):
        return "is compiled only, and no comment above it says why: <!-- compiled only: ... -->"
    if wrong:
        return f"has a note that is none: {', '.join(wrong)}; notes are {', '.join(sorted(NOTES))}"
    unknown = set(note.get("fails", "").split(",")) - reasons() - {""}
    return f"announces what there is not: {', '.join(unknown)}" if unknown else None


def read(page, text):
    """The blocks of a page, in their order."""
    lines = text.splitlines()
    opened, start, body = None, 0, []
    for number, line in enumerate(lines):
        fence = re.fullmatch(r"(?P<before>[ >*-]*)(?P<fence>`{3,}|~{3,})(?P<info>[^`]*)", line)
        if opened is None and fence:
            opened, start, body = fence, number, []
        elif opened and fence and fence["fence"].startswith(opened["fence"]) and not fence["info"].strip():
            info = opened["info"].split()
            info[:1] = [ALIASES.get(one, one) for one in info[:1]]
            comment = comment_above(lines, start)
            note, wrong = noted(comment)
            word = info[1] if len(info) > 1 else ""
            problem = wrong_with(opened, info, word, comment, note, wrong)
            # Its first line is the one below the fence; lines count from 1.
            yield Block(page, start + 2, info[0] if info else "", word, "\n".join(body) + "\n", note, problem)
            opened = None
        elif opened:
            body.append(line)
    if opened:
        yield Block(page, start + 2, "", "", "", {}, "has no end")


def replaced(text, origin, user):
    """What a page shows, for the stand-in at `origin`."""
    names = {
        "https://login.example.com": origin,
        "https://acme.hub.loginradius.com": origin,
        "acme.hub.loginradius.com": origin,
        "my-app": "demo",
        '"client-id"': '"demo-client"',
        '"api-key"': '"standin-api-key"',
        "ada@example.com": user,
    }

    def replacement(found):
        if found["api"]:
            return origin + ("/api/echo" if found["path"] else "")
        return names[found[0]]

    pattern = "|".join(re.escape(name) for name in names)
    return re.sub(rf"(?P<api>https://api\.example\.com)(?P<path>/[^\s\"'`]*)?|{pattern}", replacement, text)
