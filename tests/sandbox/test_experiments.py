"""Experiments: planned, begun, ended, discarded; and the operations that do it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rblx_oauth import Client, errors, models
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, TOWER = 3000001, 3000002
HOME = f"/creator-configs-public-api/v1/experimentation/universes/{LANTERN}"
DAY = 86_400
KIND = "EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS"
RETENTION = "UNIVERSE_EXPERIMENT_METRIC_DAY_1_RETENTION"


def variant(label: str, *, baseline: bool = False, key: str = "bossHealth", **value: Any) -> Any:
    """One way that a config may be."""
    return models.SingleConfigExperimentVariant(
        variant_meta=models.VariantMeta(label=label, is_baseline=baseline, weight=50),
        config_entry=models.ExperimentConfigEntry(key=key, **value),
    )


def match(label: str, *, baseline: bool = False) -> Any:
    """One way that players may be matched."""
    return models.MatchmakingExperimentVariant(
        variant_meta=models.VariantMeta(label=label, is_baseline=baseline, weight=1),
        place_matchmaking_configs=[
            models.PlaceScoringConfig(place_id=4000001, use_platform_default=True)
        ],
    )


def plan(name: str = "Boss", key: str = "bossHealth", **changes: Any) -> dict[str, Any]:
    """A good experiment, as the client takes it."""
    return {
        "name": name,
        "variants": [
            variant("Control", baseline=True, key=key),
            variant("Weak", key=key, entry_value=300),
        ],
        "goal": RETENTION,
        "duration": timedelta(days=14),
        "exposure_percent": 40,
    } | changes


def wire(**changes: Any) -> dict[str, Any]:
    """A good experiment, as it is sent."""
    metas = [
        {"label": label, "isBaseline": number == 0, "weight": 50}
        for number, label in enumerate(("Control", "Weak"))
    ]
    entry = {"key": "bossHealth", "entryValue": 300}
    variants = [{"variantMeta": meta, "configEntry": entry} for meta in metas]
    return {
        "name": "Boss",
        "experimentConfiguration": {
            "productType": KIND,
            "inGameConfigExperimentConfiguration": {"variants": variants},
        },
        "exposurePercent": 40,
        "durationSeconds": 14 * DAY,
        "universeGoalMetric": RETENTION,
    } | changes


@pytest.fixture
def experiments(client: Client, cloud: Sandbox) -> Any:
    """Those of the first universe; what is begun is done at once, without limits."""
    cloud.settings.rate_limits = False
    cloud.settings.operation_seconds = 0
    return client.universe(LANTERN).experiments


def made(experiments: Any, name: str = "Boss", **changes: Any) -> str:
    """A draft; its id."""
    found: str = experiments.create(**plan(name, **changes)).result().id
    return found


def now(cloud: Sandbox) -> datetime:
    """What time it is in the sandbox."""
    return datetime.fromtimestamp(cloud.clock.now(), UTC)


def test_operations_take_their_time(cloud: Sandbox, experiments: Any) -> None:
    """An experiment is there when the operation that makes it is done."""
    cloud.settings.operation_seconds = 30
    operation = experiments.create(**plan(), description="why")
    begun = operation.status().operation
    assert (begun.done, begun.status.name, begun.experiment) == (False, "CREATING", None)
    assert list(experiments.list()) == []
    save_and_load(cloud)
    cloud.clock.advance(30)
    done = operation.status().operation
    assert (done.done, done.status.name) == (True, "READY")
    experiment = operation.result()
    assert (experiment.name, experiment.description) == ("Boss", "why")
    assert (experiment.state.name, experiment.created_by) == ("DRAFT", 1000001)
    assert experiments.get(experiment.id) == experiment
    experiments.start(experiment.id)
    under_way = experiments.get(experiment.id)
    assert (under_way.state.name, under_way.operational_status.name) == ("DRAFT", "STARTING")
    with pytest.raises(errors.BadRequest):
        experiments.discard(experiment.id)
    cloud.clock.advance(30)
    assert experiments.get(experiment.id).state.name == "RUNNING"


def test_waiting(cloud: Sandbox, experiments: Any) -> None:
    """The client's own way, with the machine's clock."""
    cloud.settings.operation_seconds = 0.3
    assert experiments.create(**plan()).wait(timeout=20).name == "Boss"


def test_drafts_change(cloud: Sandbox, experiments: Any) -> None:
    """All of it is replaced; once it runs, nothing is."""
    experiment_id = made(experiments)
    changed = experiments.update(experiment_id, **plan("Ball", exposure_percent=7)).result()
    assert (changed.name, changed.exposure_percent) == ("Ball", 7)
    experiments.start(experiment_id)
    with pytest.raises(errors.BadRequest):
        experiments.update(experiment_id, **plan())
    with pytest.raises(errors.NotFound):
        experiments.update("5", **plan())


def test_targeting(cloud: Sandbox, experiments: Any) -> None:
    """Who may take part is kept, and read back."""
    rule = models.ConditionalRule(tokens=[models.RuleToken(operator="and")])
    criteria = models.TargetingCriteria(rule=rule)
    experiment_id = made(experiments, targeting=criteria)
    save_and_load(cloud)
    assert experiments.get(experiment_id).targeting_criteria == criteria


def test_variants_have_ids_once_it_runs(experiments: Any) -> None:
    """Not in a draft; each its own, and the values they were given."""

    def variants(found: Any) -> Any:
        return found.experiment_configuration.in_game_config_experiment_configuration.variants

    experiment_id = made(experiments)
    draft = variants(experiments.get(experiment_id))
    assert [each.variant_meta.variant_id for each in draft] == [None, None]
    running = experiments.start(experiment_id).result()
    assert len({each.variant_meta.variant_id for each in variants(running)}) == 2
    assert [each.config_entry.entry_value for each in variants(running)] == [None, 300]
    assert running.started_time


def test_the_winner_is_published(cloud: Sandbox, client: Client, experiments: Any) -> None:
    """Its value becomes the config's, beside whatever is drafted; without one, nothing changes."""
    config = client.universe(LANTERN).config()
    config.update_draft({"other": 1})
    experiment_id = made(experiments)
    running = experiments.start(experiment_id).result()
    with pytest.raises(errors.BadRequest):
        config.update_draft({"bossHealth": 1})
    found = running.experiment_configuration.in_game_config_experiment_configuration.variants
    with pytest.raises(errors.BadRequest):
        experiments.complete(experiment_id, variant_id="nobody")
    winner = found[1].variant_meta.variant_id
    ended = experiments.complete(experiment_id, variant_id=winner).result()
    assert ended.state.name == "COMPLETED"
    assert ended.stopped_time
    assert config.values().entries == {"bossHealth": 300, "fogColour": "#334455"}
    assert list(config.draft().entries or {}) == ["other"]
    config.update_draft({"bossHealth": 1})
    again = made(experiments)
    experiments.start(again)
    experiments.complete(again)
    assert (config.values().entries or {})["bossHealth"] == 300
    with pytest.raises(errors.BadRequest):
        experiments.start(again)


