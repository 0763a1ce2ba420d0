"""A local Open Cloud: Roblox's OAuth 2 and Open Cloud on loopback, for development and tests.

Start it with ``python -m rblx_oauth.sandbox``, or inside a program::

    with Sandbox() as cloud:
        print(cloud.issuer, cloud.api_base)
"""

from __future__ import annotations

try:
    import cheroot as _cheroot  # noqa: F401  # only to say early what is missing
    import flask as _flask  # noqa: F401
except ImportError as missing:
    raise ImportError(
        f"the sandbox needs {missing.name}, which is not installed: "
        'pip install "rblx-oauth[sandbox]"'
    ) from missing

from rblx_oauth.sandbox.clock import SandboxClock
from rblx_oauth.sandbox.faults import Fault
from rblx_oauth.sandbox.server import Sandbox
from rblx_oauth.sandbox.settings import Settings
from rblx_oauth.sandbox.state import State

__all__ = ["Fault", "Sandbox", "SandboxClock", "Settings", "State"]
