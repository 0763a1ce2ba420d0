"""Files to upload: what is taken, what is refused, and when it is found out."""

from __future__ import annotations

import io
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from rblx_oauth import api, files
from rblx_oauth.core.files import FORMATS, asset_file, image_file, place_file, upload_file
from rblx_oauth.core.message import FilePart, Once, Readable

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
TEXT = {".txt": "text/plain"}


def content(part: FilePart) -> bytes:
    """All that a part gives."""
    file: Any = part.open()
    pieces = iter(lambda: file.read(7), b"")
    return b"".join(pieces)


def text_file(source: Any, **more: Any) -> FilePart:
    """A file of at most a hundred bytes."""
    return upload_file(source, formats=TEXT, limit=100, what="a note", **more)


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_bytes_of_every_kind_are_taken_as_they_are_now(kind: Any) -> None:
    """What the caller does to a buffer later does not change what is sent."""
    buffer = bytearray(b"hello")
    part = text_file(kind(buffer), filename="a.txt")
    buffer[:] = b"HELLO"
    assert (content(part), content(part), part.size) == (b"hello", b"hello", 5)


def test_a_file_object_is_known_by_its_name() -> None:
    """A file opened by path tells its format; so does one opened by a path in bytes."""
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        file.write(b"hello")
        file.seek(1)
        part = text_file(file)
        assert (content(part), part.filename) == (b"ello", Path(file.name).name)
        with open(os.fsencode(file.name), "rb") as again:  # noqa: PTH123 (a path in bytes)
            assert text_file(again).filename == Path(file.name).name


def test_the_number_of_a_descriptor_is_no_name(tmp_path: Path) -> None:
    """A file opened by descriptor has a number in place of a name: ask for one."""
    (tmp_path / "a.txt").write_bytes(b"hello")
    descriptor = os.open(tmp_path / "a.txt", os.O_RDONLY)
    with open(descriptor, "rb") as file:  # noqa: PTH123 (by descriptor)
        with pytest.raises(ValueError, match="give filename="):
            text_file(file)
        assert text_file(file, filename="b.txt").filename == "b.txt"


