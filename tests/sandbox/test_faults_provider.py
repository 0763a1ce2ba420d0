"""Faults of the provider: grants that end, credentials refused, keys and clocks."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
import requests
from joserfc import jws

from rblx_oauth import errors
from rblx_oauth.oauth.cache import COOL_DOWN, MAX_AGE, STALE_AGE
from rblx_oauth.oauth.grant_rows import live_row
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.faulty import PUBLISH, Peer
from tests.tokens.test_faults import write_directly

CERTS = "v1/certs"
EXPIRED = 3600.0
MESSAGE = {"topic": "news", "message": "hello"}
PATH = "/cloud/v2/universes/3000001:publishMessage"


def listed(cloud: Sandbox) -> list[str]:
    """The ids of the keys that clients find."""
    keys = requests.get(f"{cloud.issuer}{CERTS}", timeout=10).json()["keys"]
    return [key["kid"] for key in keys]


def kid_of(token: dict[str, Any]) -> str:
    """The id of the key that signed a token answer's id_token."""
    return str(jws.extract_compact(token["id_token"].encode()).headers()["kid"])


def claims_of(token: dict[str, Any]) -> Any:
    """The claims of a token answer's id_token, unchecked."""
    return msgspec.json.decode(jws.extract_compact(token["id_token"].encode()).payload)


def test_f11_the_grant_ends_in_mid_flight(cloud: Sandbox, app: App, public_app: App) -> None:
    """The token that was good a moment ago is 401, its refresh token dead; others go on."""
    mine, other = app.login(), public_app.login()
    cloud.fault("f11")
    app.call("GET", "/cloud/v2/universes/3000001")  # by key: nobody's grant
    assert app.call("POST", PATH, mine, json=MESSAGE).status_code == 401
    assert app.refresh(mine).json()["error"] == "invalid_grant"
    assert public_app.call("POST", PATH, other, json=MESSAGE).status_code == 200
    assert (cloud.count(fault="f11"), len(cloud.faults)) == (1, 0)


def test_f11_one_refresh_then_a_new_login_is_asked_for(peer: Peer) -> None:
    """The client tries to renew its token once, learns that the grant is gone, and stops."""
    client = peer(peer.app.client(peer.log_in()))
    peer.publish(client)
    peer.cloud.fault("f11", operation=PUBLISH)
    for _ in range(2):
        with pytest.raises(errors.ReauthorizationRequired) as caught:
            peer.publish(client)
        assert caught.value.reason == "revoked"
    assert peer.cloud.count(grant_type="refresh_token") == 1
    assert peer.cloud.count(operation=PUBLISH) == 2
    assert len(peer.cloud.messages) == 1


def test_f12_every_credential_is_refused(cloud: Sandbox, app: App) -> None:
    """Tokens, keys and userinfo, each in its own shape, until it is cleared; not the login."""
    token = app.login()
    with cloud.fault("f12"):
        for _ in range(3):
            refused = app.call("POST", PATH, token, json=MESSAGE)
            assert refused.status_code == 401
            assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]
            assert app.call("GET", "/cloud/v2/universes/3000001").status_code == 401
            assert app.userinfo(token).json()["error"] == "invalid_token"
        token = app.refresh(token).json()
        assert app.userinfo(token).status_code == 401
    assert app.userinfo(token).status_code == 200
    assert cloud.count(fault="f12", status=401) == 10


def test_f12_the_client_stops_after_one_refresh(peer: Peer) -> None:
    """Not even the new token helps: an error that says so, and no loop."""
    client = peer(peer.app.client(peer.log_in()))
    with peer.cloud.fault("f12"):
        with pytest.raises(errors.ReauthorizationRequired):
            peer.publish(client)
        with pytest.raises(errors.Unauthorized):
            peer.get()
    assert peer.cloud.count(grant_type="refresh_token") == 1
    assert peer.cloud.count(operation=PUBLISH) == 2
    assert not peer.cloud.messages


def test_f16_keys_rotate_on_demand(cloud: Sandbox, app: App) -> None:
    """The new key signs at once; the one before stays listed unless told, the one before not."""
    first = kid_of(app.login())
    second = cloud.rotate_keys()
    assert kid_of(app.login()) == second != first
    assert listed(cloud) == [second, first]
    third = cloud.rotate_keys()
    assert listed(cloud) == [third, second]
    fourth = cloud.rotate_keys(keep_old=False)
    assert listed(cloud) == [fourth]
    cloud.fault("f16", keep_old=False)
    fifth = kid_of(app.login())
    assert fifth != fourth
    assert listed(cloud) == [fifth]
    assert kid_of(app.login()) == fifth


@pytest.mark.parametrize("keep_old", [True, False])
def test_f16_rotated_keys_cost_one_request(peer: Peer, keep_old: bool) -> None:
    """The login right after a rotation works, and so do a refresh and the next logins."""
    peer.log_in()
    peer.cloud.fault("f16", keep_old=keep_old)
    token = peer.log_in()
    assert peer.cloud.count(operation=CERTS) == 2
    peer(peer.app.refresh(token))
    peer.log_in()
    assert peer.cloud.count(operation=CERTS) == 2


def test_f17_each_token_has_a_key_of_its_own(cloud: Sandbox, app: App) -> None:
    """No two alike, none of them listed, until it is cleared."""
    with cloud.fault("f17"):
        strays = [kid_of(app.login()) for _ in range(3)]
    assert len({*strays, *listed(cloud)}) == 4
    assert kid_of(app.login()) in listed(cloud)


