"""Both clients against the sandbox: real HTTP, real state, end to end."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from typing import Any

import pytest

from rblx_oauth import AsyncClient, Client, OAuthApp, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.drawing import png
from tests.support.clock import ManualClock
from tests.support.colours import Colour

SCOPES = ["openid", "profile", "universe-messaging-service:publish", "asset:read", "asset:write"]
PNG = png(16, (200, 60, 60), is_round=False)


@pytest.fixture
def cloud() -> Iterator[Sandbox]:
    """A fresh sandbox."""
    with Sandbox() as made:
        yield made


@pytest.fixture
def client(colour: Colour, cloud: Sandbox) -> Any:
    """A client with the sandbox's API key."""
    info: Any = cloud.info()
    kind = Client if colour.name == "sync" else AsyncClient
    made = kind(
        api_key=info["api_key"],
        api_base=info["api_base"],
        transport=colour.transport(),
        clock=ManualClock(),
    )
    return colour.keep(made)


@pytest.fixture
def store(client: Any) -> Any:
    """A data store of the first seeded universe."""
    return client.universe(3000001).data_store("ledger")


def test_life_of_an_entry(colour: Colour, store: Any) -> None:
    """Created, read, changed, counted, listed by revision, deleted."""
    made = colour(store.create("ada", {"coins": 1}, users=[1000001], attributes={"by": "shop"}))
    assert (made.value, made.users) == ({"coins": 1}, [1000001])
    with pytest.raises(errors.Conflict):
        colour(store.create("ada", 2))
    changed = colour(store.update("ada", lambda value: {"coins": value["coins"] + 1}))
    assert (changed.value, changed.users, changed.attributes) == (
        {"coins": 2},
        [1000001],
        {"by": "shop"},
    )
    with pytest.raises(errors.Conflict):
        colour(store.set("ada", 0, etag=made.etag))
    assert colour(store.set("ada", 5)).users == []
    assert colour(store.increment("ada", 7)).value == 12
    revisions = colour.list(store.revisions("ada", page_size=2))
    assert len(revisions) == 4
    assert colour(store.get("ada", revision=made.revision)).value == {"coins": 1}
    colour(store.delete("ada"))
    with pytest.raises(errors.NotFound):
        colour(store.get("ada"))
    assert colour(store.update("ada", lambda value: [value])).value == [None]


@pytest.mark.parametrize(
    "key",
    [
        "a/b#c?d e%2F",
        "🎩" * 25,
        "..",
        ".",
        "a:increment",
        "me@home",
        "x@latest",
        "a b+c",
        "%2e%2e",
        "\n\t\x00\x7f",
    ],
)
def test_keys_survive_the_round_trip(colour: Colour, store: Any, key: str) -> None:
    """What was written under a key is read, listed and deleted under it."""
    colour(store.set(key, key))
    assert colour(store.get(key)).value == key
    assert colour.list(store.keys(prefix=key[:3])) == [key]
    colour(store.delete(key))
    with pytest.raises(errors.NotFound):
        colour(store.get(key))


def test_random_keys_survive(colour: Colour, store: Any) -> None:
    """Fifty random keys of printable and other characters, all found again."""
    seed = random.randrange(10**9)
    print(f"seed {seed}")  # noqa: T201 (to repeat a failure)
    chance = random.Random(seed)
    alphabet = string.printable + "äß→🎩漢\u200b\u202e"
    keys = {"".join(chance.choices(alphabet, k=chance.randint(1, 50))) for _ in range(50)}
    for key in keys:
        colour(store.set(key, key))
    assert set(colour.list(store.keys(page_size=7))) == keys
    for key in keys:
        assert colour(store.get(key)).value == key


def test_upload_and_moderation(colour: Colour, client: Any, cloud: Sandbox) -> None:
    """An upload becomes an asset; moderation's refusal is named."""
    cloud.state.settings.operation_seconds = 0
    assets = client.user(1000001).assets
    operation = colour(assets.create(PNG, type="Decal", name="Hat"))
    asset = colour(operation.wait())
    assert colour(client.asset(asset.id).get()).display_name == "Hat"
    refused = colour(assets.create(PNG, type="Decal", name="Hat, rejected"))
    with pytest.raises(errors.ModerationRejected):
        colour(refused.wait())


def test_people_and_universes(colour: Colour, client: Any) -> None:
    """The seeded ones are found, others are NotFound."""
    assert colour(client.user(1000001).get()).name == "ada_builds"
    assert colour(client.universe(3000003).get()).group_id == 2000001
    with pytest.raises(errors.NotFound):
        colour(client.user(1).get())


def test_acting_for_a_person(colour: Colour, cloud: Sandbox) -> None:
    """A logged-in person's token publishes; after revocation, the person must log in again."""
    info: Any = cloud.info()
    with OAuthApp(
        info["client_id"],
        info["client_secret"],
        redirect_uri=info["redirect_uris"][0],
        issuer=info["issuer"],
        api_base=info["api_base"],
    ) as app:
        request = app.authorization_request(SCOPES)
        token = app.exchange(cloud.consent(request.url), request)
    kind = Client if colour.name == "sync" else AsyncClient
    client = colour.keep(kind(token=token, api_base=info["api_base"], transport=colour.transport()))
    universe = client.universe(3000001)
    colour(universe.publish_message("news", "hello"))
    with pytest.raises(errors.CredentialError):
        colour(universe.data_store("ledger").get("ada"))
    cloud.revoke_grants("1000001")
    with pytest.raises(errors.Unauthorized):
        colour(universe.publish_message("news", "again"))


def test_entries_as_of_a_time(colour: Colour, store: Any, cloud: Sandbox) -> None:
    """What was current then is read, of a key with an @ too; before the first was nothing."""
    moments = []
    for value in ("first", "second"):
        cloud.clock.advance(60)
        moments.append(colour(store.set("me@home", value)).revised_at)
    first, second = moments
    a_minute = second - first
    assert colour(store.get("me@home", at=first)).value == "first"
    assert colour(store.get("me@home", at=second - a_minute / 2)).value == "first"
    assert colour(store.get("me@home", at=second)).value == "second"
    with pytest.raises(errors.NotFound):
        colour(store.get("me@home", at=first - a_minute))
    between = {"since": first + a_minute / 2, "until": second}
    assert len(colour.list(store.revisions("me@home", **between))) == 1
    assert len(colour.list(store.revisions("me@home", until=second))) == 2


def test_every_scope_together(colour: Colour, client: Any) -> None:
    """The scope - lists what all of them hold."""
    universe = client.universe(3000001)
    for scope in ("global", "season/2"):
        colour(universe.data_store("ledger", scope=scope).set("ada", 1))
    found = colour.list(universe.data_store("ledger", scope="-").entries())
    assert [each.id for each in found] == ["ada", "ada"]
    assert len({each.path for each in found}) == 2
