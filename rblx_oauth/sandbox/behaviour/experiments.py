"""Experiments: drafted, begun, scheduled, ended and discarded, each by an operation."""

from __future__ import annotations

import msgspec

from rblx_oauth.models import ConfigRepository, UniverseExperimentMetric
from rblx_oauth.sandbox.behaviour.configs_shelf import ConfigShelf, repository_of
from rblx_oauth.sandbox.behaviour.experiments_rules import objection, start_objection
from rblx_oauth.sandbox.behaviour.experiments_shelf import (
    CONFIGS,
    Experiment,
    ExperimentShelf,
    Failure,
    Operation,
    Plan,
)
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339, whole_microseconds
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "experiment_of", "written"]

_DRAFT = "EXPERIMENT_STATE_DRAFT"
_SCHEDULED = "EXPERIMENT_STATE_SCHEDULED"
_RUNNING = "EXPERIMENT_STATE_RUNNING"


class _Schedule(msgspec.Struct, rename="camel"):
    scheduled_start_time: str


class _Complete(msgspec.Struct, rename="camel"):
    variant_id: str | None = None


def _shelf(exchange: Exchange) -> ExperimentShelf:
    return exchange.state.shelves.of(ExperimentShelf)


def experiment_of(exchange: Exchange) -> Experiment:
    """The experiment in the path.

    Raises:
        Refusal: 404, the universe has none, or none yet.
    """
    found = _shelf(exchange).experiments.get(exchange.arguments["experiment_id"])
    belongs = found is not None and found.universe == exchange.arguments["universe_id"]
    if found is None or not belongs or found.created > exchange.state.clock.now():
        raise Refusal.not_found("the universe has no such experiment")
    return found


def written(moment: float | None) -> str | None:
    """A moment as Roblox writes it, where there is one."""
    return None if moment is None else rfc3339(moment)


def _body(exchange: Exchange, experiment_id: str) -> dict[str, object]:
    experiment, now = _shelf(exchange).experiments[experiment_id], exchange.state.clock.now()
    plan = experiment.plan
    operation = _shelf(exchange).operations.get(experiment.operation)
    status = operation.status if operation is not None and now < operation.ready else "READY"
    goal = plan.universe_goal_metric
    others = [each.value for each in UniverseExperimentMetric if each.value != goal]
    began = experiment.began(now)
    return {
        "id": experiment_id,
        "name": plan.name,
        "description": plan.description,
        "createdTime": rfc3339(experiment.created),
        "lastUpdatedTime": rfc3339(experiment.updated),
        "startedTime": written(began),
        "stoppedTime": written(experiment.ended(now)),
        "state": experiment.state(now),
        "experimentConfiguration": _configuration(experiment_id, plan, begun=began is not None),
        "exposurePercent": plan.exposure_percent,
        "targetingCriteria": msgspec.to_builtins(plan.targeting_criteria),
        "operationalStatus": f"OPERATIONAL_STATUS_{status}",
        "createdBy": experiment.by,
        "scheduledTime": written(experiment.scheduled),
        "durationSeconds": plan.duration_seconds,
        "universeMetricConfiguration": {"goalMetric": goal, "learningMetrics": others},
    }


def _variant_id(experiment_id: str, number: int) -> str:
    return f"{experiment_id}{number:02}"


def _configuration(experiment_id: str, plan: Plan, *, begun: bool) -> dict[str, object]:
    """The variants; each has an id once the experiment has begun."""
    configuration = plan.experiment_configuration
    variants = []
    for number, variant in enumerate(configuration.variants, start=1):
        meta = msgspec.to_builtins(variant.variant_meta)
        meta |= {"variantId": _variant_id(experiment_id, number) if begun else None}
        variants.append(msgspec.to_builtins(variant) | {"variantMeta": meta})
    in_game = configuration.product_type == CONFIGS
    return {
        "productType": configuration.product_type,
        "inGameConfigExperimentConfiguration": {"variants": variants} if in_game else None,
        "matchmakingExperimentConfiguration": None if in_game else {"variants": variants},
    }


def _operation_body(exchange: Exchange, operation_id: str) -> dict[str, object]:
    operation = _shelf(exchange).operations[operation_id]
    done = exchange.state.clock.now() >= operation.ready
    status = "READY" if done else operation.status
    shown = done and operation.failure is None and operation.status != "DELETING"
    body = {
        "operationId": operation_id,
        "status": f"OPERATIONAL_STATUS_{status}",
        "createdTime": rfc3339(operation.created),
        "done": done,
        "error": msgspec.to_builtins(operation.failure) if done and operation.failure else None,
        "experiment": _body(exchange, operation.experiment) if shown else None,
    }
    return {"operation": body}


def _begin(
    exchange: Exchange, experiment_id: str, status: str, failure: Failure | None = None
) -> str:
    """A new operation; gives its id."""
    state = exchange.state
    operation_id, now = state.ids.uuid("experiment_operation"), state.clock.now()
    _shelf(exchange).operations[operation_id] = Operation(
        universe=exchange.arguments["universe_id"],
        experiment=experiment_id,
        status=status,
        created=now,
        ready=now + state.settings.operation_seconds,
        failure=failure,
    )
    return operation_id