def test_f17_a_flood_of_unknown_keys_is_one_request_per_cool_down(peer: Peer) -> None:
    """However many come, the keys are asked for once, and once more after a while."""
    peer.log_in()
    for fetched in (2, 3):
        with peer.cloud.fault("f17"):
            for _ in range(4):
                with pytest.raises(errors.IdTokenError) as caught:
                    peer.log_in()
                assert caught.value.check == "kid"
        assert peer.cloud.count(operation=CERTS) == fetched
        peer.clock.advance(COOL_DOWN + 1)
    assert peer.log_in().subject == "1000001"


def test_f18_the_keys_are_not_to_be_had(cloud: Sandbox) -> None:
    """503 from a gateway, at that endpoint alone."""
    with cloud.fault("f18"):
        for _ in range(2):
            answer = requests.get(f"{cloud.issuer}{CERTS}", timeout=10)
            assert (answer.status_code, answer.headers["Content-Type"]) == (
                503,
                "text/html; charset=utf-8",
            )
        discovery = f"{cloud.issuer}.well-known/openid-configuration"
        assert requests.get(discovery, timeout=10).status_code == 200
    assert listed(cloud)


def test_f18_cached_keys_serve_within_their_age_then_nobody_gets_in(peer: Peer) -> None:
    """Logins go on with the keys at hand; without any that are young enough, no code is spent."""
    peer.log_in()
    with peer.cloud.fault("f18"):
        peer.clock.advance(MAX_AGE + 1)
        assert peer.log_in().subject == "1000001"
        spent = peer.cloud.count("/v1/token")
        peer.clock.advance(STALE_AGE)
        with pytest.raises(errors.ServerError):
            peer.log_in()
        with pytest.raises(errors.ServerError):
            peer.log_in(peer.new_app())
        assert peer.cloud.count("/v1/token") == spent
    peer.clock.advance(COOL_DOWN + 1)
    assert peer.log_in().subject == "1000001"


def test_f19_only_the_id_token_is_dated_wrong(cloud: Sandbox, app: App) -> None:
    """Its three times move together; the access token works as long as it should."""
    for seconds in (600, -600):
        with cloud.fault("f19", seconds=seconds):
            token = app.login()
        claims = claims_of(token)
        assert claims["iat"] == pytest.approx(cloud.clock.now() + seconds, abs=5)
        assert claims["iat"] == claims["nbf"] == claims["exp"] - 36_000
        assert app.userinfo(token).status_code == 200
        assert token["expires_in"] == 899
    cloud.clock.advance(900)
    assert app.userinfo(token).status_code == 401


@pytest.mark.parametrize("seconds", [29, -29])
def test_f19_half_a_minute_is_accepted(peer: Peer, seconds: int) -> None:
    """Clocks differ by that much."""
    with peer.cloud.fault("f19", seconds=seconds):
        token = peer.log_in()
        assert peer(peer.app.refresh(token)).subject == "1000001"


@pytest.mark.parametrize("seconds", [600, -600])
def test_f19_ten_minutes_are_refused_with_a_word_about_clocks(peer: Peer, seconds: int) -> None:
    """A fast provider and a slow one: no login, and a hint for the owner of the machine."""
    with (
        peer.cloud.fault("f19", seconds=seconds),
        pytest.raises(errors.IdTokenError, match="clock by NTP") as caught,
    ):
        peer.log_in()
    assert caught.value.check == "iat"


@pytest.mark.parametrize("reuse_revokes", [True, False])
def test_f20_the_refresh_token_counts_as_spent(
    cloud: Sandbox, app: App, reuse_revokes: bool
) -> None:
    """invalid_grant, grace or not; whether the grant ends by that is the provider's switch."""
    cloud.settings.update({"grace_seconds": 60.0, "reuse_revokes": reuse_revokes})
    token = app.login()
    cloud.fault("f20")
    app.login()  # the exchange of a code is no refresh
    assert app.refresh(token).json()["error"] == "invalid_grant"
    assert app.userinfo(token).status_code == (401 if reuse_revokes else 200)
    assert cloud.count("/v1/token", fault="f20") == 1


def test_f20_the_grant_is_lost_where_nobody_has_a_newer_token(peer: Peer) -> None:
    """A new login is asked for, again without asking Roblox."""
    client = peer(peer.app.client(peer.log_in()))
    peer.clock.advance(EXPIRED)
    peer.cloud.fault("f20")
    for _ in range(2):
        with pytest.raises(errors.ReauthorizationRequired) as caught:
            peer.publish(client)
        assert caught.value.reason == "revoked"
    assert peer.cloud.count(grant_type="refresh_token") == 1


def test_f20_the_result_of_a_faster_worker_is_adopted(peer: Peer, tmp_path: Path) -> None:
    """Its token may be stored a moment after the refusal; then that one is used."""
    peer.cloud.settings.reuse_revokes = False
    url = f"sqlite:///{tmp_path}/tokens.db"
    store = peer.store(url)
    token = peer.log_in()
    grant_id = peer(peer.app.keep(token, store))
    row = peer(store.get_grant(grant_id))
    client = peer.colour.keep(peer(peer.app.client(grant_id=grant_id, store=store)))
    peer.clock.advance(EXPIRED)
    winner = peer(peer.app.submit_refresh(token))
    late = live_row(store.vault, winner, generation=row.generation + 1, now=peer.clock.now())
    elsewhere: Any = SimpleNamespace(url=url)
    peer.clock.after_sleeps(2, lambda: write_directly(elsewhere, late))
    peer.cloud.fault("f20")
    peer.publish(client)
    assert peer(client.token()).access_token == winner.access_token
    assert peer.cloud.count(grant_type="refresh_token", fault="f20") == 1
    assert peer.cloud.count(grant_type="refresh_token") == 2
