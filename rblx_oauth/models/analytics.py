"""Analytics: what queries for metrics, and for the values of dimensions, end in."""

from __future__ import annotations

import msgspec

from rblx_oauth.models.base import Model, OpenEnum, Timestamp
from rblx_oauth.models.operations import OperationError


class MetricDataStatus(OpenEnum):
    """How far a data point is to be trusted."""

    VALID = "Valid"
    PROJECTED = "Projected"
    NOT_STATISTICALLY_SIGNIFICANT = "NotStatisticallySignificant"


class MetricDataPoint(Model, frozen=True):
    """What a metric was in one span of time.

    Attributes:
        time: When the span begins, in UTC.
        value: The number; means nothing where the metric is text.
        string_values: The texts, of a metric that is text.
        status: How far it is to be trusted; None where Roblox does not say.
    """

    time: Timestamp | None = None
    value: float | None = None
    string_values: list[str] = []
    status: MetricDataStatus | None = None


class MetricBreakdown(Model, frozen=True):
    """The value of one dimension that a series is of.

    Attributes:
        dimension: The dimension.
        value: Its value, as filters want it.
        display_value: The value for people to read, where it is an id.
    """

    dimension: str = ""
    value: str = ""
    display_value: str | None = None


class MetricSeries(Model, frozen=True):
    """A metric over time.

    Attributes:
        breakdowns: What it is of; empty where the query asked for no breakdown.
        data_points: The spans of time in order. Those without data are left out.
    """

    breakdowns: list[MetricBreakdown] = []
    data_points: list[MetricDataPoint] = []


class MetricValues(Model, frozen=True):
    """The result of a query for a metric."""

    values: list[MetricSeries] = []


class DimensionValue(Model, frozen=True):
    """One value of a dimension, and how people read it where it is an id."""

    value: str = ""
    display_value: str | None = None


class DimensionValues(Model, frozen=True):
    """The values of one dimension."""

    dimension: str = ""
    values: list[DimensionValue] = []


class DimensionValuesList(Model, frozen=True):
    """The result of a query for the values of dimensions."""

    values: list[DimensionValues] = []


class AnalyticsOperationMetadata(Model, frozen=True):
    """What is known of a query beside its result."""

    created_at: Timestamp | None = msgspec.field(name="createdTime", default=None)


class AnalyticsOperation(Model, frozen=True):
    """A query: under way, failed, or done.

    Attributes:
        path: Names it; may be empty where it is done.
        done: Whether it is over, one way or the other.
        error: Why it failed.
        metadata: When it was begun.
    """

    path: str = ""
    done: bool = False
    error: OperationError | None = None
    metadata: AnalyticsOperationMetadata | None = None

    @property
    def id(self) -> str:
        """What the query is asked for by."""
        return self.path.rpartition("/")[2]


class MetricsOperation(AnalyticsOperation, frozen=True):
    """A query for a metric, with what it ended in."""

    response: MetricValues | None = None


class DimensionValuesOperation(AnalyticsOperation, frozen=True):
    """A query for the values of dimensions, with what it ended in."""

    response: DimensionValuesList | None = None
