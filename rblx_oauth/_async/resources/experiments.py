"""Experiments: variants of a universe, tried on a part of its players."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, TypeAlias, get_args

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth.api import experiments as api
from rblx_oauth.core import experiments as rules
from rblx_oauth.core.arguments import flag, number, optional, several, text
from rblx_oauth.core.experiments import Variants
from rblx_oauth.core.people import one_of

AsyncExperimentOperation: TypeAlias = AsyncLongRunning[
    models.ExperimentOperationStatus, models.Experiment
]
"""A change to an experiment, under way."""

_ORDER = {True: "SORT_ORDER_DESCENDING", False: "SORT_ORDER_ASCENDING"}

SortKey: TypeAlias = Literal["NAME", "LAST_MODIFIED_TIME", "START_TIME", "RELEVANCE"]


class AsyncExperiments(AsyncUniversePart):
    """The experiments of a universe.

    Each change is begun with one request, never sent twice, and ends later:
    ``await (await experiments.start("5")).wait()``.
    """

    def list(
        self,
        *,
        states: Iterable[models.ExperimentState | str] | None = None,
        product_type: models.ExperimentProductType | str | None = None,
        search: str | None = None,
        sort_by: SortKey | None = None,
        descending: bool | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.ExperimentSummary]:
        """The experiments, without their variants: for those, `get` one.

        Args:
            states: Only those in one of these states.
            product_type: Only those of configs, or of matchmaking.
            search: Only those that this is found in.
            sort_by: What to sort by.
            descending: The last first.
            limit: At most so many.
            page_size: Fetched at a time.
        """
        key = optional(one_of, "sort_by", sort_by, get_args(SortKey))
        call = api.list_experiments(
            universe_id=self.universe_id,
            state_filters=None if states is None else several("states", states, text),
            product_type_filter=product_type,
            search_key=search,
            sort_key=key and f"LIST_EXPERIMENT_SORT_KEY_{key}",
            sort_order=None if descending is None else _ORDER[flag("descending", descending)],
        )
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    async def get(self, experiment_id: str) -> models.Experiment:
        """An experiment, with its variants.

        Raises:
            NotFound: There is none.
        """
        found = await self._sender.send(
            api.get_experiment(universe_id=self.universe_id, experiment_id=experiment_id)
        )
        return found.experiment or models.Experiment(id=experiment_id)

    async def create(
        self,
        name: str,
        *,
        variants: Variants,
        goal: models.UniverseExperimentMetric | str,
        duration: timedelta,
        exposure_percent: int,
        description: str | None = None,
        targeting: models.TargetingCriteria | None = None,
    ) -> AsyncExperimentOperation:
        """Draft an experiment. It does not begin by itself: `start` or `schedule` it.

        Args:
            name: What the experiment is called.
            variants: Two or more, all of one kind, exactly one of them the baseline.
                Of a config at most three.
            goal: The metric to improve.
            duration: From 14 to 60 whole days.
            exposure_percent: The share of players that take part, from 0 to 100.
            description: What it is for.
            targeting: Who may take part; by default everybody.

        Returns:
            The operation, which ends in the experiment.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may have been begun.
        """
        plan = rules.plan(
            name,
            variants=variants,
            goal=goal,
            duration=duration,
            exposure_percent=exposure_percent,
            description=description,
            targeting=targeting,
        )
        return self._following(
            await self._sender.send(api.create_experiment(universe_id=self.universe_id, **plan))
        )

    async def update(
        self,
        experiment_id: str,
        *,
        name: str,
        variants: Variants,
        goal: models.UniverseExperimentMetric | str,
        duration: timedelta,
        exposure_percent: int,
        description: str | None = None,
        targeting: models.TargetingCriteria | None = None,
    ) -> AsyncExperimentOperation:
        """Put another draft in place of that of an experiment.

        **All of it is replaced**, so all of it is asked for. Arguments and errors as
        for `create`.
        """
        plan = rules.plan(
            name,
            variants=variants,
            goal=goal,
            duration=duration,
            exposure_percent=exposure_percent,
            description=description,
            targeting=targeting,
        )
        return self._following(
            await self._sender.send(
                api.update_experiment(
                    universe_id=self.universe_id, experiment_id=experiment_id, **plan
                )
            )
        )

    async def start(self, experiment_id: str) -> AsyncExperimentOperation:
        """Begin an experiment now; what it tries can be changed no more.

        Raises:
            AmbiguousOutcome: It may have been begun.
        """
        return self._following(
            await self._sender.send(
                api.start_experiment(universe_id=self.universe_id, experiment_id=experiment_id)
            )
        )

    async def schedule(self, experiment_id: str, start_time: datetime) -> AsyncExperimentOperation:
        """Begin an experiment later.

        Args:
            experiment_id: The experiment.
            start_time: When, with a time zone.

        Raises:
            ValueError: The time has no time zone; nothing was sent.
            AmbiguousOutcome: It may have been scheduled.
        """
        return self._following(
            await self._sender.send(
                api.schedule_experiment(
                    universe_id=self.universe_id,
                    experiment_id=experiment_id,
                    scheduled_start_time=start_time,
                )
            )
        )

    async def complete(
        self, experiment_id: str, *, variant_id: str | None = None
    ) -> AsyncExperimentOperation:
        """End an experiment.

        Args:
            experiment_id: The experiment.
            variant_id: What everybody gets from now on; by default what there was before.

        Raises:
            AmbiguousOutcome: It may have been ended.
        """
        return self._following(
            await self._sender.send(
                api.complete_experiment(
                    universe_id=self.universe_id,
                    experiment_id=experiment_id,
                    variant_id=variant_id,
                )
            )
        )

    async def discard(
        self, experiment_id: str
    ) -> AsyncLongRunning[models.ExperimentOperationStatus, models.ExperimentOperation]:
        """Drop an experiment.

        Returns:
            The operation. It ends in itself: there may be no experiment any more.

        Raises:
            AmbiguousOutcome: It may have been dropped.
        """
        status = await self._sender.send(
            api.discard_experiment(universe_id=self.universe_id, experiment_id=experiment_id)
        )
        operation_id, operation = rules.begun(status)
        poll = api.get_experiment_operation(universe_id=self.universe_id, operation_id=operation_id)
        ended = status if operation.done else None
        return AsyncLongRunning(self._sender, operation_id, poll, rules.over, ended=ended)

    def operation(self, operation_id: str) -> AsyncExperimentOperation:
        """A change under way, by its id (`AsyncLongRunning.id`). Nothing is sent."""
        poll = api.get_experiment_operation(universe_id=self.universe_id, operation_id=operation_id)
        return AsyncLongRunning(self._sender, operation_id, poll, rules.outcome)

    def _following(self, status: models.ExperimentOperationStatus) -> AsyncExperimentOperation:
        operation_id, operation = rules.begun(status)
        if not operation.done:
            return self.operation(operation_id)
        poll = api.get_experiment_operation(universe_id=self.universe_id, operation_id=operation_id)
        return AsyncLongRunning(self._sender, operation_id, poll, rules.outcome, ended=status)

    def stats(
        self, experiment_id: str
    ) -> AsyncLongRunning[models.ExperimentStatsResult, models.ExperimentStats]:
        """The statistics of an experiment that has run for a day or more.

        Nothing is sent yet: ``await experiments.stats("5").wait()`` asks until they
        are made.
        """
        call = api.get_experiment_stats(universe_id=self.universe_id, experiment_id=experiment_id)
        name = f"experiments/{experiment_id}/stats"
        return AsyncLongRunning(self._sender, name, call, rules.stats_outcome)

    def calculate_mde(
        self,
        *,
        goal: models.UniverseExperimentMetric | str,
        duration: timedelta,
        exposure_percent: int,
        baseline_weight: float,
        variant_weights: Sequence[float],
        targeting: models.TargetingCriteria | None = None,
    ) -> AsyncLongRunning[models.MdeOperationStatus, models.MdeResult]:
        """The smallest effect that an experiment like this could show.

        Nothing is sent yet: ``await experiments.calculate_mde(...).wait()`` asks
        until it is calculated.

        Args:
            goal: The metric to improve.
            duration: From 14 to 60 whole days.
            exposure_percent: The share of players that take part, from 0 to 100.
            baseline_weight: The baseline's weight, from 0 to 100.
            variant_weights: Those of the other variants.
            targeting: Who may take part; by default everybody.

        Raises:
            ValueError, TypeError: An argument is wrong.
        """
        weights = [baseline_weight, *variant_weights]
        if not all(0 <= number("a weight", each) <= 100 for each in weights):
            raise ValueError("baseline_weight and variant_weights must be from 0 to 100")
        if len(weights) == 1:
            raise ValueError("variant_weights must hold at least one")
        call = api.calculate_experiment_mde(
            universe_id=self.universe_id,
            exposure_percent=rules.percent("exposure_percent", exposure_percent),
            duration_seconds=rules.seconds("duration", duration),
            baseline_weight=baseline_weight,
            variant_weights=list(variant_weights),
            universe_goal_metric=text("goal", goal),
            targeting_criteria=targeting,
        )
        return AsyncLongRunning(self._sender, "experiments:calculateMde", call, rules.mde_outcome)
