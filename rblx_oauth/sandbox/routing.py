"""Finds the operation that a request names, on the path as it was sent.

WSGI hands over a decoded path, in which a ``%2F`` inside a key can no longer be told from a
separator, nor ``%3Aincrement`` at the end of a key from the verb ``:increment``. So routing looks
at the raw path, and each segment is decoded exactly once, after it has found its place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from heapq import nlargest
from urllib.parse import unquote_to_bytes

import msgspec

from rblx_oauth.catalog import Operation

__all__ = ["BadPathError", "Match", "Router", "raw_path"]

_WORDS = re.compile(r"\w+")
_LOOKED_AT = 24
_PLACEHOLDER = re.compile(r"\{(\w+)\}(?::(\w+))?$")


class BadPathError(ValueError):
    """The path has a segment that is not percent-encoded UTF-8."""


class Match(msgspec.Struct, frozen=True):
    """An operation and its path arguments, decoded."""

    operation: Operation
    arguments: dict[str, str]


class _Node:
    """One level of the tree: the segments that may come next."""

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.verbs: dict[str, _Node] = {}  # by verb after the placeholder; "" for none
        self.operations: dict[str, list[Operation]] = {}  # by HTTP method

    def child(self, segment: str) -> _Node:
        placeholder = _PLACEHOLDER.match(segment)
        if placeholder:
            return self.verbs.setdefault(placeholder[2] or "", _Node())
        return self.literals.setdefault(segment, _Node())


class Router:
    """Routes requests over the operations of the catalogue."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self._names: dict[str, list[str]] = {}
        self._described: list[str] = []
        for operation in operations:
            self._add(operation)

    def _add(self, operation: Operation) -> None:
        node, names = self._root, []
        for segment in operation.path.split("/")[1:]:
            node = node.child(segment)
            placeholder = _PLACEHOLDER.match(segment)
            if placeholder:
                names.append(placeholder[1])
        # Two operations may differ in what a placeholder holds alone: an id is tried first.
        found = node.operations.setdefault(operation.method, [])
        found.append(operation)
        found.sort(key=lambda each: not _ids(each))
        self._names[operation.name] = names
        self._described.append(f"{operation.method} {operation.path}")

    def match(self, method: str, path: str) -> Match | None:
        """The operation at this raw path, or ``None``.

        Raises:
            BadPathError: A segment that would be an argument cannot be decoded.
        """
        found = _walk(self._root, method, path.split("/")[1:], [])
        if found is None:
            return None
        operation, values = found
        names = self._names[operation.name]
        return Match(
            operation, {name: _decode(raw) for name, raw in zip(names, values, strict=True)}
        )

    def nearest(self, method: str, path: str) -> str:
        """The operation that looks most like this request, as method and path."""
        wanted = f"{method} {path[:300]}"
        # Comparing letters takes long: only where words are the same already.
        words = set(_WORDS.findall(wanted))
        alike = nlargest(
            _LOOKED_AT, self._described, lambda each: len(words.intersection(_WORDS.findall(each)))
        )
        return difflib.get_close_matches(wanted, alike, n=1, cutoff=0.0)[0]


def _walk(
    node: _Node, method: str, rest: list[str], values: list[str]
) -> tuple[Operation, list[str]] | None:
    if not rest:
        for operation in node.operations.get(method, ()):
            if operation is node.operations[method][-1] or _fits(operation, values):
                return operation, values
        return None
    segment, rest = rest[0], rest[1:]
    if segment in node.literals:
        found = _walk(node.literals[segment], method, rest, values)
        if found:
            return found
    value, colon, verb = segment.rpartition(":")
    if colon and value and verb in node.verbs:
        found = _walk(node.verbs[verb], method, rest, [*values, value])
        if found:
            return found
    if segment and "" in node.verbs:
        return _walk(node.verbs[""], method, rest, [*values, segment])
    return None


def _ids(operation: Operation) -> list[int]:
    """Which placeholders are ids in digits."""
    kinds = {each.name: each.type for each in operation.parameters}
    names = [part.partition("}")[0] for part in operation.path.split("{")[1:]]
    return [at for at, name in enumerate(names) if kinds[name] == "id"]


def _fits(operation: Operation, values: list[str]) -> bool:
    return all(values[at].isdigit() for at in _ids(operation))


def _decode(segment: str) -> str:
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        raise BadPathError("a path segment is not percent-encoded UTF-8") from None


def raw_path(request_uri: str) -> str:
    """The path of a request target, still encoded, without query.

    It begins with a slash: the web server takes no other form (RFC 9112 3.2.1).
    """
    return request_uri.partition("?")[0]
