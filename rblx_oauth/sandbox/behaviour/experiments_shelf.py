"""Experiments: what they try, how far they are, and the operations that change them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import ClassVar, Literal

import msgspec

from rblx_oauth.models import UniverseExperimentMetric
from rblx_oauth.sandbox.behaviour.conditions import Criteria
from rblx_oauth.sandbox.parsing import Int32
from rblx_oauth.sandbox.people import BUILT
from rblx_oauth.sandbox.shelves import Shelf

__all__ = [
    "CONFIGS",
    "MATCHMAKING",
    "Configuration",
    "Experiment",
    "ExperimentShelf",
    "Failure",
    "Operation",
    "Plan",
    "Variant",
]

CONFIGS: Literal["EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS"] = (
    "EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS"
)
MATCHMAKING: Literal["EXPERIMENT_PRODUCT_TYPE_MATCHMAKING"] = "EXPERIMENT_PRODUCT_TYPE_MATCHMAKING"

_DAY = 86_400.0
_DECISION = 14 * _DAY
"""How long an experiment with a config goes on after its time, for somebody to decide."""


class _Wire(msgspec.Struct, kw_only=True, rename="camel", omit_defaults=True):
    """Data as Roblox writes it."""


class VariantMeta(_Wire, omit_defaults=False):
    """What every variant has."""

    label: str | None = None
    is_baseline: bool = False
    weight: Int32 = 0


class ConfigEntry(_Wire):
    """What a config is in a variant; of the baseline, only its key counts."""

    key: str | None = None
    entry_value: object = msgspec.UNSET
    description: str | None = None


class PlaceConfig(_Wire, omit_defaults=False):
    """How players are matched for a place."""

    place_id: int = 0
    matchmaking_scoring_config_id: str | None = None
    use_platform_default: bool = False


class Variant(_Wire):
    """One of the ways that are tried: `config_entry` of a config, or else places."""

    variant_meta: VariantMeta | None = None
    config_entry: ConfigEntry | None = None
    place_matchmaking_configs: list[PlaceConfig] = []


class Variants(_Wire):
    """All of them."""

    variants: list[Variant] | None = None


class Configuration(_Wire):
    """The variants, under the name of their kind."""

    product_type: Literal[
        "EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS", "EXPERIMENT_PRODUCT_TYPE_MATCHMAKING"
    ]
    in_game_config_experiment_configuration: Variants | None = None
    matchmaking_experiment_configuration: Variants | None = None

    @property
    def variants(self) -> list[Variant]:
        """Those of its kind."""
        if self.product_type == CONFIGS:
            held = self.in_game_config_experiment_configuration
        else:
            held = self.matchmaking_experiment_configuration
        return (held and held.variants) or []

    @property
    def key(self) -> str:
        """The key of the config that is tried; empty where it is none."""
        entries = (variant.config_entry for variant in self.variants)
        return next((entry.key for entry in entries if entry and entry.key), "")


class Plan(_Wire):
    """What can be changed of an experiment while it is a draft."""

    experiment_configuration: Configuration
    exposure_percent: int
    duration_seconds: int
    universe_goal_metric: str
    name: str = ""
    description: str | None = None
    targeting_criteria: Criteria | None = None

    def __post_init__(self) -> None:
        if self.universe_goal_metric not in {each.value for each in UniverseExperimentMetric}:
            raise ValueError("universeGoalMetric is none of its words")
        if not 0 <= self.exposure_percent <= 100:
            raise ValueError("exposurePercent is from 0 to 100")


class Failure(_Wire):
    """Why an operation came to nothing."""

    error_type: str
    error_code: str
    error_message: str


class Operation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A change under way. Times are in seconds since the epoch.

    Attributes:
        universe: The id of the universe.
        experiment: The id of the experiment; empty where there is none.
        status: What is being done, in Roblox's word.
        ready: When it is over.
        failure: Why it comes to nothing, if it does.
    """

    universe: str
    experiment: str
    status: str
    created: float
    ready: float
    failure: Failure | None = None


class Experiment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An experiment. Every time lies where its change is, or will be, complete.

    Attributes:
        universe: The id of the universe.
        by: The id of the user who drafted it.
        created: When it was there for the first time.
        planned: Since when it has been scheduled.
        scheduled: When it is to begin.
        started: When it was begun by hand.
        stopped: When it was ended by hand.
        deleted: When it was discarded.
        operation: The id of the last change.
        stats_asked: When its statistics were first asked for.
    """

    universe: str
    plan: Plan
    by: str = ""
    created: float = BUILT
    updated: float = BUILT
    planned: float | None = None
    scheduled: float | None = None
    started: float | None = None
    stopped: float | None = None
    deleted: float | None = None
    operation: str = ""
    stats_asked: float | None = None

    def began(self, now: float) -> float | None:
        """When it began, if it has."""
        for moment in (self.started, self.scheduled):
            if moment is not None:
                return moment if moment <= now else None
        return None

    def ended(self, now: float) -> float | None:
        """When it ended, if it has; by itself some time after its planned end."""
        if self.stopped is not None and self.stopped <= now:
            return self.stopped
        began = self.began(now)
        if began is None:
            return None
        grace = _DECISION if self.plan.experiment_configuration.product_type == CONFIGS else 0.0
        end = began + self.plan.duration_seconds + grace
        return end if end <= now else None

    def state(self, now: float) -> str:
        """How far it is, in Roblox's word."""
        if self.deleted is not None and self.deleted <= now:
            word = "DELETED"
        elif self.ended(now) is not None:
            word = "COMPLETED"
        elif self.began(now) is not None:
            word = "RUNNING"
        elif self.planned is not None and self.planned <= now:
            word = "SCHEDULED"
        else:
            word = "DRAFT"
        return f"EXPERIMENT_STATE_{word}"


class ExperimentShelf(Shelf, dict=True):
    """Every experiment and operation, by its id.

    Attributes:
        calculations: Questions for the smallest effect, by what was asked: id and time.
    """

    section: ClassVar[str] = "experiments"

    experiments: dict[str, Experiment] = {}
    operations: dict[str, Operation] = {}
    calculations: dict[str, tuple[str, float]] = {}

    @cached_property
    def by_universe(self) -> dict[str, list[str]]:
        """The ids of each universe's experiments, the oldest first."""
        found: dict[str, list[str]] = {}
        for experiment_id, experiment in self.experiments.items():
            found.setdefault(experiment.universe, []).append(experiment_id)
        return found

    def put(self, experiment_id: str, experiment: Experiment) -> None:
        """Add one."""
        by_universe = self.by_universe
        self.experiments[experiment_id] = experiment
        by_universe.setdefault(experiment.universe, []).append(experiment_id)

    def running(self, universe_id: str, now: float) -> Iterator[Experiment]:
        """The experiments of a universe that run."""
        for experiment_id in self.by_universe.get(universe_id, ()):
            experiment = self.experiments[experiment_id]
            if experiment.state(now) == "EXPERIMENT_STATE_RUNNING":
                yield experiment

    def running_keys(self, universe_id: str, now: float) -> set[str]:
        """The keys of configs that are being tried."""
        running = self.running(universe_id, now)
        return {each.plan.experiment_configuration.key for each in running} - {""}
