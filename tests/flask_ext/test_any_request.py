"""Whatever a browser or a stranger sends: no error page of the server's, no token request."""

from __future__ import annotations

import random
import secrets
from collections.abc import Iterator
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import example, given, strategies as st

from flask_ext.redirects import safe_path
from rblx_oauth.sandbox import Sandbox, SandboxClock
from tests.flask_ext.site import Browser, make_app
from tests.support.anything import ANYTHING, any_text
from tests.support.chromium import chromium
from tests.support.clock import ManualClock

TOKEN_CALLS = "/v1/token"
NAMES = ("state", "code", "error", "error_description", "iss", "next", "ask", "csrf_token")

any_bytes = st.binary(max_size=60)
any_query = st.one_of(
    st.lists(st.tuples(st.sampled_from(NAMES), any_bytes), max_size=6).map(urlencode),
    st.text(st.sampled_from("abstecodr=&;%0f+#?[].\\/\"' "), max_size=60),
    any_bytes.map(lambda raw: raw.decode("latin-1")),
)
"""As it comes in a request line: WSGI carries bytes as latin-1 (PEP 3333)."""


@pytest.fixture(scope="module")
def site() -> Iterator[Browser]:
    """A browser at a site, with somebody logged in, for all the examples of this module."""
    clock = ManualClock()
    with Sandbox(clock=SandboxClock(clock.now)) as cloud:
        browser = Browser(make_app(cloud, clock), cloud)
        browser.log_in()
        yield browser


@pytest.fixture
def stranger(site: Browser) -> Browser:
    """Somebody who is not logged in."""
    return Browser(site.app, site.cloud)


def ask(browser: Browser, method: str, path: str, query: str = "", **environ: str) -> int:
    """The status of a request with this very query and these variables of its environment."""
    found = browser.client.open(
        path,
        method=method,
        base_url=browser.base,
        environ_overrides={"QUERY_STRING": query, **environ},
    )
    assert found.status_code < 500, found.text
    return found.status_code


@ANYTHING
@given(any_query, st.sampled_from(["GET", "HEAD", "POST", "PUT"]))
@example("state=%ff&code=x", "GET")
@example("state=x&code=y&state=z", "GET")
@example("\xff", "GET")
def test_c09_any_callback_is_refused_without_a_token_call(
    site: Browser, stranger: Browser, query: str, method: str
) -> None:
    """Nobody knows a state that is under way, so nothing is exchanged and nobody is logged in."""
    before = site.cloud.count(TOKEN_CALLS)
    for browser in (site, stranger):
        assert 400 <= ask(browser, method, "/roblox/callback", query) < 500
    assert site.cloud.count(TOKEN_CALLS) == before
    assert (site.who(), stranger.who()) == ("ada_builds", "nobody")


@ANYTHING
@given(st.lists(st.tuples(st.sampled_from(["code", "error", "x"]), any_bytes), max_size=4))
@example([("code", b"x")])
def test_c10_any_callback_of_a_login_under_way_ends_it(
    stranger: Browser, pairs: list[tuple[str, bytes]]
) -> None:
    """With its state but not Roblox's code: no session, one token call at most, and it is spent."""
    location = stranger.begin()
    state = dict(pair.partition("=")[::2] for pair in urlsplit(location).query.split("&"))["state"]
    kept = dict(stranger.client._cookies or {})
    before = stranger.cloud.count(TOKEN_CALLS)
    query = urlencode([("state", state), ("iss", stranger.cloud.issuer), *pairs])
    assert 400 <= ask(stranger, "GET", "/roblox/callback", query) < 500
    for (_, _, name), cookie in kept.items():
        stranger.set_cookie(name, cookie.value)
    asked = stranger.cloud.count(TOKEN_CALLS) - before
    assert asked <= (1 if len([name for name, _ in pairs if name == "code"]) == 1 else 0)
    assert 400 <= ask(stranger, "GET", "/roblox/callback", query) < 500
    assert stranger.cloud.count(TOKEN_CALLS) == before + asked
    assert stranger.who() == "nobody"


COOKIE_NAMES = st.sampled_from(
    ["roblox_session", "roblox_left", "roblox_login_0123456789abcdef", "session", "__Host-x", ""]
)


