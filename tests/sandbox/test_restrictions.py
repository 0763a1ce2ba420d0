"""User restrictions: bans of universes and places, which end by the clock, and their log."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox, SandboxClock
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.people import User
from rblx_oauth.sandbox.sections import dump, load
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.support.clock import ManualClock

__all__ = ["client"]

LANTERN, TOWER, RACING = 3000001, 3000002, 3000003
PLACE = 4000003
ADA, ZOE, KAI = 1000001, 1000002, 1000003
PATH = f"/cloud/v2/universes/{RACING}/user-restrictions"
HOUR = timedelta(hours=1)


def error(answer: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def ban(app: App, body: object = None, **query: object) -> requests.Response:
    """Ban Kai, over plain HTTP."""
    body = {"gameJoinRestriction": {"active": True}} if body is None else body
    return app.call("PATCH", f"{PATH}/{KAI}", params=query, json=body)


def test_null_is_as_good_as_absent(app: App) -> None:
    """Null is, in the JSON of Protocol Buffers; a text that is left out is empty."""
    wanted = {"active": True, "duration": None, "privateReason": None, "displayReason": "soon"}
    answer = ban(app, {"gameJoinRestriction": wanted})
    assert answer.status_code == 200
    found = answer.json()["gameJoinRestriction"]
    assert (found["privateReason"], found["displayReason"]) == ("", "soon")
    assert error(ban(app, {"gameJoinRestriction": None})) == (400, "INVALID_ARGUMENT")


def active(client: Client, *, place: int | None = None, user: int = KAI) -> tuple[bool, bool]:
    """Whether a user is kept out of the racing universe, or a place of it, and by inheritance."""
    universe = client.universe(RACING)
    restrictions = universe.place(place).restrictions if place else universe.restrictions
    found = restrictions.get(user).game_join_restriction
    assert found is not None
    return bool(found.active), bool(found.inherited)


def test_nobody_is_restricted_to_begin_with(client: Client) -> None:
    """That is told of any user, in a universe and in a place."""
    assert active(client) == (False, False)
    assert active(client, place=PLACE) == (False, False)
    assert list(client.universe(RACING).restrictions.list()) == []


def test_a_ban_ends_by_the_clock(cloud: Sandbox, client: Client) -> None:
    """Until then it is active; afterwards it is still told what it was."""
    restrictions = client.universe(RACING).restrictions
    made = restrictions.ban(
        KAI,
        duration=HOUR,
        display_reason="Be kind.",
        private_reason="Was not.",
        exclude_alt_accounts=True,
    )
    assert made == restrictions.get(KAI)
    found = made.game_join_restriction
    assert found is not None
    assert (found.active, found.duration, found.display_reason) == (True, HOUR, "Be kind.")
    assert (found.private_reason, found.exclude_alt_accounts) == ("Was not.", True)
    cloud.clock.advance(3599)
    assert active(client) == (True, False)
    cloud.clock.advance(2)
    assert active(client) == (False, False)
    over = restrictions.get(KAI).game_join_restriction
    assert over is not None
    assert over.start_time == found.start_time
    assert [each.user_id for each in restrictions.list()] == [KAI]


def test_a_ban_for_ever_ends_when_it_is_lifted(cloud: Sandbox, client: Client) -> None:
    """No time does."""
    restrictions = client.universe(RACING).restrictions
    restrictions.ban(KAI)
    cloud.clock.advance(10 * 365 * 86400)
    assert active(client) == (True, False)
    freed = restrictions.unban(KAI).game_join_restriction
    assert freed is not None
    assert (freed.active, freed.duration) == (False, None)
    assert active(client) == (False, False)


def test_a_universe_s_ban_holds_in_its_places(client: Client) -> None:
    """Inherited there, whatever the place says itself; a place's own ban is not."""
    universe, place = client.universe(RACING), client.universe(RACING).place(PLACE)
    universe.restrictions.ban(KAI, display_reason="Everywhere.")
    assert active(client, place=PLACE) == (True, True)
    inherited = place.restrictions.get(KAI).game_join_restriction
    assert inherited is not None
    assert inherited.display_reason == "Everywhere."
    assert place.restrictions.unban(KAI).game_join_restriction == inherited
    assert active(client, place=PLACE) == (True, True)
    place.restrictions.ban(KAI)
    assert active(client, place=PLACE) == (True, False)
    universe.restrictions.unban(KAI)
    assert active(client, place=PLACE) == (True, False)
    assert active(client) == (False, False)
    place.restrictions.ban(ZOE)
    assert [each.user_id for each in place.restrictions.list()] == [ZOE, KAI]
    assert [each.user_id for each in universe.restrictions.list()] == [KAI]


