"""Analytics: queries that are done at once, and those that take a while."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

HOME = "/analytics-query-api/v1/universes/1"
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 1, tzinfo=UTC)
PHONES = models.MetricFilter(
    dimension="Platform", values=["Phone"], operation=models.MetricFilterOperation.IN
)
SERIES = {
    "breakdowns": [{"dimension": "Platform", "value": "Phone"}],
    "dataPoints": [
        {"time": "2026-01-01T00:00:00Z", "value": 1.5, "status": "Projected"},
        {"time": "2026-01-02T00:00:00Z", "value": 0, "stringValues": ["TopEngagement"]},
    ],
}
PENDING = reply(202, {"path": "v1/universes/1/operations/metrics/abc", "done": False})


def done(*values: object, kind: str = "metrics", **more: object) -> bytes:
    """A query that is done."""
    return reply(
        body={
            "path": f"v1/universes/1/operations/{kind}/abc",
            "done": True,
            "metadata": {"createdTime": "2026-01-15T00:00:00Z"},
            "response": {"values": values},
            **more,
        }
    )


@pytest.fixture
def analytics(make_client: MakeClient) -> Any:
    """The metrics of universe 1."""
    return make_client().universe(1).analytics


def users(analytics: Any, **more: Any) -> Any:
    """A query for how many played on each day of a month."""
    asked = {"granularity": "OneDay", "start_time": JANUARY, "end_time": FEBRUARY}
    return analytics.query_metrics("DailyActiveUsers", **(asked | more))


def test_query_that_is_done_at_once(colour: Colour, analytics: Any, server: RawServer) -> None:
    """One request, and typed series."""
    server.script(done(SERIES))
    query = colour(users(analytics, breakdown=["Platform"], filters=iter([PHONES]), limit=5))
    (series,) = colour(query.wait())
    first, second = series.data_points
    assert (series.breakdowns[0].value, first.value, first.status.name) == (
        "Phone",
        1.5,
        "PROJECTED",
    )
    assert (first.time, second.string_values, second.status) == (JANUARY, ["TopEngagement"], None)
    assert (query.id, colour(query.status()).metadata.created_at.day) == ("abc", 15)
    assert server.lines == [f"POST {HOME}/metrics"]
    assert sent_json(server.requests[0]) == {
        "metric": "DailyActiveUsers",
        "granularity": "OneDay",
        "startTime": "2026-01-01T00:00:00Z",
        "endTime": "2026-02-01T00:00:00Z",
        "breakdown": ["Platform"],
        "filter": [{"dimension": "Platform", "values": ["Phone"], "operation": "In"}],
        "limit": 5,
    }


def test_query_that_takes_a_while(
    colour: Colour, analytics: Any, server: RawServer, clock: ManualClock
) -> None:
    """202 and a path: asked for under its id until it is done."""
    server.script(PENDING, PENDING, reply(429, retry_after="20"), done())
    query = colour(users(analytics))
    assert colour(query.wait()) == []
    assert server.lines == [f"POST {HOME}/metrics", *[f"GET {HOME}/operations/metrics/abc"] * 3]
    assert sum(clock.sleeps) >= 20


def test_query_that_is_done_and_has_no_path(
    colour: Colour, analytics: Any, server: RawServer
) -> None:
    """Nothing is left to ask for then, so its name is not missed."""
    server.script(done(SERIES, path=None))
    query = colour(users(analytics))
    assert len(colour(query.result())) == len(colour(query.wait())) == 1
    assert len(server.requests) == 1


def test_dimensions(colour: Colour, analytics: Any, server: RawServer) -> None:
    """Which values there are, and how people read them."""
    values = {"dimension": "Product", "values": [{"value": "9", "displayValue": "Coins"}]}
    server.script(
        reply(202, {"path": "v1/universes/1/operations/dimension-values/abc"}),
        done(values, kind="dimension-values"),
    )
    query = colour(
        analytics.dimension_values(
            "DailyRevenue", dimensions=["Product"], start_time=JANUARY, end_time=FEBRUARY
        )
    )
    (found,) = colour(query.wait())
    assert (found.dimension, found.values[0].value, found.values[0].display_value) == (
        "Product",
        "9",
        "Coins",
    )
    assert server.lines == [
        f"POST {HOME}/dimension-values",
        f"GET {HOME}/operations/dimension-values/abc",
    ]
    assert sent_json(server.requests[0]) == {
        "metric": "DailyRevenue",
        "dimensions": ["Product"],
        "startTime": "2026-01-01T00:00:00Z",
        "endTime": "2026-02-01T00:00:00Z",
    }
    server.script(done(values, kind="dimension-values"))
    assert len(colour(analytics.dimension_values_operation("abc").wait())) == 1


def test_query_is_asked_again(colour: Colour, analytics: Any, server: RawServer) -> None:
    """It changes nothing, so an answer that is lost is asked for once more."""
    server.script(reset, done())
    assert colour(colour(users(analytics)).wait()) == []
    assert len(server.requests) == 2


def test_refusal_says_why(colour: Colour, analytics: Any, server: RawServer) -> None:
    """Roblox's number and words stand inside an operation that is done."""
    error = {"code": 2001, "message": "The granularity is not supported."}
    server.script(reply(400, {"path": None, "done": True, "error": error}))
    with pytest.raises(errors.BadRequest, match=r"\(2001: The granularity is not supported\.\)"):
        colour(users(analytics))


def test_query_that_failed(colour: Colour, analytics: Any, server: RawServer) -> None:
    """Done with an error is a failure; done with nothing is a riddle."""
    query = analytics.metrics_operation("abc")
    error = {"code": 3000, "message": "Too much data."}
    server.script(reply(body={"path": "a/abc", "done": True, "error": error}))
    with pytest.raises(errors.OperationFailed, match="Too much data") as caught:
        colour(query.wait())
    assert caught.value.code == "3000"
    server.script(reply(body={"path": "a/abc", "done": True}))
    with pytest.raises(errors.ProtocolError, match="neither a result nor an error"):
        colour(query.wait())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"granularity": ""}, "granularity must not be empty"),
        ({"end_time": JANUARY}, "end_time must be after start_time"),
        ({"start_time": datetime(2026, 1, 1)}, "start_time must have a time zone"),  # noqa: DTZ001
        ({"breakdown": "Platform"}, "breakdown must be an iterable of values, not one"),
        ({"filters": [{"dimension": 5}]}, "filter"),
        ({"limit": "5"}, "limit must be an int"),
    ],
)
def test_bad_input_is_refused(
    colour: Colour, analytics: Any, server: RawServer, wrong: dict[str, Any], says: str
) -> None:
    """Before a byte leaves."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(users(analytics, **wrong))
    assert server.requests == []


def test_only_a_key_may_ask(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """A token alone is told so, and nothing is sent."""
    with pytest.raises(errors.CredentialError, match="query_metrics"):
        colour(users(make_client(token="t").universe(1).analytics))
    assert server.requests == []
