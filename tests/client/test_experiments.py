"""Experiments: planned, begun, watched and ended."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

HOME = "/creator-configs-public-api/v1/experimentation/universes/1"
RETENTION = models.UniverseExperimentMetric.DAY_1_RETENTION
EXPERIMENT = {
    "id": "5",
    "name": "Boss",
    "createdTime": "2026-01-02T03:04:05Z",
    "lastUpdatedTime": None,
    "state": "EXPERIMENT_STATE_RUNNING",
    "createdBy": "55",
    "exposurePercent": 40,
    "durationSeconds": 1209600,
    "experimentConfiguration": {
        "productType": "EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS",
        "inGameConfigExperimentConfiguration": {
            "variants": [{"variantMeta": {"variantId": "v1", "label": "Control", "weight": 50}}]
        },
        "matchmakingExperimentConfiguration": None,
    },
}
RUNNING = reply(
    body={"operation": {"operationId": "op-1", "status": "OPERATIONAL_STATUS_X", "done": False}}
)
FAILURE = {
    "errorType": "EXPERIMENT_API_ERROR_TYPE_CONFIGS_KEY_ALREADY_IN_USE",
    "errorCode": "KEY_IN_USE",
    "errorMessage": "Another experiment has it.",
}


def done(**more: object) -> bytes:
    """An operation that is over."""
    return reply(body={"operation": {"operationId": "op-1", "done": True, **more}})


DONE = done(experiment=EXPERIMENT)


def variant(label: str, *, baseline: bool = False, value: object = None) -> Any:
    """One way that a config may be."""
    return models.SingleConfigExperimentVariant(
        variant_meta=models.VariantMeta(label=label, is_baseline=baseline, weight=50),
        config_entry=models.ExperimentConfigEntry(key="boss", entry_value=value),
    )


def match(label: str, *, baseline: bool = False) -> Any:
    """One way that players may be matched."""
    return models.MatchmakingExperimentVariant(
        variant_meta=models.VariantMeta(label=label, is_baseline=baseline, weight=1),
        place_matchmaking_configs=[
            models.PlaceScoringConfig(place_id=44, use_platform_default=True)
        ],
    )


PLAN: dict[str, Any] = {
    "name": "Boss",
    "variants": [variant("Control", baseline=True), variant("Weak", value=300)],
    "goal": RETENTION,
    "duration": timedelta(days=14),
    "exposure_percent": 40,
}


@pytest.fixture
def experiments(make_client: MakeClient) -> Any:
    """The experiments of universe 1."""
    return make_client().universe(1).experiments


def test_listing(colour: Colour, experiments: Any, server: RawServer) -> None:
    """Each page begins behind those before it, whatever the page's size was asked to be."""
    server.script(
        reply(body={"experiments": [EXPERIMENT] * 2, "total": 3}),
        reply(body={"experiments": [EXPERIMENT], "total": 3}),
        reply(body={"experiments": [], "total": 3}),
    )
    found = colour.list(
        experiments.list(
            states=[models.ExperimentState.RUNNING, "NEW"],
            search="boss",
            sort_by="RELEVANCE",
            descending=True,
            product_type="EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS",
            page_size=2,
        )
    )
    assert [(each.id, each.created_by) for each in found] == [("5", 55)] * 3
    assert server.lines[0].count("stateFilters=") == 2
    assert [asked(line)[1].get("skip") for line in server.lines] == [None, "2", "3"]
    target, query = asked(server.lines[0])
    assert target == f"GET {HOME}/experiments"
    assert query == {
        "maxPageSize": "2",
        "searchKey": "boss",
        "stateFilters": "NEW",
        "sortOrder": "SORT_ORDER_DESCENDING",
        "sortKey": "LIST_EXPERIMENT_SORT_KEY_RELEVANCE",
        "productTypeFilter": "EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS",
    }


