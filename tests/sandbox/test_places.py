"""Places: what they are called, their files, their versions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from rblx_oauth import Client, errors
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.places import find_place
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

BINARY = b"<roblox!\x89\xff\r\n\x1a\n" + b"\0" * 1000
XML = b'<roblox version="4"></roblox>'
VERSIONS = "/universes/v1/3000001/places/4000001/versions"


def publish(app: App, **changes: Any) -> tuple[int, str]:
    """Upload a place file as it is."""
    headers = {"Content-Type": changes.pop("media", "application/octet-stream")}
    options = {"data": BINARY, "params": {"versionType": "Published"}, **changes}
    answer = app.call("POST", options.pop("path", VERSIONS), headers=headers, **options)
    return answer.status_code, answer.text


def test_the_root_place_names_its_universe(client: Client) -> None:
    """A change of the root place is one of the universe; other places have their own names."""
    universe = client.universe(3000001)
    place = universe.place(4000001)
    assert place.get().root
    changed = place.update(display_name="Lantern Quest 2", description="", server_size=40)
    assert place.get() == changed
    assert (changed.display_name, changed.description, changed.server_size) == (
        "Lantern Quest 2",
        "",
        40,
    )
    found = universe.get()
    assert (found.display_name, found.description) == ("Lantern Quest 2", "")
    caves = universe.place(4000011).update(display_name="Caves")
    assert (caves.display_name, caves.root) == ("Caves", False)
    assert universe.get().display_name == "Lantern Quest 2"


def test_every_universe_has_its_root_place(client: Client) -> None:
    """Also one that nobody described; a place of another universe is none of this one."""
    found = client.universe(3000002).place(4000002).get()
    assert (found.display_name, found.root) == ("Tower of Tides", True)
    for place in (4000001, 99):
        with pytest.raises(errors.NotFound):
            client.universe(3000002).place(place).get()


@pytest.mark.parametrize(
    ("mask", "body"),
    [
        ("", {"displayName": ""}),
        ("displayName", {}),
        ("serverSize", {}),
        ("root", {"root": True}),
        ("", {"serverSize": 0}),
        ("", {"serverSize": 2**31}),
        ("", {"description": 5}),
    ],
)
def test_wrong_updates_are_refused(app: App, mask: str, body: dict[str, object]) -> None:
    """400, and nothing changes."""
    path = "/cloud/v2/universes/3000001/places/4000001"
    before = app.call("GET", path).json()
    answer = app.call("PATCH", path, json=body, params={"updateMask": mask})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert app.call("GET", path).json() == before


def test_a_place_that_is_edited_together_is_not_changed(client: Client) -> None:
    """409 while somebody is in its Team Create session."""
    with pytest.raises(errors.Conflict):
        client.universe(3000003).place(4000013).update(description="x")


def test_publishing_makes_the_next_version(cloud: Sandbox, client: Client) -> None:
    """Numbers go up by one; what is only saved is not what servers get."""
    place = client.universe(3000001).place(4000001)
    assert place.publish(BINARY, filename="a.rbxl") == 4
    assert place.publish(XML, filename="a.rbxlx", saved_only=True) == 5
    newest = list(place.versions(limit=2))
    assert [(each.version, each.is_published) for each in newest] == [(5, False), (4, True)]
    assert [each.created_by for each in newest] == [1000001, 1000001]
    kept = find_place(cloud.state, "4000001")
    assert kept is not None
    assert kept.versions[3].sha256 == hashlib.sha256(BINARY).hexdigest()
    assert (kept.versions[4].size, kept.live) == (len(XML), kept.versions[3])


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"params": {}}, 400),
        ({"params": {"versionType": "Draft"}}, 400),
        ({"data": b""}, 400),
        ({"data": b"\x89PNG\r\n\x1a\n"}, 400),
        ({"data": XML}, 400),
        ({"media": "application/xml"}, 400),
        ({"media": "image/png"}, 400),
        ({"path": "/universes/v1/3000001/places/99/versions"}, 404),
        ({"path": "/universes/v1/3000001/places/4000002/versions"}, 409),
        ({"path": "/universes/v1/3000004/places/4000004/versions"}, 403),
    ],
)
def test_wrong_publications_are_refused(
    cloud: Sandbox, app: App, changes: dict[str, Any], status: int
) -> None:
    """Neither a wrong type, nor other content, nor another's place becomes a version."""
    assert publish(app, **changes)[0] == status
    kept = find_place(cloud.state, "4000001")
    assert kept is not None
    assert kept.latest == 3


def test_the_answer_to_an_upload_is_json_by_name(app: App) -> None:
    """Its document says text/plain, but programs written for Roblox go by the type."""
    headers = {"Content-Type": "application/octet-stream"}
    answer = app.call("POST", f"{VERSIONS}?versionType=Saved", headers=headers, data=BINARY)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == {"versionNumber": 4}


