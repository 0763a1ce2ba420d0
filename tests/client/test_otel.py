"""Spans and measurements, as OpenTelemetry's own SDK receives them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from rblx_oauth import AsyncClient, RefreshEvent, RefreshHook, errors
from rblx_oauth.otel import OpenTelemetryHook
from tests.client.answers import entry, page, reply
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, hang, http, reset


class Telemetry:
    """The SDK with everything kept in memory, and the hook under test."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.reader = InMemoryMetricReader()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = provider.get_tracer("test")
        self.hook = OpenTelemetryHook(provider, MeterProvider([self.reader]))

    @property
    def spans(self) -> list[ReadableSpan]:
        """What has ended, in that order."""
        return list(self._exporter.get_finished_spans())

    @property
    def durations(self) -> list[HistogramDataPoint]:
        """The points of the one histogram there is."""
        data: Any = self.reader.get_metrics_data()
        [metric] = data.resource_metrics[0].scope_metrics[0].metrics
        assert (metric.name, metric.unit) == ("http.client.request.duration", "s")
        return list(metric.data.data_points)


@pytest.fixture
def telemetry() -> Telemetry:
    """A fresh one."""
    return Telemetry()


def test_span_of_a_call(
    colour: Colour, make_client: MakeClient, server: RawServer, telemetry: Telemetry
) -> None:
    """A client span by the conventions for HTTP, named by method and template."""
    server.script(reply(body={"id": "5"}, x_request_id="r-1"))
    colour(make_client(on_event=telemetry.hook).user(5).get())
    [span] = telemetry.spans
    assert span.name == "GET /cloud/v2/users/{user_id}"
    assert span.kind is SpanKind.CLIENT
    assert span.status.status_code is StatusCode.UNSET
    common = {
        "http.request.method": "GET",
        "url.template": "/cloud/v2/users/{user_id}",
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "roblox.operation": "get_user",
        "http.response.status_code": 200,
    }
    assert dict(span.attributes or {}) == common | {"roblox.request_id": "r-1"}
    [point] = telemetry.durations
    assert dict(point.attributes or {}) == common
    assert (point.count, point.explicit_bounds[0]) == (1, 0.005)


def test_each_try_is_a_span(
    colour: Colour, make_client: MakeClient, server: RawServer, telemetry: Telemetry
) -> None:
    """What failed says why, and what was sent again how often."""
    server.script(reset, reply(503), entry())
    colour(make_client(on_event=telemetry.hook).universe(1).data_store("coins").get("k"))
    told = [
        (
            span.status.status_code,
            attributes.get("error.type"),
            attributes.get("http.response.status_code"),
            attributes.get("http.request.resend_count"),
        )
        for span in telemetry.spans
        if (attributes := span.attributes) is not None
    ]
    assert told == [
        (StatusCode.ERROR, "ConnectionLost", None, None),
        (StatusCode.ERROR, "503", 503, 1),
        (StatusCode.UNSET, None, 200, 2),
    ]
    assert sorted(each.count for each in telemetry.durations) == [1, 1, 1]


def test_c48_spans_hold_no_secret(
    colour: Colour, make_client: MakeClient, server: RawServer, telemetry: Telemetry
) -> None:
    """Neither the credential nor what the path, the query and the body say."""
    server.script(http(302, b"canary", location="https://evil.example/canary"))
    client = make_client(api_key="canary-key", on_event=telemetry.hook)
    store = client.universe(1).data_store("canary-store")
    with pytest.raises(errors.RobloxError):
        colour(store.set("canary-entry", "canary-value"))
    [span] = telemetry.spans
    assert "canary" not in span.to_json()
    assert "canary" not in repr(telemetry.durations)


