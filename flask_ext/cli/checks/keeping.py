"""What the site keeps: its keys, its store, how long people stay logged in."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from flask_ext.cli.checks.finding import Finding, Unknown, error, ok, warning
from flask_ext.cli.checks.site import Site
from flask_ext.config import DAY
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import ConfigurationError, StoreError
from rblx_oauth.oauth.renewal import REFRESH_TOKEN_SECONDS
from rblx_oauth.stores import Store

PLACEHOLDERS = ("secret", "change", "password", "example", "default", "insecure", "placeholder")
"""Words that no random key has in it, by any chance worth naming."""
SHORTEST, SHORT = 16, 32
"""Bytes of a ``SECRET_KEY`` below which it can be guessed, or is weaker than it need be."""
FEWEST_DIFFERENT = 8
MANY_KEYS = 4
SAMPLE = 500
KIND = "doctor"


def keys(site: Site) -> Iterator[Finding]:
    """Keys are long, random and few."""
    for number, key in enumerate(site.settings.secret_keys):
        name = f"SECRET_KEY_FALLBACKS[{number - 1}]" if number else "SECRET_KEY"
        if _is_guessable(key):
            yield error(
                f"{name} can be guessed, and with it anybody can sign cookies.",
                "Make another: python -c 'import secrets; print(secrets.token_hex())'",
            )
        elif len(key) < SHORT:
            yield warning(
                f"{name} has {len(key)} bytes.", f"Use {SHORT} or more: secrets.token_hex()."
            )
    token_keys = site.settings.token_keys
    if any(len(set(key)) < FEWEST_DIFFERENT for key in token_keys):
        yield error("A key of ROBLOX_TOKEN_KEYS is not random.", "Make one: rblx-oauth new-key")
    if any(_is_guessable(each.encode()) for each in site.settings.webhook_secrets):
        yield error(
            "A secret of ROBLOX_WEBHOOK_SECRET can be guessed, and with it anybody can send "
            "notifications.",
            "Make another, here and at Roblox: python -c 'import secrets; "
            "print(secrets.token_hex())'",
        )
    if len(token_keys) >= MANY_KEYS:
        yield warning(
            f"{len(token_keys) - 1} old keys are still accepted.",
            "Run flask roblox rotate-keys, then take them out.",
        )
    if site.settings.token_keys_are_derived:
        yield ok("Tokens are encrypted with keys made from SECRET_KEY, and rotate with it.")


def _is_guessable(key: bytes) -> bool:
    if len(key) < SHORTEST or len(set(key)) < FEWEST_DIFFERENT:
        return True
    text = key.decode(errors="replace").lower()
    return any(word in text for word in PLACEHOLDERS)


def store(site: Site) -> Iterator[Finding]:
    """The store can be reached, read and written."""
    url = site.settings.store_url
    kind = url.partition(":")[0].partition("+")[0]
    if kind == "memory":
        yield (error if site.https else warning)(
            "memory:// forgets every login when a process ends, and each worker has its own.",
            "Set ROBLOX_STORE_URL to a database.",
        )
        return
    if kind == "sqlite":
        yield from _file(url)
    now = site.clock.now()
    probe = Record(KIND, secrets.token_hex(16), "", b"", now, now, now + 60)
    site.store.add_record(probe)
    if site.store.take_record(KIND, probe.id, now=now) != probe:
        yield error("The store does not give back what was written.", "Look after the database.")
    for weakness in site.store.weaknesses():
        yield warning(weakness, "Change that in the set-up of the store.")
    if kind == "sqlite":
        yield ok("SQLite serves the processes of one machine. For several, use a server.")


def _file(url: str) -> Iterator[Finding]:
    path = Path(url.partition(":///")[2])
    mode = path.stat().st_mode if path.exists() else 0
    if mode & 0o007:
        yield error(
            "Every user of this machine can open the store's file.", "chmod 600 it, and its -wal."
        )
    elif mode & 0o070:
        yield warning("A group can open the store's file.", "chmod 600 it, if that is not meant.")


def sealed(site: Site) -> Iterator[Finding]:
    """What is stored can be opened, and is under the newest key."""
    try:
        names = _sample(site.store, now=site.clock.now())
    except (ConfigurationError, StoreError):
        raise Unknown("the store cannot be read.") from None
    vault = site.store.vault
    for name, count in sorted(names.items()):
        if name not in vault.key_ids:
            yield error(
                f"{count} of the rows looked at are under key {name}, which is not here.",
                "Put that key back behind the newest, then run flask roblox rotate-keys.",
            )
        elif name != vault.key_ids[0]:
            yield warning(
                f"{count} of the rows looked at are under an old key.",
                "Run flask roblox rotate-keys before you take old keys out.",
            )


def _sample(store: Store, *, now: float) -> Counter[str]:
    """How many of some rows are under which key."""
    grants = [row.sealed for row in store.list_grants(limit=SAMPLE) if row.status == "live"]
    records = [row.payload for row in store.scan_records(limit=SAMPLE) if row.expires_at > now]
    return Counter(name for each in grants + records if (name := store.vault.key_id(each)))


def sessions(site: Site) -> Iterator[Finding]:
    """Sessions end in good time."""
    idle, lifetime = site.settings.session_idle, site.settings.session_lifetime
    if idle > lifetime:
        yield warning(
            "ROBLOX_SESSION_IDLE is longer than ROBLOX_SESSION_LIFETIME, so it never counts.",
            "Make it shorter.",
        )
    if lifetime > REFRESH_TOKEN_SECONDS:
        yield warning(
            f"ROBLOX_SESSION_LIFETIME is over {REFRESH_TOKEN_SECONDS / DAY:.0f} days, the longest "
            "that Roblox lets a token rest.",
            "Make it shorter.",
        )
    if min(idle, lifetime) < 60:
        yield warning(
            "Sessions end within a minute.", "ROBLOX_SESSION_IDLE and _LIFETIME are in seconds."
        )