def test_the_same_key_again_is_the_same_answer(cloud: Sandbox, app: App) -> None:
    """It does nothing, whatever happened since; for another request the key is refused."""
    sent = rfc3339(cloud.clock.now())
    key = {"idempotencyKey.key": "a", "idempotencyKey.firstSent": sent}
    first = ban(app, **key)
    assert first.status_code == 200
    cloud.clock.advance(3 * 86400)
    assert ban(app, **key).json() == first.json()
    assert ban(app).json()["updateTime"] > first.json()["updateTime"]
    assert ban(app, **key).json() == first.json()
    logs = app.call("GET", f"{PATH}:listLogs").json()["logs"]
    assert len(logs) == 2
    other = {"gameJoinRestriction": {"active": False}}
    assert error(ban(app, other, **key)) == (400, "INVALID_ARGUMENT")
    assert ban(app, other, **key | {"idempotencyKey.key": "b"}).status_code == 200


def test_a_key_is_remembered_for_a_day(app: App) -> None:
    """What was first sent longer ago is refused: whether it was done cannot be told."""
    now = ManualClock()
    with (
        Sandbox(clock=SandboxClock(now.now)) as cloud,
        App(cloud, app.client_id, app.secret) as there,
    ):
        key = {"idempotencyKey.key": "a"}
        sent = {"idempotencyKey.firstSent": rfc3339(cloud.clock.now())}
        assert ban(there, **key, **sent).status_code == 200
        now.advance(86401)
        assert error(ban(there, **key, **sent)) == (400, "INVALID_ARGUMENT")
        assert ban(there, **key).status_code == 200
        assert len(there.call("GET", f"{PATH}:listLogs").json()["logs"]) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"duration": "0s"},
        {"duration": "-1s"},
        {"duration": "1.5s"},
        {"duration": "315576000001s"},
        {"duration": "60"},
        {"duration": 60},
        {"displayReason": "r" * 401},
        {"privateReason": "r" * 1001},
        {"active": "yes"},
    ],
)
def test_restrictions_beyond_the_limits(app: App, wrong: dict[str, Any]) -> None:
    """400, and nothing is changed."""
    answer = ban(app, {"gameJoinRestriction": {"active": True} | wrong})
    assert error(answer) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", PATH).json() == {"userRestrictions": []}


def test_restrictions_at_the_limits(app: App) -> None:
    """The longest duration and the longest reasons are taken."""
    longest = {"duration": "315576000000s", "displayReason": "r" * 400, "privateReason": "é" * 1000}
    answer = ban(app, {"gameJoinRestriction": {"active": True} | longest})
    assert answer.json()["gameJoinRestriction"].items() >= longest.items()


def test_a_restriction_is_changed_as_a_whole(app: App) -> None:
    """A mask that goes into it is refused, and so is a body without it."""
    for mask in ("gameJoinRestriction", "game_join_restriction", "*"):
        assert ban(app, updateMask=mask).status_code == 200
    for mask in ("gameJoinRestriction.active", "user"):
        assert error(ban(app, updateMask=mask)) == (400, "INVALID_ARGUMENT")
    assert error(ban(app, {})) == (400, "INVALID_ARGUMENT")
    assert error(ban(app, {"gameJoinRestriction": None})) == (400, "INVALID_ARGUMENT")


def test_whom_and_where(app: App, client: Client) -> None:
    """Unknown users and places are a 404; universes not let into, and scopes, a 403."""
    missing = client.universe(RACING)
    for call in (
        lambda: missing.restrictions.get(1),
        lambda: missing.restrictions.ban(1),
        lambda: missing.place(1).restrictions.ban(KAI),
        lambda: list(missing.place(4000001).restrictions.list()),
    ):
        with pytest.raises(errors.NotFound):
            call()
    with pytest.raises(errors.PermissionDenied):
        client.universe(3000004).restrictions.ban(KAI)
    reader = app.login(scope="openid universe.user-restriction:read", universes=[str(RACING)])
    assert app.call("GET", PATH, reader).status_code == 200
    body = {"gameJoinRestriction": {"active": True}}
    answer = app.call("PATCH", f"{PATH}/{KAI}", reader, json=body)
    assert error(answer) == (403, "INSUFFICIENT_SCOPE")
    elsewhere = PATH.replace(str(RACING), str(LANTERN))
    assert error(app.call("GET", elsewhere, reader)) == (403, "PERMISSION_DENIED")


