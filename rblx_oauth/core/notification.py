"""What a notification says, checked before it is sent."""

from __future__ import annotations

from collections.abc import Mapping

from rblx_oauth.core.arguments import string, text, whole
from rblx_oauth.models.generated.notifications import (
    NotificationAnalytics,
    NotificationJoin,
    NotificationParameter,
    NotificationPayload,
    NotificationPayloadType,
)

LAUNCH_DATA = 200
"""Bytes that launch data may have."""


def payload(
    message_id: str,
    parameters: Mapping[str, str | int] | None,
    launch_data: str | None,
    category: str | None,
) -> NotificationPayload:
    """A notification: a template, and what goes into its gaps.

    Raises:
        TypeError: An argument is of another type.
        ValueError: One is empty, or the launch data is over its limit.
    """
    if parameters is not None and not isinstance(parameters, Mapping):
        raise TypeError(f"parameters must be a mapping, not {type(parameters).__name__}")
    values = {name: _parameter(name, value) for name, value in (parameters or {}).items()}
    if launch_data is not None:
        size = len(text("launch_data", launch_data).encode())
        if size > LAUNCH_DATA:
            raise ValueError(f"launch_data takes {size} bytes; the limit is {LAUNCH_DATA}")
    return NotificationPayload(
        type=NotificationPayloadType.MOMENT,
        message_id=text("message_id", message_id),
        parameters=values or None,
        join_experience=None if launch_data is None else NotificationJoin(launch_data=launch_data),
        analytics_data=(
            None if category is None else NotificationAnalytics(category=text("category", category))
        ),
    )


def _parameter(name: str, value: str | int) -> NotificationParameter:
    label = f"parameters[{text('a name in parameters', name)!r}]"
    if isinstance(value, str):
        return NotificationParameter(string_value=string(label, value))
    return NotificationParameter(int64_value=whole(label, value))
