"""Data store entries, as far as both versions of the API serve them alike."""

from __future__ import annotations

from urllib.parse import quote

import msgspec

from rblx_oauth._decoding import plain
from rblx_oauth.sandbox.behaviour.values import check_length, kept_json
from rblx_oauth.sandbox.data import ALL_SCOPES, DataStore, Entry
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.state import State

__all__ = [
    "NAME_LENGTH",
    "Address",
    "checked_attributes",
    "checked_value",
    "commit",
    "find",
    "number_in",
    "open_store",
]

NAME_LENGTH = 50
VALUE_BYTES = 4_194_304
_ATTRIBUTES_LENGTH = 300


class Address(msgspec.Struct, frozen=True):
    """Where an entry lives.

    Attributes:
        universe_id: The universe.
        store: The data store.
        scope: The scope.
        id: The key.
        default: Whether the scope went without saying.
    """

    universe_id: str
    store: str
    scope: str
    id: str
    default: bool = False

    @property
    def path(self) -> str:
        """The resource path, its segments percent-encoded so that it can be put in a URL."""
        store, scope, key = (quote(part, safe="") for part in (self.store, self.scope, self.id))
        middle = "" if self.default else f"/scopes/{scope}"
        return f"universes/{self.universe_id}/data-stores/{store}{middle}/entries/{key}"

    def check(self) -> Address:
        """This address, if an entry can be there.

        Raises:
            Refusal: 400, a name is empty or too long, or the scope is that of all scopes.
        """
        check_length("a data store name", self.store, NAME_LENGTH, "datastoreName")
        check_length("a scope", self.scope, NAME_LENGTH, "scope")
        check_length("a key", self.id, NAME_LENGTH, "entryKey")
        if self.scope == ALL_SCOPES:
            raise Refusal.invalid("the scope - stands for all scopes in a listing only", "scope")
        return self


def open_store(state: State, universe_id: str, name: str) -> DataStore | None:
    """A data store whose entries may be touched; ``None`` if there is none yet.

    Raises:
        Refusal: 404, it is marked deleted.
    """
    store = state.data.store(universe_id, name)
    if store is not None and store.deleted is not None:
        raise Refusal.not_found("the data store is marked deleted; it can be undeleted")
    return store


def find(state: State, address: Address) -> Entry | None:
    """An entry, deleted or not, unless there is nothing left of it.

    Raises:
        Refusal: 404, its data store is marked deleted.
    """
    open_store(state, address.universe_id, address.store)
    return state.data.find(address.universe_id, address.store, address.scope, address.id)


def commit(
    state: State,
    address: Address,
    value: msgspec.Raw,
    users: tuple[str, ...],
    attributes: msgspec.Raw,
) -> Entry:
    """Write an entry; users and attributes become exactly what is given."""
    return state.data.write(
        address.universe_id,
        address.store,
        address.scope,
        address.id,
        value,
        users=users,
        attributes=attributes,
    )


def checked_value(value: bytes) -> msgspec.Raw:
    """A value of an entry, as JSON.

    Raises:
        Refusal: 400, it is too long, not JSON, or nothing.
    """
    return kept_json(value, most=VALUE_BYTES)


def checked_attributes(attributes: dict[str, object] | None) -> msgspec.Raw:
    """An entry's attributes, as JSON.

    Raises:
        Refusal: 400, they are too long.
    """
    encoded = msgspec.json.encode(attributes or {})
    if len(encoded.decode()) > _ATTRIBUTES_LENGTH:
        most = f"attributes take {_ATTRIBUTES_LENGTH} characters of JSON at most"
        raise Refusal.invalid(most, "roblox-entry-attributes")
    return msgspec.Raw(encoded)


def number_in(entry: Entry | None) -> int:
    """The integer that an entry holds, to be added to; 0 where there is none.

    Raises:
        Refusal: 400, it holds something else.
    """
    if entry is None or entry.latest.deleted:
        return 0
    held = plain(entry.latest.value)
    if isinstance(held, float) and held.is_integer():
        return int(held)
    if isinstance(held, bool) or not isinstance(held, int):
        raise Refusal.invalid("only an integer can be incremented", "ExistingValueNotNumeric")
    return held
