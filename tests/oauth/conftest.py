"""The provider, and the two colours of the application, for every test of OAuth."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from rblx_oauth._async.oauth_app import AsyncOAuthApp
from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.oauth.token import Token
from tests.oauth.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.support.clock import ManualClock

REDIRECT = "http://localhost:5000/callback"


class Colour:
    """One of the two colours behind awaited methods, so that a test is written once."""

    def __init__(self, app: Any) -> None:
        self.app = app

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.app, name)

        async def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            return await result if inspect.isawaitable(result) else result

        return call if callable(method) else method


@pytest.fixture
def clock() -> ManualClock:
    """Time that moves only when told."""
    return ManualClock()


@pytest.fixture
def provider(clock: ManualClock) -> Iterator[Provider]:
    """A provider that behaves."""
    with Provider(clock) as provider:
        yield provider


@pytest.fixture(params=[OAuthApp, AsyncOAuthApp], ids=["sync", "async"])
async def app(
    request: pytest.FixtureRequest, provider: Provider, clock: ManualClock
) -> AsyncIterator[Colour]:
    """An application of that provider, in each colour."""
    colour = Colour(make_app(provider, kind=request.param))
    yield colour
    await (colour.close() if request.param is OAuthApp else colour.aclose())


async def log_in(app: Colour, provider: Provider, *scopes: str) -> Token:
    """A token from a login in which all goes well."""
    request = await app.authorization_request(scopes)
    return await app.exchange(provider.callback(request), request)


@pytest.fixture
def sync_app(provider: Provider) -> Iterator[OAuthApp]:
    """The sync colour alone, for what has nothing to do with waiting."""
    with make_app(provider) as app:
        yield app


def make_app(provider: Provider, *, kind: Any = OAuthApp, **changes: Any) -> Any:
    """An application of `provider`; keywords change its settings."""
    settings = {
        "client_secret": CLIENT_SECRET,
        "redirect_uri": REDIRECT,
        "issuer": provider.issuer,
        "api_base": provider.server.url,
        "clock": provider.clock,
        "timeout": 5.0,
    } | changes
    return kind(settings.pop("client_id", CLIENT_ID), **settings)
