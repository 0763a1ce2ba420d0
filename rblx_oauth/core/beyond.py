"""Calls that Roblox documents elsewhere than with Open Cloud's 264 operations.

They are not of the catalogue. None takes a credential of its own: what Roblox
shows of a badge is public, and a key that is asked about is what is sent.
"""

from __future__ import annotations

from rblx_oauth.catalog import Operation, Paging, Parameter
from rblx_oauth.core import arguments
from rblx_oauth.core.call import Call
from rblx_oauth.core.codec import Page, decoder, page_decoder
from rblx_oauth.models.api_keys import ApiKeyInfo
from rblx_oauth.models.generated.badges import Badge

_BADGES = "https://badges.roblox.com"

INTROSPECT_API_KEY = Operation(
    name="introspect_api_key",
    family="api_keys",
    method="POST",
    path="/api-keys/v1/introspect",
    parameters=(Parameter("api_key", "apiKey", "json", required=True),),
    media="application/json",
    result="ApiKeyInfo",
    repeat="always",
    docs="https://create.roblox.com/docs/cloud/auth/api-keys#introspect-api-keys",
)

GET_BADGE = Operation(
    name="get_badge",
    family="badges",
    method="GET",
    path="/v1/badges/{badge_id}",
    server=_BADGES,
    parameters=(Parameter("badge_id", "badgeId", "path", "id", required=True),),
    result="Badge",
    repeat="always",
    docs="https://create.roblox.com/docs/cloud/legacy/badges/v1",
)

LIST_BADGES = Operation(
    name="list_badges",
    family="badges",
    method="GET",
    path="/v1/universes/{universe_id}/badges",
    server=_BADGES,
    parameters=(
        Parameter("universe_id", "universeId", "path", "id", required=True),
        Parameter("limit", "limit", "query", "integer", values=(10, 25, 50, 100)),
        Parameter("cursor", "cursor", "query"),
        Parameter("sort_order", "sortOrder", "query", values=("Asc", "Desc")),
    ),
    items="Badge",
    items_field="data",
    paging=Paging(token="cursor", size="limit", next="nextPageCursor", most=100),  # noqa: S106
    repeat="always",
    docs="https://create.roblox.com/docs/cloud/legacy/badges/v1",
)


def introspect_api_key(*, api_key: str) -> Call[ApiKeyInfo]:
    """What an API key may do, until when, and whether it works from this address.

    The key is in the call's body, which no repr, log line or event shows.

    Raises:
        ValueError, TypeError: `api_key` is empty or no string.
    """
    return Call(
        INTROSPECT_API_KEY,
        decode=decoder(ApiKeyInfo),
        body=arguments.json_body({"apiKey": arguments.text("api_key", api_key)}),
    )


def get_badge(*, badge_id: int) -> Call[Badge]:
    """A badge of any universe.

    Raises:
        ValueError, TypeError: `badge_id` is no id.
    """
    return Call(
        GET_BADGE,
        decode=decoder(Badge),
        path=(arguments.identifier("badge_id", badge_id),),
    )


def list_badges(*, universe_id: int, newest_first: bool | None = None) -> Call[Page[Badge]]:
    """The first page of a universe's badges.

    Raises:
        ValueError, TypeError: An argument is wrong.
    """
    newest = arguments.optional(arguments.flag, "newest_first", newest_first)
    order = None if newest is None else ("Desc" if newest else "Asc")
    return Call(
        LIST_BADGES,
        decode=page_decoder(Badge, "data", "nextPageCursor"),
        path=(arguments.identifier("universe_id", universe_id),),
        query=arguments.given(("sortOrder", order)),
    )
