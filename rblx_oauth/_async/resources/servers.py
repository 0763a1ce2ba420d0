"""Game servers: restarting those of a universe, looking at those of a place's version."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import servers as api
from rblx_oauth.core.arguments import identifier, text
from rblx_oauth.core.codec import encode_value
from rblx_oauth.core.restarts import some_places, whole_minutes

PAGE = 100
"""Servers or lines in one page of a listing: Roblox's limit."""

BLEED_OFF = 240
"""Minutes that servers may be left to empty before a launched restart."""

ATTRIBUTES = 500
"""Bytes of JSON that a restart may hand to the servers."""


class AsyncServers(AsyncUniversePart):
    """The game servers of a universe.

    Attributes:
        universe_id: The universe.
    """

    async def restarts(self) -> Mapping[str, models.RestartStatus]:
        """The restarts under way and of late, by id: when, and how far for each place."""
        answer = await self._sender.send(api.list_restart_statuses(universe_id=self.universe_id))
        return answer.restart_statuses or {}

    async def forecast_restart(self) -> Mapping[int, models.PlaceRestartForecast]:
        """Whom a restart would affect now, by the ids of places that have servers."""
        answer = await self._sender.send(api.forecast_restart(universe_id=self.universe_id))
        return {int(place): each for place, each in (answer.place_forecasts or {}).items()}

    async def launch_restart(
        self,
        *,
        places: Iterable[int] | Mapping[int, models.PlaceFilter] | None = None,
        bleed_off: timedelta | None = None,
        attributes: Mapping[str, object] | None = None,
    ) -> models.LaunchedRestart:
        """Restart servers, perhaps only those of some places or versions.

        Args:
            places: Ids of places; or, for each, which of its versions:
                ``{44: PlaceFilter(exclude_current_version=True)}`` or
                ``PlaceFilter(versions=[7, 8])``. Every place by default.
            bleed_off: How long servers are left to empty first, taking no new
                players: whole minutes, 1 to 240. By default they are not.
            attributes: Handed to the servers: at most 500 bytes of JSON.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may have been launched; `restarts` tells.
        """
        if attributes is not None and len(encode_value(attributes, what="attributes")) > ATTRIBUTES:
            raise ValueError(f"attributes take more than {ATTRIBUTES} bytes of JSON")
        return await self._sender.send(
            api.launch_restart(
                universe_id=self.universe_id,
                places=None if places is None else _filters(places),
                bleed_off_duration_minutes=None
                if bleed_off is None
                else whole_minutes("bleed_off", bleed_off, BLEED_OFF),
                attributes=attributes,
            )
        )


def _filters(
    places: Iterable[int] | Mapping[int, models.PlaceFilter],
) -> dict[str, models.PlaceFilter]:
    if not isinstance(places, Mapping):
        return dict.fromkeys(some_places("places", places), models.PlaceFilter())
    for place, each in places.items():
        if not isinstance(each, models.PlaceFilter):
            raise TypeError(f"places[{place!r}] must be a PlaceFilter")
        if each.versions is not None and each.exclude_current_version is not None:
            raise ValueError(
                f"places[{place!r}] takes versions or exclude_current_version, not both"
            )
    return dict(zip(some_places("places", places), places.values(), strict=True))


class AsyncGameServers:
    """The servers that run one version of a place.

    Attributes:
        universe_id: The universe.
        place_id: The place.
        version: The number of the version.
    """

    def __init__(self, sender: AsyncSender, universe_id: int, place_id: int, version: int) -> None:
        identifier("universe_id", universe_id)
        identifier("place_id", place_id)
        self._number = identifier("version", version)
        self._sender = sender
        self.universe_id = universe_id
        self.place_id = place_id
        self.version = version

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id}, {self.place_id}, {self.version})"

    def list(
        self,
        *,
        filter: str | None = None,  # noqa: A002 (Roblox's word)
        order_by: str | None = None,
        limit: int | None = None,
        page_size: int = PAGE,
    ) -> AsyncIterator[models.GameServer]:
        """The servers.

        Args:
            filter: A condition on members as Roblox names them, in CEL with
                ``&& < <= > >= == in``: ``occupancy > 10``.
            order_by: A member as Roblox names it, perhaps followed by `` desc``.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        call = api.list_game_servers(
            universe_id=self.universe_id,
            place_id=self.place_id,
            version_number=self._number,
            filter=filter,
            order_by=order_by,
        )
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    def logs(
        self,
        job_id: str,
        *,
        filter: str | None = None,  # noqa: A002 (Roblox's word)
        order_by: str | None = None,
        limit: int | None = None,
        page_size: int = PAGE,
    ) -> AsyncIterator[models.GameServerLog]:
        """What one server logged.

        Args:
            job_id: The server: `GameServer.job_id`.
            filter: As for `list`: ``severity >= 2``.
            order_by: As for `list`.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        call = api.list_game_server_logs(
            universe_id=self.universe_id,
            place_id=self.place_id,
            version_number=self._number,
            job_id=text("job_id", job_id),
            filter=filter,
            order_by=order_by,
        )
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)
