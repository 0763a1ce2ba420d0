"""Following a long-running operation: how often to ask, and what its state means."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import msgspec

from rblx_oauth.core import redact
from rblx_oauth.core.codec import convert
from rblx_oauth.errors import ModerationRejected, OperationFailed, OperationTimeout, ProtocolError
from rblx_oauth.models.assets import Asset, AssetOperation, ModerationState
from rblx_oauth.models.operations import Operation, OperationError

T = TypeVar("T")
R = TypeVar("R", covariant=True)

FIRST, FACTOR, LONGEST = 0.5, 1.5, 5.0


def pauses() -> Iterator[float]:
    """Seconds to wait after the first, second, ... question; the first is asked at once."""
    pause = FIRST
    while True:
        yield pause
        pause = min(pause * FACTOR, LONGEST)


class Answer(Protocol[R]):
    """What Roblox says of an operation: where it stands, and what it ended in."""

    @property
    def path(self) -> str:
        """Names it."""
        ...

    @property
    def done(self) -> bool:
        """Whether it is over, one way or the other."""
        ...

    @property
    def error(self) -> OperationError | None:
        """Why it failed."""
        ...

    @property
    def response(self) -> R | None:
        """What it ended in."""
        ...


class Begun(Protocol):
    """What Roblox says of an operation that a request began."""

    @property
    def id(self) -> str:
        """What it is asked for by; may be empty."""
        ...

    @property
    def done(self) -> bool:
        """Whether it is over already."""
        ...


def name_of(operation: Begun, call: str) -> str:
    """What to ask for an operation by that `call` began. Of one that is over nobody asks.

    Raises:
        ProtocolError: It is under way, and nobody can ask how far.
    """
    if not operation.id and not operation.done:
        raise ProtocolError(
            f"{call}: it is under way, but the answer names no operation to ask about",
            operation=call,
        )
    return operation.id or "-"


def outcome(operation: Answer[T]) -> T | None:
    """What an operation ended in; None while it is under way.

    Raises:
        OperationFailed: It failed; `ModerationRejected` where moderation refused it.
        ProtocolError: It is over and says nothing.
    """
    if not operation.done:
        return None
    if operation.error is not None:
        raise failed(operation.path, operation.error)
    if operation.response is None:
        raise nothing_said(operation.path)
    return operation.response


def asset_outcome(operation: AssetOperation) -> Asset | None:
    """The asset that an upload ended in, as `outcome` says; moderation's word counts, too."""
    if operation.done and _rejected(operation):
        raise rejected(operation.path, operation.error)
    return outcome(operation)


def outcome_as(model: type[T]) -> Callable[[Operation], T | None]:
    """Reads what an operation ended in as a `model`; None while it is under way.

    What it gives raises as `outcome` does, and `ProtocolError` where the result
    is not such a model.
    """

    def read(operation: Operation) -> T | None:
        response = outcome(operation)
        if response is None:
            return None
        try:
            return convert(response, model)
        except msgspec.ValidationError as error:
            path = redact.words(operation.path)
            raise ProtocolError(f"{path}: the result is not as expected: {error}") from None

    return read


def failed(path: str, error: OperationError) -> OperationFailed:
    """The error that an operation ended in."""
    path, code, message = _words(path, error)
    if "moderat" in message.lower():
        return rejected(path, error)
    said = ": ".join(part for part in (code, message) if part)
    return OperationFailed(f"{path} failed ({said})", operation=path, code=code, message=message)


def rejected(path: str, error: OperationError | None = None) -> ModerationRejected:
    """Moderation refused what an operation was to make."""
    path, code, message = _words(path, error)
    return ModerationRejected(
        f"{path}: moderation refused the content; sending it again will not help",
        operation=path,
        code=code,
        message=message,
    )


def timed_out(path: str, timeout: float) -> OperationTimeout:
    """Patience ended."""
    return OperationTimeout(
        f"{path} was still running after {timeout:g} s; it may yet finish", operation=path
    )


def _words(path: str, error: OperationError | None) -> tuple[str, str, str]:
    code, message = (redact.words(error.code), redact.words(error.message)) if error else ("", "")
    return redact.words(path), code, message


def nothing_said(path: str) -> ProtocolError:
    """An operation is over, and nobody knows how."""
    return ProtocolError(
        f"{redact.words(path)}: the operation is done, with neither a result nor an error"
    )


def _rejected(operation: AssetOperation) -> bool:
    results = [each.moderation_result for each in (operation.response, operation.metadata) if each]
    return any(each.state == ModerationState.REJECTED for each in results)
