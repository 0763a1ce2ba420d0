"""Instances of a place: read, listed and changed through operations."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

HOME = "/cloud/v2/universes/1/places/44/instances"
ID = "44b188da-ce63-2b47-02e9-c68d004b5664"
PATH = f"universes/1/places/44/instances/{ID}/operations/op-1"
BEGUN = reply(body={"path": PATH})
SCRIPT = {
    "path": f"universes/1/places/44/instances/{ID}",
    "hasChildren": False,
    "engineInstance": {
        "Id": ID,
        "Parent": "b1",
        "Name": "Prices",
        "Details": {"ModuleScript": {"Source": "return 1"}},
    },
}


def done(response: object) -> bytes:
    """An operation that ended."""
    return reply(body={"path": PATH, "done": True, "response": response})


def inside(name: str, details: object, **more: object) -> dict[str, object]:
    """An instance with what depends on its class."""
    return {"engineInstance": {"Name": name, "Details": details}, **more}


@pytest.fixture
def instance(make_client: MakeClient) -> Any:
    """An instance of place 44."""
    return make_client().universe(1).place(44).instance(ID)


def test_read(colour: Colour, instance: Any, server: RawServer, clock: ManualClock) -> None:
    """Begun, then asked for at the instance, with pauses, until it is there."""
    server.script(BEGUN, BEGUN, BEGUN, done({"@type": "x", **SCRIPT}))
    found = colour(instance.read())
    assert (found.id, found.name, found.parent_id, found.has_children) == (
        ID,
        "Prices",
        "b1",
        False,
    )
    assert isinstance(found.script, models.ModuleScript)
    assert found.script.source == "return 1"
    assert server.lines == [f"GET {HOME}/{ID}"] + [f"GET {HOME}/{ID}/operations/op-1"] * 3
    assert clock.sleeps == [0.5, 0.75]


def test_get_gives_the_operation(colour: Colour, instance: Any, server: RawServer) -> None:
    """To be waited for later, or asked about once."""
    server.script(BEGUN, BEGUN, done(SCRIPT))
    operation = colour(instance.get())
    assert (operation.id, colour(operation.result())) == ("op-1", None)
    assert colour(operation.wait()).name == "Prices"


@pytest.mark.parametrize(
    ("details", "kind"),
    [
        ({"Script": {"Enabled": True, "RunContext": "Server"}}, models.Script),
        ({"LocalScript": {"RunContext": "Moon"}}, models.LocalScript),
        ({"ModuleScript": {}}, models.ModuleScript),
        ({"Folder": {}}, type(None)),
        ({}, type(None)),
        ({"Part": {"Size": 3}}, type(None)),
    ],
)
def test_details(
    colour: Colour, instance: Any, server: RawServer, details: dict[str, Any], kind: type[Any]
) -> None:
    """Scripts by their class; a folder is one; what is not known says nothing."""
    server.script(done(inside("x", details)))
    found = colour(instance.read())
    assert type(found.script) is kind
    assert (found.details.folder is not None) == ("Folder" in details)
    if "Script" in details:
        assert (found.script.enabled, found.script.run_context) == (True, "Server")


def test_over_at_once(colour: Colour, instance: Any, server: RawServer) -> None:
    """What is done when it is begun is not asked for."""
    server.script(done(SCRIPT))
    assert colour(instance.read()).name == "Prices"
    assert len(server.requests) == 1


def test_error_at_the_end(colour: Colour, instance: Any, server: RawServer) -> None:
    """A done operation with an error is OperationFailed with its code, never a KeyError."""
    error = {"code": 422, "message": "too large"}
    server.script(BEGUN, reply(body={"path": PATH, "done": True, "error": error}))
    with pytest.raises(errors.OperationFailed, match="too large") as caught:
        colour(instance.read())
    assert caught.value.code == "422"


def test_patience(colour: Colour, instance: Any, server: RawServer, clock: ManualClock) -> None:
    """It pauses ever longer, and ends with the time given."""
    server.script(BEGUN)
    with pytest.raises(errors.OperationTimeout):
        colour(instance.read(timeout=20))
    assert len(server.requests) < 12
    assert sum(clock.sleeps) < 20


def test_children(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """Page after page, each waited for; an empty one with a token is not the end."""
    root = make_client().universe(1).place(44).instance()
    server.script(
        BEGUN,
        BEGUN,
        done({"instances": [inside("Workspace", {}, hasChildren=True)], "nextPageToken": "t1"}),
        done({"instances": [], "nextPageToken": "t2"}),
        done({"instances": [inside("Lighting", {}), inside("Teams", {})]}),
    )
    found = colour.list(root.children())
    assert [(each.name, each.has_children) for each in found] == [
        ("Workspace", True),
        ("Lighting", False),
        ("Teams", False),
    ]
    pages = [each for each in server.lines if "operations" not in each]
    assert pages == [
        f"GET {HOME}/root:listChildren?maxPageSize=200",
        f"GET {HOME}/root:listChildren?maxPageSize=200&pageToken=t1",
        f"GET {HOME}/root:listChildren?maxPageSize=200&pageToken=t2",
    ]


def test_children_within_a_limit(colour: Colour, instance: Any, server: RawServer) -> None:
    """No more is asked for than is wanted, and none for none."""
    two = [inside("a", {}), inside("b", {})]
    server.script(done({"instances": two, "nextPageToken": "t1"}))
    assert [each.name for each in colour.list(instance.children(limit=1))] == ["a"]
    assert server.lines == [f"GET {HOME}/{ID}:listChildren?maxPageSize=1"]
    assert colour.list(instance.children(limit=0)) == []
    assert len(server.requests) == 1


def test_one_page_of_children(colour: Colour, instance: Any, server: RawServer) -> None:
    """An operation that ends in a page and the token of the next."""
    server.script(done({"instances": [inside("a", {})], "nextPageToken": "t1"}))
    page = colour(colour(instance.children_page(page_size=5, page_token="t0")).wait())
    assert (page.instances[0].name, page.next_page_token) == ("a", "t1")
    assert server.lines == [f"GET {HOME}/{ID}:listChildren?maxPageSize=5&pageToken=t0"]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (
            {"script": models.Script(source="print(1)", enabled=False)},
            {"Details": {"Script": {"Source": "print(1)", "Enabled": False}}},
        ),
        (
            {"script": models.LocalScript(run_context="Client")},
            {"Details": {"LocalScript": {"RunContext": "Client"}}},
        ),
        (
            {"name": "Costs", "script": models.ModuleScript(source="")},
            {"Name": "Costs", "Details": {"ModuleScript": {"Source": ""}}},
        ),
    ],
    ids=["script", "local", "module"],
)
def test_update(
    colour: Colour,
    instance: Any,
    server: RawServer,
    options: dict[str, Any],
    sent: dict[str, Any],
) -> None:
    """Only what is given goes out, and no mask that would clear the rest."""
    server.script(BEGUN, done(SCRIPT))
    assert colour(colour(instance.update(**options)).wait()).name == "Prices"
    assert server.lines[0] == f"PATCH {HOME}/{ID}"
    assert sent_json(server.requests[0]) == {"engineInstance": sent}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "nothing would change"),
        ({"name": ""}, "name must not be empty"),
        ({"script": "print(1)"}, "script must be a Script"),
        ({"script": models.Script(source="é" * 100_001)}, "200002 bytes; the limit is 200000"),
        ({"script": models.Script(source="\ud800")}, "lone surrogate"),
        ({"script": models.Script(enabled="yes")}, "Expected `bool"),  # type: ignore[arg-type]
    ],
)
def test_wrong_update_is_refused_before_sending(
    colour: Colour, instance: Any, server: RawServer, options: dict[str, Any], says: str
) -> None:
    """Kind, size, and that something changes."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(instance.update(**options))
    assert server.requests == []


def test_wrong_listing_is_refused_before_sending(
    colour: Colour, make_client: MakeClient, instance: Any, server: RawServer
) -> None:
    """Pages hold up to 200, ids are not empty."""
    with pytest.raises(ValueError, match="page_size must be from 1 to 200"):
        instance.children(page_size=201)
    with pytest.raises(ValueError, match="page_size must be from 1 to 200"):
        colour(instance.children_page(page_size=0))
    with pytest.raises(ValueError, match="instance_id must not be empty"):
        make_client().universe(1).place(44).instance("")
    assert server.requests == []


def test_script_open_in_studio(colour: Colour, instance: Any, server: RawServer) -> None:
    """A refusal at once is an ApiError, in both colours."""
    server.script(reply(409, {"code": "ABORTED", "message": "open"}))
    with pytest.raises(errors.Conflict, match="update_instance"):
        colour(instance.update(script=models.Script(source="x")))
