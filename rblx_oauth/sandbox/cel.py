"""The little of CEL (Common Expression Language) that filters of Open Cloud v2 are written in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["read_filter"]

_LITERAL = r"'[^']*'|\"[^\"]*\"|[\w/-]+"
# Roblox's own examples put double quotes around a whole filter, or around each term of it.
_TERM = re.compile(rf"\"?\s*(\w+)\s*(?:(==)\s*({_LITERAL})|(in)\s*\[([^\]]*)\])\s*\"?")


def read_filter(text: str, allowed: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """What a filter asks for: the values of each field that it names.

    Args:
        text: Terms such as ``user == 'users/1'`` and ``user in ['users/1']``, joined by ``&&``.
        allowed: The operators of each field that the listing knows, e.g. ``{"user": "== in"}``.

    Raises:
        Refusal: 400, it is not a filter of that listing.
    """
    found: dict[str, tuple[str, ...]] = {}
    for term in text.split("&&") if text.strip() else ():
        match = _TERM.fullmatch(term.strip())
        field = match[1] if match else ""
        operator = (match[2] or match[4]) if match else ""
        if match is None or operator not in allowed.get(field, "").split() or field in found:
            known = ", ".join(f"{name} ({operators})" for name, operators in allowed.items())
            raise Refusal.invalid(f"the filter is not understood; it knows {known}", "filter")
        values = [match[3]] if match[3] is not None else match[5].split(",")
        found[field] = tuple(_bare(value.strip()) for value in values)
    return found


def _bare(literal: str) -> str:
    if len(literal) > 1 and literal[0] in "'\"" and literal[-1] == literal[0]:
        return literal[1:-1]
    return literal
