"""What Roblox says: about itself, the time, the site's credentials. Nothing is changed there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

from flask_ext.cli.checks.finding import Finding, Unknown, error, ok, warning
from flask_ext.cli.checks.site import Site
from rblx_oauth import Client
from rblx_oauth.core.clock import aware
from rblx_oauth.errors import ApiError, DiscoveryError, InvalidClient, TokenError, TransportError
from rblx_oauth.oauth.discovery import read_metadata
from rblx_oauth.oauth.jwks import jwks_request, read_jwks

SKEW, LARGEST_SKEW = 30.0, 300.0
"""Seconds by which clocks may differ: what is forgiven in a token, and what breaks logins."""
SOON = timedelta(days=14)
NO_TOKEN = "doctor"  # noqa: S105 (made up, and no token anywhere)


def scopes(site: Site) -> Iterator[Finding]:
    """People are asked for who they are, by scopes that Roblox knows."""
    if "profile" not in site.settings.scopes:
        yield ok("ROBLOX_SCOPES has no profile: people are known by their id, without a name.")


def provider(site: Site) -> Iterator[Finding]:
    """Roblox is there, is who it should be, and signs with a key that can be checked."""
    now = site.clock.now()
    metadata = read_metadata(site.discovery, issuer=site.settings.issuer, now=now)
    request = jwks_request(metadata.jwks_uri)
    answer = site.oauth.transport.send(request, timeout=site.oauth.timeout)
    if not read_jwks(answer, now=now):
        yield error(
            "The provider lists no key for ES256, so nobody can log in.",
            "Check ROBLOX_ISSUER; else wait for the provider to mend it.",
        )
    yield ok(f"People log in at {site.settings.issuer}")


def clock(site: Site) -> Iterator[Finding]:
    """This machine's clock is right."""
    try:
        date = site.discovery.headers.get("date")
        theirs = parsedate_to_datetime(date or "").timestamp()
    except (TransportError, ValueError):
        raise Unknown("the provider does not say what time it is.") from None
    skew = site.clock.now() - theirs
    if abs(skew) > SKEW:
        yield (error if abs(skew) > LARGEST_SKEW else warning)(
            f"This machine's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}.",
            "Have it set over the network (NTP).",
        )


def client(site: Site) -> Iterator[Finding]:
    """Roblox accepts the client id and secret."""
    if site.settings.client_secret is None:
        raise Unknown("a public client has no secret that could be asked about.")
    try:
        # A question about a token that does not exist: it needs the secret and changes nothing.
        site.oauth.introspect(NO_TOKEN)
    except InvalidClient:
        yield error(
            "Roblox does not accept ROBLOX_CLIENT_ID with ROBLOX_CLIENT_SECRET.",
            "Copy both from the app's page on create.roblox.com; a new secret ends the old one.",
        )
    except (TokenError, DiscoveryError):
        raise Unknown("the provider does not say.") from None


def api_key(site: Site) -> Iterator[Finding]:
    """The API key, if there is one, works."""
    if site.settings.api_key is None:
        return
    with Client(api_key=site.settings.api_key, api_base=site.settings.api_base) as client:
        try:
            info = client.introspect_key()
        except ApiError as refused:
            if refused.status >= 500 or refused.status == 429:
                raise
            yield error(
                "Roblox does not accept ROBLOX_API_KEY.",
                "Copy it anew from create.roblox.com (Open Cloud, API keys).",
            )
            return
    if not info.enabled or info.expired:
        yield error(
            "ROBLOX_API_KEY is switched off or has expired.",
            "Renew it on create.roblox.com (Open Cloud, API keys).",
        )
    elif info.expires_at and info.expires_at - aware(site.clock.now()) < SOON:
        yield warning(
            f"ROBLOX_API_KEY expires on {info.expires_at:%Y-%m-%d}.",
            "Renew it on create.roblox.com (Open Cloud, API keys).",
        )
