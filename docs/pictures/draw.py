#!/usr/bin/env python3
"""Draws docs/pictures/demo.svg, the terminal in which `make demo` runs: what examples-c/demo.py prints, shortened where
the picture says so. `make pictures` runs this, and builds the examples first.

    python3 docs/pictures/draw.py

rich, as requirements.txt pins it, comes into build/pictures/venv by pip, the first time and whenever that file changes
(needs Debian's python3-venv). flow.svg is written by hand.
"""

import io
import pathlib
import re
import subprocess
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from environment import python_with

VENV = ROOT / "build/pictures/venv"
PICTURE = HERE / "demo.svg"

# So narrow that a phone shows it without scrolling.
COLUMNS = 60

# What the picture has before the demo's lines and after them.
HEAD = ["$ make demo", "[left out: what the build prints]"]
FOOT = ["[Ports and times are others in each run.]"]

# What is left out of the demo's output: how its first line begins; how the first line after it does, None for up to the
# end; what it is.
LEFT_OUT = {
    "The right password, but the account is locked": (
        "The program is started again",
        "a locked account, an expired certificate; Ada signs in, to stay",
    ),
    "She signs out.": (None, "a sign-out, a game"),
}
# Lines of which only this beginning is shown.
CUT = ["  Signed in. Claims, not verified:"]

# Readable on the background: WCAG AA, 4.5 to 1, and more. By how a line begins.
BACKGROUND, TEXT = (22, 27, 34), (220, 226, 232)
STYLES = [("$ ", "#7ee2a8"), ("  -> ", "#9fb4c8"), ("[", "italic #9fb4c8"), ("  ", ""), ("", "bold #ffffff")]

# rich's own would load a font from elsewhere, and says nothing to a screen reader. The width is what it is shown at
# where there is room.
FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="600" role="img" \
aria-labelledby="{unique_id}-name {unique_id}-words">
<title id="{unique_id}-name">A terminal in which make demo runs</title>
<desc id="{unique_id}-words">Ada signs in and gets an access token. With a wrong password she is told so, with the \
reason ROPC_REASON_WRONG_CREDENTIALS. The program is started again when her access token has ended, and she is still \
signed in, without the password.</desc>
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", \
monospace }}
.{unique_id}-title {{ font: bold 18px sans-serif }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def normalised(output):
    """The demo's output with ports and times that are always the same."""
    ports = list(dict.fromkeys(re.findall(r"(?<=localhost:)\d+", output)))
    output = re.sub(r"(?<=localhost:)\d+", lambda port: str(8443 + ports.index(port[0])), output)
    output = re.sub(r"ends \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+\.$", "ends 2026-01-01 12:15:00 UTC.", output, flags=re.M)
    return re.sub(r"ends \d\d:\d\d:\d\d\.$", "ends 12:15:00.", output, flags=re.M)


def paragraphs(lines):
    """Lines that were one before they were broken: four spaces begin each but the first."""
    found = []
    for line in lines:
        if line.startswith("    "):
            found[-1].append(line)
        else:
            found.append([line])
    return found


def shortened(output):
    """What the picture shows of the demo's output, each paragraph in one line; where lines are left out, how many."""
    rest, shown = paragraphs(normalised(output).splitlines()), []
    while rest:
        text = rest[0][0].rstrip() + "".join(" " + line.strip() for line in rest[0][1:])
        left_out = next((LEFT_OUT[begin] for begin in LEFT_OUT if text.startswith(begin)), None)
        if left_out:
            until, what = left_out
            count = next((at for at, lines in enumerate(rest) if until and lines[0].startswith(until)), len(rest))
            shown += [f"[{sum(map(len, rest[:count]))} lines left out: {what}]", ""]
        else:
            count = 1
            shown.append(next((f"{cut} [...]" for cut in CUT if text.startswith(cut)), text))
        del rest[:count]
    return shown


def terminal(texts):
    """The picture of a terminal that shows these lines."""
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    console = Console(record=True, file=io.StringIO(), width=COLUMNS)
    for text in texts:
        style = next(style for begin, style in STYLES if text.startswith(begin))
        broken = textwrap.wrap(text, COLUMNS, subsequent_indent="    ", break_on_hyphens=False)
        console.print(Text("\n".join(broken), style))
    theme = TerminalTheme(BACKGROUND, TEXT, [TEXT] * 8)
    picture = console.export_svg(title="make demo", theme=theme, code_format=FORMAT, unique_id="demo")
    # rich clips each line by itself, the last one by a path that is not there; no line is too long here. The ends of
    # lines are text to it.
    picture = re.sub(r' clip-path="url\(#demo-line-\d+\)"', "", picture)
    return re.sub(r"<text[^>]*>\n</text>| +$", lambda end: "\n" * end[0].count("\n"), picture, flags=re.M)


def main():
    # Only that Python has rich: the rest happens there.
    python = python_with(HERE / "requirements.txt", VENV)
    if pathlib.Path(sys.prefix) != VENV:
        sys.exit(subprocess.run([python, "-B", __file__]).returncode)
    demo = subprocess.run([sys.executable, ROOT / "examples-c/demo.py"], stdout=subprocess.PIPE, text=True)
    if demo.returncode != 0:
        sys.exit("examples-c/demo.py failed, see above: nothing is drawn. Is everything built (make examples)?")
    picture = terminal([*HEAD, *shortened(demo.stdout), *FOOT])
    PICTURE.write_text(picture)
    print(f"docs/pictures/{PICTURE.name} is drawn: {len(picture)} bytes")


if __name__ == "__main__":
    main()
