"""Hears everything a program says of itself while it runs: logs, exceptions, tracebacks."""

from __future__ import annotations

import logging
import pickle
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from traceback import TracebackException, walk_tb
from typing import Any, Self

ROOT = Path(__file__).parents[2]
OURS = (str(ROOT / "rblx_oauth"), str(ROOT / "flask_ext"))
VIEW = "view_that_fails"
"""A function of a test whose variables are looked at as well: it stands for a site's."""
DEEPEST = 12
"""Exceptions in one chain that are looked at."""


class Ears(logging.Handler):
    """Keeps every line that is said, at every level, by every logger of this process.

    Attributes:
        lines: What was said, each line once.
    """

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: set[str] = set()
        self._before: dict[logging.Logger, tuple[int, bool]] = {}
        self._deaf = False

    def __enter__(self) -> Self:
        root = logging.getLogger()
        named = (logging.getLogger(name) for name in list(root.manager.loggerDict))
        for logger in (root, *named):
            self._before[logger] = logger.level, logger.disabled
            logger.disabled = False
            logger.setLevel(logging.NOTSET if logger is not root else logging.DEBUG)
        root.addHandler(self)
        # What dies in a thread or a finaliser is heard too.
        self._hooks = threading.excepthook, sys.unraisablehook
        threading.excepthook = sys.unraisablehook = self._hear_death
        return self

    def __exit__(self, *_: object) -> None:
        threading.excepthook, sys.unraisablehook = self._hooks
        logging.getLogger().removeHandler(self)
        for logger, (level, disabled) in self._before.items():
            logger.setLevel(level)
            logger.disabled = disabled

    @contextmanager
    def covered(self) -> Iterator[None]:
        """Hear nothing: for what a person's own browser does, which is not ours to keep quiet."""
        self._deaf = True
        try:
            yield
        finally:
            self._deaf = False

    def emit(self, record: logging.LogRecord) -> None:
        """A record with all that hangs on it, while the frames of its traceback are there."""
        if self._deaf:
            return
        self.hear(record.getMessage(), record.args, sorted(map(repr, vars(record).items())))
        if record.exc_info and record.exc_info[1] is not None:
            self.hear_error(record.exc_info[1])

    def hear(self, *said: object) -> None:
        """Something that was shown, and its repr."""
        for each in said:
            self.lines.update(f"{each}\n{each!r}".splitlines())

    def hear_error(self, error: BaseException) -> None:
        """An exception, all that it came from, and the variables of every frame of ours.

        Those of Flask and of HTTP servers hold the request as it came, cookies and all; a
        site that lets an error tracker record them has to tell it so.
        """
        seen: list[BaseException] = []
        waiting: list[BaseException | None] = [error]
        while waiting and len(seen) < DEEPEST:
            each = waiting.pop()
            if each is None or each in seen:
                continue
            seen.append(each)
            waiting += [each.__cause__, each.__context__]
            self.hear(each, each.args, vars(each))
            self.lines.update(TracebackException.from_exception(each).format())
            self._hear_locals(each)

    def _hear_death(self, args: Any) -> None:
        if args.exc_value is not None:
            self.hear_error(args.exc_value)

    def _hear_locals(self, error: BaseException) -> None:
        for frame, line in walk_tb(error.__traceback__):
            code = frame.f_code
            if code.co_filename.startswith(OURS) or code.co_name == VIEW:
                place = f"{code.co_filename}:{line}"
                self.lines.update(
                    f"{place} {name}={_shown(v)}" for name, v in frame.f_locals.items()
                )


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception as error:  # noqa: BLE001  # a half-made object, as any debugger meets them
        return repr(error)


def pickled_of(value: object) -> bytes:
    """What a pickle of it would carry; nothing where it refuses."""
    try:
        return pickle.dumps(value)
    except (TypeError, AttributeError, pickle.PicklingError):
        return b""
