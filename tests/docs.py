#!/usr/bin/env python3
"""Checks the pages of the project and the site that `make docs` built of them: every link of every page leads
somewhere, the reference has all that tests/symbols.txt lists, with words to it, the guide a row for each reason,
nothing comes from the network when a page is viewed, and no page is wider than a phone. Faults are planted, and must
be found.

    python3 tests/docs.py

Needs `make docs`, and Debian's chromium.
"""

import functools
import http.server
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BUILT = ROOT / "build/docs"
sys.path[:0] = [str(HERE / "c"), str(ROOT / "docs/site")]

import build
import links
import reference
import symbols
from environment import python_with
from harness import need
from tally import Tally

PAGES = ["*.md", "docs/**/*.md", "bindings/**/*.md", "examples-c/**/*.md", "src/**/*.md", "tests/**/*.md"]
PHONE, DESKTOP = 390, 1280
BROWSER_LIMIT_S = 300

# Each fault, and what Sphinx must say of it.
FAULTS = {
    "Call `ropc_logon()`.": "c:func reference target not found: ropc_logon",
    "Look for `ROPC_REASON_LOCKED_OUT`.": "reference target not found: ROPC_REASON_LOCKED_OUT",
    "[A page](nowhere.md).": "cross-reference target not found: 'nowhere.md'",
    "[A heading](index.md#nowhere).": "nowhere",
    "![A picture](nowhere.svg)": "image file not readable: nowhere.svg",
}
BROKEN = {
    "[a](nowhere.md)": "nowhere.md is not there",
    "[a](#nowhere)": "has no heading #nowhere",
    "[a](other.md#nowhere)": "has no heading #nowhere",
    "![a](nowhere.svg)": "nowhere.svg is not there",
    "[a](../elsewhere.md)": "leads out of the project",
    '<img src="nowhere.png">': "is HTML",
}


