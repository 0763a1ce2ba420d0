"""Data store entries, as Open Cloud v2 serves them, with and without a scope in the path."""

from __future__ import annotations

import re

import msgspec

from rblx_oauth.sandbox.behaviour.entries import (
    Address,
    checked_attributes,
    checked_value,
    commit,
    find,
    number_in,
)
from rblx_oauth.sandbox.behaviour.values import clamped, whole
from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.data import Entry, Revision
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body, query_flag
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "address_of", "entry_body"]

_GLOBAL = "global"
_AHEAD = 600.0  # how far in the future, in seconds, a moment may lie that is asked for
_USER = re.compile(r"users/[0-9]+")


class _Write(msgspec.Struct):
    value: msgspec.Raw
    users: tuple[str, ...] | None = None
    attributes: dict[str, object] | None = None
    etag: str | None = None


class _Increment(msgspec.Struct):
    amount: int | float
    users: tuple[str, ...] | None = None
    attributes: dict[str, object] | None = None


class _Body(msgspec.Struct, rename="camel", omit_defaults=True):
    path: str
    id: str
    create_time: str
    revision_id: str
    revision_create_time: str
    state: str
    etag: str
    value: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    users: tuple[str, ...] | msgspec.UnsetType = msgspec.UNSET
    attributes: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


def address_of(exchange: Exchange, entry_id: str) -> Address:
    """The address that the request's path names, with this key."""
    arguments = exchange.arguments
    return Address(
        arguments["universe_id"],
        arguments["data_store_id"],
        arguments.get("scope_id", _GLOBAL),
        entry_id,
        default="scope_id" not in arguments,
    )


def _address(exchange: Exchange, entry_id: str) -> Address:
    return address_of(exchange, entry_id).check()


def entry_body(address: Address, entry: Entry, revision: Revision, *, suffix: str = "") -> _Body:
    """An entry without its content, as listings of revisions give it.

    Args:
        address: Where it lives.
        entry: The entry.
        revision: Which state of it.
        suffix: What follows the key, e.g. ``@REVISION``.
    """
    return _Body(
        path=address.path + suffix,
        id=address.id + suffix,
        create_time=rfc3339(entry.created),
        revision_id=revision.id,
        revision_create_time=rfc3339(revision.at),
        state="DELETED" if revision.deleted else "ACTIVE",
        etag=revision.etag,
    )


def _whole(address: Address, entry: Entry, revision: Revision) -> _Body:
    body = entry_body(address, entry, revision)
    body.value = revision.value
    body.users = revision.users
    body.attributes = revision.attributes
    return body


def _active(exchange: Exchange, address: Address) -> Entry:
    entry = find(exchange.state, address)
    if entry is None or entry.latest.deleted:
        raise Refusal.not_found("there is no such entry")
    return entry


def _get(exchange: Exchange) -> object:
    key, at, selector = exchange.arguments["entry_id"].rpartition("@")
    address = _address(exchange, key if at else selector)
    with exchange.state.lock:
        if not at or selector == "latest":
            entry = _active(exchange, address)
            return _whole(address, entry, entry.latest)
        found = find(exchange.state, address)
        revision = _select(found, selector, exchange.state.clock.now()) if found else None
        if found is None or revision is None or revision.deleted:
            raise Refusal.not_found(
                "there is no such revision; to read a key that contains @, end it with @latest"
            )
        return _whole(address, found, revision)


def _select(entry: Entry, selector: str, now: float) -> Revision | None:
    word, colon, text = selector.partition(":")
    if word != "latest" or not colon:
        return entry.revision(selector)
    try:
        moment = parse_rfc3339(text)
    except ValueError:
        raise Refusal.invalid("after @latest: comes an RFC 3339 timestamp") from None
    if not 0 < moment <= now + _AHEAD:
        raise Refusal.invalid("a moment lies after 1970 and at most ten minutes in the future")
    return entry.at(moment)


def _users(users: tuple[str, ...] | None) -> tuple[str, ...]:
    for user in users or ():
        if not _USER.fullmatch(user):
            raise Refusal.invalid("each of users must look like users/123")
    return users or ()


def _content(body: _Write) -> tuple[msgspec.Raw, tuple[str, ...], msgspec.Raw]:
    value = checked_value(bytes(body.value))
    return value, _users(body.users), checked_attributes(body.attributes)


def _create(exchange: Exchange) -> object:
    address = _address(exchange, exchange.request.args.get("id", ""))
    content = _content(json_body(exchange.request, _Write))
    with exchange.state.lock:
        entry = find(exchange.state, address)
        if entry and not entry.latest.deleted:
            raise Refusal.invalid("Entry already exists.")
        entry = commit(exchange.state, address, *content)
        return _whole(address, entry, entry.latest)


def _update(exchange: Exchange) -> object:
    address = _address(exchange, exchange.arguments["entry_id"])
    allow_missing = query_flag(exchange.request, "allowMissing")
    body = json_body(exchange.request, _Write)
    content = _content(body)
    with exchange.state.lock:
        entry = find(exchange.state, address) if allow_missing else _active(exchange, address)
        current = entry.latest.etag if entry and not entry.latest.deleted else ""
        if body.etag and body.etag != current:
            raise Refusal(409, "ABORTED", "the entry changed since that etag was read")
        entry = commit(exchange.state, address, *content)
        return _whole(address, entry, entry.latest)


def _increment(exchange: Exchange) -> object:
    address = _address(exchange, exchange.arguments["entry_id"])
    body = json_body(exchange.request, _Increment)
    amount = whole("amount", body.amount)
    users, attributes = _users(body.users), checked_attributes(body.attributes)
    with exchange.state.lock:
        total = clamped(number_in(find(exchange.state, address)) + amount)
        value = msgspec.Raw(str(total).encode())
        entry = commit(exchange.state, address, value, users, attributes)
        return _whole(address, entry, entry.latest)


def _delete(exchange: Exchange) -> object:
    address = _address(exchange, exchange.arguments["entry_id"])
    with exchange.state.lock:
        exchange.state.data.delete(_active(exchange, address))
    return {}


BEHAVIOURS = {
    "create_data_store_entry": Behaviour(_create),
    "create_default_scope_entry": Behaviour(_create),
    "delete_data_store_entry": Behaviour(_delete),
    "delete_default_scope_entry": Behaviour(_delete),
    "get_data_store_entry": Behaviour(_get),
    "get_default_scope_entry": Behaviour(_get),
    "increment_data_store_entry": Behaviour(_increment),
    "increment_default_scope_entry": Behaviour(_increment),
    "update_data_store_entry": Behaviour(_update),
    "update_default_scope_entry": Behaviour(_update),
}
