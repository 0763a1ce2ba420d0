"""Data stores: entries read, written and counted, one by one and many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from rblx_oauth import models
from rblx_oauth._async.resources.bulk import send_many
from rblx_oauth._async.resources.creation import create
from rblx_oauth._async.resources.data_store_lists import AsyncDataStoreLists
from rblx_oauth.api import data_stores as api
from rblx_oauth.core.arguments import text, timestamp
from rblx_oauth.core.bulk import calls_for_keys, calls_for_pairs, check_concurrency
from rblx_oauth.core.call import Call
from rblx_oauth.core.checks import function
from rblx_oauth.core.retry import pause
from rblx_oauth.errors import Conflict, NotFound

UPDATE_TRIES = 10
"""How often `AsyncDataStore.update` tries when others keep changing the entry."""

AT_ONCE = 16
"""Requests under way at a time, where many are sent and nothing else is said."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AsyncDataStore(AsyncDataStoreLists):
    """A data store of a universe, in one scope.

    Attributes:
        universe_id: The universe.
        name: Its name.
        scope: The scope; ``-`` stands for all of them, which can be listed only.
    """

    async def get(
        self, key: str, *, revision: str | None = None, at: datetime | None = None
    ) -> models.Entry:
        """An entry: its value, users, attributes, revision and etag.

        Args:
            key: At most 50 characters of any Unicode.
            revision: An earlier state, as `Entry.revision` names it.
            at: The state that was current then; with a time zone, after 1970.

        Raises:
            NotFound: There is no such entry (any more), or was none then.
            ValueError: `revision` and `at` are both given.
        """
        return await self._sender.send(self._reading(key, revision, at))

    def _reading(
        self, key: str, revision: str | None = None, at: datetime | None = None
    ) -> Call[models.Entry]:
        address = self._at(key)
        if revision is not None and at is not None:
            raise ValueError("revision and at cannot both be given")
        if revision is not None:
            address["entry_id"] += f"@{text('revision', revision)}"
        elif at is not None:
            moment = timestamp("at", at)
            if at <= EPOCH:
                raise ValueError("at must be after 1970-01-01T00:00:00Z")
            address["entry_id"] += f"@latest:{moment}"
        elif "@" in key:
            # Roblox reads what follows an @ as a revision, so a key with one needs its own.
            address["entry_id"] += "@latest"
        return api.get_data_store_entry(**address)

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
            self._writing(key, value, users=users, attributes=attributes, etag=etag)
        )

    def _writing(
        self,
        key: str,
        value: object,
        *,
        users: Iterable[int] | None = None,
        attributes: Mapping[str, object] | None = None,
        etag: str | None = None,
    ) -> Call[models.Entry]:
        return api.update_data_store_entry(
            **self._at(key),
            allow_missing=True if etag is None else None,
            value=value,
            users=users,
            attributes=attributes,
            etag=etag,
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
        call = api.create_data_store_entry(
            **self._at(key), value=value, users=users, attributes=attributes
        )
        return await create(self._sender, call, self._reading(key))

    async def update(self, key: str, change: Callable[[Any], object]) -> models.Entry:
        """Read, change, write; and again if somebody else wrote in between.

        Users and attributes stay as they are.

        Args:
            key: The key.
            change: Gives the new value for the present one (None if there is no
                entry). It may be called several times. Its argument is `Any`, so that it may be
                written for the type that the site keeps there.

        Raises:
            Conflict: Others changed the entry at every one of ten tries.
            AmbiguousOutcome: It may have been written.
            TypeError: `change` is no function, or has to be awaited.
        """
        function("change", change)
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

    def _deleting(self, key: str) -> Call[None]:
        return api.delete_data_store_entry(**self._at(key))

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
                **self._at(key), amount=amount, users=users, attributes=attributes
            )
        )

    async def delete(self, key: str) -> None:
        """Mark an entry deleted; its revisions can be read for 30 days.

        Raises:
            NotFound: There is none.
        """
        await self._sender.send(self._deleting(key))

    async def get_many(
        self, keys: Iterable[str], *, concurrency: int = AT_ONCE
    ) -> dict[str, models.Entry | None]:
        """Many entries; None for those that are not there.

        Args:
            keys: The keys, in any order; one given twice is read once.
            concurrency: Requests under way at a time, up to 256.

        Returns:
            The entries by key, in the order of `keys`.

        Raises:
            RobloxError: The first error there was. No further entry is read then.
            ValueError, TypeError: Something is no key; nothing was sent.
        """
        calls = calls_for_keys(keys, self._reading)
        at_once = check_concurrency(concurrency)
        outcome = await send_many(self._sender, calls, at_once=at_once, absent=True)
        if outcome.first_error is not None:
            raise outcome.first_error
        return {key: outcome.done.get(key) for key in calls}

    async def set_many(
        self,
        entries: Mapping[str, object] | Iterable[tuple[str, object]],
        *,
        concurrency: int = AT_ONCE,
    ) -> dict[str, models.Entry]:
        """Write many entries, whether they are there or not, as `set` does.

        **Their users and attributes are cleared.** Each is written by itself: where
        one fails, those before it stay written, and the error says which.

        Args:
            entries: Values by key, or pairs of key and value.
            concurrency: Requests under way at a time, up to 256.

        Returns:
            The entries by key, as they are now.

        Raises:
            BulkFailed: One failed, or may have; see its `done`, `failed`, `untried`.
            ValueError, TypeError: An entry is wrong; nothing was sent.
        """
        calls = calls_for_pairs(entries, self._writing)
        at_once = check_concurrency(concurrency)
        outcome = await send_many(self._sender, calls, at_once=at_once, absent=False)
        outcome.check("set_many", calls)
        return {key: outcome.done[key] for key in calls}

    async def delete_many(
        self, keys: Iterable[str], *, concurrency: int = AT_ONCE
    ) -> dict[str, bool]:
        """Mark many entries deleted, as `delete` does; what is not there is no failure.

        Args:
            keys: The keys; one given twice is deleted once.
            concurrency: Requests under way at a time, up to 256.

        Returns:
            By key, whether there was an entry.

        Raises:
            BulkFailed: One failed, or may have; see its `done`, `failed`, `untried`.
            ValueError, TypeError: Something is no key; nothing was sent.
        """
        calls = calls_for_keys(keys, self._deleting)
        at_once = check_concurrency(concurrency)
        outcome = await send_many(self._sender, calls, at_once=at_once, absent=True)
        outcome.check("delete_many", calls)
        return {key: key in outcome.done for key in calls}

    async def delete_store(self) -> models.DataStoreInfo:
        """Mark the whole data store deleted, in all of its scopes.

        It can be had back with `undelete_store` until `DataStoreInfo.expires_at`,
        30 days from now.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(
            api.delete_data_store(universe_id=self.universe_id, data_store_id=self.name)
        )

    async def undelete_store(self) -> models.DataStoreInfo:
        """Have a data store back that was marked deleted.

        Raises:
            NotFound: There is none.
            AmbiguousOutcome: It may have been restored.
        """
        return await self._sender.send(
            api.undelete_data_store(universe_id=self.universe_id, data_store_id=self.name)
        )
