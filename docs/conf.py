"""The site: Sphinx over the Markdown pages; sources are read, never imported."""

import re

project = "emulant"
author = "The emulant developers"
extensions = ["myst_parser", "autoapi.extension", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "requirements.lock"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {
    "navbar_center": [],
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "show_prev_next": False,
}
# All pages at the left, under their captions.
html_sidebars = {"**": ["globaltoc.html"]}
html_title = "emulant"

# Links of plain Markdown: to pages, to headings of them, to files beside them.
myst_heading_anchors = 3
myst_enable_extensions = ["dollarmath"]
# Code blocks of the pages without a language are formulas, YAML and shell.
highlight_language = "none"

autoapi_dirs = ["../workflow/emulant/api", "../workflow/emulant/contracts"]
autoapi_options = ["members"]
autoapi_root = "autoapi"
autoapi_add_toctree_entry = False
autoapi_member_order = "bysource"
autoapi_python_class_content = "class"
napoleon_numpy_docstring = False
# The house says Arguments, and Attributes of a class are its members.
napoleon_use_ivar = True
# A name in single backquotes is code, as in the sources.
default_role = "code"
# Links are checked by a test that reads the pages as plain Markdown, where folders of the checkout are targets too.
suppress_warnings = ["autoapi.python_import_resolution", "ref.python", "myst.xref_missing"]

PLAIN = re.compile(r"(?<![\\\\*`])([*|])(?=\w)|(?<=\w)(\|)")
"""Stars and bars of formulas in docstrings, which are markup in reStructuredText: `(N, *site_shape)`, `|phi|`."""


def escaped(app, name, source):
    """Escape them on the pages that are made of docstrings, but for the signatures."""
    if name.startswith("autoapi/"):
        lines = source[0].splitlines()
        source[0] = "\n".join(
            line
            if line.lstrip().startswith((".. ", ":type", ":module", ":rtype"))
            else PLAIN.sub(r"\\\g<0>", line)
            for line in lines
        )


def completed(app, name, source):
    """Add pages that no table of contents of index.md has to one of their own, so that a new page needs no edit of it."""
    if name == "index":
        others = sorted(page for page in app.env.found_docs if "/" not in page and page != name)
        missing = [page for page in others if not re.search(rf"^(.*<)?{page}>?$", source[0], re.MULTILINE)]
        if missing:
            entries = "\n".join(missing)
            source[0] += f"\n```{{toctree}}\n:caption: More\n:maxdepth: 1\n\n{entries}\n```\n"


def setup(app):
    """Connect."""
    app.connect("source-read", escaped)
    app.connect("source-read", completed)
