"""Rate budgets of either colour, and requests that count against them."""

from __future__ import annotations

from functools import partial
from typing import Any

from rblx_oauth import AsyncRateBudget, RateBudget, api, errors
from rblx_oauth.catalog import operation
from tests.client.answers import reply
from tests.support.colours import Colour

LIMIT = operation("get_user").token_limit
assert LIMIT is not None
COUNT, SECONDS = LIMIT.count, LIMIT.seconds
USER = reply(body={"id": "1"})


def budget(colour: Colour, storage: Any = "memory://", **options: Any) -> Any:
    """A budget of the colour under test."""
    kind = RateBudget if colour.name == "sync" else AsyncRateBudget
    return colour.keep(kind(storage, **options))


def ask(colour: Colour, client: Any, **options: Any) -> None:
    """One request that counts against the token's limit for `get_user`."""
    assert colour(client.send(api.users.get_user(user_id=1), **options)).id == 1


def use_up(colour: Colour, client: Any) -> None:
    """All the requests that the limit allows."""
    for _ in range(COUNT):
        ask(colour, client)


def at_once(colour: Colour, client: Any, number: int) -> list[object]:
    """So many requests together: what each gave or raised."""
    call = api.users.get_user(user_id=1)
    return colour.at_once([partial(client.send, call)] * number)


def refusals(outcomes: list[object]) -> int:
    """How many of them the budget refused."""
    return sum(isinstance(each, errors.BudgetExhausted) for each in outcomes)
