"""Reading universes."""

from __future__ import annotations

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]


def _get(exchange: Exchange) -> object:
    universe = exchange.state.universes.get(exchange.arguments["universe_id"])
    if universe is None:
        raise Refusal.not_found(f"there is no universe {exchange.arguments['universe_id']}")
    created = rfc3339(universe.created)
    owner = (
        {"user": f"users/{universe.user}"}
        if universe.user
        else {"group": f"groups/{universe.group}"}
    )
    return {
        "path": f"universes/{universe.id}",
        "createTime": created,
        "updateTime": created,
        "displayName": universe.name,
        "description": universe.description,
        **owner,
        "visibility": "PUBLIC" if universe.public else "PRIVATE",
        "voiceChatEnabled": False,
        "ageRating": "AGE_RATING_ALL",
        "desktopEnabled": True,
        "mobileEnabled": True,
        "tabletEnabled": True,
        "consoleEnabled": False,
        "vrEnabled": False,
        "rootPlace": f"universes/{universe.id}/places/{universe.root_place}",
    }


BEHAVIOURS = {"get_universe": Behaviour(_get)}
