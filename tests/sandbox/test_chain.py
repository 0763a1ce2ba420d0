"""What every Open Cloud request goes through before its behaviour."""

from __future__ import annotations

import pytest
import requests
from flask import Flask, request as flask_request

from rblx_oauth.catalog import operations
from rblx_oauth.core.codec import decoder
from rblx_oauth.models import User
from rblx_oauth.sandbox import Sandbox, State
from rblx_oauth.sandbox.behaviour import BEHAVIOURS
from rblx_oauth.sandbox.chain import Chain
from rblx_oauth.sandbox.routing import Router
from rblx_oauth.sandbox.seed import DEVELOPER_KEY, seed
from tests.sandbox.app import App, entries, entry

MESSAGE = {"topic": "a", "message": "b"}
PUBLISH = "/cloud/v2/universes/{}:publishMessage"


def test_no_behaviour_is_made_up() -> None:
    """Each behaviour belongs to an operation of the catalogue."""
    assert set(BEHAVIOURS) <= set(operations())


def test_a_missing_or_wrong_key_is_the_gateways_401(app: App) -> None:
    """Without a good credential the gateway answers, in its own shape."""
    for headers in ({"x-api-key": "wrong"}, {"x-api-key": ""}):
        answer = app.call("GET", entries("coins"), headers=headers)
        assert answer.status_code == 401
        (error,) = answer.json()["errors"]
        assert set(error) == {"code", "message"}


def test_a_key_only_operation_refuses_a_token(app: App) -> None:
    """Data stores take API keys; a token of whatever scope does not open them."""
    answer = app.call("GET", entries("coins"), app.login())
    assert answer.status_code == 401
    assert "API key" in answer.json()["errors"][0]["message"]


def test_a_dead_token_is_a_401_with_a_challenge(cloud: Sandbox, app: App) -> None:
    """Unknown, expired and revoked tokens: 401 and RFC 6750's challenge."""
    path = PUBLISH.format("3000001")
    unknown = app.call("POST", path, {"access_token": "nonsense"}, json=MESSAGE)
    revoked = app.login()
    cloud.revoke_grants("1000001")
    expired = app.login()
    cloud.clock.advance(900)
    answers = [
        unknown,
        *(app.call("POST", path, each, json=MESSAGE) for each in (revoked, expired)),
    ]
    for answer in answers:
        assert answer.status_code == 401
        assert "errors" in answer.json()
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert not cloud.messages


def test_a_missing_scope_is_insufficient_scope(app: App) -> None:
    """403 INSUFFICIENT_SCOPE, naming the scope."""
    answer = app.call("POST", PUBLISH.format("3000001"), app.login(scope="openid"), json=MESSAGE)
    assert answer.status_code == 403
    assert answer.json()["code"] == "INSUFFICIENT_SCOPE"
    assert "universe-messaging-service:publish" in answer.json()["message"]
    assert answer.json()["details"] == []


def test_a_token_opens_only_the_universes_that_were_picked(app: App) -> None:
    """403 PERMISSION_DENIED for the person's other universes and for other people's."""
    token = app.login(universes=["3000001"])
    assert app.call("POST", PUBLISH.format("3000001"), token, json=MESSAGE).status_code == 200
    for universe in ("3000002", "3000003", "3000004"):
        answer = app.call("POST", PUBLISH.format(universe), token, json=MESSAGE)
        assert (answer.status_code, answer.json()["code"]) == (403, "PERMISSION_DENIED")
    missing = app.call("POST", PUBLISH.format("1"), token, json=MESSAGE)
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")


def test_the_key_opens_what_its_owner_owns(app: App) -> None:
    """The seeded key reaches Ada's universes and her group's, not Zoë's."""
    statuses = {
        universe["id"]: app.call("GET", entries("coins", universe=str(universe["id"]))).status_code
        for universe in app.cloud.universes
    }
    assert statuses == {3000001: 200, 3000002: 200, 3000003: 200, 3000004: 403}


