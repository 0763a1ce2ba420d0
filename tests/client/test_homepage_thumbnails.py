"""Thumbnails of the home page: several files at once, and who sees which."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import errors, files
from tests.client.answers import asked, reply, sent_form, sent_json
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, reset

HOME = "/thumbnail-personalization-api/v1/universes/1"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
WEBP = b"RIFF\0\0\0\0WEBPVP8 "
THUMBNAIL = {
    "homepageThumbnailId": "t1",
    "assetId": 77,
    "moderationStatus": "Approved",
    "personalizedConfigStatus": "Inactive",
    "homepageThumbnailStatus": "Active",
}
BEGUN = reply(body={"fileToOperationIdDict": {"1-file.webp": "op/2", "0-hat.png": "op-1"}})


def statuses(status: object, **thumbnails: object) -> bytes:
    """How far an upload is."""
    named = {name.replace("_", "-"): each for name, each in thumbnails.items()}
    return reply(body={"uploadStatus": status, "uploadThumbnailStatusDict": named})


def became(thumbnail_id: str | None, moderation: str = "Reviewing") -> dict[str, object]:
    """What became of one file."""
    return {"homepageThumbnailId": thumbnail_id, "assetId": 7, "moderationStatus": moderation}


@pytest.fixture
def thumbnails(make_client: MakeClient) -> Any:
    """The thumbnails of universe 1."""
    return make_client().universe(1).thumbnails


def test_listing(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """An empty page with a cursor is not the last; an empty cursor ends it."""
    server.script(
        reply(body={"homepageThumbnails": [], "nextCursor": "c1"}),
        reply(body={"homepageThumbnails": [THUMBNAIL], "nextCursor": ""}),
    )
    (found,) = colour.list(thumbnails.list(page_size=10))
    assert (found.id, found.asset_id, found.moderation_status.name) == ("t1", 77, "APPROVED")
    assert [asked(line) for line in server.lines] == [
        (f"GET {HOME}/thumbnails", {"limit": "10"}),
        (f"GET {HOME}/thumbnails", {"limit": "10", "nextCursor": "c1"}),
    ]


@pytest.mark.parametrize("finished", [2, "Finished"])
def test_uploading(
    colour: Colour,
    thumbnails: Any,
    server: RawServer,
    clock: ManualClock,
    tmp_path: Path,
    finished: object,
) -> None:
    """All in one form, under names that differ; what they became comes in their order."""
    hat = tmp_path / "hat.png"
    hat.write_bytes(PNG)
    server.script(
        BEGUN, statuses(1), statuses(finished, **{"op-1": became("t1"), "op/2": became("t2")})
    )
    upload = colour(thumbnails.upload([hat, WEBP]))
    assert (upload.operation_ids, upload.id) == (("op-1", "op/2"), "op-1,op/2")
    assert [each.id for each in colour(upload.wait())] == ["t1", "t2"]
    assert len(clock.sleeps) == 1
    assert server.lines == [
        f"POST {HOME}/thumbnails/uploads",
        *[f"GET {HOME}/thumbnails/uploads/status?operationIds=op-1&operationIds=op%2F2"] * 2,
    ]
    assert sent_form(server.requests[0]) == [
        ("files", "image/png", PNG),
        ("files", "image/webp", WEBP),
    ]
    assert b'filename="0-hat.png"' in server.requests[0]


def test_following_an_upload_elsewhere(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """Another process needs the ids of its operations only."""
    server.script(statuses("InProgress", op_1=became("t1")))
    upload = thumbnails.upload_operation(["op-1"])
    assert not colour(upload.status()).finished
    (found,) = colour(upload.wait())
    assert (found.id, found.asset_id, found.moderation_status) == ("t1", 7, "Reviewing")


def test_file_that_became_nothing(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """Over, and one has no thumbnail: a failure; moderation's is named as such."""
    upload = thumbnails.upload_operation(["op-1", "op-2"])
    server.script(statuses(2, op_1=became("t1")))
    with pytest.raises(errors.OperationFailed, match="1 of 2 files became no") as caught:
        colour(upload.wait())
    assert caught.value.operation == "op-2"
    server.script(statuses(2, op_1=became("t1"), op_2=became(None, "Rejected")))
    with pytest.raises(errors.ModerationRejected):
        colour(upload.wait())


