"""How a site that cannot start says so: one sentence, wherever it is started from.

`RobloxOAuth.init_app` raises errors of `rblx_oauth.errors`, as anybody may
catch them. So that an operator reads the sentence and no traceback, they are
also of the kinds that Flask's command line and gunicorn print.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from click import ClickException
from flask import Flask

from rblx_oauth.errors import ConfigurationError, RobloxError, StoreError

_STORE_IS_CHECKED = ContextVar("roblox_store_is_checked", default=True)


class Refusal(ClickException, RuntimeError):
    """Mixed into what stops an app from starting.

    Click prints a `ClickException` after ``Error:`` and ends with status 1;
    gunicorn does so with a `RuntimeError` of an app that it preloads.

    Attributes:
        app: The app, with its configuration as it was.
    """

    app: Flask


@contextmanager
def refusing(app: Flask) -> Iterator[None]:
    """Raise errors of the block as refusals of `app`.

    Raises:
        ConfigurationError, StoreError: As in the block; a `Refusal` too.
    """
    try:
        yield
    except (ConfigurationError, StoreError) as error:
        refusal = _kind(type(error))(f"RobloxOAuth cannot start: {error}")
        refusal.app = app
        raise refusal from None


@contextmanager
def store_left_alone() -> Iterator[None]:
    """Let an app start in this block without its store: for commands that see to the store."""
    reset = _STORE_IS_CHECKED.set(False)
    try:
        yield
    finally:
        _STORE_IS_CHECKED.reset(reset)


def store_is_checked() -> bool:
    """Whether an app that starts now must find its store in order."""
    return _STORE_IS_CHECKED.get()


def _kind(error: type[RobloxError]) -> type[Refusal]:
    # A worker of gunicorn that cannot load its app logs a traceback, unless the error is this.
    gunicorn = sys.modules.get("gunicorn.errors")
    more = (gunicorn.AppImportError,) if gunicorn else ()
    return type(error.__name__, (Refusal, error, *more), {"__doc__": error.__doc__})
