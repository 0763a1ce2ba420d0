"""Users, groups with their members, and the universes that they own."""

from __future__ import annotations

from itertools import islice

import msgspec
from flask import Blueprint, Response, abort, render_template

from rblx_oauth.sandbox import summary
from rblx_oauth.sandbox.behaviour.groups_shelf import community_of
from rblx_oauth.sandbox.drawing import avatar_colour
from rblx_oauth.sandbox.page.shell import Shell, slice_of
from rblx_oauth.sandbox.people import Group, Universe
from rblx_oauth.sandbox.places import places_of
from rblx_oauth.sandbox.state import State

__all__ = ["add"]

_SHOWN = 50
_MEMBERS = 50


class _GroupLine(msgspec.Struct, frozen=True):
    """A group: its roles by rank, the first of its members with theirs, and how many there are."""

    group: Group
    roles: list[str]
    members: list[tuple[str, list[str]]]
    count: int
    shout: str


class _UniverseLine(msgspec.Struct, frozen=True):
    """A universe: who owns it, as a grant writes it, and what is in it."""

    universe: Universe
    owner: str
    places: list[tuple[str, str]]
    stores: int


def add(views: Blueprint, shell: Shell) -> None:
    """Put these sections' views in."""
    state = shell.state

    @views.get("/people")
    def people() -> str:
        with state.lock:
            part = slice_of(list(state.users.values()), _SHOWN)
            groups = [_group_line(state, group) for group in islice(state.groups.values(), _SHOWN)]
            names = summary.names(state)
        more = max(0, len(state.groups) - _SHOWN)
        return shell.show("people", part=part, groups=groups, more_groups=more, names=names)

    @views.get("/universes")
    def universes() -> str:
        with state.lock:
            part = slice_of(list(state.universes.values()), _SHOWN)
            found = [_universe_line(state, each) for each in part.found]
            names = summary.names(state)
        return shell.show("universes", part=part, found=found, names=names)

    @views.get("/avatars/<user_id>.svg")
    def avatar(user_id: str) -> Response:
        user = state.users.get(user_id) or abort(404)
        red, green, blue = avatar_colour(int(user.id))
        initial = next((each for each in user.name if each.isalnum()), "?").upper()
        svg = render_template("avatar.svg", colour=f"rgb({red} {green} {blue})", initial=initial)
        return Response(svg, mimetype="image/svg+xml", headers={"Cache-Control": "max-age=3600"})


def _group_line(state: State, group: Group) -> _GroupLine:
    community = community_of(state, group)
    roles = community.roles
    members = [
        (user, [roles[each].name for each in community.roles_of(user)])
        for user in islice(community.members, _MEMBERS)
    ]
    return _GroupLine(
        group=group,
        roles=[f"{roles[each].name} ({roles[each].rank})" for each in community.ladder],
        members=members,
        count=len(community.members),
        shout=community.shout.body if community.shout else "",
    )


def _universe_line(state: State, universe: Universe) -> _UniverseLine:
    places = [(each.id, each.name or universe.name) for each in places_of(state, universe.id)]
    owner = f"U{universe.user}" if universe.user else f"G{universe.group}"
    return _UniverseLine(universe, owner, places, len(state.data.of(universe.id)))
