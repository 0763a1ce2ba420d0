"""What views demand: a login, and scopes."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from flask_ext import login_required, login_url, scopes_granted, scopes_required
from rblx_oauth.errors import ConfigurationError, InsufficientScope, PermissionDenied
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, PUBLISH, REDIRECT, ZOE, Browser, add_views, make_app, roblox
from tests.oauth.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.support.clock import ManualClock

AS_SCRIPT = [
    {"Accept": "application/json"},
    {"X_Requested_With": "XMLHttpRequest"},
    {"Sec_Fetch_Dest": "empty", "Accept": "*/*"},
    {"Content_Type": "application/json"},
]


def asked_scopes(browser: Browser, login_url: str) -> list[str]:
    """What the login address makes Roblox ask for."""
    query = parse_qs(urlsplit(browser.get(login_url).headers["Location"]).query)
    return sorted(query["scope"][0].split())


# --- login_required


@pytest.mark.parametrize("path", ["/private", "/private-async", "/account"])
def test_a_page_sends_people_to_log_in_and_back(browser: Browser, path: str) -> None:
    """Functions, async functions and class-based views alike."""
    answer = browser.get(f"{path}?a=1")
    assert answer.status_code == 302
    parts = urlsplit(answer.headers["Location"])
    assert (parts.path, parse_qs(parts.query)["next"]) == ("/roblox/login", [f"{path}?a=1"])
    browser.log_in()
    assert ADA in browser.get(path).text


def test_decorators_keep_what_a_view_is_called(app: Flask) -> None:
    """Name and docstring stay, so that endpoints are named as usual."""
    assert app.view_functions["private"].__name__ == "private"

    def documented() -> None:
        """Says something."""

    assert login_required(documented).__doc__ == "Says something."


@pytest.mark.parametrize("headers", AS_SCRIPT)
def test_a_script_gets_a_problem_and_where_to_log_in(
    browser: Browser, headers: dict[str, str]
) -> None:
    """RFC 9457, with 401 and a challenge; a redirect would help it nothing."""
    answer = browser.get("/private", Referer="http://localhost/plain?x=1", **headers)
    assert answer.status_code == 401
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"]
    assert "no-store" in answer.headers["Cache-Control"]
    problem = answer.json
    assert problem is not None
    assert problem["type"] == "urn:rblx-oauth:problem:login-required"
    assert problem["status"] == 401
    assert set(problem) == {"type", "title", "status", "detail", "login_url"}
    # Afterwards the person is back on the page that the script belongs to.
    assert parse_qs(urlsplit(problem["login_url"]).query)["next"] == ["/plain?x=1"]


@pytest.mark.parametrize("headers", AS_SCRIPT)
def test_a_script_is_not_sent_to_roblox_by_the_login_either(
    browser: Browser, headers: dict[str, str]
) -> None:
    """It learns where a person has to go; nothing is begun and no cookie set."""
    answer = browser.get("/roblox/login?next=/private", **headers)
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.json is not None
    assert answer.json["login_url"] == "/roblox/login?next=/private"
    assert "Set-Cookie" not in answer.headers


def test_a_browser_is_no_script(browser: Browser) -> None:
    """What browsers really send as Accept is a person's."""
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    answer = browser.get("/private", Accept=accept, Sec_Fetch_Dest="document")
    assert answer.status_code == 302


def test_a_form_sent_without_a_login_is_told_so(browser: Browser) -> None:
    """401, with a way back to the page that the form was on."""
    answer = browser.post("/private", {"a": "b"}, Referer="http://localhost/plain")
    assert answer.status_code == 401
    assert "was not processed" in answer.text
    assert "next=/plain" in answer.text


@pytest.mark.parametrize(
    "referer",
    [
        "",
        "https://evil.example/plain",
        "http://localhost.evil.example/plain",
        "http://localhost//evil.example",
        "http://localhost@evil.example/plain",
        "http://[",
        "nonsense",
        "http://localhost/change",  # takes no GET
        "http://localhost/no/such/page",
    ],
)
def test_c15_a_foreign_referer_leads_to_the_front_page(browser: Browser, referer: str) -> None:
    """The way back from a form is a page of this site."""
    answer = browser.post("/private", Referer=referer)
    assert 'next=/"' in answer.text
    assert "evil" not in answer.text


# --- scopes_required


def test_a_page_asks_for_what_is_missing_and_comes_back(app: Flask, browser: Browser) -> None:
    """The new token keeps the old scopes, and the person is where they were."""
    granted: list[frozenset[str]] = []

    def note(sender: Flask, **facts: object) -> None:
        granted.append(facts["scopes"])  # type: ignore[arg-type]

    browser.log_in()
    answer = browser.get("/announce?draft=1")
    assert asked_scopes(browser, answer.headers["Location"]) == ["openid", "profile", PUBLISH]
    with scopes_granted.connected_to(note, sender=app):
        back = browser.step_up("/announce?draft=1")
    assert back.headers["Location"] == "/announce?draft=1"
    assert browser.get("/announce").text == f"announced as {ADA} with openid profile {PUBLISH}"
    assert granted == [frozenset({PUBLISH})]


