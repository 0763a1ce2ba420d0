"""The same flow against the sandbox's authorization server, as a site uses it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from rblx_oauth import aio_stores, stores
from rblx_oauth._async.oauth_app import AsyncOAuthApp
from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.errors import (
    AuthorizationDenied,
    CallbackError,
    InvalidClient,
    TokenError,
    TransportError,
    Unauthorized,
)
from rblx_oauth.oauth.token import Token
from rblx_oauth.sandbox import Sandbox
from tests.oauth.conftest import REDIRECT, Colour


@pytest.fixture
def cloud() -> Iterator[Sandbox]:
    """A sandbox of its own for each test."""
    with Sandbox() as cloud:
        yield cloud


def app_of(cloud: Sandbox, kind: Any = OAuthApp, **changes: Any) -> Colour:
    """An application of the sandbox's confidential client; keywords change its settings."""
    settings = {
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "redirect_uri": REDIRECT,
        "issuer": cloud.issuer,
        "api_base": cloud.api_base,
    } | changes
    return Colour(kind(**settings))


@pytest.fixture(params=[OAuthApp, AsyncOAuthApp], ids=["sync", "async"])
async def app(request: pytest.FixtureRequest, cloud: Sandbox) -> AsyncIterator[Colour]:
    """The application in each colour."""
    colour = app_of(cloud, request.param)
    yield colour
    await (colour.close() if request.param is OAuthApp else colour.aclose())


async def login(app: Colour, cloud: Sandbox, *scopes: str, **choices: Any) -> Token:
    """A login by the sandbox's first user."""
    request = await app.authorization_request(scopes)
    return await app.exchange(cloud.consent(request.url, **choices), request)


async def test_login_refresh_revoke_against_the_sandbox(app: Colour, cloud: Sandbox) -> None:
    """A person logs in, is who they say, and is gone after the revocation."""
    user = cloud.users[0]
    token = await login(app, cloud, "profile", user=user["id"])
    assert token.user_id == user["id"]
    assert (await app.userinfo(token))["sub"] == str(user["id"])
    assert token.claims["preferred_username"] == (await app.userinfo(token))["preferred_username"]
    known = await app.introspect(token)
    assert known.active
    assert known.scopes == token.scopes == {"openid", "profile"}
    new = await app.refresh(token)
    assert new.subject == token.subject
    assert new.refresh_token != token.refresh_token
    await app.revoke(new)
    with pytest.raises(TokenError) as caught:
        await app.refresh(new)
    assert caught.value.code == "invalid_grant"
    await app.revoke(new)


async def test_spent_refresh_token_is_invalid_grant(app: Colour, cloud: Sandbox) -> None:
    """The second use of a refresh token is refused, and by that the grant ends."""
    token = await login(app, cloud)
    new = await app.refresh(token)
    for spent in (token, new):
        with pytest.raises(TokenError) as caught:
            await app.refresh(spent)
        assert caught.value.code == "invalid_grant"


async def test_code_works_once(app: Colour, cloud: Sandbox) -> None:
    """The same callback exchanged again is refused by the provider."""
    request = await app.authorization_request([])
    callback = cloud.consent(request.url)
    await app.exchange(callback, request)
    with pytest.raises(TokenError) as caught:
        await app.exchange(callback, request)
    assert caught.value.code == "invalid_grant"


async def test_denied_consent_is_access_denied(app: Colour, cloud: Sandbox) -> None:
    """Cancel on the consent page is told apart from everything else."""
    request = await app.authorization_request([])
    with pytest.raises(AuthorizationDenied) as caught:
        await app.exchange(cloud.consent(request.url, deny=True), request)
    assert caught.value.code == "access_denied"


async def test_resources_are_those_picked_on_the_consent_page(app: Colour, cloud: Sandbox) -> None:
    """One universe of several is picked, and that one is covered."""
    everything = await app.resources(await login(app, cloud, "universe-messaging-service:publish"))
    first = min(everything.universe_ids)
    token = await login(
        app, cloud, "universe-messaging-service:publish", universes=[str(first)], groups=[]
    )
    picked = await app.resources(token)
    assert picked.universe_ids == {first}
    assert picked.covers(universe=first)
    assert not picked.covers(universe=first + 1)
    assert len(everything.universe_ids) > 1


async def test_c11_iss_of_the_callback_is_demanded_where_it_is_promised(
    app: Colour, cloud: Sandbox
) -> None:
    """Where the provider promises iss: without it, or with another, the callback is refused."""
    cloud.state.settings.callback_issuer = True
    request = await app.authorization_request([])
    callback = cloud.consent(request.url)
    assert "iss=" in callback
    for bent in (callback.replace("iss=", "was="), callback.replace("iss=", "iss=x")):
        with pytest.raises(CallbackError, match=r"issuer|who sent"):
            await app.exchange(bent, request)
    assert (await app.exchange(callback, request)).subject


@pytest.mark.parametrize("switch", ["callback_issuer", "refresh_id_token"])
async def test_what_roblox_does_not_document_may_be_either_way(
    app: Colour, cloud: Sandbox, switch: str
) -> None:
    """With iss in the callback, without an id_token at the refresh: all the same."""
    settings = cloud.state.settings
    setattr(settings, switch, not getattr(settings, switch))
    token = await login(app, cloud, "profile")
    new = await app.refresh(token)
    assert new.claims["sub"] == token.subject


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
async def test_both_ways_of_showing_the_secret_work(cloud: Sandbox, method: str) -> None:
    """The provider takes either, one at a time."""
    app = app_of(cloud, token_endpoint_auth_method=method)
    token = await login(app, cloud)
    await app.revoke(await app.refresh(token))


async def test_public_client_lives_by_pkce(cloud: Sandbox) -> None:
    """Without a secret, the verifier is what counts."""
    app = app_of(cloud, client_id=cloud.public_client_id, client_secret=None)
    assert (await login(app, cloud)).subject
    request = await app.authorization_request([])
    other = await app.authorization_request([])
    callback = cloud.consent(request.url)
    with pytest.raises(TokenError):
        await app.exchange(callback, replace(request, code_verifier=other.code_verifier))


async def test_wrong_secret_is_invalid_client(cloud: Sandbox) -> None:
    """A configuration alarm, and not the person's fault."""
    app = app_of(cloud, client_secret="RBX-wrong")
    with pytest.raises(InvalidClient, match="client_secret"):
        await login(app, cloud)


async def test_userinfo_after_revocation_is_unauthorized(app: Colour, cloud: Sandbox) -> None:
    """A revoked access token is refused as such."""
    token = await login(app, cloud)
    await app.revoke(token)
    with pytest.raises(Unauthorized):
        await app.userinfo(token)


async def test_c34_c41_a_revocation_that_failed_is_tried_again(app: Colour, cloud: Sandbox) -> None:
    """Roblox was down at the logout; once it is back, the token it still took is dead."""
    sync = isinstance(app.app, OAuthApp)
    store = stores.MemoryStore() if sync else aio_stores.AsyncMemoryStore()
    token = await login(app, cloud)
    grant = Colour(app.app.grant(await app.keep(token, store), store))
    cloud.stop()
    await grant.end()
    with pytest.raises(TransportError):
        await app.retry_revocations(store)
    cloud.start()
    assert await app.retry_revocations(store) == 1
    assert await app.retry_revocations(store) == 0
    with pytest.raises(TokenError):
        await app.refresh(token)
