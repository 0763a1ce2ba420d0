"""The sandbox's own page and API, and who may use them."""

from __future__ import annotations

import msgspec
import pytest
import requests

from rblx_oauth.sandbox import Sandbox, SandboxClock, Settings
from tests.sandbox.app import App, entries


def api(cloud: Sandbox, name: str) -> str:
    """The address of a part of the sandbox's API."""
    return f"{cloud.api_base}/_sandbox/api/{name}"


def test_the_page_shows_what_happened_and_no_secret(cloud: Sandbox, app: App) -> None:
    """Users, universes, entries, messages, assets, grants and refusals; tokens only in part."""
    token = app.login(user="1000002")
    fresh = app.refresh(token).json()
    path = "/cloud/v2/universes/3000004:publishMessage"
    app.call("POST", path, token, json={"topic": "news", "message": "<i>hello</i>"})
    app.call("GET", entries("coins", universe="3000004"))
    for section, shown in (
        ("", "&lt;i&gt;hello&lt;/i&gt;"),
        ("people", "&lt;b&gt;&#34;Zoë&#34; &amp; Co&lt;/b&gt;"),
        ("messages", "&lt;i&gt;hello&lt;/i&gt;"),
        ("universes", "Lantern Quest"),
        ("data-stores/3000001/entries?store=coins", "player/1000001"),
        ("requests", "PERMISSION_DENIED: "),
        ("requests", "refresh_token"),
        ("grants", token["access_token"][-6:]),
    ):
        page = requests.get(f"{cloud.api_base}/_sandbox/{section}", timeout=10).text
        assert shown in page
        for secret in (*token.values(), *fresh.values()):
            assert len(str(secret)) < 20 or str(secret) not in page or secret == token["scope"]


def test_the_state_is_told_without_secrets(cloud: Sandbox, app: App) -> None:
    """The summary, the requests and the messages are JSON in which no token occurs."""
    token = app.login()
    text = ""
    for name in ("state", "requests", "messages"):
        answer = requests.get(api(cloud, name), timeout=10)
        assert answer.headers["Content-Type"] == "application/json"
        text += answer.text
    for secret in ("access_token", "refresh_token", "id_token"):
        assert token[secret] not in text
    assert cloud.client_secret not in text
    assert "a-state" not in text
    whole = requests.get(api(cloud, "state"), timeout=10).json()
    assert [user["id"] for user in whole["users"]] == [1000001, 1000002, 1000003]
    assert len(whole["grants"]) == 1
    token_request = requests.get(api(cloud, "requests"), timeout=10).json()[-1]
    assert token_request["grant_type"] == "authorization_code"
    assert token_request["path"] == "/oauth/v1/token"


def test_the_clock_moves_over_http(cloud: Sandbox, app: App) -> None:
    """Time moves forward by what is asked, never back."""
    token = app.login()
    before = cloud.clock.now()
    answer = requests.post(api(cloud, "clock"), json={"advance": 3600}, timeout=10)
    assert answer.json()["now"] >= before + 3600
    assert app.userinfo(token).status_code == 401
    for wrong in ({"advance": -1}, {"advance": "1"}, {"set": 1}, {}, []):
        assert requests.post(api(cloud, "clock"), json=wrong, timeout=10).status_code == 400
    assert requests.post(api(cloud, "clock"), data="nan", timeout=10).status_code == 400


def test_settings_change_over_http_together_or_not_at_all(cloud: Sandbox) -> None:
    """A wrong name or type is a 400 that says so and changes nothing."""
    answer = requests.post(api(cloud, "settings"), json={"token_seconds": 60}, timeout=10)
    assert answer.json()["token_seconds"] == 60
    for wrong in (
        {"token_seconds": 70, "colour": "red"},
        {"token_seconds": "70"},
        {"picture": "x"},
    ):
        refused = requests.post(api(cloud, "settings"), json=wrong, timeout=10)
        assert refused.status_code == 400
        assert refused.json()["error"]
    assert cloud.settings == Settings(token_seconds=60)