def test_answer_that_forgets_a_file(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """Nobody can follow it: the error says to look."""
    server.script(reply(body={"fileToOperationIdDict": {"0-file.png": None}}))
    with pytest.raises(errors.ProtocolError, match="no operation for 1 of 1 files"):
        colour(thumbnails.upload([PNG]))


def test_nothing_is_uploaded_twice(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """What may have arrived is not sent again."""
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome):
        colour(thumbnails.upload([PNG]))
    assert len(server.requests) == 1


def test_deleting(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """Several at once, again where no answer came; told for each."""
    server.script(reset, reply(body={"t1": True, "t 2": False}))
    assert colour(thumbnails.delete(["t1", "t 2"])) == {"t1": True, "t 2": False}
    line = f"DELETE {HOME}/thumbnails?homepageThumbnailIds=t1&homepageThumbnailIds=t%202"
    assert server.lines == [line, line]


def test_personalizations(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """As Roblox's guide shows them; one that was never shown has no time."""
    config = {
        "id": "p1",
        "personalizedConfigStatus": "Active",
        "createdUtc": "2026-05-01T00:00:00Z",
        "lastServedUtc": None,
        "thumbnails": [
            {
                "homepageThumbnailId": "t1",
                "assetId": 77,
                "personalizedThumbnailStatus": "Active",
                "homepageThumbnailStatus": "Spammy",
            }
        ],
    }
    server.script(
        reply(body={"personalizedConfigs": [], "nextCursor": "c1"}),
        reply(body={"personalizedConfigs": [config], "nextCursor": ""}),
    )
    (found,) = colour.list(thumbnails.personalizations())
    assert (found.id, found.status.name, found.served_at) == ("p1", "ACTIVE", None)
    assert found.created_at == datetime(2026, 5, 1, tzinfo=UTC)
    assert (found.thumbnails[0].id, found.thumbnails[0].homepage_thumbnail_status) == (
        "t1",
        "Spammy",
    )
    assert [asked(line)[1] for line in server.lines] == [
        {"status": "Active"},
        {"status": "Active", "cursor": "c1"},
    ]


def test_personalizing(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """What is made or changed is named by a string."""
    server.script(reply(body="p1"), reply(body="p2"))
    assert colour(thumbnails.create_personalization(["t1", "t2"])) == "p1"
    assert colour(thumbnails.update_personalization("p1", iter(["t3"]))) == "p2"
    assert server.lines == [
        f"POST {HOME}/personalization/create",
        f"POST {HOME}/personalization/update",
    ]
    assert [sent_json(each) for each in server.requests] == [
        {"homepageThumbnailIds": ["t1", "t2"]},
        {"homepageThumbnailIds": ["t3"], "id": "p1"},
    ]


def test_refusal(colour: Colour, thumbnails: Any, server: RawServer) -> None:
    """An error is one, though Roblox says nothing in it."""
    server.script(reply(403, {}))
    with pytest.raises(errors.PermissionDenied, match="upload_homepage_thumbnails"):
        colour(thumbnails.upload([files.image_file(b"?" * 9, filename="a.png")]))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda it: it.upload([]), "files must be from 1 to 5, not 0"),
        (lambda it: it.upload([PNG] * 6), "files must be from 1 to 5, not 6"),
        (lambda it: it.upload(PNG), "put a single one in a list"),
        (lambda it: it.upload("hat.png"), "put a single one in a list"),
        (
            lambda it: it.upload([PNG, b"GIF89a...."]),
            "formats .webp .png .jpg .jpeg .bmp, not .gif",
        ),
        (lambda it: it.upload([PNG + b"\0" * 3 * 1024 * 1024]), "the limit is 1 to 3145728"),
        (lambda it: it.upload([5]), "a path, bytes or"),
        (lambda it: it.upload_operation([]), "operation_ids must hold at least one"),
        (lambda it: it.upload_operation("op-1"), "must be an iterable of values, not one"),
        (lambda it: it.delete([]), "thumbnail_ids must be at least 1, not 0"),
        (lambda it: it.delete("t1"), "must be an iterable of values, not one"),
        (lambda it: it.create_personalization(["t"] * 6), "must be from 1 to 5, not 6"),
        (lambda it: it.update_personalization("p1", []), "must be from 1 to 5, not 0"),
        (lambda it: it.update_personalization("", ["t"]), "personalization_id must not be empty"),
    ],
)
def test_bad_input_is_refused(
    colour: Colour, thumbnails: Any, server: RawServer, call: Any, says: str
) -> None:
    """Before a byte leaves."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(call(thumbnails))
    assert server.requests == []
