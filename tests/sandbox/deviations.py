"""Where the sandbox answers otherwise than Roblox's OpenAPI document says, each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_UNTOLD = "Roblox sends it; its document does not say so."
_JSON = "The text that is documented is JSON, and rblx-open-cloud takes it by that name alone."
_EXAMPLES = "The schemas of the first version contradict the examples beside them."
_ANY_VALUE = "The value of an entry may be any JSON, not just an object."
_USUAL_NAME = "The text/json that is documented is JSON by its usual name."
_LINKS = "Each link has a name of its own; the document has one that stands for all."
_CHANGED = "Where nothing has to be processed, the members that changed are told."
_GUIDE = "Roblox's guide shows it; its document says that the answer is empty."
_SPEECH = "Speech that was generated is asked for there, too."

DEVIATIONS: Mapping[str, Mapping[str, str]] = {
    "create_asset": {
        "$.operationId: not in the document": _UNTOLD,
        "$.metadata: not in the document": _UNTOLD,
    },
    "create_thumbnail_personalization": {"$: str for object": _GUIDE},
    "update_thumbnail_personalization": {"$: str for object": _GUIDE},
    "delete_homepage_thumbnails": {"$.*: not in the document": _GUIDE},
    "list_thumbnail_personalizations": {"$.*: not in the document": _GUIDE},
    "list_asset_versions": {
        "$: dict for array": "Beside the array there is the token of the next page."
    },
    "get_asset": {"$.*SocialLink: not in the document": _LINKS},
    "update_asset": {"$.*: not in the document": _CHANGED},
    "get_asset_operation": {
        "$.operationId: not in the document": _UNTOLD,
        "$.metadata: not in the document": _UNTOLD,
        "$.response.@type: not in the document": _SPEECH,
        "$.response.remainingQuota: not in the document": _SPEECH,
    },
    "create_place_version": {"application/json is no media type of it": _JSON},
    "list_data_stores_v1": {"$.datastores: not in the document": _EXAMPLES},
    "list_entries_v1": {"$.keys[]: dict for string": _EXAMPLES},
    "list_entry_versions_v1": {"application/json is no media type of it": _USUAL_NAME},
    "get_entry_v1": {"$: * for object": _ANY_VALUE},
    "get_entry_version_v1": {"$: * for object": _ANY_VALUE},
    "increment_entry_v1": {"$: int for object": _ANY_VALUE},
    "set_entry_v1": {
        "application/json is no media type of it": _USUAL_NAME,
        "412: *": "An entry that is not what was to be overwritten is shown as it is.",
    },
}
"""Reasons by operation and objection, in which ``*`` stands for anything.

Each must occur when all the tests are run.
"""
