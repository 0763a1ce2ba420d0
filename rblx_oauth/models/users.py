"""Users."""

from __future__ import annotations

import msgspec

from rblx_oauth.models.base import Model, OpenEnum, Timestamp


class SocialNetworkVisibility(OpenEnum):
    """Who may see a user's profiles elsewhere."""

    UNSPECIFIED = "SOCIAL_NETWORK_VISIBILITY_UNSPECIFIED"
    NO_ONE = "NO_ONE"
    FRIENDS = "FRIENDS"
    FRIENDS_AND_FOLLOWING = "FRIENDS_AND_FOLLOWING"
    FRIENDS_FOLLOWING_AND_FOLLOWERS = "FRIENDS_FOLLOWING_AND_FOLLOWERS"
    EVERYONE = "EVERYONE"


class SocialNetworkProfiles(Model, frozen=True):
    """A user's profiles elsewhere (needs the scope ``user.social:read``)."""

    facebook: str = ""
    twitter: str = ""
    youtube: str = ""
    twitch: str = ""
    guilded: str = ""
    visibility: SocialNetworkVisibility = SocialNetworkVisibility.UNSPECIFIED


class User(Model, frozen=True):
    """A user of Roblox.

    Attributes:
        id: Never changes; the only stable identity.
        name: The unique username; may change.
        display_name: What others see; not unique.
        about: What the user says about themselves.
        locale: An IETF language tag.
        premium: Whether the user has a subscription; None without the scope for it.
        id_verified: Whether Roblox verified who it is (``user.advanced:read``); else None.
        social_network_profiles: None without the scope for it.
        created_at: When the account was made.
    """

    id: int
    name: str = ""
    display_name: str = ""
    about: str = ""
    locale: str = ""
    premium: bool | None = None
    id_verified: bool | None = None
    social_network_profiles: SocialNetworkProfiles | None = None
    created_at: Timestamp | None = msgspec.field(name="createTime", default=None)


class UserThumbnail(Model, frozen=True):
    """A picture of a user's avatar.

    Attributes:
        image_uri: Where it is.
    """

    image_uri: str
