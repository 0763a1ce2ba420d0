"""The facts of Open Cloud's operations, as data, with a small typed reader.

``operations.json`` is built by ``tools/build_catalogue.py`` from Roblox's
OpenAPI document and the hand-kept overlay beside that tool. It holds facts
(names, paths, scopes, limits), none of Roblox's prose.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Literal

import msgspec

__all__ = ["Operation", "Parameter", "RateLimit", "known_scopes", "operation", "operations"]

Credential = Literal["token", "api_key"]
Repeat = Literal["always", "delete", "etag", "never"]
"""When an operation may be sent again after a doubtful outcome: ``always`` (it
reads), ``delete`` (a 404 after a doubtful try is success), ``etag`` (only when
its body carries one), ``never``."""


class RateLimit(msgspec.Struct, frozen=True):
    """At most `count` requests in `seconds`."""

    count: int
    seconds: int


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One argument of an operation.

    Attributes:
        name: Its name in Python.
        wire: Its name on the wire.
        place: Where it travels: ``path``, ``query``, ``json`` (a member of the
            body), ``part`` (a part of a multipart body).
        type: ``string``, ``id`` (a positive integer), ``integer``, ``number``,
            ``boolean``, ``object``, ``file``; and, of data store entries,
            ``entry_value``, ``user_ids``, ``attributes``.
        required: Whether it must be given.
        max_length: Characters it may have, where Roblox says so.
    """

    name: str
    wire: str
    place: Literal["path", "query", "json", "part"]
    type: str = "string"
    required: bool = False
    max_length: int | None = None


class Operation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known about one operation of Open Cloud.

    Attributes:
        name: Our stable snake_case name, unique among all.
        family: The module of ``rblx_oauth.api`` it belongs to.
        method: The HTTP method.
        path: The path template; placeholders carry Python names.
        parameters: Its arguments, in the document's order.
        credentials: Which credentials it accepts.
        scopes: The scopes a token needs, all of them.
        token_limit: Roblox's limit per access token.
        key_limit: Roblox's limit per owner of API keys.
        paging: The paging style, or empty.
        result: The model of the answer in ``rblx_oauth.models``; empty when
            the body says nothing.
        items: For a listing, the model of one item.
        items_field: For a listing, the member that holds the items.
        repeat: When it may be sent again after a doubtful outcome.
        stability: ``STABLE``, ``BETA`` or ``EXPERIMENTAL``.
        docs: Roblox's reference page.
        original_id: The operationId in Roblox's document, where it has one.
    """

    name: str
    family: str
    method: str
    path: str
    parameters: tuple[Parameter, ...] = ()
    credentials: tuple[Credential, ...] = ()
    scopes: tuple[str, ...] = ()
    token_limit: RateLimit | None = None
    key_limit: RateLimit | None = None
    paging: str = ""
    result: str = ""
    items: str = ""
    items_field: str = ""
    repeat: Repeat = "never"
    stability: str = "STABLE"
    docs: str = ""
    original_id: str = ""


class _Catalogue(msgspec.Struct, frozen=True):
    scopes: tuple[str, ...]
    operations: tuple[Operation, ...]


@cache
def _load() -> _Catalogue:
    data = resources.files(__name__).joinpath("operations.json").read_bytes()
    return msgspec.json.decode(data, type=_Catalogue)


@cache
def operations() -> dict[str, Operation]:
    """Every operation by its name, in the catalogue's order."""
    return {each.name: each for each in _load().operations}


def operation(name: str) -> Operation:
    """The operation of that name.

    Raises:
        KeyError: There is none.
    """
    return operations()[name]


@cache
def known_scopes() -> frozenset[str]:
    """Every scope that Roblox documents: those of its operations, ``openid`` and ``profile``."""
    return frozenset(_load().scopes)
