"""Operations that are begun with one request and end later."""

from __future__ import annotations

from collections.abc import Mapping

from rblx_oauth.models.base import Model


class OperationError(Model, frozen=True):
    """Why a long-running operation failed.

    Attributes:
        code: A number or a word of Roblox's.
        message: What Roblox says about it.
        details: What else it says, as JSON.
    """

    code: int | str = ""
    message: str = ""
    details: list[object] = []


class Operation(Model, frozen=True):
    """A long-running operation of the second API: under way, failed, or done.

    Attributes:
        path: Names it, at the API that gave it.
        done: Whether it is over, one way or the other.
        error: Why it failed.
        response: What it ended in, as JSON.
        metadata: What else is known, as JSON.
    """

    path: str = ""
    done: bool = False
    error: OperationError | None = None
    response: Mapping[str, object] | None = None
    metadata: Mapping[str, object] | None = None

    @property
    def id(self) -> str:
        """What the operation is asked for by."""
        return self.path.rpartition("/")[2]
