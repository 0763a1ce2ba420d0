"""Whatever an operation is given: it refuses, or it makes a call that can be sent."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from rblx_oauth import models
from rblx_oauth.catalog import Operation, operations
from rblx_oauth.core.call import Call
from rblx_oauth.core.message import FilePart, Multipart
from rblx_oauth.core.multipart import frame
from tests.api import examples

ITSELF: list[object] = []
ITSELF.append(ITSELF)


class Odd(str):
    """Text that is printed as something else."""

    def __str__(self) -> str:
        return "a\r\nb: c"


JUNK: dict[str, Any] = {
    "object": object(),
    "bytes": b"x",
    "nan": math.nan,
    "infinite": math.inf,
    "surrogate": "\ud800",
    "broken line": "a\r\nb: c",
    "odd": Odd("a"),
    "empty": "",
    "huge": 10**5000,
    "negative": -1,
    "true": True,
    "complex": 1j,
    "set": {1},
    "naive": datetime(2026, 1, 1),  # noqa: DTZ001 (that is what is wrong with it)
    "past": timedelta(-1),
    "long": timedelta.max,
    "itself": ITSELF,
    "deep": [[{"a": [{"\ud800": (object(),)}]}]],
    "keys": {1: 2, None: 3},
    "lone key": {"\ud800": 1},
    "empty list": [],
    "empty mapping": {},
    "class": dict,
    "model": models.Money(currency_code="\ud800"),
    "none inside": [None],
    "endless": range(-1, 2),
}


@pytest.mark.parametrize("operation", operations().values(), ids=operations())
def test_junk_is_refused_or_sent(operation: Operation) -> None:
    """For every argument and every kind of junk: ValueError, TypeError, or a call as any other."""
    function = examples.function(operation)
    good = examples.arguments(operation, everything=True)
    for parameter in operation.parameters:
        for junk in [*JUNK.values(), *([None] if parameter.required else [])]:
            made = attempt(function, good | {parameter.name: junk})
            if isinstance(made, Call):
                check_can_be_sent(made)
            else:
                assert parameter.name in str(made)


def attempt(function: Callable[..., Call[Any]], given: dict[str, Any]) -> Call[Any] | Exception:
    """The call, or why there is none."""
    try:
        return function(**given)
    except (TypeError, ValueError) as error:
        return error


def check_can_be_sent(call: Call[Any]) -> None:
    """Its target, headers and body are what HTTP can carry."""
    assert call.target.isascii()
    assert call.target.isprintable()
    assert " " not in call.target
    for name, value in call.headers:
        assert (name + value).isascii()
        assert (name + value).isprintable()
    if isinstance(call.body, Multipart | FilePart):
        frame(call.body)
    else:
        assert isinstance(call.body, bytes | None)


@pytest.mark.parametrize("operation", operations().values(), ids=operations())
def test_what_is_needed_must_be_given(operation: Operation) -> None:
    """A required argument that is left out, or one that nobody asked for, is a TypeError."""
    function = examples.function(operation)
    good = examples.arguments(operation, everything=False)
    for parameter in operation.parameters:
        if parameter.required:
            with pytest.raises(TypeError, match=parameter.name):
                function(**{name: each for name, each in good.items() if name != parameter.name})
    with pytest.raises(TypeError, match="unheard_of"):
        function(**good, unheard_of=1)
