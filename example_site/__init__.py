"""Backstage: a small dashboard for creators, and the example to copy from.

Read it in this order: ``app.py`` puts the site together, ``views/`` has one module
a page, ``errors.py`` says kindly what went wrong, ``__main__.py`` starts it all.
"""

from __future__ import annotations

try:
    from example_site.app import create_app
except ModuleNotFoundError as missing:
    raise ImportError(
        f'the example site needs {missing.name}: pip install "rblx-oauth[demo]"'
    ) from missing

__all__ = ["create_app"]
