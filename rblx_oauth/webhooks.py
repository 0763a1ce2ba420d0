"""Webhooks: whether a notification is Roblox's, and what it says.

Roblox signs with HMAC-SHA256, over the second it was sent, a dot, and the body
as it arrived, under a secret that the endpoint's owner gave it.
See https://create.roblox.com/docs/cloud/webhooks/webhook-notifications
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Annotated

import msgspec

from rblx_oauth._decoding import converter, decoder
from rblx_oauth.core.clock import Clock
from rblx_oauth.errors import ConfigurationError, WebhookError
from rblx_oauth.models.base import Timestamp
from rblx_oauth.runtime.clock import SYSTEM_CLOCK

__all__ = ["ErasureRequest", "Notification", "Webhooks", "sign"]

SIGNATURE_HEADER = "roblox-signature"
ERASURE = "RightToErasureRequest"
MAX_AGE = 600.0
"""Seconds after which a notification is no longer taken, lest an old one be sent again."""
MAX_AHEAD = 60.0
"""Seconds that Roblox's clock may be ahead of ours."""
MAX_BODY = 1024 * 1024
"""Bytes of a notification; Roblox's are a few hundred."""


class ErasureRequest(msgspec.Struct, frozen=True, rename="pascal"):
    """A person asked Roblox to be forgotten: delete what is kept about them.

    Attributes:
        user_id: Whose data.
        place_ids: Start places (not universes) of the games that the person entered.
    """

    user_id: int
    place_ids: list[int] = msgspec.field(name="GameIds", default_factory=list)


class Notification(msgspec.Struct, frozen=True):
    """One notification, its signature checked.

    Attributes:
        id: The same one twice is a duplicate: act on it once.
        type: ``SampleNotification``, ``RightToErasureRequest``, ...; new ones may come.
        time: When it happened.
        payload: What Roblox says of it, as JSON.
    """

    id: Annotated[str, msgspec.Meta(min_length=1)] = msgspec.field(name="NotificationId")
    type: str = msgspec.field(name="EventType")
    time: Timestamp | None = msgspec.field(name="EventTime", default=None)
    payload: Mapping[str, object] = msgspec.field(name="EventPayload", default_factory=dict)

    @property
    def erasure(self) -> ErasureRequest | None:
        """Whose data to delete, if that is what this asks for.

        Raises:
            WebhookError: It asks for it and does not say whose.
        """
        if self.type != ERASURE:
            return None
        try:
            return converter(ErasureRequest, strict=False)(self.payload)
        except msgspec.ValidationError as error:
            raise WebhookError(f"an erasure request is not as expected: {error}", "body") from None


class Webhooks:
    """Checks notifications; for any framework, sync or async.

    Args:
        secret: The secret given to Roblox; or several, to change it without a gap.
        allow_unsigned: Take notifications without a signature, where Roblox was
            given no secret. Anybody on the internet can then send one.
        max_age: Seconds after which one is refused.
        clock: The time.

    Raises:
        ConfigurationError: There is no secret, and `allow_unsigned` was not said; or both.
    """

    def __init__(
        self,
        secret: str | Sequence[str] | None,
        *,
        clock: Clock = SYSTEM_CLOCK,
        allow_unsigned: bool = False,
        max_age: float = MAX_AGE,
    ) -> None:
        secrets = [secret] if isinstance(secret, str) else list(secret or ())
        if not all(map(_is_secret, secrets)):
            raise ConfigurationError("a webhook secret must be a non-empty string")
        if not secrets and not allow_unsigned:
            raise ConfigurationError(
                "webhooks need the secret that Roblox was given: without one anybody can send "
                "them (allow_unsigned=True takes that risk)"
            )
        if secrets and allow_unsigned:
            raise ConfigurationError("give webhooks a secret or allow_unsigned=True, not both")
        self._keys = [each.encode() for each in secrets]
        self._max_age = max_age
        self._clock = clock

    def __repr__(self) -> str:
        return f"{type(self).__name__}(secrets={len(self._keys)})"

    def verify(self, body: bytes, signature: str | None) -> Notification:
        """The notification in a request.

        Args:
            body: The body as it arrived, not parsed and written again.
            signature: The header ``roblox-signature``; None if there was none.

        Raises:
            WebhookError: It is not Roblox's, too old, from the future, or malformed;
                answer with its `status`.
            TypeError: The body is not bytes.
        """
        if not isinstance(body, bytes | bytearray | memoryview):
            raise TypeError(f"body must be bytes, as it arrived, not {type(body).__name__}")
        if len(body) > MAX_BODY:
            raise WebhookError(f"a notification has more than {MAX_BODY} bytes", "body")
        sent, mac = _parsed(signature)
        if self._keys:
            self._check_mac(body, sent, mac)
        age = self._clock.now() - int(sent)
        if age > self._max_age:
            raise WebhookError(f"it was sent {age:.0f} s ago", "stale")
        if age < -MAX_AHEAD:
            raise WebhookError(f"it was sent {-age:.0f} s in the future: check the clock", "future")
        try:
            return decoder(Notification)(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise WebhookError(f"the body is not a notification: {error}", "body") from None

    def _check_mac(self, body: bytes, sent: str, mac: str | None) -> None:
        if mac is None:
            raise WebhookError("it is not signed, though a secret is set", "signature_missing")
        try:
            given = base64.b64decode(mac, validate=True)
        except (binascii.Error, ValueError):
            given = b""
        # Every key is tried, and each in constant time.
        matches = [hmac.compare_digest(_mac(key, sent, body), given) for key in self._keys]
        if not any(matches):
            raise WebhookError("the signature is not that of the secret", "signature")


def sign(body: bytes, secret: str, *, at: float) -> str:
    """The header that Roblox sends with a notification, for tests and emulators."""
    sent = str(int(at))
    mac = base64.b64encode(_mac(secret.encode(), sent, body)).decode()
    return f"t={sent},v1={mac}"


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _mac(key: bytes, sent: str, body: bytes) -> bytes:
    return hmac.new(key, f"{sent}.".encode() + body, hashlib.sha256).digest()


def _parsed(signature: str | None) -> tuple[str, str | None]:
    """The second it was sent, in digits, and the signature if there is one."""
    parts = [each.partition("=") for each in (signature or "").split(",")]
    named = {name.strip(): value.strip() for name, _, value in parts}
    sent = named.get("t", "")
    if len(named) != len(parts) or not (sent.isascii() and sent.isdigit() and len(sent) < 13):
        raise WebhookError("there is no roblox-signature that can be read", "signature_missing")
    return sent, named.get("v1")
