"""Many workers on one grant, against the local Open Cloud, which ends a grant on reuse."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import aio_stores, stores
from rblx_oauth._async.oauth_app import AsyncOAuthApp
from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.errors import ReauthorizationRequired
from rblx_oauth.sandbox import Sandbox
from tests.support.clock import ManualClock
from tests.tokens.kit import KEY

ROOT = Path(__file__).parents[2]
REDIRECT = "http://localhost:5000/callback"


@pytest.fixture
def cloud() -> Iterator[Sandbox]:
    """A local Open Cloud that revokes a grant whose refresh token comes twice."""
    with Sandbox(port=0) as cloud:
        assert cloud.settings.reuse_revokes
        yield cloud


@pytest.fixture(params=["sqlite", "postgresql", "redis"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the workers keep their grant."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tokens.db"
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgres").url)
    return str(request.getfixturevalue("redis_url"))


def make_app(cloud: Sandbox, kind: Any = OAuthApp, **options: Any) -> Any:
    """The seeded application."""
    return kind(
        cloud.client_id,
        cloud.client_secret,
        redirect_uri=REDIRECT,
        issuer=cloud.issuer,
        api_base=cloud.api_base,
        **options,
    )


def expired_grant(cloud: Sandbox, url: str) -> str:
    """A login whose access token has just ended, kept in the store."""
    with make_app(cloud) as app, stores.open(url, keys=[KEY]) as store:
        request = app.authorization_request(["openid", "profile"])
        token = app.exchange(cloud.consent(request.url), request)
        past = replace(
            token,
            issued_at=token.issued_at - timedelta(seconds=900),
            expires_at=token.expires_at - timedelta(seconds=900),
        )
        return str(app.keep(past, store))


@contextmanager
def workers(
    cloud: Sandbox, url: str, grant_id: str, *, mode: str, count: int, threads: int
) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that are ready to go, on one word."""
    settings = {
        "client_id": cloud.client_id,
        "client_secret": cloud.client_secret,
        "issuer": cloud.issuer,
        "api_base": cloud.api_base,
        "url": url,
        "key": KEY,
        "grant_id": grant_id,
        "threads": threads,
    }
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.tokens.worker", mode],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(count)
    ]
    try:
        for process in processes:
            say(process, json.dumps(settings))
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        yield processes
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def say(process: subprocess.Popen[str], line: str) -> None:
    """Write a line to a worker."""
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def refreshes(cloud: Sandbox, status: int | None = None) -> int:
    """How many refreshes the token endpoint has seen."""
    return cloud.count(grant_type="refresh_token", status=status)


def test_f21_one_refresh_for_a_hundred_threads_of_four_processes(cloud: Sandbox, url: str) -> None:
    """4 processes x 25 threads find one expired token: 1 refresh, 100 times the same new token."""
    grant_id = expired_grant(cloud, url)
    with workers(cloud, url, grant_id, mode="storm", count=4, threads=25) as processes:
        for process in processes:
            say(process, "go")
        answers = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    seen = Counter(answer for answers_of_one in answers for answer in answers_of_one)
    assert list(seen.values()) == [100], seen
    assert refreshes(cloud) == 1


async def test_f21_one_refresh_for_a_hundred_tasks(cloud: Sandbox, url: str) -> None:
    """100 tasks over four application and store objects: 1 refresh, 100 times the same token."""
    grant_id = await asyncio.to_thread(expired_grant, cloud, url)
    # A hundred connections may take their time on a busy machine.
    opened = (aio_stores.open(url, keys=[KEY], timeout=30.0) for _ in range(4))
    sides = [(make_app(cloud, AsyncOAuthApp), store) for store in opened]
    grants = [app.grant(grant_id, store) for app, store in sides * 25]
    tokens = await asyncio.gather(*(grant.token() for grant in grants))
    assert (len(tokens), len({token.access_token for token in tokens})) == (100, 1)
    assert refreshes(cloud) == 1
    for app, store in sides:
        await store.aclose()
        await app.aclose()


def test_f24_a_worker_killed_before_the_refresh_is_sent_harms_nobody(
    cloud: Sandbox, url: str
) -> None:
    """The next worker waits for the lease to run out, and refreshes."""
    grant_id = expired_grant(cloud, url)
    kill_one(cloud, url, grant_id, mode="die-before")
    assert refreshes(cloud) == 0
    with make_app(cloud, clock=ManualClock()) as app, stores.open(url, keys=[KEY]) as store:
        left_behind = store.get_grant(grant_id)
        assert left_behind is not None
        assert left_behind.intent, "it died with its intent written"
        assert app.grant(grant_id, store).token().subject
        after = store.get_grant(grant_id)
        assert after is not None
        assert (refreshes(cloud), after.intent) == (1, "")


def test_f25_a_worker_killed_after_the_answer_leads_to_a_clean_login(
    cloud: Sandbox, url: str
) -> None:
    """The refresh is found begun and not finished: one more try, then a login, and no loop."""
    grant_id = expired_grant(cloud, url)
    kill_one(cloud, url, grant_id, mode="die-after")
    assert refreshes(cloud, 200) == 1
    with make_app(cloud, clock=ManualClock()) as app, stores.open(url, keys=[KEY]) as store:
        for _ in range(3):
            with pytest.raises(ReauthorizationRequired) as caught:
                app.grant(grant_id, store).token()
            assert (caught.value.reason, caught.value.grant_id) == ("lost", grant_id)
        assert (refreshes(cloud), refreshes(cloud, 200)) == (2, 1)
        request = app.authorization_request(["openid", "profile"])
        app.keep(app.exchange(cloud.consent(request.url), request), store)
        assert app.grant(grant_id, store).token().subject


def kill_one(cloud: Sandbox, url: str, grant_id: str, *, mode: str) -> None:
    """A worker that is killed outright in mid-refresh."""
    with workers(cloud, url, grant_id, mode=mode, count=1, threads=1) as (process,):
        say(process, "go")
        assert process.wait(timeout=30) == -signal.SIGKILL


def test_a_grants_whole_life(cloud: Sandbox, url: str) -> None:
    """Log in, expire, refresh, be revoked at Roblox, log in again, log out: all over real HTTP."""
    grant_id = expired_grant(cloud, url)
    with make_app(cloud) as app, stores.open(url, keys=[KEY]) as store:
        grant = app.grant(grant_id, store)
        token = grant.token()
        cloud.revoke_grants(token.subject)
        with pytest.raises(ReauthorizationRequired):
            grant.renew(token)
        request = app.authorization_request(["openid", "profile"])
        assert app.keep(app.exchange(cloud.consent(request.url), request), store) == grant_id
        token = grant.token()
        grant.end()
        assert app.introspect(token).active is False
        with pytest.raises(ReauthorizationRequired):
            grant.token()
