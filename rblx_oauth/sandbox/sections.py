"""The sections of seed and state files: what a sandbox holds, as plain data.

A seed file is written by people, and gives what they care about; a state file is
written by the sandbox, and gives everything. Both are read here, and what is
wrong in one is told with its line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from difflib import get_close_matches
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from rblx_oauth._decoding import decoder, plain
from rblx_oauth.sandbox.data import Saved
from rblx_oauth.sandbox.messages import Message
from rblx_oauth.sandbox.oauth.records import Client, OAuthRecords, SavedRecords
from rblx_oauth.sandbox.people import ApiKey, Group, Universe, User
from rblx_oauth.sandbox.settings import Settings
from rblx_oauth.sandbox.shelves import Shelf, kinds
from rblx_oauth.sandbox.state import State

__all__ = ["Section", "dump", "load", "sections"]


_Count = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class Section(msgspec.Struct, frozen=True):
    """One part of the state.

    Attributes:
        name: Its name in a file.
        kind: The type of its content.
        read: Takes the content out of a state; None where only people write it.
        write: Puts content into a state.
    """

    name: str
    kind: Any
    read: Callable[[State], object] | None
    write: Callable[[State, Any], None]


def _by_id(name: str, kind: type) -> Section:
    """People and places: a list of them, which is added to what is there."""

    def write(state: State, rows: list[Any]) -> None:
        getattr(state, name).update({row.id: row for row in rows})

    return Section(name, list[kind], lambda state: list(getattr(state, name).values()), write)  # type: ignore[valid-type]


def _entries(state: State, content: dict[str, dict[str, dict[str, dict[str, object]]]]) -> None:
    for universe_id, stores in content.items():
        for store, scopes in stores.items():
            for scope, entries in scopes.items():
                for key, value in entries.items():
                    raw = msgspec.Raw(msgspec.json.encode(value))
                    state.data.write(universe_id, store, scope, key, raw)


def _write_keys(state: State, keys: list[ApiKey]) -> None:
    state.api_keys.update({key.secret: key for key in keys})


def _write_clients(state: State, clients: list[Client]) -> None:
    state.clients.update({client.client_id: client for client in clients})


def _write_messages(state: State, messages: list[Message]) -> None:
    state.messages[:] = messages


_SomeSettings = msgspec.defstruct(
    "_SomeSettings",
    [(each.name, each.type | UnsetType, UNSET) for each in msgspec.structs.fields(Settings)],
    forbid_unknown_fields=True,
)


def _write_settings(state: State, settings: msgspec.Struct) -> None:
    state.settings.update(msgspec.to_builtins(settings))


def _write_revisions(state: State, content: Saved) -> None:
    state.data.restore(content)


def _shelf(kind: type[Shelf]) -> Section:
    return Section(
        kind.section,
        kind,
        lambda state: state.shelves.of(kind),
        lambda state, shelf: state.shelves.put(shelf),
    )


def sections() -> Iterator[Section]:
    """Every section, in the order in which they are written."""
    yield Section("settings", _SomeSettings, lambda state: state.settings, _write_settings)
    yield Section("clock_ahead", float, lambda state: state.clock.offset, _write_clock)
    yield Section("ids", dict[str, _Count], lambda state: state.ids.counts(), _write_ids)
    yield _by_id("users", User)
    yield _by_id("groups", Group)
    yield _by_id("universes", Universe)
    yield Section(
        "api_keys", list[ApiKey], lambda state: list(state.api_keys.values()), _write_keys
    )
    yield Section(
        "clients", list[Client], lambda state: list(state.clients.values()), _write_clients
    )
    yield Section("data_stores", dict[str, dict[str, dict[str, dict[str, object]]]], None, _entries)
    yield Section(
        "data_store_revisions",
        Saved,
        lambda state: state.data.dump(),
        _write_revisions,
    )
    yield Section("messages", list[Message], lambda state: list(state.messages), _write_messages)
    yield Section("oauth", SavedRecords, _read_oauth, _write_oauth)
    yield from (_shelf(kind) for kind in kinds())


def _write_ids(state: State, counts: dict[str, int]) -> None:
    state.ids.go_on_from(state.ids.counts() | counts)


def _read_oauth(state: State) -> object:
    # There are sets in it, which are to be written as equal when they are.
    return msgspec.to_builtins(state.oauth.saved(), order="deterministic")


def _write_oauth(state: State, saved: SavedRecords) -> None:
    state.oauth = OAuthRecords.of(saved)


def _write_clock(state: State, ahead: float) -> None:
    state.clock.offset = ahead


def dump(state: State) -> dict[str, object]:
    """Everything in a state, by section; JSON once it is encoded."""
    with state.lock:
        return {
            section.name: plain(msgspec.json.encode(section.read(state)))
            for section in sections()
            if section.read is not None
        }


def load(state: State, content: object, *, alone: bool = False) -> None:
    """Put the sections of a file into a state; all of them, or nothing if one is wrong.

    Args:
        state: Where to.
        content: Content by section.
        alone: Empty the state first.

    Raises:
        msgspec.ValidationError: A section is unknown or not as it should be; the
            message ends with the JSON path.
    """
    known = {section.name: section for section in sections()}
    if not isinstance(content, dict):
        raise msgspec.ValidationError("Expected `object` with sections - at `$`")
    for name in content:
        if name not in known:
            (nearest,) = get_close_matches(str(name), known, n=1, cutoff=0.0)
            said = f"Unknown section `{name}`; the nearest is `{nearest}`"
            raise msgspec.ValidationError(f"{said} - at `$.{name}`")
    converted = [
        (section, _converted(name, content[name], section.kind))
        for name, section in known.items()
        if name in content
    ]
    with state.lock:
        if alone:
            state.empty()
        for section, value in converted:
            section.write(state, value)


def _converted(name: str, value: object, kind: Any) -> object:
    try:
        # By way of its text, which is what the values of entries are kept as.
        return decoder(kind, strict=False)(msgspec.json.encode(value))
    except msgspec.ValidationError as error:
        said, root, path = str(error).partition("`$")
        where = f"{said}`$.{name}{path}" if root else f"{said} - at `$.{name}`"
        raise msgspec.ValidationError(where) from None
