"""Assets: uploading, waiting until they are processed, reading."""

from __future__ import annotations

import os
from collections.abc import Callable

from rblx_oauth import models
from rblx_oauth._async.download import saved
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import assets as api
from rblx_oauth.core import polling
from rblx_oauth.core.arguments import identifier, text
from rblx_oauth.core.files import VIDEO_LIMIT, Source, asset_file
from rblx_oauth.core.saving import Saving

DESCRIPTION_LENGTH = 1000


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

    async def get(self) -> models.Asset:
        """What Roblox knows of it.

        Raises:
            NotFound: There is none, or it is not yours to see.
        """
        return await self._sender.send(api.get_asset(asset_id=self.id))

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
        call = (
            api.get_asset_location(asset_id=self.id)
            if version is None
            else api.get_asset_version_location(asset_id=self.id, version_number=version)
        )
        clock = self._sender.clock
        deadline = clock.monotonic() + timeout
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


class AsyncAssetOperation(AsyncLongRunning[models.AssetOperation, models.Asset]):
    """An upload that Roblox is processing, by its id.

    Attributes:
        id: Names it; `AsyncClient.asset_operation` takes it in any process.
    """

    def __init__(self, sender: AsyncSender, operation_id: str) -> None:
        call = api.get_asset_operation(operation_id=operation_id)
        super().__init__(sender, operation_id, call, polling.asset_outcome)


class AsyncCreatorAssets:
    """The assets of a user or a group."""

    def __init__(self, sender: AsyncSender, creator: dict[str, str]) -> None:
        self._sender = sender
        self._creator = creator

    async def create(
        self,
        file: Source,
        *,
        type: str,  # noqa: A002 (Roblox's word)
        name: str,
        description: str = "",
        filename: str | None = None,
        size: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> AsyncAssetOperation:
        """Upload a file to become an asset. It is streamed, never read whole.

        Args:
            file: A path; bytes; a binary file, taken from where it stands; or an
                iterable of bytes, which for `AsyncClient` may be an async one.
            type: ``Decal``, ``Image``, ``Audio``, ``Model``, ``Animation`` or ``Video``.
            name: What the asset is called.
            description: At most 1,000 characters.
            filename: Tells the format where `file` has no name.
            size: Its bytes, for an iterable and a file that cannot seek. Such a file
                can be sent once only; a call that would have to send it again ends
                in the error of the first try.
            progress: Called with (bytes sent, size) as it goes out.

        Returns:
            The operation to wait for.

        Raises:
            ValueError: The format or size is not one for `type`; nothing was sent. Or
                it is not as long as `size` says; what was sent of it is void.
            AmbiguousOutcome: It may have been uploaded.
        """
        if len(description) > DESCRIPTION_LENGTH:
            raise ValueError(f"description is over the limit of {DESCRIPTION_LENGTH} characters")
        part = asset_file(file, asset_type=type, filename=filename, size=size, progress=progress)
        operation = await self._sender.send(
            api.create_asset(
                request={
                    "assetType": type,
                    "displayName": text("name", name),
                    "description": description,
                    "creationContext": {"creator": self._creator},
                },
                file_content=part,
            )
        )
        return AsyncAssetOperation(self._sender, operation.id)
