"""Two sections that watch: the requests, with the reason of each refusal, and the messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec
from flask import Blueprint, request

from rblx_oauth.sandbox.page.shell import Shell, slice_of
from rblx_oauth.sandbox.recorder import Record
from rblx_oauth.sandbox.state import State

__all__ = ["add"]

_SHOWN = 100
_CLASSES = ("2xx", "3xx", "4xx", "5xx")
_STATUSES = {
    "": "any",
    "refused": "refused, with a reason",
    "none": "none: no answer was sent",
    **{each: each for each in _CLASSES},
}
_FAULTS = {"": "with and without", "any": "any fault"}


class _Wanted(msgspec.Struct, frozen=True):
    """Which requests are to be shown; what is empty says nothing.

    Attributes:
        operation: Of this operation or OAuth endpoint.
        status: ``404``, ``4xx``, ``none`` (no answer was sent) or ``refused``.
        fault: Struck by this fault; ``any`` for every fault.
    """

    operation: str = ""
    status: str = ""
    fault: str = ""

    def fits(self, record: Record) -> bool:
        return (
            self.operation in ("", record.operation)
            and self._has_status(record)
            and (self.fault in ("", record.fault) or (self.fault == "any" and record.fault != ""))
        )

    def _has_status(self, record: Record) -> bool:
        if self.status in _CLASSES:
            return record.status // 100 == int(self.status[0])
        if self.status == "refused":
            return bool(record.reason)
        return self.status in ("", str(record.status) if record.status else "none")


def add(views: Blueprint, shell: Shell) -> None:
    """Put these sections' views in."""
    state = shell.state

    @views.get("/requests")
    def requests() -> str:
        told = {name: request.args.get(name, "").strip() for name in _Wanted.__struct_fields__}
        wanted = _Wanted(**told)
        before = request.args.get("before", type=int)
        found = list(islice(_fitting(state, wanted, before), _SHOWN + 1))
        more = len(found) > _SHOWN
        return shell.show(
            "requests",
            wanted=told,
            before=before,
            found=found[:_SHOWN],
            next_before=found[_SHOWN - 1][0] if more else None,
            total=state.requests.total,
            choices=_choices(state, wanted),
        )

    @views.get("/messages")
    def messages() -> str:
        universe_id = request.args.get("universe", "")
        with state.lock:
            kept = list(state.messages)
            universes = {each.id: each.name for each in state.universes.values()}
        numbers: Sequence[int] = range(len(kept), 0, -1)
        if universe_id:
            numbers = [each for each in numbers if kept[each - 1].universe_id == universe_id]
        part = slice_of(numbers, _SHOWN)
        return shell.show(
            "messages",
            part=part,
            found=[(number, kept[number - 1]) for number in part.found],
            universe_id=universe_id,
            universes=universes,
            base=shell.base,
        )


def _fitting(state: State, wanted: _Wanted, before: int | None) -> Iterator[tuple[int, Record]]:
    return (each for each in state.requests.newest(before) if wanted.fits(each[1]))


def _choices(state: State, wanted: _Wanted) -> dict[str, object]:
    """What can be chosen between: what there has been so far, and what is chosen now."""
    records = list(state.requests)
    statuses = {str(each.status) for each in records if each.status}
    faults = {each.fault for each in records} - {""}
    return {
        "operations": sorted({each.operation for each in records} - {""}),
        "statuses": _named(_STATUSES, statuses | {wanted.status}),
        "faults": _named(_FAULTS, faults | {wanted.fault}),
    }


def _named(named: dict[str, str], others: set[str]) -> list[tuple[str, str]]:
    """Choices with what they are called; `others` go by their own names."""
    return [*named.items(), *((each, each) for each in sorted(others - set(named)))]
