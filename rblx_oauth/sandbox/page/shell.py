"""What the sections of the page have in common: how they are shown, and how they say "done"."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import msgspec
from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.catalog import operations
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.state import State

__all__ = ["Shell", "Slice", "Tab", "slice_of"]

T = TypeVar("T")

_KEPT_NOTICES = 100


class Tab(NamedTuple):
    """A section of the page: the endpoint of its view, and its title."""

    endpoint: str
    title: str


_TABS: dict[str, tuple[Tab, ...]] = {
    "Watch": (
        Tab("overview", "Overview"),
        Tab("requests", "Requests"),
        Tab("messages", "Messages"),
    ),
    "Look inside": (
        Tab("data_stores", "Data stores"),
        Tab("assets", "Assets"),
        Tab("universes", "Universes"),
        Tab("people", "Users and groups"),
        Tab("grants", "Grants and tokens"),
        Tab("other", "Everything else"),
    ),
    "Change": (
        Tab("webhooks", "Webhooks"),
        Tab("faults", "Faults"),
        Tab("clock", "Clock"),
        Tab("settings", "Settings"),
        Tab("saved", "Save, load, reset"),
    ),
    "Learn": (Tab("catalogue", "Operations"),),
}


class Shell:
    """The page around a section.

    Args:
        state: What is shown and changed.
        base: The sandbox's own address, without a trailing slash.
    """

    def __init__(self, state: State, base: str) -> None:
        self.state = state
        self.base = base
        self._notices: OrderedDict[int, str] = OrderedDict()
        self._changes = 0

    def show(self, endpoint: str, *, template: str = "", title: str = "", **content: object) -> str:
        """A section, or a part of it.

        Args:
            endpoint: The section.
            template: What shows the part; otherwise it is the section's own.
            title: What the part is.
            content: What the template needs; `refused`: why what was asked for was not done.
        """
        tab = next(tab for tabs in _TABS.values() for tab in tabs if tab.endpoint == endpoint)
        notice = self._notices.pop(request.args.get("done", 0, type=int), "")
        return self._render(
            template or endpoint, tab=tab, title=title or tab.title, notice=notice, **content
        )

    def missing(self) -> str:
        """What is shown in place of what does not exist."""
        return self._render("missing", title="This is not there")

    def _render(self, template: str, **content: object) -> str:
        return render_template(
            f"page/{template}.html",
            tabs=_TABS,
            pulse=self.pulse(),
            rfc3339=rfc3339,
            json=_json,
            catalogued=operations(),
            caller_words=self._caller_words,
            **content,
        )

    def _caller_words(self, caller: str) -> str:
        """A caller as it was recorded, with the app's name for its id."""
        start, _, client = caller.rpartition("app ")
        known = self.state.clients.get(client)
        return f"{start}{known.name}" if known else caller

    def done(self, notice: str, endpoint: str, **values: object) -> AnyResponse:
        """Send the browser to a section, which says what was done; reloading it does nothing."""
        with self.state.lock:
            self._changes += 1
            number = self._changes
            self._notices[number] = notice
            if len(self._notices) > _KEPT_NOTICES:
                self._notices.popitem(last=False)
        where = url_for(f"page.{endpoint}", done=number, **values)  # type: ignore[arg-type]
        return redirect(where, 303)

    def pulse(self) -> dict[str, object]:
        """The time, and a mark that is another one whenever something has changed."""
        state = self.state
        with state.lock:
            struck = sum(fault.hits for fault in state.faults)
            marks = (
                state.requests.total,
                len(state.messages),
                len(state.faults),
                struck,
                sum(1 + len(each.attempts) for each in state.webhooks.deliveries),
                state.clock.offset,
                self._changes,
            )
            return {
                "now": state.clock.now(),
                "time": rfc3339(state.clock.now()),
                "requests": state.requests.total,
                "messages": len(state.messages),
                "mark": " ".join(map(str, marks)),
            }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


class Slice(msgspec.Struct, Generic[T]):
    """A part of a list.

    Attributes:
        found: What is in it.
        start: How many come before it.
        count: How many there are in all.
        size: How many such a part holds.
    """

    found: Sequence[T]
    start: int
    count: int
    size: int

    @property
    def earlier(self) -> int | None:
        """Where the part before it begins."""
        return max(0, self.start - self.size) if self.start else None

    @property
    def later(self) -> int | None:
        """Where the part after it begins."""
        end = self.start + self.size
        return end if end < self.count else None


def slice_of(items: Sequence[T], size: int) -> Slice[T]:
    """The part that the request asks for with ``from``."""
    start = max(0, request.args.get("from", 0, type=int))
    return Slice(items[start : start + size], start, len(items), size)
