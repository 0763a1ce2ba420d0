"""The badges of a universe: what players earn there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth.api import badges as api
from rblx_oauth.core import beyond
from rblx_oauth.core.arguments import optional, text, whole
from rblx_oauth.core.files import Source, picture
from rblx_oauth.core.message import FilePart
from rblx_oauth.core.people import one_of

PAGE = 100
"""Badges in one page of a listing: Roblox's limit."""

_SOURCES = {"user": 1, "group": 2}
"""Roblox's numbers for whose Robux pay."""


class AsyncBadges(AsyncUniversePart):
    """The badges of a universe."""

    def list(
        self,
        *,
        newest_first: bool | None = None,
        limit: int | None = None,
        page_size: int = PAGE,
    ) -> AsyncIterator[models.Badge]:
        """Every badge. They are public: no credential is sent.

        Args:
            newest_first: True or False for an order; by default, Roblox's.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        call = beyond.list_badges(universe_id=self.universe_id, newest_first=newest_first)
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    async def get(self, badge_id: int) -> models.Badge:
        """A badge of any universe. It is public: no credential is sent.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(beyond.get_badge(badge_id=badge_id))

    async def create(
        self,
        name: str,
        *,
        description: str | None = None,
        icon: Source | FilePart | None = None,
        active: bool | None = None,
        expected_cost: int = 0,
        payment_source: Literal["user", "group"] = "user",
    ) -> models.Badge:
        """Make a badge, which **may cost Robux**. Never sent twice.

        Args:
            name: What players see.
            description: What players read.
            icon: A picture: a path, bytes, a binary file, or what
                `rblx_oauth.files.image_file` made. Roblox has one where none is given.
            active: Whether players can earn it at once.
            expected_cost: In Robux. Where the badge costs anything else, Roblox
                refuses: by default only those that are free are made.
            payment_source: Whose Robux pay: the user's, or those of the group that
                owns the universe.

        Raises:
            BadRequest: The badge costs something else (``18``), or a text or the
                picture is not accepted.
            PermissionDenied: There are too few Robux (``17``), or the text was moderated.
            ValueError, TypeError, OSError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may have been made, and paid for.
        """
        source = _SOURCES[one_of("payment_source", payment_source, tuple(_SOURCES))]
        if whole("expected_cost", expected_cost) < 0:
            raise ValueError("expected_cost must not be negative")
        return await self._sender.send(
            api.create_badge(
                universe_id=self.universe_id,
                name=name,
                description=description,
                image_file=None if icon is None else picture(icon),
                is_active=active,
                expected_cost=expected_cost,
                payment_source_type=source,
            )
        )

    async def update(
        self,
        badge_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> None:
        """Change what is given of a badge. Its picture: `update_icon`.

        Args:
            badge_id: The badge.
            name: The new name.
            description: The new description.
            enabled: Whether players can earn it.

        Raises:
            NotFound: There is none.
            ValueError, TypeError: An argument is wrong, or none is given; nothing was sent.
            AmbiguousOutcome: It may have been changed.
        """
        if name is None and description is None and enabled is None:
            raise ValueError("nothing to change was given")
        await self._sender.send(
            api.update_badge(
                badge_id=badge_id,
                name=optional(text, "name", name),
                description=description,
                enabled=enabled,
            )
        )

    async def update_icon(self, badge_id: int, icon: Source | FilePart) -> models.UploadedBadgeIcon:
        """Put another picture in place of a badge's own.

        Args:
            badge_id: The badge.
            icon: As for `create`.

        Raises:
            NotFound: There is no such badge.
            ValueError, TypeError, OSError: It is no picture; nothing was sent.
            AmbiguousOutcome: It may have been put there.
        """
        return await self._sender.send(
            api.update_badge_icon(badge_id=badge_id, image_file=picture(icon))
        )
