"""Analytics: what can be asked, when it is answered, and that the numbers fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from rblx_oauth import Client, errors, models
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour.analytics import AnalyticsShelf
from rblx_oauth.sandbox.behaviour.metrics import METRICS
from tests.sandbox.app import App
from tests.sandbox.documented import client
from tests.sandbox.saved import save_and_load

__all__ = ["client"]

LANTERN, TOWER = 3000001, 3000002
HOME = f"/analytics-query-api/v1/universes/{LANTERN}"
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)


@pytest.fixture
def analytics(client: Client, cloud: Sandbox) -> Iterator[Any]:
    """The numbers of the first universe, at a time of which days can be told."""
    cloud.settings.rate_limits = False
    cloud.settings.operation_seconds = 0
    cloud.clock.set(NOON.timestamp())
    yield client.universe(LANTERN).analytics
    cloud.clock.reset()


def ask(analytics: Any, metric: str = "DailyActiveUsers", days: int = 7, **more: Any) -> Any:
    """A metric of the last days."""
    midnight = NOON.replace(hour=0)
    asked = {
        "granularity": "OneDay",
        "start_time": midnight - days * DAY,
        "end_time": midnight,
    }
    return analytics.query_metrics(metric, **(asked | more)).result()


def values(series: Any) -> list[float]:
    """Its numbers."""
    return [point.value for point in series.data_points]


def within(dimension: str, operation: str, *wanted: str) -> Any:
    """A filter."""
    word = models.MetricFilterOperation(operation)
    return models.MetricFilter(dimension=dimension, values=list(wanted), operation=word)


def test_a_query_takes_its_time(cloud: Sandbox, app: App, analytics: Any) -> None:
    """202 and a path at first; what is there then is what was there at the question."""
    cloud.settings.operation_seconds = 10
    query = analytics.query_metrics(
        "DailyActiveUsers",
        granularity="OneDay",
        start_time=NOON - 3 * DAY,
        end_time=NOON + 3 * DAY,
    )
    path = f"{HOME}/operations/metrics/{query.id}"
    pending = app.call("GET", path)
    assert (pending.status_code, pending.json()["done"]) == (202, False)
    assert pending.json()["path"] == path.removeprefix("/analytics-query-api/")
    assert query.result() is None
    save_and_load(cloud)
    cloud.clock.advance(5)
    assert query.result() is None
    cloud.clock.advance(86_400)
    (series,) = query.result()
    assert [point.time.day for point in series.data_points] == [15, 16, 17, 18]
    assert [point.status for point in series.data_points] == [None, None, None, "Projected"]
    assert query.result() == [series]


def test_waiting(cloud: Sandbox, client: Client) -> None:
    """The client's own way, with the machine's clock."""
    cloud.settings.operation_seconds = 0.3
    now = datetime.now(UTC)
    query = client.universe(LANTERN).analytics.query_metrics(
        "Visits", granularity="OneDay", start_time=now - DAY, end_time=now
    )
    assert len(query.wait(timeout=20)) == 1


def test_numbers_stay(cloud: Sandbox, client: Client, analytics: Any) -> None:
    """The same question has the same answer; another universe has another."""
    (first,), (again,) = ask(analytics), ask(analytics)
    assert (first, len(values(first))) == (again, 7)
    assert len(set(values(first))) == 7
    (other,) = ask(client.universe(TOWER).analytics)
    assert values(other) != values(first)
    (longer,) = ask(analytics, days=9)
    assert values(longer)[2:] == values(first)


def test_parts_make_up_the_whole(analytics: Any) -> None:
    """The players on each platform are all players; a share of some is still a share."""
    (whole,) = ask(analytics)
    parts = ask(analytics, breakdown=["Platform"])
    assert [part.breakdowns[0].value for part in parts] == [
        "Computer",
        "Phone",
        "Tablet",
        "Console",
        "VR",
    ]
    for number, total in enumerate(values(whole)):
        assert sum(values(part)[number] for part in parts) == pytest.approx(total, rel=1e-4)
    both = ask(analytics, breakdown=["Platform", "Gender"])
    assert len(both) == 15
    assert [each.dimension for each in both[0].breakdowns] == ["Platform", "Gender"]
    for share in ask(analytics, "D1Retention", breakdown=["Platform"]):
        assert all(0 < value < 1 for value in values(share))


def test_filters(analytics: Any) -> None:
    """They leave parts, which add up too."""
    parts = {part.breakdowns[0].value: part for part in ask(analytics, breakdown=["Platform"])}
    (mobile,) = ask(analytics, filters=[within("Platform", "In", "Phone", "Tablet")])
    expected = values(parts["Phone"])[0] + values(parts["Tablet"])[0]
    assert values(mobile)[0] == pytest.approx(expected, rel=1e-4)
    kept = ask(
        analytics, breakdown=["Platform"], filters=[within("Platform", "NotIn", "VR", "Console")]
    )
    assert [each.breakdowns[0].value for each in kept] == ["Computer", "Phone", "Tablet"]
    assert kept[1] == parts["Phone"]
    (matched,) = ask(analytics, breakdown=["Platform"], filters=[within("Platform", "Match", "ho")])
    assert matched == parts["Phone"]


@pytest.mark.parametrize(
    ("operation", "found"),
    [
        ("GreaterThan", ["4", "5"]),
        ("GreaterThanOrEqual", ["3", "4", "5"]),
        ("LessThan", ["1", "2"]),
        ("LessThanOrEqual", ["1", "2", "3"]),
    ],
)
def test_filters_of_numbers(analytics: Any, operation: str, found: list[str]) -> None:
    """Steps of a funnel are compared as numbers."""
    series = ask(
        analytics,
        "FunnelUserTotalCount",
        granularity="None",
        breakdown=["FunnelStep"],
        filters=[within("FunnelStep", operation, "3")],
    )
    assert sorted(each.breakdowns[0].value for each in series) == found


@pytest.mark.parametrize(
    ("granularity", "days", "firsts"),
    [
        ("OneDay", 2, [16, 17]),
        ("OneWeek", 9, [9, 16]),
        ("OneMonth", 20, [1, 1]),
        ("None", 9, [9]),
    ],
)
def test_spans_begin_by_utc(analytics: Any, granularity: str, days: int, firsts: list[int]) -> None:
    """Days at midnight, weeks on Mondays, months on their first; None is one span."""
    (series,) = ask(analytics, days=days, granularity=granularity)
    assert [point.time.day for point in series.data_points] == firsts


def test_short_spans(analytics: Any) -> None:
    """Of performance, minutes and half hours can be told apart; nothing is of the future."""
    for granularity, count in (("OneMinute", 31), ("HalfHour", 2), ("OneHour", 1)):
        (series,) = ask(
            analytics,
            "ConcurrentPlayers",
            granularity=granularity,
            start_time=NOON - timedelta(minutes=30),
            end_time=NOON + DAY,
        )
        assert len(series.data_points) == count + (granularity == "OneHour")


@pytest.mark.parametrize("granularity", ["OneMonth", "None"])
def test_nothing_is_known_of_the_future(analytics: Any, granularity: str) -> None:
    """However far somebody asks for."""
    far = datetime(9999, 12, 31, tzinfo=UTC)
    (series,) = ask(analytics, end_time=far, granularity=granularity)
    assert len(series.data_points) == 1
    asked = {"start_time": NOON + DAY, "end_time": far}
    (none,) = ask(analytics, **asked, granularity=granularity)
    assert none.data_points == []


def test_the_largest_ones(analytics: Any) -> None:
    """With a limit and no granularity, so many series, the largest first."""
    series = ask(analytics, granularity="None", breakdown=["Country"], limit=3)
    totals = [values(each)[0] for each in series]
    assert totals == sorted(totals, reverse=True)
    assert len(totals) == 3
    everything = ask(analytics, granularity="None", breakdown=["Country"])
    assert everything[:3] == series


def test_words(analytics: Any) -> None:
    """A metric of words has those."""
    (series,) = ask(analytics, "ThumbnailWinningSegments")
    assert all(point.string_values for point in series.data_points)


def test_dimensions(cloud: Sandbox, app: App, analytics: Any) -> None:
    """Which values there are; those that are ids have names beside them."""

    def found(metric: str, *dimensions: str, **more: Any) -> Any:
        times = {"start_time": NOON - DAY, "end_time": NOON}
        return analytics.dimension_values(metric, dimensions=dimensions, **times, **more)

    platform, gender = found("DailyActiveUsers", "Platform", "Gender").result()
    assert (platform.dimension, platform.values[0].value) == ("Platform", "Computer")
    assert (gender.dimension, gender.values[0].display_value) == ("Gender", None)
    (places,) = found("ConcurrentPlayers", "Place").result()
    assert ("4000001", "Lantern Quest") in [
        (each.value, each.display_value) for each in places.values
    ]
    (sold,) = found("ItemMonetizationRevenue", "ProductKey").result()
    assert "Golden Lantern" in [each.display_value for each in sold.values]
    (few,) = found("DailyActiveUsers", "Country", limit=2).result()
    assert len(few.values) == 2
    (left,) = found(
        "DailyActiveUsers", "Country", filters=[within("Country", "In", "DE", "XX")]
    ).result()
    assert [each.value for each in left.values] == ["DE"]
    cloud.settings.operation_seconds = 10
    query = found("DailyActiveUsers", "Gender")
    path = f"{HOME}/operations/dimension-values/{query.id}"
    assert app.call("GET", path).status_code == 202
    assert app.call("GET", path.replace("dimension-values", "metrics")).status_code == 404
    cloud.clock.advance(10)
    assert len(query.result()) == 1


GOOD = {
    "metric": "DailyActiveUsers",
    "granularity": "OneDay",
    "startTime": "2026-03-01T00:00:00Z",
    "endTime": "2026-03-08T00:00:00Z",
}


@pytest.mark.parametrize(
    "wrong",
    [
        {"metric": "dailyActiveUsers"},
        {"metric": None},
        {"granularity": "OneMinute"},
        {"granularity": "TwoDays"},
        {"granularity": None},
        {"startTime": "2026-03-09T00:00:00Z"},
        {"startTime": "2020-03-01T00:00:00Z", "granularity": "OneWeek"},
        {"startTime": "2023-03-01T00:00:00Z"},
        {"startTime": "2026-03-01T00:00:00"},
        {"startTime": "0001-01-01T00:00:00+14:00"},
        {"endTime": "9999-12-31T23:59:59-12:00"},
        {"endTime": None},
        {"breakdown": ["Place"]},
        {"filter": [{"dimension": "Place", "values": ["1"], "operation": "In"}]},
        {"filter": [{"dimension": "Country", "values": ["US"], "operation": "Is"}]},
        {"limit": 5},
        {"limit": 5, "breakdown": ["Country"]},
        {"limit": -1, "granularity": "None", "breakdown": ["Country"]},
    ],
)
def test_queries_that_cannot_be(app: App, analytics: Any, wrong: dict[str, Any]) -> None:
    """400 with the number 2001, in the shape of a query that is done."""
    answer = app.call("POST", f"{HOME}/metrics", json=GOOD | wrong)
    body = answer.json()
    assert (answer.status_code, body["done"], body["error"]["code"]) == (400, True, 2001)


def test_dimensions_that_cannot_be(app: App, analytics: Any) -> None:
    """The same; the granularity may be left out here."""
    body = {name: value for name, value in GOOD.items() if name != "granularity"}
    asked = body | {"dimensions": ["Country"]}
    assert app.call("POST", f"{HOME}/dimension-values", json=asked).status_code == 200
    for wrong in ({"dimensions": []}, {"dimensions": ["Place"]}, {"granularity": "OneHour"}):
        answer = app.call("POST", f"{HOME}/dimension-values", json=asked | wrong)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, 2001)


def test_too_many_points(app: App, analytics: Any) -> None:
    """429 with the number 3000: to ask again would not help."""
    minutes = GOOD | {"metric": "ConcurrentPlayers", "granularity": "OneMinute"}
    answer = app.call("POST", f"{HOME}/metrics", json=minutes | {"breakdown": ["Platform"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, 3000)
    assert app.call("POST", f"{HOME}/metrics", json=minutes).status_code == 200


def test_who_may_ask(app: App, analytics: Any) -> None:
    """An API key only, for its owner's universes; a query belongs to one of them."""
    assert app.call("POST", f"{HOME}/metrics", app.login(), json=GOOD).status_code == 401
    other = HOME.replace(str(LANTERN), "3000004")
    assert app.call("POST", f"{other}/metrics", json=GOOD).status_code == 403
    query = app.call("POST", f"{HOME}/metrics", json=GOOD).json()["path"].rpartition("/")[2]
    elsewhere = HOME.replace(str(LANTERN), str(TOWER))
    for path in (f"{elsewhere}/operations/metrics/{query}", f"{HOME}/operations/metrics/x"):
        answer = app.call("GET", path)
        assert (answer.status_code, answer.json()["done"]) == (404, True)


def test_only_the_last_queries_are_kept(cloud: Sandbox, analytics: Any) -> None:
    """A thousand of them."""
    first = analytics.query_metrics(
        "Visits", granularity="OneDay", start_time=NOON - DAY, end_time=NOON
    )
    assert analytics.metrics_operation(first.id).result()
    queries = cloud.state.shelves.of(AnalyticsShelf).queries
    for number in range(1000):
        queries[f"old {number}"] = queries[first.id]
    ask(analytics)
    with pytest.raises(errors.NotFound):
        analytics.metrics_operation(first.id).result()


@pytest.mark.parametrize("metric", ["DailyRevenue", "ClientFpsP90", "AttributionD7RetentionRatio"])
def test_metrics_by_name(metric: str) -> None:
    """Families of metrics are all there, each by its own name."""
    assert metric in METRICS
    assert not any("*" in name for name in METRICS)
