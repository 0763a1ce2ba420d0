"""The provider's keys: fetched when needed, not more often, and not believed for ever."""

from __future__ import annotations

import asyncio

import pytest

from rblx_oauth._async.oauth_app import AsyncOAuthApp
from rblx_oauth.errors import DiscoveryError, IdTokenError, RobloxError, ServerError
from rblx_oauth.oauth.cache import COOL_DOWN, MAX_AGE, STALE_AGE
from tests.oauth.conftest import Colour, log_in, make_app
from tests.oauth.provider import SUBJECT, Provider, new_key
from tests.support.clock import ManualClock
from tests.support.server import Answer, json_reply

CERTS = "v1/certs"


async def test_c21_f16_rotated_key_is_found_by_one_refetch(app: Colour, provider: Provider) -> None:
    """A login right after a rotation works, at the price of one request."""
    await log_in(app, provider)
    provider.keys = [new_key("key-2")]
    assert (await log_in(app, provider)).subject == SUBJECT
    assert len(provider.calls(CERTS)) == 2
    await log_in(app, provider)
    assert len(provider.calls(CERTS)) == 2


async def test_c21_f17_flood_of_unknown_kids_fetches_once_per_cool_down(
    app: Colour, provider: Provider, clock: ManualClock
) -> None:
    """Twenty made-up key ids cost one request; after the cool-down one more."""
    await log_in(app, provider)
    for round_ in (1, 2):
        for number in range(10):
            provider.signing_key = new_key(f"made-up-{round_}-{number}")
            with pytest.raises(IdTokenError) as caught:
                await log_in(app, provider)
            assert caught.value.check == "kid"
        assert len(provider.calls(CERTS)) == 1 + round_
        clock.advance(COOL_DOWN + 1)


async def test_f17_flood_of_tasks_at_once_fetches_once(provider: Provider) -> None:
    """The refetch is shared by those who want it at the same moment."""
    async with make_app(provider, kind=AsyncOAuthApp) as app:
        colour = Colour(app)
        token = await log_in(colour, provider)
        provider.signing_key = new_key("made-up")
        new = await app.submit_refresh(token)
        results = await asyncio.gather(
            *(app.validate_refreshed(new, token) for _ in range(20)), return_exceptions=True
        )
    assert {type(result) for result in results} == {IdTokenError}
    assert len(provider.calls(CERTS)) == 2


async def test_f18_keys_serve_within_their_age_while_the_endpoint_is_down(
    app: Colour, provider: Provider, clock: ManualClock
) -> None:
    """Logins go on for a day without the endpoint, asking once per cool-down; then they stop."""
    await log_in(app, provider)
    provider.override[CERTS] = Answer(503)
    clock.advance(MAX_AGE + 1)
    for _ in range(3):
        assert (await log_in(app, provider)).subject == SUBJECT
    assert len(provider.calls(CERTS)) == 2
    clock.advance(STALE_AGE)
    before = len(provider.calls("v1/token"))
    for error in (ServerError, DiscoveryError):
        with pytest.raises(error):
            await log_in(app, provider)
    assert len(provider.calls("v1/token")) == before
    del provider.override[CERTS]
    clock.advance(COOL_DOWN + 1)
    assert (await log_in(app, provider)).subject == SUBJECT


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(503), ServerError),
        (json_reply({"keys": "none"}), DiscoveryError),
        (json_reply([]), DiscoveryError),
        (json_reply({"keys": [1]}), DiscoveryError),
        (Answer(200, b'{"keys": []}', {"content-type": "text/html"}), DiscoveryError),
        (Answer(301, headers={"location": "https://evil.example/"}), DiscoveryError),
        (json_reply({"keys": []}), IdTokenError),
    ],
)
async def test_code_is_not_spent_without_usable_keys(
    app: Colour, provider: Provider, answer: Answer, error: type[RobloxError]
) -> None:
    """When the keys are not to be had, that is found out before the code is submitted."""
    provider.override[CERTS] = answer
    with pytest.raises(error):
        await log_in(app, provider)
    assert len(provider.calls("v1/token")) == (error is IdTokenError)


async def test_key_set_with_broken_members_still_serves_the_good_ones(
    app: Colour, provider: Provider
) -> None:
    """Keys of kinds and uses not known here are passed over."""
    good = provider.keys[0].as_dict(private=False)
    odd = [{}, {"kty": "OKP", "kid": "key-1"}, {"kty": "EC", "crv": 5}, good | {"use": ["sig"]}]
    provider.override[CERTS] = json_reply(
        {"keys": [*odd, good]}, content_type="application/jwk-set+json"
    )
    assert (await log_in(app, provider)).subject == SUBJECT


async def test_listed_key_that_is_no_point_fails_the_signature(
    app: Colour, provider: Provider
) -> None:
    """A damaged key is no crash."""
    good = provider.keys[0].as_dict(private=False)
    for x in ("AAAA", "!", 5):
        provider.override[CERTS] = json_reply({"keys": [good | {"x": x}]})
        provider.clock.advance(MAX_AGE + COOL_DOWN)
        with pytest.raises(IdTokenError) as caught:
            await log_in(app, provider)
        assert caught.value.check == "signature"