def test_scheduled_ones_begin_by_themselves(cloud: Sandbox, experiments: Any) -> None:
    """And end by themselves, two weeks after the time they were given."""
    experiment_id, start = made(experiments), now(cloud) + timedelta(days=2)
    scheduled = experiments.schedule(experiment_id, start).result()
    assert (scheduled.state.name, scheduled.started_time) == ("SCHEDULED", None)
    later = start + timedelta(days=1)
    assert experiments.schedule(experiment_id, later).result().state.name == "SCHEDULED"
    save_and_load(cloud)
    cloud.clock.advance(2 * DAY + 1)
    assert experiments.get(experiment_id).state.name == "SCHEDULED"
    cloud.clock.advance(DAY)
    assert experiments.get(experiment_id).state.name == "RUNNING"
    cloud.clock.advance(27 * DAY)
    assert experiments.get(experiment_id).state.name == "RUNNING"
    cloud.clock.advance(DAY)
    assert experiments.get(experiment_id).state.name == "COMPLETED"
    with pytest.raises(errors.BadRequest):
        experiments.schedule(made(experiments), now(cloud) - timedelta(seconds=1))


def test_discarding(experiments: Any) -> None:
    """The operation ends without an experiment; what is left is not listed unless asked for."""
    experiment_id = made(experiments)
    assert experiments.discard(experiment_id).wait().done
    assert experiments.get(experiment_id).state.name == "DELETED"
    assert list(experiments.list()) == []
    assert [each.id for each in experiments.list(states=["EXPERIMENT_STATE_DELETED"])] == [
        experiment_id
    ]
    running = made(experiments)
    experiments.start(running)
    with pytest.raises(errors.BadRequest):
        experiments.discard(running)


