"""Programs that a test starts: with a log to wait on, and an end that nothing prevents."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from tests.support.programs import absent

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds for something that takes a few, on a machine that has much else to do."""

DYING_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")
"""Runs a program that is killed when the process that started it is gone, however it went."""


def wait(condition: Callable[[], bool], what: Callable[[], str]) -> None:
    """Until something is so, which happens elsewhere; `what` says what is missing."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)


class Program:
    """A program in a process group of its own, which dies with the one that started it.

    Attributes:
        environment: Variables beside those of the test, for its next start.

    Args:
        command: What to run.
        log: The file that its output goes to.
        environment: See above.
    """

    def __init__(
        self, command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self._command = command
        self.environment = dict(environment or {})
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self._log.read_text(errors="replace")

    def start(self) -> None:
        """Begin, with an empty log; return when it has come up."""
        for program in (DYING_WITH_US[0], self._command[0]):
            if shutil.which(program) is None:
                absent(f"no {program} on PATH")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*DYING_WITH_US, *self._command],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        try:
            self.come_up()
        except BaseException:
            self.stop(signal.SIGKILL)
            raise

    def come_up(self) -> None:
        """Wait until it does what it is for."""

    def wait_for(self, pattern: str, times: int = 1) -> re.Match[str]:
        """The match of a line that the program has said, so many times in all."""
        found: list[re.Match[str]] = []

        def said() -> bool:
            found[:] = re.finditer(pattern, self.log, re.MULTILINE)
            assert self._process is not None
            assert found[times - 1 :] or self._process.poll() is None, f"it ended:\n{self.log}"
            return len(found) >= times

        wait(said, lambda: f"not {times} times {pattern} in\n{self.log}")
        return found[times - 1]

    @contextmanager
    def paused(self) -> Iterator[None]:
        """There, with every connection open, and silent."""
        os.killpg(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(self.pid, signal.SIGCONT)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Tell it to end; what is left of its group after a while is killed."""
        if self._process is None:
            return
        self._process.send_signal(by)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()
