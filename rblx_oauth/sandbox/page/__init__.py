"""The sandbox's own page, and the API that tests look and reach in through."""

from __future__ import annotations

from rblx_oauth.sandbox.page.views import page_views

__all__ = ["page_views"]
