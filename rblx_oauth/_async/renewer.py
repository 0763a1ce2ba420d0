"""One refresh, from the lease to the release. The only caller of `submit_refresh`.

1. Read the row: if it moved on and its token is good, that is the answer.
2. Take the lease in the store, or wait for who holds it, or take over when it runs out.
3. Under the lease: read again; write an intent; submit the refresh token.
4. Swap generation n to n+1 before anything else; then check what came; release.

The lease keeps workers from submitting at the same time. Should it fail, the
swap still lets one of them win, and the others take the winner's token.
"""

from __future__ import annotations

import logging
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from rblx_oauth._async.held_tokens import write_held
from rblx_oauth._async.revocations import revoke_or_queue
from rblx_oauth._async.stores.base import AsyncStore
from rblx_oauth._async.token_issuer import AsyncTokenIssuer
from rblx_oauth.core.clock import aware
from rblx_oauth.core.events import RefreshEvent, RefreshOutcome
from rblx_oauth.core.logs import fields
from rblx_oauth.core.rows import GrantRow
from rblx_oauth.errors import (
    ConfigurationError,
    DeadlineExceeded,
    IdTokenError,
    ReauthorizationRequired,
    RobloxError,
    StoreError,
)
from rblx_oauth.oauth.grant_rows import Held, check_owner, closed_row, live_row, open_row
from rblx_oauth.oauth.id_token import says_the_same
from rblx_oauth.oauth.renewal import (
    LEASE_MARGIN,
    REREAD_PAUSES,
    SETBACK_SECONDS,
    WRITE_PAUSES,
    Outcome,
    SubmitPlan,
    Unwritten,
    outcome_of,
    poll_pauses,
    refresh_outcome,
)
from rblx_oauth.oauth.token import Token, TokenState
from rblx_oauth.runtime.aio import renewing

_NOT_TAKEN = (StoreError, ConfigurationError)
"""Whatever the matter is with a store: a refreshed token is the only one that is left."""

_log = logging.getLogger("rblx_oauth.grant")


@dataclass(slots=True)
class Turn:
    """What one `AsyncRenewer.advance` came to, so far."""

    outcome: RefreshOutcome | None = None
    waited: float = 0.0


