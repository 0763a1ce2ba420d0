"""Experiments: planned, begun, ended, discarded; and the operations that do it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rblx_oauth import Client, errors, models
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.experiments import DAY, HOME, LANTERN, RETENTION, experiments, made, plan
from tests.sandbox.saved import save_and_load

__all__ = ["client", "experiments"]


def match(label: str, *, baseline: bool = False) -> Any:
    """One way that players may be matched."""
    return models.MatchmakingExperimentVariant(
        variant_meta=models.VariantMeta(label=label, is_baseline=baseline, weight=1),
        place_matchmaking_configs=[
            models.PlaceScoringConfig(place_id=4000001, use_platform_default=True)
        ],
    )


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
