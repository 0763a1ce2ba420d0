"""htmx: a redirect that it follows with the whole page, back to where the person is."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from flask_ext.state import NAME
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, PUBLISH, Browser, make_app
from tests.support.clock import ManualClock

HX = {"HX_Request": "true", "HX_Current_URL": "http://localhost/plain?tab=2#top"}
# What htmx 1 and 2 send besides (a browser adds Sec-Fetch-Dest), and what htmx 4 does.
TWO = HX | {"Accept": "*/*", "Sec_Fetch_Dest": "empty"}
FOUR = HX | {"Accept": "text/html", "Sec_Fetch_Dest": "empty", "HX_Request_Type": "partial"}


def sent_to(answer: TestResponse) -> dict[str, str]:
    """The query of the login address that htmx is sent to."""
    parts = urlsplit(answer.headers["HX-Redirect"])
    assert (parts.scheme, parts.netloc, parts.path) == ("", "", "/roblox/login")
    return {name: values[0] for name, values in parse_qs(parts.query).items()}


@pytest.mark.parametrize("headers", [TWO, FOUR])
def test_a_piece_of_a_page_sends_the_page_to_log_in(
    browser: Browser, headers: dict[str, str]
) -> None:
    """401, which htmx passes over for HX-Redirect; the way back is the page and not the piece."""
    answer = browser.get("/private", **headers)
    assert answer.status_code == 401
    assert sent_to(answer) == {"next": "/plain?tab=2"}
    assert answer.content_type.startswith("text/html")
    assert "no-store" in answer.headers["Cache-Control"]
    assert {"HX-Request", "HX-Boosted", "Cookie"} <= set(answer.vary)
    # The browser goes there as to any page.
    begun = browser.get(answer.headers["HX-Redirect"]).headers["Location"]
    back = browser.land(browser.cloud.consent(begun))
    assert back.headers["Location"] == "/plain?tab=2"


def test_a_boosted_link_comes_back_to_where_it_leads(browser: Browser) -> None:
    """It stands for going there."""
    answer = browser.get("/private?x=1", HX_Boosted="true", **TWO)
    assert sent_to(answer) == {"next": "/private?x=1"}


def test_a_boosted_link_to_the_login_begins_it(browser: Browser) -> None:
    """`hx-boost` on the body catches the log-in link too: htmx is sent there with the page."""
    answer = browser.get("/roblox/login?next=/private", HX_Boosted="true", **TWO)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["HX-Redirect"] == "/roblox/login?next=/private"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/plain",
        "http://localhost.evil.example/plain",
        "http://localhost@evil.example/plain",
        "http://localhost//evil.example/",
        "http://localhost/\\evil.example/",
        "javascript:alert(1)",
        "//evil.example/plain",
        "http://[",
        "nonsense",
        "http://localhost/change",  # takes no GET
    ],
)
def test_c15_f37_a_page_that_is_not_ours_is_not_gone_back_to(browser: Browser, url: str) -> None:
    """HX-Current-URL is a header like any other: a foreign one leads to the front page."""
    answer = browser.post("/private", HX_Request="true", HX_Current_URL=url)
    assert sent_to(answer)["next"] == "/"
    assert "evil" not in answer.headers["HX-Redirect"] + answer.text


def test_c43_what_was_sent_is_explained_before_anybody_leaves(browser: Browser) -> None:
    """Not processed, says a page with a button; only then Roblox."""
    answer = browser.post("/private", {"a": "b"}, **TWO)
    assert answer.status_code == 401
    page = browser.get(answer.headers["HX-Redirect"])
    assert page.status_code == 401
    assert "was not processed" in page.text
    assert 'href="/roblox/login?next=/plain?tab%3D2"' in page.text
    assert "Set-Cookie" not in page.headers


def test_a_piece_that_needs_a_scope_sends_the_page_to_ask_for_it(browser: Browser) -> None:
    """403, and as with a page: straight to Roblox, and back to the page."""
    browser.log_in()
    answer = browser.get("/announce", **TWO)
    assert answer.status_code == 403
    sent_to(answer)
    begun = browser.get(answer.headers["HX-Redirect"]).headers["Location"]
    assert PUBLISH in parse_qs(urlsplit(begun).query)["scope"][0].split()
    assert browser.land(browser.cloud.consent(begun)).headers["Location"] == "/plain?tab=2"
    assert browser.get("/announce", **TWO).status_code == 200


def test_a_form_that_needs_a_scope_shows_what_will_be_asked(browser: Browser) -> None:
    """403, and the same page as for a form without htmx."""
    browser.log_in()
    answer = browser.post("/announce", {"text": "hi"}, **TWO)
    assert answer.status_code == 403
    page = browser.get(answer.headers["HX-Redirect"])
    assert page.status_code == 403
    assert PUBLISH in page.text
    assert "was not processed" in page.text
    url = page.text.split('class="button" href="')[1].split('"')[0].replace("&amp;", "&")
    assert PUBLISH in browser.get(url).headers["Location"].replace("%3A", ":")


def test_what_was_not_picked_sends_the_page_to_where_it_can_be(
    cloud: Sandbox, clock: ManualClock
) -> None:
    """By way of the page that explains it: Roblox would ask each time anew."""
    browser = Browser(make_app(cloud, clock, ROBLOX_SCOPES=f"openid profile {PUBLISH}"), cloud)
    browser.log_in()
    answer = browser.get("/universe/1", **TWO)
    assert answer.status_code == 403
    page = browser.get(answer.headers["HX-Redirect"])
    assert page.status_code == 403
    assert "Choose on Roblox" in page.text


def test_c42_c43_a_lost_grant_sends_the_page_to_an_explanation(
    browser: Browser, cloud: Sandbox, clock: ManualClock
) -> None:
    """A page that loads such a piece by itself must not go round through Roblox for ever."""
    browser.log_in()
    cloud.revoke_grants(ADA)
    clock.advance(3600)
    answer = browser.get("/token-state", **TWO)
    assert answer.status_code == 401
    assert browser.cookie() is None
    page = browser.get(answer.headers["HX-Redirect"])
    assert page.status_code == 401
    assert "Roblox has ended" in page.text


def test_c43_a_session_ended_elsewhere_sends_the_page_to_an_explanation(
    app: Flask, browser: Browser
) -> None:
    """As a person who goes to the page gets it."""
    browser.log_in()
    store = app.extensions[NAME].here.store
    (record,) = store.list_records("session", now=0)
    store.delete_owned("session", record.owner)
    answer = browser.get("/private", **TWO)
    assert answer.status_code == 401
    assert "You have been logged out" in browser.get(answer.headers["HX-Redirect"]).text


def test_c40_a_form_with_a_stale_token_sends_the_page_to_an_explanation(browser: Browser) -> None:
    """Nothing was changed; the button leads back to the page, where the token is a good one."""
    browser.log_in()
    answer = browser.post("/change", {"csrf_token": "stale"}, **TWO)
    assert answer.status_code == 400
    page = browser.get(answer.headers["HX-Redirect"])
    assert page.status_code == 400
    assert "no longer good" in page.text
    assert browser.get("/roblox/login?next=/plain?tab%3D2").headers["Location"] == "/plain?tab=2"


def test_logging_out_leaves_the_page(browser: Browser) -> None:
    """Whatever was on it may have been the person's."""
    browser.log_in()
    answer = browser.post("/roblox/logout", {"csrf_token": browser.get("/csrf").text}, **TWO)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/")
    assert browser.who() == "nobody"


