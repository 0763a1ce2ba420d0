"""Checks of a request's parameters that the catalogue's facts are enough for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from rblx_oauth.catalog import Parameter
from rblx_oauth.core.codec import convert
from rblx_oauth.sandbox.clock import parse_rfc3339
from rblx_oauth.sandbox.examples import type_of
from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["check_body", "check_parameters"]

_INT64 = 2**63
_DURATION = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?s")
_SPECIAL = {"entry_value", "users", "attributes", "mask", "id", "file", "list[file]"}


def check_parameters(exchange: Exchange) -> None:
    """400 unless path, query and headers are of their types, and none that is needed lacks."""
    request = exchange.request
    for each in exchange.operation.parameters:
        if each.place == "path":
            _check(each, exchange.arguments[each.name])
        elif each.place in ("query", "header"):
            source: Any = request.args if each.place == "query" else request.headers
            values = source.getlist(each.wire)
            if each.required and not any(values):
                raise Refusal.invalid(f"{each.wire} is needed", each.wire)
            if each.place == "header" and each.type.startswith("list["):
                continue  # written as JSON or with commas: its behaviour reads it
            for value in filter(None, values):
                _check(each, value)


def _check(parameter: Parameter, text: str) -> None:
    kind = parameter.type
    if kind.startswith("list["):
        kind = kind[5:-1]
    objection = _CHECKS.get(kind, _any)(text)
    if objection:
        raise Refusal.invalid(f"{parameter.wire} must be {objection}", parameter.wire)
    if parameter.max_length and len(text.partition("@")[0]) > parameter.max_length:
        most = f"{parameter.wire} has {parameter.max_length} characters at most"
        raise Refusal.invalid(most, parameter.wire)
    if parameter.values and text not in {str(value) for value in parameter.values}:
        raise Refusal.invalid(f"{parameter.wire} is not one of its words", parameter.wire)


def _any(text: str) -> str:  # noqa: ARG001
    return ""


def _integer(text: str) -> str:
    digits = text.removeprefix("-")
    good = digits.isascii() and digits.isdigit() and len(digits) < 20 and int(digits) < _INT64
    return "" if good else "a whole number of 64 bits"


def _id(text: str) -> str:
    # A dash stands for any group or scope in a path.
    return "" if text == "-" or not (_integer(text) or text.startswith("-")) else "an id, in digits"


def _boolean(text: str) -> str:
    return "" if text.lower() in ("true", "false") else "true or false"


def _timestamp(text: str) -> str:
    try:
        parse_rfc3339(text)
    except ValueError:
        return "an RFC 3339 timestamp"
    return ""


def _duration(text: str) -> str:
    return "" if _DURATION.fullmatch(text) else "a number of seconds such as 1.5s"


_CHECKS: Mapping[str, Callable[[str], str]] = {
    "integer": _integer,
    "id": _id,
    "boolean": _boolean,
    "timestamp": _timestamp,
    "duration": _duration,
}


def check_body(exchange: Exchange) -> None:
    """400 unless the body has every member that is needed, each of its type."""
    operation = exchange.operation
    members = [each for each in operation.parameters if each.place == "json"]
    whole = [each for each in operation.parameters if each.place == "body"]
    parts = [each for each in operation.parameters if each.place == "part"]
    if members:
        _check_members(members, json_body(exchange.request, dict[str, object]))
    elif parts:
        _check_parts(parts, exchange)
    elif whole and whole[0].type != "file":
        content = json_body(exchange.request, object)
        _convert(whole[0], content)


def _check_members(members: list[Parameter], body: Mapping[str, object]) -> None:
    for each in members:
        value = body.get(each.wire)
        if value is None:
            if each.required:
                raise Refusal.invalid(f"{each.wire} is needed")
        else:
            _convert(each, value)


def _convert(parameter: Parameter, value: object) -> None:
    if parameter.type in _SPECIAL:
        return
    try:
        convert(value, type_of(parameter.type))
    except (msgspec.ValidationError, ValueError) as error:
        raise Refusal.invalid(f"{parameter.wire}: {error}") from None


def _check_parts(parts: list[Parameter], exchange: Exchange) -> None:
    request = exchange.request
    if request.mimetype != "multipart/form-data":
        raise Refusal.invalid("the body must be multipart/form-data")
    for each in parts:
        given = request.files if "file" in each.type else request.form
        if each.required and not given.get(each.wire):
            raise Refusal.invalid(f"the form needs a part named {each.wire}")
        text = request.form.get(each.wire)
        if text and each.type in _CHECKS:
            _check(each, text)
