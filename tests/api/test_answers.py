"""Answers as Roblox's OpenAPI document describes them, read by every operation."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest

from rblx_oauth.catalog import Operation, operations
from rblx_oauth.core import answers
from rblx_oauth.core.codec import Page
from rblx_oauth.core.message import Response
from rblx_oauth.core.url import API_BASE
from tests.api import examples
from tests.api.answers import BY_HAND, UNKNOWN_MEMBER, Maker
from tests.api.document import alone, document, facts, needs_document, route, told

pytestmark = needs_document

_LINKS = "socialLink: has no name"  # each comes under a name of its own
APART = {
    "archive_asset": {f"$.{_LINKS}"},
    "create_asset": {f"$.response.{_LINKS}"},
    "get_asset": {f"$.{_LINKS}"},
    "get_asset_operation": {f"$.response.{_LINKS}"},
    "restore_asset": {f"$.{_LINKS}"},
    "update_asset": {f"$.response.{_LINKS}"},
    # The id, once more.
    "get_user": {"$.path: has no name"},
    # What the caller said.
    "unfollow_universe": {"$: is not read"},
}
"""What of an answer is not read, and why, by operation."""
IMPOSSIBLE = {
    "get_creator_store_asset",
    "list_saves",
    "search_creator_store_assets",
    "search_creator_store_assets_by_query",
}
"""What the document allows no answer for: its kinds of store assets forbid what each adds."""


def documented(operation: Operation) -> tuple[int, str, dict[str, Any]]:
    """Status, media type and schema of a good answer; no schema if it says nothing."""
    for status, response in facts(operation)["responses"].items():
        for media, content in response.get("content", {}).items():
            if status.startswith("2"):
                return int(status), media, content.get("schema", {})
    return 200, "application/json", {}


def read(operation: Operation, answer: object) -> Any:
    """What an operation makes of an answer."""
    status, media, _ = documented(operation)
    call = examples.function(operation)(**examples.arguments(operation, everything=False))
    return answers.read(
        call, Response(status, {"content-type": media}, json.dumps(answer).encode())
    )


def answer(operation: Operation, *, newer: bool = False) -> Any:
    """An answer of an operation, with every member it may have."""
    if operation.name in BY_HAND:
        return BY_HAND[operation.name]
    schema = documented(operation)[2]
    return Maker(operation.name, newer=newer).value(schema) if schema else {}


class Sent:
    """An answer as the validator wants it."""

    def __init__(self, status: int, media: str, data: bytes) -> None:
        self.status_code = status
        self.content_type = media
        self.headers = {"content-type": media}
        self.data = data


@pytest.mark.parametrize("operation", operations().values(), ids=operations())
def test_made_answers_are_as_documented(operation: Operation) -> None:
    """What the other tests read is what the document allows."""
    status, media, schema = documented(operation)
    sent = Sent(status, media, json.dumps(answer(operation)).encode())
    if operation.name in BY_HAND or not schema:
        return
    validator = OpenAPI.from_dict(alone(operation), config=Config(spec_validator_cls=None))
    method, path = route(operation)
    request = MockRequest(operation.server or API_BASE, method.lower(), path)
    errors = validator.iter_response_errors(request, sent)
    found = [each for error in errors for each in told(error)]
    assert bool(found) == (operation.name in IMPOSSIBLE), found


@pytest.mark.parametrize("newer", [False, True], ids=["documented", "newer"])
@pytest.mark.parametrize("operation", operations().values(), ids=operations())
def test_answers_are_read_whole(operation: Operation, newer: bool) -> None:
    """Each member that has a name here is what was sent; what has none does no harm."""
    sent = answer(operation, newer=newer)
    assert set(lost(operation, read(operation, sent), sent)) == APART.get(operation.name, set())


@pytest.mark.parametrize("operation", operations().values(), ids=operations())
def test_nulls_are_nothing(operation: Operation) -> None:
    """A member that is null counts as left out, unless nothing can be made without it."""
    sent = answer(operation)
    whole = read(operation, sent)
    for leaves in (False, True):
        hollowed = hollow(whole, sent, leaves=leaves)
        found = set(lost(operation, read(operation, hollowed), without_nulls(hollowed)))
        assert found <= APART.get(operation.name, set())


def hollow(value: Any, sent: Any, *, leaves: bool) -> Any:
    """An answer with null for what its model can do without.

    Args:
        value: What was read of it.
        sent: The answer.
        leaves: Only for what holds nothing else.
    """
    if isinstance(value, Page):
        return dict.fromkeys(sent) if isinstance(sent, dict) else []
    if isinstance(value, list):
        return [hollow(*each, leaves=leaves) for each in zip(value, sent, strict=True)]
    if not isinstance(value, msgspec.Struct):
        return sent
    fields = {each.encode_name: each for each in msgspec.structs.fields(value)}
    made = {}
    for wire, each in sent.items():
        kept = wire not in fields or fields[wire].required
        if kept or (leaves and isinstance(each, dict | list)):
            inner = getattr(value, fields[wire].name) if wire in fields else None
            made[wire] = hollow(inner, each, leaves=leaves)
        else:
            made[wire] = None
    return made


def without_nulls(value: Any) -> Any:
    """The same without members that are null."""
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


def lost(operation: Operation, value: object, sent: Any) -> Iterator[str]:
    """Where what was read is not what was sent."""
    if isinstance(value, Page):
        if isinstance(sent, list):
            sent = {operation.items_field: sent}
        yield from differences(value.items, sent.get(operation.items_field, []), "$")
        if operation.paging is not None and value.next_token != sent.get(operation.paging.next, ""):
            yield "$: another token"
    elif operation.result:
        yield from differences(value, sent, "$")
    elif document().properties(documented(operation)[2]):
        yield "$: is not read"


def differences(value: object, sent: Any, path: str) -> Iterator[str]:
    """Where a value is not what was sent, member by member."""
    if isinstance(value, msgspec.Struct):
        named = {each.encode_name: each.name for each in msgspec.structs.fields(value)}
        for wire, each in sent.items():
            if wire in named:
                yield from differences(getattr(value, named[wire]), each, f"{path}.{wire}")
            elif wire not in (UNKNOWN_MEMBER, "@type"):
                yield f"{path}.{wire}: has no name"
    elif isinstance(value, list) and len(value) == len(sent):
        for one, each in zip(value, sent, strict=True):
            yield from differences(one, each, f"{path}[]")
    elif isinstance(value, Mapping) and value.keys() == sent.keys():
        for key, each in sent.items():
            yield from differences(value[key], each, f"{path}.{key}")
    elif written(value, sent) != sent:
        yield f"{path}: {sent!r} became {value!r}"


def written(value: object, sent: object) -> object:
    """A value as it was sent, if it is the same."""
    if isinstance(value, datetime):
        moment = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", str(sent)))
        return sent if abs(value - moment) <= timedelta(microseconds=1) else value
    if isinstance(value, timedelta):
        return sent if value == span(str(sent)) else value
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, int) and isinstance(sent, str):
        return sent if sent.rpartition("/")[2] == str(int(value)) else value
    return value


def span(text: str) -> timedelta:
    """A span of time in either of Roblox's ways."""
    if text.endswith("s"):
        return timedelta(seconds=float(text[:-1]))
    days, _, clock = text.partition(".")
    hours, minutes, seconds = clock.split(":")
    return timedelta(int(days), float(seconds), 0, 0, int(minutes), int(hours))
