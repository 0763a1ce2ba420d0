"""The retry policy: pure decisions over facts."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, strategies as st

from rblx_oauth import errors
from rblx_oauth.core import retry
from rblx_oauth.core.retry import CAP, Doubt, RetryBudgets, Tries, doubt, pause

LOST = errors.ConnectionLost("lost")
NO_CONNECTION = errors.ConnectFailed("none")
LIMITED = errors.RateLimited()

FAILURES = [
    LOST,
    NO_CONNECTION,
    LIMITED,
    errors.RateLimited(retry_after=3.0),
    errors.DeadlineExceeded("late"),
    errors.ProtocolError("nonsense"),
    errors.ServerError(500),
    errors.ServerError(501),
    errors.ServerError(503),
    errors.BadRequest(400),
    errors.NotFound(404),
    errors.Conflict(409),
]


def after(tries: Tries, error: errors.RobloxError, left: float = 60.0) -> float:
    """The pause, with the longest jitter and an endless budget."""
    return tries.after(error, left=left, random=lambda: 1.0, allowed=lambda: True)


def refusal(tries: Tries, error: errors.RobloxError) -> errors.RobloxError | None:
    """What is raised instead of another try."""
    try:
        after(tries, error)
    except errors.RobloxError as raised:
        return raised
    return None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NO_CONNECTION, Doubt.NONE),
        (LIMITED, Doubt.NONE),
        (LOST, Doubt.SOME),
        (errors.DeadlineExceeded("late"), Doubt.SOME),
        (errors.ProtocolError("nonsense"), Doubt.SOME),
        (errors.ServerError(503), Doubt.SOME),
        (errors.ServerError(501), Doubt.FINAL),
        (errors.BadRequest(400), Doubt.FINAL),
        (errors.Conflict(409), Doubt.FINAL),
    ],
)
def test_doubt(error: errors.RobloxError, expected: Doubt) -> None:
    """Each failure tells whether the request may have been processed."""
    assert doubt(error) is expected


def test_pauses_double_with_full_jitter() -> None:
    """From 0.25 s, after a 429 from 1 s, never over 20 s; jitter down to nothing."""
    assert [pause(LOST, n, lambda: 1.0) for n in (1, 2, 3)] == [0.25, 0.5, 1.0]
    assert [pause(LIMITED, n, lambda: 1.0) for n in (1, 2)] == [1.0, 2.0]
    assert pause(LOST, 20, lambda: 1.0) == CAP
    assert pause(LOST, 1, lambda: 0.0) == 0.0
    assert pause(errors.RateLimited(retry_after=55.0), 1, lambda: 0.5) == 55.0
    assert pause(errors.ServerError(503, retry_after=55.0), 1, lambda: 0.5) == 55.0


@given(
    st.lists(st.sampled_from(FAILURES), min_size=3, max_size=3),
    st.sampled_from(["always", "delete", "etag", "key", "never"]),
    st.booleans(),
)
def test_a_doubtful_write_is_never_repeated(
    failures: list[errors.RobloxError], repeat: str, guarded: bool
) -> None:
    """Whatever goes wrong in whatever order: at most three tries, and none after doubt."""
    tries = Tries("op", repeat, guarded=guarded)  # type: ignore[arg-type]
    safe = repeat in ("always", "delete") or (repeat in ("etag", "key") and guarded)
    doubtful = False
    for number, error in enumerate(failures, start=1):
        assert not doubtful or safe
        doubtful = doubtful or doubt(error) is Doubt.SOME
        raised = refusal(tries, error)
        if raised is not None:
            assert raised is error or raised.__cause__ is error
            assert doubtful or not isinstance(raised, errors.AmbiguousOutcome)
            return
        assert number < retry.ATTEMPTS
    pytest.fail("a fourth try")


def test_no_time_left_raises_the_error() -> None:
    """A pause that reaches the deadline is not begun."""
    with pytest.raises(errors.RateLimited):
        after(Tries("op", "always", guarded=False), errors.RateLimited(retry_after=5.0), left=5.0)


def test_a_try_that_was_held_back_is_not_repeated() -> None:
    """It raises as it is; or, after a try that may have been processed, what became of that."""
    held_back = errors.BudgetExhausted(retry_after=0.1, operation="op")
    tries = Tries("op", "always", guarded=False)
    assert after(tries, NO_CONNECTION) == 0.25
    assert refusal(tries, held_back) is held_back
    after(tries, LOST)
    raised = refusal(tries, held_back)
    assert raised is LOST
    assert raised.__cause__ is held_back


def test_budget_runs_out_and_refills() -> None:
    """Ten retries, then one more for every ten good answers, each credential by itself."""
    budgets = RetryBudgets()
    key, other = ("host", "a"), ("host", "b")
    assert [budgets.take(key) for _ in range(11)] == [True] * 10 + [False]
    assert budgets.take(other)
    for _ in range(9):
        budgets.answered(key)
    assert not budgets.take(key)
    for _ in range(2):
        budgets.answered(key)
    assert budgets.take(key)


def test_budgets_of_many_credentials_stay_few() -> None:
    """The table of budgets is bounded."""
    budgets = RetryBudgets(keys=100)
    for number in itertools.islice(itertools.count(), 1000):
        budgets.take(("host", str(number)))
    assert len(budgets._spent) == 100
