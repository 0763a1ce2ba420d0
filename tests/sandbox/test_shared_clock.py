"""The sandbox's clock, shared with the program under test."""

from __future__ import annotations

import asyncio
import time
from typing import TypeVar

import pytest

from rblx_oauth import AsyncOAuthApp, Clock, OAuthApp
from rblx_oauth.errors import IdTokenError
from rblx_oauth.sandbox import Sandbox, SandboxClock

App = TypeVar("App", OAuthApp, AsyncOAuthApp)
PUBLISH = "universe-messaging-service:publish"
CALLBACK = "http://localhost/callback"


def make(kind: type[App], cloud: Sandbox, clock: Clock) -> App:
    """An app of the sandbox that goes by `clock`."""
    return kind(
        cloud.client_id,
        cloud.client_secret,
        issuer=cloud.issuer,
        api_base=cloud.api_base,
        redirect_uri=CALLBACK,
        clock=clock,
    )


def test_a_token_grows_old_and_is_refreshed() -> None:
    """The program sees that it is old, before anything is sent, and takes the new one."""
    with Sandbox() as cloud:
        with make(OAuthApp, cloud, cloud.clock) as app:
            request = app.authorization_request([PUBLISH])
            token = app.exchange(cloud.consent(request.url), request)
            with app.client(token) as client:
                cloud.clock.advance(3600)
                client.universe(3000001).publish_message("news", "later")
            again = app.authorization_request([PUBLISH])
            assert app.exchange(cloud.consent(again.url), again).subject == token.subject
        assert cloud.count("/v1/token", grant_type="refresh_token") == 1
        assert cloud.count(operation="publish_universe_message") == 1


def test_tasks_share_it_too() -> None:
    """The async client goes by it as well."""

    async def main(cloud: Sandbox) -> None:
        async with make(AsyncOAuthApp, cloud, cloud.clock) as app:
            request = await app.authorization_request([PUBLISH])
            url = await asyncio.to_thread(cloud.consent, request.url)
            async with await app.client(await app.exchange(url, request)) as client:
                cloud.clock.advance(3600)
                await client.universe(3000001).publish_message("news", "later")

    with Sandbox() as cloud:
        asyncio.run(main(cloud))
        assert len(cloud.messages) == 1


def test_to_a_program_with_another_clock_logins_are_of_the_future() -> None:
    """What is signed an hour ahead of the program's time is refused."""
    with Sandbox() as cloud:
        cloud.clock.advance(3600)
        with make(OAuthApp, cloud, SandboxClock()) as app:
            request = app.authorization_request([PUBLISH])
            url = cloud.consent(request.url)
            with pytest.raises(IdTokenError, match="in the future"):
                app.exchange(url, request)


def test_its_monotonic_side_never_goes_back() -> None:
    """Moving on moves both; setting back and resetting move the time alone."""
    clock = SandboxClock()
    before = clock.monotonic()
    clock.advance(100)
    assert clock.monotonic() - before >= 100
    clock.set(clock.now() + 50)
    ahead = clock.monotonic()
    assert ahead - before >= 149
    clock.set(0)
    clock.reset()
    assert ahead <= clock.monotonic() < ahead + 60
    assert abs(clock.now() - time.time()) < 60
