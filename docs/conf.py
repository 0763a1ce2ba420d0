"""How Sphinx makes the documentation: ``sphinx-build -W docs docs/_build``."""

from __future__ import annotations

from rblx_oauth import __version__

project = "rblx_oauth"
author = "The rblx_oauth authors"
copyright = author  # noqa: A001 (Sphinx's name for it)
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
suppress_warnings = ["ref.python"]  # the Flask extension and the client both have a User
myst_heading_anchors = 4

# Docstrings write names between single backticks.
default_role = "code"
napoleon_use_ivar = True
autodoc_preserve_defaults = True
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = f"rblx_oauth {__version__}"
