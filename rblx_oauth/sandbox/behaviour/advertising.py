"""Campaigns: begun once for each idempotency key, reviewed, shown, paused and cancelled."""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from rblx_oauth.sandbox.assets import AssetShelf
from rblx_oauth.sandbox.behaviour.advertising_shelf import (
    Account,
    AdvertisingShelf,
    Campaign,
    Creative,
    Sent,
    Status,
    Targeting,
    midnight_after,
)
from rblx_oauth.sandbox.behaviour.asset_requests import moderated
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "account_of", "campaign_body"]

_DAY = 86_400.0
_LEAST = 5_000_000
"""Millionths of a dollar that a campaign costs at least."""
_LONGEST = 3650
_MOST_STATUSES = 100
_PICTURES = frozenset({"Image", "Decal"})
_IMMUTABLE = ("objective", "paymentType", "targeting", "creativeAssetIds", "bid")
_INT64 = 2**63


class _Bid(msgspec.Struct):
    strategy: Literal["AUTOMATED"] = "AUTOMATED"


class _Budget(msgspec.Struct, rename="camel"):
    type: Literal["DAILY", "LIFETIME"]
    amount_micros: str


class _Schedule(msgspec.Struct, rename="camel"):
    start_time: str | None = None
    duration_in_days: int | None = None
    end_time: object = UNSET


class _Create(msgspec.Struct, rename="camel"):
    name: str
    objective: Literal["ENGAGEMENT"]
    payment_type: Literal["CREDIT_CARD", "ADS_CREDIT", "INVOICE"]
    budget: _Budget
    schedule: _Schedule
    creative_asset_ids: list[str]
    target_universe_id: str | int
    targeting: Targeting | None = None
    bid: _Bid | None = None


class _BudgetUpdate(msgspec.Struct, rename="camel"):
    amount_micros: str | None = None
    type: object = UNSET


class _Update(msgspec.Struct, rename="camel"):
    name: str | None = None
    budget: _BudgetUpdate | None = None
    schedule: _Schedule | None = None
    status: Status | None = None
    objective: object = UNSET
    payment_type: object = UNSET
    targeting: object = UNSET
    creative_asset_ids: object = UNSET
    bid: object = UNSET


class _Statuses(msgspec.Struct, rename="camel"):
    campaign_ids: list[str]


def account_of(exchange: Exchange) -> tuple[str, Account]:
    """The caller's billing account, and its id.

    Raises:
        Refusal: 403, there is none.
    """
    accounts = exchange.state.shelves.of(AdvertisingShelf).accounts
    for account_id, account in accounts.items():
        if account.owner == exchange.caller.user_id and account.status == "ACTIVE":
            return account_id, account
    raise Refusal.denied("the caller has no billing account")


def campaign_body(exchange: Exchange, campaign_id: str) -> dict[str, object]:
    """A campaign, as Roblox shows it."""
    campaign = exchange.state.shelves.of(AdvertisingShelf).campaigns[campaign_id]
    amount, lower = campaign.budget(exchange.state.clock.now())
    budget: dict[str, object] = {"type": campaign.cadence, "amountMicros": str(amount)}
    if lower is not None:
        budget["scheduledAmountMicros"] = str(lower[0])
        budget["scheduledEffectiveTime"] = rfc3339(lower[1])
    return {
        "id": campaign_id,
        "name": campaign.name,
        "billingAccountId": campaign.account,
        "objective": "ENGAGEMENT",
        "paymentType": campaign.payment,
        "targetUniverseId": campaign.universe,
        "creativeAssetIds": campaign.creatives,
        "budget": budget,
        "bid": {"strategy": "AUTOMATED"},
        "schedule": {"startTime": rfc3339(campaign.starts), "durationInDays": campaign.days},
        "targeting": msgspec.to_builtins(campaign.targeting),
        "createTime": rfc3339(campaign.created),
        "updateTime": rfc3339(campaign.updated),
        **_standing(exchange, campaign),
    }


def _standing(exchange: Exchange, campaign: Campaign) -> dict[str, object]:
    universe = exchange.state.universes[campaign.universe]
    now = exchange.state.clock.now()
    delivery, reasons = campaign.delivery(now, is_public=universe.public)
    body: dict[str, object] = {"status": campaign.status, "deliveryStatus": delivery}
    return body | {"deliveryStatusReasons": reasons} if reasons else body


