"""Assets, their versions and operations as Open Cloud writes them."""

from __future__ import annotations

from rblx_oauth.sandbox.assets import Asset, AssetOperation, Version
from rblx_oauth.sandbox.clock import rfc3339

__all__ = ["LINKS", "asset_body", "asset_member", "operation_body", "version_body"]

LINKS = {
    "facebookSocialLink": ("facebook.com",),
    "twitterSocialLink": ("twitter.com", "x.com"),
    "youtubeSocialLink": ("youtube.com", "youtu.be"),
    "twitchSocialLink": ("twitch.tv",),
    "discordSocialLink": ("discord.gg", "discord.com"),
    "githubSocialLink": ("github.com",),
    "guildedSocialLink": ("guilded.gg",),
    "robloxSocialLink": ("roblox.com",),
    "devForumSocialLink": ("devforum.roblox.com",),
}
"""The links that an asset may have, in the order of Roblox's numbers; and where each may lead."""


def asset_body(asset: Asset, now: float) -> dict[str, object]:
    """What is told of every asset."""
    version = asset.latest(now)
    return {
        "path": f"assets/{asset.id}",
        "revisionId": str(version.number),
        "revisionCreateTime": rfc3339(version.created),
        "assetId": asset.id,
        "displayName": asset.display_name,
        "description": asset.description,
        "assetType": asset.type,
        "creationContext": _context(asset),
        "moderationResult": {"moderationState": version.moderation(now)},
        "state": "Archived" if asset.archived else "Active",
    }


def asset_member(asset: Asset, name: str) -> object:
    """One member that is told when it is asked for or was changed; None where there is none."""
    if name == "icon":
        return f"assets/{asset.icon}" if asset.icon else None
    if name == "previews":
        return [
            {"asset": f"assets/{preview.asset}", "altText": preview.alt_text}
            for preview in asset.previews
        ]
    if name in LINKS:
        link = asset.links.get(name)
        return link and {"title": link.title, "uri": link.uri}
    return {"displayName": asset.display_name, "description": asset.description}[name]


def version_body(asset: Asset, version: Version, now: float) -> dict[str, object]:
    """A version of an asset."""
    return {
        "path": f"assets/{asset.id}/versions/{version.number}",
        "creationContext": _context(asset),
        "moderationResult": {"moderationState": version.moderation(now)},
    }


def operation_body(operation: AssetOperation, asset: Asset | None, now: float) -> dict[str, object]:
    """How far an upload is, and what it ended in."""
    done = now >= operation.ready
    body: dict[str, object] = {
        "path": f"operations/{operation.id}",
        "operationId": operation.id,
        "done": done,
    }
    if done and operation.rejected:
        body["error"] = {"code": 400, "message": operation.rejected}
        body["metadata"] = {"moderationResult": {"moderationState": "Rejected"}}
    elif done and asset is not None:
        body["response"] = asset_body(asset, now)
    return body


def _context(asset: Asset) -> dict[str, object]:
    kind = "userId" if asset.creator.startswith("U") else "groupId"
    return {"creator": {kind: asset.creator[1:]}}
