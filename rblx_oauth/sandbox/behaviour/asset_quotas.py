"""How many assets of a type somebody may upload, or put into the Creator Store, in a period."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import msgspec

from rblx_oauth.sandbox.cel import read_filter
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Creator, Exchange
from rblx_oauth.sandbox.listing import page
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "QuotaShelf", "count_distribution", "count_upload"]

_DAY = 86_400
_SECONDS = {"DAY": _DAY, "MONTH": 30 * _DAY}
_MOST = 100


class _Quota(msgspec.Struct, frozen=True):
    """A quota: what it counts, and how much of it is free for whom.

    Attributes:
        kind: ``RATE_LIMIT_UPLOAD`` or ``RATE_LIMIT_CREATOR_STORE_DISTRIBUTE``.
        asset_type: In the words of the listing.
        period: ``DAY`` or ``MONTH``.
        verified: For those who have shown Roblox a document.
        others: For those who have not.
    """

    kind: str
    asset_type: str
    period: Literal["DAY", "MONTH"]
    verified: int
    others: int

    @property
    def id(self) -> str:
        """Its name among a user's."""
        return f"{self.kind}_{self.asset_type}".lower().replace("_", "-")


_UPLOAD, _DISTRIBUTE = "RATE_LIMIT_UPLOAD", "RATE_LIMIT_CREATOR_STORE_DISTRIBUTE"
# Those of uploads are Roblox's. It publishes none for the store: those are the sandbox's own.
_QUOTAS = {
    (each.kind, each.asset_type): each
    for each in (
        _Quota(_UPLOAD, "AUDIO", "MONTH", 100, 10),
        _Quota(_UPLOAD, "VIDEO", "DAY", 20, 0),
        *(
            _Quota(_DISTRIBUTE, name, "MONTH", 200, 10)
            for name in ("AUDIO", "DECAL", "FONT_FAMILY", "MESH_PART", "MODEL", "PLUGIN", "VIDEO")
        ),
    )
}


class Used(msgspec.Struct, forbid_unknown_fields=True):
    """What of a quota is used up, and in which of its periods since the epoch that was."""

    period: int
    count: int


class QuotaShelf(Shelf):
    """What is used up, by user and quota."""

    section = "asset_quotas"

    used: dict[str, dict[str, Used]] = {}


def count_upload(exchange: Exchange, kind: str) -> None:
    """Count one more asset of type `kind` that the caller uploads.

    Raises:
        Refusal: 429, the quota is used up; ``Retry-After`` says until when.
    """
    _count(exchange, _UPLOAD, kind)


def count_distribution(exchange: Exchange, kind: str) -> None:
    """Count one more asset that the caller puts into the Creator Store.

    Raises:
        Refusal: 429, the quota is used up; ``Retry-After`` says until when.
    """
    _count(exchange, _DISTRIBUTE, kind)


def _count(exchange: Exchange, quota_kind: str, kind: str) -> None:
    wanted = "".join(f"_{letter}" if letter.isupper() else letter for letter in kind)[1:].upper()
    quota = _QUOTAS.get((quota_kind, wanted))
    if quota is None:
        return
    user_id, state = exchange.caller.user_id, exchange.state
    capacity = _capacity(exchange, quota, user_id)
    with state.lock:
        used = _used(exchange, quota, user_id)
        if used.count >= capacity and state.settings.asset_quotas != "none":
            left = math.ceil(_ends(quota, used) - state.clock.now())
            raise Refusal(
                429,
                "RESOURCE_EXHAUSTED",
                f"the quota of {capacity} {kind} assets in a {quota.period.lower()} is used up",
                headers={"retry-after": str(max(left, 1))},
            )
        used.count += 1
        state.shelves.of(QuotaShelf).used.setdefault(user_id, {})[quota.id] = used


def _capacity(exchange: Exchange, quota: _Quota, user_id: str) -> int:
    setting = exchange.state.settings.asset_quotas
    if isinstance(setting, int):
        return setting
    user = exchange.state.users.get(user_id)
    return quota.verified if user is not None and user.id_verified else quota.others


def _used(exchange: Exchange, quota: _Quota, user_id: str) -> Used:
    """What is used up in the period that is now."""
    period = int(exchange.state.clock.now()) // _SECONDS[quota.period]
    used = exchange.state.shelves.of(QuotaShelf).used.get(user_id, {}).get(quota.id)
    return used if used is not None and used.period == period else Used(period=period, count=0)


def _ends(quota: _Quota, used: Used) -> float:
    return float((used.period + 1) * _SECONDS[quota.period])


def _list(exchange: Exchange) -> object:
    user_id = exchange.arguments["user_id"]
    wanted = _matching(exchange.request.args.get("filter", ""))
    with exchange.state.lock:
        return page(
            exchange, "assetQuotas", wanted, lambda each: _body(exchange, each, user_id), most=_MOST
        )


def _matching(text: str) -> Iterator[_Quota]:
    """The quotas that a filter asks for, by name; all of them without one."""
    asked = read_filter(text, {"quotaType": "==", "assetType": "=="})
    for quota in sorted(_QUOTAS.values(), key=lambda each: each.id):
        values = {"quotaType": quota.kind, "assetType": quota.asset_type}
        if all(_same(values[name], value) for name, (value, *_) in asked.items()):
            yield quota


def _same(name: str, asked: str) -> bool:
    """Roblox's example of a filter says ``RateLimitUpload``, its answers ``RATE_LIMIT_UPLOAD``."""
    return name.replace("_", "").lower() == asked.replace("_", "").lower()


def _body(exchange: Exchange, quota: _Quota, user_id: str) -> dict[str, object]:
    used, capacity = _used(exchange, quota, user_id), _capacity(exchange, quota, user_id)
    return {
        "path": f"users/{user_id}/asset-quotas/{quota.id}",
        "quotaType": quota.kind,
        "assetType": quota.asset_type,
        "usage": used.count,
        "capacity": capacity,
        "period": quota.period,
        "usageResetTime": rfc3339(_ends(quota, used)),
    }


BEHAVIOURS = {
    "list_asset_quotas": Behaviour(
        _list, lambda exchange: Creator(f"U{exchange.arguments['user_id']}")
    )
}