def _create(exchange: Exchange) -> object:
    plan, state = json_body(exchange.request, Plan), exchange.state
    with state.lock:
        failure = objection(plan)
        experiment_id = "" if failure else str(state.ids.number("experiment"))
        operation_id = _begin(exchange, experiment_id, "CREATING", failure)
        if not failure:
            ready = _shelf(exchange).operations[operation_id].ready
            made = Experiment(
                universe=exchange.arguments["universe_id"],
                plan=plan,
                by=exchange.caller.user_id,
                created=ready,
                updated=ready,
                operation=operation_id,
            )
            _shelf(exchange).put(experiment_id, made)
        return _operation_body(exchange, operation_id)


def _idle(exchange: Exchange, *states: str) -> Experiment:
    """The experiment in the path, which is in one of these states and not being changed.

    Raises:
        Refusal: 404, there is none; 400, it is not so.
    """
    found, now = experiment_of(exchange), exchange.state.clock.now()
    last = _shelf(exchange).operations.get(found.operation)
    if last is not None and now < last.ready:
        raise Refusal.invalid("another change of the experiment is under way")
    if found.state(now) not in states:
        raise Refusal.invalid(f"an experiment must be in {' or '.join(states)} for that")
    return found


def _change(
    exchange: Exchange, experiment: Experiment, status: str, failure: Failure | None
) -> float:
    """Begin a change of an experiment; gives when it is complete."""
    operation_id = _begin(exchange, exchange.arguments["experiment_id"], status, failure)
    ready = _shelf(exchange).operations[operation_id].ready
    experiment.operation = operation_id
    if failure is None:
        experiment.updated = ready
    return ready


def _update(exchange: Exchange) -> object:
    plan = json_body(exchange.request, Plan)
    with exchange.state.lock:
        experiment, failure = _idle(exchange, _DRAFT), objection(plan)
        _change(exchange, experiment, "UPDATING", failure)
        if failure is None:
            experiment.plan = plan
        return _operation_body(exchange, experiment.operation)


def _start(exchange: Exchange) -> object:
    state = exchange.state
    with state.lock:
        experiment = _idle(exchange, _DRAFT, _SCHEDULED)
        failure = start_objection(state, experiment, state.clock.now())
        ready = _change(exchange, experiment, "STARTING", failure)
        if failure is None:
            experiment.started = ready
        return _operation_body(exchange, experiment.operation)


def _schedule(exchange: Exchange) -> object:
    body, state = json_body(exchange.request, _Schedule), exchange.state
    try:
        moment = parse_rfc3339(body.scheduled_start_time)
    except ValueError:
        raise Refusal.invalid("scheduledStartTime must be a timestamp") from None
    if moment <= state.clock.now():
        raise Refusal.invalid("scheduledStartTime must lie in the future")
    with state.lock:
        experiment = _idle(exchange, _DRAFT, _SCHEDULED)
        failure = start_objection(state, experiment, moment)
        ready = _change(exchange, experiment, "SCHEDULING", failure)
        if failure is None:
            experiment.planned, experiment.scheduled = ready, max(moment, ready)
        return _operation_body(exchange, experiment.operation)


def _complete(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Complete, optional=True)
    with exchange.state.lock:
        experiment = _idle(exchange, _RUNNING)
        if body.variant_id:
            _roll_out(exchange, experiment, body.variant_id)
        experiment.stopped = _change(exchange, experiment, "STOPPING", None)
        return _operation_body(exchange, experiment.operation)


def _roll_out(exchange: Exchange, experiment: Experiment, variant_id: str) -> None:
    """Publish the value of the variant that won."""
    experiment_id, state = exchange.arguments["experiment_id"], exchange.state
    variants = experiment.plan.experiment_configuration.variants
    ids = [_variant_id(experiment_id, number) for number in range(1, len(variants) + 1)]
    if variant_id not in ids:
        raise Refusal.invalid("the experiment has no such variant")
    variant = variants[ids.index(variant_id)]
    if variant.config_entry is None or variant.config_entry.entry_value is msgspec.UNSET:
        return  # what there was before
    name = ConfigRepository.IN_EXPERIENCE_CONFIG.value
    repository = repository_of(state.shelves.of(ConfigShelf), experiment.universe, name)
    repository.set_now(
        str(state.ids.number("config_revision")),
        variant.config_entry.key or "",
        variant.config_entry.entry_value,
        at=whole_microseconds(state.clock.now()),
        by=exchange.caller.user_id,
        message=f"Variant {variant_id} of experiment {experiment_id}",
    )


def _discard(exchange: Exchange) -> object:
    with exchange.state.lock:
        experiment = _idle(exchange, _DRAFT, _SCHEDULED)
        experiment.deleted = _change(exchange, experiment, "DELETING", None)
        return _operation_body(exchange, experiment.operation)


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        experiment_of(exchange)
        return {"experiment": _body(exchange, exchange.arguments["experiment_id"])}


def _get_operation(exchange: Exchange) -> object:
    with exchange.state.lock:
        operation = _shelf(exchange).operations.get(exchange.arguments["operation_id"])
        if operation is None or operation.universe != exchange.arguments["universe_id"]:
            raise Refusal.not_found("the universe has no such operation")
        return _operation_body(exchange, exchange.arguments["operation_id"])


BEHAVIOURS = {
    "complete_experiment": Behaviour(_complete),
    "create_experiment": Behaviour(_create),
    "discard_experiment": Behaviour(_discard),
    "get_experiment": Behaviour(_get),
    "get_experiment_operation": Behaviour(_get_operation),
    "schedule_experiment": Behaviour(_schedule),
    "start_experiment": Behaviour(_start),
    "update_experiment": Behaviour(_update),
}
