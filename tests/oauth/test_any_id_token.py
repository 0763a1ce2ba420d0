"""Whatever is offered as an id_token: the one that was issued, or a refusal."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from rblx_oauth.errors import IdTokenError
from rblx_oauth.oauth import id_token, jwks
from tests.oauth.provider import CLIENT_ID, SUBJECT, new_key, sign
from tests.support.anything import ANYTHING, any_json, any_text, changed

ISSUER = "https://provider.example/oauth/"
NOW = 1_800_000_000.0
KEY = new_key()
JWKS = ({k: str(v) for k, v in KEY.as_dict(private=False).items()},)
CLAIMS = {
    "iss": ISSUER,
    "aud": CLIENT_ID,
    "sub": SUBJECT,
    "iat": int(NOW),
    "nbf": int(NOW),
    "exp": int(NOW) + 3600,
    "nonce": "the-nonce",
}
GOOD = sign(CLAIMS, KEY)


@dataclass
class Issued:
    """What came with a token answer."""

    id_token: str | None
    access_token: str = "an-access-token"


def judged(compact: str) -> dict[str, Any]:
    """The claims, after every check that has nothing to do with one login."""
    issued = Issued(compact)
    unverified = id_token.read_header(issued)
    claims = id_token.verify(unverified, jwks.find_key(JWKS, unverified.kid))
    id_token.check_claims(claims, issuer=ISSUER, client_id=CLIENT_ID, now=NOW)
    id_token.check_access_token(claims, issued)
    return claims


def part(value: object) -> str:
    """A segment of a JWS."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


SEGMENTS = (
    any_text
    | any_json.map(part)
    | st.binary(max_size=80).map(lambda raw: base64.urlsafe_b64encode(raw).decode().rstrip("="))
)
HEADERS = changed({"alg": "ES256", "kid": "key-1", "typ": "JWT"}).map(part)


@ANYTHING
@given(st.tuples(SEGMENTS | HEADERS, SEGMENTS, SEGMENTS).map(".".join) | any_text)
@example("..")
@example(GOOD.rpartition(".")[0] + ".")
@example("." * 20_000)
def test_nothing_that_was_not_signed_is_accepted(compact: str) -> None:
    """Three parts of anything are refused, in one way."""
    with pytest.raises(IdTokenError):
        judged(compact)


@ANYTHING
@given(st.integers(0, len(GOOD) - 1), st.characters(min_codepoint=33, max_codepoint=0x2FF))
def test_a_changed_character_is_noticed(place: int, character: str) -> None:
    """Wherever it is; but for the bits at the end of a segment that stand for nothing."""
    bent = GOOD[:place] + character + GOOD[place + 1 :]
    try:
        assert judged(bent) == judged(GOOD)
    except IdTokenError:
        return
    assert bent == GOOD or place == len(GOOD) - 1


@ANYTHING
@given(changed(CLAIMS | {"azp": CLIENT_ID, "at_hash": "x", "scope": "openid"}))
def test_signed_claims_of_any_kind_are_judged(claims: dict[str, Any]) -> None:
    """Only those of this issuer, about a person, for this client and this time are accepted."""
    try:
        found = judged(sign(claims, KEY))
    except IdTokenError:
        return
    assert found["iss"] == ISSUER
    assert found["aud"] in (CLIENT_ID, [CLIENT_ID])
    assert str(found["sub"]).isdigit()
    assert found["exp"] > NOW - 31
    assert "scope" not in found
    assert "at_hash" not in found


def test_the_token_that_is_changed_here_is_good() -> None:
    """So that the changes matter."""
    assert judged(GOOD) == CLAIMS
