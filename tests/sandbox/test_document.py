"""The sandbox's answers, held against Roblox's OpenAPI document."""

from __future__ import annotations

import json

import pytest

from rblx_oauth import Client
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.behaviour import BEHAVIOURS
from rblx_oauth.sandbox.drawing import png
from tests.sandbox.documented import DOCUMENT, Listening, Schemas


def test_answers_are_as_roblox_documents_them(cloud: Sandbox) -> None:
    """Every operation that the sandbox serves, read with a key."""
    if not DOCUMENT.exists():
        pytest.skip("needs Roblox's OpenAPI document beside the checkout, at shared/opencloud.json")
    transport = Listening(Schemas(json.loads(DOCUMENT.read_bytes())))
    client = Client(api_key=cloud.api_key, api_base=cloud.api_base, transport=transport)
    user = client.user(cloud.users[0]["id"])
    user.get()
    for made in cloud.universes[:3]:
        client.universe(made["id"]).get()
    universe = client.universe(cloud.universes[0]["id"])
    universe.publish_message("topic", "message")
    store = universe.data_store("coins")
    store.create("key", {"a": [1]}, users=[1], attributes={"b": 2})
    store.get("key")
    store.set("key", 1)
    store.increment("key")
    store.delete("key")
    list(store.revisions("key"))
    list(store.entries(show_deleted=True))
    list(universe.data_stores())
    for name in ("Hat", "A rejected hat"):
        operation = user.assets.create(png(16, (200, 60, 60), is_round=False), type="Decal", name=name)
        operation.status()
        cloud.clock.advance(2)
        asset = operation.status().response
        if asset is not None:
            client.asset(asset.id).get()
    transport.close()
    assert transport.asked <= set(BEHAVIOURS)
    assert not transport.objections