def _micros(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text[:20]) < _INT64):
        raise Refusal.invalid("budget.amountMicros must be a whole number, in digits")
    if int(text) < _LEAST:
        raise Refusal.invalid(f"budget.amountMicros is at least {_LEAST}")
    return int(text)


def _start(exchange: Exchange, text: str | None) -> float:
    try:
        moment = parse_rfc3339(text or "")
    except ValueError:
        raise Refusal.invalid("schedule.startTime must be a timestamp") from None
    if moment < exchange.state.clock.now():
        raise Refusal.invalid("schedule.startTime must not lie in the past")
    return moment


def _days(days: int | None) -> int:
    if days is None or not 1 <= days <= _LONGEST:
        raise Refusal.invalid(f"schedule.durationInDays is from 1 to {_LONGEST}")
    return days


def _check_end(schedule: _Schedule) -> None:
    if schedule.end_time is not UNSET:
        raise Refusal.invalid("schedule.endTime is not taken: give durationInDays")


def _check_name(name: str) -> str:
    if not name.strip():
        raise Refusal.invalid("name must not be empty")
    return name


def _target(exchange: Exchange, universe_id: str) -> str:
    universe = exchange.state.universes.get(universe_id)
    if universe is None:
        raise Refusal.invalid("targetUniverseId is no universe")
    if not exchange.caller.may_touch_universe(universe_id) or not universe.public:
        raise Refusal.denied("the universe cannot be advertised")
    return universe_id


def _pictures(exchange: Exchange, asset_ids: list[str]) -> list[str]:
    """The ids of pictures that the caller may use.

    Raises:
        Refusal: 400, one is none; 403, one is somebody else's.
    """
    state = exchange.state
    if not asset_ids:
        raise Refusal.invalid("creativeAssetIds must not be empty")
    for asset_id in asset_ids:
        asset = state.shelves.of(AssetShelf).get(asset_id, state.clock.now())
        if asset is None or asset.type not in _PICTURES:
            raise Refusal.invalid(f"asset {asset_id[:20]} is no picture")
        if not exchange.caller.may_act_as(asset.creator):
            raise Refusal.denied(f"asset {asset_id} may not be used")
    return list(dict.fromkeys(asset_ids))


def _key(exchange: Exchange) -> str:
    text = exchange.request.headers["x-idempotency-key"]
    try:
        return f"{exchange.caller.user_id} {UUID(text)}"
    except ValueError:
        raise Refusal.invalid("x-idempotency-key must be a UUID") from None


def _create(exchange: Exchange) -> object:
    body, key, state = json_body(exchange.request, _Create), _key(exchange), exchange.state
    digest = blake2b(msgspec.json.encode(body, order="sorted"), digest_size=16).hexdigest()
    now = state.clock.now()
    with state.lock:
        shelf = state.shelves.of(AdvertisingShelf)
        sent = shelf.sent.get(key)
        if sent is not None and now < sent.at + _DAY:
            if sent.digest != digest:
                said = "the idempotency key was used for another campaign"
                raise Refusal(409, "ABORTED", said)
            return campaign_body(exchange, sent.campaign)
        campaign, campaign_id = _made(exchange, body, now), str(state.ids.number("campaign"))
        shelf.put(campaign_id, campaign)
        for asset_id in campaign.creatives:
            creative = Creative(
                account=campaign.account,
                asset=asset_id,
                universe=campaign.universe,
                created=now,
                updated=now,
            )
            shelf.use(str(state.ids.number("creative")), creative)
        _forget(shelf.sent, now)
        shelf.sent[key] = Sent(digest=digest, campaign=campaign_id, at=now)
        return campaign_body(exchange, campaign_id)


def _forget(sent: dict[str, Sent], now: float) -> None:
    """Drop keys whose day is over: the oldest come first."""
    while sent:
        key = next(iter(sent))
        if now < sent[key].at + _DAY:
            return
        del sent[key]


def _made(exchange: Exchange, body: _Create, now: float) -> Campaign:
    account_id, _ = account_of(exchange)
    _check_end(body.schedule)
    return Campaign(
        account=account_id,
        name=_check_name(body.name),
        payment=body.payment_type,
        cadence=body.budget.type,
        micros=_micros(body.budget.amount_micros),
        starts=_start(exchange, body.schedule.start_time),
        days=_days(body.schedule.duration_in_days),
        universe=_target(exchange, str(body.target_universe_id)),
        creatives=_pictures(exchange, body.creative_asset_ids),
        targeting=body.targeting or Targeting(),
        reviewed=now + exchange.state.settings.operation_seconds,
        rejected=moderated(exchange, body.name),
        created=now,
        updated=now,
    )