class AsyncRenewer:
    """Reads and replaces the token of one grant. See `AsyncGrant`, which uses it."""

    def __init__(
        self,
        app: AsyncTokenIssuer,
        store: AsyncStore,
        grant_id: str,
        *,
        lease: float | None = None,
    ) -> None:
        self._app = app
        self._store = store
        self._grant_id = grant_id
        self._lease = app.timeout + LEASE_MARGIN if lease is None else lease
        self._ahead = 0.0

    async def read(self) -> Held:
        """The token as it is stored, or a newer one that the store has not taken yet.

        Raises:
            ReauthorizationRequired: The grant is not live.
            StoreError: The row cannot be trusted or read.
        """
        unwritten = self._store.ledger.unwritten.get(self._grant_id)
        if unwritten is not None and (held := await self._write_again(unwritten)) is not None:
            return held
        return open_row(self._store.vault, await self._live_row())

    async def advance(self, beyond: int, *, wait: bool = True) -> Held:
        """A token of a generation after `beyond`, refreshed here if nobody else does it.

        Args:
            beyond: The generation of the token that will not do.
            wait: While another worker refreshes, wait for it; otherwise
                return what is stored as it is.
        """
        turn, began = Turn(), self._app.clock.monotonic()
        try:
            return await self._advance(beyond, turn, wait=wait)
        except RobloxError as error:
            turn.outcome = refresh_outcome(error)
            raise
        finally:
            if turn.outcome is not None:
                self._tell(turn.outcome, self._app.clock.monotonic() - began, turn.waited)

    async def _advance(self, beyond: int, turn: Turn, *, wait: bool) -> Held:
        owner = secrets.token_hex(16)
        self._ahead = await self._seconds_ahead()
        for pause in poll_pauses(patience=self._app.timeout + self._lease):
            held = await self.read()
            if self._is_answer(held, beyond):
                turn.outcome = "adopted"
                return held
            if await self._acquire(owner):
                try:
                    result = await self._refresh(owner, beyond, turn)
                finally:
                    # While a new token waits to be stored, nobody else is to submit the spent
                    # one: the lease stays until it runs out.
                    if self._grant_id not in self._store.ledger.unwritten:
                        await self._release(owner)
                if result is not None:
                    return result
            elif not wait:
                return held
            else:
                turn.waited += pause
            await self._app.clock.async_sleep(pause)
        raise DeadlineExceeded(
            "Another worker has been refreshing this grant for too long. Try again.", sent=False
        )

    async def _refresh(self, owner: str, beyond: int, turn: Turn) -> Held | None:
        """Refresh, while `owner` holds the lease; None if others changed the row: look again."""
        async with renewing(partial(self._hold, owner), every=self._lease / 3):
            await self._write_what_is_left()
            row = await self._live_row()
            held = open_row(self._store.vault, row)
            if self._is_answer(held, beyond):
                turn.outcome = "adopted"
                return held
            if row.intent:
                _log.warning(
                    "A refresh was begun and never finished; its token is tried once more",
                    extra=self._fields("refresh.unfinished"),
                )
            if not await self._store.write_intent(
                self._grant_id, owner=owner, generation=row.generation
            ):
                return None
            new = await self._submit(row, held.token, owner=owner)
            if new is None:
                return None
            # What is stored carries the identity that was verified, until the new one is.
            kept = replace(new, id_token=held.token.id_token, claims=held.token.claims)
            written = await self._write(kept, generation=row.generation + 1)
            if written is None:
                return None
            is_held = self._grant_id in self._store.ledger.unwritten
            turn.outcome = "held" if is_held else "refreshed"
            return await self._validate(written, new=new, old=held.token)

    async def _submit(self, row: GrantRow, token: Token, *, owner: str) -> Token | None:
        """Spend the refresh token; None if somebody else did: look for theirs."""
        plan = SubmitPlan(longest=self._app.timeout)
        clock = self._app.clock
        began = clock.monotonic()
        while True:
            try:
                return await self._app.submit_refresh(token)
            except ReauthorizationRequired:  # there is no refresh token to submit
                await self._lose(row, "expired")
                raise self._reauthorization("expired") from None
            except RobloxError as error:
                outcome = outcome_of(error)
                if outcome is Outcome.GONE:
                    await self._settle_loss(row, owner=owner)
                    return None
                if outcome is Outcome.MISCONFIGURED:
                    _log.error(
                        "Roblox does not accept this application's client id and secret: "
                        "correct them. No grant was changed.",
                        extra=self._fields("refresh.misconfigured"),
                    )
                pause = plan.pause_after(error, elapsed=clock.monotonic() - began)
                if pause is None:
                    raise
            await clock.async_sleep(pause)

    async def _settle_loss(self, row: GrantRow, *, owner: str) -> None:
        """After ``invalid_grant``: return if another worker rotated the token, else lose it.

        Who lost the lease meanwhile leaves the judgement to its new owner.

        Raises:
            ReauthorizationRequired: Nobody had.
        """
        for pause in REREAD_PAUSES:
            if (await self._live_row()).generation > row.generation:
                return
            await self._app.clock.async_sleep(pause)
        if not await self._hold(owner):
            return
        # With an intent found, one of us may have spent the token and died unheard.
        reason = "lost" if row.intent else "revoked"
        if await self._lose(row, reason):
            raise self._reauthorization(reason)

    async def _lose(self, row: GrantRow, reason: str) -> bool:
        """Mark the grant lost; False if the row moved on meanwhile."""
        lost = closed_row(row, "lost", reason=reason, now=self._app.clock.now())
        if not await self._store.swap_grant(lost, expected=row.generation):
            return False
        self._store.ledger.note(self._grant_id, lost.generation)
        _log.warning(
            "A grant is lost (%s): the person has to log in again",
            reason,
            extra=self._fields("grant.lost", reason=reason),
        )
        return True

    async def _write(self, token: Token, *, generation: int) -> Held | None:
        """Store a refreshed token, or hold it in memory while the store fails.

        None if the row moved on meanwhile: another's token is there.
        """
        now = self._app.clock.now()
        row = live_row(self._store.vault, token, generation=generation, now=now)
        held = Held(generation, token)
        for pause in (*WRITE_PAUSES, None):
            try:
                return await self._swap(row, held)
            except _NOT_TAKEN as error:
                _log.error(
                    "The store did not take a refreshed token; it is held: %s",
                    error,
                    extra=self._fields("refresh.held"),
                )
                self._store.ledger.unwritten[self._grant_id] = Unwritten(
                    row, held, self._app.clock.monotonic() + SETBACK_SECONDS
                )
            if pause is not None:
                await self._app.clock.async_sleep(pause)
        self._store.writing.begin(partial(write_held, self._store, self._app.clock))
        return held

    async def _write_again(self, unwritten: Unwritten) -> Held | None:
        """A token that the store did not take: written now if it does, used either way."""
        now = self._app.clock.monotonic()
        if now < unwritten.try_again_at:
            return unwritten.held
        unwritten.try_again_at = now + SETBACK_SECONDS
        try:
            return await self._swap(unwritten.row, unwritten.held)
        except _NOT_TAKEN as error:
            _log.error(
                "A refreshed token is still not stored; it is held: %s",
                error,
                extra=self._fields("refresh.held"),
            )
            return unwritten.held

    async def _write_what_is_left(self) -> None:
        """See that no refresh token is submitted while a newer one waits to be stored."""
        unwritten = self._store.ledger.unwritten.get(self._grant_id)
        if unwritten is not None:
            await self._swap(unwritten.row, unwritten.held)

    async def _swap(self, row: GrantRow, held: Held) -> Held | None:
        """Swap `row` in for the generation before it; None if a live row has moved on.

        Raises:
            ReauthorizationRequired: The grant ended meanwhile; the token was revoked.
        """
        swapped = await self._store.swap_grant(row, expected=row.generation - 1)
        stored = row if swapped else await self._store.get_grant(self._grant_id)
        self._store.ledger.settle(row)
        if stored is not None and stored.status == "live":
            self._store.ledger.note(self._grant_id, stored.generation)
            # An earlier try may have been taken although the store said otherwise.
            return held if stored.sealed == row.sealed else None
        await revoke_or_queue(self._app, self._store, held.token)
        raise self._reauthorization(stored.reason if stored else "missing")

    async def _validate(self, written: Held, *, new: Token, old: Token) -> Held | None:
        """Check a refreshed id_token, and store the claims it brings.

        Raises:
            ReauthorizationRequired: It is not about this person; the grant is lost.
        """
        try:
            checked = await self._app.validate_refreshed(new, old)
        except IdTokenError as error:
            _log.error(
                "Roblox refreshed a token with an id_token that is not right: %s",
                error,
                extra=self._fields("refresh.wrong_id_token", reason=error.check),
            )
            self._store.ledger.unwritten.pop(self._grant_id, None)
            row = await self._live_row()
            if row.generation <= written.generation:
                await self._lose(row, "lost")
            raise self._reauthorization("lost") from error
        except RobloxError as error:
            _log.warning(
                "A refreshed id_token cannot be checked now (%s); the verified claims stay",
                type(error).__name__,
                extra=self._fields("refresh.unchecked", error=type(error).__name__),
            )
            return written
        known = says_the_same(checked.claims, old.claims)
        if known or self._grant_id in self._store.ledger.unwritten:
            return written
        return await self._write(
            written.token.with_claims(checked.claims), generation=written.generation + 1
        )

    async def _live_row(self) -> GrantRow:
        highest = self._store.ledger.highest(self._grant_id)
        row = await self._store.get_grant(self._grant_id)
        if row is None:
            raise self._reauthorization("missing")
        check_owner(row, issuer=self._app.issuer, client_id=self._app.client_id)
        if row.generation < highest:
            raise StoreError(
                "A stored grant is older than one seen before: the store was rolled back or "
                "tampered with. It was not used; a new login replaces it."
            )
        self._store.ledger.note(self._grant_id, row.generation)
        if row.status != "live":
            raise self._reauthorization(row.reason)
        return row

    def _is_answer(self, held: Held, beyond: int) -> bool:
        state = held.token.state(aware(self._app.clock.now()))
        return held.generation > beyond and state is not TokenState.EXPIRED

    async def _seconds_ahead(self) -> float:
        """How far the clock that leases go by is ahead of this machine's.

        Machines whose own clocks differ by more than a lease would take it from each other in
        the middle of a refresh.
        """
        shared = await self._store.time()
        return 0.0 if shared is None else shared - self._app.clock.now()

    async def _acquire(self, owner: str) -> bool:
        now = self._app.clock.now() + self._ahead
        return await self._store.acquire_lease(
            self._grant_id, owner=owner, now=now, ttl=self._lease
        )

    async def _hold(self, owner: str) -> bool:
        now = self._app.clock.now() + self._ahead
        return await self._store.renew_lease(self._grant_id, owner=owner, now=now, ttl=self._lease)

    async def _release(self, owner: str) -> None:
        with suppress(StoreError):  # it runs out by itself
            await self._store.release_lease(self._grant_id, owner=owner)

    def _tell(self, outcome: RefreshOutcome, seconds: float, waited: float) -> None:
        grant = self._store.vault.pseudonym(self._grant_id)
        _log.debug(
            "refresh: %s after %.3f s (%.3f s of it for another worker)",
            outcome,
            seconds,
            waited,
            extra=self._fields("refresh.ended", outcome=outcome, seconds=seconds, waited=waited),
        )
        if self._app.on_refresh is not None:
            self._app.on_refresh(
                RefreshEvent(outcome=outcome, seconds=seconds, waited=waited, grant=grant)
            )

    def _fields(self, event: str, **facts: object) -> dict[str, object]:
        """What each of these log records carries."""
        return fields(event, grant=self._store.vault.pseudonym(self._grant_id), **facts)

    def _reauthorization(self, reason: str) -> ReauthorizationRequired:
        return ReauthorizationRequired(
            f"This grant is no longer usable ({reason}): ask the person to log in again.",
            reason=reason,
            grant_id=self._grant_id,
        )
