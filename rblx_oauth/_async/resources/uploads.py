"""Making assets: uploading, and waiting until they are processed."""

from __future__ import annotations

from collections.abc import Callable

from rblx_oauth import models
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import assets as api
from rblx_oauth.core import polling
from rblx_oauth.core.arguments import string, text, whole
from rblx_oauth.core.asset_members import DESCRIPTION_LENGTH
from rblx_oauth.core.files import Source, asset_file


class AsyncAssetOperation(AsyncLongRunning[models.AssetOperation, models.Asset]):
    """An upload that Roblox is processing, by its id.

    Attributes:
        id: Names it; `AsyncClient.asset_operation` takes it in any process.
    """

    def __init__(
        self,
        sender: AsyncSender,
        operation_id: str,
        *,
        ended: models.AssetOperation | None = None,
    ) -> None:
        call = api.get_asset_operation(operation_id=operation_id)
        super().__init__(sender, operation_id, call, polling.asset_outcome, ended=ended)

    @classmethod
    def begun(
        cls, sender: AsyncSender, operation: models.AssetOperation, call: str
    ) -> AsyncAssetOperation:
        """The operation that `call` was answered with; perhaps it is over already.

        Raises:
            ProtocolError: It is not, and has no name.
        """
        ended = operation if operation.done else None
        return cls(sender, polling.name_of(operation, call), ended=ended)


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
        privacy: models.AssetPrivacy | str | None = None,
        expected_price: int | None = None,
        filename: str | None = None,
        size: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> AsyncAssetOperation:
        """Upload a file to become an asset. It is streamed, never read whole.

        Args:
            file: A path; bytes; a binary file, taken from where it stands; or an
                iterable of bytes, which for `AsyncClient` may be an async one.
            type: ``Decal``, ``Image``, ``Audio``, ``Model``, ``Animation``, ``Video`` or
                ``Mesh`` (one that was downloaded from Roblox).
            name: What the asset is called.
            description: At most 1,000 characters.
            privacy: ``restricted`` or ``openUse``, for the types that let it be chosen.
            expected_price: Robux; where the upload costs more, Roblox refuses it.
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
        context: dict[str, object] = {"creator": self._creator}
        if privacy is not None:
            context["assetPrivacy"] = text("privacy", privacy)
        if expected_price is not None:
            if whole("expected_price", expected_price) < 0:
                raise ValueError("expected_price must not be negative")
            context["expectedPrice"] = expected_price
        part = asset_file(file, asset_type=type, filename=filename, size=size, progress=progress)
        operation = await self._sender.send(
            api.create_asset(
                request={
                    "assetType": type,
                    "displayName": text("name", name),
                    "description": string("description", description, DESCRIPTION_LENGTH),
                    "creationContext": context,
                },
                file_content=part,
            )
        )
        return AsyncAssetOperation.begun(self._sender, operation, "create_asset")
