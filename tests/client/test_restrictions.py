"""User restrictions: bans that are what was asked for, and are sent once however often tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from rblx_oauth import errors
from rblx_oauth._async.resources.restrictions import AsyncUserRestrictions
from rblx_oauth._sync.resources.restrictions import UserRestrictions
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

UNIVERSE = "/cloud/v2/universes/5/user-restrictions"
PLACE = "/cloud/v2/universes/5/places/44/user-restrictions"


def restrictions_of(client: Any, *place: int) -> Any:
    """Those of universe 5, or of one of its places."""
    universe = client.universe(5)
    return (universe.place(*place) if place else universe).restrictions


@pytest.fixture
def restrictions(make_client: MakeClient) -> Any:
    """Those of universe 5."""
    return restrictions_of(make_client())


def test_ban(colour: Colour, restrictions: Any, server: RawServer, clock: ManualClock) -> None:
    """The whole restriction is written, under a fresh key and the time of the first try."""
    server.script(
        reply(
            body={
                "path": "universes/5/user-restrictions/9",
                "user": "users/9",
                "updateTime": "2026-01-01T00:00:00Z",
                "gameJoinRestriction": {
                    "active": True,
                    "startTime": "2026-01-01T00:00:00Z",
                    "duration": "93784s",
                    "inherited": False,
                },
            }
        )
    )
    made = colour(
        restrictions.ban(
            9,
            duration=timedelta(days=1, hours=2, minutes=3, seconds=4),
            display_reason="Be kind.",
            private_reason="said: …",
            exclude_alt_accounts=True,
        )
    )
    assert (made.user_id, made.id, made.game_join_restriction.active) == (9, 9, True)
    assert made.game_join_restriction.duration == timedelta(seconds=93784)
    target, query = asked(server.lines[0])
    assert target == f"PATCH {UNIVERSE}/9"
    assert query["updateMask"] == "gameJoinRestriction"
    assert UUID(query["idempotencyKey.key"]).version == 4
    first_sent = datetime.fromisoformat(query["idempotencyKey.firstSent"])
    assert abs(first_sent - datetime.fromtimestamp(clock.now(), UTC)) < timedelta(milliseconds=1)
    assert sent_json(server.requests[0]) == {
        "gameJoinRestriction": {
            "active": True,
            "duration": "93784s",
            "displayReason": "Be kind.",
            "privateReason": "said: …",
            "excludeAltAccounts": True,
        }
    }


def test_ban_for_ever(colour: Colour, restrictions: Any, server: RawServer) -> None:
    """Without a duration there is none: only then is it for ever."""
    server.script(reply())
    colour(restrictions.ban(9))
    assert sent_json(server.requests[0]) == {
        "gameJoinRestriction": {"active": True, "excludeAltAccounts": False}
    }


@pytest.mark.parametrize(
    "duration",
    [
        timedelta(0),
        timedelta(seconds=-1),
        timedelta(days=-5),
        timedelta(microseconds=1),
        timedelta(seconds=315_576_000_001),
        timedelta.max,
    ],
)
def test_ban_of_no_length_is_not_for_ever(
    colour: Colour, restrictions: Any, server: RawServer, duration: timedelta
) -> None:
    """Zero, less, and more than Roblox takes are refused before a byte leaves."""
    with pytest.raises(ValueError, match="duration must be from 1 second to 3,652,500 days"):
        colour(restrictions.ban(9, duration=duration))
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"duration": timedelta(seconds=1.5)}, "duration must be whole seconds"),
        ({"duration": 60}, "duration must be a timedelta, not int"),
        ({"duration": 0}, "duration must be a timedelta, not int"),
        ({"duration": False}, "duration must be a timedelta, not bool"),
        ({"display_reason": "r" * 401}, "display_reason has 401 characters; the limit is 400"),
        ({"private_reason": "r" * 1001}, "private_reason has 1001 characters; the limit is 1000"),
        ({"display_reason": None}, "display_reason must be a str"),
        ({"exclude_alt_accounts": "no"}, "exclude_alt_accounts must be a bool"),
    ],
)
def test_wrong_ban_is_refused(
    colour: Colour, restrictions: Any, server: RawServer, arguments: dict[str, Any], says: str
) -> None:
    """Each limit is named, and nothing is sent."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(restrictions.ban(9, **arguments))
    assert server.requests == []


def test_longest_reasons_and_durations_are_taken(
    colour: Colour, restrictions: Any, server: RawServer
) -> None:
    """At the limits themselves all is well."""
    server.script(reply())
    colour(
        restrictions.ban(
            9,
            duration=timedelta(seconds=315_576_000_000),
            display_reason="r" * 400,
            private_reason="r" * 1000,
        )
    )
    colour(restrictions.ban(9, duration=timedelta(seconds=1)))
    assert b'"duration":"315576000000s"' in server.requests[0]
    assert b'"duration":"1s"' in server.requests[1]


