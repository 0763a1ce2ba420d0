"""What a site learns about the person who is logged in."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string

from flask_ext import current_user
from flask_ext.user import AnonymousUser, safe_picture
from rblx_oauth.errors import ReauthorizationRequired
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, make_app
from tests.support.clock import ManualClock


def test_the_user_has_what_roblox_said(app: Flask, browser: Browser) -> None:
    """Id, names, picture, profile, scopes and grant, in a view and in a template."""
    seen: dict[str, object] = {}

    @app.get("/me")
    def me() -> str:
        names = "is_authenticated id subject name display_name picture scopes grant_id"
        seen.update({name: getattr(current_user, name) for name in names.split()})
        seen["profile"] = dict(current_user.profile)
        seen["true"] = bool(current_user)
        seen["repr"] = repr(current_user)
        return render_template_string("{{ current_user.display_name }}")

    browser.log_in()
    assert browser.get("/me").text == "Ada"
    assert (seen["id"], seen["subject"], seen["name"]) == (int(ADA), ADA, "ada_builds")
    assert (seen["is_authenticated"], seen["true"]) == (True, True)
    assert seen["scopes"] == frozenset({"openid", "profile"})
    assert str(seen["picture"]).startswith("http://127.0.0.1:")
    assert isinstance(seen["profile"], dict)
    assert seen["profile"]["sub"] == ADA
    assert seen["repr"] == f"<User {ADA}>"


def test_f39_a_display_name_full_of_markup_is_escaped(app: Flask, browser: Browser) -> None:
    """As any text from outside, in a site's templates and in ours."""

    @app.get("/me")
    def me() -> str:
        return render_template_string("{{ current_user.display_name }}")

    browser.log_in(ZOE)
    assert "<b>" not in browser.get("/me").text
    refused = browser.get("/roblox/callback?state=x")
    assert "still logged in as" in refused.text
    assert "<b>" not in refused.text


@pytest.mark.parametrize(
    "url",
    [
        "http://tr.rbxcdn.com/x.png",
        "javascript:alert(1)",
        "data:image/png;base64,x",
        "//tr.rbxcdn.com/x.png",
        "https://",
        "https://x\n.example/",
        "http://[",
        "",
    ],
)
def test_f39_a_picture_that_is_not_https_is_dropped(url: str) -> None:
    """What a page would load from elsewhere is an https address, or nothing."""
    assert safe_picture(url) is None


def test_f39_good_pictures_stay() -> None:
    """Any https address, and http on this machine for the sandbox."""
    for url in ("https://tr.rbxcdn.com/x.png", "http://127.0.0.1:5000/x.png"):
        assert safe_picture(url) == url


def test_without_the_profile_scope_there_is_only_an_id(cloud: Sandbox, clock: ManualClock) -> None:
    """Names fall back on the id, and the picture is None."""
    browser = Browser(make_app(cloud, clock, ROBLOX_SCOPES="openid"), cloud)
    browser.log_in()
    assert browser.who() == ADA


def test_nobody_is_false_and_empty(app: Flask) -> None:
    """Outside a request too, so that a template for an e-mail works."""
    nobody = AnonymousUser()
    assert not nobody
    assert (nobody.id, nobody.name, nobody.picture, nobody.scopes) == (None, "", None, frozenset())
    with app.app_context():
        assert not current_user
    with pytest.raises(ReauthorizationRequired):
        _ = nobody.client
    with pytest.raises(ReauthorizationRequired):
        nobody.resources()