def test_getting_one(colour: Colour, experiments: Any, server: RawServer) -> None:
    """With its variants, by the names of Python."""
    server.script(reply(body={"experiment": EXPERIMENT}))
    found = colour(experiments.get("5"))
    variants = found.experiment_configuration.in_game_config_experiment_configuration.variants
    assert (found.id, found.state.name) == ("5", "RUNNING")
    assert (variants[0].variant_meta.variant_id, variants[0].variant_meta.weight) == ("v1", 50)
    assert server.lines == [f"GET {HOME}/experiments/5"]


def test_planning(colour: Colour, experiments: Any, server: RawServer, clock: ManualClock) -> None:
    """What is sent says which kind it is; the operation ends in the experiment."""
    rule = models.ConditionalRule(tokens=[models.RuleToken(operator="not")])
    server.script(RUNNING, RUNNING, DONE)
    operation = colour(
        experiments.create(**PLAN, description="why", targeting=models.TargetingCriteria(rule=rule))
    )
    assert operation.id == "op-1"
    assert colour(operation.wait()).id == "5"
    assert len(clock.sleeps) == 1
    assert server.lines == [f"POST {HOME}/experiments", *[f"GET {HOME}/operations/op-1"] * 2]
    assert sent_json(server.requests[0]) == {
        "name": "Boss",
        "description": "why",
        "experimentConfiguration": {
            "productType": "EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS",
            "inGameConfigExperimentConfiguration": {
                "variants": [
                    {
                        "variantMeta": {"label": "Control", "isBaseline": True, "weight": 50},
                        "configEntry": {"key": "boss"},
                    },
                    {
                        "variantMeta": {"label": "Weak", "isBaseline": False, "weight": 50},
                        "configEntry": {"key": "boss", "entryValue": 300},
                    },
                ]
            },
        },
        "exposurePercent": 40,
        "targetingCriteria": {"rule": {"tokens": [{"operator": "not"}]}},
        "durationSeconds": 14 * 86400,
        "universeGoalMetric": "UNIVERSE_EXPERIMENT_METRIC_DAY_1_RETENTION",
    }


def test_planning_of_matchmaking(colour: Colour, experiments: Any, server: RawServer) -> None:
    """Another kind of variants goes under another name."""
    server.script(DONE)
    plan = PLAN | {"variants": [match("A", baseline=True), match("B")]}
    assert colour(colour(experiments.update("5", **plan)).wait()).name == "Boss"
    assert server.lines == [f"PATCH {HOME}/experiments/5"]
    sent: Any = sent_json(server.requests[0])
    assert sent["experimentConfiguration"]["productType"] == "EXPERIMENT_PRODUCT_TYPE_MATCHMAKING"
    variants = sent["experimentConfiguration"]["matchmakingExperimentConfiguration"]["variants"]
    assert variants[1]["placeMatchmakingConfigs"] == [{"placeId": 44, "usePlatformDefault": True}]


def test_ways_of_an_experiment(colour: Colour, experiments: Any, server: RawServer) -> None:
    """Begun, begun later, ended with and without a winner."""
    server.script(DONE)
    later = datetime(2026, 6, 1, 15, tzinfo=UTC)
    for begun in (
        experiments.start("5"),
        experiments.schedule("5", later),
        experiments.complete("5", variant_id="v1"),
        experiments.complete("5"),
    ):
        assert colour(colour(begun).wait()).id == "5"
    assert server.lines == [
        f"POST {HOME}/experiments/5:start",
        f"POST {HOME}/experiments/5:schedule",
        f"POST {HOME}/experiments/5:complete",
        f"POST {HOME}/experiments/5:complete",
    ]
    assert [sent_json(each) for each in server.requests[1:]] == [
        {"scheduledStartTime": "2026-06-01T15:00:00Z"},
        {"variantId": "v1"},
        {},
    ]


def test_what_was_over_at_once_is_not_asked_for(
    colour: Colour, experiments: Any, server: RawServer
) -> None:
    """Its status, result and outcome are in the answer that began it."""
    server.script(DONE)
    operation = colour(experiments.start("5"))
    assert colour(operation.status()).operation.done
    assert colour(operation.result()).id == colour(operation.wait()).id == "5"
    assert len(server.requests) == 1


