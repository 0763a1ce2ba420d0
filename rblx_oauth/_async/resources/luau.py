"""Luau execution: running a script in a place, following what it prints, taking what it gives."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Literal, TypeVar, overload

import msgspec

from rblx_oauth import models
from rblx_oauth._async.download import saved
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.resources.patience import AsyncPatience
from rblx_oauth._async.sender import UPLOAD_RATE, AsyncSender
from rblx_oauth.api import luau_execution as api
from rblx_oauth.core import redact
from rblx_oauth.core.arguments import duration, identifier, optional, text
from rblx_oauth.core.call import Call
from rblx_oauth.core.checks import function, seconds
from rblx_oauth.core.codec import Page
from rblx_oauth.core.message import FilePart
from rblx_oauth.core.paging import Walk, turned
from rblx_oauth.core.saving import Saving
from rblx_oauth.core.sources import Source, settle
from rblx_oauth.errors import OperationFailed, ProtocolError

M = TypeVar("M")

MEGABYTE = 1024 * 1024
SCRIPT_SIZE = 4 * MEGABYTE
INPUT_SIZE = 100 * MEGABYTE
OUTPUT_SIZE = 256 * MEGABYTE

LONGEST = timedelta(minutes=5)
"""How long a script may run."""

PATIENCE = 330.0
"""Seconds after which the longest script should have ended."""

PAGE = 10_000
"""Chunks of logs in one page: Roblox's limit."""

_PATH = re.compile(
    r"universes/(\d+)/places/(\d+)/versions/(\d+)"
    r"/luau-execution-sessions/([\w.~-]+)/tasks/([\w.~-]+)",
    re.ASCII,
)


