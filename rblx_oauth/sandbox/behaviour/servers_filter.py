"""Conditions on the members of what is listed, and orders, as game servers take them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from rblx_oauth.sandbox.clock import parse_rfc3339
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["Condition", "Facts", "ordered", "read_condition"]

Facts = Mapping[str, object]
"""What is compared, by member: text, numbers, truth values, lists; moments and spans in seconds."""

Condition = Callable[[Facts], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>-?\d+(?:\.\d+)?)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<call>(?:timestamp|duration)\(\s*(?:"[^"]*"|'[^']*')\s*\))
      | (?P<word>[A-Za-z_]\w*)
      | (?P<sign>&&|<=|>=|==|<|>|\[|\]|,)
    )""",
    re.VERBOSE,
)
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)s")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
}
_KNOWN = "the filter takes members with && < <= > >= == in, and literals"


def read_condition(text: str, members: Mapping[str, str]) -> Condition:
    """The condition that a filter states; every item meets an empty one.

    Args:
        text: Such as ``occupancy > 10 && status in ["active"]``.
        members: Those that there are, each with what it is: ``time`` is compared with
            timestamps, everything else as it is.

    Raises:
        Refusal: 400, it is no condition on those members.
    """
    if not text.strip():
        return lambda _: True
    tokens = _tokens(text)
    terms = [_term(part, members) for part in _split(tokens, "&&")]
    return lambda facts: all(term(facts) for term in terms)


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise Refusal.invalid(_KNOWN, "Filter")
        tokens.append((match.lastgroup, match[match.lastgroup]))
        at = match.end()
    return tokens


def _split(tokens: list[tuple[str, str]], sign: str) -> list[list[tuple[str, str]]]:
    parts: list[list[tuple[str, str]]] = [[]]
    for token in tokens:
        if token == ("sign", sign):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _term(tokens: list[tuple[str, str]], members: Mapping[str, str]) -> Condition:
    words = [text for _, text in tokens]
    if len(tokens) == 1 and words[0] in members:  # a truth value by itself
        return lambda facts: facts[words[0]] is True
    if len(tokens) == 3 and words[1] == "in" and words[2] in members:
        wanted, name = _literal(tokens[0]), words[2]
        return lambda facts: wanted in _listed(facts[name])
    if len(tokens) < 3 or words[0] not in members:
        raise Refusal.invalid(f"{_KNOWN}; members are {', '.join(members)}", "Filter")
    name, kind = words[0], members[words[0]]
    if words[1] == "in" and words[2] == "[" and words[-1] == "]":
        given = [_one(part, kind) for part in _split(tokens[3:-1], ",")]
        return lambda facts: facts[name] in given
    if len(tokens) == 3 and words[1] in _OPERATORS:
        compare, value = _OPERATORS[words[1]], _one(tokens[2:], kind)
        return lambda facts: _compared(compare, facts[name], value)
    raise Refusal.invalid(_KNOWN, "Filter")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _compared(compare: Callable[[Any, Any], bool], left: object, right: object) -> bool:
    try:
        return compare(left, right)
    except TypeError:
        return False


def _one(tokens: list[tuple[str, str]], kind: str) -> object:
    if len(tokens) != 1:
        raise Refusal.invalid(_KNOWN, "Filter")
    value = _literal(tokens[0])
    return _moment(value) if kind == "time" and isinstance(value, str) else value


def _literal(token: tuple[str, str]) -> object:
    group, text = token
    if group == "number":
        return float(text) if "." in text else int(text)
    if group == "text":
        return text[1:-1]
    if group == "call":
        function, inside = text.rstrip(") ").split("(")
        return (_moment if function == "timestamp" else _span)(inside.strip()[1:-1])
    if text in ("true", "false"):
        return text == "true"
    raise Refusal.invalid(_KNOWN, "Filter")


def _moment(text: str) -> float:
    try:
        return parse_rfc3339(text)
    except ValueError:
        raise Refusal.invalid("a moment in a filter is an RFC 3339 timestamp", "Filter") from None


def _span(text: str) -> float:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise Refusal.invalid("a span in a filter is a number of seconds such as 90s", "Filter")
    return float(match[1])


def ordered(items: list[Facts], text: str, members: Mapping[str, str]) -> list[Facts]:
    """The items in the order that is asked for: as they are unless it is.

    Args:
        items: What is listed.
        text: A member, perhaps followed by ``desc``.
        members: Those that there are.

    Raises:
        Refusal: 400, there is no such member.
    """
    if not text.strip():
        return items
    name, _, direction = text.strip().partition(" ")
    if name not in members or members[name] == "list" or direction not in ("", "asc", "desc"):
        raise Refusal.invalid(f"OrderBy takes one of {', '.join(members)}, and desc", "OrderBy")
    known = [each for each in items if each[name] is not None]
    unknown = [each for each in items if each[name] is None]
    key: Callable[[Facts], Any] = operator.itemgetter(name)
    return sorted(known, key=key, reverse=direction == "desc") + unknown
