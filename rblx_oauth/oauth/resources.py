"""Token resources: what the person picked on Roblox's consent page."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from rblx_oauth.core.message import Response
from rblx_oauth.errors import ProtocolError
from rblx_oauth.oauth.answers import json_answer, token_endpoint_error
from rblx_oauth.oauth.endpoints import RESOURCES

OWNER_ITSELF = "U"
"""A creator id that stands for the owner of the resources."""


class _Ids(msgspec.Struct, frozen=True):
    ids: tuple[str, ...] = ()


class _Picked(msgspec.Struct, frozen=True):
    universe: _Ids = _Ids()
    creator: _Ids = _Ids()


class Owner(msgspec.Struct, frozen=True):
    """Who owns what was picked: its type (``User``, ``Group``), and its id as a string."""

    id: str
    type: str


class _Info(msgspec.Struct, frozen=True):
    owner: Owner
    resources: _Picked = _Picked()


class _Answer(msgspec.Struct, frozen=True):
    resource_infos: tuple[_Info, ...]


@dataclass(frozen=True, slots=True)
class Resources:
    """The universes and creators that a token may act on.

    Attributes:
        universe_ids: The universes.
        user_ids: Users to act as, e.g. for uploads.
        group_ids: Groups to act as.
        owners: The owners that anything was picked of.
    """

    universe_ids: frozenset[int]
    user_ids: frozenset[int]
    group_ids: frozenset[int]
    owners: tuple[Owner, ...]

    def covers(
        self, *, universe: int | None = None, user: int | None = None, group: int | None = None
    ) -> bool:
        """Whether everything that is named was picked; naming nothing covers nothing."""
        asked = [
            (wanted, picked)
            for wanted, picked in (
                (universe, self.universe_ids),
                (user, self.user_ids),
                (group, self.group_ids),
            )
            if wanted is not None
        ]
        return bool(asked) and all(wanted in picked for wanted, picked in asked)


def read_resources(response: Response, *, now: float) -> Resources:
    """Judge the answer to `endpoints.resources_request`.

    Raises:
        TokenError, InvalidClient, RateLimited, ServerError, ProtocolError: It was refused.
    """
    if response.status != 200:
        raise token_endpoint_error(response, operation=RESOURCES, now=now)
    answer = json_answer(response, _Answer, operation=RESOURCES)
    universes: set[int] = set()
    creators: dict[str, set[int]] = {}
    try:
        for info in answer.resource_infos:
            universes.update(int(each) for each in info.resources.universe.ids)
            for creator in info.resources.creator.ids:
                kind, number = _creator(creator, info.owner)
                creators.setdefault(kind, set()).add(number)
    except ValueError:
        raise ProtocolError(f"{RESOURCES}: an id is not a number", operation=RESOURCES) from None
    return Resources(
        universe_ids=frozenset(universes),
        user_ids=frozenset(creators.get("User", ())),
        group_ids=frozenset(creators.get("Group", ())),
        owners=tuple(info.owner for info in answer.resource_infos),
    )


def _creator(text: str, owner: Owner) -> tuple[str, int]:
    if text == OWNER_ITSELF:
        return owner.type, int(owner.id)
    return {"U": "User", "G": "Group"}.get(text[:1], "other"), int(text[1:])