class AsyncLuauTask(AsyncLongRunning[models.LuauTask, list[object]]):
    """A script that runs in a place, or did. Roblox knows of it for 24 hours after its end.

    It ends in what the script returned, as a list of JSON values.

    Attributes:
        id: Names it; `AsyncClient.luau_task` takes it in any process.

    Raises:
        ValueError: The id is none.
    """

    def __init__(self, sender: AsyncSender, task_id: str) -> None:
        found = _PATH.fullmatch(text("task_id", task_id))
        if found is None:
            raise ValueError("task_id is not the id of a Luau task")
        universe_id, place_id, version_id = (int(each) for each in found.groups()[:3])
        self._logs = api.list_luau_execution_task_logs(
            universe_id=universe_id,
            place_id=place_id,
            version_id=version_id,
            luau_execution_session_id=found[4],
            task_id=found[5],
        )
        call = api.get_luau_execution_task(
            universe_id=universe_id,
            place_id=place_id,
            version_id=version_id,
            luau_execution_session_id=found[4],
            task_id=found[5],
        )
        super().__init__(sender, task_id, call, outcome)

    async def wait(self, *, timeout: float = PATIENCE) -> list[object]:  # noqa: ASYNC109
        """What the script returned, once it has: asks at once, then ever less often.

        Args:
            timeout: Seconds of patience.

        Raises:
            OperationFailed: It failed: its `code` is ``SCRIPT_ERROR``,
                ``DEADLINE_EXCEEDED``, ``OUTPUT_SIZE_LIMIT_EXCEEDED``,
                ``INTERNAL_ERROR`` or ``CANCELLED``.
            OperationTimeout: It still runs.
        """
        return await super().wait(timeout=timeout)

    @overload
    def logs(
        self, *, structured: Literal[False] = False, limit: int | None = None
    ) -> AsyncIterator[str]: ...

    @overload
    def logs(
        self, *, structured: Literal[True], limit: int | None = None
    ) -> AsyncIterator[models.LuauLogMessage]: ...

    def logs(
        self, *, structured: bool = False, limit: int | None = None
    ) -> AsyncIterator[str] | AsyncIterator[models.LuauLogMessage]:
        """What the script has printed; of more than 450 KB, Roblox keeps the last.

        Args:
            structured: With the time and the kind of each message.
            limit: At most so many messages.
        """
        walk = Walk(self._logs.operation, limit=limit, page_size=PAGE, most=PAGE)
        if structured:
            return self._walk(walk, _viewed(self._logs, "STRUCTURED"), _structured)
        return self._walk(walk, _viewed(self._logs, "FLAT"), _flat)

    async def _walk(
        self,
        walk: Walk,
        call: Call[Page[models.LuauLog]],
        read: Callable[[models.LuauLog], Sequence[M]],
    ) -> AsyncIterator[M]:
        listing = AsyncListing(self._sender, call, most=PAGE)
        while walk.wants_more():
            page = await listing.page(page_size=walk.page_size, page_token=walk.token)
            messages = [message for chunk in page.items for message in read(chunk)]
            for message in messages[: walk.turn(len(messages), page.next_token)]:
                yield message

    @overload
    def follow_logs(
        self, *, structured: Literal[False] = False, timeout: float = PATIENCE
    ) -> AsyncIterator[str]: ...

    @overload
    def follow_logs(
        self, *, structured: Literal[True], timeout: float = PATIENCE
    ) -> AsyncIterator[models.LuauLogMessage]: ...

    def follow_logs(
        self, *, structured: bool = False, timeout: float = PATIENCE
    ) -> AsyncIterator[str] | AsyncIterator[models.LuauLogMessage]:
        """What the script prints, while it runs and until its end, however it ends.

        Roblox may hold messages back until then. How it ended, `result` tells.

        Args:
            structured: With the time and the kind of each message.
            timeout: Seconds of patience.

        Raises:
            OperationTimeout: It still runs.
        """
        seconds("timeout", timeout)
        if structured:
            return self._follow(timeout, _viewed(self._logs, "STRUCTURED"), _structured)
        return self._follow(timeout, _viewed(self._logs, "FLAT"), _flat)

    async def _follow(
        self,
        timeout: float,  # noqa: ASYNC109
        call: Call[Page[models.LuauLog]],
        read: Callable[[models.LuauLog], Sequence[M]],
    ) -> AsyncIterator[M]:
        patience = AsyncPatience(self._sender, self.id, timeout)
        seen: dict[str, int] = {}
        while True:
            # Asked before the logs are read, so that the last reading has everything.
            status = await patience.ask(self._poll)
            walk = Walk(call.operation, limit=None, page_size=PAGE, most=PAGE)
            while walk.wants_more():
                page = await patience.ask(turned(call, walk.page_size, walk.token))
                if page is None:
                    break
                for chunk in page.items:
                    messages = read(chunk)
                    for message in messages[seen.get(chunk.path, 0) :]:
                        yield message
                    seen[chunk.path] = len(messages)
                walk.turn(len(page.items), page.next_token)
            if status is not None and _ended(status) and not walk.wants_more():
                return
            await patience.rest()

    async def download(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
        timeout: float = 300.0,  # noqa: ASYNC109
    ) -> int:
        """Save the binary output of a script that has ended, for up to 15 minutes after.

        The file appears under its name when it is whole.

        Args:
            path: Where to. Its folder must be there.
            overwrite: Whether a file that is there already may be replaced.
            progress: Called with (bytes so far, bytes in all or None) as it comes.
            timeout: Seconds for all of it.

        Returns:
            Its bytes.

        Raises:
            OperationFailed: The script failed.
            FileExistsError: There is a file, and it may not be replaced.
            ValueError: The script has not ended, or gave no binary output; or
                nothing can be written to `path`.
            OSError: Nothing can be written there.
            ApiError, ConnectFailed, ConnectionLost, DeadlineExceeded: It did not come whole.
        """
        clock = self._sender.clock
        deadline = clock.monotonic() + seconds("timeout", timeout)
        file = Saving(path, limit=OUTPUT_SIZE, overwrite=overwrite, progress=progress)
        async with saved(file):
            status = await self.status()
            if outcome(status) is None:
                raise ValueError("the script still runs: wait for its end")
            if not status.binary_output_uri:
                raise ValueError("the script gave no binary output; run it with binary_output=True")
            await self._sender.fetcher.fetch(
                status.binary_output_uri,
                file,
                operation="luau_execution.binary_output",
                timeout=deadline - clock.monotonic(),
            )
        return file.written


