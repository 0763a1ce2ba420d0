"""Data store entries, as the first version of the API serves them: metadata travels in headers.

The entries are those that v2 serves.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re

import msgspec
from flask import Response, g

from rblx_oauth._decoding import decoder, plain
from rblx_oauth.sandbox.behaviour.entries import (
    Address,
    checked_attributes,
    checked_value,
    commit,
    find,
    number_in,
    open_store,
)
from rblx_oauth.sandbox.behaviour.throttling import charge_read, charge_written, reading, writing
from rblx_oauth.sandbox.behaviour.values import INT64
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.data import Entry, Revision
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import query_flag, raw_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "address_of", "entry_at", "version_body"]

_MOST_USERS = 4  # of one entry
_VERSION = re.compile(r"[0-9A-F]{16}\.[0-9A-F]{10}\.[0-9A-F]{16}\.[0-9]{2}")


def address_of(exchange: Exchange) -> Address:
    """The address that the request's query names.

    Raises:
        Refusal: 400, there can be no entry.
    """
    query = exchange.request.args
    return Address(
        exchange.arguments["universe_id"],
        query.get("datastoreName", ""),
        query.get("scope") or "global",
        query.get("entryKey", ""),
    ).check()


def entry_at(exchange: Exchange, address: Address) -> Entry:
    """The entry, deleted or not, unless there is nothing left of it.

    Raises:
        Refusal: 404, there is no such entry, or no such data store.
    """
    if open_store(exchange.state, address.universe_id, address.store) is None:
        raise Refusal.not_found("there is no such data store")
    entry = find(exchange.state, address)
    if entry is None:
        raise Refusal.not_found("there is no such entry", "EntryNotFound")
    return entry


def version_body(entry: Entry, revision: Revision) -> dict[str, object]:
    """What there is to say of one version of an entry."""
    return {
        "version": revision.id,
        "deleted": revision.deleted,
        "contentLength": 0 if revision.deleted else len(bytes(revision.value)),
        "createdTime": rfc3339(revision.at),
        "objectCreatedTime": rfc3339(entry.created),
    }


def _content(exchange: Exchange, entry: Entry, revision: Revision, status: int = 200) -> Response:
    value = bytes(revision.value)
    charge_read(exchange, len(value))
    users = [int(user.removeprefix("users/")) for user in revision.users]
    headers = {
        "content-md5": _md5(value),
        "roblox-entry-version": revision.id,
        "roblox-entry-created-time": rfc3339(entry.created),
        "roblox-entry-version-created-time": rfc3339(revision.at),
        "roblox-entry-attributes": json.dumps(plain(revision.attributes)),
        "roblox-entry-userids": json.dumps(users),
    }
    return Response(value, status, headers, mimetype="application/json")


def _md5(value: bytes) -> str:
    return base64.b64encode(hashlib.md5(value, usedforsecurity=False).digest()).decode()


def _get(exchange: Exchange) -> object:
    address = address_of(exchange)
    with exchange.state.lock:
        entry = entry_at(exchange, address)
        if entry.latest.deleted:
            return Response(status=204)
        return _content(exchange, entry, entry.latest)


def _get_version(exchange: Exchange) -> object:
    address = address_of(exchange)
    version = exchange.request.args["versionId"]
    if not _VERSION.fullmatch(version):
        raise Refusal.invalid("versionId is not one that a version has", "versionId")
    with exchange.state.lock:
        entry = entry_at(exchange, address)
        revision = entry.revision(version)
        if revision is None or revision.deleted:
            raise Refusal.not_found("there is no such version", "VersionNotFound")
        return _content(exchange, entry, revision)


def _set(exchange: Exchange) -> object:
    address = address_of(exchange)
    exclusive = query_flag(exchange.request, "exclusiveCreate")
    match = exchange.request.args.get("matchVersion", "")
    if exclusive and match:
        raise Refusal.invalid(
            "exclusiveCreate and matchVersion cannot both be given",
            "ExclusiveCreateAndMatchVersionCannotBeSet",
        )
    value = checked_value(_body(exchange))
    users, attributes = _tags(exchange)
    with exchange.state.lock:
        entry = find(exchange.state, address)
        there = entry is not None and not entry.latest.deleted
        if (exclusive and there) or (match and (entry is None or entry.latest.id != match)):
            return _otherwise(exchange, entry)
        charge_written(exchange, len(bytes(value)))
        entry = commit(exchange.state, address, value, users, attributes)
        return version_body(entry, entry.latest)


def _otherwise(exchange: Exchange, entry: Entry | None) -> Response:
    """The condition does not hold: 412, with the entry as it is."""
    if entry is None or entry.latest.deleted:
        raise Refusal(412, "ABORTED", "the entry is not what was to be overwritten")
    g.reason = "ABORTED: the entry is there, in another version than was expected"
    return _content(exchange, entry, entry.latest, 412)


def _body(exchange: Exchange) -> bytes:
    body = raw_body(exchange.request)
    given = exchange.request.headers.get("content-md5")
    if given and given != _md5(body):
        raise Refusal.invalid(
            "content-md5 is not the MD5 of the body, in base64", "ChecksumMismatch"
        )
    return body


def _tags(exchange: Exchange) -> tuple[tuple[str, ...], msgspec.Raw]:
    headers = exchange.request.headers
    users = _users(headers.get("roblox-entry-userids", ""))
    text = headers.get("roblox-entry-attributes") or "{}"
    try:
        # HTTP hands headers over as Latin-1; whoever did not escape the rest sent UTF-8.
        attributes = decoder(dict[str, object])(text.encode("latin-1"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        said = "roblox-entry-attributes must be a JSON object"
        raise Refusal.invalid(said, "roblox-entry-attributes") from None
    return users, checked_attributes(attributes)


def _users(text: str) -> tuple[str, ...]:
    # Roblox documents ids with commas between them; clients send a JSON array as well.
    listed = text.strip()
    if listed.startswith("[") and listed.endswith("]"):
        listed = listed[1:-1]
    numbers = [part.strip() for part in listed.split(",")] if listed.strip() else []
    if not all(each.isascii() and each.isdigit() and len(each) < 20 for each in numbers):
        said = "roblox-entry-userids has ids of users, with commas between them"
        raise Refusal.invalid(said, "roblox-entry-userids")
    if len(numbers) > _MOST_USERS:
        said = f"roblox-entry-userids has {_MOST_USERS} ids of users at most"
        raise Refusal.invalid(said, "roblox-entry-userids")
    return tuple(f"users/{int(each)}" for each in numbers)


def _increment(exchange: Exchange) -> object:
    address = address_of(exchange)
    amount = int(exchange.request.args["incrementBy"])
    users, attributes = _tags(exchange)
    with exchange.state.lock:
        total = number_in(find(exchange.state, address)) + amount
        if not -INT64 <= total < INT64:
            word = "IncrementValueTooLarge" if amount > 0 else "IncrementValueTooSmall"
            raise Refusal.invalid("the sum is beyond 64 bits", word)
        value = msgspec.Raw(str(total).encode())
        charge_written(exchange, len(bytes(value)))
        entry = commit(exchange.state, address, value, users, attributes)
        return _content(exchange, entry, entry.latest)


def _delete(exchange: Exchange) -> object:
    address = address_of(exchange)
    with exchange.state.lock:
        entry = entry_at(exchange, address)
        if not entry.latest.deleted:
            exchange.state.data.delete(entry)
    return {}


BEHAVIOURS = {
    "delete_entry_v1": Behaviour(writing(_delete)),
    "get_entry_v1": Behaviour(reading(_get)),
    "get_entry_version_v1": Behaviour(reading(_get_version)),
    "increment_entry_v1": Behaviour(writing(_increment)),
    "set_entry_v1": Behaviour(writing(_set)),
}