def test_reset_goes_back_to_the_seed(cloud: Sandbox, app: App) -> None:
    """Grants, messages, entries, settings, requests and time are as at the start."""
    token = app.login()
    app.call("POST", entries(), params={"id": "a"}, json={"value": 1})
    app.call("DELETE", f"{entries('coins')}/player%2F1000001")
    cloud.settings.token_seconds = 5
    cloud.clock.advance(1000)
    assert requests.post(api(cloud, "reset"), timeout=10).status_code == 200
    assert app.userinfo(token).status_code == 401
    assert app.call("GET", entries()).json() == {"dataStoreEntries": []}
    assert app.call("GET", f"{entries('coins')}/player%2F1000001").json()["value"] == 25
    assert cloud.settings == Settings()
    assert app.login()["expires_in"] == 899


def test_the_person_can_remove_an_app(cloud: Sandbox, app: App, public_app: App) -> None:
    """All grants of the person end, or those of one app, and consent is asked anew."""
    mine, other = app.login(), public_app.login()
    body = {"user": "1000001", "client_id": app.client_id}
    assert requests.post(api(cloud, "grants/revoke"), json=body, timeout=10).json() == {"ended": 1}
    assert app.userinfo(mine).status_code == 401
    assert public_app.userinfo(other).status_code == 200
    assert [client for _, client in cloud.state.oauth.consents] == [public_app.client_id]
    body = {"user": 1000001}
    assert requests.post(api(cloud, "grants/revoke"), json=body, timeout=10).json() == {"ended": 1}
    assert public_app.userinfo(other).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_cannot_reach_in(cloud: Sandbox, headers: dict[str, str]) -> None:
    """A browser's request from another origin is refused, another port of this host included."""
    answer = requests.post(api(cloud, "reset"), headers=headers, timeout=10)
    assert answer.status_code == 403
    own = {"Origin": cloud.api_base, "Sec-Fetch-Site": "same-origin"}
    assert requests.post(api(cloud, "reset"), headers=own, timeout=10).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "["])
@pytest.mark.parametrize("path", ["/_sandbox/", "/_sandbox/api/state", "/oauth/v1/certs", "/x"])
def test_a_host_name_that_is_not_loopback_is_refused(cloud: Sandbox, host: str, path: str) -> None:
    """A foreign name that points at 127.0.0.1 (DNS rebinding) gets 403 everywhere."""
    answer = requests.get(cloud.api_base + path, headers={"Host": host}, timeout=10)
    assert answer.status_code == 403


def test_localhost_is_loopback_too(cloud: Sandbox) -> None:
    """`localhost` and IPv6's loopback are accepted as host names."""
    for host in (f"localhost:{cloud.port}", "[::1]:1", "127.0.0.1"):
        answer = requests.get(api(cloud, "state"), headers={"Host": host}, timeout=10)
        assert answer.status_code == 200


def test_the_root_leads_to_the_page(cloud: Sandbox) -> None:
    """Opening the bare address shows the page."""
    assert "Inside the sandbox" in requests.get(cloud.api_base, timeout=10).text


def test_a_clock_of_ones_own() -> None:
    """A test may bring its clock, and choose settings from the start."""
    clock = SandboxClock(lambda: 1_000_000.0)
    with Sandbox(clock=clock, settings=Settings(token_seconds=60)) as cloud:
        assert cloud.clock.now() == 1_000_000.0
        with App(cloud, cloud.client_id, cloud.client_secret) as app:
            token = app.login()
            assert token["expires_in"] == 60
            clock.advance(60)
            assert app.userinfo(token).status_code == 401


def test_info_is_what_scripts_need(cloud: Sandbox) -> None:
    """Exactly the documented keys, all of them plain JSON."""
    info = cloud.info()
    assert list(info) == [
        "issuer",
        "api_base",
        "client_id",
        "client_secret",
        "public_client_id",
        "redirect_uris",
        "api_key",
        "users",
        "universes",
        "groups",
    ]
    assert msgspec.json.decode(msgspec.json.encode(info)) == info
    assert [len(info[name]) for name in ("users", "groups", "universes")] == [3, 2, 4]  # type: ignore[arg-type]
