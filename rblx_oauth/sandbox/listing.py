"""Listings whose pages hold for the request that they were asked with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from rblx_oauth.sandbox.exchange import Exchange
from rblx_oauth.sandbox.journal import Journal
from rblx_oauth.sandbox.paging import Page, read_page_token, write_page_token
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


def begin(exchange: Exchange, parameter: str = "pageToken") -> int | None:
    """Where this page begins, as an earlier one told in a single number; None for the first.

    Raises:
        Refusal: 400, no earlier page of this listing told so.
    """
    token = exchange.request.args.get(parameter, "")
    try:
        position = read_page_token(token, 1, *asked(exchange))
        return None if position is None else int(position[0][:19])
    except (Refusal, ValueError):
        said = f"{parameter} is of no page of this listing; start from the first page"
        raise Refusal.invalid(said, parameter) from None


def page(
    exchange: Exchange,
    member: str,
    walk: Iterable[T],
    describe: Callable[[T], object],
    *,
    most: int,
) -> dict[str, object]:
    """A page of what does not change: so many of a walk, from where the last page ended.

    Args:
        exchange: Who asks for what.
        member: Of the answer, that holds the items.
        walk: Gives the things in order, from the first one on.
        describe: Gives what is said of a thing.
        most: Items in a page; 10 unless asked.
    """
    start = begin(exchange) or 0
    found = enumerate(islice(walk, start, None), start + 1)
    return _filled(exchange, member, ((at, describe(each)) for at, each in found), most)


def key_page(
    exchange: Exchange,
    member: str,
    walk: Callable[[int | None], Iterable[int]],
    describe: Callable[[int], object],
    *,
    most: int,
) -> dict[str, object]:
    """A page of what comes and goes: so many keys of a walk, past the last one given.

    Arguments as of `page`, but that `walk` gives the keys in order that come after one.
    """
    found = walk(begin(exchange))
    return _filled(exchange, member, ((key, describe(key)) for key in found), most)


def _filled(
    exchange: Exchange, member: str, found: Iterable[tuple[int, object]], most: int
) -> dict[str, object]:
    filled = Page("", 1, asked(exchange), size=page_size(exchange, most))
    filled.fill(((str(at),), item) for at, item in found)
    return filled.answer(member)


def page_size(exchange: Exchange, most: int) -> int:
    """How many items a page has: `most` at most, 10 unless asked."""
    return query_size(exchange.request, "maxPageSize", default=_DEFAULT, most=most)


def journal_page(
    exchange: Exchange,
    member: str,
    journal: Journal[T],
    about: tuple[str, ...],
    describe: Callable[[T], object],
    *,
    most: int,
) -> dict[str, object]:
    """A page of the lines of a journal that are about something, newest first."""
    size = page_size(exchange, most)
    lines = journal.page(about, begin(exchange), size, newest_first=True)
    answer: dict[str, object] = {member: [describe(line) for line in lines.found]}
    if lines.following is not None:
        answer["nextPageToken"] = write_page_token((str(lines.following),), *asked(exchange))
    return answer
