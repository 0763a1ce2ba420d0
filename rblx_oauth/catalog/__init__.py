"""The facts of Open Cloud's operations, as data, with a small typed reader.

``operations.json`` is built by ``tools/build_catalogue.py`` from Roblox's
OpenAPI document and the hand-kept overlay beside that tool. It holds facts
(names, paths, scopes, limits), none of Roblox's prose.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from typing import Literal

import msgspec

from rblx_oauth._decoding import decoder

__all__ = [
    "Operation",
    "Paging",
    "Parameter",
    "RateLimit",
    "known_scopes",
    "operation",
    "operations",
]

Credential = Literal["token", "api_key"]
Repeat = Literal["always", "delete", "etag", "key", "never"]
"""When an operation may be sent again after a doubtful outcome: ``always`` (it
reads, or the same again changes nothing), ``delete`` (a 404 after a doubtful
try is success), ``etag`` (only when its body carries one), ``key`` (only when
it carries an idempotency key), ``never``."""
Place = Literal["path", "query", "header", "json", "part", "body"]


class RateLimit(msgspec.Struct, frozen=True):
    """At most `count` requests in `seconds`."""

    count: int
    seconds: int


class Parameter(msgspec.Struct, frozen=True, omit_defaults=True):
    """One argument of an operation.

    Attributes:
        name: Its name in Python.
        wire: Its name on the wire.
        place: Where it travels: ``path``, ``query``, ``header``, ``json`` (a
            member of the body), ``part`` (a part of a multipart body), ``body``
            (it is the body).
        type: ``string``, ``integer``, ``number``, ``boolean``, ``timestamp``,
            ``duration``, ``bytes`` (in base64), ``file``, ``json`` (any value),
            ``list[...]``, ``map[...]``, or the name of a model in
            `rblx_oauth.models`; ``id`` (a positive integer, in JSON a string),
            ``id_number`` (in JSON a number) and ``any_id`` (one that may be ``-``);
            ``mask`` (the members that a PATCH changes); and, of data store entries,
            ``entry_value``, ``users`` (ids that travel as ``users/ID``),
            ``attributes``.
        required: Whether it must be given.
        max_length: Characters it may have, where Roblox says so; of ``json``, bytes.
        values: The words it may be, where Roblox lists them.
    """

    name: str
    wire: str
    place: Place
    type: str = "string"
    required: bool = False
    max_length: int | None = None
    values: tuple[str | int, ...] = ()


class Paging(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a listing is turned.

    Attributes:
        style: ``token`` (an answer gives the token of the next page), ``offset``
            (a page begins after so many items), ``number`` (pages are counted
            from 1).
        token: The parameter, by its Python name, that asks for a page.
        size: The parameter that says how many items a page holds; may be empty.
        next: The member of an answer that gives the next token.
        most: Items that a page may hold; None where Roblox does not say.
    """

    style: Literal["token", "offset", "number"] = "token"
    token: str = ""
    size: str = ""
    next: str = "nextPageToken"
    most: int | None = None


class Operation(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is known about one operation of Open Cloud.

    Attributes:
        name: Our stable snake_case name, unique among all.
        family: The module of ``rblx_oauth.api`` it belongs to.
        method: The HTTP method.
        path: The path template; placeholders carry Python names.
        server: The origin it is found at, where that is not Open Cloud's own.
        parameters: Its arguments, in the document's order.
        credentials: Which credentials it accepts.
        scopes: The scopes a token needs, all of them.
        token_limit: Roblox's limit per access token.
        key_limit: Roblox's limit per owner of API keys.
        media: The media type of the body; empty where there is none.
        status: The HTTP status of a good answer.
        answer: The media type of a good answer, where it is JSON by another name.
        result: The type of the answer, written as `Parameter.type`; empty when
            the body says nothing.
        items: For a listing, the type of one item.
        items_field: For a listing, the member that holds the items.
        paging: For a listing of more than one page, how it is turned.
        polled_by: For one that is begun and ends later: the operation that
            tells how far it is.
        repeat: When it may be sent again after a doubtful outcome.
        stability: ``STABLE``, ``BETA`` or ``EXPERIMENTAL``; empty where Roblox
            does not say.
        deprecated: Whether Roblox advises against it.
        docs: Roblox's reference page.
        original_id: The operationId in Roblox's document, where it has one.
    """

    name: str
    family: str
    method: str
    path: str
    server: str = ""
    parameters: tuple[Parameter, ...] = ()
    credentials: tuple[Credential, ...] = ()
    scopes: tuple[str, ...] = ()
    token_limit: RateLimit | None = None
    key_limit: RateLimit | None = None
    media: str = ""
    status: int = 200
    answer: str = ""
    result: str = ""
    items: str = ""
    items_field: str = ""
    paging: Paging | None = None
    polled_by: str = ""
    repeat: Repeat = "never"
    stability: str = ""
    deprecated: bool = False
    docs: str = ""
    original_id: str = ""


class _Catalogue(msgspec.Struct, frozen=True):
    scopes: tuple[str, ...]
    operations: tuple[Operation, ...]


@cache
def _load() -> _Catalogue:
    data = pkgutil.get_data(__name__, "operations.json")
    return decoder(_Catalogue)(data or b"")


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
