"""The resources of the sync client, to annotate your own code with.

    from rblx_oauth.resources import DataStore

They are made by the client (``client.universe(1).data_store("coins")``), not by
calling these. The async client's are in `rblx_oauth.aio_resources`.
"""

from __future__ import annotations

from rblx_oauth._sync.resources.public import *  # noqa: F403 (the same names)
from rblx_oauth._sync.resources.public import __all__ as __all__