def test_the_token_counts_where_both_credentials_come(app: App) -> None:
    """With a key beside it, a token still limits what may be done where tokens are accepted."""
    token = app.login(scope="openid")
    headers = {"x-api-key": app.cloud.api_key}
    answer = app.call("POST", PUBLISH.format("3000001"), token, json=MESSAGE, headers=headers)
    assert answer.status_code == 403
    assert app.call("GET", entries("coins"), token, headers=headers).status_code == 200


def test_public_operations_need_a_credential_and_no_scope(app: App) -> None:
    """Users and universes can be read with any token, whatever was picked."""
    token = app.login(scope="openid")
    user = app.call("GET", "/cloud/v2/users/1000002", token).json()
    assert (user["path"], user["displayName"]) == ("users/1000002", '<b>"Zoë" & Co</b>')
    assert "idVerified" not in user
    universe = app.call("GET", "/cloud/v2/universes/3000003", token).json()
    assert (universe["displayName"], universe["group"]) == ("Moonlight Racing", "groups/2000001")
    assert "user" not in universe
    assert app.call("GET", "/cloud/v2/users/1", token).json()["code"] == "NOT_FOUND"
    assert app.call("GET", "/cloud/v2/universes/1", token).json()["code"] == "NOT_FOUND"
    assert (
        requests.get(f"{app.cloud.api_base}/cloud/v2/users/1000002", timeout=10).status_code == 401
    )


def test_advanced_scopes_open_more_of_a_user(app: App) -> None:
    """`user.advanced:read` and `user.social:read` add their members."""
    token = app.login(scope="openid user.advanced:read user.social:read")
    user = app.call("GET", "/cloud/v2/users/1000001", token).json()
    assert user["idVerified"] is True
    assert "visibility" in user["socialNetworkProfiles"]


def test_an_unknown_path_names_the_nearest_operation(app: App) -> None:
    """404 says which operation was perhaps meant; a wrong method counts as unknown."""
    answer = app.call("GET", "/cloud/v2/universe/3000001/data-store")
    assert answer.status_code == 404
    assert "/cloud/v2/universes/{universe_id}/data-stores" in answer.json()["message"]
    answer = app.call("PUT", "/cloud/v2/users/1000001")
    assert answer.status_code == 404
    assert "GET /cloud/v2/users/{user_id}" in answer.json()["message"]


def test_an_operation_without_behaviour_answers_with_an_example() -> None:
    """What the sandbox keeps no state of is made up from the types, and says so in a header."""
    chain = Chain(State(seed), operations().values(), {})
    path = "/cloud/v2/users/1000001"
    headers = {"x-api-key": DEVELOPER_KEY.secret}
    with Flask("test").test_request_context(path, headers=headers):
        answer = chain.answer(flask_request, path)
    assert (answer.status_code, answer.headers["x-sandbox-example"]) == (200, "true")
    assert decoder(User)(answer.data).name == "example name"


def test_what_is_made_up_says_so(app: App) -> None:
    """A translation comes with the header of examples, an entry does not."""
    body = {"text": "a light", "targetLanguageCodes": ["de-de"]}
    path = "/cloud/v2/universes/3000001:translateText"
    assert app.call("POST", path, json=body).headers["x-sandbox-example"] == "true"
    assert "x-sandbox-example" not in app.call("GET", entries("coins")).headers


def test_rate_limits_count_per_token_with_headers(cloud: Sandbox, app: App) -> None:
    """The catalogue's limit per token: headers count down, then 429 until the window ends."""
    first, second = app.login(), app.login()
    answers = [app.call("GET", "/cloud/v2/users/1000001", first) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers[:2]] == ["9", "8"]
    assert answers[0].headers["x-ratelimit-limit"] == "10, 10;w=60"
    refused = answers[-1]
    assert refused.json()["code"] == "RESOURCE_EXHAUSTED"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.headers["x-ratelimit-reset"] == refused.headers["retry-after"]
    assert app.call("GET", "/cloud/v2/users/1000001", second).status_code == 200
    assert (
        app.call("GET", "/cloud/v2/users/1000001").headers["x-ratelimit-limit"].startswith("1000,")
    )
    cloud.clock.advance(60)
    assert app.call("GET", "/cloud/v2/users/1000001", first).status_code == 200


