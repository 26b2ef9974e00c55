"""The links of Markdown pages, as GitHub reads them: where each leads, and whether that is there."""

import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

FENCED = re.compile(r"^([ >]*)(```+|~~~+)[^\n]*\n.*?^\1\2[ \t]*$", re.M | re.S)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
COMMENT = re.compile(r"<!--.*?-->", re.S)
LINK = re.compile(r"\]\((?P<target>[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)\)")
HEADING = re.compile(r"^#{1,6} +(.*?)[ #]*$", re.M)
HTML = re.compile(r"<(?:a|img|picture|source)\b[^>]*(?:href|src|srcset)=[^>]*>", re.I)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.I)


def plain(text):
    """The page with spaces for what is code or comment, so that places stay what they are."""

    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])

    return CODE.sub(blank, COMMENT.sub(blank, FENCED.sub(blank, text)))


def slugs(text):
    """The anchors that GitHub gives a page's headings."""
    counts, found = {}, set()
    for heading in HEADING.findall(COMMENT.sub("", FENCED.sub("", text))):
        shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        number = counts.get(slug, 0)
        counts[slug] = number + 1
        found.add(f"{slug}-{number}" if number else slug)
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


@functools.cache
def anchors(path):
    return slugs(path.read_text(encoding="utf-8"))


def links(text):
    """Each link of a page: where its target begins and ends in the text."""
    for match in LINK.finditer(plain(text)):
        yield match.start("target"), match.end("target")


def resolve(page, target):
    """Path and anchor that a relative link of `page` (a path) leads to; None for one to elsewhere."""
    if ELSEWHERE.match(target):
        return None
    path, _, anchor = target.partition("#")
    return (page.parent / path).resolve() if path else page, anchor


def wrong_with(page, target, here=ROOT):
    """What is wrong with a link of a page; None when nothing is."""
    resolved = resolve(page, target)
    if resolved is None:
        return None
    path, anchor = resolved
    if not path.is_relative_to(here):
        return "leads out of the project"
    if not path.exists():
        return f"{path.relative_to(here)} is not there"
    if anchor and path.suffix == ".md" and anchor not in anchors(path):
        return f"{path.relative_to(here)} has no heading #{anchor}"
    return None


def broken(page, here=ROOT):
    """The broken links of one page, each with what is wrong."""
    text = page.read_text(encoding="utf-8")
    for tag in HTML.finditer(plain(text)):
        yield text.count("\n", 0, tag.start()) + 1, tag[0], "is HTML, which the site does not follow: write Markdown"
    for start, end in links(text):
        problem = wrong_with(page, text[start:end], here)
        if problem:
            yield text.count("\n", 0, start) + 1, text[start:end], problem
