"""Following a long-running operation: how often to ask, and what its state means."""

from __future__ import annotations

from collections.abc import Iterator

from rblx_oauth.core import redact
from rblx_oauth.errors import ModerationRejected, OperationFailed, OperationTimeout, ProtocolError
from rblx_oauth.models import Asset, AssetOperation, ModerationState

FIRST, FACTOR, LONGEST = 0.5, 1.5, 5.0


def pauses() -> Iterator[float]:
    """Seconds to wait after the first, second, ... question; the first is asked at once."""
    pause = FIRST
    while True:
        yield pause
        pause = min(pause * FACTOR, LONGEST)


def outcome(operation: AssetOperation) -> Asset | None:
    """The asset that an operation ended in; None while it is under way.

    Raises:
        ModerationRejected: Moderation refused the content.
        OperationFailed: It failed otherwise.
        ProtocolError: It is over and says nothing.
    """
    if not operation.done:
        return None
    error, asset = operation.error, operation.response
    path = redact.words(operation.path)
    code, message = (redact.words(error.code), redact.words(error.message)) if error else ("", "")
    if _rejected(operation):
        raise ModerationRejected(
            f"{path}: moderation refused the content; sending it again will not help",
            operation=path,
            code=code,
            message=message,
        )
    if error is not None:
        said = ": ".join(part for part in (code, message) if part)
        raise OperationFailed(f"{path} failed ({said})", operation=path, code=code, message=message)
    if asset is None:
        raise ProtocolError(
            "get_asset_operation: the operation is done, with neither a result nor an error",
            operation="get_asset_operation",
        )
    return asset


def timed_out(path: str, timeout: float) -> OperationTimeout:
    """Patience ended."""
    return OperationTimeout(
        f"{path} was still running after {timeout:g} s; it may yet finish", operation=path
    )


def _rejected(operation: AssetOperation) -> bool:
    results = [each.moderation_result for each in (operation.response, operation.metadata) if each]
    if any(each.state == ModerationState.REJECTED for each in results):
        return True
    return operation.error is not None and "moderat" in operation.error.message.lower()
