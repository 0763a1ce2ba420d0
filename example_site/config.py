"""What the site sets for itself. What Roblox needs comes from ``ROBLOX_*`` in the environment."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final
from urllib.parse import urlsplit

from flask import Flask

MEGABYTE: Final = 1024 * 1024
LARGEST_PICTURE: Final = 20 * MEGABYTE
"""Bytes; Roblox takes no larger one."""
LOOPBACK: Final = ["localhost", "127.0.0.1"]

DEFAULTS: Final[dict[str, object]] = {
    # Roblox asks for more when a page needs more: see ``views/announcements.py``.
    "ROBLOX_SCOPES": "openid profile",
    # The picture and the rest of its form.
    "MAX_CONTENT_LENGTH": LARGEST_PICTURE + MEGABYTE // 2,
    # A value of a data store has up to 4 MB, and a form's encoding can make it three times that.
    "MAX_FORM_MEMORY_SIZE": 13 * MEGABYTE,
    "SESSION_COOKIE_NAME": "backstage",
    "SESSION_COOKIE_SAMESITE": "Lax",
}


def set_secret_keys(app: Flask, instance: Path) -> None:
    """Take them from the environment, where several machines share them; or make one to keep."""
    app.config["SECRET_KEY"] = (
        app.config["SECRET_KEY"] or os.environ.get("SECRET_KEY") or _kept_secret_key(instance)
    )
    app.config["SECRET_KEY_FALLBACKS"] = (
        app.config["SECRET_KEY_FALLBACKS"] or os.environ.get("SECRET_KEY_FALLBACKS", "").split()
    )


def _kept_secret_key(instance: Path) -> str:
    """The site's secret key, made at the first start and kept in the instance folder."""
    path = instance / "secret_key"
    if not path.exists():
        # Whole from its first moment: of several workers that begin, one makes it, all read it.
        with NamedTemporaryFile("w", dir=instance) as file:  # for its owner alone
            file.write(secrets.token_hex())
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()


def setting(app: Flask, name: str) -> str:
    """One of the ``ROBLOX_*`` settings: from ``app.config``, else from the environment."""
    return str(app.config.get(name) or os.environ.get(name) or "")


def public_host(app: Flask) -> str:
    """Host and port that browsers know this site by: those of its redirect URI."""
    return urlsplit(setting(app, "ROBLOX_REDIRECT_URI")).netloc
