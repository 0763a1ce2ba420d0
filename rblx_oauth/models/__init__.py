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
    )
    from rblx_oauth.models.analytics import (
        AnalyticsOperationMetadata as AnalyticsOperationMetadata,
    )
    from rblx_oauth.models.analytics import (
        DimensionValue as DimensionValue,
    )
    from rblx_oauth.models.analytics import (
        DimensionValues as DimensionValues,
    )
    from rblx_oauth.models.analytics import (
        DimensionValuesList as DimensionValuesList,
    )
    from rblx_oauth.models.analytics import (
        DimensionValuesOperation as DimensionValuesOperation,
    )
    from rblx_oauth.models.analytics import (
        MetricBreakdown as MetricBreakdown,
    )
    from rblx_oauth.models.analytics import (
        MetricDataPoint as MetricDataPoint,
    )
    from rblx_oauth.models.analytics import (
        MetricDataStatus as MetricDataStatus,
    )
    from rblx_oauth.models.analytics import (
        MetricSeries as MetricSeries,
    )
    from rblx_oauth.models.analytics import (
        MetricsOperation as MetricsOperation,
    )
    from rblx_oauth.models.analytics import (
        MetricValues as MetricValues,
    )
    from rblx_oauth.models.api_keys import (
        ApiKeyDataStore as ApiKeyDataStore,
    )
    from rblx_oauth.models.api_keys import (
        ApiKeyInfo as ApiKeyInfo,
    )
    from rblx_oauth.models.api_keys import (
        ApiKeyScope as ApiKeyScope,
    )
    from rblx_oauth.models.assets import (
        Asset as Asset,
    )
    from rblx_oauth.models.assets import (
        AssetLocation as AssetLocation,
    )
    from rblx_oauth.models.assets import (
        AssetOperation as AssetOperation,
    )
    from rblx_oauth.models.assets import (
        AssetPrivacy as AssetPrivacy,
    )
    from rblx_oauth.models.assets import (
        AssetState as AssetState,
    )
    from rblx_oauth.models.assets import (
        AssetUpdate as AssetUpdate,
    )
    from rblx_oauth.models.assets import (
        AssetVersion as AssetVersion,
    )
    from rblx_oauth.models.assets import (
        CreationContext as CreationContext,
    )
    from rblx_oauth.models.assets import (
        Creator as Creator,
    )
    from rblx_oauth.models.assets import (
        ModerationResult as ModerationResult,
    )
    from rblx_oauth.models.assets import (
        ModerationState as ModerationState,
    )
    from rblx_oauth.models.assets import (
        OperationMetadata as OperationMetadata,
    )
    from rblx_oauth.models.assets import (
        Preview as Preview,
    )
    from rblx_oauth.models.assets import (
        Thumbnail3D as Thumbnail3D,
    )
    from rblx_oauth.models.base import (
        Duration as Duration,
    )
    from rblx_oauth.models.base import (
        ResourceId as ResourceId,
    )
    from rblx_oauth.models.base import (
        SocialLink as SocialLink,
    )
    from rblx_oauth.models.creator_store import (
        CreatorStoreProduct as CreatorStoreProduct,
    )
    from rblx_oauth.models.creator_store import (
        ProductRestriction as ProductRestriction,
    )
    from rblx_oauth.models.data_stores import (
        DataStoreInfo as DataStoreInfo,
    )
    from rblx_oauth.models.data_stores import (
        Entry as Entry,
    )
    from rblx_oauth.models.data_stores import (
        EntryKey as EntryKey,
    )
    from rblx_oauth.models.data_stores import (
        OrderedDataStoreEntry as OrderedDataStoreEntry,
    )
    from rblx_oauth.models.data_stores import (
        State as State,
    )
    from rblx_oauth.models.generated import *  # noqa: F403
    from rblx_oauth.models.groups import (
        GroupMembership as GroupMembership,
    )
    from rblx_oauth.models.groups import (
        GroupNotification as GroupNotification,
    )
    from rblx_oauth.models.instances import (
        Instance as Instance,
    )
    from rblx_oauth.models.instances import (
        InstanceChildren as InstanceChildren,
    )
    from rblx_oauth.models.memory_stores import (
        MemoryStoreQueueItem as MemoryStoreQueueItem,
    )
    from rblx_oauth.models.memory_stores import (
        MemoryStoreSortedMapItem as MemoryStoreSortedMapItem,
    )
    from rblx_oauth.models.memory_stores import (
        QueueRead as QueueRead,
    )
    from rblx_oauth.models.money import Money as Money
    from rblx_oauth.models.money import Quantity as Quantity
    from rblx_oauth.models.operations import (
        Operation as Operation,
    )
    from rblx_oauth.models.operations import (
        OperationError as OperationError,
    )
    from rblx_oauth.models.places import PlaceVersionNumber as PlaceVersionNumber
    from rblx_oauth.models.secrets import (
        SecretPublicKey as SecretPublicKey,
    )
    from rblx_oauth.models.servers import (
        GameServer as GameServer,
    )
    from rblx_oauth.models.servers import (
        GameServerLog as GameServerLog,
    )
    from rblx_oauth.models.servers import (
        GameServerStatus as GameServerStatus,
    )
    from rblx_oauth.models.servers import (
        TimeSpan as TimeSpan,
    )
    from rblx_oauth.models.thumbnails import (
        PersonalizedThumbnail as PersonalizedThumbnail,
    )
    from rblx_oauth.models.thumbnails import (
        ThumbnailPersonalization as ThumbnailPersonalization,
    )
    from rblx_oauth.models.thumbnails import (
        ThumbnailUploadStatuses as ThumbnailUploadStatuses,
    )
    from rblx_oauth.models.thumbnails import (
        UploadedThumbnail as UploadedThumbnail,
    )
    from rblx_oauth.models.universes import (
        AgeRating as AgeRating,
    )
    from rblx_oauth.models.universes import (
        SpeechAsset as SpeechAsset,
    )
    from rblx_oauth.models.universes import (
        Universe as Universe,
    )
    from rblx_oauth.models.universes import (
        Visibility as Visibility,
    )
    from rblx_oauth.models.users import (
        SocialNetworkProfiles as SocialNetworkProfiles,
    )
    from rblx_oauth.models.users import (
        SocialNetworkVisibility as SocialNetworkVisibility,
    )
    from rblx_oauth.models.users import (
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
