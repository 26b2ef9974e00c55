"""LICENSE-THIRD-PARTY: the licence texts of all that is compiled into the
library, which ask to be passed on with it."""

import html
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import sbom  # noqa: E402

TEXT = re.compile(r"((un)?licen[cs]e|copying|notice|copyright)[^/]*", re.I)
RULE = "-" * 78
HEAD = """\
libropc is under the MIT licence or the Apache License 2.0, as you like: see
LICENSE-MIT and LICENSE-APACHE. Compiled into it are Rust's standard library,
with what that is made of on any system ("of it"), and the packages below. Under
each are its licence files, with the number of the text further down; a text
that several have is there once. What offers a choice ("OR", "/") is used under
any one of those licences.
"""


def texts_of(package):
    """The licence files of a package: {name: text}."""
    folder = Path(package["manifest_path"]).parent
    paths = [path for path in sorted(folder.rglob("*")) if TEXT.fullmatch(path.name) and path.is_file()]
    texts = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    if not texts:
        sys.exit(
            f"{package['name']} {package['version']} comes without the text of its licence ({package['license']}): "
            f"there is none in {folder}. Take a version that has it, or another package"
        )
    return texts


def crates():
    """Title and texts of each package in the library."""
    for package in sbom.resolved()[1:]:
        if not sbom.runs_in_compiler(package):
            yield f"{package['name']} {package['version']} ({package['license']})", texts_of(package)


def standard_library():
    """The same of Rust's standard library, and of what it is made of on all
    systems, as rustc has them beside it."""
    sysroot = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True, check=True).stdout
    folder = Path(sysroot.strip(), "share/doc/rust")
    page, names = folder / "COPYRIGHT-library.html", ["Apache-2.0", "LLVM-exception", "MIT", "Unicode-3.0"]
    files = {name: folder / f"licenses/{name}.txt" for name in names}
    for path in [page, *files.values()]:
        if not path.is_file():
            sys.exit(f"{path} is missing; rustup's toolchains have it: rustup toolchain install stable")
    version = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    yield (
        f"Rust's standard library {version} (MIT OR Apache-2.0; in parts with the LLVM exception, or Unicode-3.0)",
        {name: path.read_text(encoding="utf-8") for name, path in files.items()},
    )
    _, *parts = re.split(r"<h3>\W*(.*?)</h3>", page.read_text(encoding="utf-8"))
    for title, body in zip(parts[::2], parts[1::2]):
        texts = re.findall(r"<summary><code>(.*?)</code></summary>\s*<pre>(.*?)</pre>", body, re.S)
        licence = re.search(r"License:</b> *(.*?)<", body)
        if texts:
            yield f"of it, {title} ({licence[1]})", {name: html.unescape(text) for name, text in texts}


def document():
    """The whole file."""
    numbers, lines = {}, [HEAD]
    for title, texts in [*standard_library(), *crates()]:
        lines.append(title)
        for name, text in texts.items():
            # The same text with other ends of lines is the same text.
            text = "\n".join(line.rstrip() for line in text.strip().splitlines())
            lines.append(f"    {name}: text {numbers.setdefault(text, len(numbers) + 1)}")
    for text, number in numbers.items():
        lines += ["", RULE, f"Text {number}", RULE, "", text]
    return "\n".join(lines) + "\n"
