"""What a person types into the form of an entry."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Self

import msgspec

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.behaviour.entries import Address, checked_attributes, checked_value
from rblx_oauth.sandbox.data import Entry
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["Typed"]

_GLOBAL = "global"
_USER = re.compile(r"(?:users/)?([0-9]+)")
_LAID_OUT = 100_000  # bytes; longer values are shown as they are


class Typed(msgspec.Struct, frozen=True):
    """The fields of the form, as text.

    Attributes:
        store: The data store.
        scope: The scope.
        key: The entry's key.
        value: JSON.
        users: Ids of users, with spaces between them.
        attributes: A JSON object.
        etag: What the entry was when the form was opened.
    """

    store: str = ""
    scope: str = _GLOBAL
    key: str = ""
    value: str = ""
    users: str = ""
    attributes: str = ""
    etag: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> Self:
        """What a form or a query holds."""
        given = {name: fields[name] for name in cls.__struct_fields__ if name in fields}
        return cls(**given | {"scope": given.get("scope") or _GLOBAL})

    @classmethod
    def now(cls, entry: Entry) -> Self:
        """What an entry is now."""
        latest = entry.latest
        value = bytes(latest.value)
        laid_out = msgspec.json.format(value, indent=2) if len(value) <= _LAID_OUT else value
        attributes = bytes(latest.attributes).decode()
        return cls(
            scope=entry.scope,
            key=entry.id,
            value=laid_out.decode(),
            users=" ".join(user.removeprefix("users/") for user in latest.users),
            attributes="" if attributes == "{}" else attributes,
            etag=latest.etag,
        )

    def address(self, universe_id: str) -> Address:
        """Where the entry is, or is to be."""
        return Address(universe_id, self.store, self.scope, self.key)

    def content(self) -> tuple[msgspec.Raw, tuple[str, ...], msgspec.Raw]:
        """Value, users and attributes, to be kept.

        Raises:
            Refusal: 400, one of them is not as it should be.
        """
        value = checked_value(self.value.encode())
        return (
            msgspec.Raw(msgspec.json.format(bytes(value), indent=-1)),
            tuple(map(_user, self.users.replace(",", " ").split())),
            checked_attributes(_object(self.attributes)),
        )


def _user(text: str) -> str:
    match = _USER.fullmatch(text)
    if match is None:
        raise Refusal.invalid(f"a user is given by their id, in digits, not as {text[:50]!r}")
    return f"users/{match[1]}"


def _object(text: str) -> dict[str, object]:
    try:
        return decoder(dict[str, object])(text.strip() or "{}")
    except msgspec.DecodeError as error:
        raise Refusal.invalid(f"attributes are a JSON object: {error}") from None
