#!/usr/bin/env python3
"""Checks the pictures in docs/pictures: demo.svg says what the demo prints, flow.svg names functions that there are,
and both are whole, load nothing from elsewhere, show no secret and tell a screen reader what they show. Faults are
planted in copies, and must be found.

    python3 tests/pictures.py

Needs build/demo.txt, which `make check-examples` writes.
"""

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "docs/pictures"))

import draw
from canary import secret_in
from tally import Tally

DEMO = ROOT / "build/demo.txt"
SVG = "{http://www.w3.org/2000/svg}"
LEFT_OUT = re.compile(r"\[(\d+) lines left out: .+\]")


def squeezed(paragraph):
    """A paragraph without its spaces: the picture breaks lines elsewhere than the demo."""
    return re.sub(r"\s", "", "".join(paragraph))


def lines_of(root):
    """The lines of the terminal in the picture, those between two as empty ones."""
    group = root.find(f".//{SVG}g[@class='demo-matrix']")
    assert group is not None, "the terminal has no <g class='demo-matrix'>"
    texts = {float(one.get("y")): one.text.replace("\xa0", " ") for one in group.iter(f"{SVG}text")}
    step = min(later - y for y, later in zip(sorted(texts), sorted(texts)[1:]))
    lines = [""] * (round((max(texts) - min(texts)) / step) + 1)
    for y, text in texts.items():
        lines[round((y - min(texts)) / step)] = text
    return lines


def says_what_the_demo_prints(text):
    shown = draw.paragraphs(lines_of(ET.fromstring(text)))
    printed = draw.paragraphs(draw.normalised(DEMO.read_text()).splitlines())
    head, foot = shown[: len(draw.HEAD)], shown[-len(draw.FOOT) :]
    assert [*head, *foot] == [[line] for line in draw.HEAD + draw.FOOT], f"begins or ends otherwise: {head} {foot}"
    shown = shown[len(head) : -len(foot)]
    while shown:
        paragraph = shown.pop(0)
        one = squeezed(paragraph)
        left_out = LEFT_OUT.fullmatch(" ".join(line.strip() for line in paragraph))
        if left_out:
            count = int(left_out[1])
            while count > 0 and printed:
                count -= len(printed.pop(0))
            assert count == 0, f"the demo has not as many lines: {left_out[0]}"
            # What the picture has in their place ends with an empty line.
            assert shown and squeezed(shown.pop(0)) == "", f"no empty line after {left_out[0]}"
            continue
        there = squeezed(printed.pop(0)) if printed else "nothing more"
        same = there.startswith(one[:-5]) if one.endswith("[...]") else there == one
        assert same, f"the picture has {one!r}, the demo {there!r}"
    assert not printed, f"the demo prints more: {printed[0][0]!r}"


def names_what_there_is(text):
    header = (ROOT / "include/ropc.h").read_text()
    names = set(re.findall(r"\bropc_\w+(?=\(\))|\bROPC_\w+", text))
    assert names, "no function is named"
    missing = [name for name in sorted(names) if not re.search(rf"\b{name}\b", header)]
    assert not missing, f"include/ropc.h has no {', '.join(missing)}"


def loads_nothing(text):
    root = ET.fromstring(text)
    assert not re.search(r"<[!?]", text), "has a declaration, a comment or an instruction"
    ids = {one.get("id") for one in root.iter()}
    for one in root.iter():
        name = one.tag.removeprefix(SVG)
        assert name not in {"script", "image", "foreignObject", "use", "a"}, f"has a <{name}>"
        rules = [*one.attrib.values(), one.text or ""] if name == "style" else one.attrib.values()
        for rule in rules:
            found = re.search(r"//|@import|@font-face|javascript:|data:", rule)
            assert not found, f"<{name}> has {found[0]} in {rule.strip()[:60]!r}"
            for target in re.findall(r"url\(([^)]*)\)", rule):
                assert target[:1] == "#" and target[1:] in ids, f"<{name}> leads to {target}, which is not in here"


