"""The doctor's checks. A check's docstring is what holds when it finds nothing wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec import structs

from flask_ext.cli.checks import encryption, keeping, provider, web
from flask_ext.cli.checks.finding import Finding, Unknown, error, ok
from flask_ext.cli.checks.site import Site
from rblx_oauth.errors import ConfigurationError, RobloxError

Check = Callable[[Site], Iterator[Finding]]

HERE: tuple[Check, ...] = (
    web.mode,
    web.redirect_uri,
    web.hosts,
    web.proxy,
    web.cookies,
    web.webhook,
    provider.scopes,
    keeping.keys,
    keeping.store,
    encryption.encryption,
    keeping.sealed,
    keeping.sessions,
)
ONLINE: tuple[Check, ...] = (provider.provider, provider.clock, provider.client, provider.api_key)


def settings(site: Site) -> Iterator[Finding]:
    """Every setting is there and well-formed."""
    for problem in site.problems:
        yield error(problem, "")


def examine(site: Site, *, offline: bool = False) -> Iterator[Finding]:
    """Everything there is to say about a site, check by check.

    Args:
        site: The site.
        offline: Ask Roblox nothing.
    """
    for check in (settings, *HERE, *(() if offline else ONLINE)):
        for found in _findings(check, site):
            yield structs.replace(found, check=check.__name__)


def _findings(check: Check, site: Site) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(check(site))
    except Unknown as reason:
        return [ok(f"Not known: {reason}")]
    except RobloxError as problem:
        # What follows from wrong settings is told once, by `settings`.
        if site.problems and isinstance(problem, ConfigurationError):
            return [ok("Not known: settings are wrong.")]
        found.append(error(str(problem), ""))
    if all(each.level == "ok" for each in found):
        found.insert(0, ok((check.__doc__ or "").partition("\n")[0]))
    return found
