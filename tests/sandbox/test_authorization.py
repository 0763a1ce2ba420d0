"""The authorization endpoint: what it accepts, what it shows and where it sends people."""

from __future__ import annotations

import html
import re

import pytest
import requests

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.browser import PageError
from tests.sandbox.app import REDIRECT_URI, VERIFIER, App, challenge, query_of
from tests.sandbox.person import Person, is_consent, is_login


def get(url: str, **more: object) -> requests.Response:
    """A GET that follows nothing."""
    return requests.get(url, allow_redirects=False, timeout=10, **more)


def test_discovery_says_what_roblox_says(cloud: Sandbox, app: App) -> None:
    """This issuer, Roblox's paths, ES256 alone; of what Roblox does not announce, nothing."""
    found = get(f"{cloud.issuer}.well-known/openid-configuration").json()
    assert found["issuer"] == cloud.issuer
    assert found["issuer"].endswith("/oauth/")
    assert found["resources_endpoint"] == f"{cloud.issuer}v1/token/resources"
    assert found["id_token_signing_alg_values_supported"] == ["ES256"]
    assert set(found["response_types_supported"]) == {"code", "none"}
    assert set(found["scopes_supported"]) >= {"openid", "profile"}
    assert get(found["registration_endpoint"]).headers["Content-Type"].startswith("text/html")
    unsaid = ("grant_types", "code_challenge_methods", "prompt_values", "response_modes")
    assert not [name for name in unsaid if f"{name}_supported" in found]
    assert "authorization_response_iss_parameter_supported" not in found
    cloud.settings.callback_issuer = True
    found = get(f"{cloud.issuer}.well-known/openid-configuration").json()
    assert found["authorization_response_iss_parameter_supported"] is True


def test_the_callback_carries_code_and_state(cloud: Sandbox, app: App) -> None:
    """A person who agrees is sent back with a code and the app's state."""
    url = cloud.consent(app.authorization_url())
    assert url.startswith(f"{REDIRECT_URI}?")
    found = query_of(url)
    assert set(found) == {"code", "state"}
    assert found["state"] == "a-state"


@pytest.mark.parametrize("deny", [False, True])
def test_the_callback_may_carry_the_issuer(cloud: Sandbox, app: App, deny: bool) -> None:
    """With the switch on, every callback has `iss` (RFC 9207)."""
    cloud.settings.callback_issuer = True
    found = query_of(cloud.consent(app.authorization_url(), deny=deny))
    assert set(found) >= {"iss", "state", "error" if deny else "code"}
    assert found["iss"] == cloud.issuer


def test_cancel_sends_access_denied(cloud: Sandbox, app: App) -> None:
    """A person who cancels is sent back with an error, the state and no code."""
    found = query_of(cloud.consent(app.authorization_url(), deny=True))
    assert found["error"] == "access_denied"
    assert found["state"] == "a-state"
    assert not {"iss", "code"} & set(found)


@pytest.mark.parametrize(
    "uri",
    [
        "https://site.example/roblox/callback",
        "http://127.0.0.1:54321/any/path?kept=1",
        "http://localhost/x",
        "http://[::1]:8/cb",
        "https://127.0.0.1/cb",
    ],
)
def test_registered_and_loopback_redirects_are_accepted(cloud: Sandbox, app: App, uri: str) -> None:
    """A registered URI and every loopback URI get the callback, their own query kept."""
    assert cloud.consent(app.authorization_url(redirect_uri=uri)).startswith(uri)


@pytest.mark.parametrize(
    "uri",
    [
        None,
        "https://site.example/roblox/callback/",
        "https://site.example/roblox/callback?a=b",
        "https://SITE.example/roblox/callback",
        "https://evil.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://user@127.0.0.1/",
        "http://localhost.evil.example/",
        "http://127.0.0.1/cb#fragment",
        "http://127.0.0.1/cb?a=%zz",
        'http://127.0.0.1/cb?"é',
        "javascript:alert(1)",
        "http://127.0.0.1/" + "a" * 256,
    ],
)
def test_a_foreign_redirect_is_told_to_the_person_not_followed(app: App, uri: str | None) -> None:
    """A redirect URI that is not the app's ends on a page, never in a redirect."""
    answer = get(app.authorization_url(redirect_uri=uri))
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "redirect_uri" in answer.text


