"""The provider's metadata (OpenID Connect Discovery 1.0, RFC 8414)."""

from __future__ import annotations

from rblx_oauth.sandbox.oauth.keys import ALGORITHM
from rblx_oauth.sandbox.settings import Settings

__all__ = ["metadata"]

_SCOPES = "openid profile email verification credentials age premium roles"
_CLAIMS = (
    "sub type iss aud exp iat nonce name nickname preferred_username created_at profile picture "
    "email email_verified verified age_bracket premium roles internal_user"
)


def metadata(issuer: str, settings: Settings) -> dict[str, object]:
    """What Roblox's discovery document says, for this issuer, and nothing that it does not say.

    So it is silent about PKCE, grant types, prompts and response modes, all of which there are; the
    scopes are those of an identity, some of them for Roblox's own apps alone; and where apps are
    registered is a page for people, here the sandbox's own. Programs must get along with that.
    """
    found: dict[str, object] = {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}v1/authorize",
        "token_endpoint": f"{issuer}v1/token",
        "introspection_endpoint": f"{issuer}v1/token/introspect",
        "revocation_endpoint": f"{issuer}v1/token/revoke",
        "resources_endpoint": f"{issuer}v1/token/resources",
        "userinfo_endpoint": f"{issuer}v1/userinfo",
        "jwks_uri": f"{issuer}v1/certs",
        "registration_endpoint": f"{issuer.removesuffix('oauth/')}_sandbox/",
        "service_documentation": "https://create.roblox.com/docs/reference/cloud",
        "scopes_supported": _SCOPES.split(),
        "response_types_supported": ["none", "code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "claims_supported": _CLAIMS.split(),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
    }
    if settings.callback_issuer:
        found["authorization_response_iss_parameter_supported"] = True
    return found
