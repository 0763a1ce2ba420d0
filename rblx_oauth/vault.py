"""Encryption at rest: AES-256-GCM in a versioned envelope that names its key.

An envelope is ``version (1 byte) | key id (8) | nonce (12) | ciphertext and tag``.
Version and key id are authenticated together with what the caller binds the
secret to, so an envelope opens only in the place it was made for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rblx_oauth.errors import ConfigurationError, UnsealError

KEY_BYTES = 32
_VERSION = b"\x01"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_HEADER_BYTES = len(_VERSION) + _KEY_ID_BYTES
_HOW_TO_MAKE_ONE = (
    'make one with: python -c "from rblx_oauth.vault import Vault; print(Vault.generate_key())"'
)


class Vault:
    """Seals secrets for a store, and opens them again.

    Nonces are random, 96 bits (NIST SP 800-38D 8.2.2), which is safe for four
    thousand million seals under one key.

    Args:
        keys: 32 bytes each, raw or as URL-safe base64; newest first. The
            newest seals, all of them open, so a key is rotated by putting a
            new one in front.

    Raises:
        ConfigurationError: There is no key, or one has the wrong length.
    """

    def __init__(self, keys: Sequence[str | bytes]) -> None:
        if isinstance(keys, str | bytes):
            raise ConfigurationError("Token keys are a list, newest first; a single key was given.")
        decoded = [_decode_key(key) for key in keys]
        if not decoded:
            raise ConfigurationError(f"A token store needs at least one key; {_HOW_TO_MAKE_ONE}")
        self._ciphers = {_key_id(key): AESGCM(key) for key in decoded}
        self._newest = _key_id(decoded[0])
        # A key for one purpose is not used for another.
        self._naming_key = hmac.digest(decoded[0], b"rblx-oauth pseudonyms", "sha256")

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Short names of the keys, newest first; they give nothing away."""
        return tuple(key_id.hex() for key_id in self._ciphers)

    @staticmethod
    def generate_key() -> str:
        """A new random key, as URL-safe base64 (44 characters)."""
        return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode()

    def seal(self, plaintext: bytes, *parts: str) -> bytes:
        """Encrypt under the newest key, bound to `parts`.

        Args:
            plaintext: What to hide.
            parts: What it is for and where it belongs, e.g. ``("grant",
                issuer, client, subject, "token", "7")``. The same parts, in
                the same order, are needed to open it.
        """
        header = _VERSION + self._newest
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, plaintext, _bind(header, parts))
        return header + nonce + sealed

    def unseal(self, sealed: bytes, *parts: str) -> bytes:
        """The plaintext of an envelope made by `seal` with the same `parts`.

        Raises:
            UnsealError: It was sealed under a key that is not here, for
                another place, or it has been changed.
        """
        header, rest = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        if header[:1] != _VERSION or len(header) < _HEADER_BYTES:
            raise UnsealError("A stored secret is not in a form this version knows.")
        cipher = self._ciphers.get(header[1:])
        if cipher is None:
            raise UnsealError(
                f"A stored secret was sealed under key {header[1:].hex()}, which is not among the "
                "configured keys. Put that key back behind the newest one."
            )
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bind(header, parts))
        except (InvalidTag, ValueError):
            raise UnsealError(
                "A stored secret does not belong where it was found, or was changed. "
                "It was left as it is."
            ) from None

    @staticmethod
    def key_id(sealed: bytes) -> str | None:
        """The name of the key that an envelope was sealed under; None if it is no envelope."""
        header = sealed[:_HEADER_BYTES]
        is_envelope = header[:1] == _VERSION and len(sealed) >= _HEADER_BYTES + _NONCE_BYTES
        return header[1:].hex() if is_envelope else None

    def is_newest(self, sealed: bytes) -> bool:
        """Whether an envelope is under the newest key already."""
        return sealed[:_HEADER_BYTES] == _VERSION + self._newest

    def pseudonym(self, name: str) -> str:
        """What to call `name` in a log: 16 hex digits, the same wherever the newest key is.

        Without the key nobody can tell whose it is, not even by trying every
        name there is.
        """
        return hmac.digest(self._naming_key, name.encode(), "sha256").hex()[:16]

    def __repr__(self) -> str:
        """The names of the keys."""
        return f"Vault(keys={list(self.key_ids)})"


def _decode_key(key: str | bytes) -> bytes:
    """A key as 32 raw bytes."""
    if isinstance(key, bytes) and len(key) == KEY_BYTES:
        return key
    try:
        text = (key.encode() if isinstance(key, str) else key).strip()
        padding = b"=" * (-len(text) % 4)
        raw = base64.b64decode(text + padding, altchars=b"-_", validate=True)
    except (AttributeError, ValueError):  # of another type, not ASCII, not base64
        raw = b""
    if len(raw) != KEY_BYTES:
        raise ConfigurationError(
            f"A token key must be {KEY_BYTES} bytes, raw or as URL-safe base64; {_HOW_TO_MAKE_ONE}"
        )
    return raw


def _key_id(key: bytes) -> bytes:
    """A short name for a key, from which the key cannot be told."""
    return hashlib.sha256(b"rblx-oauth key id\x00" + key).digest()[:_KEY_ID_BYTES]


def _bind(header: bytes, parts: Sequence[str]) -> bytes:
    """Header and parts as associated data; the lengths make the encoding unambiguous."""
    encoded = [part.encode() for part in parts]
    return header + b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
