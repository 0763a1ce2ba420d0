"""Analytics: what became of a universe over time, in numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from rblx_oauth import models
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth.api import analytics as api
from rblx_oauth.core import polling
from rblx_oauth.core.arguments import in_order, several, text

AsyncMetricsQuery: TypeAlias = AsyncLongRunning[
    models.MetricsOperation, Sequence[models.MetricSeries]
]
"""A query for a metric: it ends in one series for each breakdown."""

AsyncDimensionValuesQuery: TypeAlias = AsyncLongRunning[
    models.DimensionValuesOperation, Sequence[models.DimensionValues]
]
"""A query for dimensions: it ends in the values of each."""


class AsyncAnalytics(AsyncUniversePart):
    """The metrics of a universe. Only an API key may ask; at most 30 queries a minute.

    Most queries are done at once, the others a little later:
    ``await (await analytics.query_metrics(...)).wait()`` does for both.
    """

    async def query_metrics(
        self,
        metric: str,
        *,
        granularity: models.MetricGranularity | str,
        start_time: datetime,
        end_time: datetime,
        breakdown: Iterable[str] | None = None,
        filters: Iterable[models.MetricFilter] | None = None,
        limit: int | None = None,
    ) -> AsyncMetricsQuery:
        """Ask for a metric over time.

        Args:
            metric: E.g. ``DailyActiveUsers``.
            granularity: The span of one data point: ``OneDay``, ...; ``None`` (the
                word) for one over all.
            start_time: From then on, with a time zone.
            end_time: Until just before then.
            breakdown: Dimensions to tell apart, e.g. ``Platform``.
            filters: Only what has these values in a dimension.
            limit: At most so many series, the largest ones; only with a breakdown
                and the granularity ``None``.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            BadRequest: There is no such metric, or not in this way (``2001``).
        """
        in_order(start_time, end_time)
        call = api.query_metrics(
            universe_id=self.universe_id,
            metric=metric,
            granularity=granularity,
            start_time=start_time,
            end_time=end_time,
            breakdown=None if breakdown is None else several("breakdown", breakdown, text),
            filter=None if filters is None else list(filters),
            limit=limit,
        )
        begun = await self._sender.send(call)
        if not begun.done:
            return self.metrics_operation(polling.name_of(begun, "query_metrics"))
        return AsyncLongRunning(self._sender, begun.id, call, _series, ended=begun)

    def metrics_operation(self, operation_id: str) -> AsyncMetricsQuery:
        """A query for a metric, by its id (`AsyncLongRunning.id`). Nothing is sent."""
        poll = api.get_metrics_operation(universe_id=self.universe_id, operation_id=operation_id)
        return AsyncLongRunning(self._sender, operation_id, poll, _series)

    async def dimension_values(
        self,
        metric: str,
        *,
        dimensions: Iterable[str],
        start_time: datetime,
        end_time: datetime,
        filters: Iterable[models.MetricFilter] | None = None,
        granularity: models.MetricGranularity | str | None = None,
        limit: int | None = None,
    ) -> AsyncDimensionValuesQuery:
        """Ask which values the dimensions of a metric have.

        Args:
            metric: E.g. ``DailyActiveUsers``.
            dimensions: E.g. ``Country``.
            start_time: From then on, with a time zone.
            end_time: Until just before then.
            filters: Only what has these values in another dimension.
            granularity: The span of time that data is kept by.
            limit: At most so many values of each.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            BadRequest: There is no such metric, or not in this way (``2001``).
        """
        in_order(start_time, end_time)
        call = api.query_dimension_values(
            universe_id=self.universe_id,
            metric=metric,
            dimensions=several("dimensions", dimensions, text),
            start_time=start_time,
            end_time=end_time,
            filter=None if filters is None else list(filters),
            granularity=granularity,
            limit=limit,
        )
        begun = await self._sender.send(call)
        if not begun.done:
            name = polling.name_of(begun, "query_dimension_values")
            return self.dimension_values_operation(name)
        return AsyncLongRunning(self._sender, begun.id, call, _values, ended=begun)

    def dimension_values_operation(self, operation_id: str) -> AsyncDimensionValuesQuery:
        """A query for dimensions, by its id (`AsyncLongRunning.id`). Nothing is sent."""
        poll = api.get_dimension_values_operation(
            universe_id=self.universe_id, operation_id=operation_id
        )
        return AsyncLongRunning(self._sender, operation_id, poll, _values)


def _series(operation: models.MetricsOperation) -> Sequence[models.MetricSeries] | None:
    found = polling.outcome(operation)
    return None if found is None else found.values


def _values(operation: models.DimensionValuesOperation) -> Sequence[models.DimensionValues] | None:
    found = polling.outcome(operation)
    return None if found is None else found.values
