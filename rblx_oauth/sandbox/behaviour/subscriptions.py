"""Subscriptions of users to a universe's subscription products: they renew, and they end."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "PERIOD", "Subscription", "SubscriptionShelf"]

PERIOD = 30 * 24 * 3600.0
"""Seconds that are paid for at a time."""

_ALL_SCOPE = ("universe:write",)
_OWN_SCOPE = ("universe.subscription-product.subscription:read",)

_RENEWS = "SUBSCRIBED_WILL_RENEW"
_PENDING = "SUBSCRIBED_RENEWAL_PAYMENT_PENDING"


class Subscription(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A user's subscription, as it was at `updated`; time does the rest.

    Attributes:
        state: One that will renew does so at the end of each period; others end with theirs.
        created: When the user subscribed.
        updated: When its state changed last.
        billed: When the running period began.
        reason: Why it has ended, or will.
    """

    state: Literal[
        "SUBSCRIBED_WILL_RENEW",
        "SUBSCRIBED_WILL_NOT_RENEW",
        "SUBSCRIBED_RENEWAL_PAYMENT_PENDING",
        "EXPIRED",
    ] = "SUBSCRIBED_WILL_RENEW"
    created: float = BUILT
    updated: float = BUILT
    billed: float = BUILT
    reason: Literal[
        "PRODUCT_INACTIVE",
        "PRODUCT_DELETED",
        "SUBSCRIBER_CANCELLED",
        "SUBSCRIBER_REFUNDED",
        "LAPSED",
    ] = "SUBSCRIBER_CANCELLED"
    platform: Literal["DESKTOP", "MOBILE"] = "DESKTOP"
    provider: Literal["STRIPE", "APPLE", "GOOGLE", "ROBLOX_CREDIT", "ROBUX"] = "STRIPE"

    def period(self, now: float) -> tuple[float, float]:
        """When the period began that it is in, or was in last, and when that ends."""
        begun = self.billed
        if self.state == _RENEWS and now > begun:
            begun += (now - begun) // PERIOD * PERIOD
        return begun, begun + PERIOD

    def state_at(self, now: float) -> str:
        """What it is at that moment."""
        return "EXPIRED" if now >= self.period(now)[1] else self.state


class SubscriptionShelf(Shelf):
    """Subscriptions: by universe, by subscription product, by user."""

    section: ClassVar[str] = "subscriptions"

    by_universe: dict[str, dict[str, dict[str, Subscription]]] = {}


def _get(exchange: Exchange) -> object:
    universe = exchange.arguments["universe_id"]
    product = exchange.arguments["subscription_product_id"]
    user = exchange.arguments["subscription_id"]
    state = exchange.state
    if universe not in state.universes:
        raise Refusal.not_found(f"there is no universe {universe}")
    _check(exchange, universe, user)
    with state.lock:
        kept = state.shelves.of(SubscriptionShelf).by_universe
        found = kept.get(universe, {}).get(product, {}).get(user)
        if found is None:
            raise Refusal.not_found("there is no such subscription")
        path = f"universes/{universe}/subscription-products/{product}/subscriptions/{user}"
        whole = _body(path, user, found, state.clock.now())
    if exchange.request.args.get("view") == "FULL":
        return whole
    return {name: whole[name] for name in ("active", "willRenew")}


def _check(exchange: Exchange, universe: str, user: str) -> None:
    """403 unless the caller may see all subscriptions of the universe, or this one is theirs."""
    caller = exchange.caller
    everyones = not caller.missing_scopes(_ALL_SCOPE)
    if not everyones and caller.missing_scopes(_OWN_SCOPE):
        wanted = " or ".join((*_ALL_SCOPE, *_OWN_SCOPE))
        raise Refusal(403, "INSUFFICIENT_SCOPE", f"get_subscription needs scope {wanted}")
    if not (everyones and caller.may_touch_universe(universe)) and caller.user_id != user:
        raise Refusal.denied("only one's own subscriptions, and those of one's universes")


def _body(path: str, user: str, found: Subscription, now: float) -> dict[str, object]:
    state = found.state_at(now)
    begun, ends = found.period(now)
    body: dict[str, object] = {
        "path": path,
        "createTime": rfc3339(found.created),
        "updateTime": rfc3339(max(found.updated, begun)),
        "active": state != "EXPIRED",
        "willRenew": state in (_RENEWS, _PENDING),
        "lastBillingTime": rfc3339(begun),
        "state": state,
        "purchasePlatform": found.platform,
        "paymentProvider": found.provider,
        "user": f"users/{user}",
    }
    if state == _RENEWS:
        return body | {"nextRenewTime": rfc3339(ends)}
    body["expireTime"] = rfc3339(ends)
    if state == "EXPIRED":
        body["expirationDetails"] = {
            "reason": "LAPSED" if found.state == _PENDING else found.reason
        }
    return body


BEHAVIOURS = {"get_subscription": Behaviour(_get)}
