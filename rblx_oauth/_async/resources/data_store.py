"""Data stores: entries read, written, counted and listed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from itertools import count

import msgspec

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import data_stores as api
from rblx_oauth.core.arguments import identifier, text
from rblx_oauth.core.codec import Page
from rblx_oauth.core.retry import pause
from rblx_oauth.errors import Conflict, NotFound

PAGE = 256
"""Entries in one page of a listing: Roblox's limit."""

UPDATE_TRIES = 10
"""How often `AsyncDataStore.update` tries when others keep changing the entry."""

KEY_LENGTH = 50


def starts_with(prefix: str) -> str | None:
    """The one filter that listings know."""
    if not prefix:
        return None
    # A string of the filter language is written as one of JSON: control characters escaped.
    quoted = msgspec.json.encode(text("prefix", prefix, KEY_LENGTH)).decode()
    return f"id.startsWith({quoted})"


class AsyncDataStore:
    """A data store of a universe, in one scope.

    Attributes:
        universe_id: The universe.
        name: Its name.
        scope: The scope; ``-`` stands for all of them in listings.
    """

    def __init__(
        self, sender: AsyncSender, universe_id: int, name: str, *, scope: str = "global"
    ) -> None:
        identifier("universe_id", universe_id)
        self._sender = sender
        self.universe_id = universe_id
        self.name = text("name", name, KEY_LENGTH)
        self.scope = text("scope", scope, KEY_LENGTH)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.universe_id}, {self.name!r}, scope={self.scope!r})"

    async def get(self, key: str, *, revision: str | None = None) -> models.Entry:
        """An entry: its value, users, attributes, revision and etag.

        Args:
            key: At most 50 characters of any Unicode.
            revision: An earlier state, as `Entry.revision` names it.

        Raises:
            NotFound: There is no such entry (any more).
        """
        text("key", key, KEY_LENGTH)
        if revision is not None:
            entry_id = f"{key}@{text('revision', revision)}"
        else:
            # Roblox reads what follows an @ as a revision, so a key with one needs its own.
            entry_id = f"{key}@latest" if "@" in key else key
        return await self._sender.send(
            api.get_data_store_entry(
                universe_id=self.universe_id,
                data_store_id=self.name,
                scope_id=self.scope,
                entry_id=entry_id,
            )
        )

    async def set(
        self,
        key: str,
        value: object,
        *,
        users: Iterable[int] | None = None,
        attributes: Mapping[str, object] | None = None,
        etag: str | None = None,
    ) -> models.Entry:
        """Write an entry, whether it is there or not.

        Roblox replaces the whole entry: **users and attributes that are left
        out here are cleared.** To change only the value, use `update`.

        Args:
            key: At most 50 characters.
            value: JSON of at most 4,194,304 bytes, not None.
            users: Ids of the users that the entry is about.
            attributes: At most 300 characters of JSON.
            etag: Write only if the entry is still as `Entry.etag` says.

        Raises:
            Conflict: It changed since that etag was read.
            NotFound: An etag was given, and the entry is gone.
            AmbiguousOutcome: It may have been written; so too when an answer was lost
                and the second try met a conflict, perhaps with the first.
            ValueError, TypeError: An argument is wrong; nothing was sent.
        """
        return await self._sender.send(
            api.update_data_store_entry(
                universe_id=self.universe_id,
                data_store_id=self.name,
                scope_id=self.scope,
                entry_id=key,
                allow_missing=True if etag is None else None,
                value=value,
                users=users,
                attributes=attributes,
                etag=etag,
            )
        )

    async def create(
        self,
        key: str,
        value: object,
        *,
        users: Iterable[int] | None = None,
        attributes: Mapping[str, object] | None = None,
    ) -> models.Entry:
        """Write an entry that is not there yet. Arguments as for `set`.

        Raises:
            Conflict: It is there already; nothing was changed.
            AmbiguousOutcome: It may have been written.
        """
        return await self._sender.send(
            api.create_data_store_entry(
                universe_id=self.universe_id,
                data_store_id=self.name,
                scope_id=self.scope,
                entry_id=key,
                value=value,
                users=users,
                attributes=attributes,
            )
        )

    async def update(self, key: str, change: Callable[[object], object]) -> models.Entry:
        """Read, change, write; and again if somebody else wrote in between.

        Users and attributes stay as they are.

        Args:
            key: The key.
            change: Gives the new value for the present one (None if there is no
                entry). It may be called several times.

        Raises:
            Conflict: Others changed the entry at every one of ten tries.
            AmbiguousOutcome: It may have been written.
        """
        for attempt in count(1):
            entry = await self._get_or_none(key)
            value = change(None if entry is None else entry.value)
            try:
                if entry is None:
                    return await self.create(key, value)
                return await self.set(
                    key,
                    value,
                    users=entry.users,
                    attributes=entry.attributes,
                    etag=entry.etag,
                )
            except (Conflict, NotFound) as error:
                # Somebody was faster: changed it, made it, or deleted it. A universe
                # that is not there stays away, though.
                if attempt == UPDATE_TRIES or (entry is None and isinstance(error, NotFound)):
                    raise
                wait = pause(error, attempt, self._sender.random)
            await self._sender.clock.async_sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    async def _get_or_none(self, key: str) -> models.Entry | None:
        try:
            return await self.get(key)
        except NotFound:
            return None

    async def increment(
        self,
        key: str,
        amount: int = 1,
        *,
        users: Iterable[int] | None = None,
        attributes: Mapping[str, object] | None = None,
    ) -> models.Entry:
        """Add to an integer, at Roblox, in one step; from 0 where there is no entry.

        **Users and attributes that are left out are cleared.** Never sent twice.

        Raises:
            AmbiguousOutcome: It may have been added.
        """
        return await self._sender.send(
            api.increment_data_store_entry(
                universe_id=self.universe_id,
                data_store_id=self.name,
                scope_id=self.scope,
                entry_id=key,
                amount=amount,
                users=users,
                attributes=attributes,
            )
        )

    async def delete(self, key: str) -> None:
        """Mark an entry deleted; its revisions can be read for 30 days.

        Raises:
            NotFound: There is none.
        """
        await self._sender.send(
            api.delete_data_store_entry(
                universe_id=self.universe_id,
                data_store_id=self.name,
                scope_id=self.scope,
                entry_id=key,
            )
        )

    def keys(
        self, *, prefix: str = "", limit: int | None = None, page_size: int = PAGE
    ) -> AsyncIterator[str]:
        """Every key, page by page, the next page fetched ahead.

        Args:
            prefix: Only those that begin like this.
            limit: At most so many.
            page_size: Fetched at a time, up to 256.
        """
        entries = self.entries(prefix=prefix, limit=limit, page_size=page_size)
        return (entry.id async for entry in entries)

    def entries(
        self,
        *,
        prefix: str = "",
        show_deleted: bool = False,
        limit: int | None = None,
        page_size: int = PAGE,
    ) -> AsyncIterator[models.Entry]:
        """Every entry's `path` and `id`; Roblox fills nothing else in a listing.

        Args:
            prefix: Only those whose key begins like this.
            show_deleted: Those marked deleted, too.
            limit: At most so many.
            page_size: Fetched at a time, up to 256.
        """
        return self._listing(prefix, show_deleted).walk(limit=limit, page_size=page_size)

    async def page(
        self,
        *,
        prefix: str = "",
        show_deleted: bool = False,
        page_size: int = PAGE,
        page_token: str | None = None,
    ) -> Page[models.Entry]:
        """One page of `entries`, for who turns pages by hand, such as a web page.

        Args:
            prefix: Only those whose key begins like this.
            show_deleted: Those marked deleted, too.
            page_size: Items at most, up to 256.
            page_token: The `Page.next_token` of the page before, with the same prefix.

        Raises:
            BadRequest: The token is not one, or belongs to another prefix.
        """
        listing = self._listing(prefix, show_deleted)
        return await listing.page(page_size=page_size, page_token=page_token)

    def _listing(self, prefix: str, show_deleted: bool) -> AsyncListing[models.Entry]:
        call = api.list_data_store_entries(
            universe_id=self.universe_id,
            data_store_id=self.name,
            scope_id=self.scope,
            filter=starts_with(prefix),
            show_deleted=show_deleted or None,
        )
        return AsyncListing(self._sender, call, most=PAGE)

    def revisions(
        self, key: str, *, limit: int | None = None, page_size: int = PAGE
    ) -> AsyncIterator[models.Entry]:
        """The revisions of an entry, newest first, without their values.

        Args:
            key: The key.
            limit: At most so many.
            page_size: Fetched at a time, up to 256.
        """
        call = api.list_data_store_entry_revisions(
            universe_id=self.universe_id,
            data_store_id=self.name,
            scope_id=self.scope,
            entry_id=key,
        )
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)
