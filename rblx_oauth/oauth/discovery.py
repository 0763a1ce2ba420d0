"""Discovery: which endpoints the provider has, and whether its word can be taken.

OpenID Connect Discovery 1.0 and RFC 8414.
"""

from __future__ import annotations

import msgspec

from rblx_oauth.core.message import Request, Response
from rblx_oauth.errors import DiscoveryError
from rblx_oauth.oauth.answers import published
from rblx_oauth.oauth.config import origin

OPERATION = "oauth.discovery"


class Metadata(msgspec.Struct, frozen=True):
    """The part of the provider's metadata that is used here. All URLs are checked."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    introspection_endpoint: str | None = None
    revocation_endpoint: str | None = None
    resources_endpoint: str | None = None
    response_types_supported: tuple[str, ...] = ("code",)
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("ES256",)
    authorization_response_iss_parameter_supported: bool = False

    def endpoint(self, name: str) -> str:
        """An endpoint that not every provider has.

        Raises:
            DiscoveryError: This one does not advertise it.
        """
        url: str | None = getattr(self, name)
        if url is None:
            raise DiscoveryError(f"the provider's metadata names no {name}")
        return url


def discovery_request(issuer: str) -> Request:
    """Ask `issuer` for its metadata."""
    # OpenID Connect Discovery 4.1: a slash at the issuer's end is not doubled.
    url = issuer.rstrip("/") + "/.well-known/openid-configuration"
    return Request("GET", url, {"Accept": "application/json"}, operation=OPERATION)


def read_metadata(response: Response, *, issuer: str, now: float) -> Metadata:
    """Judge the answer to `discovery_request`.

    Raises:
        DiscoveryError: It cannot be trusted or used.
        RateLimited, ServerError: The provider cannot answer now.
    """
    metadata = published(
        response,
        Metadata,
        operation=OPERATION,
        now=now,
        otherwise="no usable metadata at the issuer: check issuer, and that it serves "
        ".well-known/openid-configuration",
    )
    _check_issuer(metadata, issuer)
    for name in metadata.__struct_fields__:
        url = getattr(metadata, name)
        if (name.endswith("_endpoint") or name == "jwks_uri") and url is not None:
            _check_endpoint(name, url, issuer)
    _check_abilities(metadata)
    return metadata


def _check_issuer(metadata: Metadata, issuer: str) -> None:
    # OpenID Connect Discovery 4.3, RFC 8414 3.3: the very same string, slash included;
    # otherwise one provider could speak for another.
    if metadata.issuer != issuer:
        raise DiscoveryError(
            "the metadata speaks for another issuer: set issuer to exactly what the provider "
            "calls itself, the slash at the end included"
        )


def _check_endpoint(name: str, url: str, issuer: str) -> None:
    # RFC 8414 6.2 leaves it open where endpoints are; Roblox has all of them beside the
    # issuer, so another scheme, host or port means that something is wrong. An https
    # issuer (config.check_issuer) thereby has https endpoints.
    if origin(url) != origin(issuer) or "#" in url:
        raise DiscoveryError(f"{name} in the metadata is not on the issuer's own scheme and host")


def _check_abilities(metadata: Metadata) -> None:
    # RFC 9700 2.1.1: the code flow with PKCE S256; OpenID Connect Core 15.1: the
    # algorithms are listed. Members that are left out promise nothing either way.
    for values, needed, what in (
        (metadata.response_types_supported, "code", "the authorization code flow"),
        (metadata.code_challenge_methods_supported, "S256", "PKCE with S256"),
        (metadata.id_token_signing_alg_values_supported, "ES256", "id_tokens signed with ES256"),
    ):
        if needed not in values:
            raise DiscoveryError(f"the provider does not offer {what}")
