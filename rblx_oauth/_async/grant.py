"""`AsyncGrant`: a person's token that renews itself, shared by any number of workers.

    token()   fresh: use it; stale: refresh ahead; expired: wait for a refresh
    renew()   after a 401: a token other than the rejected one
    end()     log out: a tombstone in the store, then a revocation at Roblox
    keep()    a login's token becomes the grant, or revives it

How a refresh itself goes is told in `rblx_oauth._async.renewer`.
"""

from __future__ import annotations

import logging
from functools import partial

from rblx_oauth._async.renewer import AsyncRenewer
from rblx_oauth._async.revocations import (
    forget_revocations,
    queue_revocation,
    retry_revocations,
    revoke_queued,
)
from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth._async.token_issuer import AsyncTokenIssuer
from rblx_oauth.core.clock import aware
from rblx_oauth.core.logs import fields
from rblx_oauth.core.rows import GrantRow
from rblx_oauth.errors import (
    ReauthorizationRequired,
    RobloxError,
    StoreError,
    StoreUnavailable,
)
from rblx_oauth.oauth.grant_rows import (
    Held,
    check_owner,
    closed_row,
    grant_id_for,
    live_row,
    open_row,
)
from rblx_oauth.oauth.token import Token, TokenState

__all__ = ["AsyncGrant", "keep", "retry_revocations"]

_SWAP_TRIES = 20

_log = logging.getLogger("rblx_oauth.grant")


