"""Puts the pages of the site together in one folder: the project's Markdown pages, whose links to each other are made
to fit, sources that they link to, as pages of their own, and the reference."""

import os
import posixpath
import shutil
import sys

import links
import reference

ROOT = links.ROOT

# Pages by what the reader is after, in their order; a pattern stands for what else there is.
GROUPS = [
    ("Start", ["README.md", "examples-c/README.md", "CHANGELOG.md", "CONTRIBUTING.md"]),
    (
        "Guide",
        [
            *(f"docs/guide/{name}.md" for name in ("install", "sign-in", "stay-signed-in", "restart")),
            *(f"docs/guide/{name}.md" for name in ("sign-out", "reasons")),
            *(f"docs/guide/{name}.md" for name in ("second-factor", "game-loop", "storing-tokens", "threads-and-fork")),
            *(f"docs/guide/{name}.md" for name in ("proxies-and-cas", "pins", "errors", "moving", "off-passwords")),
            "docs/guide/*.md",
        ],
    ),
    ("Reference", ["include/ropc.h"]),
    ("Hosts", [f"bindings/{name}/README.md" for name in ("cpp", "python", "unity", "love", "engines")]),
    (
        "Promises",
        [
            *("SECURITY.md", "docs/reliability.md", "docs/performance.md", "docs/support.md"),
            *("docs/unsafe.md", "docs/supply-chain.md"),
        ],
    ),
]
# Titles for the side bar, where a page's own is long or the first page's.
TITLES = {
    "README.md": "README",
    "docs/guide/reasons.md": "What to show the user",
    "docs/guide/second-factor.md": "Second factor, CAPTCHA",
    "docs/guide/proxies-and-cas.md": "Proxies and company CAs",
    "docs/guide/pins.md": "Pins and rolling keys",
    "docs/guide/moving.md": "Moving here",
    "docs/guide/off-passwords.md": "The way off passwords",
    "docs/support.md": "What was run where",
    "bindings/cpp/README.md": "C++",
    "bindings/python/README.md": "Python",
    "bindings/unity/README.md": "Unity and .NET",
    "bindings/love/README.md": "LÖVE and LuaJIT",
    "bindings/engines/README.md": "Unreal, Godot, consoles, phones",
}
INDEX = "docs/index.md"
REFERENCE = "include/ropc.h"
LEXERS = {".c": "c", ".h": "c", ".hpp": "cpp", ".cpp": "cpp", ".py": "python", ".rs": "rust", ".lua": "lua"}
LEXERS |= {".cs": "csharp", ".toml": "toml", ".md": "text"}
PICTURES = {".png", ".svg", ".gif"}


def groups(root):
    """The pages of each group that are there, in their order, each once."""
    seen = {root / INDEX}
    for title, patterns in GROUPS:
        found = []
        for pattern in patterns:
            new = [path for path in sorted(root.glob(pattern)) if path not in seen]
            seen.update(new)
            found += new
        yield title, found


def places(root):
    """Where in the site each page lies, without its ending."""
    found = {root / INDEX: "index"}
    for title, paths in groups(root):
        for path in paths:
            stem = path.parent.name if path.name == "README.md" and path.parent != root else path.stem
            found[path] = f"{title.lower()}/{stem.lower()}"
    found[root / REFERENCE] = "reference/index"
    return found


class Stage:
    """One site in the making: `pages` says where each page lies, `sources` collects what they link to besides."""

    def __init__(self, root, folder):
        self.root, self.folder = root, folder
        self.pages = places(root)
        self.sources = {}
        self.broken = []

    def target(self, page, place, link):
        """A page's link as it has to be in the site; None for one that has no page there: a folder."""
        resolved = links.resolve(page, link)
        if resolved is None or link.startswith("#"):
            return link
        path, anchor = resolved
        if path.is_dir() and path / "README.md" in self.pages:
            path = path / "README.md"
        if path.is_dir():
            return None
        if path.suffix in PICTURES:
            copy = self.folder / "pictures" / path.relative_to(self.root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
            return posixpath.relpath(f"pictures/{path.relative_to(self.root)}", posixpath.dirname(place))
        if path not in self.pages:
            self.sources[path] = f"sources/{path.relative_to(self.root)}"
        there = self.pages.get(path) or self.sources[path]
        # Lines of a source have no anchors; the reference is no Markdown.
        anchor = f"#{anchor}" if anchor and path.suffix == ".md" else ""
        suffix = ".rst" if path == self.root / REFERENCE else ".md"
        return posixpath.relpath(there + suffix, posixpath.dirname(place)) + anchor

    def fitted(self, page, place):
        """A page's text with the links that it needs in the site."""
        text = page.read_text(encoding="utf-8")
        self.broken += [(page, *one) for one in links.broken(page, self.root)]
        parts, at = [], 0
        for start, end in links.links(text):
            if links.wrong_with(page, text[start:end], self.root):
                continue
            link = self.target(page, place, text[start:end])
            if link is None:
                opened = opening(text, start - 2)
                parts.append(text[at:opened] + text[opened + 1 : start - 2])
                at = end + 1
            else:
                parts.append(text[at:start] + link)
                at = end
        return "".join(parts) + text[at:]

    def write(self):
        reference.write(self.folder / "reference")
        for page, place in self.pages.items():
            if page != self.root / REFERENCE:
                text = self.fitted(page, place)
                self.put(place, text + self.contents() if place == "index" else text)
        for path, place in self.sources.items():
            name, code = path.relative_to(self.root), path.read_text(encoding="utf-8")
            lexer = LEXERS.get(path.suffix, "text")
            self.put(place, f"---\norphan: true\n---\n\n# {name}\n\n``````{lexer}\n{code}\n``````\n")

    def put(self, place, text):
        path = self.folder / f"{place}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def contents(self):
        """What the side bar shows, for the end of the first page."""
        text = ""
        for title, paths in groups(self.root):
            entries = "\n".join(self.listed(path) for path in paths)
            text += f"\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n{entries}\n```\n"
        return text


    def listed(self, path):
        """A page in the side bar: those right in docs/ by the names of their files."""
        named = path.stem.replace("-", " ").capitalize() if path.parent == self.root / "docs" else None
        title = TITLES.get(str(path.relative_to(self.root)), named)
        return f"{title} <{self.pages[path]}>" if title else self.pages[path]


def opening(text, closing):
    """Where the bracket opens that closes at `closing`."""
    depth = 0
    for at in range(closing, -1, -1):
        depth += {"]": 1, "[": -1}.get(text[at], 0)
        if depth == 0:
            return at
    raise ValueError(f"no bracket opens: {text[closing - 40:closing + 1]}")


def write(root, folder):
    """The pages of the site; ends when a link leads nowhere."""
    shutil.rmtree(folder, ignore_errors=True)
    stage = Stage(root, folder)
    stage.write()
    for page, line, link, problem in stage.broken:
        print(f"{os.path.relpath(page, root)}:{line}: {link}: {problem}", file=sys.stderr)
    if stage.broken:
        sys.exit(f"{len(stage.broken)} links lead nowhere: mend them, or what they lead to")
    return stage
