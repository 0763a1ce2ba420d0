"""`AsyncClient`: every operation of Open Cloud, and resources that read like prose."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from rblx_oauth import models
from rblx_oauth._async.budget import AsyncRateBudget
from rblx_oauth._async.closing import AsyncClosing
from rblx_oauth._async.credentials import AsyncCredentials, AsyncTokenSource
from rblx_oauth._async.observed import observed
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.catalog import Credential
from rblx_oauth.core.arguments import identifier, several
from rblx_oauth.core.call import Call, check_call
from rblx_oauth.core.checks import seconds
from rblx_oauth.core.clock import Clock
from rblx_oauth.core.codec import Page
from rblx_oauth.core.events import EventHook
from rblx_oauth.core.message import AsyncTransport
from rblx_oauth.core.url import API_BASE, check_base
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.oauth.token import Token
from rblx_oauth.runtime.clock import SYSTEM_CLOCK

if TYPE_CHECKING:
    from rblx_oauth._async.resources.assets import AsyncAsset
    from rblx_oauth._async.resources.creator_store import AsyncCreatorStore
    from rblx_oauth._async.resources.group import AsyncGroup
    from rblx_oauth._async.resources.luau import AsyncLuauTask
    from rblx_oauth._async.resources.universe import AsyncUniverse
    from rblx_oauth._async.resources.uploads import AsyncAssetOperation
    from rblx_oauth._async.resources.user import AsyncUser

T = TypeVar("T")


class AsyncClient(AsyncClosing):
    """A client of Open Cloud, for a person (a token), for you (an API key), or both.

    Every operation is sent with the credential that it accepts, the token
    first. Share one client among all workers of a credential. Each kind of
    resource is imported when it is first used.

    Args:
        token: A `Token`, a bare access token, or a grant that renews itself.
        api_key: A key made on create.roblox.com.
        api_base: Where Open Cloud is; ``http://`` only on this machine.
        transport: Carries the requests; one of its own by default.
        accept: Overrides the catalogue where Roblox opened an operation to
            another credential: ``{"get_data_store_entry": "token"}``.
        timeout: Seconds for one call, its retries included. An upload has a
            second more for every 256 KiB.
        budget: Keeps to Roblox's rate limits; shared with other clients if you like.
        on_event: Told of each request and its answer: `RequestEvent`, `ResponseEvent`.
        clock: The time.

    Attributes:
        clock: The time.

    Raises:
        ConfigurationError: There is no credential, or an argument cannot work.
    """

    def __init__(
        self,
        *,
        token: Token | str | AsyncTokenSource | None = None,
        api_key: str | None = None,
        api_base: str = API_BASE,
        transport: AsyncTransport | None = None,
        accept: Mapping[str, Credential] | None = None,
        timeout: float = 30.0,
        budget: AsyncRateBudget | None = None,
        on_event: EventHook | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        if not seconds("timeout", timeout) > 0:
            raise ConfigurationError("timeout must be a positive number of seconds")
        if budget is not None and not isinstance(budget, AsyncRateBudget):
            raise ConfigurationError(f"budget must be {AsyncRateBudget.__name__}(...) or None")
        self.api_base: str = check_base(api_base)
        self.clock = clock
        self._credentials = AsyncCredentials(token, api_key, accept)
        self._owns_transport = transport is None
        self._transport = observed(
            _transport() if transport is None else transport, on_event, clock
        )
        self._sender = AsyncSender(
            transport=self._transport,
            base=self.api_base,
            credentials=self._credentials,
            timeout=timeout,
            clock=clock,
            budget=budget,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(api_base={self.api_base!r})"

    @property
    def grant_id(self) -> str | None:
        """The stored grant that this client acts for, if there is one."""
        source = self._credentials.source
        return source.grant_id if source else None

    async def token(self) -> Token:
        """A token that is good now, refreshed if need be.

        Raises:
            CredentialError: This client has none.
            ReauthorizationRequired: The grant is gone.
        """
        return await self._credentials.token()

    async def send(self, call: Call[T], *, timeout: float | None = None) -> T:  # noqa: ASYNC109
        """Send a call made by `rblx_oauth.api`, and read its answer.

        Args:
            call: What to send.
            timeout: Seconds, in place of the client's.

        Raises:
            CredentialError, InsufficientScope: Nothing was sent.
            BudgetExhausted: The budget has no room in time.
            ApiError: Roblox refused; see `rblx_oauth.errors` for its kinds.
            AmbiguousOutcome: A write may or may not have been done.
            ConnectFailed, ConnectionLost, DeadlineExceeded: No answer came.
            ProtocolError: An answer came that is not one.
            ReauthorizationRequired: The person must log in again.
        """
        return await self._sender.send(check_call("send", call), timeout=timeout)

    def walk(
        self, call: Call[Page[T]], *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[T]:
        """Every item of any listing of `rblx_oauth.api`; the next page is fetched ahead.

        Args:
            call: A call of a listing, for its first page.
            limit: At most so many.
            page_size: Fetched at a time; Roblox's default unless given.

        Raises:
            ValueError, TypeError: `limit` or `page_size` is wrong, or this is no listing.
        """
        name = check_call("walk", call).operation.name
        if not call.operation.items:
            raise TypeError(f"walk takes a call of a listing, and {name} is none: send it")
        return AsyncListing(self._sender, call).walk(limit=limit, page_size=page_size)

    def universe(self, universe_id: int) -> AsyncUniverse:
        """A universe. Nothing is sent."""
        from rblx_oauth._async.resources.universe import AsyncUniverse

        return AsyncUniverse(self._sender, universe_id)

    async def universe_permissions(
        self, universe_ids: Iterable[int]
    ) -> Sequence[models.UniverseIdPermissions]:
        """What the owner of the credential may do with universes, those that there are.

        Raises:
            ValueError, TypeError: There is no id, or one is wrong.
        """
        from rblx_oauth.api import universes

        ids = [int(each) for each in several("universe_ids", universe_ids, identifier)]
        if not ids:
            raise ValueError("universe_ids must name at least one universe")
        return (await self._sender.send(universes.list_universe_permissions(ids=ids))).items

    def luau_task(self, task_id: str) -> AsyncLuauTask:
        """A script that runs, by its id (`AsyncLuauTask.id`). Nothing is sent."""
        from rblx_oauth._async.resources.luau import AsyncLuauTask

        return AsyncLuauTask(self._sender, task_id)

    def user(self, user_id: int) -> AsyncUser:
        """A user. Nothing is sent."""
        from rblx_oauth._async.resources.user import AsyncUser

        return AsyncUser(self._sender, user_id)

    def group(self, group_id: int) -> AsyncGroup:
        """A group. Nothing is sent."""
        from rblx_oauth._async.resources.group import AsyncGroup

        return AsyncGroup(self._sender, group_id)

    def asset(self, asset_id: int) -> AsyncAsset:
        """An asset. Nothing is sent."""
        from rblx_oauth._async.resources.assets import AsyncAsset

        return AsyncAsset(self._sender, asset_id)

    def asset_operation(self, operation_id: str) -> AsyncAssetOperation:
        """An upload under way, by its id (`AsyncAssetOperation.id`). Nothing is sent."""
        from rblx_oauth._async.resources.uploads import AsyncAssetOperation

        return AsyncAssetOperation(self._sender, operation_id)

    @property
    def creator_store(self) -> AsyncCreatorStore:
        """The Creator Store. Nothing is sent."""
        from rblx_oauth._async.resources.creator_store import AsyncCreatorStore

        return AsyncCreatorStore(self._sender)

    async def introspect_key(self) -> models.ApiKeyInfo:
        """What this client's API key may do, where, and until when.

        Raises:
            CredentialError: This client has none.
            Unauthorized: Roblox knows no such key, or refuses it from this address.
        """
        from rblx_oauth.core import beyond

        return await self._sender.send(
            beyond.introspect_api_key(api_key=self._credentials.api_key())
        )

    async def grant_asset_permissions(
        self,
        asset_ids: Sequence[int],
        action: models.AssetAction | str,
        *,
        user_id: int | None = None,
        group_id: int | None = None,
        role_id: int | None = None,
        universe_id: int | None = None,
        everyone: bool = False,
        dependencies: bool = False,
    ) -> models.GrantedAssetPermissions:
        """Let somebody use assets, or do more with them. Each is granted by itself.

        Args:
            asset_ids: The assets.
            action: ``Use``, ``Edit``, ``Download``, ...; which of them can be
                granted to whom depends on the type of asset.
            user_id: Whom to grant it to: one of these five.
            group_id: A group.
            role_id: A role of a group.
            universe_id: A universe.
            everyone: All of Roblox.
            dependencies: Grant it of what the assets are made of, too. That is
                done later.

        Returns:
            `success_asset_ids`, and `errors` with the others.

        Raises:
            ValueError, TypeError: An argument is wrong.
            AmbiguousOutcome: Some may have been granted.
        """
        from rblx_oauth._async.resources.asset_permissions import grant_permissions

        return await grant_permissions(
            self._sender,
            asset_ids,
            action,
            user_id=user_id,
            group_id=group_id,
            role_id=role_id,
            universe_id=universe_id,
            everyone=everyone,
            dependencies=dependencies,
        )

    async def aclose(self) -> None:
        """Let go of connections, unless the transport was given from outside."""
        if self._owns_transport:
            await self._transport.aclose()


def _transport() -> AsyncTransport:
    # Imported late: the transports bring requests and aiohttp, and a test may bring its own.
    from rblx_oauth.transport.aiohttp_transport import AiohttpTransport

    return AiohttpTransport()
