"""What was granted in one browser stays granted, whatever a login in another one asks for."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask import Flask

from flask_ext import scopes_required
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, PUBLISH, Browser, make_app, roblox
from tests.support.clock import ManualClock


def scopes_of_job(app: Flask) -> set[str]:
    """What a background job may do for the person."""
    with app.app_context():
        return set(roblox.client_for(ADA).token().scopes)


def test_a_login_elsewhere_takes_away_nothing(app: Flask, cloud: Sandbox) -> None:
    """It asks for less, and neither views nor jobs lose what they need."""
    laptop, phone = Browser(app, cloud), Browser(app, cloud)
    laptop.log_in()
    laptop.step_up("/announce")
    assert phone.log_in().status_code == 302
    assert PUBLISH in scopes_of_job(app)
    for browser in (phone, laptop):
        assert browser.get("/announce").status_code == 200


def test_a_wider_grant_that_roblox_has_ended_gives_way(app: Flask, cloud: Sandbox) -> None:
    """The login brings one that works, if a narrower one."""
    laptop, phone = Browser(app, cloud), Browser(app, cloud)
    laptop.log_in()
    laptop.step_up("/announce")
    cloud.revoke_grants(ADA)
    phone.log_in()
    assert scopes_of_job(app) == {"openid", "profile"}
    assert phone.get("/token-state").text == ADA


def test_a_login_that_brings_something_new_counts(app: Flask, cloud: Sandbox) -> None:
    """It was asked for just now; what it lacks is asked for again where it is needed."""

    @app.get("/assets")
    @scopes_required("asset:read")
    def assets() -> str:
        return "assets"

    laptop, phone = Browser(app, cloud), Browser(app, cloud)
    laptop.log_in()
    laptop.step_up("/announce")
    phone.step_up("/assets")  # logged out, so this is a login that asks for a scope more
    assert scopes_of_job(app) == {"openid", "profile", "asset:read"}


def test_c30_a_step_up_granted_in_part_is_what_was_granted(app: Flask, cloud: Sandbox) -> None:
    """Only a login leaves a wider grant as it is: who was asked for more has answered."""

    @app.get("/assets")
    @scopes_required("asset:read")
    def assets() -> str:
        return "assets"

    browser = Browser(app, cloud)
    browser.log_in()
    browser.step_up("/announce")
    asked = browser.get(browser.get("/assets").headers["Location"]).headers["Location"]
    callback = cloud.consent(asked)
    code = cloud.state.oauth.codes[parse_qs(urlsplit(callback).query)["code"][0]]
    code.scope = "openid profile"  # Roblox leaves out the rest
    assert browser.land(callback).status_code == 403
    assert scopes_of_job(app) == {"openid", "profile"}


def test_one_of_several_scopes_can_be_enough(cloud: Sandbox, clock: ManualClock) -> None:
    """`any=True`: who has none is asked for the first; who has another one comes in."""
    app = make_app(cloud, clock, ROBLOX_SCOPES="openid profile asset:write")

    @app.get("/either")
    @scopes_required(PUBLISH, "asset:write", any=True)
    def either() -> str:
        return "in"

    @app.get("/neither")
    @scopes_required(PUBLISH, "asset:read", any=True)
    def neither() -> str:
        return "in"

    browser = Browser(app, cloud)
    browser.log_in()
    assert browser.get("/either").text == "in"
    asked = browser.get(browser.get("/neither").headers["Location"]).headers["Location"]
    assert PUBLISH in asked.replace("%3A", ":")
    assert "asset:read" not in asked.replace("%3A", ":")
    browser.step_up("/neither")
    assert browser.get("/neither").text == "in"
