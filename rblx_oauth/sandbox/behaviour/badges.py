"""Badges: made for Robux, changed by those who may manage their universe, seen by everybody."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.behaviour.asset_requests import moderated
from rblx_oauth.sandbox.behaviour.badges_shelf import COST, Badge, BadgeShelf, WalletShelf, today
from rblx_oauth.sandbox.behaviour.forms import Form, creator_of, keep_icon, read_file, read_form
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.people import Universe
from rblx_oauth.sandbox.places import find_place
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "badge_body", "badge_of"]

_NAME_LENGTH = 50
_DESCRIPTION_LENGTH = 1000
_PLACE = 1
"""Roblox's number for a place that awards a badge."""
_GROUP_PAYS = 2


class _Update(msgspec.Struct):
    name: str | None = None
    description: str | None = None
    enabled: bool | None = None


def badge_of(exchange: Exchange, *, detail: str = "1") -> Badge:
    """The badge in the path.

    Args:
        exchange: Who asks for what.
        detail: The API's number for a badge that is none.

    Raises:
        Refusal: 404, there is none.
    """
    found = exchange.state.shelves.of(BadgeShelf).badges.get(exchange.arguments["badge_id"])
    if found is None:
        raise Refusal.not_found("there is no such badge", detail)
    return found


def badge_body(exchange: Exchange, badge_id: str) -> dict[str, object]:
    """A badge as Roblox shows it."""
    state = exchange.state
    badge = state.shelves.of(BadgeShelf).badges[badge_id]
    universe = state.universes[badge.universe]
    place = find_place(state, universe.root_place)
    icon = int(badge.icon or 0)
    return {
        "id": int(badge_id),
        "name": badge.name,
        "description": badge.description,
        "displayName": badge.name,
        "displayDescription": badge.description,
        "enabled": badge.enabled,
        "iconImageId": icon,
        "displayIconImageId": icon,
        "awarder": {
            "id": int(universe.root_place or 0),
            "type": _PLACE,
            "name": (place and place.name) or universe.name,
        },
        "statistics": {
            "pastDayAwardedCount": badge.awarded_past_day,
            "awardedCount": badge.awarded,
            "winRatePercentage": badge.win_rate,
        },
        "created": rfc3339(badge.created),
        "updated": rfc3339(badge.updated),
    }


def _universe(exchange: Exchange) -> Universe:
    universe = exchange.state.universes.get(exchange.arguments["universe_id"])
    if universe is None or not universe.root_place:
        raise Refusal.not_found("there is no such game", "3")
    _check_grant(exchange, universe.id, "12")
    return universe


def _check_grant(exchange: Exchange, universe_id: str, detail: str) -> None:
    if not exchange.caller.may_touch_universe(universe_id):
        raise Refusal.denied(f"this credential was not granted universe {universe_id}", detail)


def _check_texts(exchange: Exchange, name: str, description: str, *, status: int) -> None:
    if not name.strip() or len(name) > _NAME_LENGTH:
        raise Refusal.invalid(f"a badge's name has 1 to {_NAME_LENGTH} characters", "14")
    if len(description) > _DESCRIPTION_LENGTH:
        most = f"a badge's description has {_DESCRIPTION_LENGTH} characters at most"
        raise Refusal.invalid(most, "15")
    if moderated(exchange, name, description):
        raise Refusal(status, "INVALID_ARGUMENT", "the text was moderated", detail="6")


def _payer(exchange: Exchange, form: Form, universe: Universe) -> str:
    """Whose Robux pay: ``U123`` or ``G456``."""
    if form.number("paymentSourceType") != _GROUP_PAYS:
        return f"U{exchange.caller.user_id}"
    if not universe.group:
        raise Refusal.invalid("no group owns the game, so none can pay", "16")
    return f"G{universe.group}"


def _create(exchange: Exchange) -> object:
    universe, form, state = _universe(exchange), read_form(exchange), exchange.state
    name, description = form.texts["name"], form.texts.get("description", "")
    _check_texts(exchange, name, description, status=403)
    payer, active = _payer(exchange, form, universe), form.flag("isActive")
    now = state.clock.now()
    with state.lock:
        shelf, wallets = state.shelves.of(BadgeShelf), state.shelves.of(WalletShelf)
        cost = 0 if shelf.free_left(universe.id, today(now)) else COST
        if (form.number("expectedCost") or 0) != cost:
            raise Refusal.invalid(f"the badge costs {cost} Robux", "18")
        if wallets.robux.get(payer, 0) < cost:
            raise Refusal(403, "PERMISSION_DENIED", "there are too few Robux", detail="17")
        badge = Badge(
            universe=universe.id,
            name=name,
            description=description,
            enabled=active is not False,
            icon=_icon(exchange, form, universe, name),
            created=now,
            updated=now,
        )
        if cost:
            wallets.robux[payer] -= cost
        else:
            shelf.use_free(universe.id, today(now))
        badge_id = str(state.ids.number("badge"))
        shelf.put(badge_id, badge)
        return badge_body(exchange, badge_id)


def _icon(exchange: Exchange, form: Form, universe: Universe, name: str) -> str:
    """The asset that the picture of a form became; empty without one."""
    uploads = form.files.getlist("files")
    if len(uploads) > 1:
        raise Refusal.invalid("a badge has one icon", "11")
    if not uploads:
        return ""
    creator = creator_of(universe)
    return keep_icon(exchange, uploads[0], creator=creator, name=name, detail="11")


def _update(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Update)
    with exchange.state.lock:
        badge = badge_of(exchange)
        _check_grant(exchange, badge.universe, "2")
        name = badge.name if body.name is None else body.name
        description = badge.description if body.description is None else body.description
        _check_texts(exchange, name, description, status=400)
        badge.name, badge.description = name, description
        if body.enabled is not None:
            badge.enabled = body.enabled
        badge.updated = exchange.state.clock.now()
    return {}


def _update_icon(exchange: Exchange) -> object:
    with exchange.state.lock:
        badge = badge_of(exchange, detail="4")
        _check_grant(exchange, badge.universe, "5")
    upload = read_file(exchange, "Files", "2")
    creator = creator_of(exchange.state.universes[badge.universe])
    icon = keep_icon(exchange, upload, creator=creator, name=badge.name, detail="2")
    with exchange.state.lock:
        badge.icon, badge.updated = icon, exchange.state.clock.now()
    return {"targetId": int(icon)}


BEHAVIOURS = {
    "create_badge": Behaviour(_create, any_universe=True),
    "update_badge": Behaviour(_update),
    "update_badge_icon": Behaviour(_update_icon),
}
