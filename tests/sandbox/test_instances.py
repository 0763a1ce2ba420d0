"""Instances of a place: read, listed and changed, each through an operation."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import Client, errors, models
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.instance_tree import Instance, tree_of
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

HOME = "/cloud/v2/universes/3000001/places/4000001/instances"


@pytest.fixture
def place(cloud: Sandbox, client: Client) -> Any:
    """The first place; its operations are over at once."""
    cloud.settings.operation_seconds = 0
    cloud.settings.rate_limits = False
    return client.universe(3000001).place(4000001)


def walk(place: Any, instance_id: str = "root", path: str = "") -> dict[str, models.Instance]:
    """Every instance inside one, by its path."""
    found: dict[str, models.Instance] = {}
    for child in place.instance(instance_id).children():
        found[f"{path}{child.name}"] = child
        if child.has_children:
            found |= walk(place, child.id, f"{path}{child.name}.")
    return found


def test_a_place_is_a_tree(place: Any) -> None:
    """Services hold folders and scripts of each class, with their sources."""
    root = place.instance().read()
    assert (root.name, root.has_children, root.parent_id) == ("DataModel", True, "")
    tree = walk(place)
    assert "Workspace.Lanterns.Lantern" in tree
    assert tree["Workspace"].parent_id == root.id
    assert tree["Workspace.Lanterns"].details.folder == {}
    kinds = {name: type(each.script) for name, each in tree.items() if each.script}
    assert kinds == {
        "ReplicatedStorage.Prices": models.ModuleScript,
        "ServerScriptService.Main": models.Script,
        "StarterPlayer.StarterPlayerScripts.Camera": models.LocalScript,
    }
    assert place.instance(tree["Workspace"].id).read() == tree["Workspace"]


def test_an_operation_takes_its_moment(cloud: Sandbox, client: Client) -> None:
    """It is over when the clock says so; another place does not know it."""
    cloud.settings.operation_seconds = 20
    place = client.universe(3000001).place(4000001)
    operation = place.instance().get()
    assert operation.result() is None
    cloud.clock.advance(20)
    found = operation.result()
    assert found is not None
    assert found.name == "DataModel"


def test_scripts_are_changed(place: Any) -> None:
    """Name and source; members that were left out stay."""
    main = walk(place)["ServerScriptService.Main"]
    script = place.instance(main.id)
    changed = script.update(name="Start", script=models.Script(source="print(1)")).wait()
    assert (changed.name, changed.script.source, changed.script.enabled) == (
        "Start",
        "print(1)",
        True,
    )
    script.update(
        script=models.Script(enabled=False, run_context=models.ScriptRunContext.SERVER)
    ).wait()
    again = script.read()
    assert (again.script.source, again.script.enabled) == ("print(1)", False)
    assert again.script.run_context == "Server"


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Workspace", {"Name": "World"}),
        ("Workspace.Lanterns", {"Details": {"Folder": {}}}),
        ("ReplicatedStorage.Prices", {"Details": {"Script": {"Source": "x"}}}),
        ("ReplicatedStorage.Prices", {"Details": {"ModuleScript": {"Source": 5}}}),
        ("ReplicatedStorage.Prices", {"Details": {"ModuleScript": {"Source": "é" * 100_001}}}),
        ("ServerScriptService.Main", {"Details": {"Script": {"RunContext": "Moon"}}}),
    ],
)
def test_wrong_changes_are_refused(
    place: Any, app: App, name: str, body: dict[str, object]
) -> None:
    """What is no script, another class, too long or of a wrong type is 400; nothing changes."""
    before = walk(place)[name]
    answer = app.call("PATCH", f"{HOME}/{before.id}", json={"engineInstance": body})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert walk(place)[name] == before


def test_what_there_is_not(place: Any, app: App) -> None:
    """404 for instances, operations and places; 403 for another's operation."""
    with pytest.raises(errors.NotFound):
        place.instance("44b188da-ce63-2b47-02e9-c68d004b5664").read()
    for path in ("root/operations/x", "x:listChildren"):
        assert app.call("GET", f"{HOME}/{path}").status_code == 404
    other = HOME.replace("3000001", "3000004").replace("4000001", "4000004")
    assert app.call("GET", f"{other}/root/operations/x").status_code == 403
    assert app.call("GET", f"{other}/root").status_code == 403
    assert app.call("PATCH", f"{HOME}/root", json={}).status_code == 400
    begun = app.call("GET", f"{HOME}/root").json()["path"]
    elsewhere = begun.replace("4000001", "4000011")
    assert app.call("GET", f"/cloud/v2/{elsewhere}").status_code == 404


def test_children_come_in_pages(place: Any, cloud: Sandbox) -> None:
    """Each is an operation; a token goes on where the page ended."""
    pages = place.instance().children_page(page_size=3).wait()
    assert (len(pages.instances), bool(pages.next_page_token)) == (3, True)
    assert len(list(place.instance().children(page_size=3))) == 4
    assert cloud.count(operation="list_instance_children") == 3


def test_what_is_too_large_ends_in_an_error(cloud: Sandbox, place: Any) -> None:
    """Over 500,000 bytes the operation ends with the code 422."""
    tree = tree_of(cloud.state, "4000001")
    root = next(iter(tree.values()))
    for number in range(3):
        source: dict[str, dict[str, object]] = {"ModuleScript": {"Source": "x" * 200_000}}
        big = Instance(id=f"big{number}", name="Big", parent=root.id, details=source)
        tree[big.id] = big
        root.children.append(big.id)
    with pytest.raises(errors.OperationFailed) as caught:
        list(place.instance().children())
    assert caught.value.code == "422"
    assert len(list(place.instance().children(page_size=2))) == 7


def test_instances_survive_a_snapshot(app: App, place: Any) -> None:
    """Changes are saved and loaded; places do not share their trees."""
    prices = walk(place)["ReplicatedStorage.Prices"]
    body = {"engineInstance": {"Details": {"ModuleScript": {"Source": "return 1"}}}}
    app.call("PATCH", f"{HOME}/{prices.id}", json=body)
    saved = app.call("GET", "/_sandbox/api/snapshot").json()
    app.call("POST", "/_sandbox/api/reset")
    app.cloud.settings.rate_limits, app.cloud.settings.operation_seconds = False, 0
    assert walk(place)["ReplicatedStorage.Prices"].script != models.ModuleScript(source="return 1")
    app.call("POST", "/_sandbox/api/load", json=saved)
    script = walk(place)["ReplicatedStorage.Prices"].script
    assert script == models.ModuleScript(source="return 1")
