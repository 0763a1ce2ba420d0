"""Reading a file on its way out: exactly as many bytes as were announced."""

from __future__ import annotations

from collections.abc import Callable

from rblx_oauth.core.message import AsyncOnce, FilePart, Readable


def blocking_opener(part: FilePart) -> Callable[[], Readable]:
    """What opens a part to be read without awaiting.

    Raises:
        TypeError: It can only be awaited.
    """
    if isinstance(part.open, AsyncOnce):
        raise TypeError(
            f"{part.filename} comes from an async source, which the sync client cannot read: "
            "give it to AsyncClient"
        )
    return part.open


class _Pass:
    """One pass over a `FilePart`: what was read, and whether that is what was promised."""

    def __init__(self, part: FilePart) -> None:
        self._part = part
        self._sent = 0

    def report(self) -> None:
        """Tell the progress callback how far it has come."""
        if self._part.progress is not None:
            self._part.progress(self._sent, self._part.size)

    def _wanted(self, size: int) -> int:
        return min(size, self._part.size - self._sent)

    def _taken(self, piece: object, wanted: int) -> bytes:
        """The piece that was read, checked and counted."""
        name = self._part.filename
        if not isinstance(piece, bytes):
            raise TypeError(f"{name} gave {type(piece).__name__}, not bytes")
        if not piece:
            raise ValueError(f"{name} ended after {self._sent} of {self._part.size} bytes")
        if len(piece) > wanted:
            raise ValueError(f"{name} gave more than it was asked for")
        self._sent += len(piece)
        return piece

    @property
    def _must_end(self) -> bool:
        """Whether nothing may come any more.

        A file on a disk may grow meanwhile. What can be read once only was given
        its size by hand, and more of it means that the size is wrong: that is
        found before the last piece goes out, so that nobody takes it for whole.
        """
        return self._part.once and self._sent == self._part.size

    def _ended(self, rest: object) -> None:
        if rest:
            raise ValueError(
                f"{self._part.filename} gave more than the {self._part.size} bytes of size="
            )


class FileReader(_Pass):
    """Reads a part, blocking.

    Raises:
        ValueError: From `read`: it is shorter or longer than it was said to be.
        TypeError: From `read`: it gives something else than bytes.
    """

    def __init__(self, part: FilePart) -> None:
        super().__init__(part)
        self._file = blocking_opener(part)()

    def read(self, size: int) -> bytes:
        """The next piece of at most `size` bytes; empty at the end."""
        wanted = self._wanted(size)
        if not wanted:
            return b""
        piece = self._taken(self._file.read(wanted), wanted)
        if self._must_end:
            self._ended(self._file.read(1))
        return piece

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class AsyncFileReader(_Pass):
    """The same of a part whose reading is awaited."""

    def __init__(self, part: FilePart, opener: AsyncOnce) -> None:
        super().__init__(part)
        self._file = opener()

    async def read(self, size: int) -> bytes:
        """The next piece of at most `size` bytes; empty at the end."""
        wanted = self._wanted(size)
        if not wanted:
            return b""
        piece = self._taken(await self._file.read(wanted), wanted)
        if self._must_end:
            self._ended(await self._file.read(1))
        return piece