def test_discarding(colour: Colour, experiments: Any, server: RawServer) -> None:
    """It may end without an experiment, which is no failure."""
    server.script(RUNNING, done())
    operation = colour(experiments.discard("5"))
    assert colour(operation.wait()).done
    assert server.lines == [f"DELETE {HOME}/experiments/5", f"GET {HOME}/operations/op-1"]
    server.script(done(error=FAILURE))
    with pytest.raises(errors.OperationFailed, match="KEY_IN_USE"):
        colour(colour(experiments.discard("5")).wait())


def test_failure_says_why(colour: Colour, experiments: Any, server: RawServer) -> None:
    """Done with an error: Roblox's code and words; without either, nobody knows."""
    server.script(RUNNING, done(error=FAILURE))
    operation = colour(experiments.start("5"))
    with pytest.raises(errors.OperationFailed, match="Another experiment has it") as caught:
        colour(operation.wait())
    assert (caught.value.code, caught.value.operation) == ("KEY_IN_USE", "op-1")
    server.script(done(error={"errorType": FAILURE["errorType"]}))
    with pytest.raises(errors.OperationFailed, match="CONFIGS_KEY_ALREADY_IN_USE"):
        colour(experiments.operation("op-1").result())
    server.script(done())
    with pytest.raises(errors.ProtocolError, match="neither a result nor an error"):
        colour(experiments.operation("op-1").wait())
    server.script(reply(body={"operation": None}))
    with pytest.raises(errors.ProtocolError, match="names no operation"):
        colour(experiments.start("5"))


