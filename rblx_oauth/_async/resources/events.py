"""Events: what happens in a universe at a time that players can plan for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Literal, TypeAlias

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.universe_part import AsyncUniversePart
from rblx_oauth.api import events as api
from rblx_oauth.core.arguments import flag, identifier, in_order, optional, several, text
from rblx_oauth.core.people import one_of

Visibility: TypeAlias = Literal["public", "private"]


class AsyncEvents(AsyncUniversePart):
    """The events of a universe."""

    def list(
        self,
        *,
        starts_after: datetime | None = None,
        starts_before: datetime | None = None,
        ends_after: datetime | None = None,
        ends_before: datetime | None = None,
        visibility: models.EventVisibility | str | None = None,
        fields: Iterable[str] | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.Event]:
        """The events; **without a bound on their end, only those that are not over yet**.

        Args:
            starts_after: Only those that begin then or later; all times have a time zone.
            starts_before: Only those that begin then or earlier.
            ends_after: Only those that end then or later.
            ends_before: Only those that end then or earlier.
            visibility: Only ``public``, ``private`` or ``moderated`` ones.
            fields: The members to fill, by Roblox's names; all but those that are
                translated (``displayTitle``, ...) by default.
            limit: At most so many.
            page_size: Fetched at a time.
        """
        call = api.list_events(
            universe_id=self.universe_id,
            starts_after=starts_after,
            starts_before=starts_before,
            ends_after=ends_after,
            ends_before=ends_before,
            visibility=visibility,
            fields=_mask(fields),
        )
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    async def get(self, event_id: int, *, fields: Iterable[str] | None = None) -> models.Event:
        """An event.

        Args:
            event_id: The event.
            fields: As for `list`.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(api.get_event(event_id=event_id, fields=_mask(fields)))

    async def create(
        self,
        title: str,
        *,
        subtitle: str,
        start_time: datetime,
        end_time: datetime,
        description: str | None = None,
        visibility: Visibility | None = None,
        group_id: int | None = None,
        place_id: int | None = None,
        categories: Iterable[models.EventCategory | str] | None = None,
        thumbnails: Iterable[int] | None = None,
        recurrence: str | None = None,
        recurrence_end_time: datetime | None = None,
        audience: models.EventNotificationAudience | str | None = None,
        featuring: bool | None = None,
        tagline: str | None = None,
    ) -> models.Event:
        """Announce an event. Never sent twice.

        Args:
            title: What it is called.
            subtitle: What stands below that.
            start_time: When it begins, with a time zone.
            end_time: When it ends.
            description: What happens.
            visibility: ``public`` or ``private``.
            group_id: The group that invites; by default the user.
            place_id: Where in the universe; by default its root place.
            categories: What it is about, the most important first.
            thumbnails: Ids of its pictures, in order.
            recurrence: A cron expression that says when it happens again.
            recurrence_end_time: Until when it does.
            audience: Who is told: ``all``, ``rsvp``, ``subscribed``, ``group``, ``none``.
            featuring: Whether Roblox may feature it.
            tagline: What those who decide on that read.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent.
            AmbiguousOutcome: It may have been announced.
        """
        in_order(start_time, end_time)
        return await self._sender.send(
            api.create_event(
                universe_id=self.universe_id,
                title=title,
                subtitle=subtitle,
                start_time=start_time,
                end_time=end_time,
                description=description,
                visibility=optional(one_of, "visibility", visibility, ("public", "private")),
                group_id=group_id,
                place_id=place_id,
                categories=_ranked(categories),
                thumbnails=_pictures(thumbnails),
                config=_config(recurrence, recurrence_end_time, audience),
                featuring_status=_featuring(featuring),
                tagline=tagline,
            )
        )

    async def update(
        self,
        event_id: int,
        *,
        title: str | None = None,
        subtitle: str | None = None,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        description: str | None = None,
        visibility: Visibility | None = None,
        place_id: int | None = None,
        categories: Iterable[models.EventCategory | str] | None = None,
        thumbnails: Iterable[int] | None = None,
        recurrence: str | None = None,
        recurrence_end_time: datetime | None = None,
        audience: models.EventNotificationAudience | str | None = None,
        featuring: bool | None = None,
        tagline: str | None = None,
    ) -> models.Event:
        """Change what is given of an event. Arguments as for `create`.

        Raises:
            NotFound: There is none.
            ValueError, TypeError: An argument is wrong, or none is given; nothing was sent.
            AmbiguousOutcome: It may have been changed.
        """
        if start_time is not None and end_time is not None:
            in_order(start_time, end_time)
        call = api.update_event(
            event_id=event_id,
            title=optional(text, "title", title),
            subtitle=optional(text, "subtitle", subtitle),
            start_time=start_time,
            end_time=end_time,
            description=description,
            visibility=optional(one_of, "visibility", visibility, ("public", "private")),
            place_id=place_id,
            categories=_ranked(categories),
            thumbnails=_pictures(thumbnails),
            config=_config(recurrence, recurrence_end_time, audience),
            featuring_status=_featuring(featuring),
            tagline=tagline,
        )
        if call.body == b"{}":
            raise ValueError("nothing to change was given")
        return await self._sender.send(call)

    async def delete(self, event_id: int) -> None:
        """Delete an event for good.

        Raises:
            NotFound: There is none.
        """
        await self._sender.send(api.delete_event(event_id=event_id))


def _mask(fields: Iterable[str] | None) -> str | None:
    return None if fields is None else ",".join(several("fields", fields, text))


def _featuring(featuring: bool | None) -> str | None:
    if featuring is None:
        return None
    return "enabled" if flag("featuring", featuring) else "disabled"


def _ranked(
    categories: Iterable[models.EventCategory | str] | None,
) -> list[models.EventRankedCategory] | None:
    if categories is None:
        return None
    return [
        models.EventRankedCategory(category=models.EventCategory(each), rank=rank)
        for rank, each in enumerate(several("categories", categories, text))
    ]


def _pictures(media_ids: Iterable[int] | None) -> list[models.EventMedia] | None:
    if media_ids is None:
        return None
    return [
        models.EventMedia(media_id=int(each), rank=rank)
        for rank, each in enumerate(several("thumbnails", media_ids, identifier))
    ]


def _config(
    recurrence: str | None,
    recurrence_end_time: datetime | None,
    audience: models.EventNotificationAudience | str | None,
) -> models.EventConfig | None:
    if recurrence is None and recurrence_end_time is None and audience is None:
        return None
    return models.EventConfig(
        recurrence=optional(text, "recurrence", recurrence),
        recurrence_end_time=recurrence_end_time,
        notification_audience=None
        if audience is None
        else models.EventNotificationAudience(text("audience", audience)),
    )
