"""What pages of other origins get: nothing, unless they are on this machine, and allowed to."""

from __future__ import annotations

import pytest
import requests

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App

PAGE = "http://localhost:3000"
UNIVERSE = "/cloud/v2/universes/3000001"
PREFLIGHT = {
    "Origin": PAGE,
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type",
}


def allowed(answer: requests.Response) -> dict[str, str]:
    """What the answer says to a browser, without the prefix that all of it has."""
    prefix = "access-control-"
    found = {name.lower(): value for name, value in answer.headers.items()}
    return {name.removeprefix(prefix): found[name] for name in found if name.startswith(prefix)}


@pytest.fixture
def open_cloud(cloud: Sandbox) -> Sandbox:
    """A sandbox with the switch on."""
    cloud.settings.cors = True
    return cloud


def test_a_page_gets_nothing_unless_it_is_switched_on(cloud: Sandbox, app: App) -> None:
    """Neither an answer that a browser would show it, nor a preflight that succeeds."""
    assert not allowed(app.call("GET", UNIVERSE, headers={"Origin": PAGE}))
    for path in (UNIVERSE, "/oauth/v1/token"):
        answer = requests.options(cloud.api_base + path, headers=PREFLIGHT, timeout=10)
        assert not allowed(answer)


@pytest.mark.parametrize("path", [UNIVERSE, "/oauth/v1/token", "/oauth/v1/userinfo"])
def test_a_preflight_is_told_that_what_it_asks_for_is_allowed(
    open_cloud: Sandbox, path: str
) -> None:
    """The origin, the method and the headers that were asked for (Fetch 4.8)."""
    answer = requests.options(open_cloud.api_base + path, headers=PREFLIGHT, timeout=10)
    assert (answer.status_code, answer.content) == (204, b"")
    found = allowed(answer)
    assert (found["allow-origin"], found["allow-methods"]) == (PAGE, "POST")
    assert found["allow-headers"] == "authorization, content-type"


def test_answers_and_refusals_are_for_the_page(open_cloud: Sandbox, app: App) -> None:
    """With the limits that it may read, and apart from what others get."""
    headers = {"Origin": PAGE}
    answer = app.call("GET", UNIVERSE, headers=headers)
    assert answer.status_code == 200
    assert (allowed(answer)["allow-origin"], answer.headers["Vary"]) == (PAGE, "Origin")
    assert "x-ratelimit-remaining" in allowed(answer)["expose-headers"]
    url = f"{open_cloud.issuer}v1/userinfo"
    refused = requests.get(url, headers=headers, timeout=10)
    assert (refused.status_code, allowed(refused)["allow-origin"]) == (401, PAGE)
    with open_cloud.fault("f13"):
        limited = app.call("GET", UNIVERSE, headers=headers)
    assert (limited.status_code, allowed(limited)["allow-origin"]) == (429, PAGE)
    assert not allowed(app.call("GET", UNIVERSE))


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://127.0.0.1.evil.example", "null", "http://[", "//localhost"],
)
def test_pages_from_elsewhere_get_nothing(app: App, open_cloud: Sandbox, origin: str) -> None:
    """The switch is for this machine; what only looks like it is not."""
    assert not allowed(app.call("GET", UNIVERSE, headers={"Origin": origin}))


def test_the_sandboxs_own_api_stays_shut(open_cloud: Sandbox) -> None:
    """Whatever the switch says, no page of another origin reads or changes the sandbox."""
    url = f"{open_cloud.api_base}/_sandbox/api/settings"
    assert not allowed(requests.options(url, headers=PREFLIGHT, timeout=10))
    answer = requests.post(url, json={}, headers={"Origin": PAGE}, timeout=10)
    assert answer.status_code == 403
    assert not allowed(answer)
