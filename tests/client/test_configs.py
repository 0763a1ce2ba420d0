"""Configs: drafted under a hash, published, restored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

HOME = "/creator-configs-public-api/v1/configs/universes/1/repositories/InExperienceConfig"
REFUSED = reply(400, {})
GONE = reply(404, {})


def hashed(draft_hash: str) -> bytes:
    """What drafting answers."""
    return reply(body={"draftHash": draft_hash})


def draft(draft_hash: str | None, **entries: object) -> bytes:
    """A draft."""
    shown = {key: {"value": value, "description": None} for key, value in entries.items()}
    return reply(body={"draftHash": draft_hash, "entries": shown, "conditionalRules": None})


def values(**entries: object) -> bytes:
    """What is published."""
    return reply(body={"metadata": {"configVersion": 6}, "entries": entries})


@pytest.fixture
def config(make_client: MakeClient) -> Any:
    """The configs of universe 1."""
    return make_client().universe(1).config()


def test_what_is_published(colour: Colour, config: Any, server: RawServer) -> None:
    """Values alone, or with what is known of each."""
    about = {
        "value": 100,
        "description": "Boss",
        "lastModifiedTime": "2026-01-02T03:04:05Z",
        "lastAccessedTime": "2026-01-02T03:04:05Z",
        "variants": [{"type": "conditional", "variantTypeId": "easy", "value": None}],
    }
    server.script(values(boss=100, drop=None), reply(body={"entries": {"boss": about}}))
    found = colour(config.values())
    assert (found.entries, found.metadata.config_version) == ({"boss": 100, "drop": None}, 6)
    full = colour(config.full()).entries["boss"]
    assert (full.value, full.description, full.variants[0].variant_type_id) == (100, "Boss", "easy")
    assert full.last_modified_time == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert server.lines == [f"GET {HOME}", f"GET {HOME}/full"]


def test_drafting(colour: Colour, config: Any, server: RawServer) -> None:
    """Each change gives the draft's new hash; None, which removes a key, is sent as null."""
    rules = models.ConditionalRules(
        rules={"easy": models.ConditionalRule(tokens=[models.RuleToken(operator="and")])},
        rules_order=["easy"],
    )
    server.script(hashed("h1"), hashed("h2"), hashed("h3"), draft("h3", gone=None))
    assert colour(config.update_draft({"boss": {"hp": [1, None]}, "old": None})) == "h1"
    assert (
        colour(config.overwrite_draft({"boss": 2}, conditional_rules=rules, draft_hash="h1"))
        == "h2"
    )
    assert colour(config.delete_draft(draft_hash="h2")) == "h3"
    assert colour(config.draft()).entries["gone"].value is None
    assert server.lines == [
        f"PATCH {HOME}/draft",
        f"PUT {HOME}/draft:overwrite",
        f"DELETE {HOME}/draft",
        f"GET {HOME}/draft",
    ]
    assert [sent_json(each) for each in server.requests[:3]] == [
        {"entries": {"boss": {"hp": [1, None]}, "old": None}},
        {
            "draftHash": "h1",
            "entries": {"boss": 2},
            "conditionalRules": {
                "rules": {"easy": {"tokens": [{"operator": "and"}]}},
                "rulesOrder": ["easy"],
            },
        },
        {"draftHash": "h2"},
    ]


def test_publishing(colour: Colour, config: Any, server: RawServer) -> None:
    """The hash, why, and how fast; the answer is the version."""
    server.script(reply(body={"configVersion": 7}))
    published = colour(config.publish("h1", message="m" * 2000, strategy="Immediate"))
    assert published.config_version == 7
    assert server.lines == [f"POST {HOME}/publish"]
    assert sent_json(server.requests[0]) == {
        "draftHash": "h1",
        "message": "m" * 2000,
        "deploymentStrategy": "Immediate",
    }


