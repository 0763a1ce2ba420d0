"""Refreshing: one submission, every outcome told apart, the same person before and after."""

from __future__ import annotations

import pytest

from rblx_oauth.errors import (
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    IdTokenError,
    InvalidClient,
    ProtocolError,
    RateLimited,
    ReauthorizationRequired,
    RobloxError,
    ServerError,
    TokenError,
)
from rblx_oauth.oauth.token import Token
from tests.oauth.conftest import Colour, log_in, make_app
from tests.oauth.provider import CLIENT_ID, CLIENT_SECRET, SUBJECT, Provider
from tests.support.clock import ManualClock
from tests.support.server import Answer, json_reply

TOKEN = "v1/token"


async def test_refresh_sends_the_refresh_token_and_the_client(
    app: Colour, provider: Provider
) -> None:
    """The form of RFC 6749 6, and a wholly new token."""
    token = await log_in(app, provider)
    new = await app.refresh(token)
    assert provider.calls(TOKEN)[-1].form == {
        "grant_type": "refresh_token",
        "refresh_token": token.refresh_token,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    assert new.refresh_token not in (None, token.refresh_token)
    assert new.access_token != token.access_token


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(reset=True), ConnectionLost),
        (Answer(503), ServerError),
        (Answer(502, b"<html>", {"content-type": "text/html"}), ServerError),
        (Answer(200, b"{", {"content-type": "application/json"}), ProtocolError),
        (Answer(200, b"<html>", {"content-type": "text/html"}), ProtocolError),
        (Answer(429, headers={"retry-after": "3"}), RateLimited),
        (json_reply({"error": "invalid_grant"}, 400), TokenError),
        (json_reply({"error": "invalid_client"}, 401), InvalidClient),
    ],
)
async def test_refresh_is_submitted_once_whatever_happens(
    app: Colour, provider: Provider, answer: Answer, error: type[RobloxError]
) -> None:
    """No failure leads to a second submission here: that is for the grant to decide."""
    token = await log_in(app, provider)
    provider.override[TOKEN] = answer
    with pytest.raises(error) as caught:
        await app.submit_refresh(token)
    assert type(caught.value) is error
    assert len(provider.calls(TOKEN)) == 2


@pytest.mark.parametrize("failure", [Answer(503), Answer(reset=True), Answer(404)])
async def test_refresh_without_metadata_was_surely_not_sent(
    app: Colour, provider: Provider, failure: Answer
) -> None:
    """A new process that cannot discover: nothing was spent, and no error claims it might be."""
    token = await log_in(app, provider)
    fresh = make_app(provider)
    provider.override[".well-known/openid-configuration"] = failure
    error = RobloxError if failure.status == 404 else ConnectFailed
    with pytest.raises(error) as caught:
        fresh.submit_refresh(token)
    assert not isinstance(caught.value, ConnectionLost | ServerError | ProtocolError)
    assert len(provider.calls(TOKEN)) == 1


async def test_refresh_token_scopes_and_id_token_carry_over_when_left_out(
    app: Colour, provider: Provider
) -> None:
    """An answer with an access token alone keeps everything else (RFC 6749 6)."""
    token = await log_in(app, provider, "profile")
    provider.answer = {"refresh_token": None, "scope": None, "id_token": None}
    new = await app.refresh(token)
    assert new.refresh_token == token.refresh_token
    assert new.scopes == token.scopes
    assert new.id_token == token.id_token
    assert new.claims == token.claims
    assert new.access_token != token.access_token


async def test_submitted_refresh_keeps_the_old_claims_until_validated(
    app: Colour, provider: Provider
) -> None:
    """What is stored first says nothing that was not verified; validation brings the new name."""
    token = await log_in(app, provider)
    provider.claims = {"name": "renamed"}
    new = await app.submit_refresh(token)
    assert new.claims["name"] == "builderman"
    checked = await app.validate_refreshed(new, token)
    assert checked.claims["name"] == "renamed"
    assert checked.access_token == new.access_token


@pytest.mark.parametrize(
    ("bent", "check"),
    [
        ({"sub": "1"}, "sub"),
        ({"iss": "https://evil.example/"}, "iss"),
        ({"aud": "another-client"}, "aud"),
        ({"nonce": "another"}, "nonce"),
        ({"exp": 1}, "exp"),
        ({"scope": "openid"}, "typ"),
    ],
)
async def test_c28_refreshed_id_token_keeps_issuer_subject_and_audience(
    app: Colour, provider: Provider, bent: dict[str, object], check: str
) -> None:
    """A refresh that answers for somebody else is refused."""
    token = await log_in(app, provider)
    provider.claims = bent
    with pytest.raises(IdTokenError) as caught:
        await app.refresh(token)
    assert caught.value.check == check


@pytest.mark.parametrize("nonce", [None, "kept"])
async def test_c28_refreshed_id_token_may_leave_the_nonce_out(
    app: Colour, provider: Provider, nonce: str | None
) -> None:
    """Without a nonce, or with that of the login, it is good (OpenID Connect Core 12.2)."""
    token = await log_in(app, provider)
    if nonce is None:
        provider.claims = {"nonce": None}
    new = await app.refresh(await app.refresh(token))
    assert (new.subject, new.claims["sub"]) == (SUBJECT, SUBJECT)


async def test_refresh_without_a_refresh_token_asks_for_a_login(
    app: Colour, provider: Provider
) -> None:
    """Nothing is sent when there is nothing to send."""
    provider.answer = {"refresh_token": None}
    token = await log_in(app, provider)
    with pytest.raises(ReauthorizationRequired) as caught:
        await app.refresh(token)
    assert caught.value.reason == "missing"
    assert len(provider.calls(TOKEN)) == 1


async def test_c32_token_of_another_issuer_or_client_is_never_sent(
    app: Colour, provider: Provider, clock: ManualClock
) -> None:
    """Tokens do not travel to a provider that did not issue them."""
    token = await log_in(app, provider)
    with Provider(clock) as other:
        for stranger in (make_app(other), make_app(provider, client_id="another-client")):
            before = len(provider.server.seen)
            for method in ("refresh", "revoke", "introspect", "userinfo", "resources"):
                with pytest.raises(ConfigurationError, match="belongs to another"):
                    getattr(stranger, method)(token)
            assert len(provider.server.seen) == before
        assert other.server.seen == []


def test_token_survives_its_json_after_a_refresh(provider: Provider) -> None:
    """What a store keeps and gives back is the same token."""
    with make_app(provider) as app:
        request = app.authorization_request([])
        token = app.refresh(app.exchange(provider.callback(request), request))
    assert Token.from_json(token.to_json()) == token
