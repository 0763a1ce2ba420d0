"""OpenTelemetry: a span and a measurement for every request, and measurements of refreshes.

::

    from rblx_oauth.otel import OpenTelemetryHook

    client = Client(api_key="...", on_event=OpenTelemetryHook())

Names are those of OpenTelemetry's semantic conventions for HTTP clients. These
also ask for ``url.full``, which is left out: it has keys of data stores and
people's ids in it.
"""

from __future__ import annotations

from rblx_oauth.core.events import RefreshEvent, RequestEvent, ResponseEvent
from rblx_oauth.core.version import __version__

try:
    from opentelemetry.metrics import MeterProvider, get_meter
    from opentelemetry.trace import (
        INVALID_SPAN,
        Span,
        SpanKind,
        StatusCode,
        TracerProvider,
        get_tracer,
        set_span_in_context,
    )
except ImportError as error:
    raise ImportError('tracing needs OpenTelemetry: pip install "rblx-oauth[otel]"') from error

# Seconds; those that the conventions advise.
_BOUNDARIES = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)

_Attributes = dict[str, str | int]


class OpenTelemetryHook:
    """An ``on_event`` hook: each try of a call is a client span, and is measured.

    So is each refresh of a grant's token, by its outcome (see `RefreshEvent`),
    and each wait for another worker's. A span's parent is the one that is
    current where the call is made. Nothing is added to what Roblox is sent.
    Share one hook among clients and apps, threads and tasks.

    Args:
        tracer_provider: Makes the spans; the global one by default.
        meter_provider: Takes the measurements; the global one by default.
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._tracer = get_tracer("rblx_oauth", __version__, tracer_provider)
        meter = get_meter("rblx_oauth", __version__, meter_provider)
        self._duration, self._refresh, self._wait = (
            meter.create_histogram(
                name,
                unit="s",
                description=description,
                explicit_bucket_boundaries_advisory=_BOUNDARIES,
            )
            for name, description in (
                ("http.client.request.duration", "Duration of HTTP client requests."),
                ("roblox.refresh.duration", "Duration of refreshes of a grant's token."),
                ("roblox.lease.wait", "Waits for another worker's refresh of the same grant."),
            )
        )
        # Changed by single dict operations only, so threads need no lock.
        self._open: dict[RequestEvent, Span] = {}

    def __call__(self, event: RequestEvent | ResponseEvent) -> None:
        """Begin a span, or end the one that was begun for the same request."""
        if isinstance(event, RequestEvent):
            self._begin(event)
        else:
            self._end(event)

    def on_refresh(self, event: RefreshEvent) -> None:
        """Measure a refresh."""
        outcome = {"roblox.refresh.outcome": event.outcome}
        self._refresh.record(event.seconds, outcome)
        if event.waited:
            self._wait.record(event.waited, outcome)

    def _begin(self, event: RequestEvent) -> None:
        attributes = _attributes(event)
        if event.attempt > 1:
            attributes["http.request.resend_count"] = event.attempt - 1
        self._open[event] = self._tracer.start_span(
            f"{event.method} {event.template}" if event.template else event.method,
            kind=SpanKind.CLIENT,
            attributes=attributes,
        )

    def _end(self, event: ResponseEvent) -> None:
        span = self._open.pop(event.request, INVALID_SPAN)
        outcome: _Attributes = {}
        if event.status is not None:
            outcome["http.response.status_code"] = event.status
        failure = str(event.status) if (event.status or 0) >= 400 else event.error
        if failure is not None:
            outcome["error.type"] = failure
            span.set_status(StatusCode.ERROR)
        span.set_attributes(outcome)
        if event.request_id is not None:
            span.set_attribute("roblox.request_id", event.request_id)
        span.end()
        self._duration.record(
            event.seconds, _attributes(event.request) | outcome, set_span_in_context(span)
        )


def _attributes(event: RequestEvent) -> _Attributes:
    """What span and measurement have in common; few values each."""
    attributes: _Attributes = {
        "http.request.method": event.method,
        "server.address": event.host,
        "server.port": event.port,
    }
    if event.template is not None:
        attributes["url.template"] = event.template
    if event.operation is not None:
        attributes["roblox.operation"] = event.operation
    return attributes