def _owned(exchange: Exchange, campaign_id: str) -> Campaign | None:
    """The campaign of that id, if it is the caller's."""
    account_id, _ = account_of(exchange)
    campaign = exchange.state.shelves.of(AdvertisingShelf).campaigns.get(campaign_id)
    return campaign if campaign is not None and campaign.account == account_id else None


def _found(exchange: Exchange) -> Campaign:
    campaign_id = exchange.arguments["campaign_id"]
    if not campaign_id.isdigit():
        raise Refusal.invalid("that is no id of a campaign")
    campaign = _owned(exchange, campaign_id)
    if campaign is None:
        raise Refusal.not_found("there is no such campaign")
    return campaign


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        _found(exchange)
        return campaign_body(exchange, exchange.arguments["campaign_id"])


def _update(exchange: Exchange) -> object:
    body, state = json_body(exchange.request, _Update), exchange.state
    fields = {each.encode_name: each.name for each in msgspec.structs.fields(_Update)}
    if any(getattr(body, fields[name]) is not UNSET for name in _IMMUTABLE):
        raise Refusal.invalid(f"{', '.join(_IMMUTABLE)} cannot be changed")
    with state.lock:
        campaign = _found(exchange)
        if campaign.status == "CANCELLED":
            raise Refusal.invalid("the campaign is cancelled, for ever")
        changes = _changes(exchange, campaign, body)
        for name, value in changes.items():
            setattr(campaign, name, value)
        campaign.updated = state.clock.now()
        if body.status is not None:
            state.shelves.of(AdvertisingShelf).turn(exchange.arguments["campaign_id"], body.status)
        return campaign_body(exchange, exchange.arguments["campaign_id"])


def _changes(exchange: Exchange, campaign: Campaign, body: _Update) -> dict[str, object]:
    """What of a campaign becomes what.

    Raises:
        Refusal: 400, something of that cannot be.
    """
    now = exchange.state.clock.now()
    changes: dict[str, object] = {}
    if body.name is not None:
        changes["name"] = _check_name(body.name)
    if body.schedule is not None:
        _check_end(body.schedule)
        if now >= campaign.starts:
            raise Refusal.invalid("the campaign has begun: its schedule stays")
        if body.schedule.start_time is not None:
            changes["starts"] = _start(exchange, body.schedule.start_time)
        if body.schedule.duration_in_days is not None:
            changes["days"] = _days(body.schedule.duration_in_days)
    if body.budget is not None:
        if not isinstance(body.budget.type, UnsetType):
            raise Refusal.invalid("budget.type cannot be changed")
        if body.budget.amount_micros is not None:
            changes |= _budget(exchange, campaign, _micros(body.budget.amount_micros))
    return changes


def _budget(exchange: Exchange, campaign: Campaign, micros: int) -> dict[str, object]:
    """More counts at once; less, of a campaign that has begun, from midnight on."""
    now = exchange.state.clock.now()
    amount, _ = campaign.budget(now)
    if micros >= amount or now < campaign.starts:
        return {"micros": micros, "lower": None}
    zone = exchange.state.shelves.of(AdvertisingShelf).accounts[campaign.account].time_zone
    return {"micros": amount, "lower": (micros, midnight_after(now, zone))}


def _statuses(exchange: Exchange) -> object:
    ids = json_body(exchange.request, _Statuses).campaign_ids
    if len(ids) > _MOST_STATUSES:
        raise Refusal.invalid(f"campaignIds has {_MOST_STATUSES} ids at most")
    with exchange.state.lock:
        owned = {each: _owned(exchange, each) for each in ids}
        statuses = [
            {"id": each, **_standing(exchange, campaign)}
            for each, campaign in owned.items()
            if campaign is not None
        ]
    missing = [each for each, campaign in owned.items() if campaign is None]
    answer: dict[str, object] = {"statuses": statuses}
    if missing:
        answer["failures"] = [{"id": each, "reason": "NOT_FOUND"} for each in missing]
    return answer


BEHAVIOURS = {
    "create_campaign": Behaviour(_create),
    "get_campaign": Behaviour(_get),
    "get_campaign_statuses": Behaviour(_statuses),
    "update_campaign": Behaviour(_update),
}
