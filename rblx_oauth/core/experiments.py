"""Experiments: what they may be, settled before sending, and what their operations end in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeAlias, TypedDict, TypeVar

from rblx_oauth.core import polling
from rblx_oauth.core.arguments import text, whole
from rblx_oauth.errors import ProtocolError
from rblx_oauth.models.generated.experiments import (
    Experiment,
    ExperimentApiError,
    ExperimentConfiguration,
    ExperimentOperation,
    ExperimentOperationStatus,
    ExperimentProductType,
    ExperimentStats,
    ExperimentStatsResult,
    InGameConfigExperimentConfiguration,
    MatchmakingExperimentConfiguration,
    MatchmakingExperimentVariant,
    MdeOperationStatus,
    MdeResult,
    SingleConfigExperimentVariant,
    TargetingCriteria,
    UniverseExperimentMetric,
)
from rblx_oauth.models.operations import OperationError

T = TypeVar("T")

Variants: TypeAlias = (
    "Sequence[SingleConfigExperimentVariant] | Sequence[MatchmakingExperimentVariant]"
)

SHORTEST, LONGEST = timedelta(days=14), timedelta(days=60)
LABEL_LENGTH = 50
CONFIG_VARIANTS = 3
"""Variants of an experiment with a config: the baseline and two others."""


class Plan(TypedDict):
    """What an experiment is made of, as `rblx_oauth.api.experiments` takes it."""

    name: str
    description: str | None
    experiment_configuration: ExperimentConfiguration
    exposure_percent: int
    targeting_criteria: TargetingCriteria | None
    duration_seconds: int
    universe_goal_metric: UniverseExperimentMetric | str


def plan(
    name: str,
    *,
    variants: Variants,
    goal: UniverseExperimentMetric | str,
    duration: timedelta,
    exposure_percent: int,
    description: str | None,
    targeting: TargetingCriteria | None,
) -> Plan:
    """What an experiment is made of.

    Raises:
        ValueError, TypeError: Something of it no experiment can be.
    """
    return Plan(
        name=text("name", name),
        description=description,
        experiment_configuration=configuration(variants),
        exposure_percent=percent("exposure_percent", exposure_percent),
        targeting_criteria=targeting,
        duration_seconds=seconds("duration", duration),
        universe_goal_metric=text("goal", goal),
    )


def configuration(variants: Variants) -> ExperimentConfiguration:
    """The variants of an experiment, under the name of their kind.

    Raises:
        ValueError: They are of two kinds, too few, too many, or have not exactly
            one baseline; or a label does not fit.
        TypeError: One is no variant.
    """
    configs = [each for each in variants if isinstance(each, SingleConfigExperimentVariant)]
    matches = [each for each in variants if isinstance(each, MatchmakingExperimentVariant)]
    if len(configs) + len(matches) != len(variants):
        raise TypeError(
            "variants must be SingleConfigExperimentVariant or MatchmakingExperimentVariant"
        )
    if configs and matches:
        raise ValueError("variants must all be of one kind")
    if len(variants) < 2:
        raise ValueError("variants must be at least two: the baseline and another")
    if len(configs) > CONFIG_VARIANTS:
        raise ValueError(f"variants of a config are at most {CONFIG_VARIANTS}")
    about = [each.variant_meta for each in variants]
    if sum(bool(each and each.is_baseline) for each in about) != 1:
        raise ValueError("exactly one of variants must be the baseline: is_baseline=True")
    for at, each in enumerate(about):
        text(f"the label of variants[{at}]", (each and each.label) or "", LABEL_LENGTH)
    if configs:
        return ExperimentConfiguration(
            product_type=ExperimentProductType.IN_GAME_CONFIGS,
            in_game_config_experiment_configuration=InGameConfigExperimentConfiguration(
                variants=configs
            ),
        )
    return ExperimentConfiguration(
        product_type=ExperimentProductType.MATCHMAKING,
        matchmaking_experiment_configuration=MatchmakingExperimentConfiguration(variants=matches),
    )


def percent(name: str, value: int) -> int:
    """A share of users.

    Raises:
        TypeError: It is no int.
        ValueError: It is not from 0 to 100.
    """
    if not 0 <= whole(name, value) <= 100:
        raise ValueError(f"{name} must be from 0 to 100, not {value}")
    return value


def seconds(name: str, duration: timedelta) -> int:
    """How long an experiment runs.

    Raises:
        TypeError: It is no timedelta.
        ValueError: It is not a whole number of days, or not from 14 to 60 of them.
    """
    if not isinstance(duration, timedelta):
        raise TypeError(f"{name} must be a timedelta, not {type(duration).__name__}")
    if duration % timedelta(days=1) or not SHORTEST <= duration <= LONGEST:
        raise ValueError(f"{name} must be from {SHORTEST.days} to {LONGEST.days} whole days")
    return duration.days * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class _Answer(Generic[T]):
    """An operation of experiments, in the shape that others have."""

    path: str
    done: bool
    error: OperationError | None
    response: T | None


def begun(status: ExperimentOperationStatus) -> tuple[str, ExperimentOperation]:
    """The operation of an answer, and its id.

    Raises:
        ProtocolError: It names none.
    """
    operation = status.operation
    if operation is None or not operation.operation_id:
        raise ProtocolError("the answer of an experiment names no operation")
    return operation.operation_id, operation


def outcome(status: ExperimentOperationStatus) -> Experiment | None:
    """The experiment that an operation ended in; None while it is under way.

    Raises:
        OperationFailed: It failed.
        ProtocolError: It is over and gives none.
    """
    path, operation = begun(status)
    return _read(path, operation.done, operation.error, operation.experiment)


def over(status: ExperimentOperationStatus) -> ExperimentOperation | None:
    """The operation itself, once it is over: one that discards need not give an experiment.

    Raises:
        OperationFailed: It failed.
    """
    path, operation = begun(status)
    return _read(path, operation.done, operation.error, operation)


def stats_outcome(status: ExperimentStatsResult) -> ExperimentStats | None:
    """The statistics of an experiment; None while they are being made.

    Raises:
        OperationFailed: There are none, e.g. because it has run for less than a day.
        ProtocolError: They are said to be there, and are not.
    """
    found = status.operation
    if found is None:
        return None
    path = f"the statistics of experiment {found.experiment_id or ''}".strip()
    return _read(path, found.done, found.error, found.experiment_stats)


def mde_outcome(status: MdeOperationStatus) -> MdeResult | None:
    """The minimum detectable effect; None while it is being calculated.

    Raises:
        OperationFailed: It cannot be calculated.
        ProtocolError: It is said to be there, and is not.
    """
    found = status.operation
    if found is None:
        return None
    path = found.operation_id or "the calculation"
    return _read(path, found.done, found.error, found.mde)


def _read(path: str, done: bool, error: ExperimentApiError | None, response: T | None) -> T | None:
    why = None
    if error is not None:
        code = error.error_code or error.error_type or ""
        why = OperationError(code=str(code), message=error.error_message or "")
    answer: _Answer[T] = _Answer(path, done, why, response)
    return polling.outcome(answer)
