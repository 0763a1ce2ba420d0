"""User restrictions: who may not join, in a universe or in one of its places."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import user_restrictions as api
from rblx_oauth.core import people
from rblx_oauth.core.arguments import flag, identifier, string

PAGE = 100
"""Items in one page of a listing: Roblox's limit."""
DISPLAY_REASON = 400
PRIVATE_REASON = 1000
"""Characters that a reason may have."""
LONGEST = timedelta(seconds=315_576_000_000)
"""The longest that Roblox takes: ten thousand years."""


class AsyncUserRestrictions:
    """Who may not join a universe, or one of its places.

    Attributes:
        universe_id: The universe.
        place_id: The place, if it is about one.
    """

    def __init__(self, sender: AsyncSender, universe_id: int, place_id: int | None = None) -> None:
        identifier("universe_id", universe_id)
        if place_id is not None:
            identifier("place_id", place_id)
        self._sender = sender
        self.universe_id = universe_id
        self.place_id = place_id

    def __repr__(self) -> str:
        place = "" if self.place_id is None else f", {self.place_id}"
        return f"{type(self).__name__}({self.universe_id}{place})"

    async def get(self, user_id: int) -> models.UserRestriction:
        """How things stand with a user.

        Args:
            user_id: The user, who may never have been banned: then
                `game_join_restriction.active` is False.
        """
        identifier("user_id", user_id)
        if self.place_id is None:
            call = api.get_user_restriction(
                universe_id=self.universe_id, user_restriction_id=user_id
            )
        else:
            call = api.get_place_user_restriction(
                universe_id=self.universe_id,
                place_id=self.place_id,
                user_restriction_id=user_id,
            )
        return await self._sender.send(call)

    async def ban(
        self,
        user_id: int,
        *,
        duration: timedelta | None = None,
        display_reason: str = "",
        private_reason: str = "",
        exclude_alt_accounts: bool = False,
    ) -> models.UserRestriction:
        """Keep a user out; one who is playing is kicked.

        A ban that is there already is replaced as a whole. It is sent with an
        idempotency key, so that a try whose answer was lost is repeated without harm.

        Args:
            user_id: The user.
            duration: For how long: whole seconds, at least one. None is **for ever**.
            display_reason: Told to the user, at most 400 characters.
            private_reason: Kept for you, at most 1,000 characters.
            exclude_alt_accounts: Whether to spare other accounts that Roblox takes
                for the same person's.

        Raises:
            ValueError, TypeError: An argument is wrong; nothing was sent. No
                duration that is zero or less is taken to be for ever.
            InsufficientScope: The token lacks ``universe.user-restriction:write``.
            AmbiguousOutcome: It may have been done; `get` tells.
        """
        return await self._update(
            user_id,
            models.GameJoinRestriction(
                active=True,
                duration=_duration(duration),
                display_reason=string("display_reason", display_reason, DISPLAY_REASON) or None,
                private_reason=string("private_reason", private_reason, PRIVATE_REASON) or None,
                exclude_alt_accounts=flag("exclude_alt_accounts", exclude_alt_accounts),
            ),
        )

    async def unban(self, user_id: int) -> models.UserRestriction:
        """Let a user in again. In a place, a ban from the universe still holds.

        Args:
            user_id: The user.

        Raises:
            InsufficientScope, AmbiguousOutcome: As of `ban`.
        """
        return await self._update(user_id, models.GameJoinRestriction(active=False))

    def list(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.UserRestriction]:
        """Everyone who was ever banned here, and how things stand with them.

        Args:
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        if self.place_id is None:
            call = api.list_user_restrictions(universe_id=self.universe_id)
        else:
            call = api.list_place_user_restrictions(
                universe_id=self.universe_id, place_id=self.place_id
            )
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    def logs(
        self,
        *,
        user_id: int | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.UserRestrictionLog]:
        """What was changed, when, and by whom: of a universe, in all of its places, too.

        Args:
            user_id: Only what concerns this user.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        terms = [] if user_id is None else [people.of_user(user_id)]
        if self.place_id is not None:
            terms.append(people.of_place(self.place_id))
        call = api.list_user_restriction_logs(
            universe_id=self.universe_id, filter=" && ".join(terms) or None
        )
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    async def _update(
        self, user_id: int, restriction: models.GameJoinRestriction
    ) -> models.UserRestriction:
        identifier("user_id", user_id)
        key = str(uuid4())
        now = datetime.fromtimestamp(self._sender.clock.now(), UTC)
        if self.place_id is None:
            call = api.update_user_restriction(
                universe_id=self.universe_id,
                user_restriction_id=user_id,
                game_join_restriction=restriction,
                idempotency_key=key,
                first_sent=now,
            )
        else:
            call = api.update_place_user_restriction(
                universe_id=self.universe_id,
                place_id=self.place_id,
                user_restriction_id=user_id,
                game_join_restriction=restriction,
                idempotency_key=key,
                first_sent=now,
            )
        return await self._sender.send(call)


def _duration(duration: timedelta | None) -> models.Duration | None:
    """Of a ban; whatever could be taken for none is refused, since none is for ever."""
    if duration is None:
        return None
    if not isinstance(duration, timedelta):
        raise TypeError(f"duration must be a timedelta, not {type(duration).__name__}")
    if not timedelta(seconds=1) <= duration <= LONGEST:
        raise ValueError(
            f"duration must be from 1 second to {LONGEST.days:,} days; for ever is None"
        )
    if duration.microseconds:
        raise ValueError("duration must be whole seconds")
    return models.Duration(days=duration.days, seconds=duration.seconds)
