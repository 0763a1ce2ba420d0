"""Whatever else the sandbox holds, family by family."""

from __future__ import annotations

import inspect

import msgspec
from flask import Blueprint, abort, request

from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.page.tree import grow, reach
from rblx_oauth.sandbox.shelves import Shelf, kinds

__all__ = ["add"]

_SHOWN = 100


class _Kept(msgspec.Struct, frozen=True):
    """A section of the state: what it is called and about, and how much its parts hold."""

    section: str
    about: str
    parts: list[tuple[str, int]]


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/state")
    def other() -> str:
        with state.lock:
            found = [_kept(state.shelves.of(kind)) for kind in kinds()]
        found.sort(key=lambda kept: (not kept.parts, kept.section))
        return shell.show("other", found=found)

    @views.get("/state/<section>")
    def other_section(section: str) -> str:
        kind = next((each for each in kinds() if each.section == section), None) or abort(404)
        at = tuple(request.args.getlist("at"))
        start = max(0, request.args.get("from", 0, type=int))
        with state.lock:
            shelf = state.shelves.of(kind)
            try:
                node = grow(reach(shelf, at), at, start=start, size=_SHOWN)
            except (LookupError, ValueError):
                abort(404)
        return shell.show(
            "other",
            template="tree",
            title=_words(section),
            kept=_kept(shelf),
            node=node,
            start=start,
            size=_SHOWN,
        )


def _kept(shelf: Shelf) -> _Kept:
    about = (inspect.getdoc(shelf) or "").partition("\n")[0].replace("``", "")
    held = ((name, getattr(shelf, name)) for name in shelf.__struct_fields__)
    parts = [(name, len(each)) for name, each in held if isinstance(each, dict | list) and each]
    return _Kept(shelf.section, about, parts)


def _words(section: str) -> str:
    return section.replace("_", " ").capitalize()
