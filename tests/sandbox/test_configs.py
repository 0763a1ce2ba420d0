"""Configs: drafts under a hash, versions, their history and the way back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rblx_oauth import Client, errors, models
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.clock import rfc3339
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, TOWER = 3000001, 3000002
HOME = f"/creator-configs-public-api/v1/configs/universes/{TOWER}/repositories/InExperienceConfig"
RULE = models.ConditionalRule(tokens=[models.RuleToken(operator="and")])


@pytest.fixture
def config(client: Client, cloud: Sandbox) -> Any:
    """The configs of the tower, which has none; with no limit of requests."""
    cloud.settings.rate_limits = False
    return client.universe(TOWER).config()


def entries(draft: Any) -> dict[str, object]:
    """The values of a draft."""
    return {key: entry.value for key, entry in draft.entries.items()}


def test_a_new_sandbox_has_configs(client: Client) -> None:
    """The first universe published some, once."""
    config = client.universe(LANTERN).config()
    values = config.values()
    assert values.entries == {"bossHealth": 500, "fogColour": "#334455"}
    assert values.metadata
    assert values.metadata.config_version == 1
    boss = (config.full().entries or {})["bossHealth"]
    assert (boss.value, boss.description) == (500, "What the moth king starts with.")


def test_drafts_are_published(cloud: Sandbox, config: Any) -> None:
    """Nothing is there before the first time; a draft is empty after each."""
    for read in (config.values, config.full):
        with pytest.raises(errors.NotFound):
            read()
    assert config.draft().entries == {}
    draft_hash = config.update_draft({"boss": {"hp": [1, None]}, "on": True})
    with pytest.raises(errors.NotFound):
        config.values()
    save_and_load(cloud)
    assert config.draft().draft_hash == draft_hash
    assert entries(config.draft()) == {"boss": {"hp": [1, None]}, "on": True}
    assert config.publish(draft_hash, message="First", strategy="Immediate").config_version == 1
    assert config.values().entries == {"boss": {"hp": [1, None]}, "on": True}
    assert config.draft().entries == {}
    assert config.draft().draft_hash != draft_hash


def test_a_draft_is_a_difference(config: Any) -> None:
    """None takes a key away; what is published already is no change, whatever Python thinks."""
    config.publish(config.update_draft({"a": 1, "b": 2}))
    config.update_draft({"a": None, "b": 3, "c": 4, "never": None})
    assert entries(config.draft()) == {"a": None, "b": 3, "c": 4}
    config.update_draft({"a": 1, "b": 2.0, "c": None})
    assert entries(config.draft()) == {"b": 2.0}
    config.update_draft({"b": 2, "a": True})
    assert entries(config.draft()) == {"a": True}
    empty = config.delete_draft()
    assert (entries(config.draft()), config.draft().draft_hash) == ({}, empty)
    with pytest.raises(errors.BadRequest):
        config.publish(empty)


def test_an_overwritten_draft_leaves_nothing_else(config: Any) -> None:
    """Published keys and rules that it does not name will go."""
    rules = models.ConditionalRules(rules={"easy": RULE}, rules_order=["easy"])
    config.publish(config.update_draft({"a": 1, "b": 2}, conditional_rules=rules))
    assert config.values().conditional_rules == rules
    config.update_draft({"c": 5})
    config.overwrite_draft({"b": 2, "d": 4})
    assert entries(config.draft()) == {"a": None, "d": 4}
    config.publish(config.draft().draft_hash)
    assert (config.values().entries, config.values().conditional_rules) == ({"b": 2, "d": 4}, None)


def test_rules_are_merged(app: App, config: Any) -> None:
    """A rule that is null goes, the others stay; an order names those there are."""
    both = models.ConditionalRules(rules={"easy": RULE, "hard": RULE}, rules_order=["hard"])
    config.publish(config.update_draft({"a": 1}, conditional_rules=both))
    assert config.values().conditional_rules.rules_order == ["hard", "easy"]
    body = {"conditionalRules": {"rules": {"hard": None, "new": {"tokens": []}}}}
    assert app.call("PATCH", f"{HOME}/draft", json=body).status_code == 200
    drafted = config.draft().conditional_rules
    assert (sorted(drafted.rules), drafted.rules_order) == (["easy", "new"], ["easy", "new"])
    assert app.call("PATCH", f"{HOME}/draft", json={"conditionalRules": {}}).status_code == 200
    assert config.draft().conditional_rules == drafted
    config.publish(config.draft().draft_hash)
    (newest, _) = config.revisions()
    change = newest.conditional_rules_changes
    assert set(change.rules) == {"hard", "new"}
    assert (change.rules_order.before, change.rules_order.after) == (
        ["hard", "easy"],
        ["easy", "new"],
    )


def test_rules_have_a_shape(app: App, config: Any) -> None:
    """What is none is refused, and what nobody knows of is not kept."""
    for wrong in ({"tokens": {}}, {"tokens": [5]}, {"tokens": [{"operand": {"literalValue": 5}}]}):
        body = {"conditionalRules": {"rules": {"easy": wrong}}}
        assert app.call("PATCH", f"{HOME}/draft", json=body).status_code == 400
    literal = {"literalValue": {"stringValue": "US"}}
    rule = {"tokens": [{"operand": literal}, {"operator": "not"}]}
    body = {"conditionalRules": {"rules": {"easy": rule | {"note": "mine"}}}}
    assert app.call("PATCH", f"{HOME}/draft", json=body).status_code == 200
    drafted = app.call("GET", f"{HOME}/draft").json()["conditionalRules"]
    assert drafted == {"rules": {"easy": rule}, "rulesOrder": ["easy"]}


def test_hashes_guard(config: Any) -> None:
    """Whoever holds an old one changes, drops and publishes nothing."""
    old = config.update_draft({"a": 1})
    new = config.update_draft({"a": 2}, draft_hash=old)
    for change in (
        lambda: config.update_draft({"a": 3}, draft_hash=old),
        lambda: config.overwrite_draft({}, draft_hash=old),
        lambda: config.delete_draft(draft_hash=old),
        lambda: config.publish(old),
    ):
        with pytest.raises(errors.BadRequest):
            change()
    assert config.draft().draft_hash == new
    assert entries(config.draft()) == {"a": 2}
    assert config.publish(new).config_version == 1


def test_editing_against_others(config: Any) -> None:
    """`edit` reads, changes and writes until nobody came in between."""
    config.publish(config.update_draft({"a": 1}))
    tries: list[object] = []

    def change(found: Any) -> dict[str, object]:
        tries.append(found["a"])
        if len(tries) == 1:
            config.update_draft({"a": 10})
        return {"a": found["a"] + 1}

    config.publish(config.edit(change))
    assert (tries, config.values().entries) == ([1, 10], {"a": 11})


def test_history_and_the_way_back(cloud: Sandbox, config: Any) -> None:
    """Each version says what changed; to restore one drafts what it left."""
    for number, change in enumerate(({"a": 1}, {"a": 2, "b": 1}, {"a": None}), start=1):
        cloud.clock.advance(100)
        config.publish(config.update_draft(change), message=f"No. {number}", strategy="Immediate")
    save_and_load(cloud)
    third, second, first = config.revisions()
    assert [each.version for each in (first, second, third)] == [1, 2, 3]
    assert (second.message, second.published_by) == ("No. 2", 1000001)
    changes = {key: (each.before, each.after) for key, each in second.changes.items()}
    assert changes == {"a": (1, 2), "b": (None, 1)}
    assert (third.changes["a"].before, third.changes["a"].after) == (2, None)
    config.update_draft({"lost": 1})
    draft_hash = config.restore(first.revision_id)
    assert entries(config.draft()) == {"a": 1, "b": None}
    assert config.values().entries == {"b": 1}
    assert config.publish(draft_hash).config_version == 4
    assert config.values().entries == {"a": 1}
    with pytest.raises(errors.NotFound):
        config.restore("5")


def test_finding_revisions(cloud: Sandbox, app: App, config: Any) -> None:
    """By key and time, in either order, so many at a time from where one likes."""
    for number in range(5):
        cloud.clock.advance(100)
        config.publish(config.update_draft({f"key{number % 2}": number}), strategy="Immediate")
    newest = list(config.revisions(page_size=2))
    assert [each.version for each in newest] == [5, 4, 3, 2, 1]
    assert [each.version for each in config.revisions(search="key1")] == [4, 2]
    since = newest[2].time
    assert [each.version for each in config.revisions(start_time=since)] == [5, 4, 3]
    until = since - timedelta(seconds=1)
    assert [each.version for each in config.revisions(end_time=until)] == [2, 1]
    query = {"SortOrder": "SORT_ORDER_ASCENDING", "Skip": 1, "MaxPageSize": 2}
    found = app.call("GET", f"{HOME}/revisions", params=query).json()["revisions"]
    assert [each["version"] for each in found] == [2, 3]


def test_gradual_publishing_takes_a_quarter_of_an_hour(cloud: Sandbox, config: Any) -> None:
    """Until then it is under way, though the values are what they will be."""
    config.publish(config.update_draft({"a": 1}), strategy="GradualRollout")
    assert [each.deployment_result for each in config.revisions()] == ["InProgress"]
    assert config.values().entries == {"a": 1}
    cloud.clock.advance(900)
    assert [each.deployment_result for each in config.revisions()] == ["Success"]


def test_limits(app: App, config: Any) -> None:
    """Keys have 250 characters, values 100,000, and a repository a thousand keys."""
    full = config.update_draft({f"key{number}": number for number in range(1000)})
    for wrong in ({"one more": 1}, {"long": "x" * 100_001}, {"long": ["x" * 100_000]}):
        with pytest.raises(errors.BadRequest):
            config.update_draft(wrong)
    assert config.draft().draft_hash == full
    answer = app.call("PATCH", f"{HOME}/draft", json={"entries": {"x" * 251: 1}})
    assert (answer.status_code, answer.json()) == (400, {})
    config.update_draft({"key0": None, "x" * 250: "x" * 100_000})
    assert len(config.draft().entries) == 1000


def test_repositories_are_apart(app: App, client: Client) -> None:
    """Each has its own draft and versions; there are no others."""
    universe = client.universe(TOWER)
    universe.config("DataStoresConfig").update_draft({"a": 1})
    assert universe.config().draft().entries == {}
    answer = app.call("GET", HOME.replace("InExperience", "Other"))
    assert (answer.status_code, answer.json()) == (400, {})
    wrong = {"deploymentStrategy": "Invalid"}
    assert app.call("POST", f"{HOME}/publish", json=wrong).status_code == 400
    assert app.call("PATCH", f"{HOME}/draft", data="{").status_code == 400
    assert app.call("DELETE", f"{HOME}/draft").status_code == 200


def test_scopes_and_universes(cloud: Sandbox, app: App) -> None:
    """Reading does not write, and a universe must have been picked."""
    token = app.login(scope="openid universe:read", universes=[str(TOWER)])
    assert app.call("GET", f"{HOME}/draft", token).status_code == 200
    answer = app.call("PATCH", f"{HOME}/draft", token, json={})
    assert (answer.status_code, "universe:write" in answer.text) == (403, True)
    other = HOME.replace(str(TOWER), str(LANTERN))
    assert app.call("GET", other, token).status_code == 403
    late = {"startTime": rfc3339(cloud.clock.now())}
    assert app.call("GET", f"{HOME}/revisions", token, params=late).json() == {"revisions": []}
    wrong = {"startTime": "yesterday"}
    assert app.call("GET", f"{HOME}/revisions", token, params=wrong).status_code == 400
