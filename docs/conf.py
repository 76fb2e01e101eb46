"""Sphinx builds the documentation with this; `make docs` fails on any warning."""

from flask_porter import __version__

project = "Flask-Porter"
author = "The Flask-Porter authors"
project_copyright = "2026, The Flask-Porter authors"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

autodoc_typehints = "signature"
autodoc_member_order = "bysource"

exclude_patterns = ["_build"]
nitpicky = False

html_theme = "furo"
html_title = "Flask-Porter"
html_copy_source = False
html_static_path = ["_static"]
html_css_files = ["porter.css"]
