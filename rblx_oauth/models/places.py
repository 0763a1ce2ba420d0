"""What publishing a place answers."""

from __future__ import annotations

import msgspec

from rblx_oauth.models.base import Model


class PlaceVersionNumber(Model, frozen=True):
    """The version that a place file became."""

    number: int = msgspec.field(name="versionNumber")
