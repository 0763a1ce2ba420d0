"""Userinfo, introspection, resources and revocation."""

from __future__ import annotations

import pytest

from rblx_oauth.errors import (
    DiscoveryError,
    IdTokenError,
    InvalidClient,
    PermissionDenied,
    ProtocolError,
    RateLimited,
    RobloxError,
    ServerError,
    TokenError,
    Unauthorized,
)
from tests.oauth.conftest import Colour, log_in
from tests.oauth.provider import CLIENT_ID, CLIENT_SECRET, SUBJECT, Provider
from tests.support.server import Answer, json_reply

CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


@pytest.mark.parametrize("subject", ["1", None, int(SUBJECT)])
async def test_c27_userinfo_about_somebody_else_is_refused(
    app: Colour, provider: Provider, subject: object
) -> None:
    """Without the very subject of the id_token nothing in it is used."""
    token = await log_in(app, provider)
    provider.override["v1/userinfo"] = json_reply({"sub": subject, "name": "mallory"})
    with pytest.raises(IdTokenError) as caught:
        await app.userinfo(token)
    assert caught.value.check == "sub"


async def test_c33_access_token_travels_in_the_header_only(app: Colour, provider: Provider) -> None:
    """As a credential it is in no URL and in no form."""
    token = await log_in(app, provider)
    assert await app.userinfo(token) == {"sub": SUBJECT, "name": "builderman"}
    (seen,) = provider.calls("v1/userinfo")
    assert seen.method == "GET"
    assert seen.headers["authorization"] == f"Bearer {token.access_token}"
    assert seen.target == "/oauth/v1/userinfo"
    assert seen.body == b""


async def test_c32_each_token_goes_only_where_it_may(app: Colour, provider: Provider) -> None:
    """After every kind of request: no token in a URL, each only at its own endpoints."""
    provider.override["v1/token/resources"] = json_reply({"resource_infos": []})
    token = await log_in(app, provider)
    await app.userinfo(token)
    await app.introspect(token)
    await app.resources(token)
    await app.refresh(token)
    await app.revoke(token)
    refresh, access = str(token.refresh_token), token.access_token
    for seen in provider.server.seen:
        assert refresh not in seen.target + str(seen.headers)
        assert access not in seen.target
        if refresh.encode() in seen.body:
            assert seen.path in ("/oauth/v1/token", "/oauth/v1/token/revoke")
        if access.encode() in seen.body:
            assert seen.path in ("/oauth/v1/token/introspect", "/oauth/v1/token/resources")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (json_reply({"error": "invalid_token"}, 401), Unauthorized),
        (json_reply({"error": "insufficient_scope"}, 403), PermissionDenied),
        (Answer(401), Unauthorized),
        (Answer(500), ServerError),
        (Answer(429), RateLimited),
        (Answer(302, headers={"location": "/"}), ProtocolError),
        (Answer(200, b"<html>", {"content-type": "text/html"}), ProtocolError),
        (Answer(200, b"e30.e30.x", {"content-type": "application/jwt"}), ProtocolError),
        (json_reply(["sub"]), ProtocolError),
    ],
)
async def test_userinfo_failures_are_told_apart(
    app: Colour, provider: Provider, answer: Answer, error: type[RobloxError]
) -> None:
    """A dead token, a missing scope, a busy and a broken provider."""
    token = await log_in(app, provider)
    provider.override["v1/userinfo"] = answer
    with pytest.raises(error) as caught:
        await app.userinfo(token)
    assert type(caught.value) is error


async def test_introspection_tells_what_roblox_knows(app: Colour, provider: Provider) -> None:
    """The members of RFC 7662, times as seconds, scopes as a set; by token or by string."""
    token = await log_in(app, provider)
    provider.override["v1/token/introspect"] = json_reply(
        {
            "active": True,
            "jti": "AT.1",
            "iss": provider.issuer,
            "token_type": "Bearer",
            "client_id": CLIENT_ID,
            "aud": "3050",
            "sub": SUBJECT,
            "scope": "openid profile",
            "exp": 1700000899,
            "iat": 1700000000,
            "new_member": {},
        }
    )
    for given in (token, token.access_token):
        known = await app.introspect(given)
        assert known.active
        assert (known.sub, known.aud, known.jti) == (SUBJECT, "3050", "AT.1")
        assert known.scopes == {"openid", "profile"}
        assert (known.iat, known.exp) == (1700000000, 1700000899)
        assert provider.calls("v1/token/introspect")[-1].form == CLIENT | {
            "token": token.access_token
        }
    provider.override["v1/token/introspect"] = json_reply({"active": False})
    known = await app.introspect("unknown")
    assert not known.active
    assert known.scopes == frozenset()


