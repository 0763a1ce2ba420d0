"""Rate budgets without a clock or a socket: what is counted, what is heeded, how long to wait."""

from __future__ import annotations

import random
import sys
import threading

import pytest

from rblx_oauth.catalog import Credential, Operation, RateLimit, operations
from rblx_oauth.core.budget import LONGEST_BLOCK, Bucket, Ledger, buckets
from rblx_oauth.core.credentials import fingerprint
from rblx_oauth.core.message import Response

TEN = RateLimit(count=10, seconds=60)
FEW = Bucket("few", RateLimit(count=3, seconds=10))
MANY = Bucket("many", RateLimit(count=5, seconds=60))
OWN = Bucket("own")

PLAIN = Operation("get_thing", "things", "GET", "/things", token_limit=TEN)
READ = Operation("get_entry", "data_stores", "GET", "/u/{universe_id}/d/{key}")
WRITE = Operation("set_entry", "data_stores_v1", "POST", "/u/{universe_id}/d/{key}")


def drawn(
    operation: Operation, *path: str, credential: Credential = "token", name: str = "n"
) -> dict[str, RateLimit | None]:
    """The buckets of a request, and their limits."""
    made = buckets(operation, path, base="b", credential=credential, name=name)
    return {each.key: each.limit for each in made}


def answer(status: int = 200, **headers: str) -> Response:
    """An answer with these headers."""
    return Response(status, {name.replace("_", "-"): each for name, each in headers.items()}, b"")


def test_each_credential_has_its_own_limit() -> None:
    """Per token and per key as the catalogue says, for each operation by itself."""
    assert drawn(PLAIN, name="token-1") == {"b/token-1/get_thing": TEN}
    assert drawn(PLAIN, credential="api_key", name="key-1") == {"b/key-1/get_thing": None}


def test_a_million_a_minute_is_no_limit() -> None:
    """What Roblox writes where it has no limit of its own is not counted."""
    free = Operation("x", "things", "GET", "/x", key_limit=RateLimit(1_000_000, 60))
    assert drawn(free, credential="api_key") == {"b/n/x": None}


def test_data_stores_share_a_limit_per_universe() -> None:
    """Reads of a universe share one, writes another, whoever asks and by which API."""
    minute = RateLimit(count=300, seconds=60)
    assert drawn(READ, "7", "k") == {
        "b/n/get_entry": None,
        "b/universes/7/data-stores/read": minute,
    }
    assert drawn(WRITE, "7", "k", name="other") == {
        "b/other/set_entry": None,
        "b/universes/7/data-stores/write": minute,
    }


def test_every_data_store_operation_begins_with_its_universe() -> None:
    """The limit per universe is found by the path's first placeholder."""
    stores = [each for each in operations().values() if "data_stores" in each.family]
    assert stores
    for each in stores:
        assert each.path.partition("{")[2].startswith("universe_id}"), each.name
        assert len(drawn(each, "7", "a", "b", "c")) == 2


def test_fingerprints_are_the_same_everywhere_and_no_secret() -> None:
    """Processes that share a Redis must agree on a name, which must not give the secret."""
    assert fingerprint("secret-1") == "0a8a066d56732b61" != fingerprint("secret-2")


def test_windows_move() -> None:
    """A slot is free again when it was taken so many seconds ago, not earlier."""
    ledger = Ledger()
    assert [ledger.take([FEW], now) for now in (0, 4, 8)] == [0, 0, 0]
    assert ledger.take([FEW], 9) == 1
    assert ledger.take([FEW], 10) == 0
    assert ledger.take([FEW], 10) == 4


def test_a_slot_of_every_bucket_or_of_none() -> None:
    """A refusal by one bucket takes nothing of the others, and the longest wait counts."""
    ledger = Ledger()
    for _ in range(3):
        assert ledger.take([FEW, MANY], 0) == 0
    for _ in range(5):
        assert ledger.take([FEW, MANY], 1) == 9
    assert [ledger.take([MANY], 2) for _ in range(3)] == [0, 0, 58]
    assert ledger.take([FEW, MANY], 3) == 57


@pytest.mark.parametrize("turn", range(5))
def test_no_stretch_holds_more_than_the_limit(turn: int) -> None:
    """Callers at any times, who come back when told: every window keeps to the limit."""
    seed = random.randrange(10**9)
    print(f"turn {turn}, seed {seed}")  # noqa: T201  # shown when the test fails
    chance = random.Random(seed)
    ledger, now = Ledger(), 0.0
    taken: list[float] = []
    for _ in range(400):
        now += chance.choice([0.0, 0.0, 0.1, 1.0, chance.random() * 12])
        while wait := ledger.take([FEW], now):
            assert wait <= 10
            now += wait
        taken.append(now)
    assert all(later - first > 10 - 1e-6 for first, later in zip(taken, taken[3:], strict=False))


def test_a_wait_is_never_longer_than_the_window() -> None:
    """Not even by a rounding error: of a slot taken this very moment, the window's length."""
    ledger, now = Ledger(), 505.491026527733
    for _ in range(3):
        ledger.take([FEW], now)
    assert now + 10 - now > 10, "the sum is one that rounds up"
    assert ledger.take([FEW], now) == 10