@pytest.mark.parametrize(
    "change",
    [
        lambda config: config.publish("h1"),
        lambda config: config.overwrite_draft({}, draft_hash="h1"),
        lambda config: config.delete_draft(draft_hash="h1"),
        lambda config: config.update_draft({}),
        lambda config: config.restore("5"),
    ],
)
def test_nothing_is_changed_twice(
    colour: Colour, config: Any, server: RawServer, change: Any
) -> None:
    """The second of two tries would meet the hash that the first one made."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome):
        colour(change(config))
    assert len(server.requests) == 1


def test_revisions(colour: Colour, config: Any, server: RawServer) -> None:
    """Pages begin after so many; only an empty one is the last."""
    first = {
        "revisionId": "r1",
        "version": 6,
        "time": "2026-01-02T03:04:05Z",
        "publishedBy": "55",
        "message": None,
        "changes": {"boss": {"before": None, "after": 100}},
    }
    server.script(reply(body={"revisions": [first, first]}), reply(body={"revisions": []}))
    found = colour.list(
        config.revisions(search="boss", start_time=datetime(2026, 1, 1, tzinfo=UTC), page_size=2)
    )
    assert [(each.revision_id, each.published_by) for each in found] == [("r1", 55)] * 2
    assert (found[0].message, found[0].changes["boss"].after) == (None, 100)
    shared = {"SearchKey": "boss", "startTime": "2026-01-01T00:00:00Z", "MaxPageSize": "2"}
    assert [asked(line) for line in server.lines] == [
        (f"GET {HOME}/revisions", shared),
        (f"GET {HOME}/revisions", shared | {"Skip": "2"}),
    ]


def test_going_back(colour: Colour, config: Any, server: RawServer) -> None:
    """Restoring drafts; it does not publish."""
    server.script(hashed("h9"))
    assert colour(config.restore("r/1")) == "h9"
    assert server.lines == [f"POST {HOME}/revisions/r%2F1/restore"]


def double(entries: Mapping[str, object]) -> dict[str, object]:
    """A change that depends on what is there."""
    boss = entries.get("boss", 1)
    assert isinstance(boss, int)
    return {"boss": boss * 2}


def test_editing(colour: Colour, config: Any, server: RawServer) -> None:
    """The change is made to what publishing the draft would leave, under the draft's hash."""
    seen: list[Mapping[str, object]] = []

    def change(entries: Mapping[str, object]) -> dict[str, object]:
        seen.append(entries)
        return double(entries)

    server.script(
        draft("h1", boss=50, old=None), values(boss=1, old=2, kept=[3], void=None), hashed("h2")
    )
    assert colour(config.edit(change)) == "h2"
    assert seen == [{"boss": 50, "kept": [3]}]
    assert server.lines == [f"GET {HOME}/draft", f"GET {HOME}", f"PATCH {HOME}/draft"]
    assert sent_json(server.requests[2]) == {"draftHash": "h1", "entries": {"boss": 100}}


@pytest.mark.parametrize("refusal", [REFUSED, reply(409, {}), reply(412, {})])
def test_editing_again_when_somebody_was_faster(
    colour: Colour, config: Any, server: RawServer, clock: ManualClock, refusal: bytes
) -> None:
    """Whatever status says so: another hash by now means that the draft is another one."""
    server.script(
        draft("h1", boss=50), values(), refusal, draft("h2", boss=60), values(), hashed("h3")
    )
    assert colour(config.edit(double)) == "h3"
    assert sent_json(server.requests[5]) == {"draftHash": "h2", "entries": {"boss": 120}}
    assert len(clock.sleeps) == 1


def test_editing_what_roblox_does_not_accept(
    colour: Colour, config: Any, server: RawServer
) -> None:
    """The same hash as before: then the change itself was refused, and is not sent again."""
    server.script(draft("h1"), values(), REFUSED, draft("h1"))
    with pytest.raises(errors.BadRequest):
        colour(config.edit(double))
    assert len(server.requests) == 4


def test_editing_has_an_end(colour: Colour, config: Any, server: RawServer) -> None:
    """After ten tries the last refusal is raised."""
    tries = [[draft(f"h{at}"), values(), REFUSED] for at in range(12)]
    server.script(*[answer for each in tries for answer in each])
    with pytest.raises(errors.BadRequest):
        colour(config.edit(double))
    assert len(server.requests) == 30


def test_editing_the_first_draft(colour: Colour, config: Any, server: RawServer) -> None:
    """Where nothing was ever drafted or published, there is nothing to guard."""
    server.script(GONE, GONE, hashed("h1"))
    assert colour(config.edit(double)) == "h1"
    assert sent_json(server.requests[2]) == {"entries": {"boss": 2}}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (
            lambda config: config.update_draft({"k" * 251: 1}),
            "has 251 characters; the limit is 250",
        ),
        (lambda config: config.update_draft({"": 1}), "a key of entries must not be empty"),
        (lambda config: config.update_draft({5: 1}), "a key of entries must be a str"),
        (lambda config: config.update_draft({"k": float("nan")}), "which JSON cannot say"),
        (lambda config: config.update_draft([("k", 1)]), "entries must be a mapping"),
        (lambda config: config.overwrite_draft("k"), "entries must be a mapping"),
        (lambda config: config.publish(""), "draft_hash must not be empty"),
        (lambda config: config.restore(""), "revision_id must not be empty"),
        (lambda config: config.revisions(start_time=datetime(2026, 1, 1)), "time zone"),  # noqa: DTZ001
    ],
)
def test_bad_input_is_refused(
    colour: Colour, config: Any, server: RawServer, call: Any, says: str
) -> None:
    """Before a byte leaves."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(call(config))
    assert server.requests == []


def test_repository_has_a_name(make_client: MakeClient) -> None:
    """Any that Roblox may add, but one."""
    universe = make_client().universe(1)
    assert repr(universe.config(models.ConfigRepository.DATA_STORES_CONFIG)).endswith(
        "Config(1, 'DataStoresConfig')"
    )
    with pytest.raises(ValueError, match="repository must not be empty"):
        universe.config("")
