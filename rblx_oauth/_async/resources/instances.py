"""Instances: the objects a place is made of, read and changed from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

from rblx_oauth import models
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import instances as api
from rblx_oauth.catalog import operation
from rblx_oauth.core import polling
from rblx_oauth.core.arguments import identifier, string, text
from rblx_oauth.core.call import Call
from rblx_oauth.core.checks import seconds
from rblx_oauth.core.paging import Walk, check_page_size

T = TypeVar("T")

PAGE = 200
"""Children in one page of the listing: Roblox's limit."""

SOURCE_SIZE = 200_000
"""Bytes of UTF-8 in the source of one script."""

Script = models.Script | models.LocalScript | models.ModuleScript


class AsyncInstance:
    """An instance of a place, by its id.

    Roblox begins each of these when asked and ends it a little later, so they
    give an operation to wait for; `read` and `children` wait themselves.

    Attributes:
        universe_id: The universe.
        place_id: The place.
        id: Its id, hexadecimal; ``root`` is what holds all others.
    """

    def __init__(
        self, sender: AsyncSender, universe_id: int, place_id: int, instance_id: str = "root"
    ) -> None:
        identifier("universe_id", universe_id)
        identifier("place_id", place_id)
        self._sender = sender
        self.universe_id = universe_id
        self.place_id = place_id
        self.id: str = text("instance_id", instance_id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id}, {self.place_id}, {self.id!r})"

    async def get(self) -> AsyncLongRunning[models.Operation, models.Instance]:
        """Begin to read it. The operation ends in the instance.

        An answer over 500,000 bytes is an `OperationFailed` with the code 422.

        Raises:
            NotFound: There is none.
        """
        call = api.get_instance(
            universe_id=self.universe_id, place_id=self.place_id, instance_id=self.id
        )
        return await self._begun(call, models.Instance)

    async def read(self, *, timeout: float = 60.0) -> models.Instance:  # noqa: ASYNC109
        """Read it, and wait until it is there.

        Args:
            timeout: Seconds of patience.

        Raises:
            NotFound: There is none.
            OperationFailed: It failed.
            OperationTimeout: It is still under way.
        """
        seconds("timeout", timeout)
        begun = await self.get()
        return await begun.wait(timeout=timeout)

    async def children_page(
        self, *, page_size: int = PAGE, page_token: str | None = None
    ) -> AsyncLongRunning[models.Operation, models.InstanceChildren]:
        """Begin to list what is inside it. The operation ends in one page.

        Args:
            page_size: At most so many, up to 200.
            page_token: The `InstanceChildren.next_page_token` of the page before.

        Raises:
            NotFound: There is no such instance.
        """
        call = api.list_instance_children(
            universe_id=self.universe_id,
            place_id=self.place_id,
            instance_id=self.id,
            max_page_size=check_page_size(page_size, PAGE),
            page_token=page_token,
        )
        return await self._begun(call, models.InstanceChildren)

    def children(
        self,
        *,
        limit: int | None = None,
        page_size: int = PAGE,
        timeout: float = 60.0,
    ) -> AsyncIterator[models.Instance]:
        """What is directly inside it; each page is waited for.

        Args:
            limit: At most so many.
            page_size: Fetched at a time, up to 200.
            timeout: Seconds of patience for one page.

        Raises:
            NotFound: There is no such instance.
            OperationFailed: A page could not be read.
            OperationTimeout: A page is still under way.
        """
        seconds("timeout", timeout)
        listing = operation("list_instance_children")
        walk = Walk(listing, limit=limit, page_size=page_size, most=PAGE)
        return self._children(walk, timeout)

    async def _children(self, walk: Walk, timeout: float) -> AsyncIterator[models.Instance]:  # noqa: ASYNC109
        while walk.wants_more():
            begun = await self.children_page(
                page_size=walk.page_size or PAGE, page_token=walk.token
            )
            page = await begun.wait(timeout=timeout)
            wanted = walk.turn(len(page.instances), page.next_page_token)
            for each in page.instances[:wanted]:
                yield each

    async def update(
        self, *, name: str | None = None, script: Script | None = None
    ) -> AsyncLongRunning[models.Operation, models.Instance]:
        """Begin to change it. The operation ends in the instance as it then is.

        Roblox changes scripts only, and none that is open in Studio or part of
        a package.

        Args:
            name: Its new name.
            script: What to change of it, in the model of its class:
                ``models.ModuleScript(source="return 1")``. Members left out stay.

        Raises:
            NotFound: There is none.
            ValueError: Nothing is to change, or the source has more than 200,000 bytes.
            TypeError: An argument is of another type.
            AmbiguousOutcome: It may have been changed.
        """
        if name is None and script is None:
            raise ValueError("give a name, a script or both: nothing would change")
        if name is not None:
            text("name", name)
        details = None if script is None else _details(script)
        call = api.update_instance(
            universe_id=self.universe_id,
            place_id=self.place_id,
            instance_id=self.id,
            engine_instance=models.EngineInstance(name=name, details=details),
        )
        return await self._begun(call, models.Instance)

    async def _begun(
        self, call: Call[models.Operation], model: type[T]
    ) -> AsyncLongRunning[models.Operation, T]:
        begun = await self._sender.send(call)
        name = polling.name_of(begun, call.operation.name)
        poll = api.get_instance_operation(
            universe_id=self.universe_id,
            place_id=self.place_id,
            instance_id=self.id,
            operation_id=name,
        )
        return AsyncLongRunning(
            self._sender,
            name,
            poll,
            polling.outcome_as(model),
            ended=begun if begun.done else None,
        )


def _details(script: Script) -> models.InstanceDetails:
    if not isinstance(script, Script):
        raise TypeError("script must be a Script, LocalScript or ModuleScript of rblx_oauth.models")
    size = len(string("source", script.source or "").encode())
    if size > SOURCE_SIZE:
        raise ValueError(f"source has {size} bytes; the limit is {SOURCE_SIZE}")
    return models.InstanceDetails(
        script=script if isinstance(script, models.Script) else None,
        local_script=script if isinstance(script, models.LocalScript) else None,
        module_script=script if isinstance(script, models.ModuleScript) else None,
    )
