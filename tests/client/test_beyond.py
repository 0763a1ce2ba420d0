"""What Roblox documents beside Open Cloud's operations: keys asked about, badges shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rblx_oauth import errors
from rblx_oauth.catalog import operation, operations
from rblx_oauth.core import beyond
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

KEY = {
    "name": "test key",
    "authorizedUserId": 234,
    "scopes": [
        {
            "name": "universe-datastores.objects",
            "operations": ["create", "read"],
            "universeDatastores": [
                {"universeId": "123", "datastoreName": "playerData"},
                {"universeId": "*", "datastoreName": "*"},
            ],
        },
        {"name": "asset", "operations": ["write"], "groupIds": ["*"], "userIds": ["7", 8]},
        {"name": "asset-permissions", "operations": None, "universeIds": ["5"]},
    ],
    "enabled": True,
    "expired": False,
    "expirationTimeUtc": "2027-01-01T12:00:00.000Z",
}


def headers(request: bytes) -> bytes:
    """The head of a request."""
    return request.partition(b"\r\n\r\n")[0].lower()


def test_key_is_asked_about(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """The key goes in the body alone; scopes, targets, owner and end come back typed."""
    server.script(reply(body=KEY))
    key = colour(make_client(token="t", api_key="key-1").introspect_key())
    assert server.lines == ["POST /api-keys/v1/introspect"]
    assert sent_json(server.requests[0]) == {"apiKey": "key-1"}
    assert b"x-api-key" not in headers(server.requests[0])
    assert b"authorization" not in headers(server.requests[0])
    assert (key.name, key.user_id, key.enabled, key.expired) == ("test key", 234, True, False)
    assert key.expires_at == datetime(2027, 1, 1, 12, tzinfo=UTC)
    stores, assets, permissions = key.scopes
    assert [(each.universe_id, each.name) for each in stores.data_stores] == [
        (123, "playerData"),
        ("*", "*"),
    ]
    assert (assets.group_ids, assets.user_ids, assets.universe_ids) == (["*"], [7, 8], [])
    assert (permissions.operations, permissions.universe_ids) == ([], [5])
    assert key.scope_names == {
        "universe-datastores.objects:create",
        "universe-datastores.objects:read",
        "asset:write",
    }
    assert set(operation("create_asset").scopes) - key.scope_names == {"asset:read"}


def test_key_without_an_end(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """No end is None; a question is repeated, for it changes nothing."""
    server.script(reply(502), reply(body={"name": "k", "expirationTimeUtc": None}))
    key = colour(make_client().introspect_key())
    assert (key.expires_at, key.scopes) == (None, [])
    assert len(server.requests) == 2


def test_refused_key_is_not_in_the_error(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A key that Roblox does not know is Unauthorized, and no message holds it."""
    server.script(reply(401, {"code": "UNAUTHENTICATED", "message": "Invalid API key"}))
    with pytest.raises(errors.Unauthorized, match="introspect_api_key") as caught:
        colour(make_client(api_key="sesame-key").introspect_key())
    assert "sesame" not in repr(caught.value)
    assert "sesame" not in repr(beyond.introspect_api_key(api_key="sesame-key"))
    assert len(server.requests) == 1


def test_client_without_a_key_has_none_to_ask_about(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A token is no key: nothing is sent."""
    with pytest.raises(errors.CredentialError, match="no API key"):
        colour(make_client(token="t").introspect_key())
    with pytest.raises(ValueError, match="api_key must not be empty"):
        beyond.introspect_api_key(api_key="")
    assert server.requests == []


@pytest.mark.parametrize("options", [{"token": "t"}, {"api_key": "k"}], ids=["token", "key"])
def test_public_calls_carry_no_credential(
    colour: Colour, make_client: MakeClient, server: RawServer, options: dict[str, Any]
) -> None:
    """Badges are public: whatever a client holds stays here."""
    server.script(
        reply(
            body={
                "id": 5,
                "name": "First",
                "enabled": True,
                "statistics": {"awardedCount": 9},
                "created": "2026-01-02T03:04:05.123+00:00",
            }
        )
    )
    badge = colour(make_client(**options).send(beyond.get_badge(badge_id=5)))
    assert (badge.id, badge.enabled, badge.statistics.awarded_count) == (5, True, 9)
    assert badge.created_at is not None
    assert server.lines == ["GET /v1/badges/5"]
    assert b"x-api-key" not in headers(server.requests[0])
    assert b"authorization" not in headers(server.requests[0])


def test_badges_are_a_page(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """A listing is turned by Roblox's cursor, in the order asked for."""
    server.script(reply(body={"data": [{"id": 1}, {"id": 2}], "nextPageCursor": "c1"}))
    call = beyond.list_badges(universe_id=7, newest_first=True)
    page = colour(make_client().send(call))
    assert ([each.id for each in page.items], page.next_token) == ([1, 2], "c1")
    assert asked(server.lines[0]) == ("GET /v1/universes/7/badges", {"sortOrder": "Desc"})
    oldest = beyond.list_badges(universe_id=7, newest_first=False)
    assert oldest.target == "/v1/universes/7/badges?sortOrder=Asc"


def test_they_are_not_of_the_catalogue() -> None:
    """The 264 operations stay what Roblox's document has; names do not clash."""
    own = {beyond.INTROSPECT_API_KEY, beyond.GET_BADGE, beyond.LIST_BADGES}
    assert not {each.name for each in own} & operations().keys()
    assert all(not each.credentials and each.repeat == "always" for each in own)
    assert {each.server for each in own} == {"", "https://badges.roblox.com"}
