"""The keys that a provider signs with, and their rotation."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, KeySet

__all__ = ["ALGORITHM", "SigningKeys", "new_key"]

ALGORITHM = "ES256"


def new_key() -> ECKey:
    """A new key, with an id of its own."""
    # Here, because a start would take a fifth longer with it, and waits for no key.
    from joserfc.jwk import ECKey

    return ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)


class SigningKeys:
    """The key that signs now, and those that clients still find listed."""

    def __init__(self) -> None:
        self._made: tuple[ECKey, ...] = ()
        self._lock = threading.Lock()

    @property
    def _listed(self) -> tuple[ECKey, ...]:
        """The newest first; the first of all is made when it is asked for."""
        with self._lock:
            self._made = self._made or (new_key(),)
            return self._made

    @property
    def current(self) -> ECKey:
        """The key that signs."""
        return self._listed[0]

    def rotate(self, *, keep_old: bool = True) -> str:
        """Sign with a new key from now on.

        Args:
            keep_old: Go on listing the key before it, for tokens that are under way.

        Returns:
            The new key's id.
        """
        old = self._listed[:1] if keep_old else ()
        self._made = (new_key(), *old)
        return str(self.current.kid)

    def key_set(self) -> KeySet:
        """The listed keys, to verify with."""
        from joserfc.jwk import KeySet

        return KeySet([*self._listed])

    def public(self) -> dict[str, object]:
        """The JWK set that clients verify id_tokens with (RFC 7517 5)."""
        return {"keys": [key.as_dict(private=False) for key in self._listed]}
