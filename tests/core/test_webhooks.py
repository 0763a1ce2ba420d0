"""Webhooks: what is Roblox's is read, everything else is refused."""

from __future__ import annotations

import hmac
import json
import secrets
import sys

import pytest
from hypothesis import given, settings, strategies as st

from rblx_oauth import errors, webhooks
from rblx_oauth.webhooks import Webhooks, sign
from tests.support.clock import ManualClock

SECRET = "hunter2-webhook-secret"
NOW = 1_800_000_000.0
BODY = json.dumps(
    {
        "NotificationId": "b3f7-1",
        "EventType": "RightToErasureRequest",
        "EventTime": "2026-12-29T20:25:51.5Z",
        "EventPayload": {"UserId": 1, "GameIds": [1234, 2345]},
    }
).encode()


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still."""
    return ManualClock(NOW)


@pytest.fixture
def checks(clock: ManualClock) -> Webhooks:
    """What an endpoint with a secret uses."""
    return Webhooks(SECRET, clock=clock)


def refused(checks: Webhooks, body: bytes, signature: str | None) -> errors.WebhookError:
    """Why a request is refused."""
    with pytest.raises(errors.WebhookError) as caught:
        checks.verify(body, signature)
    assert SECRET not in str(caught.value)
    return caught.value


def test_signed_notification_is_read(checks: Webhooks) -> None:
    """Id, type, time and payload; of an erasure request, whose data it is."""
    found = checks.verify(BODY, sign(BODY, SECRET, at=NOW))
    assert (found.id, found.type) == ("b3f7-1", "RightToErasureRequest")
    assert found.time is not None
    assert found.time.year == 2026
    assert found.erasure == webhooks.ErasureRequest(user_id=1, place_ids=[1234, 2345])


def test_unknown_types_are_taken(checks: Webhooks) -> None:
    """Roblox adds events; they are not erasure requests."""
    body = b'{"NotificationId":"1","EventType":"SomethingNew","EventPayload":{"A":[1]}}'
    found = checks.verify(body, sign(body, SECRET, at=NOW))
    assert (found.type, found.payload, found.erasure) == ("SomethingNew", {"A": [1]}, None)


@pytest.mark.parametrize("change", ["body", "secret", "second", "signature", "base64"])
def test_f42_bad_signature_is_a_401(checks: Webhooks, change: str) -> None:
    """Another body, secret, second or signature: refused, in the same words."""
    good = sign(BODY, SECRET, at=NOW)
    body, signature = {
        "body": (BODY + b" ", good),
        "secret": (BODY, sign(BODY, "another", at=NOW)),
        "second": (BODY, good.replace(f"t={int(NOW)}", f"t={int(NOW) + 1}")),
        "signature": (BODY, good[:-4] + "AAA="),
        "base64": (BODY, f"t={int(NOW)},v1=§"),
    }[change]
    error = refused(checks, body, signature)
    assert (error.check, error.status) == ("signature", 401)


def test_signatures_are_compared_in_constant_time(clock: ManualClock) -> None:
    """With every secret, whichever is right: the time it takes gives none of them away."""
    compared: list[object] = []

    def watch(_frame: object, event: str, argument: object) -> None:
        if event == "c_call" and argument is hmac.compare_digest:
            compared.append(argument)

    signature = sign(BODY, "first", at=NOW)
    checks = Webhooks(["first", "second"], clock=clock)
    sys.setprofile(watch)
    try:
        checks.verify(BODY, signature)
    finally:
        sys.setprofile(None)
    assert len(compared) == 2


@pytest.mark.parametrize("header", [None, "", f"t={int(NOW)}", "v1=AAAA", "t=x,v1=AAAA", "t=1,t=2"])
def test_c47_f43_signature_left_out_is_refused(checks: Webhooks, header: str | None) -> None:
    """While a secret is set, the second alone is no signature."""
    error = refused(checks, BODY, header)
    assert (error.check, error.status) == ("signature_missing", 401)


def test_c47_f44_stale_and_future_are_refused(checks: Webhooks, clock: ManualClock) -> None:
    """More than ten minutes old, or more than one ahead: not acted on, though well signed."""
    assert refused(checks, BODY, sign(BODY, SECRET, at=NOW - 601)).check == "stale"
    assert refused(checks, BODY, sign(BODY, SECRET, at=NOW + 61)).check == "future"
    assert checks.verify(BODY, sign(BODY, SECRET, at=NOW - 599)).id == "b3f7-1"
    assert checks.verify(BODY, sign(BODY, SECRET, at=NOW + 59)).id == "b3f7-1"


def test_secrets_can_be_changed_without_a_gap(clock: ManualClock) -> None:
    """While two are set, what either signed is taken."""
    checks = Webhooks(["new", SECRET], clock=clock)
    assert checks.verify(BODY, sign(BODY, SECRET, at=NOW)).id == "b3f7-1"
    assert checks.verify(BODY, sign(BODY, "new", at=NOW)).id == "b3f7-1"
    assert SECRET not in repr(checks)


@pytest.mark.parametrize("secret", [None, "", [], [""], [5]])
def test_no_secret_must_be_said_aloud(secret: object, clock: ManualClock) -> None:
    """Without a secret anybody can send anything, so that is no default."""
    with pytest.raises(errors.ConfigurationError, match="secret"):
        Webhooks(secret, clock=clock)  # type: ignore[arg-type]
    unsigned = Webhooks(None, clock=clock, allow_unsigned=True)
    assert unsigned.verify(BODY, f"t={int(NOW)}").id == "b3f7-1"
    assert refused(unsigned, BODY, f"t={int(NOW) - 601}").check == "stale"


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"\xff", b'{"NotificationId":1,"EventType":"x"}', b"[" * 100_000],
)
def test_malformed_bodies_are_a_400(checks: Webhooks, body: bytes) -> None:
    """Signed or not, what is no notification is refused as such."""
    error = refused(checks, body, sign(body, SECRET, at=NOW))
    assert (error.check, error.status) == ("body", 400)


def test_erasure_that_names_nobody_is_an_error(checks: Webhooks) -> None:
    """It is not taken for a request to delete nothing."""
    body = b'{"NotificationId":"1","EventType":"RightToErasureRequest","EventPayload":{}}'
    found = checks.verify(body, sign(body, SECRET, at=NOW))
    with pytest.raises(errors.WebhookError, match="erasure"):
        found.erasure  # noqa: B018


def test_huge_bodies_are_refused_before_any_work(checks: Webhooks) -> None:
    """A megabyte is more than any notification."""
    assert refused(checks, b" " * (1024 * 1024 + 1), sign(b"", SECRET, at=NOW)).status == 400


def test_a_body_that_was_decoded_is_refused(checks: Webhooks) -> None:
    """What was signed are the bytes that arrived."""
    with pytest.raises(TypeError, match="body must be bytes, as it arrived, not str"):
        checks.verify(BODY.decode(), sign(BODY, SECRET, at=NOW))  # type: ignore[arg-type]


@settings(max_examples=300, print_blob=True)
@given(st.binary(max_size=200), st.text(max_size=80) | st.none())
def test_nothing_unsigned_gets_through(body: bytes, header: str | None) -> None:
    """Whatever arrives, it is read or refused, and never read without the secret."""
    checks = Webhooks(secrets.token_hex(), clock=ManualClock(NOW))
    with pytest.raises(errors.WebhookError):
        checks.verify(body, header)
