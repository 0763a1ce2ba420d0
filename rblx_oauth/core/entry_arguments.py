"""Arguments that are about an entry of a data store, checked and written as `arguments` does it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from rblx_oauth.core.arguments import ascii_json, id_number, json_object, json_value, several

MAX_VALUE = 4_194_304
"""Bytes of JSON in one data store value."""
MAX_ATTRIBUTES = 300
"""Characters of JSON in the attributes of one entry."""
MAX_USERS = 4
"""Users of one entry, in the first version of data stores."""


def entry_value(name: str, content: object) -> msgspec.Raw:
    """A data store value as JSON, within its limit.

    Raises:
        TypeError, ValueError: It is not JSON, null, or larger than 4,194,304 bytes.
    """
    if content is None:
        raise ValueError(f"{name} must not be None: delete the entry instead")
    return json_value(name, content, MAX_VALUE)


def attributes(name: str, content: Mapping[str, object]) -> msgspec.Raw:
    """An entry's attributes as JSON, within their limit.

    Raises:
        TypeError, ValueError: They are not a JSON object, or have more than 300 characters.
    """
    written = json_object(name, content)
    length = len(bytes(written).decode())
    if length > MAX_ATTRIBUTES:
        raise ValueError(f"{name} take {length} characters of JSON; the limit is {MAX_ATTRIBUTES}")
    return written


def entry_users(name: str, users: Iterable[int]) -> str:
    """The users of a data store entry, as a header of the first version of the API has them.

    Raises:
        TypeError, ValueError: As `arguments.identifier`, or there are more than 4.
    """
    ids = several(name, users, id_number)
    if len(ids) > MAX_USERS:
        raise ValueError(f"{name} are {len(ids)}; an entry has {MAX_USERS} at most")
    return ascii_json(name, ids)


def entry_attributes(name: str, content: Mapping[str, object]) -> str:
    """The attributes of a data store entry, as a header of the first version has them.

    Raises:
        TypeError, ValueError: As `attributes`.
    """
    attributes(name, content)
    return ascii_json(name, content)