def test_the_back_button_shows_a_page(browser: Browser) -> None:
    """What comes with 200 is shown by htmx 1 and 2, and nothing else; htmx 4 takes the header."""
    headers = {"HX_History_Restore_Request": "true", "Sec_Fetch_Dest": "empty"}
    answer = browser.get("/private?x=1", **headers)
    assert answer.status_code == 200
    assert "Please log in" in answer.text
    assert 'href="/roblox/login?next=/private?x%3D1"' in answer.text
    assert sent_to(answer) == {"next": "/private?x=1"}


def test_a_caller_that_wants_json_gets_json_and_the_header(browser: Browser) -> None:
    """As extensions of htmx do that make the page from data."""
    answer = browser.get("/private", **HX | {"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
    assert (answer.json or {})["login_url"] == "/roblox/login?next=/plain?tab%3D2"
    assert sent_to(answer)["next"] == "/plain?tab=2"


def test_an_unknown_reason_explains_nothing(browser: Browser) -> None:
    """A login address with words of somebody else's is a login address."""
    assert browser.get("/roblox/login?why=%3Cb%3E&sent=1").status_code == 302


def test_others_get_no_header_of_htmx(browser: Browser) -> None:
    """Neither people nor scripts."""
    assert "HX-Redirect" not in browser.get("/private", Accept="application/json").headers
    assert "HX-Redirect" not in browser.post("/private").headers
