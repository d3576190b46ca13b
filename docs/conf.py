"""How Sphinx builds these pages: `make docs`.

Nothing is fetched from anywhere, by the build or by the pages: formulas are MathML, and fonts and
scripts come with the theme.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE / "_ext")]

import mriocarbon  # noqa: E402

project = "mriocarbon"
author = copyright = "The mriocarbon developers"
version = release = mriocarbon.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "mathml",
    "rooms",
    "sources",
]
exclude_patterns = ["_ext"]

myst_enable_extensions = ["attrs_inline", "colon_fence", "dollarmath"]
myst_heading_anchors = 4

# Types are told in words in the docstrings, with shapes and units; the signature stays short.
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
autosummary_generate = False
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
default_role = "code"  # docstrings write `names` with one backtick
add_module_names = False
toc_object_entries_show_parents = "hide"

nitpicky = True
# "ErrorModel or None", "decimal.Decimal": what is no page of ours leads nowhere, on purpose.
nitpick_ignore_regex = [("py:class", ".*"), ("py:obj", ".*")]

html_theme = "pydata_sphinx_theme"
html_title = "mriocarbon"
html_math_renderer = "mathml"
html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_sidebars = {"**": ["sidebar-nav-bs"], "index": [], "quickstart": [], "gallery": []}
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "navigation_depth": 2,
    "show_nav_level": 1,
    "footer_start": ["copyright"],
    "footer_end": [],
    "primary_sidebar_end": [],
}
