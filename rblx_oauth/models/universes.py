"""Universes: what Roblox's site calls experiences."""

from __future__ import annotations

import msgspec

from rblx_oauth.models.base import Model, OpenEnum, ResourceId, SocialLink, Timestamp


class Visibility(OpenEnum):
    """Who may enter a universe."""

    UNSPECIFIED = "VISIBILITY_UNSPECIFIED"
    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class AgeRating(OpenEnum):
    """For whom a universe is fit."""

    UNSPECIFIED = "AGE_RATING_UNSPECIFIED"
    ALL = "AGE_RATING_ALL"
    NINE_PLUS = "AGE_RATING_9_PLUS"
    THIRTEEN_PLUS = "AGE_RATING_13_PLUS"
    SEVENTEEN_PLUS = "AGE_RATING_17_PLUS"


class Universe(Model, frozen=True):
    """A universe.

    Attributes:
        id: Its id.
        display_name: That of its root place.
        description: That of its root place.
        user_id: The user that owns it, or None.
        group_id: The group that owns it, or None.
        root_place_id: The place that players enter first.
        private_server_price_robux: In Robux; None where there are no private servers.
        created_at: When it was made.
        updated_at: When it was last changed.
    """

    id: ResourceId = msgspec.field(name="path")
    display_name: str = ""
    description: str = ""
    user_id: ResourceId | None = msgspec.field(name="user", default=None)
    group_id: ResourceId | None = msgspec.field(name="group", default=None)
    visibility: Visibility = Visibility.UNSPECIFIED
    age_rating: AgeRating = AgeRating.UNSPECIFIED
    root_place_id: ResourceId | None = msgspec.field(name="rootPlace", default=None)
    voice_chat_enabled: bool = False
    private_server_price_robux: int | None = None
    desktop_enabled: bool = False
    mobile_enabled: bool = False
    tablet_enabled: bool = False
    console_enabled: bool = False
    vr_enabled: bool = False
    facebook_social_link: SocialLink | None = None
    twitter_social_link: SocialLink | None = None
    youtube_social_link: SocialLink | None = None
    twitch_social_link: SocialLink | None = None
    discord_social_link: SocialLink | None = None
    roblox_group_social_link: SocialLink | None = None
    guilded_social_link: SocialLink | None = None
    created_at: Timestamp | None = msgspec.field(name="createTime", default=None)
    updated_at: Timestamp | None = msgspec.field(name="updateTime", default=None)

    @property
    def social_links(self) -> dict[str, SocialLink]:
        """The links that there are, by network."""
        links = {
            "facebook": self.facebook_social_link,
            "twitter": self.twitter_social_link,
            "youtube": self.youtube_social_link,
            "twitch": self.twitch_social_link,
            "discord": self.discord_social_link,
            "roblox_group": self.roblox_group_social_link,
            "guilded": self.guilded_social_link,
        }
        return {network: link for network, link in links.items() if link is not None}


class SpeechAsset(Model, frozen=True):
    """Speech that was made of a text, as an audio asset (MP3).

    Attributes:
        id: The asset's id.
        remaining_quota: How many more the user may make this month.
    """

    id: int = msgspec.field(name="assetId")
    remaining_quota: int | None = None
