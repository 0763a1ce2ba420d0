"""The token endpoint and what it gives out."""

from __future__ import annotations

import base64
import hashlib
import logging

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import REDIRECT_URI, VERIFIER, App


def test_tokens_have_roblox_shape_and_length(app: App) -> None:
    """Access tokens have about 700 characters, refresh tokens over 1,000; 899 seconds."""
    token = app.login()
    assert 650 <= len(token["access_token"]) <= 800
    assert token["access_token"].count(".") == 2
    assert len(token["refresh_token"]) > 1000
    assert token["refresh_token"].count(".") == 4
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 899)
    assert token["scope"].startswith("openid profile")


def test_c48_nothing_issued_is_logged(
    cloud: Sandbox, app: App, caplog: pytest.LogCaptureFixture
) -> None:
    """At DEBUG, neither the sandbox nor Authlib under it logs a token or the client's secret."""
    with caplog.at_level(logging.DEBUG, logger="authlib"), caplog.at_level(logging.DEBUG):
        token = app.login()
        assert app.refresh(token).ok
    secrets = (
        cloud.client_secret,
        *(token[f"{kind}_token"] for kind in ("access", "refresh", "id")),
    )
    assert "Issue token" in caplog.text
    assert not [secret for secret in secrets if secret in caplog.text]


def test_token_answers_are_not_cached(app: App) -> None:
    """RFC 6749 5.1: no-store, on success and on error."""
    for answer in (app.exchange(app.code()), app.exchange("nonsense")):
        assert answer.headers["Cache-Control"] == "no-store"


