"""One entry of a data store with its revisions: adding it, changing it, deleting it."""

from __future__ import annotations

from itertools import islice

import msgspec
from flask import Blueprint, abort, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox.behaviour.entries import commit, find
from rblx_oauth.sandbox.page.entry_form import Typed
from rblx_oauth.sandbox.page.shell import Shell
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["add", "cut"]

_REVISIONS = 20
_SHOWN_REVISION = 1000


def add(views: Blueprint, shell: Shell) -> None:
    """Put this section's views in."""
    state = shell.state

    @views.get("/data-stores/<universe_id>/new")
    def new_entry(universe_id: str) -> str:
        return new_form(universe_id, Typed.of(request.args))

    def new_form(universe_id: str, typed: Typed, *, refused: str = "") -> str:
        return shell.show(
            "data_stores",
            template="new_entry",
            title="Add an entry",
            refused=refused,
            universe=state.universes.get(universe_id) or abort(404),
            typed=typed,
        )

    @views.post("/data-stores/<universe_id>/new")
    def add_entry(universe_id: str) -> AnyResponse | tuple[str, int]:
        if universe_id not in state.universes:
            abort(404)
        typed = Typed.of(request.form)
        try:
            address, content = typed.address(universe_id).check(), typed.content()
            with state.lock:
                entry = find(state, address)
                if entry is not None and not entry.latest.deleted:
                    raise Refusal(409, "ABORTED", "there is an entry with this key already")
                commit(state, address, *content)
        except Refusal as refusal:
            return new_form(universe_id, typed, refused=refusal.message), refusal.status
        return shell.done("The entry was added.", "entry", universe_id=universe_id, **_place(typed))

    @views.get("/data-stores/<universe_id>/entry")
    def entry(universe_id: str) -> str:
        return entry_page(universe_id, Typed.of(request.args))

    def entry_page(universe_id: str, typed: Typed, *, refused: str = "") -> str:
        address = typed.address(universe_id)
        with state.lock:
            universe = state.universes.get(universe_id) or abort(404)
            found = state.data.find(universe_id, typed.store, typed.scope, typed.key) or abort(404)
            latest = found.latest
            after = request.args.get("after", "")
            walk = found.walk(float("-inf"), float("inf"), after, descending=True)
            revisions = list(islice(walk, _REVISIONS + 1))
        return shell.show(
            "data_stores",
            template="entry",
            title=typed.key,
            refused=refused,
            universe=universe,
            entry=found,
            latest=latest,
            where=address,
            typed=typed if refused else Typed.now(found),
            revisions=[
                (each, cut(each.value, _SHOWN_REVISION), bytes(each.attributes).decode())
                for each in revisions[:_REVISIONS]
            ],
            base=shell.base,
            more=revisions[_REVISIONS - 1].id if len(revisions) > _REVISIONS else None,
            count=len(found.revisions),
        )

    @views.post("/data-stores/<universe_id>/entry")
    def change_entry(universe_id: str) -> AnyResponse | tuple[str, int]:
        typed = Typed.of(request.form)
        address = typed.address(universe_id)
        deletes = request.form.get("action") == "delete"
        try:
            with state.lock:
                found = find(state, address) or abort(404)
                if typed.etag != found.latest.etag:
                    raise Refusal(409, "ABORTED", "the entry has changed since you opened it")
                if not deletes:
                    commit(state, address, *typed.content())
                elif not found.latest.deleted:
                    state.data.delete(found)
        except Refusal as refusal:
            return entry_page(universe_id, typed, refused=refusal.message), refusal.status
        said = "The entry was deleted." if deletes else "The entry was saved as a new revision."
        return shell.done(said, "entry", universe_id=universe_id, **_place(typed))


def _place(typed: Typed) -> dict[str, str]:
    return {"store": typed.store, "scope": typed.scope, "key": typed.key}


def cut(value: msgspec.Raw, most: int) -> str:
    """The beginning of a value, of so many characters."""
    text = bytes(value)[: most * 4].decode(errors="ignore")
    return text if len(text) <= most else f"{text[:most]}…"
