"""Token stores for the sync client: `open` one by URL.

The async client's are in `rblx_oauth.aio_stores`.
"""

from __future__ import annotations

from rblx_oauth._sync.key_rotation import KeyRotation
from rblx_oauth._sync.stores.base import Store
from rblx_oauth._sync.stores.memory import MemoryStore
from rblx_oauth._sync.stores.opening import init, open  # noqa: A004 (read as stores.open)
from rblx_oauth.core.rows import SchemaChange

__all__ = ["KeyRotation", "MemoryStore", "SchemaChange", "Store", "init", "open"]
