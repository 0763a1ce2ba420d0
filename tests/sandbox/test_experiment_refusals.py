"""Experiments that cannot be: plans, bodies, and what is another universe's."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.experiments import DAY, HOME, LANTERN, RETENTION, experiments, made

__all__ = ["client", "experiments"]

TOWER = 3000002
KIND = "EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS"


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
