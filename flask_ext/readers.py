"""Settings that take more than a glance to read."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask

from flask_ext.source import Source, is_text
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.oauth.scopes import requested_scopes

SHORTEST_WORD = 16
"""Characters of a webhook secret that stands beside another in one string."""
ALLOW_UNKNOWN = "ROBLOX_ALLOW_UNKNOWN_SCOPES=true"


def secret_keys(app: Flask, source: Source) -> tuple[bytes, ...]:
    """``SECRET_KEY`` and its fallbacks, newest first."""
    key, older = app.config.get("SECRET_KEY"), app.config.get("SECRET_KEY_FALLBACKS") or ()
    if not key:
        source.wrong(
            "SECRET_KEY",
            "is not set. It signs the session cookie: make one with "
            "python -c 'import secrets; print(secrets.token_hex())' and keep it secret",
        )
    elif not is_text(key):
        kind = " that is Unicode text" if isinstance(key, str) else f", not {type(key).__name__}"
        source.wrong("SECRET_KEY", f"must be a string{kind}")
    # Of a string, each character would become a key that anybody can guess.
    if not isinstance(older, list | tuple) or not all(map(is_text, older)):
        source.wrong("SECRET_KEY_FALLBACKS", "must be a list of strings")
        older = ()
    keys = (each for each in (key, *older) if each and is_text(each))
    return tuple(each.encode() if isinstance(each, str) else each for each in keys)


def scopes(source: Source, *, allow_unknown: bool) -> tuple[str, ...]:
    """``ROBLOX_SCOPES``, with ``openid`` first."""
    named = [str(name) for name in source.words("SCOPES", ("openid", "profile"))]
    try:
        return requested_scopes(named, allow_unknown=allow_unknown, remedy=ALLOW_UNKNOWN)
    except ConfigurationError as error:
        source.wrong("ROBLOX_SCOPES", f"cannot be asked for: {error}")
        return ()


def webhook_secrets(source: Source) -> tuple[str, ...]:
    """``ROBLOX_WEBHOOK_SECRET``: each as Roblox was given it."""
    given = source.words("WEBHOOK_SECRET")
    secrets = tuple(each for each in given if isinstance(each, str) and each)
    raw = source.raw("WEBHOOK_SECRET")
    if len(secrets) < len(given) or (not secrets and raw is not None):
        source.wrong("ROBLOX_WEBHOOK_SECRET", "must be a string, or a list of strings, none empty")
    # Each word of a pass phrase would be a secret that anybody can guess.
    if isinstance(raw, str) and len(secrets) > 1 and len(min(secrets, key=len)) < SHORTEST_WORD:
        source.wrong(
            "ROBLOX_WEBHOOK_SECRET",
            f"has words of less than {SHORTEST_WORD} characters. Between spaces or commas stand "
            "several secrets: if it is one, put it into a list in app.config, or take another",
        )
    return secrets


def clear_site_data(source: Source) -> str:
    """``ROBLOX_CLEAR_SITE_DATA``, where set to nothing: no header."""
    if source.is_blank("CLEAR_SITE_DATA"):
        return ""
    value = source.text("CLEAR_SITE_DATA", '"cache", "storage"')
    # Clear Site Data 3.1. Browsers pass over what is not quoted without a word.
    if not re.fullmatch(r'"[\w*-]+"( *, *"[\w*-]+")*', value, re.ASCII):
        source.wrong(
            "ROBLOX_CLEAR_SITE_DATA",
            'must be words in double quotes between commas, as in "cache", "storage"; or empty, '
            "to send none",
        )
    return value


def default_store(app: Flask) -> str:
    """SQLite in the instance folder, which is made if need be."""
    folder = Path(app.instance_path)
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(folder / 'roblox_oauth.db').as_posix()}"


def url_prefix(source: Source) -> str:
    """``ROBLOX_URL_PREFIX``, without a slash at its end."""
    prefix = source.text("URL_PREFIX", "/roblox").rstrip("/")
    if prefix and not prefix.startswith("/"):
        source.wrong("ROBLOX_URL_PREFIX", "must begin with a slash, as in /roblox")
    return prefix
