"""What the first universes sell, award, announce and try out, and who pays for their ads."""

from __future__ import annotations

from rblx_oauth.sandbox.behaviour.advertising_shelf import Account, AdvertisingShelf
from rblx_oauth.sandbox.behaviour.badges_shelf import Badge, BadgeShelf, WalletShelf
from rblx_oauth.sandbox.behaviour.configs_shelf import (
    ConfigShelf,
    Draft,
    Repository,
    Value,
    repository_of,
)
from rblx_oauth.sandbox.behaviour.developer_products import Product, ProductShelf
from rblx_oauth.sandbox.behaviour.events_shelf import Event, EventShelf
from rblx_oauth.sandbox.behaviour.game_passes import GamePassShelf
from rblx_oauth.sandbox.behaviour.offers import Offer
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.state import State

__all__ = ["seed_commerce"]

_DAY = 86_400.0
_ADA = "1000001"
_LANTERN, _RACING, _GARDEN = "3000001", "3000003", "3000004"


def seed_commerce(state: State) -> None:
    """Put it into a state that has users and universes."""
    _seed_offers(state)
    _seed_badges(state)
    _seed_configs(state)
    _seed_events(state)
    accounts = state.shelves.of(AdvertisingShelf).accounts
    for owner, name in ((_ADA, "Ada's ads"), ("1000002", "Zoë & Co")):
        account = Account(owner=owner, name=name, organization="6000001")
        accounts[str(state.ids.number("billing_account"))] = account


def _seed_offers(state: State) -> None:
    passes, products = state.shelves.of(GamePassShelf), state.shelves.of(ProductShelf)
    for universe_id, name, price in (
        (_LANTERN, "Golden Lantern", 199),
        (_LANTERN, "Night Vision", 75),
        (_GARDEN, "Greenhouse", 120),
    ):
        about = f"{name}, for ever."
        offer = Offer(
            universe=universe_id, name=name, description=about, price=price, for_sale=True
        )
        passes.put(str(state.ids.number("game_pass")), offer)
    for name, price in (("Oil for an hour", 15), ("Oil for a night", 40)):
        product = Product(universe=_LANTERN, name=name, price=price, for_sale=True)
        products.put(str(state.ids.number("developer_product")), product)
    later = Product(universe=_LANTERN, name="Second lamp", description="Not for sale yet.")
    products.put(str(state.ids.number("developer_product")), later)


def _seed_badges(state: State) -> None:
    badges = state.shelves.of(BadgeShelf)
    for universe_id, name, about, awarded in (
        (_LANTERN, "First Light", "Light a lantern.", 4120),
        (_LANTERN, "Home Again", "Find the way home.", 311),
        (_RACING, "Rim Runner", "Finish a lap on the rim.", 57),
    ):
        badge = Badge(
            universe=universe_id,
            name=name,
            description=about,
            awarded=awarded,
            awarded_past_day=awarded // 100,
            win_rate=0.25,
        )
        badges.put(str(state.ids.number("badge")), badge)
    state.shelves.of(WalletShelf).robux.update({f"U{_ADA}": 1000, "G2000001": 250})


def _seed_configs(state: State) -> None:
    repository: Repository = repository_of(
        state.shelves.of(ConfigShelf), _LANTERN, "InExperienceConfig"
    )
    repository.draft = Draft(entries={"bossHealth": 500, "fogColour": "#334455"})
    repository.publish(
        str(state.ids.number("config_revision")),
        at=BUILT + 21 * _DAY,
        by=_ADA,
        message="The first values",
        gradual=False,
    )
    boss: Value = repository.entries["bossHealth"]
    boss.description = "What the moth king starts with."


def _seed_events(state: State) -> None:
    events, now = state.shelves.of(EventShelf), state.clock.now()
    for title, subtitle, begins in (
        ("Lantern Festival", "A thousand lights on the lake", now + 7 * _DAY),
        ("Opening night", "It was dark", BUILT + _DAY),
    ):
        event = Event(
            universe=_LANTERN,
            title=title,
            subtitle=subtitle,
            starts=begins,
            ends=begins + _DAY / 6,
            host=f"U{_ADA}",
            place="4000001",
            categories=[("festival", 0)],
        )
        events.put(str(state.ids.number("event")), event)