def test_threads_get_exactly_the_slots_there_are() -> None:
    """Sixty threads at once and forty slots: forty pass."""
    switch = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(20):
            ledger, bucket = Ledger(), Bucket("b", RateLimit(count=40, seconds=60))
            passed: list[int] = []
            together = threading.Barrier(60)

            def ask(
                number: int,
                ledger: Ledger = ledger,
                bucket: Bucket = bucket,
                passed: list[int] = passed,
                together: threading.Barrier = together,
            ) -> None:
                together.wait()
                if not ledger.take([bucket], 0):
                    passed.append(number)

            threads = [threading.Thread(target=ask, args=(each,)) for each in range(60)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert len(passed) == 40
    finally:
        sys.setswitchinterval(switch)


def test_what_an_answer_says_is_left_is_all_there_is() -> None:
    """Others may share a limit: after three more requests, none until the window ends."""
    ledger = Ledger()
    told = answer(x_ratelimit_remaining="3", x_ratelimit_reset="20")
    ledger.answered([OWN, FEW], told, now=100, epoch=0)
    assert [ledger.take([OWN], 105) for _ in range(4)] == [0, 0, 0, 15]
    assert ledger.take([FEW], 105) == 0
    assert ledger.take([OWN], 120) == 0


def test_answers_on_their_way_do_not_add_to_what_is_left() -> None:
    """In one window what is left only falls; the next window's answer counts anew."""
    ledger = Ledger()
    for left in ("2", "9"):
        told = answer(x_ratelimit_remaining=left, x_ratelimit_reset="20")
        ledger.answered([OWN], told, now=0, epoch=0)
    assert [ledger.take([OWN], 1) for _ in range(3)] == [0, 0, 19]
    ledger.answered(
        [OWN], answer(x_ratelimit_remaining="9", x_ratelimit_reset="20"), now=20, epoch=0
    )
    assert [ledger.take([OWN], 21) for _ in range(10)] == [0] * 9 + [19]


@pytest.mark.parametrize(
    ("headers", "shut"),
    [
        ({"retry_after": "30"}, {"own", "few"}),
        ({"retry_after": "Thu, 01 Jan 1970 00:17:10 GMT"}, {"own", "few"}),
        ({"retry_after": "30", "x_ratelimit_remaining": "0", "x_ratelimit_reset": "9"}, {"own"}),
        ({"x_ratelimit_remaining": "0", "x_ratelimit_reset": "30"}, {"own"}),
        ({"retry_after": "30", "x_ratelimit_remaining": "8", "x_ratelimit_reset": "9"}, {"few"}),
        ({}, set()),
        ({"retry_after": "soon"}, set()),
    ],
)
def test_429_shuts_what_it_may_be_about(headers: dict[str, str], shut: set[str]) -> None:
    """Until the time it says, for everybody: the limit it names, or all that it may mean."""
    ledger = Ledger()
    ledger.answered([OWN, FEW], answer(429, **headers), now=50, epoch=1000)
    waits = {each.key: ledger.take([each], 51) for each in (OWN, FEW)}
    assert waits == {key: 29 if key in shut else 0 for key in waits}
    assert ledger.take([OWN, FEW], 80) == 0


def test_nobody_is_shut_out_for_long_on_one_answers_word() -> None:
    """An absurd time is cut, as are numbers that no machine can hold."""
    for word in ("999999999", "9" * 5000):
        ledger = Ledger()
        ledger.answered([OWN], answer(429, retry_after=word), now=0, epoch=0)
        assert ledger.take([OWN], 0) == LONGEST_BLOCK
        told = answer(x_ratelimit_remaining=word, x_ratelimit_reset=word)
        ledger.answered([OWN], told, now=0, epoch=0)


@pytest.mark.parametrize("word", ["", "-1", "many", "1.5", "٣", "5, 5;w=60"])
def test_nonsense_in_headers_says_nothing(word: str) -> None:
    """What is no number of requests or seconds is passed over."""
    ledger = Ledger()
    for left, reset in ((word, "30"), ("0", word)):
        told = answer(x_ratelimit_remaining=left, x_ratelimit_reset=reset)
        ledger.answered([OWN], told, now=0, epoch=0)
    assert ledger.take([OWN], 0) == 0


def test_a_ledger_that_does_not_count_heeds_answers() -> None:
    """Where slots are counted elsewhere, what answers say still holds back."""
    ledger = Ledger(counts=False)
    assert [ledger.take([FEW], 0) for _ in range(9)] == [0] * 9
    ledger.answered([FEW], answer(429, retry_after="5"), now=0, epoch=0)
    assert ledger.wait([FEW], 1) == ledger.take([FEW], 1) == 4


def test_idle_accounts_are_forgotten() -> None:
    """Each token has accounts of its own; the table does not grow with the tokens ever seen."""
    ledger = Ledger(keys=100)
    for number in range(5000):
        ledger.take([Bucket(f"token-{number}", FEW.limit), MANY], number * 60.0)
    assert len(ledger._accounts) <= 101
    busy = Ledger(keys=100)
    for number in range(500):
        busy.take([Bucket(f"token-{number}", FEW.limit)], 0)
    assert len(busy._accounts) == 500
