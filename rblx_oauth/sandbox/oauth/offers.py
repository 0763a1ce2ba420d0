"""What a person may let an app into, and whether they may let it in at all."""

from __future__ import annotations

from collections.abc import Iterable

from rblx_oauth.sandbox.oauth.records import Client, Consent, Picks
from rblx_oauth.sandbox.oauth.scope_words import asks_for_creators, asks_for_universes
from rblx_oauth.sandbox.people import User
from rblx_oauth.sandbox.state import State

__all__ = ["agree", "choose", "objection", "on_offer"]

_PRIVATE_USERS = 10


def objection(state: State, client: Client, user: User) -> str:
    """Why this person cannot authorize this app, or an empty string."""
    if user.under_13:
        return "Only people of 13 years and more can authorize apps."
    if client.private:
        known = {who for who, app in state.oauth.consents if app == client.client_id}
        if user.id not in known and len(known) >= _PRIVATE_USERS:
            return f"The app is private until it is reviewed, and has its {_PRIVATE_USERS} users."
    return ""


def on_offer(state: State, user: User, scopes: Iterable[str]) -> Picks:
    """What the consent page lets this person choose from for these scopes."""
    scopes = tuple(scopes)
    universes = state.universes_of(user.id) if asks_for_universes(scopes) else ()
    groups = state.groups_of(user.id) if asks_for_creators(scopes) else ()
    account = {f"U{user.id}"} if asks_for_creators(scopes) else set()
    return Picks(
        frozenset(each.id for each in universes),
        frozenset(account | {f"G{each.id}" for each in groups}),
    )


def choose(
    offer: Picks,
    *,
    universes: Iterable[int | str] | None,
    groups: Iterable[int | str] | None,
    creator: bool,
) -> Picks:
    """A choice among what is on offer.

    Args:
        offer: As `on_offer` gave.
        universes: Ids; None for all of them.
        groups: Ids; None for all of them.
        creator: Whether the account itself is among it.

    Raises:
        ValueError: Something chosen is not on offer.
    """
    accounts = {each for each in offer.creators if each.startswith("U")}
    communities = offer.creators - accounts
    if groups is not None:
        communities = _among(communities, [f"G{each}" for each in groups], "group")
    places = offer.universes
    if universes is not None:
        places = _among(places, [str(each) for each in universes], "universe")
    return Picks(places, communities | (accounts if creator else set()))


def agree(state: State, client: Client, user: User, scopes: Iterable[str], picks: Picks) -> Picks:
    """Remember what a person agreed to; what they were not asked about stays as it was.

    Returns:
        What the app is let into now.
    """
    scopes = frozenset(scopes)
    key = (user.id, client.client_id)
    before = state.oauth.consents.get(key)
    if before is not None:
        scopes_now = before.scopes | scopes
        picks = Picks(
            picks.universes if asks_for_universes(scopes) else before.picks.universes,
            picks.creators if asks_for_creators(scopes) else before.picks.creators,
        )
    else:
        scopes_now = scopes
    state.oauth.consents[key] = Consent(scopes_now, picks)
    return picks


def _among(offered: frozenset[str], chosen: list[str], kind: str) -> frozenset[str]:
    for each in chosen:
        if each not in offered:
            number = each.removeprefix("G")
            raise ValueError(
                f"{kind} {number} is not on offer: it is not this person's, or no scope asks for it"
            )
    return frozenset(chosen)