def test_the_id_token_verifies_against_the_jwks(cloud: Sandbox, app: App) -> None:
    """The id_token is ES256, signed by a published key, with nonce, at_hash and the claims."""
    token = app.login(user="1000002")
    keys = KeySet.import_key_set(requests.get(f"{cloud.issuer}v1/certs", timeout=10).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["ES256"])
    claims = decoded.claims
    half = hashlib.sha256(token["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert (claims["iss"], claims["aud"]) == (cloud.issuer, cloud.client_id)
    assert claims["nonce"] == "a-nonce"
    assert claims["exp"] - claims["iat"] == 36_000  # ten hours
    assert claims["nbf"] == claims["iat"]
    assert {"jti", "name", "nickname", "preferred_username", "created_at", "picture"} <= set(claims)
    assert (claims["sub"], claims["nickname"]) == ("1000002", '<b>"Zoë" & Co</b>')
    assert all("d" not in key.as_dict(private=False) for key in keys.keys)
    assert "kid" in decoded.header


def test_without_openid_there_is_no_id_token(app: App) -> None:
    """An authorization of API scopes alone brings no id_token, and userinfo is refused."""
    token = app.login(scope="asset:read")
    assert "id_token" not in token
    answer = app.userinfo(token)
    assert (answer.status_code, answer.json()["error"]) == (403, "insufficient_scope")


def test_userinfo_shows_only_sub_without_profile(app: App) -> None:
    """The `profile` scope opens the names; without it there is the id alone."""
    assert app.userinfo(app.login(scope="openid")).json() == {"sub": "1000001"}
    found = app.userinfo(app.login(scope="openid profile")).json()
    assert found["preferred_username"] == "ada_builds"
    assert found["created_at"] == 1_500_000_000


@pytest.mark.parametrize(
    ("choice", "start"),
    [("loopback", "http://127.0.0.1:"), ("roblox", "https://tr.rbxcdn.com/"), ("none", None)],
)
def test_the_picture_can_be_chosen(
    cloud: Sandbox, app: App, choice: str, start: str | None
) -> None:
    """`picture` is a loopback address that serves an image, an address at Roblox, or null."""
    cloud.settings.update({"picture": choice})
    picture = app.userinfo(app.login())
    found = picture.json()["picture"]
    assert found is None if start is None else found.startswith(start)
    if choice == "loopback":
        image = requests.get(found, timeout=10)
        assert image.headers["Content-Type"].startswith("image/svg+xml")


def test_a_code_lives_one_minute(cloud: Sandbox, app: App) -> None:
    """A code is good for 60 seconds by the sandbox's clock."""
    code = app.code()
    cloud.clock.advance(61)
    assert app.exchange(code).json()["error"] == "invalid_grant"
    code = app.code()
    cloud.clock.advance(55)
    assert app.exchange(code).status_code == 200


def test_a_code_used_twice_takes_back_what_it_gave(app: App) -> None:
    """RFC 6749 4.1.2: the second use is refused, and the first one's tokens die."""
    code = app.code()
    token = app.exchange(code).json()
    assert app.userinfo(token).status_code == 200
    assert app.exchange(code).json()["error"] == "invalid_grant"
    assert app.userinfo(token).status_code == 401
    assert app.refresh(token).json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_redirect_uri_and_client(app: App, public_app: App) -> None:
    """Another redirect URI or another app cannot use a code."""
    code = app.code()
    elsewhere = app.exchange(code, redirect_uri="http://127.0.0.1:18999/other")
    assert elsewhere.json()["error"] == "invalid_grant"
    assert public_app.exchange(code).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("given", [{}, {"redirect_uri": ""}])
def test_a_code_can_be_exchanged_as_roblox_documents_it(app: App, given: dict[str, str]) -> None:
    """Roblox's guide leaves the redirect URI out of the exchange, and so may programs."""
    data = {"code": app.code(), "code_verifier": VERIFIER} | given
    answer = app.post("token", grant_type="authorization_code", **data)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")


@pytest.mark.parametrize("missing", ["code", "code_verifier", "grant_type"])
def test_a_token_request_must_be_complete(app: App, missing: str) -> None:
    """A missing parameter is a 400 with an OAuth error body."""
    data = {"grant_type": "authorization_code", "code": app.code(), "code_verifier": VERIFIER}
    del data[missing]
    answer = app.post("token", **data)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_request", "invalid_grant", "unsupported_grant_type")


def test_who_sends_json_is_told_to_send_a_form(cloud: Sandbox, app: App) -> None:
    """A token request is a form (RFC 6749 4.1.3), and the refusal says so."""
    wanted = {"grant_type": "authorization_code", "code": app.code()}
    answer = requests.post(f"{cloud.issuer}v1/token", json=wanted, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "application/x-www-form-urlencoded" in answer.json()["error_description"]


def test_client_authentication(cloud: Sandbox, app: App) -> None:
    """The secret goes in the body or in the header; both at once, none and a wrong one fail."""
    url = f"{cloud.issuer}v1/token"
    basic = (cloud.client_id, cloud.client_secret)

    def ask(data: dict[str, str], auth: tuple[str, str] | None = None) -> requests.Response:
        wanted = {
            "grant_type": "authorization_code",
            "code": app.code(),
            "redirect_uri": REDIRECT_URI,
            "code_verifier": "v" * 64,
        }
        return requests.post(url, wanted | data, auth=auth, timeout=10)

    assert ask({}, basic).status_code == 200
    assert ask({"client_id": cloud.client_id}, basic).status_code == 200
    both = ask({"client_id": cloud.client_id, "client_secret": cloud.client_secret}, basic)
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    wrong = ask({"client_id": cloud.client_id, "client_secret": "wrong"})
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert ask({"client_id": cloud.client_id}).json()["error"] == "invalid_client"
    assert ask({"client_id": "nobody", "client_secret": "x"}).json()["error"] == "invalid_client"
    assert ask({}, (cloud.client_id, "wrong")).status_code == 401


def test_no_credential_is_taken_from_the_url(cloud: Sandbox, app: App) -> None:
    """A client that authenticates in the query is not authenticated."""
    query = f"client_id={cloud.client_id}&client_secret={cloud.client_secret}"
    data = {"grant_type": "authorization_code", "code": app.code(), "redirect_uri": REDIRECT_URI}
    answer = requests.post(f"{cloud.issuer}v1/token?{query}", data, timeout=10)
    assert answer.json()["error"] == "invalid_client"


def test_a_parameter_given_twice_is_refused(app: App) -> None:
    """RFC 6749 3.2: a token request with a repeated parameter is refused."""
    data = [
        ("client_id", app.client_id),
        ("client_secret", app.secret),
        ("code", "a"),
        ("code", "b"),
    ]
    answer = requests.post(f"{app.cloud.issuer}v1/token", data, timeout=10)
    assert answer.json()["error"] == "invalid_request"


def test_a_public_client_has_no_secret(public_app: App) -> None:
    """Client id and PKCE are enough for a public client, for refreshing too."""
    token = public_app.login()
    assert public_app.refresh(token).status_code == 200


def test_introspection_says_what_roblox_says(cloud: Sandbox, app: App, public_app: App) -> None:
    """The ten members of a live token; `active: false` for everything else."""
    token = app.login()
    found = app.post("token/introspect", token=token["access_token"]).json()
    assert set(found) == {
        "active",
        "jti",
        "iss",
        "token_type",
        "client_id",
        "aud",
        "sub",
        "scope",
        "exp",
        "iat",
    }
    assert (found["active"], found["sub"], found["iss"]) == (True, "1000001", cloud.issuer)
    assert found["exp"] - found["iat"] == 899
    inactive = {"active": False}
    assert app.post("token/introspect", token="nonsense").json() == inactive
    assert public_app.post("token/introspect", token=token["access_token"]).json() == inactive
    cloud.clock.advance(900)
    assert app.post("token/introspect", token=token["access_token"]).json() == inactive


def test_an_id_token_can_be_introspected(cloud: Sandbox, app: App, public_app: App) -> None:
    """Roblox's introspection takes id_tokens too: of this app, signed here, until they expire."""
    value = app.login()["id_token"]
    found = app.post("token/introspect", token=value).json()
    assert (found["active"], found["client_id"]) == (True, cloud.client_id)
    assert (found["sub"], found["iss"]) == ("1000001", cloud.issuer)
    assert found["jti"].startswith("ID.")
    inactive = {"active": False}
    assert public_app.post("token/introspect", token=value).json() == inactive
    forged = value.rpartition(".")[0] + "." + app.login()["id_token"].rpartition(".")[2]
    assert app.post("token/introspect", token=forged).json() == inactive
    cloud.clock.advance(found["exp"] - found["iat"])
    assert app.post("token/introspect", token=value).json() == inactive


def test_introspection_is_no_revocation_check(cloud: Sandbox, app: App) -> None:
    """After the person took it away, a token stays `active` until it expires, yet opens nothing."""
    token = app.login()
    assert cloud.revoke_grants("1000001") == 1
    assert app.post("token/introspect", token=token["access_token"]).json()["active"] is True
    assert app.userinfo(token).status_code == 401
    assert app.refresh(token).json()["error"] == "invalid_grant"


def test_resources_are_what_the_person_picked(app: App) -> None:
    """The picks come grouped by owner; the account itself is `U`."""
    token = app.login(universes=["3000001", "3000003"], groups=[], creator=True)
    assert app.post("token/resources", token=token["access_token"]).json() == {
        "resource_infos": [
            {
                "owner": {"id": "1000001", "type": "User"},
                "resources": {"universe": {"ids": ["3000001"]}, "creator": {"ids": ["U"]}},
            },
            {
                "owner": {"id": "2000001", "type": "Group"},
                "resources": {"universe": {"ids": ["3000003"]}},
            },
        ]
    }
    everything = app.post("token/resources", token=app.login()["access_token"]).json()
    group = everything["resource_infos"][1]
    assert group["resources"]["creator"]["ids"] == ["G2000001"]
    nothing = app.login(user="1000003")
    assert app.post("token/resources", token=nothing["access_token"]).json()["resource_infos"][0][
        "resources"
    ] == {"creator": {"ids": ["U"]}}


def test_resources_of_a_dead_token_are_not_told(app: App, public_app: App) -> None:
    """An unknown, foreign or revoked token has no resources to show."""
    token = app.login()
    assert app.post("token/resources", token="nonsense").status_code == 400
    assert public_app.post("token/resources", token=token["access_token"]).status_code == 400
    app.post("token/revoke", token=token["refresh_token"])
    assert app.post("token/resources", token=token["access_token"]).status_code == 400


def test_revoking_ends_every_token_of_a_login(app: App) -> None:
    """Revoking a refresh token kills the access tokens that came before it, too."""
    token = app.login()
    fresh = app.refresh(token).json()
    answer = app.post("token/revoke", token=fresh["refresh_token"])
    assert (answer.status_code, answer.text) == (200, "")
    assert "Content-Type" not in answer.headers  # some programs read what says it is JSON
    assert app.userinfo(token).status_code == 401
    assert app.userinfo(fresh).status_code == 401
    assert app.refresh(fresh).json()["error"] == "invalid_grant"
    assert app.post("token/introspect", token=fresh["access_token"]).json() == {"active": False}


def test_revoking_an_unknown_token_is_a_success(app: App) -> None:
    """RFC 7009 2.2: there is nothing left to revoke, so 200."""
    assert app.post("token/revoke", token="nonsense").status_code == 200
    assert app.post("token/revoke").status_code == 400


def test_revoking_ends_the_whole_authorization(app: App, public_app: App) -> None:
    """Every login of that person to that app ends, and its consent; other apps are untouched."""
    first, second, other = app.login(), app.login(), public_app.login()
    assert app.post("token/revoke", token=first["refresh_token"]).status_code == 200
    assert [app.refresh(each).status_code for each in (first, second)] == [400, 400]
    assert public_app.refresh(other).status_code == 200
    assert not app.cloud.state.oauth.consents.keys() & {("1000001", app.cloud.client_id)}


def test_another_apps_token_cannot_be_revoked(app: App, public_app: App) -> None:
    """RFC 7009 2.1: a token is revoked only by the app it was issued to."""
    token = app.login()
    assert public_app.post("token/revoke", token=token["refresh_token"]).status_code == 400
    assert app.userinfo(token).status_code == 200


def test_old_tokens_keep_their_scopes_and_picks(app: App) -> None:
    """A later consent to more does not widen tokens that are out already."""
    before = app.login(scope="openid")
    after = app.login(scope="openid universe-messaging-service:publish", universes=["3000001"])
    path, message = "/cloud/v2/universes/3000001:publishMessage", {"topic": "a", "message": "b"}
    assert app.call("POST", path, before, json=message).status_code == 403
    assert app.call("POST", path, after, json=message).status_code == 200


def test_what_a_page_does_not_ask_about_stays_picked(cloud: Sandbox, app: App) -> None:
    """A step up to an asset scope keeps the universes that were picked before."""
    app.login(scope="openid universe-messaging-service:publish", universes=["3000001"])
    app.login(scope="openid asset:read", groups=[])
    (consent,) = cloud.state.oauth.consents.values()
    assert consent.picks.universes == {"3000001"}
    assert consent.picks.creators == {"U1000001"}
