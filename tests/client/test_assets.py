"""Uploading assets and following their operations."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import errors
from tests.client.answers import reply
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, hang

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
STARTED = reply(body={"path": "operations/op-1", "done": False})
RUNNING = reply(body={"path": "operations/op-1"})
ASSET = {
    "path": "assets/77",
    "assetId": "77",
    "assetType": "Decal",
    "displayName": "Hat",
    "creationContext": {"creator": {"userId": "5"}},
    "moderationResult": {"moderationState": "Approved"},
    "state": "Active",
}
DONE = reply(body={"path": "operations/op-1", "done": True, "response": ASSET})


def failed(message: str, **more: object) -> bytes:
    """An operation that ended in an error."""
    error = {"code": 3, "message": message}
    return reply(body={"path": "operations/op-1", "done": True, "error": error, **more})


@pytest.fixture
def operation(colour: Colour, make_client: MakeClient) -> Any:
    """An operation under way."""
    return make_client().asset_operation("op-1")


@pytest.mark.parametrize("form", ["path", "str", "bytes", "file"])
def test_upload_from_anything(
    colour: Colour, make_client: MakeClient, server: RawServer, tmp_path: Path, form: str
) -> None:
    """A path, bytes or a file: sent as a form of a JSON part and the file, with progress."""
    path = tmp_path / "hat.png"
    path.write_bytes(PNG)
    server.script(STARTED, DONE)
    seen: list[tuple[int, int]] = []
    with path.open("rb") as file:
        sources = {"path": path, "str": str(path), "bytes": PNG, "file": file}
        operation = colour(
            make_client()
            .user(5)
            .assets.create(
                sources[form],
                type="Decal",
                name="Hat",
                description="Red",
                progress=lambda *at: seen.append(at),
            )
        )
        assert not file.closed
    assert operation.id == "op-1"
    body = server.requests[0]
    assert server.lines[0] == "POST /assets/v1/assets"
    assert (
        b'{"assetType":"Decal","displayName":"Hat","description":"Red",'
        b'"creationContext":{"creator":{"userId":"5"}}}'
    ) in body
    assert b"Content-Type: image/png\r\n\r\n" + PNG + b"\r\n" in body
    assert seen == [(len(PNG), len(PNG))]
    asset = colour(operation.wait())
    assert (asset.id, asset.type, asset.creator.user_id) == (77, "Decal", 5)


def test_file_object_is_sent_from_where_it_stands_at_every_try(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A second try sends the same bytes as the first."""
    server.script(reply(429, retry_after="1"), STARTED)
    file = io.BytesIO(b"skipped" + PNG)
    file.seek(7)
    assets = make_client().group(9).assets
    colour(assets.create(file, type="Image", name="Hat", filename="hat.PNG"))
    for request in server.requests:
        assert b"\r\n\r\n" + PNG + b"\r\n" in request
        assert b'"groupId":"9"' in request
    assert len(server.requests) == 2


