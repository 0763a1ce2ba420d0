"""Letting others use assets."""

from __future__ import annotations

from collections.abc import Sequence

from rblx_oauth import models
from rblx_oauth._async.sender import AsyncSender
from rblx_oauth.api import assets as api
from rblx_oauth.core.arguments import flag, identifier
from rblx_oauth.models.generated.assets import AssetGrantRequest, SubjectType


async def grant_permissions(
    sender: AsyncSender,
    asset_ids: Sequence[int],
    action: models.AssetAction | str,
    *,
    user_id: int | None,
    group_id: int | None,
    role_id: int | None,
    universe_id: int | None,
    everyone: bool,
    dependencies: bool,
    version: int | None = None,
) -> models.GrantedAssetPermissions:
    """See `AsyncClient.grant_asset_permissions`."""
    subjects = {
        SubjectType.USER: _digits("user_id", user_id),
        SubjectType.GROUP: _digits("group_id", group_id),
        SubjectType.GROUP_ROLESET: _digits("role_id", role_id),
        SubjectType.UNIVERSE: _digits("universe_id", universe_id),
        SubjectType.ALL: "" if flag("everyone", everyone) else None,
    }
    named = [(kind, digits) for kind, digits in subjects.items() if digits is not None]
    if len(named) != 1:
        raise ValueError(
            "give one of user_id, group_id, role_id and universe_id, or everyone=True: "
            "they say whom it is granted to"
        )
    if not asset_ids:
        raise ValueError("asset_ids must hold at least one id")
    if version is not None:
        identifier("version", version)
    (subject, digits), *_ = named
    requests = [
        AssetGrantRequest(
            asset_id=int(identifier(f"asset_ids[{at}]", asset_id)),
            grant_to_dependencies=flag("dependencies", dependencies) or None,
            parent_version_number=version,
        )
        for at, asset_id in enumerate(asset_ids)
    ]
    call = api.grant_asset_permissions(
        subject_type=subject, subject_id=digits or None, action=action, requests=requests
    )
    return await sender.send(call)


def _digits(name: str, value: int | None) -> str | None:
    return None if value is None else identifier(name, value)
