"""Metrics for Prometheus: refreshes, logins, sessions, webhooks, failures of the store.

::

    from flask_ext.prometheus import RobloxMetrics

    metrics = RobloxMetrics()
    roblox.init_app(app)
    metrics.init_app(app)

The site serves them as it serves its own, such as with
``prometheus_client.make_wsgi_app``. With several processes they need
prometheus_client's multiprocess mode, as any metrics of a site do.
"""

from __future__ import annotations

from flask import Flask

from flask_ext import signals
from flask_ext.state import state_of
from rblx_oauth import RefreshEvent, RequestEvent, ResponseEvent

try:
    from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
except ImportError as error:
    raise ImportError(
        'metrics need prometheus_client: pip install "rblx-oauth[prometheus]"'
    ) from error


class RobloxMetrics:
    """Counters and histograms of one registry, for one app or several.

    No label holds a person, a grant or anything that a caller chooses.

    Args:
        app: The app; or call `init_app` later.
        registry: Where the metrics are registered; prometheus_client's own by default.

    Raises:
        ValueError: The registry has these metrics already: share one object.
    """

    def __init__(self, app: Flask | None = None, *, registry: CollectorRegistry = REGISTRY) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"roblox_{name}", text, labels, registry=registry)

        def histogram(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(f"roblox_{name}_seconds", text, labels, registry=registry)

        self._refreshes = counter("refreshes", "Refreshes of grants, by outcome.", "outcome")
        self._refresh = histogram("refresh", "How long they took.")
        self._wait = histogram("lease_wait", "Waits for another worker's refresh.")
        self._requests = histogram("request", "Requests to Roblox.", "operation", "status")
        self._logins = counter("logins", "Logins and step-ups, by outcome.", "outcome")
        self._begun = counter("sessions_begun", "Sessions begun.")
        self._ended = counter("sessions_ended", "Sessions ended before they ran out.")
        self._webhooks = counter("webhooks", "Webhooks received.", "type", "outcome")
        self._webhook = histogram("webhook", "How long they took to answer.")
        self._failures = counter("store_failures", "Requests answered 503 for want of the store.")
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Measure an app: call it right after `RobloxOAuth.init_app`.

        Raises:
            ConfigurationError: The app has no `RobloxOAuth`, or is in use already.
        """
        state_of(app).watch(self)
        for signal, receiver in (
            (signals.user_logged_in, self._on_login),
            (signals.scopes_granted, self._on_step_up),
            (signals.login_failed, self._on_login_failed),
            (signals.session_begun, self._on_session_begun),
            (signals.session_ended, self._on_session_ended),
            (signals.webhook_answered, self._on_webhook),
            (signals.store_failed, self._on_store_failed),
        ):
            signal.connect(receiver, sender=app, weak=False)

    def __call__(self, event: RequestEvent | ResponseEvent) -> None:
        """Measure a request to Roblox that has ended."""
        if isinstance(event, ResponseEvent):
            operation = event.request.operation or event.request.method
            self._requests.labels(operation, event.error or event.status).observe(event.seconds)

    def on_refresh(self, event: RefreshEvent) -> None:
        """Measure a refresh."""
        self._refreshes.labels(event.outcome).inc()
        self._refresh.observe(event.seconds)
        if event.waited:
            self._wait.observe(event.waited)

    def _on_login(self, _app: Flask, **_: object) -> None:
        self._logins.labels("completed").inc()

    def _on_step_up(self, _app: Flask, **_: object) -> None:
        self._logins.labels("scopes_granted").inc()

    def _on_login_failed(self, _app: Flask, *, reason: str) -> None:
        self._logins.labels(reason).inc()

    def _on_session_begun(self, _app: Flask, **_: object) -> None:
        self._begun.inc()

    def _on_session_ended(self, _app: Flask, *, count: int) -> None:
        self._ended.inc(count)

    def _on_webhook(self, _app: Flask, *, kind: str, outcome: str, seconds: float) -> None:
        self._webhooks.labels(kind, outcome).inc()
        self._webhook.observe(seconds)

    def _on_store_failed(self, _app: Flask, **_: object) -> None:
        self._failures.inc()
