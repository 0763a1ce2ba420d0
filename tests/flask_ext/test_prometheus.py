"""What Prometheus reads of a site."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client import CollectorRegistry, generate_latest

from flask_ext.prometheus import RobloxMetrics
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.notices import Notified
from tests.flask_ext.site import ADA, Browser, make_app
from tests.support.clock import ManualClock

ROOT = Path(__file__).parents[2]
HOUR = 3600.0


@pytest.fixture
def registry() -> CollectorRegistry:
    """An empty one."""
    return CollectorRegistry()


def read(registry: CollectorRegistry) -> dict[str, float]:
    """Samples as Prometheus would scrape them, by name and labels, without those of times."""
    lines = generate_latest(registry).decode().splitlines()
    found = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {
        name: float(value)
        for name, value in found
        if "_created" not in name and "_bucket" not in name and float(value)
    }


def test_a_login_a_refresh_and_a_loss_are_counted(
    cloud: Sandbox, clock: ManualClock, registry: CollectorRegistry
) -> None:
    """By outcome, with durations; no label names anybody."""
    app = make_app(cloud, clock)
    RobloxMetrics(app, registry=registry)
    browser = Browser(app, cloud)
    browser.get("/roblox/callback?state=x")
    browser.log_in()
    clock.advance(HOUR)
    browser.get("/token-state")
    browser.step_up("/announce")
    cloud.revoke_grants(ADA)
    clock.advance(HOUR)
    browser.get("/token-state")
    found = read(registry)
    assert (
        found.items()
        >= {
            'roblox_logins_total{outcome="completed"}': 1.0,
            'roblox_logins_total{outcome="scopes_granted"}': 1.0,
            'roblox_logins_total{outcome="state"}': 1.0,
            'roblox_refreshes_total{outcome="refreshed"}': 1.0,
            'roblox_refreshes_total{outcome="revoked"}': 1.0,
            "roblox_refresh_seconds_count": 2.0,
            "roblox_sessions_begun_total": 2.0,
            "roblox_sessions_ended_total": 2.0,
            'roblox_request_seconds_count{operation="oauth.exchange",status="200"}': 2.0,
            'roblox_request_seconds_count{operation="oauth.refresh",status="200"}': 1.0,
            'roblox_request_seconds_count{operation="oauth.refresh",status="400"}': 1.0,
        }.items()
    )
    assert ADA not in generate_latest(registry).decode()


def test_webhooks_and_failures_of_the_store_are_counted(
    cloud: Sandbox, clock: ManualClock, registry: CollectorRegistry, tmp_path: Path
) -> None:
    """By type and outcome; a type that the site does not know is no label."""
    path = tmp_path / "store.db"
    site = Notified(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{path}")
    RobloxMetrics(site.app, registry=registry)
    site.roblox.on_webhook("SampleNotification")(lambda _: None)
    site.post()
    site.post()
    site.erase(ADA).close()
    site.post("n-2", "Anything")
    site.post("n-3", **{"roblox-signature": "t=1,v1=AAAA"})
    path.rename(tmp_path / "away.db")
    site.post("n-4")
    assert (
        read(registry).items()
        >= {
            'roblox_webhooks_total{outcome="handled",type="SampleNotification"}': 1.0,
            'roblox_webhooks_total{outcome="duplicate",type="SampleNotification"}': 1.0,
            'roblox_webhooks_total{outcome="handled",type="RightToErasureRequest"}': 1.0,
            'roblox_webhooks_total{outcome="handled",type="other"}': 1.0,
            'roblox_webhooks_total{outcome="signature",type=""}': 1.0,
            'roblox_webhooks_total{outcome="unavailable",type="SampleNotification"}': 1.0,
            "roblox_webhook_seconds_count": 6.0,
            "roblox_store_failures_total": 1.0,
        }.items()
    )


def test_several_apps_count_into_one_registry(
    cloud: Sandbox, clock: ManualClock, registry: CollectorRegistry
) -> None:
    """With one object; and an app that was not given to it counts nowhere."""
    metrics = RobloxMetrics(registry=registry)
    apps = [make_app(cloud, clock) for _ in range(3)]
    for app in apps[:2]:
        metrics.init_app(app)
    for app in apps:
        Browser(app, cloud).log_in()
    assert read(registry)["roblox_sessions_begun_total"] == 2
    with pytest.raises(ValueError, match="Duplicated"):
        RobloxMetrics(registry=registry)


def test_an_app_without_the_extension_is_an_error(registry: CollectorRegistry) -> None:
    """It says what to call first."""
    with pytest.raises(ConfigurationError, match="init_app"):
        RobloxMetrics(Flask("bare"), registry=registry)


WORKER = """
import sys
from flask_ext.prometheus import RobloxMetrics
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import Browser, make_app
from tests.support.clock import ManualClock

with Sandbox() as cloud:
    app = make_app(cloud, ManualClock())
    RobloxMetrics(app)
    Browser(app, cloud).log_in()
"""
SCRAPE = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


def test_workers_of_one_site_are_added_up(tmp_path: Path) -> None:
    """In prometheus_client's multiprocess mode, as under gunicorn."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}

    def run(code: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    for _ in range(2):
        run(WORKER)
    assert 'roblox_logins_total{outcome="completed"} 2.0' in run(SCRAPE)


def test_a_missing_prometheus_client_is_named() -> None:
    """With the extra to install."""
    code = "import sys; sys.modules['prometheus_client'] = None; import flask_ext.prometheus"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert 'pip install "rblx-oauth[prometheus]"' in answer.stderr
