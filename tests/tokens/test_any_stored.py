"""Whatever a store gives back: what was put in, or a refusal."""

from __future__ import annotations

import string
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from rblx_oauth import AuthorizationRequest, Token, Vault
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import StoreError, UnsealError
from rblx_oauth.oauth.grant_rows import grant_id_for, live_row, open_row
from rblx_oauth.oauth.record_rows import opened_payload, sealed_record
from tests.support.anything import ANYTHING, bodies

ISSUER, CLIENT, SUBJECT = "https://provider.example/oauth/", "8409", "287113233"
TOKEN = Token(
    access_token="canary-at",
    refresh_token="canary-rt",
    id_token="canary-id",
    scopes=frozenset({"openid"}),
    issued_at=datetime(2026, 1, 1, tzinfo=UTC),
    expires_at=datetime(2026, 1, 1, 0, 15, tzinfo=UTC),
    subject=SUBJECT,
    issuer=ISSUER,
    client_id=CLIENT,
)
REQUEST = AuthorizationRequest(
    url="https://provider.example/oauth/v1/authorize",
    state="canary-state",
    nonce="canary-nonce",
    code_verifier="canary-verifier",
    scopes=("openid",),
    redirect_uri="https://site.example/callback",
    issuer=ISSUER,
)
VAULT = Vault([Vault.generate_key()])
ROW = live_row(VAULT, TOKEN, generation=3, now=0.0)
RECORD = sealed_record(VAULT, Record("session", "an-id", "an-owner", b"payload", 0.0, 0.0, 9.0))


@pytest.mark.parametrize("kept", [TOKEN, REQUEST], ids=["token", "request"])
@ANYTHING
@given(data=st.data())
def test_any_bytes_are_a_token_or_request_or_a_value_error(
    kept: Token | AuthorizationRequest, data: st.DataObject
) -> None:
    """Of what is read back, everything is of the right type; what is refused is not quoted."""
    written = data.draw(bodies(msgspec.json.decode(kept.to_json())))
    found, said = None, ""
    try:
        found = type(kept).from_json(written)
    except ValueError as error:
        said = str(error)
    assert "canary" not in said
    assert found is None or type(kept).from_json(found.to_json()) == found


@ANYTHING
@given(st.binary(max_size=200))
def test_any_bytes_are_no_envelope(sealed: bytes) -> None:
    """Nothing that this vault did not seal is opened."""
    with pytest.raises(UnsealError):
        VAULT.unseal(sealed, "session", "an-id", "an-owner")


@ANYTHING
@given(st.integers(0, len(RECORD.payload) * 8 - 1))
def test_c46_every_bit_of_an_envelope_counts(bit: int) -> None:
    """One flipped anywhere, in header, nonce, text or tag, and it is refused."""
    flipped = bytearray(RECORD.payload)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(UnsealError):
        opened_payload(VAULT, replace(RECORD, payload=bytes(flipped)))


NAMES = st.text(max_size=30) | st.text(string.ascii_letters + string.digits, max_size=4)


@ANYTHING
@given(st.sampled_from(["kind", "id", "owner"]), NAMES)
def test_c46_a_record_under_any_other_name_is_refused(part: str, name: str) -> None:
    """What is sealed for one place does not open in another."""
    moved = replace(RECORD, **{part: name})
    if moved == RECORD:
        return
    with pytest.raises(UnsealError):
        opened_payload(VAULT, moved)


@ANYTHING
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "issuer": NAMES,
            "client_id": NAMES,
            "subject": NAMES,
            "generation": st.integers(-(2**63), 2**63 - 1),
            "sealed": st.binary(max_size=90),
        },
    ),
    st.booleans(),
)
def test_c46_a_grant_changed_in_any_column_is_refused(
    changes: dict[str, object], consistent: bool
) -> None:
    """Filed under the matching name or not, and without harm to what is stored."""
    bent = replace(ROW, **changes)  # type: ignore[arg-type]
    if consistent:
        bent = replace(bent, grant_id=grant_id_for(bent.issuer, bent.client_id, bent.subject))
    if bent == ROW:
        assert open_row(VAULT, bent).token == TOKEN
        return
    with pytest.raises((UnsealError, StoreError)):
        open_row(VAULT, bent)
