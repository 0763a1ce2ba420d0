"""Both transports, and a rude server."""

from __future__ import annotations

from tests.support.colours import colour
from tests.support.raw_server import server

__all__ = ["colour", "server"]