@ANYTHING
@given(st.lists(st.tuples(COOKIE_NAMES, any_bytes), max_size=6), any_bytes)
def test_f33_any_cookies_are_nobody(
    stranger: Browser, cookies: list[tuple[str, bytes]], rest: bytes
) -> None:
    """On pages, the login and the callback: anonymous, and never a 500."""
    pairs = [f"{name}={value.decode('latin-1')}" for name, value in cookies]
    header = "; ".join([*pairs, rest.decode("latin-1")])
    for path, status in (("/", 200), ("/roblox/login", 302), ("/roblox/callback", 400)):
        client = stranger.app.test_client(use_cookies=False)
        found = client.get(path, environ_overrides={"HTTP_COOKIE": header})
        assert found.status_code == status
        assert "ada_builds" not in found.text


@ANYTHING
@given(any_query, st.sampled_from(["/roblox/login", "/private", "/announce", "/universe/1"]))
def test_any_query_of_a_page_that_asks_for_a_login_is_answered(
    site: Browser, stranger: Browser, query: str, path: str
) -> None:
    """A redirect or a refusal; a forged `ask` asks for nothing."""
    for browser in (site, stranger):
        found = browser.client.get(
            path, base_url=browser.base, environ_overrides={"QUERY_STRING": query}
        )
        assert found.status_code < 500
        location = found.headers.get("Location", "/")
        assert location.startswith(("/", browser.cloud.issuer))
        assert not location.startswith("//")


@ANYTHING
@given(st.integers(0, 200), st.characters(min_codepoint=33, max_codepoint=126), any_text)
def test_an_ask_that_was_changed_asks_for_nothing(
    stranger: Browser, place: int, character: str, other: str
) -> None:
    """Only what this site signed may widen what a person is asked to consent to."""
    signed = stranger.get("/announce").headers["Location"].partition("ask=")[2]
    at = place % (len(signed) - 1)  # some bits of the last character stand for nothing
    bent = signed[:at] + quote(character) + signed[at + 1 :]
    for value in (bent, quote(other.encode("utf-8", "replace"))):
        location = stranger.get(f"/roblox/login?ask={value}").headers["Location"]
        if value != signed:
            assert "publish" not in location


HEADERS = st.sampled_from(
    ["HTTP_ACCEPT", "HTTP_REFERER", "HTTP_ORIGIN", "HTTP_USER_AGENT", "HTTP_SEC_FETCH_SITE",
     "HTTP_SEC_FETCH_DEST", "HTTP_X_CSRF_TOKEN", "HTTP_X_REQUESTED_WITH", "CONTENT_TYPE"]
)  # fmt: skip


@ANYTHING
@given(st.dictionaries(HEADERS, any_bytes.map(lambda raw: raw.decode("latin-1")), max_size=4))
def test_any_headers_are_answered(site: Browser, headers: dict[str, str]) -> None:
    """What a browser says about itself and the page it comes from is a hint and no more."""
    for path in ("/private", "/roblox/login", "/announce"):
        ask(site, "GET", path, **headers)
    for path in ("/roblox/logout", "/change"):
        assert ask(site, "POST", path, **headers) == 400
    assert site.who() == "ada_builds"


TRICKS = ["/", "//", "\\", ".", "..", "%2f", "%5C", "%2e", "\t", "\n", "\r", "\x00", "@", ":",
          "?", "#", "evil.example", "https:", "javascript:", " ", "\u200b", "\u3002", "\uff0f",
          "\u2028", "%", "%09", "%0a", "[", "]", "a", "\x85", "\xa0", ";", "|", "^"]  # fmt: skip


def test_f37_a_real_browser_stays_on_the_host() -> None:
    """Of 60,000 tricky texts, every one that is accepted is a page of the site to Chromium."""
    seed = secrets.randbits(32)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    choose = random.Random(seed)
    texts = {"".join(choose.choices(TRICKS, k=choose.randint(1, 7))) for _ in range(60_000)}
    texts |= {"/" + text for text in texts}
    accepted = sorted(text for text in texts if safe_path(text, root=""))
    mounted = sorted(
        text for text in ("/site" + each for each in texts) if safe_path(text, root="/site")
    )
    assert len(accepted) > 300
    assert len(mounted) > 300
    with chromium() as browser:
        page = browser.new_page()
        read = "texts => texts.map(t => { const u = new URL(t, 'https://site.example/here');"
        read += " return u.origin + u.pathname })"
        for each in page.evaluate(read, accepted):
            assert each.startswith("https://site.example/")
            assert not each.startswith("https://site.example//")
        for each in page.evaluate(read, mounted):
            assert f"{each}/".startswith("https://site.example/site/")