def test_files_begin_as_place_files_do(app: App) -> None:
    """Both formats are told by their content; XML may be declared."""
    assert publish(app) == (200, '{"versionNumber":4}')
    declared = b'\xef\xbb\xbf<?xml version="1.0"?>\n<roblox version="4">'
    assert publish(app, data=declared, media="application/xml; charset=utf-8")[0] == 200


def test_a_file_that_is_too_large_is_refused_on_the_way(app: App) -> None:
    """Over 100 MiB it is 400; it was streamed, and the next request is answered."""

    def pieces() -> Iterator[bytes]:
        yield BINARY
        for _ in range(100):
            yield bytes(1024 * 1024)

    status, text = publish(app, data=pieces())
    assert status == 400
    assert "104857600" in text
    assert publish(app)[0] == 200


def test_versions_are_found_by_what_is_asked(cloud: Sandbox, client: Client) -> None:
    """By publication, notes, words, maker, kind and time; newest first, in pages."""
    place = client.universe(3000001).place(4000001)

    def found(**options: Any) -> list[int | None]:
        return [each.version for each in place.versions(**options)]

    assert found(page_size=2) == [3, 2, 1]
    assert (found(published=True), found(published=False)) == ([3, 1], [2])
    assert (found(has_notes=True), found(has_notes=False)) == ([3, 1], [2])
    assert (found(search="FLAME"), found(search="nothing")) == ([3], [])
    assert (found(contributor=1000002), found(contributor=5)) == ([2], [])
    assert (found(save_type=1), found(save_type=0)) == ([3, 1], [2])
    assert found(start=datetime(2100, 1, 1, tzinfo=UTC)) == []
    assert found(end=datetime(2023, 11, 15, tzinfo=UTC)) == [1]
    assert list(place.contributors()) == [1000001, 1000002]
    assert [each.version for each in client.universe(3000003).place(4000003).versions()] == [1]


def test_a_page_token_belongs_to_its_filter(app: App) -> None:
    """Another filter on the way is 400."""
    path = "/place-version-history-api/v1/4000001/history"
    page = app.call("GET", path, params={"pageSize": 1}).json()
    assert (page["hasMore"], len(page["placeVersions"])) == (True, 1)
    wrong = {"pageSize": 1, "cursor": page["nextCursor"], "isPublished": "true"}
    answer = app.call("GET", path, params=wrong)
    assert (answer.status_code, answer.json()["code"]) == (400, 400)
    assert answer.json()["error"] == "INVALID_ARGUMENT"


def test_notes(client: Client) -> None:
    """What is given is written down, the rest stays; no version, no notes."""
    version = client.universe(3000001).place(4000001).version(2)
    noted = version.update_notes(title="Half done")
    assert noted is not None
    assert (noted.title, noted.description, noted.has_notes) == ("Half done", "", True)
    noted = version.update_notes(description="Do not publish")
    assert noted is not None
    assert (noted.title, noted.description) == ("Half done", "Do not publish")
    with pytest.raises(errors.NotFound):
        client.universe(3000001).place(4000001).version(9).update_notes(title="x")


def test_history_of_a_place_of_somebody_else(app: App) -> None:
    """403, although no universe is in the path; 404 for no place."""
    home = "/place-version-history-api/v1"
    assert app.call("GET", f"{home}/4000004/history").status_code == 403
    assert app.call("GET", f"{home}/4000004/contributors").status_code == 403
    assert app.call("POST", f"{home}/4000004/version/1/notes", json={}).status_code == 403
    assert app.call("GET", f"{home}/99/history").status_code == 404


def test_places_survive_a_snapshot(app: App) -> None:
    """Names, versions and notes are saved and loaded; sandboxes share nothing."""
    publish(app)
    notes = {"title": "Saved"}
    app.call("POST", "/place-version-history-api/v1/4000001/version/4/notes", json=notes)
    history = "/place-version-history-api/v1/4000001/history"
    before = app.call("GET", history).json()
    saved = app.call("GET", "/_sandbox/api/snapshot").json()
    app.call("POST", "/_sandbox/api/reset")
    assert len(app.call("GET", history).json()["placeVersions"]) == 3
    app.call("POST", "/_sandbox/api/load", json=saved)
    assert app.call("GET", history).json() == before


def test_a_seed_file_brings_places(app: App) -> None:
    """In the section of places; a wrong member is told with its path."""
    place = {"id": "77", "universe": "3000002", "name": "Annex", "versions": [{"number": 1}]}
    loaded = app.call("POST", "/_sandbox/api/load", json={"places": {"places": {"77": place}}})
    assert loaded.status_code == 200
    found = app.call("GET", "/cloud/v2/universes/3000002/places/77").json()
    assert found["displayName"] == "Annex"
    wrong = {"places": {"places": {"77": {**place, "size": 3}}}}
    answer = app.call("POST", "/_sandbox/api/load", json=wrong)
    assert (answer.status_code, "size" in answer.json()["error"]) == (400, True)
