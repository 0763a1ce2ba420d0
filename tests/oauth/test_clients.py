"""From a login to a client: the token is kept, named, and renewed by itself."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth._async.stores.memory import AsyncMemoryStore
from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth._sync.stores.memory import MemoryStore
from rblx_oauth.errors import ConfigurationError
from tests.oauth.conftest import Colour, log_in, make_app
from tests.oauth.provider import Provider
from tests.support.clock import ManualClock


def store_for(app: Colour) -> Any:
    """A store of the application's colour."""
    return MemoryStore() if isinstance(app.app, OAuthApp) else AsyncMemoryStore()


async def test_client_of_a_token_renews_it(
    app: Colour, provider: Provider, clock: ManualClock
) -> None:
    """Without a store the token lives in memory; at its end it is refreshed once."""
    token = await log_in(app, provider)
    client = Colour(await app.client(token))
    assert await client.token() == token
    clock.advance(899)
    new = await client.token()
    assert new.access_token != token.access_token
    assert await client.token() == new
    assert len(provider.calls("v1/token")) == 2


async def test_client_of_a_kept_grant_finds_it_by_name(app: Colour, provider: Provider) -> None:
    """What one client keeps, another takes up by grant id."""
    token = await log_in(app, provider)
    store = store_for(app)
    first = await app.client(token, store=store)
    second = Colour(await app.client(grant_id=first.grant_id, store=store))
    assert await second.token() == token
    assert await app.keep(token, store) == first.grant_id
    assert app.app.grant(first.grant_id, store).grant_id == first.grant_id


async def test_client_is_given_a_token_or_a_grant_with_its_store(
    app: Colour, provider: Provider
) -> None:
    """Neither, both, or a name without a store: a clear error."""
    token = await log_in(app, provider)
    for arguments in (
        {},
        {"token": token, "grant_id": "g", "store": store_for(app)},
        {"grant_id": "g"},
    ):
        with pytest.raises(ConfigurationError, match=r"grant_id"):
            await app.client(**arguments)


async def test_token_of_another_app_is_not_kept(app: Colour, provider: Provider) -> None:
    """A grant belongs to the client that it was given to."""
    token = await log_in(app, provider)
    with pytest.raises(ConfigurationError, match="belongs to another"):
        make_app(provider, client_id="another").client(token)


@pytest.mark.parametrize("work", ["refresh", "userinfo", "revoke", "introspect", "resources"])
@pytest.mark.parametrize("wrong", [None, b"token", 7, {"access_token": "a"}], ids=repr)
async def test_what_is_no_token_is_not_sent(
    app: Colour, provider: Provider, work: str, wrong: object
) -> None:
    """A clear error, and nothing leaves."""
    with pytest.raises(TypeError, match="token must be a Token"):
        await getattr(app, work)(wrong)
    assert provider.server.seen == []


@pytest.mark.parametrize("work", ["revoke", "introspect", "resources"])
async def test_no_token_at_all_is_not_sent(app: Colour, provider: Provider, work: str) -> None:
    """Nor an empty string, which a missing setting may be."""
    with pytest.raises(ConfigurationError, match="token must not be empty"):
        await getattr(app, work)("")
    assert provider.server.seen == []
