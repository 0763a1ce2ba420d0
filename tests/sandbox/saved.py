"""A sandbox that is saved and loaded in the middle of a test."""

from __future__ import annotations

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.sections import dump, load


def save_and_load(cloud: Sandbox) -> None:
    """Write everything that it holds to plain data, forget it, and read it back."""
    content = dump(cloud.state)
    cloud.state.empty()
    load(cloud.state, content, alone=True)
