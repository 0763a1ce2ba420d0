"""Listing the events of a universe, forwards and backwards."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

import msgspec

from rblx_oauth.models import EventVisibility
from rblx_oauth.sandbox.behaviour.events import asked_fields, event_body, may_read
from rblx_oauth.sandbox.behaviour.events_shelf import Event, EventShelf
from rblx_oauth.sandbox.clock import parse_rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.index import Index
from rblx_oauth.sandbox.listing import asked
from rblx_oauth.sandbox.paging import read_page_token, write_page_token
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]

_PAGE = 25
_LARGEST_PAGE = 100
_ALWAYS = (float("-inf"), float("inf"))

_INT64 = 2**63

_Key = tuple[float, int]


def _bounds(exchange: Exchange, first: str, last: str) -> tuple[float, float]:
    args = exchange.request.args
    return (
        parse_rfc3339(args[first]) if args.get(first) else _ALWAYS[0],
        parse_rfc3339(args[last]) if args.get(last) else _ALWAYS[1],
    )


class _Wanted(msgspec.Struct):
    """Which events are to be listed: bounds of when they begin and end, and who may see them."""

    starts: tuple[float, float]
    ends: tuple[float, float]
    visibility: str

    def lets_through(self, exchange: Exchange, event: Event) -> bool:
        """Whether an event is listed."""
        return (
            self.starts[0] <= event.starts <= self.starts[1]
            and self.ends[0] <= event.ends <= self.ends[1]
            and self.visibility in ("", event.visibility)
            and may_read(exchange, event)
        )


def _wanted(exchange: Exchange) -> _Wanted:
    starts = _bounds(exchange, "startsAfter", "startsBefore")
    ends = _bounds(exchange, "endsAfter", "endsBefore")
    if ends == _ALWAYS:
        # Without a bound, only those are listed that are not over yet.
        ends = (exchange.state.clock.now(), _ALWAYS[1])
    visibility = exchange.request.args.get("visibility", "")
    if visibility and visibility not in {each.value for each in EventVisibility}:
        raise Refusal.invalid("visibility is private, public or moderated")
    return _Wanted(starts, ends, visibility)


def _size(exchange: Exchange) -> int:
    size = int(exchange.request.args.get("pageSize") or _PAGE)
    if not 1 <= size <= _LARGEST_PAGE:
        raise Refusal.invalid(f"pageSize is from 1 to {_LARGEST_PAGE}")
    return size


def _position(exchange: Exchange) -> _Key | None:
    token = exchange.request.args.get("pageToken", "")
    found = read_page_token(token, 2, *_about(exchange))
    try:
        return None if found is None else (float(found[0]), int(found[1]))
    except ValueError:
        raise Refusal.invalid("pageToken is not one that a listing gave") from None


def _about(exchange: Exchange) -> tuple[str, ...]:
    return tuple(each for each in asked(exchange) if not each.startswith("reverse="))


def _token(exchange: Exchange, key: _Key) -> str:
    return write_page_token((repr(key[0]), str(key[1])), *_about(exchange))


def _list(exchange: Exchange) -> object:
    size, fields = _size(exchange), asked_fields(exchange)
    wanted, position = _wanted(exchange), _position(exchange)
    universe_id = exchange.arguments["universe_id"]
    backwards = exchange.request.args.get("reverse", "").lower() == "true"
    with exchange.state.lock:
        shelf = exchange.state.shelves.of(EventShelf)
        index = shelf.order.get(universe_id, Index[_Key]())
        # What has not ended by then began no earlier than the longest event lasts.
        began = wanted.ends[0] - shelf.longest.get(universe_id, 0.0)
        first, last = max(wanted.starts[0], began), wanted.starts[1]

        def walk(after: _Key | None, *, descending: bool) -> Iterable[_Key]:
            return (
                key
                for key in index.walk(
                    at_least=(first, 0), below=(last, _INT64), after=after, descending=descending
                )
                if wanted.lets_through(exchange, shelf.events[str(key[1])])
            )

        page = list(islice(walk(position, descending=backwards), size))
        if backwards:
            page.reverse()
        answer: dict[str, object] = {
            "gameEvents": [event_body(exchange, str(key[1]), fields) for key in page],
            "nextPageToken": None,
            "previousPageToken": None,
        }
        if page and any(walk(page[-1], descending=False)):
            answer["nextPageToken"] = _token(exchange, page[-1])
        if page and any(walk(page[0], descending=True)):
            answer["previousPageToken"] = _token(exchange, page[0])
        return answer


BEHAVIOURS = {"list_events": Behaviour(_list, any_universe=True)}
