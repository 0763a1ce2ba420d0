"""What secrets of a universe are sealed with."""

from __future__ import annotations

import msgspec

from rblx_oauth.models.base import Model


class SecretPublicKey(Model, frozen=True):
    """The public key of a universe.

    Attributes:
        key: 32 bytes, for libsodium's sealed boxes.
        key_id: Names it; goes along with what was sealed.
    """

    key: bytes = msgspec.field(name="secret")
    key_id: str = msgspec.field(name="key_id")