@pytest.mark.parametrize("place", [(), (44,)])
@pytest.mark.parametrize("lost", [reset, reply(503)])
def test_lost_answer_is_made_up_for_with_the_same_key(
    colour: Colour, make_client: MakeClient, server: RawServer, lost: Any, place: tuple[int, ...]
) -> None:
    """Every try is the same to the byte, key and time of the first one included."""
    restrictions = restrictions_of(make_client(), *place)
    server.script(lost, lost, reply(body={"user": "users/9"}))
    assert colour(restrictions.ban(9, duration=timedelta(hours=1))).user_id == 9
    assert len(server.requests) == 3
    assert len(set(server.requests)) == 1


def test_each_write_has_a_key_of_its_own(
    colour: Colour, restrictions: Any, server: RawServer
) -> None:
    """Two bans alike are two bans."""
    server.script(reply())
    for _ in range(2):
        colour(restrictions.ban(9))
        colour(restrictions.unban(9))
    keys = {asked(line)[1]["idempotencyKey.key"] for line in server.lines}
    assert len(keys) == 4


@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, errors.PermissionDenied), (404, errors.NotFound), (409, errors.Conflict)],
)
def test_refused_ban_is_an_error_of_its_own(
    colour: Colour,
    restrictions: Any,
    server: RawServer,
    status: int,
    kind: type[errors.ApiError],
) -> None:
    """403, 404 and 409 are raised as what they are, once, in both colours."""
    server.script(reply(status, {"code": "WHY", "message": "because"}))
    with pytest.raises(kind, match="because") as caught:
        colour(restrictions.ban(9))
    assert caught.value.operation == "update_user_restriction"
    assert len(server.requests) == 1


def test_unban(colour: Colour, restrictions: Any, server: RawServer) -> None:
    """Nothing of the old ban is kept."""
    server.script(reply(body={"gameJoinRestriction": {"active": False}}))
    assert colour(restrictions.unban(9)).game_join_restriction.active is False
    assert sent_json(server.requests[0]) == {"gameJoinRestriction": {"active": False}}


@pytest.mark.parametrize("method", ["get", "ban", "unban"])
def test_wrong_user_is_refused(
    colour: Colour, restrictions: Any, server: RawServer, method: str
) -> None:
    """A user is named by a positive int, and called by the name the caller knows."""
    with pytest.raises((ValueError, TypeError), match=r"^user_id must be"):
        colour(getattr(restrictions, method)(0))
    with pytest.raises((ValueError, TypeError), match=r"^user_id must be"):
        colour(getattr(restrictions, method)("9"))
    assert server.requests == []


@pytest.mark.parametrize(("place", "path"), [((), UNIVERSE), ((44,), PLACE)])
def test_of_a_universe_or_of_a_place(
    colour: Colour, make_client: MakeClient, server: RawServer, place: tuple[int, ...], path: str
) -> None:
    """Reading, writing and listing go to the one or the other."""
    restrictions = restrictions_of(make_client(), *place)
    server.script(
        reply(body={"gameJoinRestriction": {"active": True, "inherited": True}}),
        reply(),
        reply(body={"userRestrictions": [{"user": "users/9"}]}),
    )
    assert colour(restrictions.get(9)).game_join_restriction.inherited is True
    colour(restrictions.unban(9))
    assert [each.user_id for each in colour.list(restrictions.list())] == [9]
    assert [asked(line)[0] for line in server.lines] == [
        f"GET {path}/9",
        f"PATCH {path}/9",
        f"GET {path}",
    ]


@pytest.mark.parametrize(
    ("place", "user_id", "filter_"),
    [
        ((), None, None),
        ((), 9, "user == 'users/9'"),
        ((44,), None, "place == 'places/44'"),
        ((44,), 9, "user == 'users/9' && place == 'places/44'"),
    ],
)
def test_logs(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    place: tuple[int, ...],
    user_id: int | None,
    filter_: str | None,
) -> None:
    """Who changed what, of a user or a place where asked so."""
    server.script(
        reply(
            body={
                "logs": [
                    {
                        "user": "users/9",
                        "place": "",
                        "moderator": {"robloxUser": "users/1"},
                        "active": True,
                        "duration": "3600s",
                        "restrictionType": {"gameJoinRestriction": {}},
                    },
                    {"user": "users/9", "moderator": {"gameServerScript": {}}, "active": False},
                ]
            }
        )
    )
    banned, freed = colour.list(restrictions_of(make_client(), *place).logs(user_id=user_id))
    assert (banned.user_id, banned.active, banned.duration) == (9, True, timedelta(hours=1))
    assert banned.moderator.roblox_user_id == 1
    assert (freed.active, freed.moderator.roblox_user_id) == (False, None)
    target, query = asked(server.lines[0])
    assert target == f"GET {UNIVERSE}:listLogs"
    assert query == {"maxPageSize": "100"} | ({"filter": filter_} if filter_ else {})


@pytest.mark.parametrize("kind", [AsyncUserRestrictions, UserRestrictions])
def test_ids_are_checked_where_it_is_made(kind: Any) -> None:
    """A wrong place or universe is refused at once."""
    with pytest.raises(ValueError, match="universe_id must be"):
        kind(None, 0)
    with pytest.raises(TypeError, match="place_id must be"):
        kind(None, 5, "44")
    assert repr(kind(None, 5, 44)).endswith("UserRestrictions(5, 44)")