def test_doubtful_upload_is_not_repeated(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """An upload that may have been taken is not sent again."""
    server.script(reply(502))
    with pytest.raises(errors.AmbiguousOutcome):
        colour(make_client().user(5).assets.create(PNG, type="Decal", name="Hat"))
    assert len(server.requests) == 1


def test_wait_asks_at_once_and_backs_off(
    colour: Colour, operation: Any, server: RawServer, clock: ManualClock
) -> None:
    """The first question is not delayed, the others come ever less often, up to 5 s."""
    server.script(*[RUNNING] * 9, DONE)
    assert colour(operation.wait(timeout=100)).id == 77
    assert clock.sleeps[:3] == [0.5, 0.75, 1.125]
    assert clock.sleeps[-1] == 5.0
    assert len(server.requests) == 10


def test_wait_honours_a_rate_limit(
    colour: Colour, operation: Any, server: RawServer, clock: ManualClock
) -> None:
    """A 429 between questions is waited out, not raised."""
    server.script(reply(429, retry_after="40"), DONE)
    assert colour(operation.wait(timeout=100)).id == 77
    assert sum(clock.sleeps) == 40


def test_wait_ends_with_patience(
    colour: Colour, operation: Any, server: RawServer, clock: ManualClock
) -> None:
    """Still running at the timeout: OperationTimeout, within the time given."""
    server.script(RUNNING)
    with pytest.raises(errors.OperationTimeout, match="may yet finish"):
        colour(operation.wait(timeout=10))
    assert sum(clock.sleeps) < 10


def test_a_question_without_an_answer_is_no_end_of_patience(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Which time was over, the question's or the caller's, is told apart."""
    server.script(hang)
    operation = make_client(timeout=0.3).asset_operation("1")
    with pytest.raises(errors.DeadlineExceeded, match="get_asset_operation"):
        colour(operation.wait(timeout=600))
    operation = make_client(timeout=30).asset_operation("1")
    with pytest.raises(errors.OperationTimeout, match=r"after 0\.1 s"):
        colour(operation.wait(timeout=0.1))


def test_done_with_an_error_is_a_failure(colour: Colour, operation: Any, server: RawServer) -> None:
    """`done` with `error`: OperationFailed with code and message."""
    server.script(failed("The file is not a model."))
    with pytest.raises(errors.OperationFailed, match="The file is not a model") as caught:
        colour(operation.wait())
    assert (caught.value.code, caught.value.operation) == ("3", "operations/op-1")
    assert not isinstance(caught.value, errors.ModerationRejected)
    server.script(failed("a\r\nFAKE LOG LINE\x1b[31m"))
    with pytest.raises(errors.OperationFailed, match=r"a  FAKE LOG LINE \[31m\)$"):
        colour(operation.wait())


@pytest.mark.parametrize(
    "answer",
    [
        failed("Asset was rejected by moderation"),
        failed("no", metadata={"moderationResult": {"moderationState": "Rejected"}}),
        reply(
            body={
                "path": "operations/op-1",
                "done": True,
                "response": {**ASSET, "moderationResult": {"moderationState": "Rejected"}},
            }
        ),
    ],
    ids=["words", "metadata", "asset"],
)
def test_moderation_is_named(
    colour: Colour, operation: Any, server: RawServer, answer: bytes
) -> None:
    """However moderation says no, it is ModerationRejected."""
    server.script(answer)
    with pytest.raises(errors.ModerationRejected, match="moderation refused"):
        colour(operation.wait())


def test_words_refused_at_once_are_named(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A name that moderation does not let pass is a refusal like any other, with Roblox's words."""
    server.script(reply(400, {"code": 3, "message": "AssetName is moderated."}))
    with pytest.raises(errors.BadRequest, match=r"create_asset: .* AssetName is moderated\."):
        colour(make_client().user(5).assets.create(PNG, type="Decal", name="Hat"))


def test_done_with_nothing_is_a_protocol_error(
    colour: Colour, operation: Any, server: RawServer
) -> None:
    """Neither result nor error."""
    server.script(reply(body={"path": "operations/op-1", "done": True}))
    with pytest.raises(errors.ProtocolError):
        colour(operation.wait())


def test_status_is_one_question(colour: Colour, operation: Any, server: RawServer) -> None:
    """`status` asks once and judges nothing."""
    server.script(failed("no"))
    status = colour(operation.status())
    assert (status.done, status.error.message) == (True, "no")
    assert server.lines == ["GET /assets/v1/operations/op-1"]


def test_result_is_one_question_and_its_meaning(
    colour: Colour, operation: Any, server: RawServer
) -> None:
    """None while it runs, then the asset; a failure is raised."""
    server.script(RUNNING, DONE, failed("no"))
    assert colour(operation.result()) is None
    assert colour(operation.result()).id == 77
    with pytest.raises(errors.OperationFailed):
        colour(operation.result())
    assert len(server.requests) == 3


class Endless(io.RawIOBase):
    """A file that says that it is larger than any limit."""

    name = "film.mp4"

    def seekable(self) -> bool:
        """It can."""
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        """The end is far away."""
        return 4_026_531_841 if whence == 2 else offset

    def tell(self) -> int:
        """At the start."""
        return 0

    def read(self, size: int = -1) -> bytes:
        """Nothing is ever read of it."""
        return b""


WRONG = [
    (PNG, {"type": "Hat"}, "type must be one of Decal, Image, Audio"),
    (PNG, {"type": "Audio"}, r"one of the formats \.mp3 \.ogg \.wav \.flac, not \.png"),
    (b"????", {"type": "Decal"}, "give filename= to say which"),
    (PNG, {"type": "Decal", "filename": "hat.gif"}, r"not \.gif"),
    (b"", {"type": "Decal", "filename": "hat.png"}, "0 bytes"),
    (PNG + b"\0" * 20971520, {"type": "Decal"}, "the limit is 1 to 20971520"),
    (Endless(), {"type": "Video"}, "the limit is 1 to 4026531840"),
    (io.StringIO("text"), {"type": "Decal"}, "binary mode"),
    (".", {"type": "Decal", "filename": "hat.png"}, "not a regular file"),
    (5, {"type": "Decal"}, "a path, bytes or a seekable binary file"),
    (PNG, {"type": "Decal", "name": ""}, "name must not be empty"),
    (PNG, {"type": "Decal", "description": "x" * 1001}, "the limit is 1000"),
]


@pytest.mark.parametrize(("file", "options", "says"), WRONG, ids=[each[2] for each in WRONG])
def test_wrong_file_is_refused_before_sending(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    file: Any,
    options: dict[str, Any],
    says: str,
) -> None:
    """Type, format, size and names are checked before a byte leaves."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(make_client().user(5).assets.create(file, **{"name": "Hat", **options}))
    assert server.requests == []


def test_missing_file_is_an_os_error(colour: Colour, make_client: MakeClient) -> None:
    """A path that is not there is said as Python says it."""
    with pytest.raises(FileNotFoundError):
        colour(make_client().user(5).assets.create("no-such.png", type="Decal", name="Hat"))


def test_f41_an_address_is_not_fetched(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Uploads come from files of this machine; an URL is a path that is not there."""
    address = f"http://127.0.0.1:{server.port}/hat.png"
    with pytest.raises(FileNotFoundError):
        colour(make_client().user(5).assets.create(address, type="Decal", name="Hat"))
    assert server.requests == []
