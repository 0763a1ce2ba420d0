"""ROBLOX_RATE_BUDGET: every client of a site counts in one place."""

from __future__ import annotations

import json

from flask import Flask

from flask_ext import current_user
from flask_ext.state import current_state
from rblx_oauth import Client, RateBudget
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, Browser, make_app, roblox
from tests.support.clock import ManualClock


def counted(app: Flask) -> list[int]:
    """How many requests each window in the site's store holds."""
    with app.app_context():
        records = current_state().here.store.scan_records()
    windows = [json.loads(each.payload) for each in records if each.kind == "rate"]
    return sorted(sum(count for _, count in window) for window in windows)


def ask(client: Client) -> str:
    """One call that has a limit."""
    return str(client.user(int(ADA)).get().name)


def test_every_client_of_a_site_counts_in_its_store(cloud: Sandbox, clock: ManualClock) -> None:
    """A person's in a view and in a job together, as both use their token; the site's key apart."""
    more = {"ROBLOX_RATE_BUDGET": "store", "ROBLOX_API_KEY": cloud.api_key}
    app = make_app(cloud, clock, **more)
    app.add_url_rule("/ask", view_func=lambda: ask(current_user.client))
    browser = Browser(app, cloud)
    browser.log_in()
    assert browser.get("/ask").text == "ada_builds"
    assert counted(app) == [1]
    with app.app_context():
        ask(roblox.client_for(ADA))
        assert counted(app) == [2]
        ask(roblox.api_client)
        assert counted(app) == [1, 2]


def test_a_budget_may_be_elsewhere_or_nowhere(cloud: Sandbox, clock: ManualClock) -> None:
    """In memory or in Redis; there is none unless asked for."""
    for value, kind in (("memory://", RateBudget), ("redis://h", RateBudget), (None, type(None))):
        app = make_app(cloud, clock, ROBLOX_RATE_BUDGET=value)
        with app.app_context():
            assert type(current_state().here.budget) is kind
