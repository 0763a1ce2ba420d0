"""Refreshing at the sandbox: rotation, reuse, lifetimes."""

from __future__ import annotations

import threading

import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App


def test_refresh_tokens_rotate_and_work_once(app: App) -> None:
    """Each refresh gives a new pair; the chain goes on with the newest."""
    first = app.login()
    second = app.refresh(first).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert second["scope"] == first["scope"]
    assert app.refresh(second).status_code == 200
    assert app.userinfo(first).status_code == 200


def test_reuse_of_a_spent_refresh_token_ends_the_grant(app: App) -> None:
    """A refresh token that comes a second time cuts off everyone who holds the grant."""
    first = app.login()
    second = app.refresh(first).json()
    assert app.refresh(first).json()["error"] == "invalid_grant"
    assert app.refresh(second).json()["error"] == "invalid_grant"
    assert app.userinfo(second).status_code == 401


def test_reuse_can_be_forgiven(cloud: Sandbox, app: App) -> None:
    """With the switch off, reuse is refused and the grant lives on."""
    cloud.settings.reuse_revokes = False
    first = app.login()
    second = app.refresh(first).json()
    assert app.refresh(first).json()["error"] == "invalid_grant"
    assert app.refresh(second).status_code == 200


def test_the_grace_window_lets_a_token_come_again(cloud: Sandbox, app: App) -> None:
    """Within the grace seconds a spent token still refreshes; after them it ends the grant."""
    cloud.settings.grace_seconds = 10
    first = app.login()
    assert app.refresh(first).status_code == 200
    cloud.clock.advance(5)
    assert app.refresh(first).status_code == 200
    cloud.clock.advance(6)
    assert app.refresh(first).json()["error"] == "invalid_grant"


def test_another_apps_refresh_token_is_refused_and_lives_on(app: App, public_app: App) -> None:
    """An app cannot use, nor by reuse end, a grant that is not its own."""
    token = app.login()
    app.refresh(token)
    assert public_app.refresh(token).json()["error"] == "invalid_grant"
    assert app.userinfo(token).status_code == 200


def test_the_refreshed_id_token_is_about_the_same_login(cloud: Sandbox, app: App) -> None:
    """A refresh brings an id_token of the same subject; the switch leaves it out."""
    token = app.login()
    keys = KeySet.import_key_set(requests.get(f"{cloud.issuer}v1/certs", timeout=10).json())
    before = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
    cloud.clock.advance(100)
    fresh = app.refresh(token).json()
    after = jwt.decode(fresh["id_token"], keys, algorithms=["ES256"]).claims
    same = ("iss", "sub", "aud", "auth_time")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert after["iat"] >= before["iat"] + 100
    cloud.settings.refresh_id_token = False
    assert "id_token" not in app.refresh(fresh).json()


def test_a_refresh_may_ask_for_less_and_not_for_more(app: App) -> None:
    """A narrower scope is given, a wider one refused (RFC 6749 6)."""
    token = app.login(scope="openid asset:read")
    assert app.refresh(token, scope="openid profile").json()["error"] == "invalid_scope"
    narrow = app.refresh(token, scope="openid").json()
    assert narrow["scope"] == "openid"
    answer = app.call("GET", "/assets/v1/assets/1", narrow)
    assert answer.json()["error"] == "INSUFFICIENT_SCOPE"


def test_refresh_tokens_live_ninety_days(cloud: Sandbox, app: App) -> None:
    """A refresh token expires 90 days after it was issued, not after the login."""
    token = app.login()
    cloud.clock.advance(89 * 86400)
    token = app.refresh(token).json()
    cloud.clock.advance(89 * 86400)
    token = app.refresh(token).json()
    cloud.clock.advance(90 * 86400 + 1)
    assert app.refresh(token).json()["error"] == "invalid_grant"


def test_one_refresh_token_in_many_threads_works_once(cloud: Sandbox, app: App) -> None:
    """Sixteen threads bring the same refresh token at once: one success."""
    cloud.settings.reuse_revokes = False
    token = app.login()
    statuses: list[int] = []
    start = threading.Barrier(16)

    def bring() -> None:
        with App(cloud, app.client_id, app.secret) as twin:
            start.wait()
            statuses.append(twin.refresh(token).status_code)

    threads = [threading.Thread(target=bring) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[400] * 15]
    assert cloud.count("/v1/token", grant_type="refresh_token") == 16
    assert cloud.count("/v1/token", grant_type="refresh_token", status=200) == 1


def test_the_lifetime_is_a_setting(cloud: Sandbox, app: App) -> None:
    """`token_seconds` is what `expires_in` says and when the token stops working."""
    cloud.settings.token_seconds = 30
    token = app.login()
    assert token["expires_in"] == 30
    cloud.clock.advance(29)
    assert app.userinfo(token).status_code == 200
    cloud.clock.advance(2)
    answer = app.userinfo(token)
    assert answer.status_code == 401
    assert "invalid_token" in answer.headers["WWW-Authenticate"]