def test_somebody_logged_out_logs_in_first(browser: Browser) -> None:
    """scopes_required includes login_required."""
    assert urlsplit(browser.get("/announce").headers["Location"]).path == "/roblox/login"


def test_a_form_gets_a_page_that_says_what_will_be_asked(browser: Browser) -> None:
    """403: nothing was done; a button leads to Roblox, and back to the page of the form."""
    browser.log_in()
    answer = browser.post("/announce", {"text": "hi"}, Referer="http://localhost/plain?x=1")
    assert answer.status_code == 403
    assert PUBLISH in answer.text
    assert "was not processed" in answer.text
    url = answer.text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    assert parse_qs(urlsplit(url).query)["next"] == ["/plain?x=1"]
    assert asked_scopes(browser, url) == ["openid", "profile", PUBLISH]


@pytest.mark.parametrize("headers", AS_SCRIPT)
def test_a_script_learns_which_scopes_are_missing(
    browser: Browser, headers: dict[str, str]
) -> None:
    """RFC 9457, with 403."""
    browser.log_in()
    answer = browser.post("/announce", None, **headers)
    assert answer.status_code == 403
    problem = answer.json
    assert problem is not None
    assert problem["type"] == "urn:rblx-oauth:problem:insufficient-scope"
    assert problem["missing"] == [PUBLISH]
    assert PUBLISH in asked_scopes(browser, problem["login_url"])


def test_c43_a_denied_step_up_stays_logged_in_and_explains(browser: Browser) -> None:
    """No loop, the old scopes stay, and the person can go on."""
    browser.log_in()
    answer = browser.step_up("/announce", deny=True)
    assert answer.status_code == 403
    assert "still logged in as Ada" in answer.text
    assert browser.get("/private").status_code == 200
    assert browser.get("/announce").status_code == 302


def test_c30_c43_a_step_up_granted_in_part_explains_instead_of_asking_again(
    browser: Browser, cloud: Sandbox
) -> None:
    """What counts is what was granted; a page breaks the circle, and the person is logged in."""
    browser.log_in()
    asked = browser.get("/announce").headers["Location"]
    callback = cloud.consent(browser.get(asked).headers["Location"])
    code = cloud.state.oauth.codes[parse_qs(urlsplit(callback).query)["code"][0]]
    code.scope = "openid profile"  # Roblox leaves one out
    answer = browser.land(callback)
    assert answer.status_code == 403
    assert "less than was asked for" in answer.text
    assert browser.who() == "ada_builds"
    assert browser.get("/announce").status_code == 302


def test_a_step_up_with_another_account_is_refused(browser: Browser) -> None:
    """What one account granted is not used while another is logged in, nor does it log in."""
    browser.log_in(ADA)
    before = browser.cookie()
    answer = browser.step_up("/announce", user=ZOE)
    assert answer.status_code == 400
    assert "another Roblox account" in answer.text
    assert browser.cookie() == before
    assert browser.who() == "ada_builds"
    assert browser.get("/announce").status_code == 302


def test_c35_a_step_up_changes_the_session_id(browser: Browser) -> None:
    """More rights, a new id; the old one is dead."""
    browser.log_in()
    before = browser.cookie() or ""
    browser.step_up("/announce")
    assert browser.cookie() != before
    browser.set_cookie("roblox_session", before)
    assert browser.who() == "nobody"


def test_a_step_up_asks_again_for_scopes_newer_than_the_catalogue(clock: ManualClock) -> None:
    """What Roblox granted exists, whatever this library knows; to leave it out would lose it."""
    with Provider(clock) as provider:
        app = Flask("newer")
        app.config.update(
            SECRET_KEY="not a secret",
            ROBLOX_CLIENT_ID=CLIENT_ID,
            ROBLOX_CLIENT_SECRET=CLIENT_SECRET,
            ROBLOX_REDIRECT_URI=REDIRECT,
            ROBLOX_ISSUER=provider.issuer,
            ROBLOX_STORE_URL="memory://",
        )
        roblox.init_app(app, clock=clock)
        add_views(app)
        client = app.test_client()
        provider.answer = {"scope": "openid profile brand-new:read"}
        begun = client.get("/roblox/login").headers["Location"]
        client.get(provider.callback(begun).removeprefix("http://localhost"))
        asking = client.get(client.get("/announce").headers["Location"])
        said_no = provider.callback(asking.headers["Location"], code=None, error="access_denied")
        page = client.get(said_no.removeprefix("http://localhost"))
        again = html.unescape(page.text.split('href="')[1].split('"')[0])
        for sent in (asking, client.get(again)):
            query = parse_qs(urlsplit(sent.headers["Location"]).query)
            assert sorted(query["scope"][0].split()) == [
                "brand-new:read",
                "openid",
                "profile",
                PUBLISH,
            ]


