"""What every kind of fault is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

import msgspec
from flask import Request, Response

if TYPE_CHECKING:
    from threading import Event

    from rblx_oauth.sandbox.state import State

__all__ = ["LONGEST", "Kind", "Seconds"]

LONGEST = 60.0
"""Seconds: no fault keeps anyone waiting for longer."""

Seconds = Annotated[float, msgspec.Meta(ge=0, le=LONGEST)]


class Kind(msgspec.Struct, forbid_unknown_fields=True):
    """One kind of fault; its fields are its options.

    Attributes:
        name: ``f01`` to ``f20``.
        summary: What it does, in one line.
        times: How many requests it strikes unless told; ``None``: until it is cleared.
        only_at: The OAuth endpoints where alone it happens; empty for everywhere.
        by_request: Whether it strikes requests. The one that does not lasts for a time.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    times: ClassVar[int | None] = 1
    only_at: ClassVar[frozenset[str]] = frozenset()
    by_request: ClassVar[bool] = True

    def concerns(self, state: State, request: Request) -> bool:  # noqa: ARG002
        """Whether it can happen to this request, beyond where the request goes."""
        return True

    def before(self, state: State, request: Request) -> Response | None:  # noqa: ARG002
        """Act before the request is carried out; an answer stands in its place."""
        return None

    def after(self, response: Response, over: Event) -> Response:  # noqa: ARG002
        """What is sent in place of the answer.

        Args:
            response: The answer.
            over: Set once the fault is cleared: whoever waits then stops waiting.
        """
        return response