class Parsed(HTMLParser):
    """What the checks want to know of a page. `told` has the text of each description, by the name it is of."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.hrefs, self.loaded, self.told = set(), [], [], {}
        self.name, self.descriptions, self.in_signature = None, [], False
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids.add(found.get("id"))
        if tag == "a" and "href" in found:
            self.hrefs.append(found["href"])
        if "src" in found or (tag == "link" and "stylesheet" in found.get("rel", "")):
            self.loaded.append(found.get("src") or found.get("href"))
        if tag == "dt" and (found.get("id") or "").startswith("c."):
            # A value has the name of its enum before its own.
            self.name = re.sub(r"^c\.(?:\w+\.(?=ROPC_))?", "", found["id"])
            self.in_signature = True
        elif tag == "dd" and not self.in_signature:
            self.descriptions.append(self.name)

    def handle_endtag(self, tag):
        if tag == "dt":
            self.in_signature = False
        elif tag == "dd" and self.descriptions and not self.in_signature:
            self.descriptions.pop()

    def handle_data(self, text):
        if self.descriptions and not self.in_signature and text.strip():
            self.told[self.descriptions[-1]] = True


@functools.cache
def parsed(path):
    return Parsed(path.read_text(encoding="utf-8"))


def own_links():
    """The links of the pages as they lie in the project."""
    pages = sorted({page for pattern in PAGES for page in ROOT.glob(pattern)})
    for page in pages:
        found = [f"line {line}: {link}: {problem}" for line, link, problem in links.broken(page)]
        yield f"links of {page.relative_to(ROOT)}", "; ".join(found) or None


def planted_links():
    with tempfile.TemporaryDirectory(dir=BUILT) as folder:
        page = Path(folder, "page.md")
        Path(folder, "other.md").write_text("# Other\n\n```\n# nowhere\n```\n")
        page.write_text("# Page\n\n[good](other.md#other) `[code](nowhere.md)` [good](#page)\n\n" + "\n".join(BROKEN))
        found = {link: problem for _, link, problem in links.broken(page, Path(folder))}
        for fault, words in BROKEN.items():
            problem = found.pop(re.sub(r".*\((.*)\)", r"\1", fault), "")
            yield f"planted, {fault}", None if words in problem else f"not found, but: {problem}"
        yield "planted, good links", str(found) if found else None


def planted_names():
    """Sphinx, told what build.py tells it, refuses each fault; also a name in the header that does not exist."""
    with tempfile.TemporaryDirectory(dir=BUILT) as folder:
        pages = Path(folder, "pages")
        reference.write(pages / "reference")
        names = reference.known()
        text = "".join(f"{reference.prose(one, names)}\n\n" for one in ("ropc_logoff()", "ROPC_E_NOBODY"))
        (pages / "header.rst").write_text(f":orphan:\n\nHeader\n======\n\n{text}")
        contents = "```{toctree}\nreference/index\nfaults\n```\n"
        (pages / "index.md").write_text(f"# Index\n\n`ropc_login()` is there.\n\n{contents}")
        (pages / "faults.md").write_text("# Faults\n\n" + "\n\n".join(FAULTS) + "\n")
        python = python_with(build.REQUIREMENTS, BUILT / "venv")
        code, said = build.sphinx(python, pages, Path(folder, "html"), Path(folder, "trees"))
    expected = {**FAULTS, "ropc_logoff() in the header": "not found: ropc_logoff", "ROPC_E_NOBODY": "ROPC_E_NOBODY"}
    for fault, words in expected.items():
        yield f"planted, {fault}", None if code != 0 and words in said else f"Sphinx ended with {code}, and said {said}"
    more = len(said.strip().splitlines()) - len(expected)
    yield "planted, nothing else is refused", said if more else None


def every_symbol():
    """The reference has every symbol, under its name, with words."""
    told = set()
    for page in (BUILT / "html/reference").glob("*.html"):
        told.update(parsed(page).told)
    listed = symbols.listed()
    missing = [name for name in listed if name not in told]
    yield f"reference: {len(listed)} symbols", f"nothing is told of {', '.join(missing)}" if missing else None
    header = set(reference.known())
    missing = ", ".join(sorted(header - told))
    yield f"reference: {len(header)} names of the header", f"nothing is told of {missing}" if missing else None
    if len(listed) < 200:
        yield "reference: symbols.txt is read", f"only {len(listed)} symbols are found in it"


def reasons(header, page):
    """What is wrong with the table of docs/guide/reasons.md: each reason has one row, in the order of the header, and
    a number that a row shows is its reason's."""
    known = dict(re.findall(r"^  (ROPC_REASON_\w+) = (\d+),$", header, re.M))
    rows = re.findall(r"^\| `(ROPC_REASON_\w+)`: [^|]+ \| ([^|]+) \| ([^|]+) \|$", page, re.M)
    names = [name for name, _, _ in rows]
    for name in sorted(known.keys() | set(names)):
        if name not in known or names.count(name) != 1:
            yield f"{name} has {names.count(name)} rows, and ought to have {int(name in known)}"
    for name, shown, does in rows:
        for number in re.findall(r"\berror (\d+)", shown + does):
            if number != known.get(name):
                yield f"the row of {name} says error {number}; it is {known.get(name)}"
    if [name for name in names if name in known] != list(known):
        yield "the rows are not in the order of include/ropc.h"


def reasons_table():
    header, page = (ROOT / "include/ropc.h").read_text(), (ROOT / "docs/guide/reasons.md").read_text()
    yield "reasons: the table of docs/guide/reasons.md", "; ".join(reasons(header, page)) or None
    row = re.search(r"^\| `ROPC_REASON_LOCKED`.*\n", page, re.M)[0]
    faults = {
        "a row twice": page.replace(row, row + row),
        "no row": page.replace(row, ""),
        "a row of none": page.replace(row, row.replace("LOCKED", "LOCKED_OUT") + row),
        "rows in another order": page.replace(row, "") + row,
        "another number": page.replace(row, row.replace(" |", " (error 1) |", 2)),
        "a value more": page,
    }
    for fault, changed in faults.items():
        more = header.replace("} ropc_reason;", "  ROPC_REASON_MORE = 999,\n} ropc_reason;")
        found = list(reasons(more if fault == "a value more" else header, changed))
        yield f"planted, reasons: {fault}", None if found else "not found"


