"""What a `Token` says about itself."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rblx_oauth.oauth.token import Token, TokenState

NOW = datetime(2026, 8, 1, tzinfo=UTC)
TOKEN = Token(
    access_token="at",
    refresh_token="rt",
    scopes=frozenset({"openid"}),
    issued_at=NOW,
    expires_at=NOW + timedelta(seconds=899),
    subject="287113233",
    issuer="https://apis.roblox.com/oauth/",
    client_id="84",
    claims={"sub": "287113233"},
)


@pytest.mark.parametrize(
    ("lifetime", "age", "state"),
    [
        (899, 0, TokenState.FRESH),
        (899, 778, TokenState.FRESH),
        (899, 779, TokenState.STALE),
        (899, 868, TokenState.STALE),
        (899, 869, TokenState.EXPIRED),
        (899, 5000, TokenState.EXPIRED),
        (100, 84, TokenState.FRESH),
        (100, 85, TokenState.STALE),
        (100, 96, TokenState.EXPIRED),
    ],
)
def test_states_have_names_and_margins(lifetime: int, age: int, state: TokenState) -> None:
    """Stale 120 s before the end, expired 30 s before; in proportion for a short life."""
    token = replace(TOKEN, expires_at=NOW + timedelta(seconds=lifetime))
    assert token.state(NOW + timedelta(seconds=age)) is state


def test_token_cannot_be_changed() -> None:
    """Neither its members nor its claims."""
    with pytest.raises(AttributeError):
        TOKEN.subject = "1"  # type: ignore[misc]
    with pytest.raises(TypeError):
        TOKEN.claims["sub"] = "1"  # type: ignore[index]
    assert TOKEN.user_id == 287113233
    assert len({TOKEN, replace(TOKEN), TOKEN.with_claims({})}) == 2


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"access_token": 5}', b"\xff"])
def test_json_that_is_no_token_is_a_value_error(data: bytes) -> None:
    """A store's bytes that are not ours raise ValueError."""
    with pytest.raises(ValueError):
        Token.from_json(data)


def test_importing_the_token_is_cheap() -> None:
    """It needs neither Authlib nor cryptography."""
    code = (
        "import sys, rblx_oauth.oauth.token; "
        "print([n for n in ('authlib', 'joserfc', 'cryptography', 'aiohttp') if n in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
