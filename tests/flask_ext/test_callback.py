"""The callback of a login: what completes it, once, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, REDIRECT, ZOE, Browser, token_calls
from tests.support.clock import ManualClock


def test_c04_f32_the_callback_in_another_browser_is_refused(
    app: Flask, browser: Browser, cloud: Sandbox, failures: list[str]
) -> None:
    """A login belongs to the browser that began it; the answer is used up all the same."""
    callback = cloud.consent(browser.begin())
    stranger = Browser(app, cloud)
    answer = stranger.land(callback)
    assert (answer.status_code, failures, token_calls(cloud)) == (400, ["browser"], 0)
    assert stranger.cookie() is None
    assert browser.land(callback).status_code == 400
    assert "http://localhost," in answer.text  # the address to begin at


def test_the_cookie_of_a_login_goes_with_it(browser: Browser, cloud: Sandbox) -> None:
    """Whether it ends well or not, nothing is left in the browser."""
    browser.land(cloud.consent(browser.begin(), deny=True))
    assert not browser.client._cookies
    browser.log_in()
    assert [name for _, _, name in browser.client._cookies or ()] == ["roblox_session"]


def test_c04_another_logins_secret_does_not_open_it(
    app: Flask, browser: Browser, cloud: Sandbox
) -> None:
    """A browser with a login of its own under way cannot take over somebody else's."""
    callback = cloud.consent(browser.begin())
    stranger = Browser(app, cloud)
    stranger.begin()
    assert stranger.land(callback).status_code == 400
    assert token_calls(cloud) == 0


def test_c05_f38_the_redirect_uri_never_comes_from_the_host_header(
    browser: Browser, cloud: Sandbox
) -> None:
    """Whatever host a request names, Roblox is told the configured address."""
    answer = browser.get("/roblox/login", Host="evil.example", X_Forwarded_Host="evil.example")
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["redirect_uri"] == [REDIRECT]
    # The exchange sends the same one, so it succeeds for a callback with an odd host too.
    browser.land(cloud.consent(browser.begin()))
    assert browser.who() == "ada_builds"


@pytest.mark.parametrize("query", ["", "?code=x", "?state=", "?state=unknown&code=x", "?state=%00"])
def test_c09_unknown_state_makes_no_token_call(
    browser: Browser, cloud: Sandbox, failures: list[str], query: str
) -> None:
    """A missing or unknown state is a 400, and Roblox is not asked."""
    answer = browser.get(f"/roblox/callback{query}")
    assert (answer.status_code, failures, token_calls(cloud)) == (400, ["state"], 0)


def test_c09_an_expired_state_makes_no_token_call(
    browser: Browser, cloud: Sandbox, clock: ManualClock
) -> None:
    """After ten minutes at Roblox the login has to be begun again."""
    authorization_url = browser.begin()
    clock.advance(601)
    assert browser.land(cloud.consent(authorization_url)).status_code == 400
    assert token_calls(cloud) == 0


def test_c10_state_is_consumed_by_an_error_callback(browser: Browser, cloud: Sandbox) -> None:
    """After "no" at Roblox, the same state is of no use, even to a browser that kept its cookie."""
    authorization_url = browser.begin()
    ((_, _, name), cookie) = next(iter((browser.client._cookies or {}).items()))
    denied = cloud.consent(authorization_url, deny=True)
    assert browser.land(denied).status_code == 403
    browser.set_cookie(name, cookie.value)
    assert browser.land(denied.replace("error=access_denied", "code=x")).status_code == 400
    assert token_calls(cloud) == 0


@pytest.mark.parametrize("more", ["&code=again", "&error=access_denied", "&state=again"])
def test_c12_a_doubled_or_contradictory_callback_is_refused(
    browser: Browser, cloud: Sandbox, more: str
) -> None:
    """Twice a code or a state, or a code beside an error, makes no token call."""
    assert browser.land(cloud.consent(browser.begin()) + more).status_code == 400
    assert token_calls(cloud) == 0


def test_c13_the_providers_words_never_reach_the_page(browser: Browser, cloud: Sandbox) -> None:
    """Both error and error_description are text that anyone can write into a link."""
    state = parse_qs(urlsplit(browser.begin()).query)["state"][0]
    markup = "%3Cscript%3Ealert(1)%3C/script%3ECANARY"
    answer = browser.get(
        f"/roblox/callback?state={state}&error={markup}&error_description={markup}&error_uri={markup}"
    )
    assert answer.status_code == 400
    assert "CANARY" not in answer.text
    assert "<script" not in answer.text


def test_c14_the_callback_answers_with_a_quiet_redirect(browser: Browser, cloud: Sandbox) -> None:
    """The code's address is neither cached nor sent on as a Referer."""
    answer = browser.land(cloud.consent(browser.begin()))
    assert answer.status_code == 302
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    refused = browser.get("/roblox/callback?state=x&code=y")
    assert refused.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in refused.headers["Cache-Control"]


def test_c43_f30_the_callback_twice_lands_logged_in(browser: Browser, cloud: Sandbox) -> None:
    """The back button onto the callback goes on to where it led, with no second exchange."""
    callback = cloud.consent(browser.begin("/private"))
    browser.land(callback)
    calls = token_calls(cloud)
    again = browser.land(callback)
    assert (again.status_code, again.headers["Location"]) == (302, "/private")
    assert token_calls(cloud) == calls


def test_f30_the_callback_twice_at_once_is_exchanged_once(
    app: Flask, browser: Browser, cloud: Sandbox
) -> None:
    """Of many at the same moment one gets the transaction; the others fail without a call."""
    callback = urlsplit(cloud.consent(browser.begin()))
    name = next(name for _, _, name in browser.client._cookies or () if "login" in name)
    cookies = {"Cookie": f"{name}={browser.cookie(name)}"}
    target = f"{callback.path}?{callback.query}"

    def land(_: int) -> int:
        return app.test_client(use_cookies=False).get(target, headers=cookies).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(land, range(8)))
    assert statuses == [302] + [400] * 7
    assert token_calls(cloud) == 1


def test_c43_a_used_callback_explains_itself_to_somebody_logged_out(
    browser: Browser, cloud: Sandbox
) -> None:
    """No automatic way back to Roblox: a page with a button."""
    callback = cloud.consent(browser.begin())
    browser.land(callback)
    browser.log_out()
    answer = browser.land(callback)
    assert answer.status_code == 400
    assert "Log in with Roblox</a>" in answer.text
    assert "Location" not in answer.headers


def test_a_used_callback_of_somebody_else_leads_nowhere(
    app: Flask, browser: Browser, cloud: Sandbox
) -> None:
    """A link with another person's used login does not send anybody where that one led."""
    other = Browser(app, cloud)
    callback = cloud.consent(other.begin("/private"), user=ZOE)
    other.land(callback)
    browser.log_in(ADA)
    answer = browser.land(callback)
    assert answer.status_code == 400
    assert "still logged in as Ada" in answer.text
