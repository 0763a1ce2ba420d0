"""What views demand of a person's picks at Roblox: universes, users and groups."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from flask_ext import grant_required
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, PUBLISH, ZOE, Browser, make_app
from tests.support.clock import ManualClock


def universe_ids(cloud: Sandbox, owner: str = ADA) -> list[str]:
    """The universes of a user."""
    return [str(each["id"]) for each in cloud.universes if each["owner"] == f"users/{owner}"]


ASKING = {"ROBLOX_SCOPES": f"openid profile {PUBLISH}"}


def test_only_what_was_picked_at_roblox_may_be_touched(cloud: Sandbox, clock: ManualClock) -> None:
    """A universe that was not picked is 403 with an offer to pick it; then it works."""
    browser = Browser(make_app(cloud, clock, **ASKING), cloud)
    picked, *others = universe_ids(cloud)
    browser.log_in(universes=[picked])
    assert browser.get(f"/universe/{picked}").text == f"universe {picked}"
    refused = browser.get(f"/universe/{others[0]}")
    assert refused.status_code == 403
    url = refused.text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    authorization_url = browser.get(url).headers["Location"]
    assert parse_qs(urlsplit(authorization_url).query)["prompt"] == ["consent"]
    back = browser.land(cloud.consent(authorization_url, universes=[picked, others[0]]))
    assert back.headers["Location"] == f"/universe/{others[0]}"
    assert browser.get(f"/universe/{others[0]}").status_code == 200


def told_of_picks(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log says of them."""
    events = [getattr(each, "roblox_event", "") for each in caplog.records]
    return [each for each in events if each.startswith("picks.")]


def test_the_owner_is_told_where_nobody_can_pick_anything(
    cloud: Sandbox, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """With `openid profile` alone the consent page offers nothing to anybody."""
    mine = universe_ids(cloud)[0]
    for settings, told in (({}, ["picks.not_offered"]), (ASKING, [])):
        caplog.clear()
        browser = Browser(make_app(cloud, clock, **settings), cloud)
        browser.log_in(universes=[])
        assert browser.get(f"/universe/{mine}").status_code == 403
        assert told_of_picks(caplog) == told


def test_picks_are_asked_for_once_a_minute(cloud: Sandbox, clock: ManualClock) -> None:
    """The answer is remembered for sixty seconds; a new consent empties it at once."""
    browser = Browser(make_app(cloud, clock, **ASKING), cloud)
    picked = universe_ids(cloud)[0]
    browser.log_in()
    for _ in range(3):
        browser.get(f"/universe/{picked}")
    assert cloud.count("/oauth/v1/token/resources") == 1
    clock.advance(61)
    browser.get(f"/universe/{picked}")
    assert cloud.count("/oauth/v1/token/resources") == 2


@pytest.mark.parametrize("universe_id", ["0", "-1", "x", "1.5", "%D9%A1", "9" * 19, "9" * 5000])
def test_what_is_no_id_is_not_found(browser: Browser, universe_id: str) -> None:
    """Before Roblox is asked anything."""
    browser.log_in()
    assert browser.get(f"/universe/{universe_id}").status_code == 404


def test_users_and_groups_are_checked_together(cloud: Sandbox, clock: ManualClock) -> None:
    """Every id that a view names has to be among the picks."""
    app = make_app(cloud, clock, ROBLOX_SCOPES="openid profile asset:read asset:write")
    browser = Browser(app, cloud)
    browser.log_in()
    resources = [str(each["id"]) for each in cloud.groups if each["owner"] == f"users/{ADA}"]
    group = resources[0]
    assert browser.get(f"/creator/{ADA}/{group}").status_code == 200
    assert browser.get(f"/creator/{ZOE}/{group}").status_code == 403
    assert browser.get(f"/creator/{ADA}/{int(group) + 999}").status_code == 403


def test_c45_nobody_passes_while_roblox_cannot_be_asked(
    cloud: Sandbox, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """503, nobody is logged out, and the log says why."""
    browser = Browser(make_app(cloud, clock, **ASKING), cloud)
    picked = universe_ids(cloud)[0]
    browser.log_in()
    cloud.stop()
    answer = browser.get(f"/universe/{picked}")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert browser.who() == "ada_builds"
    assert told_of_picks(caplog) == ["picks.unavailable"]


def test_a_script_learns_what_was_not_picked(cloud: Sandbox, clock: ManualClock) -> None:
    """RFC 9457, with the kind and the id."""
    browser = Browser(make_app(cloud, clock, **ASKING), cloud)
    picked, other, *_ = universe_ids(cloud)
    browser.log_in(universes=[picked])
    answer = browser.get(f"/universe/{other}", Accept="application/json")
    assert answer.status_code == 403
    assert answer.json is not None
    assert answer.json["type"] == "urn:rblx-oauth:problem:not-picked"
    assert (answer.json["resource"], answer.json["id"]) == ("universe", other)


def test_grant_required_is_checked_for_slips(app: Flask, browser: Browser) -> None:
    """No argument named, or one that the route does not have, is an error and lets nobody in."""
    with pytest.raises(ConfigurationError, match="name of a view argument"):
        grant_required()

    @app.get("/slip/<int:id>")
    @grant_required(universe="universe_id")
    def slip(id: int) -> str:
        return "never"

    browser.log_in()
    assert browser.get("/slip/1").status_code == 500
