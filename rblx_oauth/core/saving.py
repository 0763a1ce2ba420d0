"""A file that appears under its name when it is whole, and not before."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from rblx_oauth.core.arguments import optional
from rblx_oauth.core.checks import function


class Saving:
    """Takes a body (see `rblx_oauth.core.message.Sink`) and keeps it as a file.

    It is written beside its place, under a name that nobody can guess and with
    access for nobody else, and moved there in one step. Whatever fails before
    that leaves what was there as it was. Every method blocks.

    Args:
        path: Where it is to be. A symbolic link there is replaced, not followed.
        limit: The most bytes that are taken.
        overwrite: Whether a file that is there already may be replaced.
        progress: Called with (bytes so far, bytes in all or None where that is not known).

    Attributes:
        written: Bytes so far.

    Raises:
        TypeError: An argument is none of these.
        ValueError: `path` names no file.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        limit: int,
        overwrite: bool = True,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        optional(function, "progress", progress)
        if not isinstance(path, str | os.PathLike):
            raise TypeError(f"path must be a str or os.PathLike, not {type(path).__name__}")
        self.limit = limit
        self.written: int = 0
        self._target = Path(path)
        if not self._target.name:
            raise ValueError(f"{self._target} names no file")
        self._temporary = self._target.with_name(f".{secrets.token_hex(16)}.part")
        self._overwrite = overwrite
        self._progress = progress
        self._size: int | None = None
        self._mode = 0
        self._file: IO[bytes] | None = None

    def open(self) -> None:
        """Make the file that is written to.

        Raises:
            ValueError: There is something else than a file in its place.
            FileExistsError: There is one, and it may not be replaced.
            OSError: Nothing can be written there.
        """
        target = self._target
        if target.exists() and not target.is_file():
            raise ValueError(f"{target} is there and is not a regular file")
        if not self._overwrite and os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(self._temporary, flags, 0o666)
        except OSError as error:  # of a name that nobody gave
            raise OSError(error.errno, error.strerror, str(target)) from None
        self._file = os.fdopen(descriptor, "wb")
        # What the umask left of it, which cannot be asked for without changing it.
        self._mode = stat.S_IMODE(os.fstat(descriptor).st_mode)
        self._allow(0o600)

    def begin(self, size: int | None) -> None:
        """Forget what was written: a body of `size` bytes begins."""
        self._size = size
        self.written = 0
        self._opened.seek(0)
        self._opened.truncate()

    def write(self, piece: bytes, /) -> None:
        """Append a piece."""
        self._opened.write(piece)
        self.written += len(piece)

    def report(self) -> None:
        """Tell the progress callback how far it has come."""
        if self._progress is not None:
            self._progress(self.written, self._size)

    def commit(self) -> None:
        """It is whole: put it on the disk, and in its place.

        Raises:
            FileExistsError: A file came there meanwhile, and may not be replaced.
            OSError: It cannot be written or moved.
        """
        file = self._opened
        file.flush()
        os.fsync(file.fileno())
        self._allow(self._mode)
        file.close()
        if self._overwrite:
            self._temporary.replace(self._target)
        else:
            self._target.hardlink_to(self._temporary)  # fails where a file is, as no move does

    def discard(self) -> None:
        """Remove what is left beside its place, if anything is."""
        if self._file is None:
            return
        with suppress(OSError):  # the reason for this is worth more than what comes of it
            self._file.close()
        with suppress(OSError):
            self._temporary.unlink()

    @property
    def _opened(self) -> IO[bytes]:
        if self._file is None:
            raise ValueError("the file is not open")
        return self._file

    def _allow(self, mode: int) -> None:
        if hasattr(os, "fchmod"):  # elsewhere, files have no such modes
            os.fchmod(self._opened.fileno(), mode)
