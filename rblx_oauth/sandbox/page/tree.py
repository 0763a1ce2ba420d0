"""Any plain data as a tree that can be looked at a part at a time, however much there is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set as AbstractSet
from itertools import islice

import msgspec

from rblx_oauth._decoding import plain
from rblx_oauth.sandbox.clock import rfc3339

__all__ = ["Node", "grow", "reach"]

_CHILDREN = 20
_LEVELS = 4
_TEXT = 300
_RAW = 10_000
# What is a moment where it is a number: some time between 2001 and 2100.
_MOMENTS = (1e9, 4.1e9)


class Node(msgspec.Struct):
    """A value in the tree.

    Attributes:
        label: Its name or place in what holds it.
        at: The labels on the way to it.
        text: What it is, unless it holds others.
        hint: What else there is to say of it.
        count: How many it holds; None where it holds none by its nature.
        nodes: Those of them that are shown.
    """

    label: str
    at: tuple[str, ...]
    text: str = ""
    hint: str = ""
    count: int | None = None
    nodes: list[Node] = []


def reach(root: object, at: Iterable[str]) -> object:
    """What lies at the end of a way through `root`.

    Raises:
        LookupError: There is no such way.
    """
    for label in at:
        holding = _holding(root)
        if holding is None:
            raise LookupError(label)
        root = _child(holding, label)
    return root


def grow(
    value: object, at: tuple[str, ...] = (), *, start: int = 0, size: int = 100, level: int = 0
) -> Node:
    """The tree of a value, down to some levels.

    Args:
        value: Structs, mappings, lists, sets, text, numbers.
        at: The way to it.
        start: How many of those that it holds are left out at the beginning.
        size: How many of them are shown at most.
        level: How far it is from the root of what is shown.
    """
    label = at[-1] if at else ""
    holding = _holding(value)
    if holding is None:
        text, hint = _leaf(value)
        return Node(label, at, text, hint)
    node = Node(label, at, count=len(holding))
    if level < _LEVELS:
        node.nodes = [
            grow(each, (*at, name), size=_CHILDREN, level=level + 1)
            for name, each in islice(_pairs(holding), start, start + size)
        ]
    return node


_Holding = Mapping[object, object] | Sequence[object]


def _holding(value: object) -> _Holding | None:
    """What a value holds, if it is one that holds others."""
    if isinstance(value, msgspec.Raw) and len(bytes(value)) <= _RAW:
        value = plain(value)
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    if isinstance(value, AbstractSet):
        return sorted(value, key=str)
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray):
        return value
    return None


def _pairs(holding: _Holding) -> Iterator[tuple[str, object]]:
    if isinstance(holding, Mapping):
        return ((_name(key), each) for key, each in holding.items())
    return ((str(place), each) for place, each in enumerate(holding))


def _child(holding: _Holding, label: str) -> object:
    if not isinstance(holding, Mapping):
        if not label.isdecimal() or int(label) >= len(holding):
            raise LookupError(label)
        return holding[int(label)]
    if label in holding:
        return holding[label]
    for key, each in holding.items():
        if _name(key) == label:
            return each
    raise LookupError(label)


def _name(key: object) -> str:
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _leaf(value: object) -> tuple[str, str]:
    """A value as text, and a word about it."""
    if isinstance(value, bytes | bytearray | msgspec.Raw):
        return f"{len(bytes(value)):,} bytes", ""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value], ""
    if isinstance(value, float) and _MOMENTS[0] < value < _MOMENTS[1]:
        return rfc3339(value).replace(".000000", ""), ""
    text = str(value)
    if len(text) <= _TEXT:
        return text, ""
    return f"{text[:_TEXT]}…", f"{len(text):,} characters"
