"""The site that a command is for, and its errors as sentences."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import Flask
from flask.cli import ScriptInfo

from flask_ext.starting import Refusal, store_left_alone
from flask_ext.state import state_of
from rblx_oauth.errors import RobloxError


def configured_site() -> Flask:
    """The app as `RobloxOAuth.init_app` was given it, even if it cannot start.

    Its store is neither looked at nor made.

    Raises:
        ClickException: There is no app, or it has no RobloxOAuth.
        Exception: Whatever else the site's own code raises.
    """
    info = click.get_current_context().ensure_object(ScriptInfo)
    try:
        with store_left_alone():
            app = info.load_app()
    except Refusal as refusal:
        return refusal.app
    with told():
        state_of(app)
    return app


@contextmanager
def told() -> Iterator[None]:
    """End the command with status 1 and one sentence where the block fails as foreseen."""
    try:
        yield
    except RobloxError as error:
        raise click.ClickException(str(error)) from None