def tells_a_screen_reader(text):
    root = ET.fromstring(text)
    ids = (root.get("aria-labelledby") or "").split()
    assert root.get("role") == "img" and len(ids) == 2, "is no img with a name and words"
    for tag, wanted in zip(("title", "desc"), ids):
        one = root.find(SVG + tag)
        assert one is not None and one.get("id") == wanted and len((one.text or "").split()) > 3, f"has no {tag}"


def shows_no_secret(text):
    # As it is read: with spaces that are spaces.
    found = secret_in("\n".join(ET.fromstring(text).itertext()).replace("\xa0", " "))
    assert not found, f"shows {found!r}"


def is_whole(text):
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg" and root.get("viewBox"), "is no SVG with a viewBox, which shrinks to a phone"


EACH = [is_whole, loads_nothing, tells_a_screen_reader, shows_no_secret]
CHECKS = {"demo.svg": [*EACH, says_what_the_demo_prints], "flow.svg": [*EACH, names_what_there_is]}

# A picture, what is in it, what takes its place, and who must notice.
FAULTS = [
    ("flow.svg", "</style>", "", is_whole),
    ("flow.svg", "viewBox=", "box=", is_whole),
    ("demo.svg", "<style>", "<style>@font-face { src: url(https://fonts.example/a.woff2) }", loads_nothing),
    ("demo.svg", "<style>", "<style>@import 'a.css';", loads_nothing),
    ("flow.svg", "url(#tip)", "url(#top)", loads_nothing),
    ("flow.svg", "<defs>", '<image href="a.png"/><defs>', loads_nothing),
    ("flow.svg", "<svg ", '<!DOCTYPE svg SYSTEM "a.dtd"><svg ', loads_nothing),
    ("flow.svg", 'role="img"', "", tells_a_screen_reader),
    ("demo.svg", "<desc", '<desc id="other"/><desc', tells_a_screen_reader),
    ("demo.svg", "mistypes", "correct&#160;horse", shows_no_secret),
    ("demo.svg", "eyJhbG...", "eyJhbGciOiJSUzI1NiIsImtpZCI6InN0", shows_no_secret),
    ("demo.svg", "mistypes", "forgets", says_what_the_demo_prints),
    ("demo.svg", "not&#160;verified:", "verified:", says_what_the_demo_prints),
    ("demo.svg", "&#160;lines&#160;left", "0&#160;lines&#160;left", says_what_the_demo_prints),
    ("demo.svg", "[left&#160;out:", "[added:", says_what_the_demo_prints),
    ("flow.svg", "ropc_session_token()", "ropc_session_tokens()", names_what_there_is),
]


def problem(check, text):
    """What a check says of a picture; None when nothing is wrong."""
    try:
        check(text)
    except (AssertionError, ET.ParseError) as error:
        return str(error)
    return None


def found(name, old, new, check):
    """What is wrong with a planted fault: it must be in the picture, and noticed."""
    text = (draw.HERE / name).read_text()
    if old not in text:
        return f"{old!r} is not in {name}: plant another fault"
    return None if problem(check, text.replace(old, new, 1)) else "is not noticed"


def main():
    if not DEMO.exists():
        sys.exit(f"{DEMO} is missing; make it with: make check-examples")
    tally = Tally()
    for name, checks in CHECKS.items():
        text = (draw.HERE / name).read_text()
        for check in checks:
            tally.tell(f"{name} {check.__name__.replace('_', ' ')}", problem(check, text))
    for fault in FAULTS:
        # What is planted may look like a secret, so it is not printed.
        tally.tell(f"planted in {fault[0]} at {fault[1]!r}: {fault[3].__name__.replace('_', ' ')}", found(*fault))
    if tally.failed:
        print("If the demo is right and demo.svg is not, draw it anew: make pictures")
    sys.exit(tally.end())


if __name__ == "__main__":
    main()
