"""What type checkers see of the public names. Checked, never run: ``mypy tests/typing``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import assert_type

from flask_ext import RobloxOAuth, current_user
from rblx_oauth import (
    AsyncClient,
    AsyncOAuthApp,
    AuthorizationRequest,
    Call,
    Client,
    OAuthApp,
    Token,
    aio_stores,
    api,
    models,
    stores,
)


def logging_in(app: OAuthApp, callback_url: str) -> None:
    """A login gives a token with aware times and verified claims."""
    request = app.authorization_request(["profile"])
    assert_type(request, AuthorizationRequest)
    token = app.exchange(callback_url, request)
    assert_type(token, Token)
    assert_type(token.expires_at, datetime)
    assert_type(token.claims, Mapping[str, object])
    assert_type(app.client(token, store=stores.open("memory://")), Client)


async def logging_in_async(app: AsyncOAuthApp, callback_url: str) -> None:
    """The same names, awaited."""
    token = await app.exchange(callback_url, await app.authorization_request(["profile"]))
    assert_type(token, Token)
    assert_type(await app.client(token, store=aio_stores.open("memory://")), AsyncClient)


def calling(client: Client) -> None:
    """Every call gives the model of its answer."""
    assert_type(api.users.get_user(user_id=1), Call[models.User])
    assert_type(client.send(api.users.get_user(user_id=1)), models.User)
    store = client.universe(1).data_store("coins")
    entry = store.get("key")
    assert_type(entry, models.Entry)
    assert_type(entry.users[0] + 1, int)
    assert_type(store.keys(prefix="player/"), Iterator[str])
    assert_type(
        client.user(1).assets.create("hat.png", type="Decal", name="Hat").wait(), models.Asset
    )


async def calling_async(client: AsyncClient) -> None:
    """The same names, awaited, with async iteration."""
    store = client.universe(1).data_store("coins")
    assert_type(await store.get("key"), models.Entry)
    assert_type(store.keys(prefix="player/"), AsyncIterator[str])


def in_flask(roblox: RobloxOAuth) -> None:
    """The extension hands out the same client."""
    assert_type(roblox.client_for(1), Client)
    assert_type(roblox.api_client, Client)
    assert_type(current_user.client, Client)
    assert_type(current_user.scopes, frozenset[str])
