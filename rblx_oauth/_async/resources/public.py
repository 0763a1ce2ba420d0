"""The names of all resources, for the doors that give them to everybody."""

from __future__ import annotations

from rblx_oauth._async.resources.analytics import (
    AsyncAnalytics,
    AsyncDimensionValuesQuery,
    AsyncMetricsQuery,
)
from rblx_oauth._async.resources.assets import AsyncAsset
from rblx_oauth._async.resources.badges import AsyncBadges
from rblx_oauth._async.resources.configs import AsyncConfig
from rblx_oauth._async.resources.creator_store import AsyncCreatorStore, AsyncCreatorStoreProduct
from rblx_oauth._async.resources.data_store import AsyncDataStore
from rblx_oauth._async.resources.events import AsyncEvents
from rblx_oauth._async.resources.experiments import AsyncExperimentOperation, AsyncExperiments
from rblx_oauth._async.resources.group import AsyncGroup
from rblx_oauth._async.resources.group_forum import AsyncForumCategory, AsyncForumPost
from rblx_oauth._async.resources.homepage_thumbnails import (
    AsyncHomepageThumbnails,
    AsyncThumbnailUpload,
)
from rblx_oauth._async.resources.instances import AsyncInstance
from rblx_oauth._async.resources.luau import AsyncLuauTask
from rblx_oauth._async.resources.memory_flush import AsyncMemoryStoreFlush
from rblx_oauth._async.resources.memory_queue import AsyncMemoryStoreQueue, AsyncQueueBatch
from rblx_oauth._async.resources.memory_sorted_map import AsyncMemoryStoreSortedMap
from rblx_oauth._async.resources.operations import AsyncLongRunning
from rblx_oauth._async.resources.ordered_data_store import AsyncOrderedDataStore
from rblx_oauth._async.resources.place import AsyncPlace, AsyncPlaceVersion
from rblx_oauth._async.resources.products import AsyncDeveloperProducts, AsyncGamePasses
from rblx_oauth._async.resources.restrictions import AsyncUserRestrictions
from rblx_oauth._async.resources.secrets import AsyncSecrets
from rblx_oauth._async.resources.servers import AsyncGameServers, AsyncServers
from rblx_oauth._async.resources.universe import AsyncUniverse
from rblx_oauth._async.resources.uploads import AsyncAssetOperation, AsyncCreatorAssets
from rblx_oauth._async.resources.user import AsyncUser

__all__ = [
    "AsyncAnalytics",
    "AsyncAsset",
    "AsyncAssetOperation",
    "AsyncBadges",
    "AsyncConfig",
    "AsyncCreatorAssets",
    "AsyncCreatorStore",
    "AsyncCreatorStoreProduct",
    "AsyncDataStore",
    "AsyncDeveloperProducts",
    "AsyncDimensionValuesQuery",
    "AsyncEvents",
    "AsyncExperimentOperation",
    "AsyncExperiments",
    "AsyncForumCategory",
    "AsyncForumPost",
    "AsyncGamePasses",
    "AsyncGameServers",
    "AsyncGroup",
    "AsyncHomepageThumbnails",
    "AsyncInstance",
    "AsyncLongRunning",
    "AsyncLuauTask",
    "AsyncMemoryStoreFlush",
    "AsyncMemoryStoreQueue",
    "AsyncMemoryStoreSortedMap",
    "AsyncMetricsQuery",
    "AsyncOrderedDataStore",
    "AsyncPlace",
    "AsyncPlaceVersion",
    "AsyncQueueBatch",
    "AsyncSecrets",
    "AsyncServers",
    "AsyncThumbnailUpload",
    "AsyncUniverse",
    "AsyncUser",
    "AsyncUserRestrictions",
]
