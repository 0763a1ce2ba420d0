"""``flask roblox doctor`` beyond the settings: store, API key, clock, provider."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from rblx_oauth import stores
from rblx_oauth.core.rows import Record
from rblx_oauth.oauth.record_rows import sealed_record
from tests.flask_ext.cli.deployment import Deployment, cloud, deployment
from tests.flask_ext.cli.kit import KEY_A, KEY_B, KEY_C, older
from tests.support.server import Answer, ScriptedServer, Seen, json_reply

__all__ = ["cloud", "deployment"]


def test_a_file_that_others_can_read_is_an_error(deployment: Deployment) -> None:
    """And one that a group can read is a warning."""
    deployment.file.chmod(0o644)
    assert deployment.only("--offline").level == "error"
    deployment.file.chmod(0o640)
    assert deployment.only("--offline").level == "warning"


def test_tables_of_an_older_version_name_the_command(deployment: Deployment) -> None:
    """As a worker would, which does not start on them."""
    older(deployment.file)
    found = deployment.only("--offline")
    assert (found.level, found.check) == ("error", "store")
    assert "flask roblox init-store" in found.message


def test_what_a_redis_may_lose_is_a_warning(deployment: Deployment, redis_url: str) -> None:
    """The tests' own keeps nothing on disk."""
    deployment.settings["ROBLOX_STORE_URL"] = redis_url
    found = deployment.findings("--offline")
    assert found
    assert {(each.level, each.check) for each in found} == {("warning", "store")}


@pytest.mark.parametrize(
    ("facts", "level", "words"),
    [
        ({"enabled": False}, "error", "switched off"),
        ({"enabled": True, "expired": True}, "error", "has expired"),
        ({"enabled": True, "expirationTimeUtc": "2030-01-05T00:00:00Z"}, "warning", "2030-01-05"),
    ],
)
def test_an_api_key_that_ends(
    facts: dict[str, object], level: str, words: str, deployment: Deployment
) -> None:
    """Before the site finds out."""
    deployment.clock.advance(datetime(2030, 1, 1, tzinfo=UTC).timestamp() - deployment.clock.now())
    with ScriptedServer(lambda _: json_reply(facts)) as server:
        deployment.settings["ROBLOX_API_BASE"] = server.url
        [found] = [each for each in deployment.findings() if each.check == "api_key"]
    assert found.level == level
    assert words in found.message


def test_c46_rows_under_old_and_unknown_keys_are_found(deployment: Deployment) -> None:
    """Before somebody takes a key out that is needed."""
    for key in (KEY_B, KEY_C):
        with stores.open(deployment.url, keys=[key]) as store:
            record = Record("thing", key[:8], "", b"x", 0.0, 0.0, 1e12)
            store.add_record(sealed_record(store.vault, record))
            name = store.vault.key_ids[0]
    deployment.settings["ROBLOX_TOKEN_KEYS"] = [KEY_A, KEY_B]
    found = sorted(deployment.findings("--offline"), key=lambda each: each.level)
    assert [(each.level, each.check) for each in found] == [
        ("error", "sealed"),
        ("warning", "sealed"),
    ]
    assert name in found[0].message


@pytest.mark.parametrize(
    ("seconds", "level", "words"),
    [(120, "warning", "ahead"), (-120, "warning", "behind"), (900, "error", "ahead")],
)
def test_f19_a_clock_that_is_wrong(
    seconds: float, level: str, words: str, deployment: Deployment
) -> None:
    """Thirty seconds are forgiven; five minutes stop logins."""
    deployment.clock.advance(seconds)
    found = deployment.only()
    assert (found.level, found.check) == (level, "clock")
    assert words in found.message


def scripted(server: ScriptedServer, **changes: object) -> Callable[[Seen], Answer]:
    """A provider whose metadata says so, and which has no keys."""
    issuer = f"{server.url}/oauth/"
    metadata = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}authorize",
        "token_endpoint": f"{issuer}token",
        "jwks_uri": f"{issuer}certs",
    } | changes

    def answer(seen: Seen) -> Answer:
        return json_reply({"keys": []} if seen.path.endswith("certs") else metadata)

    return answer


@pytest.mark.parametrize(
    ("changes", "words"),
    [({}, "no key for ES256"), ({"issuer": "https://evil.gg/"}, "speaks for another issuer")],
)
def test_c16_c20_a_provider_that_cannot_be_used(
    changes: dict[str, object], words: str, deployment: Deployment
) -> None:
    """Another issuer, or no key that logins could be checked with."""
    with ScriptedServer() as server:
        server.answer = scripted(server, **changes)
        deployment.settings |= {"ROBLOX_ISSUER": f"{server.url}/oauth/"}
        found = deployment.findings()
    assert [each.level for each in found if each.check == "provider"] == ["error"]
    assert words in found[0].message


def test_f01_a_provider_that_is_away_is_told_once(deployment: Deployment) -> None:
    """Not known is what else depends on it; --offline does not ask."""
    deployment.settings |= {"ROBLOX_ISSUER": "http://127.0.0.1:1/", "ROBLOX_CLIENT_SECRET": None}
    assert deployment.only().check == "provider"
    assert deployment.findings("--offline") == []
