"""Analytics: queries that are done a little later, or at once where operations take no time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import ClassVar, Literal

import msgspec
from flask import Response

from rblx_oauth.sandbox.behaviour.analytics_series import (
    Filter,
    Values,
    buckets,
    combinations,
    kept_values,
    level,
    part,
    words,
)
from rblx_oauth.sandbox.behaviour.metrics import METRICS, TEXT_METRICS
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf
from rblx_oauth.sandbox.state import State

__all__ = ["BEHAVIOURS", "AnalyticsShelf", "Query"]

_DAY = 86_400
_LONG = 2 * 365 * _DAY
_COARSE = frozenset({"OneWeek", "OneMonth", "None"})
_BUDGET = 50_000
"""Data points of one query, at most."""
_MOST_QUERIES = 1000
_DEFAULT_LIMIT = 100

Granularity = Literal["OneMinute", "HalfHour", "OneHour", "OneDay", "OneWeek", "OneMonth", "None"]


class _Body(msgspec.Struct, rename="camel"):
    metric: str
    start_time: str
    end_time: str
    granularity: Granularity | None = None
    filter: list[Filter] = []
    limit: int = 0


class _Metrics(_Body, rename="camel"):
    breakdown: list[str] = []


class _Dimensions(_Body, rename="camel"):
    dimensions: list[str] = []


class Query(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A query. Times are in seconds since the epoch.

    Attributes:
        universe: The id of the universe.
        kind: ``metrics`` or ``dimension-values``.
        dimensions: What the answer is broken down by, or what values are asked for.
        ready: When it is done.
    """

    universe: str
    kind: str
    metric: str
    granularity: str
    start: float
    end: float
    dimensions: list[str] = []
    filters: list[Filter] = []
    limit: int = 0
    created: float
    ready: float


class AnalyticsShelf(Shelf):
    """The last queries, by id."""

    section: ClassVar[str] = "analytics"

    queries: dict[str, Query] = {}


def _moment(name: str, text: str) -> float:
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise Refusal.invalid(f"{name} must be a timestamp with an offset") from None


def _check(exchange: Exchange, query: Query) -> Query:
    """Refuse what Roblox has no data for.

    Raises:
        Refusal: 400, with the number 2001.
    """
    metric = METRICS.get(query.metric)
    if metric is None:
        raise Refusal.invalid(f"there is no metric {query.metric}")
    if query.end <= query.start:
        raise Refusal.invalid("endTime must be after startTime")
    if query.start < exchange.state.clock.now() - metric.days * _DAY:
        raise Refusal.invalid(f"{query.metric} is kept for {metric.days} days")
    if query.granularity not in metric.granularities | {""}:
        raise Refusal.invalid(f"{query.metric} has no granularity {query.granularity}")
    if query.granularity not in _COARSE | {""} and query.end - query.start > _LONG:
        raise Refusal.invalid("over two years, the granularity is OneWeek, OneMonth or None")
    named = {*query.dimensions, *(each.dimension for each in query.filters)}
    if not named <= metric.dimensions:
        unknown = ", ".join(sorted(named - metric.dimensions))
        raise Refusal.invalid(f"{query.metric} has no dimension {unknown}")
    if query.limit < 0:
        raise Refusal.invalid("limit must not be negative")
    return query


def _query(exchange: Exchange, body: _Body, kind: str, dimensions: list[str]) -> Query:
    now = exchange.state.clock.now()
    query = Query(
        universe=exchange.arguments["universe_id"],
        kind=kind,
        metric=body.metric,
        granularity=body.granularity or "",
        start=_moment("startTime", body.start_time),
        end=_moment("endTime", body.end_time),
        dimensions=list(dict.fromkeys(dimensions)),
        filters=body.filter,
        limit=body.limit,
        created=now,
        ready=now + exchange.state.settings.operation_seconds,
    )
    return _check(exchange, query)


def _begin(exchange: Exchange, query: Query) -> Response:
    state = exchange.state
    with state.lock:
        queries = state.shelves.of(AnalyticsShelf).queries
        query_id = state.ids.uuid("query")
        queries[query_id] = query
        if len(queries) > _MOST_QUERIES:
            del queries[next(iter(queries))]
        return _answer(state, query_id)


def _query_metrics(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Metrics)
    query = _query(exchange, body, "metrics", body.breakdown)
    if not query.granularity:
        raise Refusal.invalid("granularity is needed")
    if query.limit and (query.granularity != "None" or not query.dimensions):
        raise Refusal.invalid("limit goes with a breakdown and the granularity None")
    if len(_series(exchange.state, query)) * _points(query) > _BUDGET:
        said = "the query has too many data points: ask for less, or coarser"
        raise Refusal(429, "RESOURCE_EXHAUSTED", said, detail="3000")
    return _begin(exchange, query)