def test_an_unknown_client_is_told_to_the_person(app: App) -> None:
    """An unknown client_id ends on a page."""
    answer = get(app.authorization_url(client_id="1"))
    assert answer.status_code == 400
    assert "invalid_client" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid no-such:scope"}, "invalid_scope"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'é"\\'}, "unsupported_response_type"),
        ({"response_type": None}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_wrong_request_goes_back_to_the_app(
    cloud: Sandbox, app: App, changes: dict[str, str | None], error: str
) -> None:
    """Once client and redirect URI are known to be good, errors go to the app with its state."""
    answer = get(app.authorization_url(**changes))
    found = query_of(answer.headers["Location"])
    assert answer.headers["Location"].startswith(REDIRECT_URI)
    assert (found["error"], found["state"]) == (error, "a-state")


def test_a_parameter_given_twice_is_refused(app: App) -> None:
    """RFC 6749 3.1: a request parameter comes at most once."""
    assert get(app.authorization_url() + "&scope=openid").status_code == 400


def test_a_public_client_must_use_pkce(public_app: App) -> None:
    """Without a challenge a public client gets no code."""
    url = public_app.authorization_url(code_challenge=None, code_challenge_method=None)
    assert query_of(get(url).headers["Location"])["error"] == "invalid_request"


def test_response_type_none_gives_no_code(cloud: Sandbox, app: App) -> None:
    """`response_type=none` comes back with the state alone."""
    found = query_of(cloud.consent(app.authorization_url(response_type="none")))
    assert found == {"state": "a-state"}


def test_consent_is_asked_once_for_the_same_scopes(app: App) -> None:
    """Logged in and agreed, a person goes straight through; new scopes ask again."""
    person = Person(app)
    person.allow(person.choose(person.open(scope="openid"), "1000001"))
    assert "code" in query_of(person.open(scope="openid").headers["Location"])
    more = person.open(scope="openid profile")
    assert is_consent(more)
    assert more.text.count("Already allowed") == 1
    assert "code" in query_of(person.allow(more).headers["Location"])
    assert "code" in query_of(person.open(scope="profile openid").headers["Location"])


def test_prompt_none_never_shows_a_page(app: App) -> None:
    """`prompt=none` answers the app at once: login needed, consent needed, or a code."""
    person = Person(app)
    page = person.choose(person.open(scope="openid"), "1000001")
    found = query_of(person.open(scope="openid", prompt="none").headers["Location"])
    assert found["error"] == "consent_required"
    person.allow(page)
    assert "code" in query_of(person.open(scope="openid", prompt="none").headers["Location"])


def test_prompt_login_and_select_account_show_the_login_page(app: App) -> None:
    """Both ask who the person is, once, even when that is known."""
    person = Person(app)
    person.allow(person.choose(person.open(), "1000001"))
    for prompt in ("login", "select_account"):
        page = person.open(prompt=prompt)
        assert is_login(page)
        assert "Signed in" in page.text
        assert person.choose(page, "1000001").status_code == 302
    assert is_consent(person.choose(person.open(prompt="login consent"), "1000001"))


def test_prompt_consent_asks_again(app: App) -> None:
    """`prompt=consent` shows the consent page though the person agreed before."""
    person = Person(app)
    person.allow(person.choose(person.open(), "1000001"), universe="3000001")
    page = person.open(prompt="consent")
    assert is_consent(page)
    assert re.search(r'value="3000001" checked', page.text)
    assert "code" in query_of(person.allow(page).headers["Location"])


def test_forms_without_the_sessions_token_change_nothing(cloud: Sandbox, app: App) -> None:
    """Login and consent forms of another site are refused (CSRF)."""
    person = Person(app)
    page = person.open()
    forged = {"csrf": "x", "query": "", "user": "1000001"}
    answer = person.http.post(f"{cloud.issuer}v1/login", forged, timeout=10)
    assert answer.status_code == 400
    consent = person.choose(page, "1000001")
    data = {"csrf": "x", "decision": "allow"}
    answer = person.http.post(consent.url, data, allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert not cloud.state.oauth.codes
    assert requests.post(f"{cloud.issuer}v1/login", forged, timeout=10).status_code == 400


def test_a_tab_that_another_overtook_can_show_its_page_again(app: App) -> None:
    """Two tabs on the login page: the second learns of the first's login and goes on from it."""
    person = Person(app)
    first, second = person.open(), person.open(state="the second")
    person.choose(first, "1000001")
    overtaken = person.choose(second, "1000001")
    assert overtaken.status_code == 400
    link = re.search(r'href="(/oauth/v1/authorize[^"]+)"', overtaken.text)
    assert link
    again = app.cloud.api_base + html.unescape(link[1])
    page = person.http.get(again, allow_redirects=False, timeout=10)
    assert is_consent(page)
    assert query_of(person.allow(page).headers["Location"])["state"] == "the second"


def test_the_session_id_changes_at_login(app: App) -> None:
    """The cookie that a browser had before the login opens nothing afterwards."""
    person = Person(app)
    page = person.open()
    before = person.http.cookies.get_dict()
    person.choose(page, "1000001")
    assert person.http.cookies.get_dict() != before
    stale = requests.get(app.authorization_url(), cookies=before, timeout=10)
    assert is_login(stale)


def test_the_app_can_be_given_a_name() -> None:
    """The pages call the app as the program that started the sandbox does, after a reset too."""
    with Sandbox(app_name="<Backstage>") as cloud, App(cloud, cloud.client_id, "") as app:
        cloud.reset()
        assert "&lt;Backstage&gt;" in Person(app).open().text


def test_the_login_form_leads_nowhere_else(cloud: Sandbox, app: App) -> None:
    """Whatever the form says about where to go on, it is the authorization endpoint."""
    person = Person(app)
    page = person.open()
    data = {"csrf": person.field(page, "csrf"), "user": "1000001", "query": "//evil.example\r\nx=y"}
    answer = person.http.post(f"{cloud.issuer}v1/login", data, allow_redirects=False, timeout=10)
    assert answer.headers["Location"].startswith("/oauth/v1/authorize?")


def test_only_what_belongs_to_the_person_can_be_picked(cloud: Sandbox, app: App) -> None:
    """A form that claims another's universe or group does not get it."""
    person = Person(app)
    page = person.choose(person.open(), "1000003")
    person.allow(page, universe="3000001", creator="G2000001")
    (consent,) = cloud.state.oauth.consents.values()
    assert not consent.picks.universes
    assert not consent.picks.creators


def test_names_full_of_markup_are_escaped(app: App) -> None:
    """f39: a display name never becomes markup on the login and consent pages."""
    person = Person(app)
    page = person.open()
    assert "<b>&#34;" not in page.text
    assert "&lt;b&gt;" in page.text
    consent = person.choose(page, "1000002")
    assert "<b>" not in consent.text
    assert "&lt;b&gt;" in consent.text


def test_pages_cannot_be_framed_or_run_scripts(app: App) -> None:
    """The pages forbid framing and scripts, and are not cached."""
    answer = Person(app).open()
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_consent_reports_an_error_page(cloud: Sandbox, app: App) -> None:
    """The helper raises with the page's words instead of returning a wrong URL."""
    with pytest.raises(PageError, match="not registered"):
        cloud.consent(app.authorization_url(redirect_uri="https://evil.example/"))


def test_codes_are_bound_to_the_verifier(app: App) -> None:
    """PKCE: no verifier, a wrong one and an unexpected one are refused; the right one works."""
    code = app.code()
    wrong = app.exchange(code, code_verifier="w" * 64)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_grant")
    missing = app.post(
        "token", grant_type="authorization_code", code=code, redirect_uri=REDIRECT_URI
    )
    assert missing.json()["error"] == "invalid_request"
    assert app.exchange(code, code_verifier="short").json()["error"] == "invalid_request"
    assert app.exchange(code).status_code == 200
    url = app.authorization_url(code_challenge=None, code_challenge_method=None)
    bare = query_of(app.cloud.consent(url))["code"]
    assert app.exchange(bare).json()["error"] == "invalid_request"
    assert challenge(VERIFIER) != challenge("w" * 64)
