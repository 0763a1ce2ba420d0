"""Places: what they are called, their versions, and what runs in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime, timedelta

from rblx_oauth import models
from rblx_oauth._async.resources import luau
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.instances import AsyncInstance
from rblx_oauth._async.resources.luau import AsyncLuauTask
from rblx_oauth._async.resources.restrictions import AsyncUserRestrictions
from rblx_oauth._async.resources.servers import AsyncGameServers
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import places, servers
from rblx_oauth.core.arguments import identifier, whole
from rblx_oauth.core.files import place_file
from rblx_oauth.core.sources import Source


class AsyncPlace:
    """A place of a universe, by its id.

    Attributes:
        universe_id: The universe.
        id: Its id.
        restrictions: Who may not join this place, though perhaps others of the universe.
    """

    def __init__(self, sender: AsyncSender, universe_id: int, place_id: int) -> None:
        identifier("universe_id", universe_id)
        identifier("place_id", place_id)
        self._sender = sender
        self.universe_id = universe_id
        self.id = place_id
        self.restrictions: AsyncUserRestrictions = AsyncUserRestrictions(
            sender, universe_id, place_id
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id}, {self.id})"

    async def get(self) -> models.Place:
        """What Roblox knows of it.

        Raises:
            NotFound: There is none in the universe.
        """
        return await self._sender.send(
            places.get_place(universe_id=self.universe_id, place_id=self.id)
        )

    async def update(
        self,
        *,
        display_name: str | None = None,
        description: str | None = None,
        server_size: int | None = None,
    ) -> models.Place:
        """Change what is given. The root place names and describes its universe.

        Args:
            display_name: Its name.
            description: Its description.
            server_size: Users in one server at most.

        Raises:
            Conflict: Somebody edits it together with others (Team Create) now.
            ValueError, TypeError: An argument is wrong, or nothing is to change.
            AmbiguousOutcome: It may have been changed.
        """
        if display_name is None and description is None and server_size is None:
            raise ValueError("give what is to change: display_name, description or server_size")
        if server_size is not None and whole("server_size", server_size) < 1:
            raise ValueError("server_size must be at least 1")
        return await self._sender.send(
            places.update_place(
                universe_id=self.universe_id,
                place_id=self.id,
                display_name=display_name,
                description=description,
                server_size=server_size,
            )
        )

    async def publish(
        self,
        file: Source,
        *,
        saved_only: bool = False,
        filename: str | None = None,
        size: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> int:
        """Upload a place file as a new version. It is streamed, never read whole.

        Args:
            file: ``.rbxl`` or ``.rbxlx``: a path; bytes; a binary file, taken from
                where it stands; or an iterable of bytes, which for `AsyncClient`
                may be an async one.
            saved_only: Whether players go on with the version they have.
            filename: Tells the format where `file` has no name.
            size: Its bytes, for an iterable and a file that cannot seek. Such a file
                can be sent once only.
            progress: Called with (bytes sent, size) as it goes out.

        Returns:
            The number of the version.

        Raises:
            NotFound: There is no such place or universe.
            Conflict: The place is not of this universe.
            ValueError, TypeError: The file does not fit; nothing was sent.
            AmbiguousOutcome: It may have been published; `versions` tells.
        """
        part = place_file(file, filename=filename, size=size, progress=progress)
        version = await self._sender.send(
            places.create_place_version(
                universe_id=self.universe_id,
                place_id=self.id,
                version_type="Saved" if saved_only else "Published",
                file=part,
            )
        )
        return version.number

    def versions(
        self,
        *,
        published: bool | None = None,
        has_notes: bool | None = None,
        save_type: int | None = None,
        search: str | None = None,
        contributor: int | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.PlaceVersion]:
        """The versions of the place, with their notes.

        Args:
            published: Only those that were published, or only those that were not.
            has_notes: Only those with notes, or only those without.
            save_type: Only those of one of Roblox's numbers for how they were saved.
            search: Only those that have these words.
            contributor: Only those that this user, by id, had a part in.
            start: Only those made since then.
            end: Only those made until then.
            limit: At most so many.
            page_size: Fetched at a time.
        """
        if contributor is not None:
            identifier("contributor", contributor)
        call = places.list_place_versions(
            place_id=self.id,
            is_published=published,
            has_notes=has_notes,
            save_type=save_type,
            search_term=search,
            contributor=contributor,
            start_time=start,
            end_time=end,
        )
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    def contributors(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[int]:
        """Ids of the users who had a part in the place.

        Args:
            limit: At most so many.
            page_size: Fetched at a time.
        """
        call = places.list_place_contributors(place_id=self.id)
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    def version(self, number: int) -> AsyncPlaceVersion:
        """A version of the place. Nothing is sent."""
        return AsyncPlaceVersion(self._sender, self.universe_id, self.id, number)

    def instance(self, instance_id: str = "root") -> AsyncInstance:
        """An instance of the place; by default what holds all others. Nothing is sent."""
        return AsyncInstance(self._sender, self.universe_id, self.id, instance_id)

    async def server_filters(
        self, field: models.GameServerFilterField | str | None = None
    ) -> Mapping[str, models.GameServerFilter]:
        """What the servers of the place can be told apart by, and the values there are now.

        Args:
            field: Only this one: ``PlaceVersion`` or ``EngineVersion``.
        """
        answer = await self._sender.send(
            servers.get_game_server_filter_options(
                universe_id=self.universe_id, place_id=self.id, filter=field
            )
        )
        return answer.filters or {}

    async def run_luau(
        self,
        script: str,
        *,
        version: int | None = None,
        timeout: timedelta | None = None,  # noqa: ASYNC109 (the script's)
        binary_input: models.LuauBinaryInput | None = None,
        binary_output: bool = False,
    ) -> AsyncLuauTask:
        """Begin to run a script in the place, on a server of its own that nobody plays on.

        What it changes in the place is lost at its end; what it changes in data
        stores is not.

        Args:
            script: Luau, at most 4 MiB. What it returns becomes the result.
            version: The number of the place's version; the newest by default.
            timeout: How long it may run: at most 5 minutes, as by default.
            binary_input: What `AsyncUniverse.upload_luau_input` gave; the script
                finds it as ``({...})[1].BinaryInput``.
            binary_output: Whether the script returns ``{BinaryOutput = buffer,
                ReturnValues = {...}}``, for `AsyncLuauTask.download`.

        Returns:
            The task: to wait for, to follow the logs of.

        Raises:
            RateLimited: Ten scripts run in the place already, or too many were begun.
            ValueError, TypeError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may run.
        """
        return await luau.run(
            self._sender,
            universe_id=self.universe_id,
            place_id=self.id,
            script=script,
            version=version,
            timeout=timeout,
            binary_input=binary_input,
            binary_output=binary_output,
        )


class AsyncPlaceVersion:
    """A version of a place, by its number.

    Attributes:
        universe_id: The universe.
        place_id: The place.
        number: Its number.
        servers: The game servers that run it.
    """

    def __init__(self, sender: AsyncSender, universe_id: int, place_id: int, number: int) -> None:
        self._sender = sender
        self.universe_id = universe_id
        self.place_id = place_id
        self.number = number
        self.servers: AsyncGameServers = AsyncGameServers(sender, universe_id, place_id, number)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id}, {self.place_id}, {self.number})"

    async def update_notes(
        self, *, title: str | None = None, description: str | None = None
    ) -> models.PlaceVersion | None:
        """Write down what this version is about.

        Args:
            title: A short one.
            description: A longer one.

        Returns:
            The version as it then is, where Roblox says.

        Raises:
            NotFound: There is no such version.
            ValueError: Nothing is to change.
            AmbiguousOutcome: They may have been changed.
        """
        if title is None and description is None:
            raise ValueError("give a title, a description or both: nothing would change")
        answer = await self._sender.send(
            places.update_place_version_notes(
                place_id=self.place_id,
                version=self.number,
                title=title,
                description=description,
            )
        )
        return answer.place_version
