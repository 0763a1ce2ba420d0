"""What a new sandbox holds: the same people, places and entries every time."""

from __future__ import annotations

import msgspec

from rblx_oauth.sandbox.oauth.records import Client
from rblx_oauth.sandbox.people import BUILT, JOINED, ApiKey, Group, Universe, User
from rblx_oauth.sandbox.seeds.assets import seed_assets
from rblx_oauth.sandbox.seeds.commerce import seed_commerce
from rblx_oauth.sandbox.seeds.people import seed_people
from rblx_oauth.sandbox.seeds.stores import seed_stores
from rblx_oauth.sandbox.seeds.translations import seed_translations
from rblx_oauth.sandbox.seeds.worlds import seed_worlds
from rblx_oauth.sandbox.state import State

__all__ = ["CONFIDENTIAL_CLIENT", "DEVELOPER", "DEVELOPER_KEY", "PUBLIC_CLIENT", "seed"]

_DAY = 86_400.0

# These open nothing but a sandbox, which only the machine itself can reach.
_REDIRECT_URIS = (
    "http://127.0.0.1:5000/roblox/callback",
    "http://localhost:5000/roblox/callback",
    "https://site.example/roblox/callback",
)

CONFIDENTIAL_CLIENT = Client(
    client_id="8409742002113081001",
    secret="RBX-sandbox-client-secret-opens-nothing-real",  # noqa: S106
    name="Sandbox Site",
    redirect_uris=_REDIRECT_URIS,
)

PUBLIC_CLIENT = Client(
    client_id="8409742002113081002",
    secret="",
    name="Sandbox Desktop App",
    redirect_uris=(*_REDIRECT_URIS, "sandbox-app://callback"),
)

DEVELOPER = User(
    id="1000001",
    name="ada_builds",
    display_name="Ada",
    about="Builds games, and the site that you are trying.",
    created=JOINED,
    id_verified=True,
)

DEVELOPER_KEY = ApiKey(
    secret="sandbox-api-key-that-opens-nothing-real",  # noqa: S106
    owner=DEVELOPER.id,
    name="Sandbox key",
)

_USERS = (
    DEVELOPER,
    User(
        id="1000002",
        name="zoe_and_co",
        display_name='<b>"Zoë" & Co</b>',
        about="Has a display name that a careless page would take for markup.",
        created=JOINED + 400 * _DAY,
        id_verified=True,
    ),
    User(
        id="1000003",
        name="kai_plays",
        display_name="Kai",
        about="Plays, and owns nothing yet.",
        created=JOINED + 900 * _DAY,
    ),
)

_GROUPS = (
    Group(id="2000001", name="Moonlight Studio", owner="1000001"),
    Group(id="2000002", name="Pixel Pals", owner="1000002"),
)

_UNIVERSES = (
    Universe(
        id="3000001",
        name="Lantern Quest",
        description="Find the way home by lantern light.",
        root_place="4000001",
        user="1000001",
        created=BUILT,
    ),
    Universe(
        id="3000002",
        name="Tower of Tides",
        description="Climb before the water does.",
        root_place="4000002",
        user="1000001",
        public=False,
        created=BUILT + 30 * _DAY,
    ),
    Universe(
        id="3000003",
        name="Moonlight Racing",
        description="Night races on the rim of a crater.",
        root_place="4000003",
        group="2000001",
        created=BUILT + 60 * _DAY,
    ),
    Universe(
        id="3000004",
        name="Zoë's Garden",
        description="Plant, water, trade.",
        root_place="4000004",
        user="1000002",
        created=BUILT + 90 * _DAY,
    ),
)

ODD_KEYS = ("a/b#c?d e%2F", "player/😀", "a:increment", "mail@example", ".hidden..", "1 + 1 = 2")
"""Keys that a client must not mangle, in the store ``profiles``."""


def seed(state: State, *, app_name: str = CONFIDENTIAL_CLIENT.name) -> None:
    """Fill a new state; `app_name` is what people are told the confidential app is called."""
    state.users = {user.id: user for user in _USERS}
    state.groups = {group.id: group for group in _GROUPS}
    state.universes = {universe.id: universe for universe in _UNIVERSES}
    confidential = msgspec.structs.replace(CONFIDENTIAL_CLIENT, name=app_name)
    state.clients = {each.client_id: each for each in (confidential, PUBLIC_CLIENT)}
    state.api_keys = {DEVELOPER_KEY.secret: DEVELOPER_KEY}
    for universe in _UNIVERSES:
        _seed_entries(state, universe.id)
    seed_assets(state)
    seed_commerce(state)
    seed_people(state)
    seed_stores(state)
    seed_translations(state)
    seed_worlds(state)


def _seed_entries(state: State, universe_id: str) -> None:
    for number in range(1, 61):
        _put(state, universe_id, "coins", f"player/{1000000 + number}", number * 25)
    for number, user in enumerate(_USERS, start=1):
        pet = ("owl", "cat", "fox")[number - 1]
        profile = {"level": number * 4, "pet": pet, "badges": [number]}
        _put(state, universe_id, "profiles", f"player/{user.id}", profile, f"users/{user.id}")
    for key in ODD_KEYS:
        _put(state, universe_id, "profiles", key, {"key": key})


def _put(state: State, universe_id: str, store: str, key: str, value: object, *users: str) -> None:
    encoded = msgspec.Raw(msgspec.json.encode(value))
    state.data.write(universe_id, store, "global", key, encoded, users=users)
