"""Assets: uploading, waiting until they are processed, reading, changing."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping

import msgspec

from rblx_oauth import errors, models
from rblx_oauth._async.download import saved
from rblx_oauth._async.resources.asset_permissions import grant_permissions
from rblx_oauth._async.resources.base import AsyncListing
from rblx_oauth._async.resources.uploads import AsyncAssetOperation
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import assets as api, thumbnails
from rblx_oauth.core import redact
from rblx_oauth.core.arguments import flag, id_number, identifier
from rblx_oauth.core.asset_members import changes, read_mask
from rblx_oauth.core.call import Call
from rblx_oauth.core.checks import seconds
from rblx_oauth.core.files import VIDEO_LIMIT, Source, asset_file
from rblx_oauth.core.saving import Saving

VERSIONS = 50
"""Versions that a page may hold."""


class AsyncAsset:
    """An asset, by its id.

    Attributes:
        id: Its id.
    """

    def __init__(self, sender: AsyncSender, asset_id: int) -> None:
        identifier("asset_id", asset_id)
        self._sender = sender
        self.id = asset_id

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id})"

    async def get(self, *, members: Iterable[str] = ()) -> models.Asset:
        """What Roblox knows of it.

        Args:
            members: Of `models.Asset`, those to be told, such as ``icon_id``,
                ``previews`` and ``twitch_social_link``, which Roblox tells only
                when it is asked; by default what it tells of every asset.

        Raises:
            ValueError, TypeError: `members` names what cannot be asked for.
            NotFound: There is none, or it is not yours to see.
        """
        asset = await self._sender.send(
            api.get_asset(asset_id=self.id, read_mask=read_mask(members))
        )
        return msgspec.structs.replace(asset, id=self.id)

    async def update(
        self,
        *,
        display_name: str | None = None,
        description: str | None = None,
        icon_id: int | None = None,
        previews: Mapping[int, str] | None = None,
        social_links: Mapping[str, str | models.SocialLink] | None = None,
    ) -> models.Asset:
        """Change what is told of it; what is not given stays. For its content: `update_content`.

        Args:
            display_name: What it is called.
            description: At most 1,000 characters.
            icon_id: An image asset, which must be square.
            previews: Texts for those who cannot see them, by the id of an image
                asset, in order. They replace those that were there.
            social_links: Addresses by site: ``{"twitch": "https://twitch.tv/you"}``;
                ``facebook``, ``twitter``, ``youtube``, ``twitch``, ``discord``,
                ``github``, ``roblox``, ``guilded`` and ``dev_forum``. An asset has
                three at most.

        Returns:
            At least what changed, as it is now.

        Raises:
            ValueError, TypeError: An argument is wrong, or none is given.
            AmbiguousOutcome: It may have been changed.
            ModerationRejected: Moderation refused it.
        """
        members = changes(
            display_name=display_name,
            description=description,
            icon_id=icon_id,
            previews=previews,
            social_links=social_links,
        )
        answer = await self._sender.send(
            api.update_asset(
                asset_id=self.id,
                request={"assetId": self.id, **members},
                update_mask=",".join(members),
            )
        )
        if answer.operation is None:
            return answer.asset(self.id)
        return await AsyncAssetOperation.begun(
            self._sender, answer.operation, "update_asset"
        ).wait()

    async def update_content(
        self,
        file: Source,
        *,
        filename: str | None = None,
        size: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> AsyncAssetOperation:
        """Upload new content, which becomes a new version. Roblox takes it for models only.

        Args:
            file: As of `AsyncCreatorAssets.create`.
            filename: Tells the format where `file` has no name.
            size: Its bytes, where only reading it would tell.
            progress: Called with (bytes sent, size) as it goes out.

        Returns:
            The operation to wait for.

        Raises:
            ValueError: The format or size is not one for a model; nothing was sent.
            AmbiguousOutcome: It may have been uploaded.
        """
        part = asset_file(file, asset_type="Model", filename=filename, size=size, progress=progress)
        answer = await self._sender.send(
            api.update_asset(asset_id=self.id, request={"assetId": self.id}, file_content=part)
        )
        if answer.operation is None:
            raise errors.ProtocolError(
                "update_asset: Roblox names no operation that processes the content",
                operation="update_asset",
            )
        return AsyncAssetOperation.begun(self._sender, answer.operation, "update_asset")

    def versions(
        self, *, limit: int | None = None, page_size: int | None = None
    ) -> AsyncIterator[models.AssetVersion]:
        """Its versions.

        Args:
            limit: At most so many.
            page_size: Fetched at a time, up to 50.
        """
        call = api.list_asset_versions(asset_id=self.id)
        return AsyncListing(self._sender, call, most=VERSIONS).walk(
            limit=limit, page_size=page_size
        )

    async def version(self, number: int) -> models.AssetVersion:
        """One version, by its number.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(
            api.get_asset_version(asset_id=self.id, version_number=id_number("number", number))
        )

    async def rollback(self, number: int) -> models.AssetVersion:
        """Make the content of an earlier version the newest.

        Args:
            number: Of the earlier version.

        Returns:
            The new version.

        Raises:
            NotFound: There is no such version.
            AmbiguousOutcome: It may have been done.
        """
        path = f"assets/{self.id}/versions/{identifier('number', number)}"
        return await self._sender.send(
            api.rollback_asset_version(asset_id=self.id, asset_version=path)
        )

    async def archive(self) -> models.Asset:
        """Take it out of sight and of use, until `restore`.

        Raises:
            PermissionDenied: It is not yours.
            AmbiguousOutcome: It may have been archived.
        """
        return await self._sender.send(api.archive_asset(asset_id=self.id))

    async def restore(self) -> models.Asset:
        """Bring it back from the archive.

        Raises:
            PermissionDenied: It is not yours.
            AmbiguousOutcome: It may have been restored.
        """
        return await self._sender.send(api.restore_asset(asset_id=self.id))

    async def grant(
        self,
        action: models.AssetAction | str,
        *,
        user_id: int | None = None,
        group_id: int | None = None,
        role_id: int | None = None,
        universe_id: int | None = None,
        everyone: bool = False,
        dependencies: bool = False,
        version: int | None = None,
    ) -> None:
        """Let somebody use it, or do more with it. For many at once: `grant_asset_permissions`.

        Args:
            action: ``Use``, ``Edit``, ``Download``, ...
            user_id: Whom to grant it to: one of these five.
            group_id: A group.
            role_id: A role of a group.
            universe_id: A universe.
            everyone: All of Roblox.
            dependencies: Grant it of what the asset is made of, too. That is done later.
            version: The version of the asset whose dependencies are meant.

        Raises:
            ValueError, TypeError: An argument is wrong.
            ApiError: It was refused; `code` says why, e.g. ``CannotManageAsset``.
            AmbiguousOutcome: It may have been granted.
        """
        answer = await grant_permissions(
            self._sender,
            [self.id],
            action,
            user_id=user_id,
            group_id=group_id,
            role_id=role_id,
            universe_id=universe_id,
            everyone=everyone,
            dependencies=dependencies,
            version=version,
        )
        if answer.errors:
            code = redact.words(answer.errors[0].code or "")
            raise errors.ApiError(200, code=code, operation="grant_asset_permissions")

    async def location(self, *, version: int | None = None) -> models.AssetLocation:
        """Where its content can be fetched from, for a while. `download` fetches it.

        Args:
            version: Which version; the newest by default.

        Raises:
            NotFound: There is none.
        """
        return await self._sender.send(self._locating(version))

    def _locating(self, version: int | None) -> Call[models.AssetLocation]:
        if version is None:
            return api.get_asset_location(asset_id=self.id)
        number = id_number("version", version)
        return api.get_asset_version_location(asset_id=self.id, version_number=number)

    async def thumbnail_3d(self, *, gltf: bool = False) -> models.Thumbnail3D:
        """A picture of it in three dimensions.

        Args:
            gltf: As glTF, in place of Roblox's own description.

        Returns:
            Where the picture is, once it is drawn: its `state` is ``Completed`` then.
        """
        return await self._sender.send(
            thumbnails.get_asset_thumbnail_3d(asset_id=self.id, use_gltf=flag("gltf", gltf) or None)
        )

    async def download(
        self,
        path: str | os.PathLike[str],
        *,
        version: int | None = None,
        overwrite: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
        timeout: float = 300.0,  # noqa: ASYNC109
    ) -> int:
        """Save the asset's content as a file. It is streamed, never in memory as a whole.

        The file appears under its name when it is whole; whatever fails before
        that leaves what was there as it was.

        Args:
            path: Where to. Its folder must be there.
            version: Which version of the asset; the newest by default.
            overwrite: Whether a file that is there already may be replaced.
            progress: Called with (bytes so far, bytes in all) as it comes; the
                latter is None where that is not known, as for compressed content.
            timeout: Seconds for all of it.

        Returns:
            Its bytes.

        Raises:
            FileExistsError: There is a file, and it may not be replaced.
            ValueError, OSError: Nothing can be written there; nothing was asked for.
            ApiError: It was refused.
            ConnectFailed, ConnectionLost, DeadlineExceeded: It did not come whole.
        """
        call = self._locating(version)
        clock = self._sender.clock
        deadline = clock.monotonic() + seconds("timeout", timeout)
        file = Saving(path, limit=VIDEO_LIMIT, overwrite=overwrite, progress=progress)
        async with saved(file):
            found = await self._sender.send(call, timeout=min(timeout, self._sender.timeout))
            await self._sender.fetcher.fetch(
                found.location,
                file,
                operation="asset.content",
                timeout=deadline - clock.monotonic(),
            )
        return file.written