class AsyncGrant:
    """One person's grant to one application, kept in a store under `grant_id`.

    Cheap to make: make one per request or per job. It remembers the token it
    last read, so that a fresh token costs no trip to the store.

    Args:
        app: Refreshes and revokes.
        store: Where the grant is kept.
        grant_id: What `keep` returned.
        lease: Seconds for which one worker may refresh before another takes
            over; renewed while it works. By default above `app.timeout`.
    """

    def __init__(
        self,
        app: AsyncTokenIssuer,
        store: AsyncStore,
        grant_id: str,
        *,
        lease: float | None = None,
    ) -> None:
        self.grant_id = grant_id
        self._app = app
        self._store = store
        self._renewer = AsyncRenewer(app, store, grant_id, lease=lease)
        self._held: Held | None = None

    def __repr__(self) -> str:
        """The name; no token."""
        return f"{type(self).__name__}({self.grant_id!r})"

    async def token(self) -> Token:
        """A token that may be sent now, refreshed if need be.

        Raises:
            ReauthorizationRequired: The grant is lost, ended or missing: the
                person must log in again.
            StoreUnavailable: The store cannot be reached, and no token in hand is valid.
            StoreError: What is stored cannot be trusted or read.
            TransportError, ProtocolError, RateLimited, ServerError, DiscoveryError:
                The token is expired and could not be refreshed now; try later.
            InvalidClient: The application's own credentials are wrong.
        """
        held = self._held
        if held is None or self.grant_id in self._store.ledger.unwritten:
            held = self._held = await self._renewer.read()
        match held.token.state(aware(self._app.clock.now())):
            case TokenState.STALE:
                held = self._held = await self._ahead_of(held)
            case TokenState.EXPIRED:
                held = self._held = await self._beyond(held.generation)
        return held.token

    async def renew(self, rejected: Token) -> Token:
        """A token to use instead of one that was answered with a 401.

        Refreshes only if `rejected` is still the one that is stored.

        Raises:
            As `token`.
        """
        self._held = None  # whatever comes of this, what was rejected is not given out again
        held = await self._renewer.read()
        if held.token.access_token != rejected.access_token:
            self._held = held
            return await self.token()
        held = self._held = await self._beyond(held.generation)
        return held.token

    async def end(self, *, revoke: bool = True) -> None:
        """Log out: the grant is ended here for every worker, then revoked at Roblox.

        A caller who is cancelled leaves the logout going, to its end.

        A revocation is queued in the store before anything else, and stays there until
        Roblox confirms it (see `retry_revocations`); it never undoes the logout. Ending a
        grant that is not there or has ended does nothing.

        Args:
            revoke: Tell Roblox too.

        Raises:
            StoreUnavailable: The store cannot be reached: still logged in, though the
                revocation may be queued already. End it again.
        """
        self._held = None
        await self._store.flights.finish(partial(self._end, revoke=revoke))

    async def _end(self, *, revoke: bool) -> None:
        _, token = await self._bury(revoke=revoke)
        self._store.ledger.unwritten.pop(self.grant_id, None)
        if token is not None:
            await revoke_queued(self._app, self._store, token)

    async def erase(self) -> None:
        """Forget the person: the store keeps nothing of this grant but a queued revocation.

        Nothing is sent to Roblox here: `retry_revocations` does that, and then
        the store has nothing at all. A refresh that is under way finds no row
        to write to, and revokes what it brought. Erasing what is not there
        does nothing.

        Raises:
            StoreUnavailable: The store cannot be reached: erase again.
        """
        self._held = None
        row, _ = await self._bury(revoke=True)
        self._store.ledger.unwritten.pop(self.grant_id, None)
        if row is not None:
            await self._store.delete_grant(self.grant_id)

    async def _bury(self, *, revoke: bool) -> tuple[GrantRow | None, Token | None]:
        """Put a tombstone over the row; what was there, and the token to revoke, if any.

        Args:
            revoke: Queue the revocation first. Whoever is killed after that has left a note.
        """
        for _ in range(_SWAP_TRIES):
            row = await self._store.get_grant(self.grant_id)
            if row is None or row.status == "ended":
                return row, None
            check_owner(row, issuer=self._app.issuer, client_id=self._app.client_id)
            token = self._newest(row) if revoke else None
            if token is not None:
                await queue_revocation(self._store, token, now=self._app.clock.now())
            tombstone = closed_row(row, "ended", reason="logged_out", now=self._app.clock.now())
            try:
                buried = await self._store.swap_grant(tombstone, expected=row.generation)
            except StoreUnavailable:  # it may have been taken, and only the answer lost
                buried = await self._store.get_grant(self.grant_id) == tombstone
                if not buried:
                    raise
            if buried:
                self._store.ledger.note(self.grant_id, tombstone.generation)
                return row, token
        raise StoreUnavailable("The grant kept changing while it was being ended. Try again.")

    def _newest(self, row: GrantRow) -> Token | None:
        """The token of a row, or the one that was to take its place; None if there is none."""
        if row.status != "live":
            return None
        unwritten = self._store.ledger.unwritten.get(self.grant_id)
        if unwritten is not None:
            return unwritten.held.token
        try:
            return open_row(self._store.vault, row).token
        except StoreError as error:
            _log.error(
                "A grant was ended but cannot be revoked at Roblox: %s",
                error,
                extra=self._fields("revocation.impossible"),
            )
            return None

    def _fields(self, event: str, **facts: object) -> dict[str, object]:
        return fields(event, grant=self._store.vault.pseudonym(self.grant_id), **facts)

    async def _beyond(self, generation: int) -> Held:
        """A usable token of a later generation; callers in this process share the work."""
        return await self._store.flights.run(
            f"{self.grant_id}:{generation}", partial(self._renewer.advance, generation)
        )

    async def _ahead_of(self, held: Held) -> Held:
        """A fresher token if nobody else is busy getting one; else `held`, which is still good."""
        ledger, clock = self._store.ledger, self._app.clock
        if ledger.is_set_back(self.grant_id, clock.monotonic()):
            return held
        try:
            newer = await self._store.flights.run_alone(
                f"{self.grant_id}:{held.generation}:ahead",
                partial(self._renewer.advance, held.generation, wait=False),
            )
        except ReauthorizationRequired:
            raise
        except RobloxError as error:
            ledger.set_back(self.grant_id, clock.monotonic())
            _log.warning(
                "A token could not be refreshed ahead of its end (%s); it is used meanwhile",
                type(error).__name__,
                extra=self._fields("refresh.put_off", error=type(error).__name__),
            )
            return held
        return newer or held


async def keep(app: AsyncTokenIssuer, token: Token, store: AsyncStore) -> str:
    """Make a login's token the grant of its person: the newest login wins.

    A grant that was lost or ended is live again. The token it replaces is not
    revoked, because at Roblox that would end the new one too.

    Returns:
        The grant id, the same for every login of this person to this app.

    Raises:
        StoreUnavailable: The store cannot be reached.
    """
    grant_id = grant_id_for(token.issuer, token.client_id, token.subject)
    for _ in range(_SWAP_TRIES):
        stored = await store.get_grant(grant_id)
        expected = stored.generation if stored else None
        now = app.clock.now()
        # At least the time in seconds, which is ahead of any count of refreshes: so a row
        # made anew, or put back from a backup, is not behind what other workers remember.
        generation = max(int(now), (expected or 0) + 1, store.ledger.highest(grant_id) + 1)
        row = live_row(store.vault, token, generation=generation, now=now)
        if await store.swap_grant(row, expected=expected):
            store.ledger.note(grant_id, generation)
            store.ledger.unwritten.pop(grant_id, None)
            await forget_revocations(store, grant_id)
            return grant_id
    raise StoreUnavailable("The grant kept changing while it was being kept. Try again.")
