"""A login from its beginning to its end, over real HTTP, in both colours."""

from __future__ import annotations

from datetime import timedelta

from tests.oauth.conftest import Colour
from tests.oauth.provider import SUBJECT, Provider


async def test_login_refresh_and_revocation_from_end_to_end(
    app: Colour, provider: Provider
) -> None:
    """Discovery, request, exchange, refresh, userinfo, introspection, revocation: all there."""
    request = await app.authorization_request(["profile"])
    token = await app.exchange(provider.callback(request), request)
    assert token.subject == SUBJECT
    assert token.claims["name"] == "builderman"
    assert token.scopes == {"openid", "profile"}
    assert token.expires_at - token.issued_at == timedelta(seconds=899)
    refreshed = await app.refresh(token)
    assert refreshed.access_token != token.access_token
    assert refreshed.subject == SUBJECT
    assert (await app.userinfo(refreshed))["sub"] == SUBJECT
    assert (await app.introspect(refreshed)).scopes == {"openid", "profile"}
    await app.revoke(refreshed)
    assert provider.calls("v1/token/revoke")[0].form["token"] == refreshed.refresh_token
    assert len(provider.calls(".well-known/openid-configuration")) == 1
    assert len(provider.calls("v1/certs")) == 1
