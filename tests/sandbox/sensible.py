"""What makes sense to ask of a new sandbox, where Roblox's document says "a string"."""

from __future__ import annotations

from typing import Any

UNIVERSES = (3000001, 3000001, 3000001, 3000003)
NUMBERED = (8000001, 8000001, 8000002)
WORLD: dict[str, tuple[object, ...]] = {
    "amount": (1, 5),
    "any_creator": ("users/1000001",),
    "asset_id": (6000001, 6000002, 6000003),
    "asset_version": ("assets/6000001/versions/1", "assets/6000002/versions/1"),
    "badge_id": NUMBERED,
    "billing_account_id": NUMBERED,
    "collection_name": ("",),
    "content_id": UNIVERSES,
    "count": (1, 10),
    "creation_context": ({"creator": {"userId": 1000001}, "expectedPrice": 0},),
    "cursor": ("",),
    "data_store_id": ("coins",),
    "datastore_name": ("coins",),
    "developer_product_id": NUMBERED,
    "duration": ("60s",),
    "entry": ("player/1000001", "player/1000002", "new"),
    "entry_id": ("player/1000001", "player/1000002", "new"),
    "entry_key": ("player/1000001", "player/1000002", "new"),
    "event_id": NUMBERED,
    "expected_cost": (0,),
    "filter": ("",),
    "game_id": UNIVERSES,
    "game_pass_id": NUMBERED,
    "group_id": (2000001, 2000001, 2000002),
    "ids": UNIVERSES,
    "increment_by": (1,),
    "language_code": ("en", "de", "fr"),
    "limit": (1, 10),
    "max_page_size": (1, 10),
    "order_by": ("",),
    "ordered_data_store": ("scores",),
    "ordered_data_store_id": ("scores",),
    "page_size": (1, 10),
    "page_token": ("",),
    "payment_source_type": (1,),
    "place_id": (4000001, 4000001, 4000003),
    "product_id": NUMBERED,
    "queue_id": ("matchmaking",),
    "repository": ("InExperienceConfig",),
    "root_place": ("universes/3000001/places/4000001",),
    "scope": ("global",),
    "scope_id": ("global",),
    "secret_id": ("weather_key",),
    "size": (10,),
    "subscription_id": (1000001, 1000002),
    "subscription_product_id": ("EXP-1",),
    "universe": ("universes/3000001",),
    "universe_id": UNIVERSES,
    "user": ("users/1000001", "users/1000002", "users/1000003"),
    "user_id": (1000001, 1000002, 1000003),
    "user_restriction_id": (1000002, 1000003),
    "version": (1, 2),
    "version_id": (1, 2),
    "version_number": (1, 2),
    "version_type": ("Saved", "Published"),
}
"""What there is in every sandbox, by the name of what asks for it."""
BODY = "(body)"
_PLACE = {"universe_id": (3000001,), "place_id": (4000001,)}
_QUERY = {
    "metric": "DailyActiveUsers",
    "startTime": "2026-01-01T00:00:00Z",
    "endTime": "2026-01-03T00:00:00Z",
}
GOAL = "UNIVERSE_EXPERIMENT_METRIC_DAY_1_RETENTION"
CONFIGURATION = {
    "productType": "EXPERIMENT_PRODUCT_TYPE_IN_GAME_CONFIGS",
    "inGameConfigExperimentConfiguration": {
        "variants": [
            {
                "variantMeta": {"label": label, "isBaseline": label == "Control", "weight": 50},
                "configEntry": {"key": "bossHealth", "entryValue": 300},
            }
            for label in ("Control", "Weak")
        ]
    },
}
_ENTRY = {"datastoreName": ("coins",), "entryKey": ("player/1000001", "player/1000002")}
HINTS: dict[str, dict[str, tuple[Any, ...]]] = {
    "create_asset": {
        "request": (
            {
                "assetType": "Decal",
                "displayName": "Hat",
                "description": "",
                "creationContext": {"creator": {"userId": "1000001"}},
            },
        )
    },
    "create_creator_store_product": {BODY: ({"modelAssetId": "6000003", "published": True},)},
    "create_memory_store_sorted_map_item": {BODY: ({"id": "one", "value": 1},)},
    "create_save": {BODY: ({"targetType": "Asset", "targetId": 6000003},)},
    "create_user_notification": {
        BODY: (
            {
                "source": {"universe": "universes/3000001"},
                "payload": {"type": "MOMENT", "messageId": "1"},
            },
        )
    },
    "get_creator_store_asset": {"id": (6000003,)},
    "grant_asset_permissions": {
        BODY: (
            {
                "subjectType": "User",
                "subjectId": "1000002",
                "action": "Use",
                "requests": [{"assetId": 6000001}],
            },
        )
    },
    "update_memory_store_sorted_map_item": {BODY: ({"value": 2},)},
    "query_dimension_values": {BODY: ({**_QUERY, "dimensions": ["Country"]},)},
    "query_metrics": {BODY: ({**_QUERY, "granularity": "OneDay"},)},
    "remove_team_create_member": {BODY: ({"userId": 1000002},), "universeId": (3000003,)},
    "calculate_experiment_mde": {
        BODY: ({"experimentConfiguration": CONFIGURATION, "universeGoalMetric": GOAL},)
    },
    "create_data_store_entry": {"id": ("a", "b", "c")},
    "create_default_scope_entry": {"id": ("a", "b", "c")},
    "create_event": {
        BODY: (
            {
                "title": "A",
                "subtitle": "B",
                "startTime": "2100-01-01T00:00:00Z",
                "endTime": "2100-01-02T00:00:00Z",
            },
        )
    },
    "create_experiment": {
        BODY: (
            {
                "name": "Boss",
                "experimentConfiguration": CONFIGURATION,
                "exposurePercent": 40,
                "durationSeconds": 1_209_600,
                "universeGoalMetric": GOAL,
            },
        ),
        "universeId": (3000001,),
    },
    "create_game_pass": {"name": ("A pass",), "price": (10,)},
    "create_developer_product": {"price": (10,)},
    "create_place_version": {"versionType": ("Saved",)},
    "create_secret": {"id": ("a_secret",)},
    "delete_entry_v1": _ENTRY,
    "get_entry_version_v1": _ENTRY,
    "list_entry_versions_v1": _ENTRY,
    "set_entry_v1": _ENTRY,
    "get_memory_store_flush_operation": {"scope": ("LIVE",)},
    "get_instance": {"instance_id": ("root",), **_PLACE},
    "list_instance_children": {"instance_id": ("root",), **_PLACE},
    "list_game_translation_history": {
        BODY: ({"contentType": "GameName", "contentId": 3000001, "languageCode": "de"},)
    },
    "update_asset": {"request": ({"assetId": "6000001", "displayName": "Cap"},)},
}
"""What makes sense to single operations, by parameter or member; the whole body under `BODY`."""
