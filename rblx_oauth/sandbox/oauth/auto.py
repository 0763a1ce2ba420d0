"""Authorization requests that answer themselves, for scripts: ``auto=allow`` and ``auto=deny``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from rblx_oauth.sandbox.oauth.offers import choose, on_offer
from rblx_oauth.sandbox.oauth.records import Picks
from rblx_oauth.sandbox.people import User
from rblx_oauth.sandbox.state import State

__all__ = ["Decision", "decide"]

_OFF = (
    "An authorization request with auto= answers itself only where that is switched on: "
    "start the sandbox with --auto, or set auto_consent."
)
_SWITCHES = {"true": True, "false": False}


class Decision(msgspec.Struct, frozen=True):
    """What a person would have said: who they are, and what they let the app into.

    Attributes:
        user: Who decides.
        picks: None where the answer is no.
    """

    user: User
    picks: Picks | None


def decide(state: State, parameters: Mapping[str, str], scopes: Iterable[str]) -> Decision:
    """The decision that the parameters of an authorization request hold.

    They are ``auto`` (``allow`` or ``deny``), and optionally ``auto_user``, ``auto_universes``,
    ``auto_groups`` (ids between commas or spaces; all on offer unless given, none where empty)
    and ``auto_creator`` (``true`` or ``false``).

    Raises:
        ValueError: That is switched off, or one of them is wrong.
    """
    if not state.settings.auto_consent:
        raise ValueError(_OFF)
    wanted = parameters["auto"]
    if wanted not in ("allow", "deny"):
        raise ValueError("auto is allow or deny")
    user = _user(state, parameters.get("auto_user"))
    if wanted == "deny":
        return Decision(user, None)
    creator = _SWITCHES.get(parameters.get("auto_creator", "true"))
    if creator is None:
        raise ValueError("auto_creator is true or false")
    picks = choose(
        on_offer(state, user, scopes),
        universes=_ids(parameters.get("auto_universes")),
        groups=_ids(parameters.get("auto_groups")),
        creator=creator,
    )
    return Decision(user, picks)


def _user(state: State, user_id: str | None) -> User:
    found = next(iter(state.users.values()), None) if user_id is None else state.users.get(user_id)
    if found is None:
        raise ValueError(f"there is no user {user_id}" if user_id else "there are no users")
    return found


def _ids(text: str | None) -> list[str] | None:
    return None if text is None else [each for each in re.split(r"[\s,]+", text) if each]