def test_parent_is_the_caller_s_span(
    colour: Colour, make_client: MakeClient, server: RawServer, telemetry: Telemetry
) -> None:
    """In each of many threads or tasks, its own; and none is left current."""
    server.script(reply(body={"id": "5"}))
    client = make_client(on_event=telemetry.hook)

    def call(number: int) -> None:
        with telemetry.tracer.start_as_current_span(f"caller {number}"):
            client.user(number).get()

    async def calls() -> None:
        async def call(number: int) -> None:
            with telemetry.tracer.start_as_current_span(f"caller {number}"):
                await client.user(number).get()

        await asyncio.gather(*(call(number) for number in range(1, 17)))

    if colour.name == "sync":
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(call, range(1, 17)))
    else:
        colour(calls())
    ours = [each for each in telemetry.spans if each.kind is SpanKind.CLIENT]
    callers = [each.context for each in telemetry.spans if each.kind is not SpanKind.CLIENT]
    parents = [each.parent for each in ours]
    assert len(parents) == len(callers) == 16
    assert all(each in parents for each in callers)


def test_pages_fetched_ahead_belong_to_the_caller(
    colour: Colour, make_client: MakeClient, server: RawServer, telemetry: Telemetry
) -> None:
    """A listing asks for its next page on the side, and yet in the caller's span."""
    server.script(page("a", after="2"), page("b", after="3"), page("c"))
    store = make_client(on_event=telemetry.hook).universe(1).data_store("coins")

    async def listing() -> list[str]:
        with telemetry.tracer.start_as_current_span("caller"):
            return [key async for key in store.keys()]  # noqa: SIM118 (a listing, no dict)

    if colour.name == "sync":
        with telemetry.tracer.start_as_current_span("caller"):
            keys = list(store.keys())
    else:
        keys = colour(listing())
    assert keys == ["a", "b", "c"]
    *pages, caller = telemetry.spans
    assert [each.parent for each in pages] == [caller.context] * 3


def test_cancelled_span_ends(server: RawServer, telemetry: Telemetry) -> None:
    """A call that is cancelled leaves no span open."""
    server.script(hang)
    hook = telemetry.hook

    async def call() -> None:
        async with (
            AsyncClient(api_key="key-1", api_base=server.url, on_event=hook) as client,
            asyncio.timeout(0.2),
        ):
            await client.user(5).get()

    with pytest.raises(TimeoutError):
        asyncio.run(call())
    assert len(server.requests) == 1
    [span] = telemetry.spans
    assert (span.attributes or {})["error.type"] == "CancelledError"
    assert hook._open == {}


def test_no_provider_is_needed(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """With nothing set up, OpenTelemetry's own providers do nothing."""
    server.script(reply(body={"id": "5"}))
    assert colour(make_client(on_event=OpenTelemetryHook()).user(5).get()).id == 5


def test_missing_extra_is_named() -> None:
    """Without OpenTelemetry the hook says what to install, and nothing else needs it."""
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "import rblx_oauth; rblx_oauth.Client(api_key='k'), rblx_oauth.OAuthApp('1')\n"
        "try: import rblx_oauth.otel\n"
        "except ImportError as error: print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == 'tracing needs OpenTelemetry: pip install "rblx-oauth[otel]"'


def test_refreshes_are_measured_by_outcome(telemetry: Telemetry) -> None:
    """How long they took, how long others were waited for; and an app tells the hook of them."""
    for outcome, waited in (("refreshed", 0.0), ("adopted", 0.25), ("refreshed", 0.0)):
        event = RefreshEvent(outcome=outcome, seconds=0.5, waited=waited, grant="canary")  # type: ignore[arg-type]
        telemetry.hook.on_refresh(event)
    assert isinstance(telemetry.hook, RefreshHook)
    data: Any = telemetry.reader.get_metrics_data()
    found = {
        (metric.name, point.attributes["roblox.refresh.outcome"]): (point.count, point.sum)
        for metric in data.resource_metrics[0].scope_metrics[0].metrics
        for point in metric.data.data_points
    }
    assert found == {
        ("roblox.refresh.duration", "refreshed"): (2, 1.0),
        ("roblox.refresh.duration", "adopted"): (1, 0.5),
        ("roblox.lease.wait", "adopted"): (1, 0.25),
    }
    assert "canary" not in repr(data)
