"""Memory store queues: added to, read, consumed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from types import TracebackType

from rblx_oauth import models
from rblx_oauth._async.resources.universe_part import AsyncMemoryStorePart
from rblx_oauth.api import memory_stores as api
from rblx_oauth.core.arguments import optional
from rblx_oauth.core.checks import function
from rblx_oauth.core.memory_stores import lifetime, read_count, something, span
from rblx_oauth.core.retry import pause
from rblx_oauth.errors import AmbiguousOutcome, NotFound, RateLimited

INVISIBILITY = timedelta(seconds=30)
"""How long Roblox hides what was read, unless it is told otherwise."""

IDLE = timedelta(seconds=5)

READ_TRIES = 5
"""Reads in a row that a consumer lets end in doubt."""

STOP_WITHIN = 0.5
"""Seconds: how soon a consumer notices that it is to stop."""


class AsyncQueueBatch:
    """What one read of a queue gave, to be discarded once it is dealt with.

    As a context manager it gives the items. They are discarded when the block
    ends well; when it raises they are not, and others can read them again after
    the time of their invisibility. So too if the block takes longer than that.

    Attributes:
        items: The items, from the front of the queue; at least one.
        read_id: Names the read.
    """

    def __init__(self, queue: AsyncMemoryStoreQueue, read: models.QueueRead) -> None:
        self._queue = queue
        self.items: Sequence[models.MemoryStoreQueueItem] = read.items
        self.read_id: str = read.read_id

    async def discard(self) -> None:
        """Take the items off the queue for good."""
        await self._queue.discard(self.read_id)

    async def __aenter__(self) -> Sequence[models.MemoryStoreQueueItem]:
        return self.items

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is None:
            await self.discard()


class AsyncMemoryStoreQueue(AsyncMemoryStorePart):
    """A queue in the memory store of a universe.

    Attributes:
        universe_id: The universe.
        name: Its name.
    """

    async def add(
        self, data: object, *, priority: float = 0, ttl: timedelta | None = None
    ) -> models.MemoryStoreQueueItem:
        """Put an item into the queue, behind those of the same priority. Never sent twice.

        Args:
            data: JSON of at most 32 KB, not None.
            priority: Higher ones are read first.
            ttl: How long it stays if nobody takes it, up to 45 days.

        Raises:
            AmbiguousOutcome: It may have been added.
            ValueError, TypeError: An argument is wrong; nothing was sent.
        """
        return await self._sender.send(
            api.create_memory_store_queue_item(
                universe_id=self.universe_id,
                queue_id=self.name,
                data=something("data", data),
                priority=priority,
                ttl=lifetime(ttl),
            )
        )

    async def read(
        self,
        count: int = 1,
        *,
        all_or_nothing: bool = False,
        invisibility: timedelta = INVISIBILITY,
    ) -> models.QueueRead:
        """Read items from the front of the queue. They stay in it, hidden, until discarded.

        Never sent twice.

        Args:
            count: At most so many, up to 200.
            all_or_nothing: Whether fewer than `count` will not do.
            invisibility: How long no other read sees them.

        Raises:
            NotFound: There are fewer than `count`, and all or nothing was asked for.
            AmbiguousOutcome: Items may have been read; they show again in time.
            ValueError, TypeError: An argument is wrong; nothing was sent.
        """
        call = api.read_memory_store_queue_items(
            universe_id=self.universe_id,
            queue_id=self.name,
            count=read_count(count),
            all_or_nothing=all_or_nothing,
            invisibility_window=span("invisibility", invisibility),
        )
        try:
            return await self._sender.send(call)
        except NotFound as error:
            if error.status != 204:
                raise
            return models.QueueRead()  # an empty queue may be answered with nothing at all

    async def discard(self, read_id: str) -> None:
        """Take what was read off the queue for good.

        Args:
            read_id: The `QueueRead.read_id` of the read.
        """
        await self._sender.send(
            api.discard_memory_store_queue_items(
                universe_id=self.universe_id, queue_id=self.name, read_id=read_id
            )
        )

    def consume(
        self,
        *,
        count: int = 10,
        invisibility: timedelta = INVISIBILITY,
        idle: timedelta = IDLE,
        stop: Callable[[], bool] | None = None,
    ) -> AsyncIterator[AsyncQueueBatch]:
        """Read items, batch after batch, for as long as there is somebody who wants them.

        ::

            async for batch in queue.consume(stop=stopping.is_set):
                async with batch as items:
                    ...

        What is handed out is discarded when the inner block ends well, and shows
        again when it raises: each item is dealt with at least once. While the
        queue is empty, or Roblox says that there are too many requests, it waits.

        Args:
            count: Items in a batch at most, up to 200.
            invisibility: How long others do not see them: more than a batch takes.
            idle: The pause after the queue was found empty.
            stop: Asked before each read and while waiting; ends the iteration.

        Raises:
            RobloxError: A read failed otherwise; as `read`.
            ValueError, TypeError: An argument is wrong; nothing was sent.
        """
        read_count(count)
        span("invisibility", invisibility)
        optional(function, "stop", stop)
        seconds = span("idle", idle).total_seconds()
        return self._batches(count, invisibility, seconds, stop or _never)

    async def _batches(
        self, count: int, invisibility: timedelta, idle: float, stop: Callable[[], bool]
    ) -> AsyncIterator[AsyncQueueBatch]:
        doubtful = 0
        while not stop():
            wait = idle
            try:
                read = await self.read(count, invisibility=invisibility)
            except RateLimited as error:
                wait = max(idle, error.retry_after or 0.0)
            except AmbiguousOutcome as error:
                # What it may have hidden shows again by itself, so reading on does no harm.
                doubtful += 1
                if doubtful == READ_TRIES:
                    raise
                wait = pause(error, doubtful, self._sender.random)
            else:
                doubtful = 0
                if read.items:
                    yield AsyncQueueBatch(self, read)
                    continue
            await self._pause(wait, stop)

    async def _pause(self, seconds: float, stop: Callable[[], bool]) -> None:
        clock = self._sender.clock
        until = clock.monotonic() + seconds
        while not stop() and (left := until - clock.monotonic()) > 0:
            await clock.async_sleep(min(left, STOP_WITHIN))


def _never() -> bool:
    return False
