"""Subscriptions: they renew, run out, and are told to those they concern."""

from __future__ import annotations

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.models import Subscription as Told
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.subscriptions import PERIOD, Subscription, SubscriptionShelf
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

LANTERN, GARDEN = 3000001, 3000004
ADA, ZOE, KAI = 1000001, 1000002, 1000003
ALL, OWN = "universe:write", "universe.subscription-product.subscription:read"


def path(user: int, universe: int = LANTERN) -> str:
    """A user's subscription."""
    return f"/cloud/v2/universes/{universe}/subscription-products/EXP-1/subscriptions/{user}"


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def begun(cloud: Sandbox) -> dict[str, Subscription]:
    """One subscription of Kai's in each state, by the product, all billed just now."""
    now = cloud.clock.now()
    made = {
        word: Subscription(state=word, created=now, updated=now, billed=now)
        for word in (
            "SUBSCRIBED_WILL_RENEW",
            "SUBSCRIBED_WILL_NOT_RENEW",
            "SUBSCRIBED_RENEWAL_PAYMENT_PENDING",
        )
    }
    shelf = cloud.state.shelves.of(SubscriptionShelf)
    shelf.by_universe = {str(LANTERN): {word: {str(KAI): each} for word, each in made.items()}}
    return made


def state(client: Client, product: str) -> tuple[str, bool | None, bool | None]:
    """The state that is told, whether it is active, and whether it will renew."""
    found = client.universe(LANTERN).subscription(product, KAI)
    return found.state.value, found.active, found.will_renew


@pytest.mark.usefixtures("begun")
def test_time_renews_and_ends_them(cloud: Sandbox, client: Client) -> None:
    """At the end of a period one is billed again and the others are over."""
    for word, renews in (
        ("SUBSCRIBED_WILL_RENEW", True),
        ("SUBSCRIBED_WILL_NOT_RENEW", False),
        ("SUBSCRIBED_RENEWAL_PAYMENT_PENDING", True),
    ):
        assert state(client, word) == (word, True, renews)
    universe = client.universe(LANTERN)
    before = universe.subscription("SUBSCRIBED_WILL_RENEW", KAI)
    cloud.clock.advance(PERIOD + 60)
    after = universe.subscription("SUBSCRIBED_WILL_RENEW", KAI)
    assert (after.active, after.last_billed_at) == (True, before.renews_at)
    assert after.created_at == before.created_at
    for product, reason in (
        ("SUBSCRIBED_WILL_NOT_RENEW", "SUBSCRIBER_CANCELLED"),
        ("SUBSCRIBED_RENEWAL_PAYMENT_PENDING", "LAPSED"),
    ):
        assert state(client, product) == ("EXPIRED", False, False)
        over = universe.subscription(product, KAI)
        assert over.expiration_details is not None
        assert over.expiration_details.reason == reason
        assert over.expires_at == before.renews_at
        assert over.renews_at is None


def test_views(app: App, client: Client) -> None:
    """The brief one, which is the default, says whether it is active and will renew."""
    brief = {"active": True, "willRenew": True}
    for view in ({}, {"view": "BASIC"}, {"view": "VIEW_UNSPECIFIED"}):
        assert app.call("GET", path(KAI), params=view).json() == brief
    whole: Told = client.universe(LANTERN).subscription("EXP-1", KAI)
    assert (whole.user_id, whole.state, whole.payment_provider) == (
        KAI,
        "SUBSCRIBED_WILL_RENEW",
        "STRIPE",
    )
    over = client.universe(LANTERN).subscription("EXP-1", ZOE)
    assert over.expiration_details is not None
    assert (over.state, over.expiration_details.reason) == ("EXPIRED", "LAPSED")


def test_who_may_see_which(app: App, client: Client) -> None:
    """Those of a universe that one was let into, or one's own, each with its scope."""
    everyones = app.login(scope=f"openid {ALL}", universes=[str(LANTERN)])
    assert app.call("GET", path(KAI), everyones).status_code == 200
    own = app.login(scope=f"openid {OWN}", user=KAI)
    assert app.call("GET", path(KAI), own).status_code == 200
    assert error(app.call("GET", path(ZOE), own)) == (403, "PERMISSION_DENIED")
    unpicked = app.login(scope=f"openid {ALL}", universes=["3000002"])
    assert error(app.call("GET", path(KAI), unpicked)) == (403, "PERMISSION_DENIED")
    unscoped = app.login(scope="openid", universes=[str(LANTERN)])
    assert error(app.call("GET", path(KAI), unscoped)) == (403, "INSUFFICIENT_SCOPE")
    with pytest.raises(errors.PermissionDenied):
        client.universe(GARDEN).subscription("EXP-1", KAI)


def test_what_is_not_there(app: App, client: Client) -> None:
    """404 for the universe, the product and the user."""
    assert error(app.call("GET", path(KAI, 1))) == (404, "NOT_FOUND")
    for product, user in (("EXP-2", KAI), ("EXP-1", 1)):
        with pytest.raises(errors.NotFound):
            client.universe(LANTERN).subscription(product, user)


def test_they_survive_a_dump(cloud: Sandbox, client: Client) -> None:
    """And can be put in from a file."""
    before = client.universe(LANTERN).subscription("EXP-1", ADA)
    load(cloud.state, dump(cloud.state), alone=True)
    assert client.universe(LANTERN).subscription("EXP-1", ADA) == before
    seeded = {str(LANTERN): {"EXP-9": {str(KAI): {"provider": "ROBUX"}}}}
    load(cloud.state, {"subscriptions": {"by_universe": seeded}})
    assert client.universe(LANTERN).subscription("EXP-9", KAI).payment_provider == "ROBUX"