@pytest.mark.parametrize(
    ("source", "more", "error", "says"),
    [
        (b"x", {"size": 2}, ValueError, "has 1 bytes, not the 2 of size="),
        (b"x", {"size": True}, TypeError, "size must be an int, not bool"),
        (b"x", {"size": "1"}, TypeError, "size must be an int, not str"),
        (b"x", {"progress": 5}, TypeError, "progress must be a function"),
        (b"", {}, ValueError, "has 0 bytes; for a note the limit is 1 to 100"),
        (b"x" * 101, {}, ValueError, "has 101 bytes; for a note the limit is 1 to 100"),
        (iter([b"x"]), {}, ValueError, "give size="),
        (iter([b"x"]), {"size": 0}, ValueError, "limit is 1 to 100"),
        (iter([b"x"]), {"size": -1}, ValueError, "limit is 1 to 100"),
        (iter([b"x"]), {"size": 101}, ValueError, "limit is 1 to 100"),
        (io.StringIO("x"), {}, TypeError, "binary mode"),
        (5, {}, TypeError, "must be a path, bytes"),
        (None, {}, TypeError, "must be a path, bytes"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_once(
    source: Any, more: dict[str, Any], error: type[Exception], says: str
) -> None:
    """Sizes, limits and kinds of sources are settled before there is a request."""
    with pytest.raises(error, match=says):
        text_file(source, filename="a.txt", **more)


class Texts(io.BytesIO):
    """A binary file that gives text."""

    def read(self, size: int | None = -1, /) -> Any:
        """Text."""
        return "x" * (size or 0)


def test_a_file_that_gives_text_is_refused_at_once() -> None:
    """Whatever it calls itself."""
    with pytest.raises(TypeError, match="binary mode"):
        text_file(Texts(b"abc"), filename="a.txt")


def test_a_text_pipe_is_refused_at_once() -> None:
    """Text that cannot be read twice is found out without reading it."""
    ends = os.pipe()
    os.close(ends[1])
    with (
        open(ends[0], encoding="utf-8") as file,  # noqa: PTH123 (by descriptor)
        pytest.raises(TypeError, match="binary mode"),
    ):
        text_file(file, filename="a.txt", size=3)


def test_a_pipe_can_be_read_once() -> None:
    """A file that cannot seek is taken with its size, and knows when it was opened."""
    ends = os.pipe()
    with open(ends[0], "rb") as file, open(ends[1], "wb") as other:  # noqa: PTH123 (by descriptor)
        other.write(b"hello")
        other.close()
        with pytest.raises(ValueError, match="give size="):
            text_file(file, filename="a.txt")
        part = text_file(file, filename="a.txt", size=5)
        assert (part.once, part.spent) == (True, False)
        assert content(part) == b"hello"
        assert part.spent
        with pytest.raises(ValueError, match="begun already"):
            part.open()


@given(st.lists(st.binary(max_size=9)), st.integers(1, 12))
def test_pieces_are_joined_and_cut(pieces: list[bytes], size: int) -> None:
    """However an iterable cuts its bytes, a reader never gets more than it asks for."""
    content = b"".join(pieces)
    part = text_file(iter([*pieces, b"!"]), filename="a.txt", size=1)
    assert isinstance(part.open, Once)
    file = part.open()
    taken = b""
    while piece := file.read(size):
        assert len(piece) <= size
        taken += piece
    assert taken == content + b"!"
    assert file.read(size) == b""


@pytest.mark.parametrize("bad", ["text", 5, None, bytearray(b"x"), memoryview(b"x")])
def test_a_piece_that_is_not_bytes_is_named(bad: Any) -> None:
    """A buffer that may still change is no piece either."""
    part = text_file(iter([b"x", bad]), filename="a.txt", size=9)
    file: Readable = part.open()  # type: ignore[assignment]
    assert file.read(5) == b"x"
    with pytest.raises(TypeError, match=f"must be bytes, not {type(bad).__name__}"):
        file.read(5)


HEADS = {
    ".png": PNG,
    ".jpg": b"\xff\xd8\xff\xe0",
    ".gif": b"GIF89a",
    ".webp": b"RIFF\0\0\0\0WEBPVP8 ",
    ".wav": b"RIFF\0\0\0\0WAVEfmt ",
    ".ogg": b"OggS",
    ".flac": b"fLaC",
    ".fbx": b"Kaydara FBX Binary  \0",
    ".glb": b"glTF\2\0\0\0",
    ".rbxm": b"<roblox!\x89\xff\r\n",
    ".mp4": b"\0\0\0\x20ftypisom",
    ".heic": b"\0\0\0\x20ftypheic",
}


@pytest.mark.parametrize("truth", sorted(HEADS))
@pytest.mark.parametrize("kind", sorted(FORMATS))
def test_content_that_contradicts_its_name_is_refused(kind: str, truth: str) -> None:
    """A name that says one format and a beginning that says another: which is meant is asked."""
    alike = {".jpg": {".jpeg"}, ".rbxm": {".rbxmx"}, ".mp4": {".mov"}}.get(truth, set()) | {truth}
    for suffix in FORMATS[kind]:
        if suffix in alike:
            assert asset_file(HEADS[truth], asset_type=kind, filename=f"a{suffix}").size
            continue
        with pytest.raises(ValueError, match=rf"is {suffix} by its name, but begins as {truth}"):
            asset_file(HEADS[truth], asset_type=kind, filename=f"a{suffix}")


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a.tga", b"BM" + b"\0" * 50),
        ("a.mp3", b"BM" + b"\0" * 50),
        ("a.flac", b"ID3\4" + b"\0" * 50),
        ("a.png", b"no mark at all"),
        ("a.rbxm", b"<roblox xmlns"),
    ],
)
def test_a_mark_that_proves_nothing_refuses_nothing(name: str, head: bytes) -> None:
    """Two letters may begin anything, and tags stand before more than one format."""
    kinds = [kind for kind, formats in FORMATS.items() if Path(name).suffix in formats]
    for kind in kinds:
        assert asset_file(head, asset_type=kind, filename=name).filename == name


def test_a_name_without_a_suffix_leaves_it_to_the_content(tmp_path: Path) -> None:
    """A path without a suffix is known by its beginning."""
    (tmp_path / "hat").write_bytes(PNG)
    part = image_file(tmp_path / "hat")
    assert (part.filename, part.content_type) == ("hat", "image/png")


def test_places_have_types_of_their_own() -> None:
    """A binary and an XML place; the same marks are models elsewhere."""
    assert place_file(b"<roblox!x").content_type == "application/octet-stream"
    assert place_file(b"<roblox version='4'>").content_type == "application/xml"
    assert place_file(b"<roblox></roblox>").filename == "file.rbxlx"
    assert asset_file(b"<roblox!x", asset_type="Model").filename == "file.rbxm"
    with pytest.raises(ValueError, match=r"\.rbxlx by its name, but begins as \.rbxm"):
        place_file(b"<roblox!x", filename="a.rbxlx")
    with pytest.raises(ValueError, match=r"formats \.rbxl \.rbxlx, not \.rbxm"):
        place_file(b"<roblox!x", filename="a.rbxm")


def test_raw_calls_take_files_from_the_public_door() -> None:
    """What `rblx_oauth.files` makes is taken; what is refused names that module."""
    part = files.asset_file(PNG, asset_type="Decal")
    call = api.assets.create_asset(request={"assetType": "Decal"}, file_content=part)
    assert call.upload_size == len(PNG)
    makers = (files.asset_file, files.image_file, files.place_file, files.upload_file)
    assert makers == (asset_file, image_file, place_file, upload_file)
    with pytest.raises(TypeError, match=r"file_content must be made by rblx_oauth\.files"):
        api.assets.create_asset(request={}, file_content=PNG)  # type: ignore[arg-type]


def test_limits_are_of_the_kind_of_file() -> None:
    """An image has 20 MB, a place 100."""
    for make, name, limit in (
        (image_file, "a.png", 20_971_520),
        (place_file, "a.rbxl", 104_857_600),
    ):
        assert make(iter([b""]), filename=name, size=limit).size == limit
        with pytest.raises(ValueError, match=f"the limit is 1 to {limit}"):
            make(iter([b""]), filename=name, size=limit + 1)
