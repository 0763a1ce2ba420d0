"""What can be switched in a running sandbox."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from rblx_oauth._decoding import converter

__all__ = ["Settings"]

Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Settings(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The sandbox's switches. Assign to a field, or ``POST /_sandbox/api/settings``.

    Those about OAuth are behaviours that Roblox does not document; the defaults are what is harder
    on a program, so that one that works here has met the stricter answer.

    Attributes:
        reuse_revokes: Sending a spent refresh token ends its grant.
        grace_seconds: For so long after its first use a refresh token may be sent again.
        callback_issuer: The callback carries ``iss`` (RFC 9207) and discovery says so, which
            Roblox's does not.
        refresh_id_token: A refresh answers with an id_token too.
        token_seconds: The lifetime of an access token, as ``expires_in``.
        operation_seconds: How long what is begun takes, by the sandbox's clock: the processing of
            an asset, a change of an experiment, a query for analytics, the review of a campaign.
        moderation_word: A file or display name that contains it is rejected by moderation, a
            description refused at once; empty lets everything pass.
        moderation_seconds: For so long an asset is there, and being reviewed, before moderation
            approves or rejects it; 0 leaves what it rejects without an asset.
        asset_quotas: How many assets may be uploaded, or put into the store, in a period: as
            ``roblox`` has it, so many, or without end (``none``).
        picture: What the ``picture`` claim holds: a ``loopback`` address served by the sandbox,
            a ``roblox`` address (https, not reachable offline), or ``none``.
        rate_limits: Requests are limited as Roblox limits them.
        loopback_redirects: Which redirect URIs on this machine are good: ``any``, those that are
            registered but on any ``port`` (RFC 8252 7.3), or the registered ones alone (``exact``).
        cors: Pages on this machine, on any port, may call OAuth and Open Cloud from a browser.
        token_audience: The ``aud`` of introspected tokens; the client id where empty.
        webhook_timeout: How long a webhook may take to answer, in real seconds.
        webhook_retry_seconds: How long after a failure it is tried again, by the sandbox's clock.
        auto_consent: Authorization requests with ``auto=allow`` and ``auto=deny`` are answered at
            once, with no page.
    """

    reuse_revokes: bool = True
    grace_seconds: Seconds = 0.0
    callback_issuer: bool = False
    refresh_id_token: bool = True
    token_seconds: Annotated[int, msgspec.Meta(ge=1)] = 899
    operation_seconds: Seconds = 1.0
    moderation_word: str = "rejected"
    moderation_seconds: Seconds = 0.0
    asset_quotas: Literal["roblox", "none"] | Annotated[int, msgspec.Meta(ge=0)] = "roblox"
    picture: Literal["loopback", "roblox", "none"] = "loopback"
    rate_limits: bool = True
    loopback_redirects: Literal["any", "port", "exact"] = "any"
    cors: bool = False
    token_audience: str = ""
    webhook_timeout: Annotated[float, msgspec.Meta(gt=0)] = 5.0
    webhook_retry_seconds: Seconds = 60.0
    auto_consent: bool = False

    def update(self, changes: dict[str, object]) -> None:
        """Set several fields at once, or none if one of them is wrong.

        Raises:
            ValueError: A field is unknown or its value has the wrong type.
        """
        merged = converter(Settings)({**msgspec.to_builtins(self), **changes})
        for name in changes:
            setattr(self, name, getattr(merged, name))
