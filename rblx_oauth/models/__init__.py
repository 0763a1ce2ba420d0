"""Open Cloud's resources, one `msgspec.Struct` each, under Python names.

Times are aware datetimes, ids are ints, enums keep words they do not know, and
members that Roblox adds are ignored until they have a name here. What people
use daily is written by hand; the rest (`rblx_oauth.models.generated`) is made
from Roblox's OpenAPI document. Each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from rblx_oauth.models.generated import HOMES

if TYPE_CHECKING:
    from rblx_oauth.models.analytics import (
        AnalyticsOperation as AnalyticsOperation,
        AnalyticsOperationMetadata as AnalyticsOperationMetadata,
        DimensionValue as DimensionValue,
        DimensionValues as DimensionValues,
        DimensionValuesList as DimensionValuesList,
        DimensionValuesOperation as DimensionValuesOperation,
        MetricBreakdown as MetricBreakdown,
        MetricDataPoint as MetricDataPoint,
        MetricDataStatus as MetricDataStatus,
        MetricSeries as MetricSeries,
        MetricsOperation as MetricsOperation,
        MetricValues as MetricValues,
    )
    from rblx_oauth.models.api_keys import (
        ApiKeyDataStore as ApiKeyDataStore,
        ApiKeyInfo as ApiKeyInfo,
        ApiKeyScope as ApiKeyScope,
    )
    from rblx_oauth.models.assets import (
        Asset as Asset,
        AssetLocation as AssetLocation,
        AssetOperation as AssetOperation,
        AssetPrivacy as AssetPrivacy,
        AssetState as AssetState,
        AssetUpdate as AssetUpdate,
        AssetVersion as AssetVersion,
        CreationContext as CreationContext,
        Creator as Creator,
        ModerationResult as ModerationResult,
        ModerationState as ModerationState,
        OperationMetadata as OperationMetadata,
        Preview as Preview,
        Thumbnail3D as Thumbnail3D,
    )
    from rblx_oauth.models.base import (
        Duration as Duration,
        ResourceId as ResourceId,
        SocialLink as SocialLink,
    )
    from rblx_oauth.models.creator_store import (
        CreatorStoreProduct as CreatorStoreProduct,
        ProductRestriction as ProductRestriction,
    )
    from rblx_oauth.models.data_stores import (
        DataStoreInfo as DataStoreInfo,
        Entry as Entry,
        EntryKey as EntryKey,
        OrderedDataStoreEntry as OrderedDataStoreEntry,
        State as State,
    )
    from rblx_oauth.models.generated import *  # noqa: F403
    from rblx_oauth.models.groups import (
        GroupMembership as GroupMembership,
        GroupNotification as GroupNotification,
    )
    from rblx_oauth.models.instances import (
        Instance as Instance,
        InstanceChildren as InstanceChildren,
    )
    from rblx_oauth.models.memory_stores import (
        MemoryStoreQueueItem as MemoryStoreQueueItem,
        MemoryStoreSortedMapItem as MemoryStoreSortedMapItem,
        QueueRead as QueueRead,
    )
    from rblx_oauth.models.money import Money as Money, Quantity as Quantity
    from rblx_oauth.models.operations import (
        Operation as Operation,
        OperationError as OperationError,
    )
    from rblx_oauth.models.places import PlaceVersionNumber as PlaceVersionNumber
    from rblx_oauth.models.secrets import (
        SecretPublicKey as SecretPublicKey,
    )
    from rblx_oauth.models.servers import (
        GameServer as GameServer,
        GameServerLog as GameServerLog,
        GameServerStatus as GameServerStatus,
        TimeSpan as TimeSpan,
    )
    from rblx_oauth.models.thumbnails import (
        PersonalizedThumbnail as PersonalizedThumbnail,
        ThumbnailPersonalization as ThumbnailPersonalization,
        ThumbnailUploadStatuses as ThumbnailUploadStatuses,
        UploadedThumbnail as UploadedThumbnail,
    )
    from rblx_oauth.models.universes import (
        AgeRating as AgeRating,
        SpeechAsset as SpeechAsset,
        Universe as Universe,
        Visibility as Visibility,
    )
    from rblx_oauth.models.users import (
        SocialNetworkProfiles as SocialNetworkProfiles,
        SocialNetworkVisibility as SocialNetworkVisibility,
        User as User,
    )

_HAND = {
    "AgeRating": "universes",
    "AnalyticsOperation": "analytics",
    "AnalyticsOperationMetadata": "analytics",
    "ApiKeyDataStore": "api_keys",
    "ApiKeyInfo": "api_keys",
    "ApiKeyScope": "api_keys",
    "Asset": "assets",
    "AssetLocation": "assets",
    "AssetOperation": "assets",
    "AssetPrivacy": "assets",
    "AssetState": "assets",
    "AssetUpdate": "assets",
    "AssetVersion": "assets",
    "CreationContext": "assets",
    "Creator": "assets",
    "CreatorStoreProduct": "creator_store",
    "DataStoreInfo": "data_stores",
    "DimensionValue": "analytics",
    "DimensionValues": "analytics",
    "DimensionValuesList": "analytics",
    "DimensionValuesOperation": "analytics",
    "Duration": "base",
    "Entry": "data_stores",
    "EntryKey": "data_stores",
    "GameServer": "servers",
    "GameServerLog": "servers",
    "GameServerStatus": "servers",
    "GroupMembership": "groups",
    "GroupNotification": "groups",
    "Instance": "instances",
    "InstanceChildren": "instances",
    "MemoryStoreQueueItem": "memory_stores",
    "MemoryStoreSortedMapItem": "memory_stores",
    "MetricBreakdown": "analytics",
    "MetricDataPoint": "analytics",
    "MetricDataStatus": "analytics",
    "MetricSeries": "analytics",
    "MetricValues": "analytics",
    "MetricsOperation": "analytics",
    "ModerationResult": "assets",
    "ModerationState": "assets",
    "Money": "money",
    "Operation": "operations",
    "OperationError": "operations",
    "OperationMetadata": "assets",
    "OrderedDataStoreEntry": "data_stores",
    "PersonalizedThumbnail": "thumbnails",
    "PlaceVersionNumber": "places",
    "Preview": "assets",
    "ProductRestriction": "creator_store",
    "Quantity": "money",
    "QueueRead": "memory_stores",
    "ResourceId": "base",
    "SecretPublicKey": "secrets",
    "SocialLink": "base",
    "SocialNetworkProfiles": "users",
    "SocialNetworkVisibility": "users",
    "SpeechAsset": "universes",
    "State": "data_stores",
    "Thumbnail3D": "assets",
    "ThumbnailPersonalization": "thumbnails",
    "ThumbnailUploadStatuses": "thumbnails",
    "TimeSpan": "servers",
    "Universe": "universes",
    "UploadedThumbnail": "thumbnails",
    "User": "users",
    "Visibility": "universes",
}
MODULES = {**{model: f"generated.{home}" for model, home in HOMES.items()}, **_HAND}
"""The module, within this package, of each model."""


def __getattr__(name: str) -> object:
    """Import a model at its first use (PEP 562)."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(MODULES)
