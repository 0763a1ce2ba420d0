"""Users: who they are, what they own, which groups and universes are theirs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Literal

from rblx_oauth import models
from rblx_oauth._async.resources.base import AsyncListing, only
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.resources.uploads import AsyncCreatorAssets
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import assets, followings, groups, inventory, thumbnails, users as api
from rblx_oauth.core import people, polling
from rblx_oauth.core.arguments import identifier
from rblx_oauth.models.users import UserThumbnail

PAGE = 100
"""Items in one page of a listing: Roblox's limit."""

SIZES = (48, 50, 60, 75, 100, 110, 150, 180, 352, 420, 720)
"""Pixels along each side of a headshot."""


class AsyncUser:
    """A user, by id.

    Attributes:
        id: The id.
        assets: What the user uploads.
    """

    def __init__(self, sender: AsyncSender, user_id: int) -> None:
        digits = identifier("user_id", user_id)
        self._sender = sender
        self.id = user_id
        self.assets: AsyncCreatorAssets = AsyncCreatorAssets(sender, {"userId": digits})

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    async def get(self) -> models.User:
        """What Roblox tells about the user.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(api.get_user(user_id=self.id))

    async def headshot(
        self,
        *,
        size: int | None = None,
        format: Literal["PNG", "JPEG"] | None = None,  # noqa: A002 (Roblox's word)
        shape: Literal["ROUND", "SQUARE"] | None = None,
    ) -> AsyncLongRunning[models.Operation, str]:
        """Have a picture of the avatar's head made.

        Args:
            size: Pixels along each side: 48, 50, 60, 75, 100, 110, 150, 180, 352,
                420 (what Roblox takes by default) or 720.
            format: ``PNG`` by default.
            shape: ``ROUND`` by default.

        Returns:
            What to wait for: ``await (await user.headshot()).wait()`` is the
            address of the picture.

        Raises:
            ValueError: An argument is none of these.
            NotFound: There is no such user.
        """
        begun = await self._sender.send(
            api.generate_user_thumbnail(
                user_id=self.id,
                size=None if size is None else people.one_of("size", size, SIZES),
                format=None if format is None else people.one_of("format", format, ("PNG", "JPEG")),
                shape=None if shape is None else people.one_of("shape", shape, ("ROUND", "SQUARE")),
            )
        )
        name = polling.name_of(begun, "generate_user_thumbnail")
        return AsyncLongRunning(
            self._sender,
            name,
            api.get_user_thumbnail_operation(user_id=self.id, operation_id=name),
            _image_uri,
            ended=begun if begun.done else None,
        )

    async def avatar_3d(self) -> models.Thumbnail3D:
        """The avatar in three dimensions: where the picture is, once it is drawn.

        Raises:
            BadRequest: There is no such user.
        """
        return await self._sender.send(thumbnails.get_avatar_3d(user_id=self.id))

    def groups(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.GroupMembership]:
        """The groups the user is in, as memberships: `group_id` and the user's roles there.

        Args:
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        call = groups.list_group_memberships(group_id="-", filter=people.of_user(self.id))
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    def managed_groups(self, *, limit: int | None = None) -> AsyncIterator[models.ManageableGroup]:
        """The groups that **whoever the credential belongs to** may manage.

        Roblox does not take a user's id here: ask it of the user who logged in,
        or whose API key it is, and of no other.

        Args:
            limit: At most so many.
        """
        return AsyncListing(self._sender, groups.list_manageable_groups()).walk(limit=limit)

    def pending_groups(self, *, limit: int | None = None) -> AsyncIterator[models.PendingGroup]:
        """The groups that **whoever the credential belongs to** asked to join.

        Roblox does not take a user's id here either; see `managed_groups`.

        Args:
            limit: At most so many.
        """
        return AsyncListing(self._sender, groups.list_pending_groups()).walk(limit=limit)

    def inventory(
        self,
        *,
        badges: bool = False,
        game_passes: bool = False,
        private_servers: bool = False,
        asset_types: Iterable[models.InventoryItemAssetType | str] | None = None,
        only_collectibles: bool = False,
        asset_ids: Iterable[int] | None = None,
        badge_ids: Iterable[int] | None = None,
        game_pass_ids: Iterable[int] | None = None,
        private_server_ids: Iterable[int] | None = None,
        limit: int | None = None,
        page_size: int | None = None,
    ) -> AsyncIterator[models.InventoryItem]:
        """What the user owns: all of it, or items of some kinds, or certain items.

        Of an item, the one of `asset_details`, `badge_details`,
        `game_pass_details` and `private_server_details` is there that it is.
        An inventory that its user does not show to everyone needs a credential of
        that user, with the scope ``user.inventory-item:read``; so do private
        servers and purchased places.

        Args:
            badges: Those.
            game_passes: Those.
            private_servers: Those.
            asset_types: Assets of these types, or ``"*"`` for all of them.
            only_collectibles: Of the assets, those alone that are collectibles.
            asset_ids: These assets, as far as the user owns them; not together
                with any of the kinds above, as for the other ids.
            badge_ids: These badges.
            game_pass_ids: These game passes.
            private_server_ids: These private servers.
            limit: At most so many.
            page_size: Fetched at a time, up to 100.

        Raises:
            ValueError, TypeError: An argument is wrong, or kinds and ids are both
                given; nothing was sent.
            PermissionDenied: The inventory is not shown to you.
        """
        call = inventory.list_inventory_items(
            user_id=self.id,
            filter=people.of_inventory(
                badges=badges,
                game_passes=game_passes,
                private_servers=private_servers,
                only_collectibles=only_collectibles,
                asset_types=asset_types,
                asset_ids=asset_ids,
                badge_ids=badge_ids,
                game_pass_ids=game_pass_ids,
                private_server_ids=private_server_ids,
            ),
        )
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    async def owns_asset(self, asset_id: int) -> bool:
        """Whether an asset is in the inventory. Errors as of `inventory`."""
        return await only(self.inventory(asset_ids=[asset_id], limit=1)) is not None

    async def owns_badge(self, badge_id: int) -> bool:
        """Whether the user won a badge. Errors as of `inventory`."""
        return await only(self.inventory(badge_ids=[badge_id], limit=1)) is not None

    async def owns_game_pass(self, game_pass_id: int) -> bool:
        """Whether the user bought a game pass. Errors as of `inventory`."""
        return await only(self.inventory(game_pass_ids=[game_pass_id], limit=1)) is not None

    def asset_quotas(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.AssetQuota]:
        """How much the user may yet upload and distribute, by type of asset.

        Args:
            limit: At most so many.
            page_size: Fetched at a time, up to 100.
        """
        call = assets.list_asset_quotas(user_id=self.id)
        return AsyncListing(self._sender, call, most=PAGE).walk(limit=limit, page_size=page_size)

    async def followings(self) -> list[models.Following]:
        """The universes that the user follows."""
        return await self._sender.send(followings.list_followings(user_id=self.id))

    async def following_since(self) -> dict[int, datetime]:
        """Since when the user follows each of the `followings`, by the universe's id."""
        found = await self._sender.send(followings.list_followings_by_type(user_id=self.id))
        return {int(universe_id): since for universe_id, since in found.followed_sources.items()}

    async def following(self, universe_id: int) -> models.FollowingStatus:
        """Whether the user follows a universe, may follow it, and how many more they may.

        Args:
            universe_id: The universe.
        """
        return await self._sender.send(
            followings.get_following_status(user_id=self.id, universe_id=universe_id)
        )

    async def follow(self, universe_id: int) -> None:
        """Follow a universe: the user hears of its updates.

        Args:
            universe_id: The universe.

        Raises:
            BadRequest: The user follows as many as Roblox allows.
            AmbiguousOutcome: It may have been done; `following` tells.
        """
        await self._sender.send(
            followings.follow_universe(user_id=self.id, universe_id=universe_id)
        )

    async def unfollow(self, universe_id: int) -> None:
        """Follow a universe no more.

        Args:
            universe_id: The universe.
        """
        await self._sender.send(
            followings.unfollow_universe(user_id=self.id, universe_id=universe_id)
        )


def _image_uri(operation: models.Operation) -> str | None:
    thumbnail = polling.outcome_as(UserThumbnail)(operation)
    return None if thumbnail is None else thumbnail.image_uri
