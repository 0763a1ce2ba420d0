"""Places: facts, publishing, the history of versions."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import errors
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, http

PLACE = "/cloud/v2/universes/1/places/44"
HISTORY = "/place-version-history-api/v1/44"
BINARY = b"<roblox!" + b"\0" * 300_000
PUBLISHED = http(200, b'{"versionNumber":7}', content_type="text/plain")


@pytest.fixture
def place(make_client: MakeClient) -> Any:
    """Place 44 of universe 1."""
    return make_client().universe(1).place(44)


def test_get(colour: Colour, place: Any, server: RawServer) -> None:
    """Ids out of paths, aware times."""
    server.script(
        reply(
            body={
                "path": "universes/1/places/44",
                "createTime": "2024-05-05T12:34:56Z",
                "displayName": "Lantern",
                "serverSize": 30,
                "root": True,
            }
        )
    )
    found = colour(place.get())
    assert (found.id, found.display_name, found.server_size, found.root) == (
        44,
        "Lantern",
        30,
        True,
    )
    assert found.created_at == datetime(2024, 5, 5, 12, 34, 56, tzinfo=UTC)
    assert server.lines == [f"GET {PLACE}"]


def test_update(colour: Colour, place: Any, server: RawServer) -> None:
    """What is given, and nothing else; an empty description empties it."""
    server.script(reply(body={"path": "universes/1/places/44"}))
    colour(place.update(description="", server_size=30))
    assert server.lines == [f"PATCH {PLACE}?updateMask=description%2CserverSize"]
    assert sent_json(server.requests[0]) == {"description": "", "serverSize": 30}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "give what is to change"),
        ({"server_size": 0}, "server_size must be at least 1"),
        ({"server_size": "30"}, "server_size must be an int"),
        ({"display_name": 5}, "display_name must be a str"),
    ],
)
def test_wrong_update_is_refused_before_sending(
    colour: Colour, place: Any, server: RawServer, options: dict[str, Any], says: str
) -> None:
    """Types, and that something changes."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(place.update(**options))
    assert server.requests == []


def test_publish(colour: Colour, place: Any, server: RawServer, tmp_path: Path) -> None:
    """The file is the whole body, with its type; the answer is the version's number."""
    path = tmp_path / "lantern.rbxl"
    path.write_bytes(BINARY)
    seen: list[tuple[int, int]] = []
    server.script(PUBLISHED)
    assert colour(place.publish(path, progress=lambda *at: seen.append(at))) == 7
    assert server.lines == ["POST /universes/v1/1/places/44/versions?versionType=Published"]
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert body == BINARY
    assert b"\r\nContent-Type: application/octet-stream\r\n" in head + b"\r\n"
    assert seen[-1] == (len(BINARY), len(BINARY))


def test_save_only(colour: Colour, place: Any, server: RawServer) -> None:
    """Saved, not published; XML by its name."""
    server.script(PUBLISHED)
    assert colour(place.publish(b"<roblox ></roblox>", saved_only=True, filename="a.rbxlx")) == 7
    assert server.lines == ["POST /universes/v1/1/places/44/versions?versionType=Saved"]
    assert b"\r\nContent-Type: application/xml\r\n" in server.requests[0]


def test_doubtful_publication_is_not_repeated(
    colour: Colour, place: Any, server: RawServer
) -> None:
    """A version that may have been made is not made twice."""
    server.script(reply(502))
    with pytest.raises(errors.AmbiguousOutcome):
        colour(place.publish(BINARY, filename="a.rbxl"))
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("file", "filename", "says"),
    [
        (b"<roblox!", "a.rbxm", r"a place has one of the formats \.rbxl \.rbxlx, not \.rbxm"),
        (b"\x89PNG\r\n\x1a\n", "a.rbxl", r"begins as \.png"),
        (b"", "a.rbxl", "0 bytes"),
        (io.StringIO("<roblox>"), "a.rbxlx", "binary mode"),
    ],
)
def test_wrong_file_is_refused_before_sending(
    colour: Colour, place: Any, server: RawServer, file: Any, filename: str, says: str
) -> None:
    """Format and content."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(place.publish(file, filename=filename))
    assert server.requests == []


def test_versions(colour: Colour, place: Any, server: RawServer) -> None:
    """Filters in Roblox's words; an empty page with a cursor is not the end."""
    version = {
        "version": "7",
        "title": None,
        "contributors": [5],
        "saveType": 2,
        "isPublished": True,
        "createdTime": "2024-05-05T12:34:56Z",
    }
    server.script(
        reply(body={"placeVersions": [], "nextCursor": "c1", "hasMore": True}),
        reply(body={"placeVersions": [version], "nextCursor": None, "hasMore": False}),
    )
    start = datetime(2024, 1, 1, tzinfo=UTC)
    (found,) = colour.list(
        place.versions(published=True, search="hat", contributor=5, start=start, page_size=20)
    )
    assert (found.version, found.contributors, found.is_published) == (7, [5], True)
    query = {
        "isPublished": "true",
        "searchTerm": "hat",
        "contributor": "5",
        "startTime": "2024-01-01T00:00:00Z",
        "pageSize": "20",
    }
    assert [asked(each) for each in server.lines] == [
        (f"GET {HISTORY}/history", query),
        (f"GET {HISTORY}/history", query | {"cursor": "c1"}),
    ]


def test_contributors(colour: Colour, place: Any, server: RawServer) -> None:
    """Ids of users."""
    server.script(
        reply(body={"contributors": [5, 6], "nextCursor": "c1"}),
        reply(body={"contributors": [7], "nextCursor": ""}),
    )
    assert colour.list(place.contributors()) == [5, 6, 7]
    assert server.lines == [f"GET {HISTORY}/contributors", f"GET {HISTORY}/contributors?cursor=c1"]
    assert colour.list(place.contributors(limit=0)) == []


def test_notes(colour: Colour, place: Any, server: RawServer) -> None:
    """Written once."""
    server.script(reply(body={"placeVersion": {"version": "7", "title": "Hats"}}))
    version = colour(place.version(7).update_notes(title="Hats"))
    assert (version.version, version.title) == (7, "Hats")
    assert server.lines == [f"POST {HISTORY}/version/7/notes"]
    assert sent_json(server.requests[0]) == {"title": "Hats"}


def test_wrong_arguments_are_refused_before_sending(
    colour: Colour, place: Any, server: RawServer
) -> None:
    """Ids, aware times, something to change."""
    for act, says in (
        (lambda: place.versions(contributor=0), "contributor must be"),
        (lambda: place.versions(start=datetime(2024, 1, 1)), "start_time must have a time zone"),  # noqa: DTZ001
        (lambda: place.versions(page_size=0), "page_size"),
        (lambda: place.version(True), "version must be an int"),
        (lambda: colour(place.version(7).update_notes()), "nothing would change"),
    ):
        with pytest.raises((ValueError, TypeError), match=says):
            act()
    assert server.requests == []


def test_place_of_another_universe(colour: Colour, place: Any, server: RawServer) -> None:
    """409 is a Conflict in both colours."""
    server.script(http(409, b"nope", content_type="text/plain"))
    with pytest.raises(errors.Conflict):
        colour(place.publish(BINARY, filename="a.rbxl"))


def test_restrictions_of_a_place(place: Any) -> None:
    """A place has restrictions of its own."""
    assert (place.restrictions.universe_id, place.restrictions.place_id) == (1, 44)
