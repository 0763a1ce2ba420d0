"""Secrets: sealed by the caller, opened by the sandbox, told to the test alone."""

from __future__ import annotations

import builtins
import sys
from base64 import b64decode, b64encode
from typing import Any

import pytest
from nacl.public import PrivateKey, PublicKey, SealedBox

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

HOME = "/cloud/v2/universes/3000001/secrets"


def sealed(app: App, value: bytes = b"v", universe: str = "3000001") -> dict[str, str]:
    """A value as another program would seal it, with the id of the key."""
    key = app.call("GET", f"/cloud/v2/universes/{universe}/secrets/public-key").json()
    box = SealedBox(PublicKey(b64decode(key["secret"], validate=True)))
    return {"secret": b64encode(box.encrypt(value)).decode(), "key_id": key["key_id"]}


def test_a_secret_arrives_and_is_never_told(cloud: Sandbox, client: Client) -> None:
    """Only the test can see what it holds; listings have names, domains and times."""
    secrets = client.universe(3000001).secrets
    made = secrets.create("aws", "käse 🧀", domain="*.example.com")
    assert (made.id, made.domain) == ("aws", "*.example.com")
    assert made.created_at == made.updated_at
    assert cloud.secret(3000001, "aws").decode() == "käse 🧀"
    cloud.clock.advance(60)
    changed = secrets.update("aws", b"\x00\xff")
    assert (changed.created_at, changed.domain) == (made.created_at, "*.example.com")
    assert changed.updated_at != changed.created_at
    assert cloud.secret("3000001", "aws") == b"\x00\xff"
    secrets.update("aws", domain="")
    assert cloud.secret(3000001, "aws") == b"\x00\xff"
    assert [each.id for each in secrets.list()] == ["aws", "weather_key"]
    secrets.delete("aws")
    with pytest.raises(KeyError):
        cloud.secret(3000001, "aws")
    with pytest.raises(errors.NotFound):
        secrets.update("aws", domain="*")


def test_each_universe_has_a_key_of_its_own(cloud: Sandbox, app: App, client: Client) -> None:
    """Always the same; what another key sealed is refused."""
    first, second = (client.universe(each).secrets.public_key() for each in (3000001, 3000002))
    assert first != second
    assert len(first.key) == 32
    assert client.universe(3000001).secrets.public_key() == first
    other = sealed(app, universe="3000002")
    for body in (other, {**other, "key_id": first.key_id}):
        answer = app.call("POST", HOME, json={"id": "a", **body})
        assert (answer.status_code, answer.json()["status"]) == (400, "400")
    with pytest.raises(KeyError):
        cloud.secret(3000001, "a")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "1a"},
        {"id": "a-b"},
        {"id": "a" * 65},
        {"id": "é"},
        {"id": None},
        {"secret": "not base64!"},
        {"secret": b64encode(b"not sealed").decode()},
        {"secret": b64encode(SealedBox(PrivateKey.generate().public_key).encrypt(b"x")).decode()},
        {"secret": None},
        {"key_id": "7"},
        {"key_id": None},
        {"domain": "https://example.com"},
        {"domain": "a.*.com"},
        {"domain": 5},
    ],
)
def test_wrong_secrets_are_refused(app: App, changes: dict[str, Any]) -> None:
    """400, in the shape of a problem; nothing is kept."""
    body = {"id": "a", "domain": "*", **sealed(app), **changes}
    answer = app.call("POST", HOME, json=body)
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad Request")
    assert [each["id"] for each in app.call("GET", HOME).json()["secrets"]] == ["weather_key"]


def test_names_are_taken_once(app: App) -> None:
    """A second secret of a name is 409; the first stays."""
    assert app.call("POST", HOME, json={"id": "a", **sealed(app, b"1")}).status_code == 201
    again = app.call("POST", HOME, json={"id": "a", **sealed(app, b"2")})
    assert (again.status_code, app.cloud.secret(3000001, "a")) == (409, b"1")


def test_pages(app: App) -> None:
    """Ten at a time unless told; a cursor goes on; a universe has five hundred at most."""
    app.cloud.settings.rate_limits = False
    body = sealed(app)
    for number in range(499):
        made = app.call("POST", HOME, json={"id": f"s{number:03}", **body})
        assert made.status_code == 201
    assert app.call("POST", HOME, json={"id": "one_more", **body}).status_code == 400
    page = app.call("GET", HOME).json()
    assert [each["id"] for each in page["secrets"]] == [f"s{number:03}" for number in range(10)]
    rest = app.call("GET", HOME, params={"limit": 500, "cursor": page["nextPageCursor"]}).json()
    assert (len(rest["secrets"]), rest.get("nextPageCursor")) == (490, None)
    for wrong in ({"limit": 501}, {"limit": -1}, {"cursor": "x"}):
        assert app.call("GET", HOME, params=wrong).status_code == 400


def test_scopes_and_grants(app: App) -> None:
    """A token reads with one scope and writes with another, where it was let in."""
    reader = app.login(scope="openid universe.secret:read", universes=[3000001])
    assert app.call("GET", HOME, reader).status_code == 200
    refused = app.call("POST", HOME, reader, json={"id": "a", **sealed(app)})
    assert refused.status_code == 403
    assert app.call("GET", "/cloud/v2/universes/3000002/secrets", reader).status_code == 403


def test_secrets_survive_a_snapshot(app: App) -> None:
    """What they hold is saved and loaded, whatever bytes it is."""
    app.call("POST", HOME, json={"id": "a", **sealed(app, b"\x00\xffx")})
    saved = app.call("GET", "/_sandbox/api/snapshot").json()
    app.call("POST", "/_sandbox/api/reset")
    app.call("POST", "/_sandbox/api/load", json=saved)
    assert app.cloud.secret(3000001, "a") == b"\x00\xffx"
    seeded = {"secrets": {"secrets": {"3000001": {"b": {"text": "käse", "domain": "*"}}}}}
    assert app.call("POST", "/_sandbox/api/load", json=seeded).status_code == 200
    assert app.cloud.secret(3000001, "b") == "käse".encode()


def test_without_pynacl(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """An honest 501 that names the extra; listing works without."""
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "nacl":
            raise ModuleNotFoundError("No module named 'nacl'", name="nacl")
        return real(name, *args, **kwargs)

    for name in [each for each in sys.modules if each.partition(".")[0] == "nacl"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    answer = app.call("GET", f"{HOME}/public-key")
    assert (answer.status_code, "rblx-oauth[secrets]" in answer.text) == (501, True)
    assert app.call("GET", HOME).status_code == 200