@pytest.mark.parametrize(
    "change",
    [
        lambda experiments: experiments.create(**PLAN),
        lambda experiments: experiments.update("5", **PLAN),
        lambda experiments: experiments.start("5"),
        lambda experiments: experiments.complete("5"),
        lambda experiments: experiments.discard("5"),
    ],
)
def test_nothing_is_begun_twice(
    colour: Colour, experiments: Any, server: RawServer, change: Any
) -> None:
    """What may have been begun is not begun again."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome):
        colour(change(experiments))
    assert len(server.requests) == 1


def test_statistics(
    colour: Colour, experiments: Any, server: RawServer, clock: ManualClock
) -> None:
    """Asked for until they are made."""
    server.script(
        reply(body={"operation": {"experimentId": 5, "done": False}}),
        reply(body={"operation": {"done": True, "experimentStats": {"isSrmDetected": True}}}),
    )
    assert colour(experiments.stats("5").wait()).is_srm_detected
    assert server.lines == [f"GET {HOME}/experiments/5/stats"] * 2
    assert len(clock.sleeps) == 1
    server.script(reply(body={"operation": None}))
    with pytest.raises(errors.OperationTimeout, match="experiments/5/stats was still running"):
        colour(experiments.stats("5").wait(timeout=3))
    server.script(reply(body={"operation": {"experimentId": 5, "done": True, "error": FAILURE}}))
    with pytest.raises(errors.OperationFailed, match="statistics of experiment 5 failed"):
        colour(experiments.stats("5").wait())


def test_smallest_effect(
    colour: Colour, experiments: Any, server: RawServer, clock: ManualClock
) -> None:
    """The same question again is how its answer is waited for; it changes nothing."""
    result = {"totalSampleSize": 900, "mdeRelativePercentages": [1.5]}
    server.script(
        reply(body={"operation": {"operationId": "op-2", "done": False}}),
        reset,
        reply(body={"operation": {"operationId": "op-2", "done": True, "mde": result}}),
    )
    found = colour(
        experiments.calculate_mde(
            goal="NEW_METRIC",
            duration=timedelta(days=60),
            exposure_percent=100,
            baseline_weight=50,
            variant_weights=[49.5],
        ).wait()
    )
    assert (found.total_sample_size, found.mde_relative_percentages) == (900, [1.5])
    assert server.lines == [f"POST {HOME}/experiments:calculateMde"] * 3
    assert sent_json(server.requests[2]) == {
        "exposurePercent": 100,
        "durationSeconds": 60 * 86400,
        "baselineWeight": 50,
        "variantWeights": [49.5],
        "universeGoalMetric": "NEW_METRIC",
    }


CONTROL = variant("Control", baseline=True)
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name must not be empty"),
    ({"goal": ""}, "goal must not be empty"),
    ({"exposure_percent": 101}, "exposure_percent must be from 0 to 100, not 101"),
    ({"exposure_percent": 1.5}, "exposure_percent must be an int"),
    ({"duration": 14}, "duration must be a timedelta"),
    ({"duration": timedelta(days=13)}, "from 14 to 60 whole days"),
    ({"duration": timedelta(days=61)}, "from 14 to 60 whole days"),
    ({"duration": timedelta(days=14, hours=1)}, "from 14 to 60 whole days"),
    ({"variants": [CONTROL]}, "at least two"),
    ({"variants": [CONTROL, variant("A"), variant("B"), variant("C")]}, "at most 3"),
    ({"variants": [CONTROL, match("A")]}, "all be of one kind"),
    ({"variants": [variant("A"), variant("B")]}, "exactly one of variants"),
    ({"variants": [CONTROL, variant("A", baseline=True)]}, "exactly one of variants"),
    ({"variants": [CONTROL, variant("x" * 51)]}, r"variants\[1\] has 51 characters"),
    ({"variants": [CONTROL, variant("")]}, r"the label of variants\[1\] must not be empty"),
    ({"variants": [CONTROL, {"label": "A"}]}, "variants must be SingleConfig"),
    ({"variants": [CONTROL, variant("A", value=float("nan"))]}, "which JSON cannot say"),
    ({"targeting": {"rule": 5}}, "targeting_criteria"),
]


@pytest.mark.parametrize(("wrong", "says"), WRONG)
def test_plan_that_cannot_be_is_refused(
    colour: Colour, experiments: Any, server: RawServer, wrong: dict[str, Any], says: str
) -> None:
    """Before a byte leaves, for a new one and for another in its place."""
    plan = PLAN | wrong
    with pytest.raises((ValueError, TypeError), match=says):
        colour(experiments.create(**plan))
    with pytest.raises((ValueError, TypeError), match=says):
        colour(experiments.update("5", **plan))
    assert server.requests == []


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda it: it.start(""), "experiment_id must not be empty"),
        (lambda it: it.start(5), "experiment_id must be a str"),
        (lambda it: it.schedule("5", datetime(2026, 6, 1)), "must have a time zone"),  # noqa: DTZ001
        (lambda it: it.schedule("5", "2026-06-01"), "must be a datetime"),
        (lambda it: it.complete("5", variant_id=5), "variant_id must be a str"),
        (lambda it: it.list(states="RUNNING"), "states must be an iterable of values, not one"),
        (lambda it: it.list(sort_by="SIZE"), "sort_by must be one of NAME"),
        (lambda it: it.list(descending=1), "descending must be a bool"),
        (lambda it: it.calculate_mde(**MDE | {"variant_weights": []}), "at least one"),
        (lambda it: it.calculate_mde(**MDE | {"baseline_weight": 101}), "from 0 to 100"),
        (lambda it: it.calculate_mde(**MDE | {"variant_weights": ["5"]}), "must be a number"),
    ],
)
def test_bad_input_is_refused(
    colour: Colour, experiments: Any, server: RawServer, call: Any, says: str
) -> None:
    """Before a byte leaves."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(call(experiments))
    assert server.requests == []


MDE: dict[str, Any] = {
    "goal": RETENTION,
    "duration": timedelta(days=14),
    "exposure_percent": 50,
    "baseline_weight": 1,
    "variant_weights": [1],
}
