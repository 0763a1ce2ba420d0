"""What is read of experiments: lists of them, their statistics, and what one could show."""

from __future__ import annotations

import math
from collections.abc import Callable
from hashlib import blake2b

import msgspec

from rblx_oauth.models import ExperimentState, UniverseExperimentMetric
from rblx_oauth.sandbox.behaviour.conditions import Criteria
from rblx_oauth.sandbox.behaviour.experiments import experiment_of, written
from rblx_oauth.sandbox.behaviour.experiments_rules import failure
from rblx_oauth.sandbox.behaviour.experiments_shelf import Experiment, ExperimentShelf
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body, query_size
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_DAY = 86_400
_PAGE = 50
_LARGEST_PAGE = 100
_PLAYERS_A_DAY = 1000
_ENOUGH = 1000
_STATES = frozenset(each.value for each in ExperimentState)
_DELETED = "EXPERIMENT_STATE_DELETED"


class _Mde(msgspec.Struct, rename="camel"):
    exposure_percent: int
    duration_seconds: int
    baseline_weight: float
    variant_weights: list[float]
    universe_goal_metric: str
    targeting_criteria: Criteria | None = None


def _sort_key(word: str, now: float) -> Callable[[tuple[str, Experiment]], tuple[object, str]]:
    """How experiments are compared; relevance is what was changed last."""
    if word.endswith("_NAME"):
        return lambda each: (each[1].plan.name.lower(), each[0])
    if word.endswith("_START_TIME"):
        return lambda each: (each[1].began(now) or 0.0, each[0])
    return lambda each: (each[1].updated, each[0])


def _list(exchange: Exchange) -> object:
    args, now = exchange.request.args, exchange.state.clock.now()
    size = query_size(exchange.request, "maxPageSize", default=_PAGE, most=_LARGEST_PAGE)
    skip = query_size(exchange.request, "skip", default=0, most=2**31)
    wanted = frozenset(args.getlist("stateFilters"))
    if not wanted <= _STATES:
        raise Refusal.invalid(f"stateFilters are of {', '.join(sorted(_STATES))}")
    wanted = wanted or _STATES - {_DELETED}
    word, kind = args.get("searchKey", "").lower(), args.get("productTypeFilter", "")
    shelf = exchange.state.shelves.of(ExperimentShelf)
    with exchange.state.lock:
        ids = shelf.by_universe.get(exchange.arguments["universe_id"], ())
        found = [
            (each, experiment)
            for each, experiment in ((each, shelf.experiments[each]) for each in ids)
            if experiment.created <= now
            and experiment.state(now) in wanted
            and word in experiment.plan.name.lower()
            and kind in ("", experiment.plan.experiment_configuration.product_type)
        ]
        descending = args.get("sortOrder") != "SORT_ORDER_ASCENDING"
        found.sort(key=_sort_key(args.get("sortKey", ""), now), reverse=descending)
        page = [_summary(each, now) for each in found[skip : skip + size]]
    return {"experiments": page, "total": len(found)}


def _summary(each: tuple[str, Experiment], now: float) -> dict[str, object]:
    experiment_id, experiment = each
    plan = experiment.plan
    return {
        "id": experiment_id,
        "name": plan.name,
        "description": plan.description,
        "createdTime": rfc3339(experiment.created),
        "lastUpdatedTime": rfc3339(experiment.updated),
        "startedTime": written(experiment.began(now)),
        "stoppedTime": written(experiment.ended(now)),
        "state": experiment.state(now),
        "createdBy": experiment.by,
        "experimentConfigKey": plan.experiment_configuration.key,
        "scheduledTime": written(experiment.scheduled),
        "durationSeconds": plan.duration_seconds,
        "productType": plan.experiment_configuration.product_type,
    }


def _stats(exchange: Exchange) -> object:
    """Statistics are made when first asked for, of what has run for a day."""
    state, now = exchange.state, exchange.state.clock.now()
    with state.lock:
        experiment = experiment_of(exchange)
        if experiment.stats_asked is None:
            experiment.stats_asked = now
        done = now >= experiment.stats_asked + state.settings.operation_seconds
        began = experiment.began(now)
        ran = began is not None and now >= began + _DAY
    body: dict[str, object] = {
        "experimentId": int(exchange.arguments["experiment_id"]),
        "lastModifiedTime": rfc3339(now),
        "done": done,
    }
    if done and ran:
        body["experimentStats"] = {"isSrmDetected": False}
    elif done:
        said = "the experiment has not run for a day"
        body["error"] = msgspec.to_builtins(failure("EXPERIMENT_RESULTS_NOT_FOUND", said))
    return {"operation": body}


def _calculate(exchange: Exchange) -> object:
    """The same question gets the same operation, until and when it is done."""
    body, state = json_body(exchange.request, _Mde), exchange.state
    weights = [body.baseline_weight, *body.variant_weights]
    if len(weights) < 2 or not all(0 <= each <= 100 for each in weights):
        raise Refusal.invalid("there is a weight for each variant, from 0 to 100")
    if not 0 <= body.exposure_percent <= 100:
        raise Refusal.invalid("exposurePercent is from 0 to 100")
    if body.universe_goal_metric not in {each.value for each in UniverseExperimentMetric}:
        raise Refusal.invalid("universeGoalMetric is none of its words")
    universe_id, now = exchange.arguments["universe_id"], state.clock.now()
    question = blake2b(msgspec.json.encode((universe_id, body)), digest_size=16).hexdigest()
    with state.lock:
        asked = state.shelves.of(ExperimentShelf).calculations
        if question not in asked:
            asked[question] = (state.ids.uuid("mde"), now)
        operation_id, begun = asked[question]
    done = now >= begun + state.settings.operation_seconds
    answer = {
        "operationId": operation_id,
        "lastModifiedTime": rfc3339(begun),
        "done": done,
    }
    return {"operation": answer | (_effect(body) if done else {})}


def _effect(body: _Mde) -> dict[str, object]:
    """How small an effect can be that stands out: the more players, the smaller."""
    if body.duration_seconds <= 0 or body.duration_seconds % _DAY:
        said = "durationSeconds is a number of whole days"
        return {"error": msgspec.to_builtins(failure("INVALID_DURATION", said))}
    days = body.duration_seconds // _DAY
    players = _PLAYERS_A_DAY * days * body.exposure_percent / 100
    whole = body.baseline_weight + sum(body.variant_weights) or 1.0
    control = players * body.baseline_weight / whole
    shares = [players * weight / whole for weight in body.variant_weights]
    return {
        "mde": {
            "totalSampleSize": int(players),
            "mdeRelativePercentages": [_percentage(control, share) for share in shares],
            "minimumSampleSizeThreshold": _ENOUGH,
        }
    }


def _percentage(control: float, share: float) -> float:
    if not control or not share:
        return 100.0
    return round(min(100.0, 280.0 * math.sqrt(1 / control + 1 / share)), 3)


BEHAVIOURS = {
    "calculate_experiment_mde": Behaviour(_calculate, made_up=True),
    "get_experiment_stats": Behaviour(_stats),
    "list_experiments": Behaviour(_list),
}
