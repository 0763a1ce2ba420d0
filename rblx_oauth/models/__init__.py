"""Open Cloud's resources, one `msgspec.Struct` each, under Python names.

Times are aware datetimes, ids are ints, enums keep words they do not know, and
members that Roblox adds are ignored until they have a name here.
"""

from rblx_oauth.models.assets import (
    Asset,
    AssetOperation,
    AssetState,
    CreationContext,
    Creator,
    ModerationResult,
    ModerationState,
    OperationError,
    OperationMetadata,
    Preview,
)
from rblx_oauth.models.base import SocialLink
from rblx_oauth.models.data_stores import DataStoreInfo, Entry, State
from rblx_oauth.models.universes import AgeRating, Universe, Visibility
from rblx_oauth.models.users import SocialNetworkProfiles, SocialNetworkVisibility, User

__all__ = [
    "AgeRating",
    "Asset",
    "AssetOperation",
    "AssetState",
    "CreationContext",
    "Creator",
    "DataStoreInfo",
    "Entry",
    "ModerationResult",
    "ModerationState",
    "OperationError",
    "OperationMetadata",
    "Preview",
    "SocialLink",
    "SocialNetworkProfiles",
    "SocialNetworkVisibility",
    "State",
    "Universe",
    "User",
    "Visibility",
]
