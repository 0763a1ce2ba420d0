"""Token stores for the async client: `open` one by URL.

The sync client's are in `rblx_oauth.stores`.
"""

from __future__ import annotations

from rblx_oauth._async.key_rotation import AsyncKeyRotation
from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth._async.stores.memory import AsyncMemoryStore
from rblx_oauth._async.stores.opening import init, open  # noqa: A004 (read as aio_stores.open)
from rblx_oauth.core.rows import SchemaChange

__all__ = ["AsyncKeyRotation", "AsyncMemoryStore", "AsyncStore", "SchemaChange", "init", "open"]