def site_links():
    """Links between the pages that were built, and what they load."""
    for page in sorted((BUILT / "html").rglob("*.html")):
        problems = []
        for href in parsed(page).hrefs + parsed(page).loaded:
            if re.match(r"[a-z][a-z0-9+.-]*:", href, re.I):
                continue
            path, _, anchor = unquote(href.split("?")[0]).partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.is_file():
                problems.append(f"{href} is not there")
            elif anchor and target.suffix == ".html" and anchor not in parsed(target).ids:
                problems.append(f"{href}: no such anchor")
        far = [one for one in parsed(page).loaded if re.match(r"(?:https?:)?//", one)]
        problems += [f"{one} comes from the network" for one in far]
        yield f"site: {page.relative_to(BUILT / 'html')}", "; ".join(problems) or None
    for style in (BUILT / "html").rglob("*.css"):
        far = re.findall(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//[^)\"']*", style.read_text(encoding="utf-8"))
        if far:
            yield f"site: {style.relative_to(BUILT / 'html')}", f"{far} comes from the network"


MEASURE = """<!DOCTYPE html><body style="margin:0"><script>
const pages = PAGES, widths = WIDTHS, found = [];
async function load(page, width) {
    const frame = document.createElement("iframe");
    frame.style = `border:0;height:844px;width:${width}px`;
    const loaded = new Promise(done => frame.onload = done);
    frame.src = page;
    document.body.append(frame);
    await loaded;
    const inside = frame.contentDocument.documentElement.scrollWidth;
    if (inside > width) found.push(`${page}: ${inside} px at ${width} px`);
    frame.remove();
}
(async () => {
    for (const width of widths) for (const page of pages) await load(page, width);
    await fetch("/found", {method: "POST", body: JSON.stringify(found)});
})();
</script>"""
PLANTED = '<!DOCTYPE html><meta name="viewport" content="width=device-width"><pre style="width:700px">wide</pre>'


class Served(http.server.SimpleHTTPRequestHandler):
    """The site, a page that measures all others in a frame, and one that is too wide."""

    measure, found, done = "", None, threading.Event()

    def do_GET(self):
        own = {"/measure": self.measure, "/planted": PLANTED}.get(self.path)
        if own is None:
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(own.encode())

    def do_POST(self):
        Served.found = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        Served.done.set()

    def log_message(self, *_):
        pass


def widths():
    """No page is wider than a phone or a small desktop."""
    chromium = need("chromium", "chromium")
    pages = sorted(f"/{page.relative_to(BUILT / 'html')}" for page in (BUILT / "html").rglob("*.html"))
    measured = json.dumps([*pages, "/planted"])
    Served.measure = MEASURE.replace("PAGES", measured).replace("WIDTHS", json.dumps([PHONE, DESKTOP]))
    handler = functools.partial(Served, directory=str(BUILT / "html"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, tempfile.TemporaryDirectory() as home:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # As root, as in CI, there is no sandbox; it shows pages of this project only.
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}"]
        command += [f"--window-size={DESKTOP},900", "--remote-debugging-port=0"]
        address = f"http://127.0.0.1:{server.server_port}/measure"
        browser = subprocess.Popen(
            [*command, address], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": home, "no_proxy": "127.0.0.1"},
        )
        came = Served.done.wait(BROWSER_LIMIT_S)
        browser.terminate()
        browser.wait(30)
        server.shutdown()
    if not came:
        yield "widths", f"chromium did not measure {len(pages)} pages within {BROWSER_LIMIT_S} s"
        return
    planted = [one for one in Served.found if one.startswith("/planted: ")]
    yield "planted, a page of 700 px", None if len(planted) == 1 else f"found {planted}"
    wide = [one for one in Served.found if one not in planted]
    yield f"widths: {len(pages)} pages at {PHONE} and {DESKTOP} px", "; ".join(wide) or None


def main():
    if not (BUILT / "html/index.html").exists():
        sys.exit("the site is not built; build it with: make docs")
    tally = Tally()
    for check in (own_links, planted_links, planted_names, every_symbol, reasons_table, site_links, widths):
        for name, problem in check():
            tally.tell(name, problem)
    sys.exit(tally.end())


if __name__ == "__main__":
    main()
