"""One request to Open Cloud on its way through the sandbox, and what answers it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from flask import Request

from rblx_oauth.catalog import Operation
from rblx_oauth.sandbox.callers import Caller
from rblx_oauth.sandbox.routing import Match
from rblx_oauth.sandbox.state import State

__all__ = ["Behaviour", "Creator", "Exchange"]


class Creator(msgspec.Struct, frozen=True):
    """The creator an exchange is about: ``U123`` or ``G456``."""

    id: str


class Exchange:
    """One request on its way through the chain.

    Attributes:
        state: The sandbox's state.
        request: Flask's request.
        operation: What was asked for.
        arguments: The path's arguments, decoded, by their Python names.
        behaviour: What will answer; ``None`` where the sandbox has nothing yet.
        caller: Who asks; set by `check_credentials`.
        headers: What the steps add to the answer's headers.
    """

    caller: Caller

    def __init__(
        self, state: State, request: Request, match: Match, behaviour: Behaviour | None
    ) -> None:
        self.state = state
        self.request = request
        self.operation: Operation = match.operation
        self.arguments = match.arguments
        self.behaviour = behaviour
        self.headers: dict[str, str] = {}


class Behaviour(msgspec.Struct, frozen=True):
    """How the sandbox answers one operation.

    Attributes:
        answer: Does the work; returns what becomes the JSON body.
        creator: For operations on a creator's things: finds out whose they are.
        any_universe: Whether the universe in the path may be anybody's.
        made_up: Whether it answers from the request alone, with nothing kept behind it.
    """

    answer: Callable[[Exchange], object]
    creator: Callable[[Exchange], Creator] | None = None
    any_universe: bool = False
    made_up: bool = False
