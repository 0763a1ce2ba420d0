"""Every name that docs/client.md promises exists, in both colours; so does every test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import AsyncClient, AsyncOAuthApp, Client, OAuthApp
from rblx_oauth.webhooks import Notification, Webhooks
from tests.support.colours import Colour

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "client.md").read_text()
PROMISES, _, HELD = PAGE.partition("## Coming from rblx-open-cloud")[2].partition("\n## ")


def promised() -> Iterator[tuple[str, str]]:
    """Object and name of everything in the right column and in the text below the table."""
    for line in PROMISES.splitlines():
        text = line.split("|")[2] if line.startswith("|") else line
        yield from re.findall(r"`([a-z_]+)\.([a-z_.]+)(?:\([^`]*\))?`", text)


@pytest.fixture
def objects(colour: Colour) -> dict[str, Any]:
    """One of each object that the page names; none of them sends anything."""
    asynchronous = colour.name == "async"
    client = colour.keep((AsyncClient if asynchronous else Client)(api_key="key"))
    app = (AsyncOAuthApp if asynchronous else OAuthApp)("1", "s", redirect_uri="http://localhost/")
    universe, user, group = client.universe(1), client.user(1), client.group(1)
    place, store = universe.place(2), client.creator_store
    version = place.version(3)
    return {
        "app": colour.keep(app),
        "client": client,
        "universe": universe,
        "user": user,
        "group": group,
        "asset": client.asset(1),
        "creator_store": store,
        "product": store.product("Model", 1),
        "data_store": universe.data_store("a"),
        "ordered_data_store": universe.ordered_data_store("a"),
        "sorted_map": universe.sorted_map("a"),
        "queue": universe.queue("a"),
        "restrictions": universe.restrictions,
        "secrets": universe.secrets,
        "servers": universe.servers,
        "developer_products": universe.developer_products,
        "game_passes": universe.game_passes,
        "badges": universe.badges,
        "place": place,
        "version": version,
        "game_servers": version.servers,
        "instance": place.instance(),
        "operation": client.asset_operation("1"),
        "config": universe.config("InExperienceConfig"),
        "experiments": universe.experiments,
        "events": universe.events,
        "thumbnails": universe.thumbnails,
        "analytics": universe.analytics,
        "forum_category": group.forum_category("1"),
        "forum_post": group.forum_category("1").post("2"),
        "webhooks": Webhooks("secret"),
        "notification": Notification(id="1", type="SampleNotification"),
        "luau_task": client.luau_task(LUAU),
        "rblx_oauth": __import__("rblx_oauth"),
    }


LUAU = "universes/1/places/2/versions/3/luau-execution-sessions/4/tasks/5"


def test_every_promised_name_is_there(objects: dict[str, Any]) -> None:
    """What somebody who comes from the other library looks for exists under the name given."""
    names = set(promised())
    assert len(names) > 120
    missing = []
    for owner, name in sorted(names):
        found = objects[owner]
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is None:
            missing.append(f"{owner}.{name}")
    assert missing in ([], ["notification.erasure"])  # None of a sample: there as a property
    assert isinstance(Notification.erasure, property)


def test_every_failure_has_its_test() -> None:
    """What the page names in each row of what broke elsewhere is a test there is."""
    rows = [line for line in HELD.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 30
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", row)
        assert named, row
        for file, name in named:
            assert f"def {name}(" in (ROOT / "tests" / file).read_text(), f"{file}::{name}"
