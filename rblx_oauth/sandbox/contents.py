"""Where the bytes of uploads are: small ones in memory, large ones in a temporary folder.

What is in memory belongs to the state, so it is saved and loaded with it, in base64. The folder
belongs to the running sandbox and goes when it goes: of a large file a saved state knows the
name, the size and the check sum, and no more.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import IO

import msgspec
from itsdangerous import BadData, URLSafeSerializer

from rblx_oauth._decoding import converter
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["Content", "ContentShelf", "Contents"]

MEGABYTE = 1024 * 1024
LARGEST_IN_MEMORY = 2 * MEGABYTE
MOST_IN_MEMORY = 32 * MEGABYTE
_PIECE = MEGABYTE


class Content(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that was uploaded.

    Attributes:
        sha256: Its check sum in hexadecimal, which it is found by.
        size: In bytes.
        media: Its media type; of a picture, the one that it really has.
        width: Of a picture, in pixels.
        height: The same.
        seconds: Of a sound, where its header tells.
    """

    sha256: str
    size: int
    media: str
    width: int = 0
    height: int = 0
    seconds: float = 0.0


class ContentShelf(Shelf):
    """What is kept in memory, by check sum."""

    section = "contents"

    kept: dict[str, bytes] = {}
    size: int = 0

    def __post_init__(self) -> None:
        self.size = sum(map(len, self.kept.values()))


class Contents:
    """The bytes of every upload, each kept once.

    Args:
        shelf: Gives the shelf of what is in memory.
    """

    def __init__(self, shelf: Callable[[], ContentShelf]) -> None:
        self._shelf = shelf
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._tickets = URLSafeSerializer(os.urandom(32))

    def keep(self, stream: IO[bytes]) -> tuple[str, int]:
        """Take in what a stream holds from where it stands, a piece at a time.

        Returns:
            Its check sum and its size.
        """
        head = stream.read(LARGEST_IN_MEMORY + 1)
        digest = hashlib.sha256(head)
        if len(head) <= LARGEST_IN_MEMORY and self._remember(digest.hexdigest(), head):
            return digest.hexdigest(), len(head)
        with tempfile.NamedTemporaryFile(dir=self._room(), delete=False) as file:
            size = file.write(head)
            while piece := stream.read(_PIECE):
                digest.update(piece)
                size += file.write(piece)
        Path(file.name).replace(self._room() / digest.hexdigest())
        return digest.hexdigest(), size

    def find(self, sha256: str) -> io.BytesIO | Path | None:
        """The bytes of that check sum, or the file they are in; None if they are gone."""
        kept = self._shelf().kept.get(sha256)
        if kept is not None:
            return io.BytesIO(kept)
        file = None if self._folder is None else self._folder / sha256
        return file if file is not None and file.exists() else None

    def ticket(self, content: Content, until: float) -> str:
        """What opens that content to whoever has it, for a while; nobody can guess one."""
        return self._tickets.dumps([content.sha256, content.media, until])

    def read_ticket(self, ticket: str) -> tuple[str, str, float] | None:
        """The check sum and media type that a ticket is for, and its end; None for no ticket."""
        try:
            return converter(tuple[str, str, float])(self._tickets.loads(ticket))
        except (BadData, msgspec.ValidationError):
            return None

    def clear(self) -> None:
        """Forget what is in the folder."""
        with self._lock:
            folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def _remember(self, sha256: str, data: bytes) -> bool:
        """Put it in memory, if there is room."""
        with self._lock:
            shelf = self._shelf()
            if sha256 in shelf.kept:
                return True
            if shelf.size + len(data) > MOST_IN_MEMORY:
                return False
            shelf.kept[sha256] = data
            shelf.size += len(data)
            return True

    def _room(self) -> Path:
        """The folder, which only this user may enter and which does not outlive the program."""
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="rblx-sandbox-"))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            return self._folder
