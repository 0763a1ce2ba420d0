"""What an application may be configured with. Anything wrong is one clear error at start-up."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NoReturn
from urllib.parse import SplitResult, urlsplit

from rblx_oauth.core.headers import check_secret
from rblx_oauth.core.url import API_BASE, check_base, is_loopback
from rblx_oauth.errors import ConfigurationError

AuthMethod = Literal["client_secret_post", "client_secret_basic", "none"]
"""How the client proves who it is to the token endpoint (RFC 6749 2.3, OpenID Connect Core 9)."""

ISSUER = f"{API_BASE}/oauth/"
MAX_REDIRECT_URI = 256

_OWN_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")
_NOT_FOR_APPS = frozenset({"javascript", "data", "vbscript", "file", "blob", "about"})
_PRINTABLE = re.compile(r"[\x21-\x7e]+\Z")


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """The client's id, its secret, and how the two are shown to the provider."""

    client_id: str
    client_secret: str | None = field(repr=False)
    method: AuthMethod

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: a pickle would carry the client secret in the clear."""
        raise TypeError("client credentials cannot be pickled: build the app anew where it is used")


def client_credentials(
    client_id: object, client_secret: object, method: str | None
) -> ClientCredentials:
    """Check how the client is identified.

    Raises:
        ConfigurationError: The id is missing, or secret and method do not go together.
    """
    if not isinstance(client_id, str) or not _PRINTABLE.match(client_id):
        raise ConfigurationError(
            "client_id is missing (or not a string of digits): "
            "copy it from your app's page on create.roblox.com"
        )
    # RFC 6749 2.3: one way of authenticating per request; RFC 7636 4.3: a public client
    # has PKCE alone.
    if client_secret is None:
        if method not in (None, "none"):
            raise ConfigurationError(
                "token_endpoint_auth_method needs a client_secret: give one, or use 'none'"
            )
        return ClientCredentials(client_id, None, "none")
    secret = check_secret("client_secret (None for a public client)", client_secret)
    if method in (None, "client_secret_post"):
        return ClientCredentials(client_id, secret, "client_secret_post")
    if method == "client_secret_basic":
        return ClientCredentials(client_id, secret, "client_secret_basic")
    raise ConfigurationError(
        "token_endpoint_auth_method must be 'client_secret_post' or 'client_secret_basic' "
        "when there is a client_secret"
    )


def check_redirect_uri(uri: str) -> str:
    """Check a redirect URI against what Roblox registers; returns it unchanged.

    Roblox takes https, http on this machine for development, or an app's own
    scheme, up to 256 characters (create.roblox.com, OAuth 2.0 app registration).

    Raises:
        ConfigurationError: It cannot be registered.
    """
    parts = _split("redirect_uri", uri)
    if len(uri) > MAX_REDIRECT_URI:
        raise ConfigurationError(
            f"redirect_uri has {len(uri)} characters; Roblox takes at most {MAX_REDIRECT_URI}"
        )
    # RFC 6749 3.1.2: absolute, and without a fragment.
    if "#" in uri:
        raise ConfigurationError("redirect_uri must not have a fragment (the part from '#')")
    if parts.scheme in ("http", "https"):
        _check_web("redirect_uri", parts)
    # RFC 8252 7.1: a native app may own a scheme, with a slash after it (localhost:5000 has
    # none); the schemes that a browser acts on are nobody's.
    elif not _OWN_SCHEME.match(uri) or parts.scheme in _NOT_FOR_APPS:
        raise ConfigurationError(
            "redirect_uri must be an absolute https URL, http on localhost, or use your app's "
            "own scheme"
        )
    return uri


def check_issuer(uri: str) -> str:
    """Check an issuer; returns it unchanged, since it is compared byte for byte.

    Raises:
        ConfigurationError: It cannot be an issuer.
    """
    parts = _split("issuer", uri)
    # OpenID Connect Discovery 3: scheme, host, maybe port and path, nothing else.
    if "?" in uri or "#" in uri:
        raise ConfigurationError("issuer must not have a query or a fragment")
    _check_web("issuer", parts)
    return uri


def check_api_base(uri: str) -> str:
    """Check the base of Open Cloud; returns it without a slash at its end.

    Raises:
        ConfigurationError: A credential must not travel there.
    """
    _split("api_base", uri)
    return check_base(uri)


def _split(setting: str, uri: object) -> SplitResult:
    if not isinstance(uri, str) or not _PRINTABLE.match(uri):
        raise ConfigurationError(f"{setting} must be a URL without spaces or control characters")
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018 (reading it is what checks it)
    except ValueError:
        raise ConfigurationError(f"{setting} is not a valid URL") from None
    return parts


def _check_web(setting: str, parts: SplitResult) -> None:
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(f"{setting} must be an absolute https URL")
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise ConfigurationError(f"{setting} must not contain a user name or a backslash")
    # RFC 9700 2.6: credentials and codes travel over TLS; RFC 8252 8.3: loopback aside.
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigurationError(
            f"{setting} uses plain http on a public host: use https "
            "(http is for localhost, 127.0.0.1 and [::1] only)"
        )


def origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of a web URL (RFC 6454 4); None for anything doubtful."""
    if not _PRINTABLE.match(url) or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)
