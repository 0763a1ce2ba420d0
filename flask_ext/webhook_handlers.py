"""What a site wants to be told of: functions by type of notification."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeAlias, TypeVar

from flask import current_app

from rblx_oauth.core.clock import Clock
from rblx_oauth.core.logs import fields
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.webhooks import Notification

Handler: TypeAlias = Callable[[Notification], object]
"""Called with the notification; what it returns counts for nothing. It may be ``async``."""

H = TypeVar("H", bound=Handler)

EVERY = "*"
SLOW_SECONDS = 4.0
"""Of the five that Roblox waits for an answer."""

log = logging.getLogger(__name__)


class WebhookHandlers:
    """Handlers in the order in which they were registered, for every app that shares them.

    These are definitions, as views of a blueprint are: nothing of an app is in
    them, and a handler finds its app by ``current_app``.
    """

    def __init__(self) -> None:
        self._known: list[tuple[str, Handler]] = []

    def register(self, types: Sequence[object]) -> Callable[[H], H]:
        """The decorator that registers a handler for `types`.

        Raises:
            ConfigurationError: No type is named, as where the parentheses were forgotten.
        """
        names = [each for each in types if isinstance(each, str) and each]
        if not names or len(names) < len(types):
            raise ConfigurationError(
                "on_webhook needs the names of what to handle, as in "
                '@roblox.on_webhook("RightToErasureRequest"), or "*" for everything'
            )

        def add(handler: H) -> H:
            self._known += ((each, handler) for each in names)
            return handler

        return add

    def of(self, kind: str) -> list[Handler]:
        """The handlers of a type, each once."""
        return list(dict.fromkeys(known for name, known in self._known if name in (kind, EVERY)))

    def names(self, kind: str) -> bool:
        """Whether some handler was registered for this very type."""
        return any(name == kind for name, _ in self._known)

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self._known)


def run(handlers: Sequence[Handler], notification: Notification, clock: Clock) -> bool:
    """Call each handler, whatever became of the others; whether all went well."""
    began = clock.monotonic()
    failed = [each for each in handlers if not _ran(each, notification)]
    seconds = clock.monotonic() - began
    if seconds > SLOW_SECONDS:
        log.warning(
            "the handlers of a webhook took %.1f s, and Roblox waits 5: put what takes long "
            "into a queue (%s)",
            seconds,
            ", ".join(map(_name, handlers)),
            extra=fields("webhook.slow", seconds=seconds),
        )
    return not failed


def _ran(handler: Handler, notification: Notification) -> bool:
    try:
        current_app.ensure_sync(handler)(notification)
    except Exception:
        log.exception(
            "a webhook handler failed (%s); Roblox is told, and will send it again",
            _name(handler),
            extra=fields("webhook.handler_failed", handler=_name(handler)),
        )
        return False
    return True


def _name(handler: Handler) -> str:
    return str(getattr(handler, "__qualname__", type(handler).__name__))
