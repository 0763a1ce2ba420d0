"""What the site shows to the web: its mode, address, hosts, proxies and cookies."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from flask_ext.cli.checks.finding import Finding, Unknown, error, ok, warning
from flask_ext.cli.checks.site import Site
from rblx_oauth.core.url import is_loopback

NOT_PUBLIC = (".local", ".internal", ".lan", ".test", ".example", ".invalid", "example.com")
MOST_LAYERS = 50


def mode(site: Site) -> Iterator[Finding]:
    """The app runs as it should for people outside."""
    config = site.app.config
    if site.app.debug and site.https:
        yield error(
            "DEBUG is on, with an address for the public: its pages show source and variables.",
            "Start it without --debug and without FLASK_DEBUG.",
        )
    if site.app.testing:
        yield warning("TESTING is on: errors of views are not handled.", "Take TESTING out.")
    if site.https and config["PREFERRED_URL_SCHEME"] != "https":
        yield warning(
            "Links that are made outside a request begin with http.",
            'Set PREFERRED_URL_SCHEME = "https".',
        )


def redirect_uri(site: Site) -> Iterator[Finding]:
    """Roblox can send people back to ROBLOX_REDIRECT_URI."""
    host = urlsplit(site.settings.redirect_uri).hostname or ""
    if not host:
        raise Unknown("ROBLOX_REDIRECT_URI is not set.")
    if is_loopback(host):
        yield warning(
            "ROBLOX_REDIRECT_URI is on this machine: only browsers on it can log in.",
            "For a public site, register an https address at Roblox and set it here.",
        )
    elif _is_address(host):
        yield warning(
            "ROBLOX_REDIRECT_URI names its host by a number.",
            "Use the name that people know the site by, at Roblox and here.",
        )
    elif "." not in host or host.endswith(NOT_PUBLIC):
        yield warning(
            f"{host} is not a name that browsers elsewhere can find.",
            "Set ROBLOX_REDIRECT_URI to the public address that is registered at Roblox.",
        )
    path = urlsplit(site.settings.redirect_uri).path
    below = path.removesuffix(f"{site.settings.url_prefix}/callback")
    if below:
        yield ok(f"The site must be mounted below {below} (SCRIPT_NAME, or X-Forwarded-Prefix).")


def hosts(site: Site) -> Iterator[Finding]:
    """Requests are answered for the site's own hosts only."""
    trusted = site.app.config["TRUSTED_HOSTS"]
    if not site.host:
        raise Unknown("ROBLOX_REDIRECT_URI is not set.")
    name = urlsplit(f"//{site.host}").hostname or ""
    if not trusted:
        yield warning(
            "TRUSTED_HOSTS is not set: a request may name any host, and links are made for it.",
            f'Set TRUSTED_HOSTS = ["{name}"].',
        )
    elif not host_is_trusted(site.host, trusted):
        yield error(
            f"TRUSTED_HOSTS does not have {name}, where Roblox sends people back: they get a 400.",
            f'Add "{name}" to TRUSTED_HOSTS.',
        )
    server = site.app.config["SERVER_NAME"]
    if server and server.partition(":")[0] != name:
        yield warning(
            f"SERVER_NAME is another host than that of ROBLOX_REDIRECT_URI, {name}.",
            "Make them the same: cookies and links belong to one host.",
        )


def proxy(site: Site) -> Iterator[Finding]:
    """Forwarded headers are believed from the proxies in front, and from nobody else."""
    if site.state is None:
        raise Unknown("the site does not start.")  # middleware may come after RobloxOAuth
    fixes = [layer for layer in _layers(site.app.wsgi_app) if isinstance(layer, ProxyFix)]
    if not fixes:
        yield ok(
            "There is no ProxyFix: right if nothing stands before this server, or if the server "
            "itself reads forwarded headers. Behind a proxy, wrap the app in it."
        )
        return
    fix = fixes[0]
    hops = max(fix.x_for, fix.x_proto, fix.x_host, fix.x_port, fix.x_prefix)
    if len(fixes) > 1:
        yield error(
            "ProxyFix is there more than once: it believes more proxies than there are.",
            "Wrap the app once, with the number of proxies.",
        )
    elif not site.https:
        yield warning(
            "ProxyFix is there, but the site is on this machine: forwarded headers are believed "
            "from anybody.",
            "Take it out where no proxy stands in front.",
        )
    elif not fix.x_proto:
        yield warning(
            "ProxyFix does not read X-Forwarded-Proto: requests look as if they came over http.",
            "Give it x_proto=1, if your proxy sets that header.",
        )
    if fix.x_host and not site.app.config["TRUSTED_HOSTS"]:
        yield error(
            "ProxyFix believes X-Forwarded-Host, and TRUSTED_HOSTS does not limit it.",
            "Set TRUSTED_HOSTS.",
        )
    yield ok(
        f"ProxyFix believes {hops} {'proxy' if hops == 1 else 'proxies'}: there must be exactly "
        "so many, each of which sets or removes these headers."
    )


def cookies(site: Site) -> Iterator[Finding]:
    """Cookies travel over https only, and no script reads them."""
    config, name = site.app.config, site.settings.session_cookie
    if not site.https:
        yield warning(
            "The site is plain http, so its cookies have no Secure attribute.",
            "That is for development on this machine only.",
        )
    elif not config["SESSION_COOKIE_SECURE"]:
        yield warning(
            "Flask's own session cookie is sent over plain http too.",
            "Set SESSION_COOKIE_SECURE = True.",
        )
    if not config["SESSION_COOKIE_HTTPONLY"]:
        yield warning(
            "Scripts can read Flask's own session cookie.", "Set SESSION_COOKIE_HTTPONLY = True."
        )
    if config["SESSION_COOKIE_SAMESITE"] not in ("Lax", "Strict"):
        yield warning(
            "Other sites' forms may carry Flask's own session cookie.",
            'Set SESSION_COOKIE_SAMESITE = "Lax".',
        )
    if config["SESSION_COOKIE_DOMAIN"]:
        yield warning(
            "Flask's own session cookie goes to every subdomain.",
            "Leave SESSION_COOKIE_DOMAIN out.",
        )
    if name and site.https and not name.startswith("__Host-"):
        yield warning(
            "Other subdomains can set the login cookie: its name does not begin with __Host-.",
            "Leave ROBLOX_SESSION_COOKIE out, or begin it so.",
        )


def webhook(site: Site) -> Iterator[Finding]:
    """Notifications are taken from Roblox alone."""
    if site.settings.webhook_unsigned:
        yield error(
            "Anybody can send notifications, and have people erased.",
            "Give Roblox a secret, set ROBLOX_WEBHOOK_SECRET to it, and take "
            "ROBLOX_WEBHOOK_ALLOW_UNSIGNED out.",
        )
    elif not site.settings.webhook_secrets:
        if site.state is None or not site.state.webhook_handlers:
            raise Unknown("webhooks are not used: ROBLOX_WEBHOOK_SECRET is not set.")
        yield error(
            "There are handlers for webhooks, but no route: nothing arrives.",
            "Set ROBLOX_WEBHOOK_SECRET to the secret that Roblox has.",
        )


def _layers(wsgi: object) -> Iterator[object]:
    """The middleware around an app, from outside; each holds the next as others do."""
    for _ in range(MOST_LAYERS):
        if wsgi is None:
            return
        yield wsgi
        held = (getattr(wsgi, name, None) for name in ("app", "wsgi_app", "application"))
        wsgi = next((each for each in held if callable(each)), None)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
