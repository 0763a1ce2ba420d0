"""Operations of Roblox's other addresses, which need no credential of their own."""

from __future__ import annotations

from rblx_oauth.catalog import Operation, Parameter
from rblx_oauth.core import beyond
from rblx_oauth.sandbox.behaviour import api_keys, badges_public
from rblx_oauth.sandbox.exchange import Behaviour

__all__ = ["BEHAVIOURS", "OPERATIONS"]

_FREE_BADGES_QUOTA = Operation(
    name="get_free_badges_quota",
    family="badges",
    method="GET",
    path="/v1/universes/{universe_id}/free-badges-quota",
    parameters=(Parameter("universe_id", "universeId", "path", "id", required=True),),
)

OPERATIONS = (
    beyond.INTROSPECT_API_KEY,
    beyond.GET_BADGE,
    beyond.LIST_BADGES,
    _FREE_BADGES_QUOTA,
)
"""Served as if they were of the catalogue, by whoever points all of Roblox's addresses here."""

BEHAVIOURS: dict[str, Behaviour] = {**api_keys.BEHAVIOURS, **badges_public.BEHAVIOURS}
"""How each of them is answered, by name."""
