"""Answers made of the document's schemas."""

from __future__ import annotations

import random
from base64 import b64encode
from typing import Any
from uuid import UUID

from tests.api.document import document
from tools.document import ID, Naming, overlay

UNKNOWN_WORD = "BRAND_NEW_WORD"
UNKNOWN_MEMBER = "brandNewMember"

_VERSION = {
    "version": "08D9E6A3F2188CFF.0000000001",
    "deleted": False,
    "contentLength": 30,
    "createdTime": "2026-02-03T04:05:06.1234567Z",
    "objectCreatedTime": "2026-02-03T04:05:06Z",
}
SPANS = {"duration": "61.5s", "date-span": "1.02:03:04.5"}
BY_HAND: dict[str, object] = {
    "create_place_version": {"versionNumber": 7},
    "create_thumbnail_personalization": "4c6a",
    "delete_homepage_thumbnails": {"4c6a": True, "5d7b": False},
    "get_asset_location": {"location": "https://example.com/a", "requestId": "r"},
    "get_asset_version_location": {"location": "https://example.com/a", "isArchived": True},
    "get_secret_public_key": {"secret": "dGV4dA==", "key_id": "7"},
    "increment_entry_v1": 5,
    "list_data_stores_v1": {
        "datastores": [{"name": "coins", "createdTime": "2026-02-03T04:05:06.1234567Z"}],
        "nextPageCursor": "c",
    },
    "list_entries_v1": {"keys": [{"key": "a", "scope": "global"}], "nextPageCursor": "c"},
    "list_entry_versions_v1": {"versions": [_VERSION], "nextPageCursor": "c"},
    "set_entry_v1": _VERSION,
    "update_thumbnail_personalization": "4c6a",
}
"""Answers of operations whose answers the document describes wrongly, or not at all."""

HINTS: dict[tuple[str, str], Any] = {
    ("Asset", "icon"): "assets/7",
    ("CreatorStoreProduct", "groupSeller"): "groups/7",
    ("CreatorStoreProduct", "userSeller"): "users/7",
    ("DataStoreEntry", "users"): ["users/7", "users/8"],
    ("GroupMembership", "role"): "groups/7/roles/8",
    ("GroupMembership", "roles"): ["groups/7/roles/8"],
    ("Preview", "asset"): "assets/7",
    ("ServerManagementService.GameServer", "placeVersion"): "7",
    ("GameServerLog", "placeVersion"): "7",
    ("Universe", "group"): "groups/7",
    ("Universe", "rootPlace"): "universes/7/places/8",
    ("Universe", "user"): "users/7",
}
"""What the document does not say of members of models written by hand, by schema."""


class Maker:
    """Makes JSON values that a schema allows; the same ones every time.

    Args:
        seed: Chooses the values.
        newer: Give words and members that the document does not know, too.
    """

    def __init__(self, seed: str, *, newer: bool = False) -> None:
        self._chance = random.Random(seed)
        self._newer = newer
        self._naming = Naming.from_overlay()
        self._kinds: dict[str, dict[str, str]] = overlay("models")["types"]

    def value(self, schema: dict[str, Any], name: str = "", outer: tuple[str, ...] = ()) -> Any:
        """A value.

        Args:
            schema: What it is.
            name: The member that it is for: some names are those of ids.
            outer: The schemas that it is inside of; one of them again is left out.
        """
        called, schema = document().resolve(schema)
        outer += (called,) if called else ()
        kind = schema.get("type")
        if kind == "array":
            if document().resolve(schema["items"])[0] in outer:
                return []
            return [self.value(schema["items"], name, outer) for _ in range(2)]
        if kind == "string":
            return self._string(schema, name)
        if kind == "integer":
            return self._integer(schema)
        if kind == "number":
            return self._chance.randrange(1, 4000) / 8
        if kind == "boolean":
            return True
        if schema.get("oneOf") and not self._newer:
            return self.value(self._chance.choice(schema["oneOf"]), name, outer)
        if kind == "object" or schema.get("oneOf"):
            return self._object(called, schema, outer)
        return {"a": [1, None]}

    def _object(
        self, called: str, schema: dict[str, Any], outer: tuple[str, ...]
    ) -> dict[str, Any]:
        kinds = self._kinds.get(self._naming.of(called), {})
        made = {
            name: HINTS.get((called, name)) or self._member(name, each, kinds.get(name, ""), outer)
            for name, each in document().properties(schema).items()
            if document().resolve(each)[0] not in outer and not each.get("writeOnly")
        }
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and more:
            made["some"] = self.value(more, "", outer)
        elif not document().properties(schema) and more is not False:
            made["any"] = [1, None]
        elif self._newer:
            made[UNKNOWN_MEMBER] = {"a": [1, None]}
        return made

    def _member(self, name: str, schema: dict[str, Any], kind: str, outer: tuple[str, ...]) -> Any:
        """A member, of the overlay's type where it has one."""
        number = self._chance.randrange(1, 2**53)
        texts = {
            "id": f"{number}",
            "integer": f"{number}",
            "reference": f"users/{number}",
            "string": f"text {number}",
        }
        if kind == "timestamp":
            return self._moment()
        if kind == "integer" and document().resolve(schema)[1].get("type") != "string":
            return number
        return texts.get(kind) or self.value(schema, name, outer)

    def _integer(self, schema: dict[str, Any]) -> int | str:
        if "enum" in schema:
            return int(self._chance.choice(schema["enum"]))
        if schema.get("format") != "int64":
            return self._chance.randrange(1, 2**31)
        number = self._chance.randrange(1, 2**63)
        # Protocol Buffers write 64 bits as text, which not all of Roblox's APIs do.
        return str(number) if self._newer else number

    def _string(self, schema: dict[str, Any], name: str) -> str:
        if "enum" in schema:
            return UNKNOWN_WORD if self._newer else str(self._chance.choice(schema["enum"]))
        kind = schema.get("format", "")
        if kind == "date-time" or (not kind and name.lower().endswith("time")):
            return self._moment()
        if kind == "uuid":
            return str(UUID(int=self._chance.getrandbits(128)))
        if kind == "byte":
            return b64encode(self._chance.randbytes(9)).decode()
        if kind in SPANS:
            return SPANS[kind]
        example = schema.get("example")
        if isinstance(example, str) and example:
            return example
        number = self._chance.randrange(1, 2**53)
        return str(number) if ID.fullmatch(name) else f"text {number} ü"

    def _moment(self) -> str:
        digits = "".join(self._chance.choices("0123456789", k=self._chance.choice((0, 3, 6, 9))))
        day = self._chance.randrange(1, 29)
        return f"2026-02-{day:02}T04:05:06{'.' * bool(digits)}{digits}Z"
