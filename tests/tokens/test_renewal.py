"""What a refresh decides, without doing anything."""

from __future__ import annotations

import pytest

from rblx_oauth.core.rows import GrantRow
from rblx_oauth.errors import (
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    DiscoveryError,
    InvalidClient,
    ProtocolError,
    RateLimited,
    ResponseTooLarge,
    RobloxError,
    ServerError,
    TokenError,
)
from rblx_oauth.oauth.grant_rows import Held
from rblx_oauth.oauth.renewal import Ledger, Outcome, SubmitPlan, Unwritten, outcome_of, poll_pauses
from tests.tokens.test_stores import token_of

TOKEN_ERROR = {"status": 400}


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ConnectFailed("x"), Outcome.NOT_PROCESSED),
        (RateLimited(), Outcome.NOT_PROCESSED),
        (ConnectionLost("x"), Outcome.UNCERTAIN),
        (DeadlineExceeded("x"), Outcome.UNCERTAIN),
        (ProtocolError("x"), Outcome.UNCERTAIN),
        (ResponseTooLarge("x"), Outcome.UNCERTAIN),
        (ServerError(503), Outcome.UNCERTAIN),
        (TokenError("x", code="invalid_grant", status=400), Outcome.GONE),
        (InvalidClient("x", code="invalid_client", status=401), Outcome.MISCONFIGURED),
        (TokenError("x", code="invalid_scope", status=400), Outcome.REFUSED),
        (DiscoveryError("x"), Outcome.REFUSED),
        (ConfigurationError("x"), Outcome.REFUSED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value.name,
)
def test_each_error_has_its_outcome(error: RobloxError, outcome: Outcome) -> None:
    """Only invalid_grant means that the grant is gone."""
    assert outcome_of(error) is outcome


def test_a_doubtful_refresh_is_submitted_once_more() -> None:
    """One pause after the first doubt, none after the second."""
    plan = SubmitPlan(longest=10)
    assert plan.pause_after(ConnectionLost("x"), elapsed=99) is not None
    assert plan.pause_after(ServerError(503), elapsed=99) is None


def test_a_refresh_that_was_not_sent_is_tried_again_a_little() -> None:
    """Two more tries without a connection, and they do not use up the doubtful one."""
    plan = SubmitPlan(longest=10)
    pauses = [plan.pause_after(ConnectFailed("x"), elapsed=1) for _ in range(3)]
    assert pauses == [0.1, 0.4, None]
    assert plan.pause_after(ConnectionLost("x"), elapsed=99) is not None


def test_a_provider_that_takes_nothing_is_not_waited_for_for_ever() -> None:
    """Once the deadline has passed in vain, no more tries are made."""
    assert SubmitPlan(longest=10).pause_after(ConnectFailed("x"), elapsed=10) is None


def test_retry_after_is_obeyed_within_reason() -> None:
    """A short wait is waited; one beyond the deadline is given up."""
    assert SubmitPlan(longest=10).pause_after(RateLimited(retry_after=3), elapsed=1) == 3
    assert SubmitPlan(longest=10).pause_after(RateLimited(retry_after=60), elapsed=1) is None


@pytest.mark.parametrize(
    "error", [TokenError("x", code="invalid_scope", status=400), DiscoveryError("x")]
)
def test_a_refusal_is_not_tried_again(error: RobloxError) -> None:
    """What Roblox refused stays refused."""
    assert SubmitPlan(longest=10).pause_after(error, elapsed=0) is None


def test_polling_starts_fast_and_slows_down_within_its_patience() -> None:
    """25 ms for a second, growing to 500 ms, and over when the patience is."""
    pauses = list(poll_pauses(patience=25))
    assert set(pauses[:40]) == {0.025}
    assert max(pauses) == 0.5
    assert pauses == sorted(pauses)
    assert 25 <= sum(pauses) < 25.5


def test_a_ledger_remembers_the_highest_generation() -> None:
    """A lower one, noted late by a slower reader, does not lower it."""
    ledger = Ledger()
    ledger.note("a", 5)
    ledger.note("a", 4)
    assert (ledger.highest("a"), ledger.highest("b")) == (5, 0)


def test_a_ledger_does_not_grow_without_end() -> None:
    """Beyond its capacity the oldest grant is forgotten."""
    ledger = Ledger(capacity=2)
    for name in "abc":
        ledger.note(name, 1)
        ledger.set_back(name, now=100.0)
    assert [ledger.highest(name) for name in "abc"] == [0, 1, 1]
    assert [ledger.is_set_back(name, 101.0) for name in "abc"] == [False, True, True]


def test_f27_a_token_held_later_is_not_forgotten_with_an_earlier_one() -> None:
    """A slow writer of the earlier one, back at last, leaves what another holds by now."""
    ledger = Ledger()
    token = token_of("123")
    rows = [GrantRow("g", "i", "c", "s", number, b"", 0.0) for number in (1, 2)]
    for row in rows:
        ledger.unwritten["g"] = Unwritten(row, Held(row.generation, token), 0.0)
    ledger.settle(rows[0])
    assert ledger.unwritten["g"].row is rows[1]
    ledger.settle(rows[1])
    assert ledger.unwritten == {}


def test_a_setback_passes() -> None:
    """After ten seconds refreshing ahead is tried again."""
    ledger = Ledger()
    ledger.set_back("a", now=100.0)
    assert ledger.is_set_back("a", 109.9)
    assert not ledger.is_set_back("a", 110.0)
    assert not ledger.is_set_back("b", 100.0)
