"""Pages of Open Cloud v2, whose tokens hold for the request that they were given for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.paging import read_page_token, write_page_token
from rblx_oauth.sandbox.parsing import query_size
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["asked", "begin", "journal_page", "key_page", "page", "page_size"]

T = TypeVar("T")
_OF_PAGES = ("maxPageSize", "pageToken", "MaxPageSize", "PageToken", "pageSize", "limit", "cursor")
_DEFAULT = 10


def asked(exchange: Exchange) -> tuple[str, ...]:
    """What a listing is of: its path and every parameter that does not turn its pages."""
    query = sorted(
        f"{name}={value}"
        for name, value in exchange.request.args.items(multi=True)
        if name not in _OF_PAGES
    )
    return (exchange.operation.name, *exchange.arguments.values(), *query)


def page_size(exchange: Exchange, most: int) -> int:
    """How many items a page has: `most` at most, 10 unless asked."""
    return query_size(exchange.request, "maxPageSize", default=_DEFAULT, most=most)


def begin(exchange: Exchange, parameter: str = "pageToken") -> int | None:
    """Where this page begins, as an earlier one told; None for the first.

    Raises:
        Refusal: 400, no earlier page of this listing told so.
    """
    token = exchange.request.args.get(parameter, "")
    position = read_page_token(token, 1, *asked(exchange))
    if position is None:
        return None
    if not (position[0].isascii() and position[0].isdigit()):
        raise Refusal.invalid(f"{parameter} is not one that a listing gave", parameter)
    return int(position[0][:19])


def page(
    exchange: Exchange,
    member: str,
    walk: Iterable[T],
    describe: Callable[[T], object],
    *,
    most: int,
) -> dict[str, object]:
    """A page of what does not change: so many of a walk, from where the last page ended."""
    size, start = page_size(exchange, most), begin(exchange) or 0
    found = list(islice(walk, start, start + size + 1))
    answer: dict[str, object] = {member: [describe(each) for each in found[:size]]}
    if len(found) > size:
        answer["nextPageToken"] = write_page_token((str(start + size),), *asked(exchange))
    return answer


def key_page(
    exchange: Exchange,
    member: str,
    walk: Callable[[int | None], Iterable[int]],
    describe: Callable[[int], object],
    *,
    most: int,
) -> dict[str, object]:
    """A page of what comes and goes: so many keys of a walk, past the last one given.

    Args:
        exchange: Who asks for what.
        member: Of the answer, that holds the items.
        walk: Gives the keys in order that come after one.
        describe: Gives what is said of the item of a key.
        most: Items in a page.
    """
    size = page_size(exchange, most)
    found = list(islice(walk(begin(exchange)), size + 1))
    answer: dict[str, object] = {member: [describe(key) for key in found[:size]]}
    if len(found) > size:
        answer["nextPageToken"] = write_page_token((str(found[size - 1]),), *asked(exchange))
    return answer


def journal_page(
    exchange: Exchange,
    member: str,
    journal: Journal[T],
    about: tuple[str, ...],
    describe: Callable[[T], object],
    *,
    most: int,
) -> dict[str, object]:
    """A page of a journal, newest lines first."""
    size = page_size(exchange, most)
    lines = journal.page(about, begin(exchange), size, newest_first=True)
    answer: dict[str, object] = {member: [describe(line) for line in lines.found]}
    if lines.following is not None:
        answer["nextPageToken"] = write_page_token((str(lines.following),), *asked(exchange))
    return answer
