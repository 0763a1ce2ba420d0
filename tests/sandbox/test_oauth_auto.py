"""Logins without a person: requests that answer themselves, and tokens without a request."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import msgspec
import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from rblx_oauth import Client, OAuthApp, Token
from rblx_oauth.core.clock import aware
from rblx_oauth.sandbox import Sandbox, Settings
from tests.sandbox.app import REDIRECT_URI, App, query_of

PUBLISH = "universe-messaging-service:publish"
UNIVERSES = "openid profile universe-messaging-service:publish asset:read"


@pytest.fixture
def cloud() -> Any:
    """A sandbox that answers by itself."""
    with Sandbox(settings=Settings(auto_consent=True)) as sandbox:
        yield sandbox


def answer_of(app: App, **parameters: str) -> requests.Response:
    """What a request that answers itself gets."""
    url = app.authorization_url(**({"scope": UNIVERSES} | parameters))
    return requests.get(url, allow_redirects=False, timeout=10)


def resources_of(app: App, token: dict[str, Any]) -> list[dict[str, Any]]:
    """What the token lets into."""
    found = app.post("token/resources", token=token["access_token"]).json()
    return list(found["resource_infos"])


def test_allow_is_answered_at_once(cloud: Sandbox, app: App) -> None:
    """One GET gives the callback with code and state; no cookie, no page."""
    answer = answer_of(app, auto="allow")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(REDIRECT_URI)
    assert "Set-Cookie" not in answer.headers
    found = query_of(answer.headers["Location"])
    assert found["state"] == "a-state"
    token = app.exchange(found["code"]).json()
    assert app.userinfo(token).json()["sub"] == "1000001"
    infos = resources_of(app, token)
    assert {each["owner"]["id"] for each in infos} == {"1000001", "2000001"}


def test_deny_is_answered_at_once(app: App) -> None:
    """The same as Cancel."""
    found = query_of(answer_of(app, auto="deny").headers["Location"])
    assert (found["error"], found["state"]) == ("access_denied", "a-state")


def test_user_and_picks_can_be_said(app: App) -> None:
    """`auto_user`, `auto_universes`, `auto_groups`, `auto_creator`: as on the consent page."""
    code = query_of(
        answer_of(
            app,
            auto="allow",
            auto_user="1000002",
            auto_universes="3000004",
            auto_groups="",
            auto_creator="false",
        ).headers["Location"]
    )["code"]
    assert resources_of(app, app.exchange(code).json()) == [
        {
            "owner": {"id": "1000002", "type": "User"},
            "resources": {"universe": {"ids": ["3000004"]}},
        }
    ]


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"auto": "yes"}, "allow or deny"),
        ({"auto": "allow", "auto_user": "5"}, "no user 5"),
        ({"auto": "allow", "auto_universes": "3000001,3000004"}, "universe 3000004"),
        ({"auto": "allow", "auto_groups": "2000002"}, "group 2000002"),
        ({"auto": "allow", "auto_creator": "1"}, "true or false"),
        ({"auto": "allow", "scope": "openid", "auto_universes": "3000001"}, "no scope asks"),
    ],
)
def test_a_wrong_wish_is_told_to_the_script(app: App, parameters: dict[str, str], why: str) -> None:
    """It is the script's mistake, so it is a 400 there, and nothing for the app."""
    answer = answer_of(app, **parameters)
    assert answer.status_code == 400
    assert why in answer.text


def test_the_rest_of_the_request_is_checked_all_the_same(app: App, public_app: App) -> None:
    """Wrong requests fare as with a person: PKCE, scopes, redirect URIs."""
    no_pkce = answer_of(public_app, auto="allow", code_challenge="", code_challenge_method="")
    assert query_of(no_pkce.headers["Location"])["error"] == "invalid_request"
    assert answer_of(app, auto="allow", redirect_uri="https://evil.example/").status_code == 400
    scope = answer_of(app, auto="allow", scope="no:such")
    assert query_of(scope.headers["Location"])["error"] == "invalid_scope"


def test_it_is_off_unless_asked_for(app: App) -> None:
    """Without the switch there is no such thing, and the answer says how to have it."""
    with Sandbox() as careful, App(careful, careful.client_id, careful.client_secret) as other:
        answer = answer_of(other, auto="allow")
        assert answer.status_code == 400
        assert "--auto" in answer.text
        careful.settings.auto_consent = True
        assert answer_of(other, auto="allow").status_code == 302
        careful.reset()
        assert answer_of(other, auto="allow").status_code == 400


def test_a_reset_keeps_the_switches_it_began_with(cloud: Sandbox) -> None:
    """What the sandbox was started with outlives a reset; what was changed since does not."""
    cloud.settings.update({"auto_consent": False, "token_seconds": 5})
    cloud.reset()
    assert cloud.settings == Settings(auto_consent=True)


