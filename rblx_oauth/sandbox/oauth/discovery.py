"""The provider's metadata (OpenID Connect Discovery 1.0, RFC 8414)."""

from __future__ import annotations

from rblx_oauth.catalog import known_scopes
from rblx_oauth.sandbox.oauth.keys import ALGORITHM
from rblx_oauth.sandbox.settings import Settings

__all__ = ["metadata"]


def metadata(issuer: str, settings: Settings) -> dict[str, object]:
    """What Roblox's discovery document says, for this issuer."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}v1/authorize",
        "token_endpoint": f"{issuer}v1/token",
        "introspection_endpoint": f"{issuer}v1/token/introspect",
        "revocation_endpoint": f"{issuer}v1/token/revoke",
        "resources_endpoint": f"{issuer}v1/token/resources",
        "userinfo_endpoint": f"{issuer}v1/userinfo",
        "jwks_uri": f"{issuer}v1/certs",
        "service_documentation": "https://create.roblox.com/docs/cloud/auth/oauth2-overview",
        "scopes_supported": sorted(known_scopes()),
        "response_types_supported": ["none", "code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": [
            "sub",
            "name",
            "nickname",
            "preferred_username",
            "created_at",
            "profile",
            "picture",
        ],
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "authorization_response_iss_parameter_supported": settings.callback_issuer,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
    }