def _query_dimensions(exchange: Exchange) -> object:
    body = json_body(exchange.request, _Dimensions)
    if not body.dimensions:
        raise Refusal.invalid("dimensions are needed")
    query = _query(exchange, body, "dimension-values", body.dimensions)
    if query.limit and query.granularity not in ("", "None"):
        raise Refusal.invalid("limit goes with the granularity None, or without one")
    return _begin(exchange, query)


def _points(query: Query) -> int:
    return sum(1 for _ in islice(_spans(query), _BUDGET + 1))


def _spans(query: Query) -> Iterator[tuple[datetime, datetime]]:
    """The times that there is data of: none is of the future."""
    return buckets(query.granularity, query.start, min(query.end, query.created))


def _series(state: State, query: Query) -> list[dict[str, Values]]:
    kept = kept_values(state, query.universe, query.dimensions, query.filters)
    return list(islice(combinations(kept, query.dimensions), _BUDGET + 1))


def _answer(state: State, query_id: str) -> Response:
    """The query as it stands: 202 until it is done."""
    query = state.shelves.of(AnalyticsShelf).queries[query_id]
    done = state.clock.now() >= query.ready
    body: dict[str, object] = {
        "path": f"v1/universes/{query.universe}/operations/{query.kind}/{query_id}",
        "done": done,
        "metadata": {"createdTime": rfc3339(query.created)},
    }
    if done:
        result = _metrics if query.kind == "metrics" else _dimensions
        body["response"] = {"values": result(state, query)}
    return Response(
        msgspec.json.encode(body), status=200 if done else 202, mimetype="application/json"
    )


def _metrics(state: State, query: Query) -> list[dict[str, object]]:
    named = [*query.dimensions, *(each.dimension for each in query.filters)]
    whole = kept_values(state, query.universe, named, [])
    spans = list(_spans(query))
    levels = [level(query.universe, query.metric, span) for span in spans]
    series: list[tuple[float, dict[str, object]]] = []
    for kept in _series(state, query):
        factor = part(query.universe, query.metric, kept, whole)
        points = [_point(query, *each, factor) for each in zip(spans, levels, strict=True)]
        said = {"breakdowns": _breakdowns(query, kept), "dataPoints": points}
        series.append((factor, dict(said)))
    if query.granularity == "None" and query.dimensions:
        series.sort(key=lambda each: each[0], reverse=True)
        series = series[: query.limit or _DEFAULT_LIMIT]
    return [said for _, said in series]


def _point(
    query: Query, span: tuple[datetime, datetime], whole: float, factor: float
) -> dict[str, object]:
    """A data point; one whose time is not over yet is a projection."""
    time = span[0].isoformat().replace("+00:00", "Z")
    body: dict[str, object] = {"time": time, "value": round(whole * factor, 4)}
    if query.metric in TEXT_METRICS:
        body |= {"value": 0.0, "stringValues": words(query.universe, span)}
    if query.granularity != "None" and span[1].timestamp() > query.created:
        body["status"] = "Projected"
    return body


def _breakdowns(query: Query, kept: dict[str, Values]) -> list[dict[str, object]]:
    return [_shown("dimension", name, kept[name][0]) for name in query.dimensions]


def _shown(label: str, name: str, value: tuple[str, str | None]) -> dict[str, object]:
    """A value of a dimension; its display value only where there is one."""
    named: dict[str, object] = {label: name} if label else {}
    named["value"] = value[0]
    return named if value[1] is None else named | {"displayValue": value[1]}


def _dimensions(state: State, query: Query) -> list[dict[str, object]]:
    kept = kept_values(state, query.universe, query.dimensions, query.filters)
    most = query.limit or _DEFAULT_LIMIT
    return [
        {"dimension": name, "values": [_shown("", "", each) for each in kept[name][:most]]}
        for name in query.dimensions
    ]


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        query_id = exchange.arguments["operation_id"]
        query = exchange.state.shelves.of(AnalyticsShelf).queries.get(query_id)
        kind = exchange.operation.path.split("/")[-2]
        belongs = query is not None and query.universe == exchange.arguments["universe_id"]
        if query is None or query.kind != kind or not belongs:
            raise Refusal.not_found("there is no such query")
        return _answer(exchange.state, query_id)


BEHAVIOURS = {
    "get_dimension_values_operation": Behaviour(_get, made_up=True),
    "get_metrics_operation": Behaviour(_get, made_up=True),
    "query_dimension_values": Behaviour(_query_dimensions, made_up=True),
    "query_metrics": Behaviour(_query_metrics, made_up=True),
}