def test_rate_limits_can_be_switched_off(cloud: Sandbox, app: App) -> None:
    """With the switch off nothing is counted."""
    cloud.settings.rate_limits = False
    token = app.login()
    answers = [app.call("GET", "/cloud/v2/users/1000001", token) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {200}
    assert "x-ratelimit-limit" not in answers[0].headers


ODD_KEYS = [
    "a/b#c?d e%2F",
    "player/😀/é",
    "a:increment",
    "a:listRevisions",
    "100%",
    "%41",
    "..",
    ".",
    "...",
    "a+b c",
    "mail@example.org",
    "key@latest",
    "\\back\\slash",
    '"quoted" & <b>',
    "x" * 50,
    "😀" * 50,
    " ",
    "\u202e\u0000",
]


@pytest.mark.parametrize("key", ODD_KEYS)
def test_odd_keys_arrive_intact(app: App, key: str) -> None:
    """A key is what was sent, for writing, reading, incrementing, listing and deleting."""
    # urllib3 would resolve dots in a path, so those go in percent-encoded twice over by hand.
    path = entry(key)
    created = app.call("POST", entries(), params={"id": key}, json={"value": 1})
    assert created.json()["id"] == key
    if set(key) == {"."} and len(key) < 3:
        return
    assert app.call("POST", f"{path}:increment", json={"amount": 4}).json()["id"] == key
    read = app.call("GET", f"{path}@latest").json()
    assert (read["id"], read["value"]) == (key, 5)
    assert app.call("GET", "/cloud/v2/" + read["path"] + "@latest").json()["value"] == 5
    listed = app.call("GET", entries()).json()["dataStoreEntries"]
    assert [each["id"] for each in listed] == [key]
    assert app.call("GET", f"{path}:listRevisions").json()["dataStoreEntries"]
    assert app.call("DELETE", path).json() == {}
    assert app.call("GET", f"{path}@latest").status_code == 404


def test_dots_are_keys_like_any_other() -> None:
    """The router takes `.` and `..` as they are and resolves nothing."""
    router = Router(operations().values())
    for raw, key in ((".", "."), ("..", ".."), ("%2E%2E", ".."), ("..%2F..", "../..")):
        match = router.match("GET", entry("x")[:-1] + raw)
        assert match
        assert match.arguments["entry_id"] == key


def test_a_verb_is_told_from_a_colon_in_a_key() -> None:
    """`:increment` is the verb; `%3Aincrement` and `:other` belong to the key."""
    router = Router(operations().values())
    base = entry("x")[:-1]

    def routed(method: str, raw: str) -> tuple[str, str] | None:
        match = router.match(method, base + raw)
        return (match.operation.name, match.arguments["entry_id"]) if match else None

    assert routed("POST", "a:increment") == ("increment_data_store_entry", "a")
    assert routed("POST", "a%3Aincrement:increment") == (
        "increment_data_store_entry",
        "a:increment",
    )
    assert routed("POST", "a%3Aincrement") is None
    assert routed("GET", "a:listRevisions") == ("list_data_store_entry_revisions", "a")
    assert routed("GET", "a%3AlistRevisions") == ("get_data_store_entry", "a:listRevisions")
    assert routed("GET", "a@latest:2026-01-01T00:00:00Z") == (
        "get_data_store_entry",
        "a@latest:2026-01-01T00:00:00Z",
    )
    assert routed("GET", "a:b:listRevisions") == ("list_data_store_entry_revisions", "a:b")
    assert routed("GET", "") is None


def test_a_path_that_is_no_utf8_is_a_400(app: App) -> None:
    """A segment that decodes to no text is an invalid argument, not a crash."""
    answer = app.call("GET", entry("x")[:-1] + "%FF")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")


def test_refusals_are_recorded_with_their_reason(cloud: Sandbox, app: App) -> None:
    """The recorded request says what was asked and why it was refused."""
    app.call("GET", entries("coins", universe="3000004"))
    record = cloud.requests[-1]
    assert (record.method, record.status) == ("GET", 403)
    assert record.operation == "list_data_store_entries"
    assert record.reason.startswith("PERMISSION_DENIED: ")
    assert cloud.count(operation="list_data_store_entries", status=403) == 1
