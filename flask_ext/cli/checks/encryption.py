"""The way to the store: whether somebody on it could listen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

from flask_ext.cli.checks.finding import Finding, warning
from flask_ext.cli.checks.site import Site
from rblx_oauth.core.url import is_loopback

_REMEDIES = {
    "redis": "Use rediss:// in its URL.",
    "postgresql": "Add sslmode=verify-full to its URL, with sslrootcert=system or a file.",
    "mysql": "Add ssl_ca=FILE and ssl_verify_identity=true to its URL.",
    "mariadb": "Add ssl_ca=FILE and ssl_verify_identity=true to its URL.",
}


def encryption(site: Site) -> Iterator[Finding]:
    """What goes to the store over a network is encrypted."""
    parts = urlsplit(site.settings.store_url)
    kind = parts.scheme.partition("+")[0]
    given = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    hosts = parts.netloc.rpartition("@")[2].split(",") + given.get("host", "").split(",")
    if kind in _REMEDIES and any(map(_is_elsewhere, hosts)) and not _is_encrypted(kind, given):
        yield warning(
            "The store is on another machine, and what goes there may not be encrypted.",
            _REMEDIES[kind],
        )


def _is_elsewhere(place: str) -> bool:
    """Whether a host, with its port or without, is another machine; a path is a socket on this."""
    host = urlsplit(f"//{place}").hostname
    return bool(host) and not is_loopback(str(host))


def _is_encrypted(kind: str, given: Mapping[str, str]) -> bool:
    """Whether a server without TLS, or somebody who says so in its name, is refused."""
    if kind == "postgresql":
        return given.get("sslmode") in ("require", "verify-ca", "verify-full")
    chosen = {name: value for name, value in given.items() if name.startswith("ssl_")}
    disabled = chosen.get("ssl_disabled", "false").lower() in ("true", "1", "yes")
    return kind != "redis" and bool(chosen) and not disabled
