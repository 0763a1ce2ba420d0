"""Keys that come from Flask's ``SECRET_KEY``."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, from a secret that serves others too (HKDF, RFC 5869)."""
    info = f"rblx-oauth flask_ext {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret)


def derived_keys(secrets: Sequence[bytes]) -> tuple[bytes, ...]:
    """A token key for each ``SECRET_KEY``, in the same order: newest first."""
    return tuple(derive(secret, "token keys") for secret in secrets)
