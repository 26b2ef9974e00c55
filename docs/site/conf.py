"""Sphinx' settings; build.py says where everything is."""

import re
import sys
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

# Not beside it: Sphinx is told with -c where this file is, and the pages are elsewhere.
sys.path.insert(0, str(Path(__file__).resolve().parent))

import reference  # noqa: E402

KNOWN = reference.known()
# Names that begin like a value of the header are to be one; ROPC_LIBRARY and the like are none.
KINDS = {name.rsplit("_", name.count("_") - 1)[0] + "_" for name, role in KNOWN.items() if role == "enumerator"}

project = "ropc"
version = release = ".".join(
    re.search(rf"#define ROPC_VERSION_{part} (\d+)", reference.interface.HEADER.read_text())[1]
    for part in ("MAJOR", "MINOR", "PATCH")
)
extensions = ["myst_parser"]
html_theme = "furo"
html_title = f"ropc {release}"
html_static_path = ["style"]
html_css_files = ["style.css"]
smartquotes = False
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_show_sourcelink = False
html_domain_indices = False
html_last_updated_fmt = None
html_theme_options = {"source_repository": None, "navigation_with_keys": True}
# Colours that can be read (WCAG AA), in the light and in the dark.
pygments_style, pygments_dark_style = "a11y-high-contrast-light", "a11y-high-contrast-dark"
templates_path = []
root_doc = "index"

myst_heading_anchors = 6
c_maximum_signature_line_length = 60
toc_object_entries_show_parents = "hide"
nitpicky = True
# Types of C itself.
nitpick_ignore = [("c:identifier", f"{kind}_t") for kind in ("size", "int32", "int64", "uint8", "uint32", "uint64")]


class NamesAreLinks(SphinxTransform):
    """`ropc_login()` in a page leads to the reference."""

    default_priority = 400

    def apply(self):
        for literal in list(self.document.findall(nodes.literal)):
            target = literal.astext().removesuffix("()")
            function = re.fullmatch(r"ropc_\w+", target) and literal.astext().endswith("()")
            value = any(target.startswith(kind) for kind in KINDS) and re.fullmatch(r"\w+", target)
            inside = (nodes.reference, nodes.title, addnodes.pending_xref)
            if not (target in KNOWN or function or value) or any(isinstance(one, inside) for one in ancestors(literal)):
                continue
            link = addnodes.pending_xref(
                "", refdomain="c", reftype=KNOWN.get(target, "func"), reftarget=target, refexplicit=True,
                refdoc=self.env.docname, refwarn=True,
            )  # fmt: skip
            link.source, link.line = literal.source or self.document["source"], literal.line
            literal.replace_self(link)
            link += literal


def break_names(app, page, template, context, document):
    """Long names and paths may break where they have a bar or a slash, and nowhere else."""

    def one(match):
        return match[1] + re.sub(r"([_/])(?=\w)", r"\1<wbr>", match[2])

    if "body" in context:
        context["body"] = re.sub(r'(<span class="pre">)([^<]*)', one, context["body"])


def ancestors(node):
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app):
    app.add_transform(NamesAreLinks)
    app.connect("html-page-context", break_names)
    return {"parallel_read_safe": True}