def test_a_step_up_in_one_browser_serves_the_others(app: Flask, cloud: Sandbox) -> None:
    """Scopes belong to the grant, not to the session."""
    laptop, phone = Browser(app, cloud), Browser(app, cloud)
    laptop.log_in()
    phone.log_in()
    laptop.step_up("/announce")
    assert phone.get("/announce").status_code == 200


def test_nobody_elses_link_can_ask_for_scopes(browser: Browser) -> None:
    """What to ask for is signed: a made-up `ask` asks for nothing more."""
    for ask in ("x", '{"scopes":["asset:write"]}', '{"scopes":["asset:write"]}.x', "é"):
        answer = browser.client.get("/roblox/login", query_string={"ask": ask})
        query = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert query["scope"] == ["openid profile"]


def test_a_call_that_lacks_a_scope_asks_for_it_too(app: Flask, browser: Browser) -> None:
    """InsufficientScope out of a view is answered as scopes_required does."""

    @app.route("/call", methods=["GET", "POST"])
    @login_required
    def call() -> str:
        raise InsufficientScope("x", missing=[PUBLISH], operation="publish_message")

    browser.log_in()
    assert PUBLISH in asked_scopes(browser, browser.get("/call").headers["Location"])
    assert browser.post("/call").status_code == 403


def test_c43_a_scope_that_is_granted_is_not_asked_for_in_a_circle(
    app: Flask, browser: Browser
) -> None:
    """If Roblox refuses although the token has the scope, a page says so with a button."""

    @app.get("/call")
    @scopes_required(PUBLISH)
    def call() -> str:
        raise InsufficientScope("x", missing=[PUBLISH])

    browser.log_in()
    browser.step_up("/call")
    answer = browser.get("/call")
    assert answer.status_code == 403
    assert "Location" not in answer.headers


def test_other_errors_of_a_call_are_the_sites(app: Flask, browser: Browser) -> None:
    """The extension answers for login and consent, not for what Open Cloud refuses."""

    @app.errorhandler(PermissionDenied)
    def refused(error: PermissionDenied) -> tuple[str, int]:
        return "the site's own page", 403

    @app.get("/call")
    @login_required
    def call() -> str:
        raise PermissionDenied(403)

    browser.log_in()
    assert browser.get("/call").text == "the site's own page"


@pytest.mark.parametrize("slip", [{"scopes": ["profil"]}, {"prompt": "ask"}])
def test_a_slip_in_a_login_address_is_an_error_where_it_is_written(
    app: Flask, slip: dict[str, Any]
) -> None:
    """Not a login that Roblox refuses to a person who can do nothing about it."""
    with app.test_request_context(), pytest.raises(ConfigurationError):
        login_url("/", **slip)


def test_an_unknown_scope_is_an_error_where_it_is_written() -> None:
    """Not a page that nobody can ever reach."""
    with pytest.raises(ConfigurationError, match="Did you mean"):
        scopes_required("universe-messaging-service:publsh")


NEWER = "planet:terraform"
"""A scope that no catalogue knows."""


def test_a_scope_newer_than_the_library_is_asked_for_where_the_view_says_so(
    app: Flask, browser: Browser
) -> None:
    """And where it does not, the error says how."""
    with pytest.raises(ConfigurationError, match="allow_unknown=True"):
        scopes_required(NEWER)

    @app.get("/terraform")
    @scopes_required(NEWER, allow_unknown=True)
    def terraform() -> str:
        return "done"

    away = browser.get("/terraform").headers["Location"]
    assert asked_scopes(browser, away) == sorted(["openid", "profile", NEWER])
    browser.log_in()
    away = browser.get("/terraform").headers["Location"]
    assert asked_scopes(browser, away) == sorted(["openid", "profile", NEWER])


def test_a_scope_newer_than_the_library_is_asked_for_where_the_site_says_so(
    app: Flask, cloud: Sandbox, clock: ManualClock
) -> None:
    """In its settings, for every login and for addresses of the login."""
    with (
        app.test_request_context(),
        pytest.raises(ConfigurationError, match="ROBLOX_ALLOW_UNKNOWN_SCOPES=true"),
    ):
        login_url("/", scopes=[NEWER])
    open_to_more = make_app(cloud, clock, ROBLOX_SCOPES=NEWER, ROBLOX_ALLOW_UNKNOWN_SCOPES="true")
    browser = Browser(open_to_more, cloud)
    with open_to_more.test_request_context():
        address = login_url("/", scopes=["moon:read"])
    assert asked_scopes(browser, "/roblox/login") == ["openid", NEWER]
    assert asked_scopes(browser, address) == sorted(["moon:read", "openid", NEWER])


def test_somebody_logged_out_is_asked_for_everything_at_once(browser: Browser) -> None:
    """A page that needs a scope has it asked for by the login that leads there."""
    back = browser.step_up("/announce")
    assert back.headers["Location"] == "/announce"
    assert PUBLISH in browser.get("/announce").text