def test_the_program_has_a_flag_for_it() -> None:
    """`--auto` switches it on."""
    command = [sys.executable, "-m", "rblx_oauth.sandbox", "--port", "0", "--json", "--auto"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        info = json.loads(process.stdout.readline())
        query = f"client_id={info['client_id']}&response_type=code&scope=openid&auto=allow"
        url = f"{info['issuer']}v1/authorize?{query}&redirect_uri=http://127.0.0.1:1/cb"
        answer = requests.get(url, allow_redirects=False, timeout=10)
        process.terminate()
        assert "code" in query_of(answer.headers["Location"])


def test_an_issued_token_is_as_good_as_any(cloud: Sandbox, app: App) -> None:
    """It has the token endpoint's form, opens what it says, refreshes, and made no request."""
    token = cloud.issue_token(
        user=1000002, scopes=["openid", "profile", PUBLISH], universes=[3000004]
    )
    assert not len(cloud.requests)
    assert set(token) == set(app.login())
    assert app.userinfo(token).json()["preferred_username"] == "zoe_and_co"
    path, message = "/cloud/v2/universes/3000004:publishMessage", {"topic": "a", "message": "b"}
    assert app.call("POST", path, token, json=message).status_code == 200
    assert app.call("POST", path.replace("4:", "1:"), token, json=message).status_code == 403
    keys = KeySet.import_key_set(requests.get(f"{cloud.issuer}v1/certs", timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
    assert (claims["sub"], claims["aud"]) == ("1000002", cloud.client_id)
    fresh = app.refresh(token).json()
    assert fresh["scope"] == token["scope"]
    assert app.refresh(token).json()["error"] == "invalid_grant"


def test_an_issued_token_counts_as_an_agreement(cloud: Sandbox, app: App) -> None:
    """The person is not asked again for the same, and taking the app away ends it."""
    token = cloud.issue_token(user=1000001, scopes=["openid"])
    ((user, client), consent) = next(iter(cloud.state.oauth.consents.items()))
    assert (user, client, consent.scopes) == ("1000001", cloud.client_id, {"openid"})
    assert cloud.revoke_grants(1000001) == 1
    assert app.userinfo(token).status_code == 401


def test_a_token_for_this_library(cloud: Sandbox) -> None:
    """`token_for` gives what `OAuthApp.exchange` would have given, and clients take it."""
    token = cloud.token_for(
        user="1000002", client_id=cloud.public_client_id, scopes=["profile", PUBLISH]
    )
    assert isinstance(token, Token)
    assert (token.subject, token.issuer, token.client_id) == (
        "1000002",
        cloud.issuer,
        cloud.public_client_id,
    )
    assert token.scopes == {"openid", "profile", PUBLISH}
    assert token.claims["preferred_username"] == "zoe_and_co"
    assert token.issued_at == aware(token.issued_at.timestamp())
    assert token.lifetime == 899
    with OAuthApp(cloud.public_client_id, issuer=cloud.issuer, api_base=cloud.api_base) as app:
        client = app.client(token)
        client.universe(3000004).publish_message("topic", "hello")
        fresh = app.refresh(token)
    assert [each.message for each in cloud.messages] == ["hello"]
    assert fresh.subject == token.subject
    with Client(token=cloud.token_for(scopes=["openid"]), api_base=cloud.api_base) as client:
        assert client.user(1000001).get().name == "ada_builds"


WRONG = [
    ({"user": 5}, "no user 5"),
    ({"user": 1000001, "client_id": "5"}, "no app 5"),
    ({"user": 1000001, "scopes": ["no:such"]}, "no scope no:such"),
    ({"user": 1000001, "scopes": []}, "needs a scope"),
    ({"user": 1000001, "scopes": [PUBLISH], "universes": [3000004]}, "universe 3000004"),
    ({"user": 1000001, "scopes": ["asset:read"], "groups": [2000002]}, "group 2000002"),
]


@pytest.mark.parametrize(("wish", "why"), WRONG)
def test_nobody_gets_a_token_that_a_login_could_not_give(
    cloud: Sandbox, wish: dict[str, Any], why: str
) -> None:
    """Unknown users, apps and scopes, and what is not theirs, are errors in both ways."""
    with pytest.raises(ValueError, match=why):
        cloud.issue_token(**wish)
    url = f"{cloud.api_base}/_sandbox/api/tokens"
    answer = requests.post(url, json=wish, timeout=10)
    assert answer.status_code == 400
    assert why in answer.json()["error"]
    assert not cloud.state.oauth.grants


def test_tokens_over_http(cloud: Sandbox, app: App) -> None:
    """Tests in other languages get their tokens with one POST."""
    url = f"{cloud.api_base}/_sandbox/api/tokens"
    wish = {"user": "1000001", "scopes": ["openid", PUBLISH], "universes": ["3000001"]}
    token = requests.post(url, json=wish, timeout=10).json()
    assert [each["resources"] for each in resources_of(app, token)] == [
        {"universe": {"ids": ["3000001"]}}
    ]
    for body in (b"", b"{", b'{"users": 1}', b'{"user": null}', msgspec.json.encode([])):
        assert requests.post(url, body, timeout=10).status_code == 400


def test_a_token_needs_an_address() -> None:
    """Before the start there is no issuer to put into it."""
    with pytest.raises(RuntimeError, match="start the sandbox first"):
        Sandbox().issue_token(user=1000001)
