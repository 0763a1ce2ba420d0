"""Whatever a provider answers: a value of ours or one of our errors, and nothing quoted."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given, strategies as st

from rblx_oauth.core.message import Response
from rblx_oauth.errors import RobloxError
from rblx_oauth.oauth import discovery, endpoints, jwks, resources
from tests.oauth.provider import SUBJECT, new_key
from tests.support.anything import ANYTHING, bodies

ISSUER = "https://provider.example/oauth/"
NOW = 1_800_000_000.0
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}v1/authorize",
    "token_endpoint": f"{ISSUER}v1/token",
    "jwks_uri": f"{ISSUER}v1/certs",
    "introspection_endpoint": f"{ISSUER}v1/introspect",
}
KEYS = {"keys": [new_key().as_dict(private=False), {"kty": "EC"}]}
TOKEN = {
    "access_token": "canary-at",
    "refresh_token": "canary-rt",
    "id_token": "canary.id.token",
    "token_type": "Bearer",
    "expires_in": 899,
    "scope": "openid profile",
}
REFUSAL = {"error": "invalid_grant", "error_description": "canary-words"}
INTROSPECTION = {"active": True, "sub": SUBJECT, "scope": "openid", "exp": int(NOW)}
PICKED = {
    "resource_infos": [
        {
            "owner": {"id": SUBJECT, "type": "User"},
            "resources": {"universe": {"ids": ["1"]}, "creator": {"ids": ["U"]}},
        }
    ]
}
USERINFO = {"sub": SUBJECT, "name": "canary-name"}

READERS: dict[str, Callable[[Response], object]] = {
    "metadata": lambda found: discovery.read_metadata(found, issuer=ISSUER, now=NOW),
    "keys": lambda found: jwks.find_key(jwks.read_jwks(found, now=NOW), "key-1"),
    "token": lambda found: endpoints.read_token_answer(
        found, operation=endpoints.EXCHANGE, now=NOW
    ),
    "revocation": lambda found: endpoints.read_revocation(found, now=NOW),
    "introspection": lambda found: endpoints.read_introspection(found, now=NOW),
    "userinfo": lambda found: endpoints.read_userinfo(found, subject=SUBJECT, now=NOW),
    "resources": lambda found: resources.read_resources(found, now=NOW),
}
HEADERS = st.sampled_from(["application/json", "application/json; charset=utf-8", "text/html", ""])
WAITS = st.sampled_from(["5", "-1", "soon", "Wed, 21 Oct 2099 07:28:00 GMT", "9" * 400, "\x00"])


@pytest.mark.parametrize("reader", READERS)
@ANYTHING
@given(
    status=st.sampled_from([200, 200, 200, 204, 302, 400, 401, 403, 429, 500, 503]),
    content_type=HEADERS,
    wait=WAITS,
    body=bodies(METADATA, KEYS, TOKEN, REFUSAL, INTROSPECTION, PICKED, USERINFO),
)
def test_any_answer_is_read_or_refused(
    reader: str, status: int, content_type: str, wait: str, body: bytes
) -> None:
    """No other exception comes out, and none repeats what was answered."""
    answer = Response(status, {"content-type": content_type, "retry-after": wait}, body)
    said = ""
    try:
        READERS[reader](answer)
    except RobloxError as error:
        said = f"{error!r} {error} {vars(error)}"
    assert "canary" not in said


def test_the_good_answers_of_this_module_are_read() -> None:
    """What they are changed from is accepted, so that changes matter."""
    good = {"metadata": METADATA, "keys": KEYS, "token": TOKEN, "introspection": INTROSPECTION}
    good |= {"userinfo": USERINFO, "resources": PICKED}
    for name, body in good.items():
        READERS[name](
            Response(200, {"content-type": "application/json"}, msgspec.json.encode(body))
        )
