"""Where the content of a file comes from, and how it is opened for a try."""

from __future__ import annotations

import io
import os
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import dataclass
from inspect import iscoroutinefunction
from pathlib import Path
from typing import IO, TypeAlias, cast

from rblx_oauth.core.formats import HEAD
from rblx_oauth.core.message import AsyncOnce, AsyncReadable, Once, Readable

Source: TypeAlias = (
    str
    | os.PathLike[str]
    | bytes
    | bytearray
    | memoryview
    | IO[bytes]
    | Iterable[bytes]
    | AsyncIterable[bytes]
)
"""A path, the content itself, a binary file, or an iterable of bytes."""


TEXT = "a file object must be opened in binary mode"


@dataclass(frozen=True, slots=True)
class Settled:
    """A source that can be sent.

    Attributes:
        open: Gives the content from its start; see `rblx_oauth.core.message.FilePart`.
        size: Its bytes.
        name: The name that it has by itself.
        head: How it begins; empty for what can be read once only.
    """

    open: Callable[[], Readable] | Once | AsyncOnce
    size: int
    name: str | None = None
    head: bytes = b""


def settle(source: Source, size: int | None) -> Settled:
    """Find out how a source is opened, and how long it is. None of it is kept in memory.

    Args:
        source: A path, bytes, a binary file, or an iterable of bytes.
        size: Its bytes; needed where only reading all of it would tell.

    Raises:
        ValueError: `size` is missing or wrong, or a path is no regular file.
        TypeError: `source` is none of these.
        OSError: The file cannot be read.
    """
    if size is not None and (isinstance(size, bool) or not isinstance(size, int)):
        raise TypeError(f"size must be an int, not {type(size).__name__}")
    if isinstance(source, bytes | bytearray | memoryview):
        content = bytes(source)
        return Settled(
            lambda: io.BytesIO(content), _measured(len(content), size), head=content[:HEAD]
        )
    if isinstance(source, str | os.PathLike):
        return _of_path(Path(source), size)
    if hasattr(source, "read"):
        if iscoroutinefunction(source.read):
            awaited = cast("AsyncReadable", source)
            return Settled(AsyncOnce(lambda: awaited), _told(size), _name(source))
        return _of_file(cast("IO[bytes]", source), size)
    if isinstance(source, Iterable):
        return Settled(Once(lambda: _Pieces(source)), _told(size))
    if isinstance(source, AsyncIterable):
        return Settled(AsyncOnce(lambda: _AsyncPieces(source)), _told(size))
    raise TypeError(
        "a file must be a path, bytes or a seekable binary file; or, with size=, "
        "another binary file or an iterable of bytes"
    )


def _of_path(path: Path, size: int | None) -> Settled:
    actual = path.stat().st_size
    if not path.is_file():
        raise ValueError(f"{path.name} is not a regular file")
    with path.open("rb") as file:  # whether it may be read is said now, not in mid-upload
        head = file.read(HEAD)
    return Settled(lambda: path.open("rb"), _measured(actual, size), path.name, head)


def _of_file(file: IO[bytes], size: int | None) -> Settled:
    given: object = file
    if isinstance(given, io.TextIOBase):
        raise TypeError(TEXT)
    try:
        start = file.tell()
        actual = file.seek(0, os.SEEK_END) - start
        file.seek(start)
    except (OSError, AttributeError):  # a pipe, a socket
        return Settled(Once(lambda: _Borrowed(file, None)), _told(size), _name(file))
    head: object = file.read(HEAD)
    file.seek(start)  # a caller who is refused finds it where it stood
    if not isinstance(head, bytes):
        raise TypeError(TEXT)
    return Settled(lambda: _Borrowed(file, start), _measured(actual, size), _name(file), head)


def _name(file: object) -> str | None:
    name = getattr(file, "name", None)  # without a path, it is the number of the descriptor
    return os.fsdecode(name) if isinstance(name, str | bytes) else None


def _measured(actual: int, size: int | None) -> int:
    if size is not None and size != actual:
        raise ValueError(f"the file has {actual} bytes, not the {size} of size=")
    return actual


def _told(size: int | None) -> int:
    if size is None:
        raise ValueError("give size=, in bytes: only reading all of the file would tell it")
    return size


class _Borrowed:
    """The caller's file, from where it stood; closing this leaves it open."""

    def __init__(self, file: IO[bytes], start: int | None) -> None:
        if start is not None:
            file.seek(start)
        self._file = file

    def read(self, size: int, /) -> bytes:
        return self._file.read(size)

    def close(self) -> None:
        pass


class _Rest:
    """What is left of a piece that was larger than what was asked for."""

    def __init__(self) -> None:
        self._view = memoryview(b"")

    def __bool__(self) -> bool:
        return bool(self._view)

    def put(self, piece: object) -> None:
        if not isinstance(piece, bytes):
            raise TypeError(f"pieces of a file must be bytes, not {type(piece).__name__}")
        self._view = memoryview(piece)

    def take(self, size: int) -> bytes:
        taken, self._view = self._view[:size], self._view[size:]
        return bytes(taken)


class _Pieces:
    """An iterable of bytes, read as a file."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = _Rest()

    def read(self, size: int, /) -> bytes:
        while not self._rest:
            try:
                self._rest.put(next(self._pieces))
            except StopIteration:
                break
        return self._rest.take(size)

    def close(self) -> None:
        pass


class _AsyncPieces:
    """An async iterable of bytes, read as a file."""

    def __init__(self, pieces: AsyncIterable[bytes]) -> None:
        self._pieces = aiter(pieces)
        self._rest = _Rest()

    async def read(self, size: int, /) -> bytes:
        while not self._rest:
            try:
                self._rest.put(await anext(self._pieces))
            except StopAsyncIteration:
                break
        return self._rest.take(size)
