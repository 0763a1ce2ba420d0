"""An application, a store and a grant of either colour, so that a test is written once."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from rblx_oauth import aio_stores, stores
from rblx_oauth._async.grant import AsyncGrant
from rblx_oauth._async.oauth_app import AsyncOAuthApp
from rblx_oauth._sync.grant import Grant
from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.runtime import aio, threads
from tests.oauth.conftest import make_app
from tests.oauth.provider import Provider
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.tokens.rotation import Rotation

KEY = "3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="


class ShiftedClock(ManualClock):
    """The machine's clock, which a test can move forward: waits take their time."""

    def __init__(self) -> None:
        super().__init__(0.0)

    def now(self) -> float:
        """Epoch seconds."""
        return time.time() + self._now

    def monotonic(self) -> float:
        """Seconds on the machine's monotonic clock."""
        return time.monotonic() + self._now

    def sleep(self, seconds: float) -> None:
        """Pause this thread."""
        time.sleep(seconds)

    async def async_sleep(self, seconds: float) -> None:
        """Pause this task."""
        await asyncio.sleep(seconds)


class KitClock(ManualClock):
    """A manual clock on which something can be made to happen while somebody waits."""

    def after_sleeps(self, count: int, action: Callable[[], None]) -> None:
        """Do `action` at the end of the next `count` sleeps."""
        self._due = len(self.sleeps) + count, action

    def advance(self, seconds: float) -> None:
        """Move on."""
        super().advance(seconds)
        due = getattr(self, "_due", None)
        if due is not None and len(self.sleeps) == due[0]:
            del self._due
            due[1]()


class Kit:
    """What a test of grants needs; `kit(value)` gives the result in either colour."""

    def __init__(self, colour: Colour, provider: Provider, url: str) -> None:
        self.colour, self.provider, self.url = colour, provider, url
        self.is_async = colour.name == "async"
        self.clock: Any = provider.clock
        self.rotation = Rotation(provider)
        self.app = self.new_app()
        self.store = self.new_store()
        self._threads = ThreadPoolExecutor(32)

    def __call__(self, value: Any) -> Any:
        """The result, awaited where it must be."""
        return self.colour(value)

    def new_app(self, **changes: Any) -> Any:
        """Another application object with the same settings, as another process has."""
        kind = AsyncOAuthApp if self.is_async else OAuthApp
        return self.colour.keep(make_app(self.provider, kind=kind, **changes))

    def new_store(self, *, write_again: float = 3600.0, **changes: Any) -> Any:
        """Another store object on the same URL, as another process has.

        In tests it writes again what it did not take when it is asked to, unless told
        otherwise: by itself it would do so at any time of the machine's clock.
        """
        opener = aio_stores.open if self.is_async else stores.open
        store = self.colour.keep(opener(self.url, **({"keys": [KEY]} | changes)))
        store.writing = (aio if self.is_async else threads).Insistence(every=write_again)
        return store

    def log_in(self, store: Any = None) -> str:
        """Log in, keep the token; the grant id."""
        request = self(self.app.authorization_request(["openid", "profile"]))
        token = self(self.app.exchange(self.provider.callback(request), request))
        return str(self(self.app.keep(token, store or self.store)))

    def grant(self, grant_id: str, *, app: Any = None, store: Any = None, **options: Any) -> Any:
        """A new grant object, as each request makes one."""
        kind = AsyncGrant if self.is_async else Grant
        return kind(app or self.app, store or self.store, grant_id, **options)

    def row(self, grant_id: str) -> Any:
        """The stored row."""
        return self(self.store.get_grant(grant_id))

    def begin(self, work: Callable[..., Any], *args: Any) -> Any:
        """Start `work` beside the test: in a thread, or as a task."""
        if self.colour.runner is None:
            return self._threads.submit(work, *args)
        return self.colour.runner.get_loop().create_task(work(*args))

    def end(self, begun: Any) -> Any:
        """The result of what was begun."""
        if isinstance(begun, Future):
            return begun.result(20)
        return self(asyncio.wait_for(begun, 20))

    def until(self, event: threading.Event) -> None:
        """Wait for something that happens elsewhere, while what was begun goes on."""
        assert self(asyncio.to_thread(event.wait, 10)) if self.is_async else event.wait(10)

    def together(self, works: list[Callable[[], Any]]) -> list[Any]:
        """Do all at once; results in order."""
        begun = [self.begin(work) for work in works]
        return [self.end(each) for each in begun]

    def close(self) -> None:
        """Stop the threads."""
        self.rotation.gate.set()
        with suppress(Exception):
            self._threads.shutdown(wait=True)