def test_the_log(cloud: Sandbox, client: Client) -> None:
    """Newest first; by user, by place, by both; of a universe with all of its places."""
    universe, place = client.universe(RACING), client.universe(RACING).place(PLACE)
    for act in (
        lambda: universe.restrictions.ban(KAI, duration=HOUR, private_reason="Once."),
        lambda: place.restrictions.ban(ZOE),
        lambda: place.restrictions.ban(KAI),
        lambda: universe.restrictions.unban(KAI),
    ):
        act()
        cloud.clock.advance(1)
    lines = list(universe.restrictions.logs())
    assert [(each.user_id, each.active) for each in lines] == [
        (KAI, False),
        (KAI, True),
        (ZOE, True),
        (KAI, True),
    ]
    first = lines[-1]
    assert (first.duration, first.private_reason) == (HOUR, "Once.")
    assert first.moderator is not None
    assert first.moderator.roblox_user_id == ADA
    assert len(list(universe.restrictions.logs(user_id=KAI))) == 3
    assert [each.user_id for each in place.restrictions.logs()] == [KAI, ZOE]
    assert [each.user_id for each in place.restrictions.logs(user_id=ZOE)] == [ZOE]
    assert list(place.restrictions.logs(user_id=ADA)) == []


def test_filters_of_the_log(app: App) -> None:
    """As CEL has them and as Roblox's document quotes them; others are refused."""
    ban(app)
    path = f"{PATH}:listLogs"

    def logs(filter_: str) -> requests.Response:
        return app.call("GET", path, params={"filter": filter_})

    for good in (
        f"user == 'users/{KAI}'",
        f'user=="users/{KAI}"',
        f"\"user == 'users/{KAI}'\"",
    ):
        assert len(logs(good).json()["logs"]) == 1
    both = f"\"user == 'users/{KAI}'\" && \"place == 'places/{PLACE}'\""
    assert logs(both).json() == {"logs": []}
    for wrong in ("user == 'places/1'", "moderator == 'users/1'", "user in ['users/1']", "user"):
        assert error(logs(wrong)) == (400, "INVALID_ARGUMENT")


def test_pages_of_restrictions_and_logs(cloud: Sandbox, app: App, client: Client) -> None:
    """Each once, in order, while others are added."""
    for number in range(1, 36):
        cloud.state.users[str(number)] = User(id=str(number), name=f"user{number}")
        client.universe(RACING).restrictions.ban(number)
    first = app.call("GET", PATH).json()
    logs = app.call("GET", f"{PATH}:listLogs", params={"maxPageSize": "20"}).json()
    ban(app)
    query = {"pageToken": first["nextPageToken"], "maxPageSize": "100"}
    rest = app.call("GET", PATH, params=query).json()["userRestrictions"]
    users = [each["user"] for each in first["userRestrictions"] + rest]
    assert users == [f"users/{number}" for number in [*range(1, 36), KAI]]
    query = {"pageToken": logs["nextPageToken"]}
    more = app.call("GET", f"{PATH}:listLogs", params=query).json()["logs"]
    seen = [each["user"] for each in logs["logs"] + more]
    assert seen == [f"users/{number}" for number in range(35, 5, -1)]
    wrong = query | {"filter": "user == 'users/1'"}
    answer = app.call("GET", f"{PATH}:listLogs", params=wrong)
    assert error(answer) == (400, "INVALID_ARGUMENT")


def test_restrictions_survive_a_dump(cloud: Sandbox, client: Client) -> None:
    """With their logs and the keys that were used."""
    client.universe(RACING).restrictions.ban(KAI, duration=HOUR)
    client.universe(RACING).place(PLACE).restrictions.ban(ZOE)
    with Sandbox() as other:
        load(other.state, dump(cloud.state), alone=True)
        with Client(api_key=other.api_key, api_base=other.api_base) as there:
            for each in (LANTERN, TOWER, RACING):
                here, copy = client.universe(each), there.universe(each)
                assert list(copy.restrictions.list()) == list(here.restrictions.list())
                assert list(copy.restrictions.logs()) == list(here.restrictions.logs())
            there.universe(RACING).restrictions.ban(ZOE)
            listed = there.universe(RACING).restrictions.list()
            assert [each.user_id for each in listed] == [ZOE, KAI]


def test_what_a_new_sandbox_has(client: Client) -> None:
    """One user who was let in again, and one who was not."""
    (freed,) = client.universe(LANTERN).restrictions.list()
    (banned,) = client.universe(TOWER).restrictions.list()
    assert freed.game_join_restriction is not None
    assert banned.game_join_restriction is not None
    assert (freed.game_join_restriction.active, banned.game_join_restriction.active) == (
        False,
        True,
    )
    assert len(list(client.universe(LANTERN).restrictions.logs())) == 2
