"""Luau execution: what goes into a script and comes out of it as bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.client.luau import INPUT, RUNNING, complete, task
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, hang, http, reset

CONTENT = bytes(range(256)) * 2000


@pytest.fixture
def storage() -> Iterator[RawServer]:
    """Where inputs and outputs are kept, away from Open Cloud."""
    with RawServer([http(200)]) as made:
        yield made


def made(storage: RawServer) -> bytes:
    """Room for an input."""
    uri = f"{storage.url}/in?signature=s3cr3t"
    return reply(body={"path": INPUT, "size": str(len(CONTENT)), "uploadUri": uri})


@pytest.mark.parametrize("form", ["path", "bytes", "file"])
def test_upload(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    storage: RawServer,
    tmp_path: Path,
    form: str,
) -> None:
    """The size to Open Cloud, the content to where it says, without a credential."""
    path = tmp_path / "scene.bin"
    path.write_bytes(CONTENT)
    sources = {"path": path, "bytes": CONTENT, "file": io.BytesIO(CONTENT)}
    server.script(made(storage))
    storage.script(http(201))
    seen: list[tuple[int, int]] = []
    client = make_client(api_key="canary-5f1c")
    found = colour(
        client.universe(1).upload_luau_input(sources[form], progress=lambda *at: seen.append(at))
    )
    assert found == models.LuauBinaryInput(path=INPUT, size=len(CONTENT))
    assert "s3cr3t" not in repr(found)
    assert server.lines == ["POST /cloud/v2/universes/1/luau-execution-session-task-binary-inputs"]
    assert sent_json(server.requests[0]) == {"size": len(CONTENT)}
    (upload,) = storage.requests
    head, _, body = upload.partition(b"\r\n\r\n")
    assert storage.lines == ["PUT /in?signature=s3cr3t"]
    assert body == CONTENT
    assert b"\r\nContent-Type: application/octet-stream\r\n" in head + b"\r\n"
    assert b"canary" not in head
    assert b"authorization" not in head.lower()
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_upload_is_tried_again(
    colour: Colour, make_client: MakeClient, server: RawServer, storage: RawServer
) -> None:
    """The same bytes at the same place do no harm: a fault is followed by another try."""
    server.script(made(storage))
    storage.script(reset, http(503), http(204))
    colour(make_client().universe(1).upload_luau_input(CONTENT))
    assert [each.partition(b"\r\n\r\n")[2] for each in storage.requests] == [CONTENT] * 3


def test_upload_that_can_be_read_once(
    colour: Colour, make_client: MakeClient, server: RawServer, storage: RawServer
) -> None:
    """An iterable goes out once, and a fault is what it ends in."""
    server.script(made(storage))
    storage.script(http(503), http(200))
    pieces = iter([CONTENT[:1000], CONTENT[1000:]])
    universe = make_client().universe(1)
    with pytest.raises(errors.ServerError):
        colour(universe.upload_luau_input(pieces, size=len(CONTENT)))
    assert len(storage.requests) == 1


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http(403, b"<Error/>", content_type="application/xml"), errors.PermissionDenied),
        (http(307, location="/elsewhere"), errors.ProtocolError),
        (http(202), errors.ProtocolError),
        (hang, errors.DeadlineExceeded),
    ],
    ids=["refused", "redirected", "other", "silent"],
)
def test_upload_that_fails(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    storage: RawServer,
    answer: Any,
    kind: type[Exception],
) -> None:
    """It says so; no redirect is followed, and the address is in no error."""
    server.script(made(storage))
    storage.script(answer)
    universe = make_client(timeout=0.3).universe(1)
    with pytest.raises(kind) as caught:
        colour(universe.upload_luau_input(b"x"))
    assert "s3cr3t" not in f"{caught.value!r}{vars(caught.value)}"
    assert len(storage.requests) == 1


@pytest.mark.parametrize("uri", ["http://storage.example/in", "ftp://x/y", "", "https://u:p@x/y"])
def test_upload_goes_over_https_only(
    colour: Colour, make_client: MakeClient, server: RawServer, uri: str
) -> None:
    """An address that is not https, or none, is not used."""
    server.script(reply(body={"path": INPUT, "uploadUri": uri}))
    with pytest.raises(errors.ProtocolError, match="address"):
        colour(make_client().universe(1).upload_luau_input(b"x"))


@pytest.mark.parametrize(
    ("file", "options", "says"),
    [
        (b"", {}, "0 bytes; the limit is 1 to 104857600"),
        (iter([b"x"]), {"size": 104_857_601}, "104857601 bytes"),
        (iter([b"x"]), {}, "give size="),
        (5, {}, "a path, bytes"),
        (b"x", {"progress": 5}, "progress must be a function"),
    ],
    ids=["empty", "large", "size", "kind", "progress"],
)
def test_wrong_upload_is_refused_before_sending(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    file: Any,
    options: dict[str, Any],
    says: str,
) -> None:
    """No room is asked for what cannot be sent."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(make_client().universe(1).upload_luau_input(file, **options))
    assert server.requests == []


def test_download(
    colour: Colour, running: Any, server: RawServer, storage: RawServer, tmp_path: Path
) -> None:
    """The binary output, from where the task says, without a credential."""
    server.script(complete(binaryOutputUri=f"{storage.url}/out?signature=s3cr3t"))
    storage.script(http(200, CONTENT))
    target = tmp_path / "out.bin"
    assert colour(running.download(target)) == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert storage.lines == ["GET /out?signature=s3cr3t"]
    assert b"key-1" not in storage.requests[0]


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (RUNNING, ValueError, "still runs"),
        (complete(1), ValueError, "binary_output=True"),
        (task("FAILED", error={"code": "SCRIPT_ERROR"}), errors.OperationFailed, "SCRIPT_ERROR"),
    ],
    ids=["running", "none", "failed"],
)
def test_nothing_to_download(
    colour: Colour,
    running: Any,
    server: RawServer,
    tmp_path: Path,
    answer: bytes,
    kind: type[Exception],
    says: str,
) -> None:
    """Said, and no file is left behind."""
    server.script(answer)
    with pytest.raises(kind, match=says):
        colour(running.download(tmp_path / "out.bin"))
    assert list(tmp_path.iterdir()) == []