def test_listing(cloud: Sandbox, app: App, experiments: Any) -> None:
    """By name, time, state and kind; the total counts what is on no page, too."""
    ids = {}
    for name in ("Beta", "alpha", "Gamma"):
        cloud.clock.advance(10)
        ids[name] = made(experiments, name)
    ids["Match"] = made(experiments, "Match", variants=[match("A", baseline=True), match("B")])
    experiments.start(ids["alpha"])
    found = [each.name for each in experiments.list(sort_by="NAME", descending=False)]
    assert found == ["alpha", "Beta", "Gamma", "Match"]
    assert next(iter(experiments.list(sort_by="LAST_MODIFIED_TIME"))).name == "alpha"
    assert next(iter(experiments.list(sort_by="START_TIME"))).name == "alpha"
    assert [each.name for each in experiments.list(search="mm")] == ["Gamma"]
    assert [each.name for each in experiments.list(states=["EXPERIMENT_STATE_RUNNING"])] == [
        "alpha"
    ]
    kind = "EXPERIMENT_PRODUCT_TYPE_MATCHMAKING"
    (only,) = experiments.list(product_type=kind)
    assert (only.id, only.experiment_config_key, only.product_type) == (ids["Match"], "", kind)
    page = app.call("GET", f"{HOME}/experiments", params={"maxPageSize": 1, "skip": 2}).json()
    assert (len(page["experiments"]), page["total"]) == (1, 4)
    assert len(list(experiments.list(page_size=3))) == 4
    wrong = {"stateFilters": "RUNNING"}
    assert app.call("GET", f"{HOME}/experiments", params=wrong).status_code == 400


def test_statistics(cloud: Sandbox, experiments: Any) -> None:
    """They are made when asked for, of what has run for a day."""
    cloud.settings.operation_seconds = 5
    operation = experiments.create(**plan())
    cloud.clock.advance(5)
    experiment_id = operation.result().id
    experiments.start(experiment_id)
    cloud.clock.advance(5)
    stats = experiments.stats(experiment_id)
    assert stats.status().operation.done is False
    cloud.clock.advance(5)
    with pytest.raises(errors.OperationFailed, match="EXPERIMENT_RESULTS_NOT_FOUND"):
        stats.result()
    cloud.clock.advance(DAY)
    assert stats.result().is_srm_detected is False
    with pytest.raises(errors.NotFound):
        experiments.stats("5").result()


def test_smallest_effect(cloud: Sandbox, experiments: Any) -> None:
    """The same question is answered later; more players make smaller effects visible."""
    cloud.settings.operation_seconds = 5

    def asked(percent: int) -> Any:
        return experiments.calculate_mde(
            goal=RETENTION,
            duration=timedelta(days=20),
            exposure_percent=percent,
            baseline_weight=50,
            variant_weights=[25, 25],
        )

    few, many = asked(10), asked(100)
    assert (few.result(), many.result()) == (None, None)
    save_and_load(cloud)
    cloud.clock.advance(5)
    small, large = few.result(), many.result()
    assert (small.total_sample_size, large.total_sample_size) == (2000, 20_000)
    assert len(large.mde_relative_percentages) == 2
    assert large.mde_relative_percentages[0] < small.mde_relative_percentages[0]
    assert few.status().operation.operation_id != many.status().operation.operation_id


def test_two_do_not_get_in_each_others_way(client: Client, experiments: Any) -> None:
    """One experiment with a config's key at a time, and one with matchmaking."""
    first, second = made(experiments), made(experiments)
    experiments.start(first)
    with pytest.raises(errors.OperationFailed, match="CONFIGS_KEY_ALREADY_IN_USE"):
        experiments.start(second).result()
    assert experiments.get(second).state.name == "DRAFT"
    matches = {"variants": [match("A", baseline=True), match("B")]}
    third, fourth = made(experiments, **matches), made(experiments, **matches)
    experiments.start(third)
    with pytest.raises(errors.OperationFailed, match="MATCHMAKING_OVERLAPPING_RUNTIME"):
        experiments.start(fourth).result()
    unknown = made(experiments, key="nothing")
    with pytest.raises(errors.OperationFailed, match="CONFIGS_VARIANT_CONFIG_NOT_FOUND"):
        experiments.start(unknown).result()


def changed(**meta: Any) -> dict[str, Any]:
    """An experiment whose second variant has another description."""
    body = wire()
    held = body["experimentConfiguration"]["inGameConfigExperimentConfiguration"]
    held["variants"][1]["variantMeta"] |= meta
    return body


def entry(**second: Any) -> dict[str, Any]:
    """An experiment whose second variant has another entry."""
    body = wire()
    held = body["experimentConfiguration"]["inGameConfigExperimentConfiguration"]
    held["variants"][1]["configEntry"] = second
    return body