async def run(
    sender: AsyncSender,
    *,
    universe_id: int,
    place_id: int,
    script: str,
    version: int | None,
    timeout: timedelta | None,  # noqa: ASYNC109 (the script's)
    binary_input: models.LuauBinaryInput | None,
    binary_output: bool,
) -> AsyncLuauTask:
    """Begin to run a script; see `AsyncPlace.run_luau`."""
    size = len(text("script", script).encode())
    if size > SCRIPT_SIZE:
        raise ValueError(f"script has {size} bytes; the limit is {SCRIPT_SIZE}")
    if timeout is not None:
        duration("timeout", timeout)
        if not timedelta() < timeout <= LONGEST:
            raise ValueError("timeout must be more than nothing, and at most 5 minutes")
    if binary_input is not None and not isinstance(binary_input, models.LuauBinaryInput):
        raise TypeError("binary_input must be what upload_luau_input gave")
    path = binary_input.path if binary_input else None
    if version is None:
        call = api.create_luau_execution_task(
            universe_id=universe_id,
            place_id=place_id,
            script=script,
            timeout=timeout,
            binary_input=path,
            enable_binary_output=binary_output or None,
        )
    else:
        identifier("version", version)
        call = api.create_luau_execution_task_for_version(
            universe_id=universe_id,
            place_id=place_id,
            version_id=version,
            script=script,
            timeout=timeout,
            binary_input=path,
            enable_binary_output=binary_output or None,
        )
    task = await sender.send(call)
    if not _PATH.fullmatch(task.path):
        raise ProtocolError(
            f"{call.operation.name}: the task's path is not one that it can be asked for by",
            operation=call.operation.name,
        )
    return AsyncLuauTask(sender, task.path)


async def upload_input(
    sender: AsyncSender,
    universe_id: int,
    file: Source,
    *,
    size: int | None,
    progress: Callable[[int, int], None] | None,
) -> models.LuauBinaryInput:
    """Upload what scripts are to be given; see `AsyncUniverse.upload_luau_input`."""
    optional(function, "progress", progress)
    settled = settle(file, size)
    if not 0 < settled.size <= INPUT_SIZE:
        raise ValueError(f"the file has {settled.size} bytes; the limit is 1 to {INPUT_SIZE}")
    part = FilePart(
        open=settled.open,
        size=settled.size,
        filename="binary input",
        content_type="application/octet-stream",
        progress=progress,
    )
    made = await sender.send(
        api.create_luau_execution_binary_input(universe_id=universe_id, size=settled.size)
    )
    await sender.fetcher.put(
        made.upload_uri,
        part,
        operation="luau_execution.binary_input",
        timeout=sender.timeout + settled.size / UPLOAD_RATE,
    )
    # Without the address, which is good for whoever has it.
    return models.LuauBinaryInput(path=made.path, size=settled.size)


def outcome(task: models.LuauTask) -> list[object] | None:
    """What a script returned; None while it runs.

    Raises:
        OperationFailed: It failed, or was stopped.
    """
    if task.state == models.LuauTaskState.COMPLETE:
        return task.output.results if task.output else []
    if task.state == models.LuauTaskState.CANCELLED:
        path = redact.words(task.path)
        raise OperationFailed(f"{path} was stopped", operation=path, code="CANCELLED")
    if task.state == models.LuauTaskState.FAILED:
        raise _failed(task)
    return None


def _failed(task: models.LuauTask) -> OperationFailed:
    path = redact.words(task.path)
    error = task.error or models.LuauError()
    code, message = redact.words(error.code), redact.words(error.message)
    said = ": ".join(part for part in (code, message) if part)
    return OperationFailed(f"{path} failed ({said})", operation=path, code=code, message=message)


def _ended(task: models.LuauTask) -> bool:
    states = models.LuauTaskState
    return task.state in (states.COMPLETE, states.FAILED, states.CANCELLED)


def _viewed(call: Call[Page[models.LuauLog]], view: str) -> Call[Page[models.LuauLog]]:
    return msgspec.structs.replace(call, query=(*call.query, ("view", view)))


def _flat(chunk: models.LuauLog) -> Sequence[str]:
    return chunk.messages


def _structured(chunk: models.LuauLog) -> Sequence[models.LuauLogMessage]:
    return chunk.structured_messages
