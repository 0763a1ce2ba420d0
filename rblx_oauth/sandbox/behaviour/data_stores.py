"""Data store entries, as Open Cloud v2 serves them."""

from __future__ import annotations

import re
from urllib.parse import quote

import msgspec

from rblx_oauth.sandbox.clock import parse_rfc3339, rfc3339
from rblx_oauth.sandbox.data import Entry, Revision
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body, query_flag
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS", "Address", "entry_body"]

_NAME_LENGTH = 50
_VALUE_BYTES = 4_194_304
_ATTRIBUTES_LENGTH = 300
_INT64 = 2**63
_USER = re.compile(r"users/[0-9]+")


class _Write(msgspec.Struct):
    value: msgspec.Raw
    users: tuple[str, ...] | None = None
    attributes: dict[str, object] | None = None
    etag: str | None = None


class _Increment(msgspec.Struct):
    amount: int
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


class Address(msgspec.Struct, frozen=True):
    """Where an entry lives."""

    universe_id: str
    store: str
    scope: str
    id: str

    @property
    def path(self) -> str:
        """The resource path, its segments percent-encoded so that it can be put in a URL."""
        parts = (quote(part, safe="") for part in (self.store, self.scope, self.id))
        store, scope, entry_id = parts
        return f"universes/{self.universe_id}/data-stores/{store}/scopes/{scope}/entries/{entry_id}"


def _address(exchange: Exchange, entry_id: str) -> Address:
    arguments = exchange.arguments
    address = Address(
        arguments["universe_id"], arguments["data_store_id"], arguments["scope_id"], entry_id
    )
    named = (("data store name", address.store), ("scope", address.scope), ("key", address.id))
    for what, text in named:
        if not 1 <= len(text) <= _NAME_LENGTH:
            raise Refusal.invalid(f"a {what} has 1 to {_NAME_LENGTH} characters, not {len(text)}")
    return address


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


def _find(exchange: Exchange, address: Address) -> Entry | None:
    data = exchange.state.data
    return data.find(address.universe_id, address.store, address.scope, address.id)


def _active(exchange: Exchange, address: Address) -> Entry:
    entry = _find(exchange, address)
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
        found = _find(exchange, address)
        revision = _select(found, selector) if found else None
        if found is None or revision is None or revision.deleted:
            raise Refusal.not_found(
                "there is no such revision; to read a key that contains @, end it with @latest"
            )
        return _whole(address, found, revision)


def _select(entry: Entry, selector: str) -> Revision | None:
    word, colon, moment = selector.partition(":")
    if word != "latest" or not colon:
        return entry.revision(selector)
    try:
        return entry.at(parse_rfc3339(moment))
    except ValueError:
        raise Refusal.invalid("after @latest: comes an RFC 3339 timestamp") from None


def _checked(
    users: tuple[str, ...] | None, attributes: dict[str, object] | None
) -> tuple[tuple[str, ...], msgspec.Raw]:
    for user in users or ():
        if not _USER.fullmatch(user):
            raise Refusal.invalid("each of users must look like users/123")
    encoded = msgspec.json.encode(attributes or {})
    if len(encoded.decode()) > _ATTRIBUTES_LENGTH:
        raise Refusal.invalid(f"attributes take {_ATTRIBUTES_LENGTH} characters at most")
    return users or (), msgspec.Raw(encoded)


def _write(exchange: Exchange, address: Address, body: _Write) -> _Body:
    users, attributes = _checked(body.users, body.attributes)
    value = bytes(body.value)
    if value == b"null":
        raise Refusal.invalid("a value cannot be null")
    if len(value) > _VALUE_BYTES:
        raise Refusal.invalid(f"a value takes {_VALUE_BYTES} bytes of JSON at most")
    return _commit(exchange, address, msgspec.Raw(value), users, attributes)


def _commit(
    exchange: Exchange,
    address: Address,
    value: msgspec.Raw,
    users: tuple[str, ...],
    attributes: msgspec.Raw,
) -> _Body:
    entry = exchange.state.data.write(
        address.universe_id,
        address.store,
        address.scope,
        address.id,
        value,
        users=users,
        attributes=attributes,
    )
    return _whole(address, entry, entry.latest)


def _create(exchange: Exchange) -> object:
    address = _address(exchange, exchange.request.args.get("id", ""))
    body = json_body(exchange.request, _Write)
    with exchange.state.lock:
        entry = _find(exchange, address)
        if entry and not entry.latest.deleted:
            raise Refusal(409, "ALREADY_EXISTS", "there is such an entry already")
        return _write(exchange, address, body)


def _update(exchange: Exchange) -> object:
    address = _address(exchange, exchange.arguments["entry_id"])
    allow_missing = query_flag(exchange.request, "allowMissing")
    body = json_body(exchange.request, _Write)
    with exchange.state.lock:
        entry = _find(exchange, address) if allow_missing else _active(exchange, address)
        current = entry.latest.etag if entry and not entry.latest.deleted else ""
        if body.etag and body.etag != current:
            raise Refusal(409, "ABORTED", "the entry changed since that etag was read")
        return _write(exchange, address, body)


def _increment(exchange: Exchange) -> object:
    address = _address(exchange, exchange.arguments["entry_id"])
    body = json_body(exchange.request, _Increment)
    users, attributes = _checked(body.users, body.attributes)
    with exchange.state.lock:
        entry = _find(exchange, address)
        value = body.amount
        if entry and not entry.latest.deleted:
            value += _integer(entry.latest.value)
        clamped = max(-_INT64, min(value, _INT64 - 1))
        encoded = msgspec.Raw(str(clamped).encode())
        return _commit(exchange, address, encoded, users, attributes)


def _integer(value: msgspec.Raw) -> int:
    try:
        return msgspec.json.decode(value, type=int)
    except msgspec.ValidationError:
        raise Refusal.invalid("only an integer can be incremented") from None


def _delete(exchange: Exchange) -> object:
    address = _address(exchange, exchange.arguments["entry_id"])
    with exchange.state.lock:
        exchange.state.data.delete(_active(exchange, address))
    return {}


BEHAVIOURS = {
    "create_data_store_entry": Behaviour(_create),
    "delete_data_store_entry": Behaviour(_delete),
    "get_data_store_entry": Behaviour(_get),
    "increment_data_store_entry": Behaviour(_increment),
    "update_data_store_entry": Behaviour(_update),
}