async def test_resources_name_what_the_person_picked(app: Colour, provider: Provider) -> None:
    """Universes, users and groups as numbers; a bare U is the owner itself."""
    token = await log_in(app, provider)
    provider.override["v1/token/resources"] = json_reply(
        {
            "resource_infos": [
                {
                    "owner": {"id": "1", "type": "User"},
                    "resources": {
                        "universe": {"ids": ["10", "11"]},
                        "creator": {"ids": ["U", "G5"]},
                    },
                },
                {
                    "owner": {"id": "7", "type": "Group"},
                    "resources": {"universe": {"ids": ["12"]}, "badge": {"ids": ["x"]}},
                },
                {"owner": {"id": "9", "type": "Studio"}, "resources": {"creator": {"ids": ["X3"]}}},
                {"owner": {"id": "4", "type": "User"}, "resources": {"creator": {"ids": ["U2"]}}},
            ]
        }
    )
    picked = await app.resources(token)
    assert picked.universe_ids == {10, 11, 12}
    assert picked.user_ids == {1, 2}
    assert picked.group_ids == {5}
    assert [owner.id for owner in picked.owners] == ["1", "7", "9", "4"]
    assert picked.covers(universe=10)
    assert picked.covers(universe=12, user=1, group=5)
    assert not picked.covers(universe=10, user=3)
    assert not picked.covers(group=7)
    assert not picked.covers()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"resource_infos": [{}]},
        {
            "resource_infos": [
                {"owner": {"id": "1", "type": "User"}, "resources": {"universe": {"ids": ["x"]}}}
            ]
        },
    ],
)
async def test_resources_of_another_shape_are_an_error(
    app: Colour, provider: Provider, body: object
) -> None:
    """What cannot be read grants nothing."""
    token = await log_in(app, provider)
    provider.override["v1/token/resources"] = json_reply(body)
    with pytest.raises(ProtocolError):
        await app.resources(token)


async def test_c34_revocation_answers_200_even_for_an_unknown_token(
    app: Colour, provider: Provider
) -> None:
    """The refresh token goes out where there is one; a string goes as it is; 200 is enough."""
    token = await log_in(app, provider)
    await app.revoke(token)
    assert provider.calls("v1/token/revoke")[-1].form == CLIENT | {
        "token": token.refresh_token,
        "token_type_hint": "refresh_token",
    }
    await app.revoke("unknown +&=%")
    assert provider.calls("v1/token/revoke")[-1].form == CLIENT | {"token": "unknown +&=%"}
    provider.answer = {"refresh_token": None}
    token = await log_in(app, provider)
    await app.revoke(token)
    assert provider.calls("v1/token/revoke")[-1].form == CLIENT | {
        "token": token.access_token,
        "token_type_hint": "access_token",
    }


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(503, headers={"retry-after": "5"}), ServerError),
        (Answer(429, headers={"retry-after": "5"}), RateLimited),
        (json_reply({"error": "invalid_client"}, 401), InvalidClient),
        (json_reply({"error": "unsupported_token_type"}, 400), TokenError),
        (Answer(404), ProtocolError),
        (Answer(204), ProtocolError),
    ],
)
async def test_c34_anything_but_200_means_still_live(
    app: Colour, provider: Provider, answer: Answer, error: type[RobloxError]
) -> None:
    """A revocation that did not happen is never taken for one that did."""
    token = await log_in(app, provider)
    provider.override["v1/token/revoke"] = answer
    with pytest.raises(error) as caught:
        await app.revoke(token)
    assert type(caught.value) is error


async def test_endpoint_that_the_provider_lacks_is_named(app: Colour, provider: Provider) -> None:
    """A provider without token resources works; asking for them says what is missing."""
    del provider.metadata["resources_endpoint"]
    token = await log_in(app, provider)
    with pytest.raises(DiscoveryError, match="resources_endpoint"):
        await app.resources(token)
