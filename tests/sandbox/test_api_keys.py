"""Keys: what they may do, until when, and what is told of them."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors
from rblx_oauth.catalog import operations
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.people import ApiKey
from rblx_oauth.sandbox.sections import load
from tests.sandbox.app import App, entries

ADA = 1000001


def ask(cloud: Sandbox, key: str) -> requests.Response:
    """What a key may do, asked with nothing but the key."""
    url = f"{cloud.api_base}/api-keys/v1/introspect"
    return requests.post(url, json={"apiKey": key}, timeout=10)


def key(cloud: Sandbox, **members: Any) -> str:
    """A new key of Ada's."""
    made = ApiKey(secret="another-key", owner=str(ADA), name="Another", **members)
    cloud.state.api_keys[made.secret] = made
    return made.secret


def test_the_seeded_key_may_do_everything(cloud: Sandbox) -> None:
    """Every scope that an operation asks of keys, and no end."""
    with Client(api_key=cloud.api_key, api_base=cloud.api_base) as client:
        found = client.introspect_key()
    assert (found.name, found.user_id) == ("Sandbox key", ADA)
    assert (found.enabled, found.expired, found.expires_at) == (True, False, None)
    needed = {
        scope
        for each in operations().values()
        if "api_key" in each.credentials
        for scope in each.scopes
    }
    assert found.scope_names == needed
    targets = {each.name: each for each in found.scopes}
    assert targets["universe-messaging-service"].universe_ids == ["*"]
    assert targets["universe-datastores.objects"].data_stores[0].name == "*"
    assert targets["asset"].user_ids == [ADA]


def test_a_key_has_its_scopes_only(cloud: Sandbox, app: App) -> None:
    """403 names the one that lacks; the rest works."""
    limited = {"x-api-key": key(cloud, scopes=("universe-datastores.objects:list",))}
    assert app.call("GET", entries("coins"), headers=limited).status_code == 200
    answer = app.call("GET", f"{entries('coins')}/player%2F1000001", headers=limited)
    assert answer.json()["code"] == "INSUFFICIENT_SCOPE"
    (scope,) = ask(cloud, "another-key").json()["scopes"]
    assert (scope["name"], scope["operations"]) == ("universe-datastores.objects", ["list"])


def test_a_key_ends(cloud: Sandbox, app: App) -> None:
    """Then it opens nothing, and says so when it is asked about."""
    now = cloud.clock.now()
    headers = {"x-api-key": key(cloud, expires=now + 60)}
    assert app.call("GET", entries("coins"), headers=headers).status_code == 200
    assert ask(cloud, "another-key").json()["expired"] is False
    cloud.clock.advance(60)
    answer = app.call("GET", entries("coins"), headers=headers)
    assert answer.status_code == 401
    assert "expired" in answer.json()["errors"][0]["message"]
    told = ask(cloud, "another-key").json()
    assert (told["expired"], told["enabled"]) == (True, True)
    assert told["expirationTimeUtc"] is not None


def test_a_key_that_is_switched_off(cloud: Sandbox, app: App) -> None:
    """The same, without an end."""
    headers = {"x-api-key": key(cloud, enabled=False)}
    assert app.call("GET", entries("coins"), headers=headers).status_code == 401
    assert ask(cloud, "another-key").json()["enabled"] is False


def test_keys_are_seeded(cloud: Sandbox, app: App) -> None:
    """With everything that is told of them."""
    seeded = {
        "secret": "ci-key",
        "owner": "1000002",
        "name": "CI",
        "scopes": ["asset:read"],
        "expires": cloud.clock.now() + 5,
    }
    load(cloud.state, {"api_keys": [seeded]})
    told = ask(cloud, "ci-key").json()
    assert (told["name"], told["authorizedUserId"]) == ("CI", 1000002)


def test_a_key_that_nobody_has(cloud: Sandbox) -> None:
    """401 to a program, Unauthorized to the client; no key at all is a 400."""
    assert ask(cloud, "none").status_code == 401
    with (
        Client(api_key="none", api_base=cloud.api_base) as client,
        pytest.raises(errors.Unauthorized),
    ):
        client.introspect_key()
    url = f"{cloud.api_base}/api-keys/v1/introspect"
    assert requests.post(url, json={}, timeout=10).status_code == 400
    assert requests.get(url, timeout=10).status_code == 404
