"""Campaigns, the accounts that pay for them, and the pictures that they show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = [
    "Account",
    "AdvertisingShelf",
    "Campaign",
    "Creative",
    "Sent",
    "Status",
    "Targeting",
    "midnight_after",
]

Status = Literal["ACTIVE", "PAUSED", "CANCELLED"]

_RANKS: dict[str, int] = {"ACTIVE": 0, "PAUSED": 1, "CANCELLED": 2}
_DAY = 86_400.0


class Account(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A billing account. `time_zone` is a name such as ``America/Los_Angeles``."""

    owner: str
    name: str
    organization: str = ""
    time_zone: str = "UTC"
    status: Literal["ACTIVE", "DISABLED", "ARCHIVED"] = "ACTIVE"
    created: float = BUILT
    updated: float = BUILT

    def __post_init__(self) -> None:
        try:
            midnight_after(self.created, self.time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"there is no time zone {self.time_zone}") from None


class Targeting(msgspec.Struct, kw_only=True, rename="camel"):
    """Whom a campaign is for; an empty list is everybody."""

    age_groups: list[Literal["AGE_13_17", "AGE_18_24", "AGE_25_PLUS"]] = []
    countries: list[str] = []
    devices: list[Literal["PHONE", "TABLET", "DESKTOP", "CONSOLE"]] = []


class Campaign(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A campaign. Times are in seconds since the epoch, money in millionths of a dollar.

    Attributes:
        account: The id of the billing account.
        universe: The id of the universe that it is for.
        lower: What the budget goes down to, and when.
        reviewed: When Roblox is done looking at it.
        rejected: Whether it then does not let it pass.
    """

    account: str
    universe: str
    name: str
    payment: Literal["CREDIT_CARD", "ADS_CREDIT", "INVOICE"]
    cadence: Literal["DAILY", "LIFETIME"]
    micros: int
    lower: tuple[int, float] | None = None
    starts: float
    days: int
    creatives: list[str]
    targeting: Targeting = msgspec.field(default_factory=Targeting)
    status: Status = "ACTIVE"
    reviewed: float = 0.0
    rejected: bool = False
    created: float = BUILT
    updated: float = BUILT

    def budget(self, now: float) -> tuple[int, tuple[int, float] | None]:
        """The amount that counts now, and the lower one to come."""
        if self.lower is not None and self.lower[1] <= now:
            return self.lower[0], None
        return self.micros, self.lower

    def delivery(self, now: float, *, is_public: bool) -> tuple[str, list[str]]:
        """Whether it is being shown, and why not; in Roblox's words."""
        if self.status != "ACTIVE":
            return "NOT_SERVING", [self.status]
        if now < self.reviewed:
            return "IN_REVIEW", []
        if self.rejected:
            return "REJECTED", ["MODERATED"]
        if now < self.starts:
            return "NOT_SERVING", ["SCHEDULED"]
        if now >= self.starts + self.days * _DAY:
            return "NOT_SERVING", ["COMPLETED"]
        if not is_public:
            return "NOT_SERVING", ["PRIVATE"]
        return "SERVING", ["LEARNING"] if now < self.starts + _DAY else []


class Creative(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A picture that an account has used. `universe` is empty where it belongs to none."""

    account: str
    asset: str
    universe: str = ""
    archived: bool = False
    created: float = BUILT
    updated: float = BUILT


class Sent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A request with an idempotency key: what was in it, and what it made."""

    digest: str
    campaign: str
    at: float


class AdvertisingShelf(Shelf, dict=True):
    """Accounts, campaigns and creatives by id, and requests by key."""

    section: ClassVar[str] = "advertising"

    accounts: dict[str, Account] = {}
    campaigns: dict[str, Campaign] = {}
    creatives: dict[str, Creative] = {}
    sent: dict[str, Sent] = {}

    @cached_property
    def order(self) -> dict[str, Index[tuple[int, int]]]:
        """The campaigns of each account: active ones first, newer ones before older ones."""
        found: dict[str, list[tuple[int, int]]] = {each: [] for each in self.accounts}
        for campaign_id, campaign in self.campaigns.items():
            found.setdefault(campaign.account, []).append(_rank(campaign_id, campaign.status))
        return {account: Index(keys) for account, keys in found.items()}

    @cached_property
    def library(self) -> dict[str, dict[str, str]]:
        """The ids of each account's creatives by asset, in the order in which they came."""
        found: dict[str, dict[str, str]] = {}
        for creative_id, creative in self.creatives.items():
            found.setdefault(creative.account, {})[creative.asset] = creative_id
        return found

    def put(self, campaign_id: str, campaign: Campaign) -> None:
        """Add a campaign."""
        order = self.order
        self.campaigns[campaign_id] = campaign
        order.setdefault(campaign.account, Index()).add(_rank(campaign_id, campaign.status))

    def turn(self, campaign_id: str, status: Status) -> None:
        """Put a campaign into another state."""
        campaign = self.campaigns[campaign_id]
        order = self.order[campaign.account]
        order.discard(_rank(campaign_id, campaign.status))
        campaign.status = status
        order.add(_rank(campaign_id, status))

    def use(self, creative_id: str, creative: Creative) -> None:
        """Add a creative, unless its account has that picture already."""
        owned = self.library.setdefault(creative.account, {})
        if creative.asset not in owned:
            self.creatives[creative_id] = creative
            owned[creative.asset] = creative_id


def _rank(campaign_id: str, status: str) -> tuple[int, int]:
    return _RANKS[status], -int(campaign_id)


def midnight_after(moment: float, zone: str) -> float:
    """When the next day begins in a time zone."""
    place: tzinfo = UTC if zone == "UTC" else ZoneInfo(zone)
    local = datetime.fromtimestamp(moment, place)
    morning = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return morning.timestamp()
