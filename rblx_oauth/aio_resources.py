"""The resources of the async client, to annotate your own code with.

    from rblx_oauth.aio_resources import AsyncDataStore

They are made by the client (``client.universe(1).data_store("coins")``), not by
calling these. The sync client's are in `rblx_oauth.resources`.
"""

from __future__ import annotations

from rblx_oauth._async.resources.public import *  # noqa: F403 (the same names)
from rblx_oauth._async.resources.public import __all__ as __all__
