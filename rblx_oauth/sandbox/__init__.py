"""A local Open Cloud: Roblox's OAuth 2 and Open Cloud on loopback, for development and tests.

Start it with ``python -m rblx_oauth.sandbox``, or inside a program::

    with Sandbox() as cloud:
        print(cloud.issuer, cloud.api_base)

Nothing is imported before it is used: pytest imports this package at each of its starts.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rblx_oauth.sandbox.clock import SandboxClock
    from rblx_oauth.sandbox.server import Sandbox
    from rblx_oauth.sandbox.settings import Settings
    from rblx_oauth.sandbox.state import State

__all__ = ["Sandbox", "SandboxClock", "Settings", "State"]

_HOMES = {"Sandbox": "server", "SandboxClock": "clock", "Settings": "settings", "State": "state"}
_NEEDED = ("cheroot", "flask")


def __getattr__(name: str) -> object:
    """Import a public name at its first use (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    for needed in _NEEDED:
        try:
            import_module(needed)
        except ImportError as missing:
            raise ImportError(
                f"the sandbox needs {missing.name}, which is not installed: "
                'pip install "rblx-oauth[sandbox]"'
            ) from missing
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
