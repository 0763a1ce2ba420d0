"""The keys that a provider signs with, and their rotation."""

from __future__ import annotations

from joserfc.jwk import ECKey

__all__ = ["ALGORITHM", "SigningKeys", "new_key"]

ALGORITHM = "ES256"


def new_key() -> ECKey:
    """A new key, with an id of its own."""
    return ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)


class SigningKeys:
    """The key that signs now, and those that clients still find listed."""

    def __init__(self) -> None:
        self._listed = (new_key(),)

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
        self._listed = (new_key(), *old)
        return str(self.current.kid)

    def public(self) -> dict[str, object]:
        """The JWK set that clients verify id_tokens with (RFC 7517 5)."""
        return {"keys": [key.as_dict(private=False) for key in self._listed]}
