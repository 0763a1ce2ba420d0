"""Sealing what only Roblox may read, in libsodium's sealed boxes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from rblx_oauth.errors import ConfigurationError, ProtocolError

KEY_LENGTH = 32


def sealer(value: str | bytes) -> Callable[[bytes], bytes]:
    """Checks `value`, and gives what seals it with a public key of 32 bytes.

    What is sealed can be opened only with the private key that belongs to it.
    Neither `value` nor a part of it is in any error.

    Raises:
        TypeError: It is neither text nor bytes.
        ValueError: It is empty, or text that is not Unicode.
        ConfigurationError: PyNaCl is not installed.
    """
    content = _content(value)
    try:
        from nacl.public import PublicKey, SealedBox
    except ImportError as error:
        raise ConfigurationError(
            "sealing a secret needs PyNaCl, which is not installed: "
            "pip install 'rblx-oauth[secrets]'"
        ) from error

    def seal(key: bytes) -> bytes:
        if len(key) != KEY_LENGTH:
            raise ProtocolError(f"the public key has {len(key)} bytes, not {KEY_LENGTH}")
        return bytes(SealedBox(PublicKey(key)).encrypt(content))

    return seal


def _content(value: str | bytes) -> bytes:
    if not isinstance(value, str | bytes):
        raise TypeError(f"value must be a str or bytes, not {type(value).__name__}")
    if not value:
        raise ValueError("value must not be empty")
    content = value if isinstance(value, bytes) else None
    with suppress(UnicodeEncodeError):
        content = content or str(value).encode()
    # Outside the block: what was suppressed holds the value and must not be chained.
    if content is None:
        raise ValueError("value is not valid Unicode (a lone surrogate)")
    return content