def matched(*variants: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An experiment with matchmaking."""
    return wire(
        experimentConfiguration={
            "productType": "EXPERIMENT_PRODUCT_TYPE_MATCHMAKING",
            "matchmakingExperimentConfiguration": {"variants": variants},
        },
        **more,
    )


def side(
    label: str, weight: int = 1, places: tuple[int, ...] = (1,), **config: Any
) -> dict[str, Any]:
    """A variant of matchmaking, as it is sent."""
    config = config or {"usePlatformDefault": True}
    return {
        "variantMeta": {"label": label, "isBaseline": label == "A", "weight": weight},
        "placeMatchmakingConfigs": [{"placeId": place} | config for place in places],
    }


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (wire(name=" "), "INVALID_EXPERIMENT_NAME"),
        (wire(durationSeconds=13 * DAY), "INVALID_DURATION"),
        (wire(durationSeconds=14 * DAY + 1), "INVALID_DURATION"),
        (wire(experimentConfiguration={"productType": KIND}), "CONFIGS_MISSING_VARIANT"),
        (changed(isBaseline=True), "MUST_HAVE_EXACTLY_ONE_BASELINE_VARIANT"),
        (changed(label="1st"), "INVALID_VARIANT_LABEL"),
        (changed(label="x" * 51), "INVALID_VARIANT_LABEL"),
        (entry(entryValue=1), "CONFIGS_VARIANT_MISSING_KEY"),
        (entry(key="bossHealth"), "CONFIGS_VARIANT_MISSING_VALUE"),
        (matched(), "MATCHMAKING_EMPTY_CONFIGURATION"),
        (matched(side("A"), {}), "MATCHMAKING_EMPTY_VARIANT_METADATA"),
        (matched(side("A"), side("B", 0)), "MATCHMAKING_VARIANT_WEIGHT_MUST_BE_POSITIVE"),
        (matched(side("A"), side("B", 2)), "MATCHMAKING_VARIANT_WEIGHTS_UNBALANCED"),
        (matched(side("A"), side("B", 1, (1, 1))), "MATCHMAKING_VARIANT_HAS_DUPLICATE_PLACES"),
        (matched(side("A"), side("B", 1, (2,))), "MATCHMAKING_VARIANTS_MUST_COVER_SAME_PLACES"),
        (
            matched(side("A"), side("B", 1, (1,), usePlatformDefault=False)),
            "MATCHMAKING_PLACE_CONFIG_REQUIRES_SCORING_ID_OR_DEFAULT",
        ),
        (
            matched(side("A"), side("B"), targetingCriteria={"rule": {"tokens": []}}),
            "TARGETING_NOT_ALLOWED",
        ),
        (matched(side("A")), "INVALID_VARIANT_CONFIGURATION"),
    ],
)
def test_plans_that_cannot_be(cloud: Sandbox, app: App, body: dict[str, Any], word: str) -> None:
    """The operation fails with Roblox's word, and nothing is made."""
    cloud.settings.operation_seconds = 0
    answer = app.call("POST", f"{HOME}/experiments", json=body)
    operation = answer.json()["operation"]
    assert (answer.status_code, operation["done"], operation["experiment"]) == (200, True, None)
    assert operation["error"]["errorType"] == f"EXPERIMENT_API_ERROR_TYPE_{word}"
    assert app.call("GET", f"{HOME}/experiments").json() == {"experiments": [], "total": 0}


def test_bodies_that_cannot_be(app: App) -> None:
    """400, with the empty body that is documented."""
    for body in (
        {},
        wire(exposurePercent=101),
        wire(universeGoalMetric="LUCK"),
        wire(durationSeconds="long"),
        wire(experimentConfiguration={"productType": "OTHER"}),
    ):
        answer = app.call("POST", f"{HOME}/experiments", json=body)
        assert (answer.status_code, answer.json()) == (400, {})
    question = {"exposurePercent": 5, "durationSeconds": DAY, "universeGoalMetric": RETENTION}
    for weights in (
        {"baselineWeight": 101, "variantWeights": [1]},
        {"baselineWeight": 1, "variantWeights": []},
        {},
    ):
        answer = app.call("POST", f"{HOME}/experiments:calculateMde", json=question | weights)
        assert answer.status_code == 400


def test_scopes_and_universes(app: App, experiments: Any) -> None:
    """Reading does not write; what is another universe's is not there."""
    experiment_id = made(experiments)
    token = app.login(scope="openid universe:read", universes=[str(LANTERN)])
    assert app.call("GET", f"{HOME}/experiments/{experiment_id}", token).status_code == 200
    assert app.call("POST", f"{HOME}/experiments", token, json=wire()).status_code == 403
    other = HOME.replace(str(LANTERN), str(TOWER))
    assert app.call("GET", f"{other}/experiments", token).status_code == 403
    assert app.call("GET", f"{other}/experiments/{experiment_id}").status_code == 404
    operation = app.call("POST", f"{HOME}/experiments/{experiment_id}:start").json()["operation"]
    path = f"/operations/{operation['operationId']}"
    assert app.call("GET", HOME + path).status_code == 200
    assert app.call("GET", other + path).status_code == 404
