"""Servers of the tests' own, on loopback, to be stopped, started, killed and paused."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, Self

import pytest

PATIENCE = 30.0
"""Seconds that one may take to come up or go down."""


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def absent(reason: str) -> NoReturn:
    """Skip the test for lack of a program; where ``CI=true`` that is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def user(name: str) -> str | None:
    """Whom a server runs as that refuses to run as root; None for ourselves."""
    return name if os.geteuid() == 0 else None


class Server(ABC):
    """A server with its data in a directory of its own.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        user: Whom it runs as; None for ourselves.
        options: More of its command line.
    """

    user: str | None = None
    goodbye = signal.SIGTERM
    """Has it stop without waiting for its clients."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="database-"))
        self.port = free_port()
        self.options: list[str] = []
        self._process: subprocess.Popen[bytes] | None = None
        if self.user is not None:
            shutil.chown(self.directory, self.user)

    @property
    @abstractmethod
    def url(self) -> str:
        """The store URL of its database."""

    @abstractmethod
    def command(self) -> list[str]:
        """The server, in the foreground."""

    @abstractmethod
    def install(self) -> None:
        """Fill the directory."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it takes connections."""

    @abstractmethod
    def process_ids(self) -> list[int]:
        """Of the server and everything that it started."""

    def start(self) -> None:
        """Come up, or come up again with the same data; return when it answers."""
        if self._process is not None:
            return
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdout=log, stderr=log, user=self.user, cwd=self.directory
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            log_text = (self.directory / "log").read_text()[-2000:]
            assert self._process.poll() is None, f"the server ended: {log_text}"
            assert time.monotonic() < deadline, f"the server did not come up: {log_text}"
            time.sleep(0.02)

    def stop(self) -> None:
        """Go away in an orderly way, clients or not; the data stays."""
        if self._process is not None:
            self._process.send_signal(self.goodbye)
            self._gone()

    def kill(self) -> None:
        """Go away at once, as the machine does when it runs out of memory."""
        if self._process is not None:
            for each in self.process_ids():
                os.kill(each, signal.SIGKILL)
            self._gone()

    def _gone(self) -> None:
        assert self._process is not None
        self._process.wait(PATIENCE)
        self._process = None

    @contextmanager
    def restarted_with(self, *options: str) -> Iterator[Self]:
        """Running with more on its command line, for a while."""
        before = self.options
        self.stop()
        self.options = [*before, *options]
        try:
            self.start()
            yield self
        finally:
            self.stop()
            self.options = before
            self.start()

    def keep(self, file: Path) -> Path:
        """A copy that the server can read."""
        copy = self.directory / file.name
        shutil.copy(file, copy)
        if self.user is not None:
            shutil.chown(copy, self.user)
        return copy

    @contextmanager
    def paused(self) -> Iterator[None]:
        """There, with every connection open, and silent."""
        stopped = self.process_ids()
        for each in stopped:
            os.kill(each, signal.SIGSTOP)
        try:
            for each in stopped:
                _wait_until_still(each)
            yield
        finally:
            for each in stopped:
                os.kill(each, signal.SIGCONT)

    def run(self, *command: str) -> None:
        """Do something as the server's user."""
        done = subprocess.run(
            command, capture_output=True, text=True, user=self.user, cwd=self.directory, check=False
        )
        assert done.returncode == 0, done.stderr

    def __enter__(self) -> Self:
        self.install()
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.kill()
        shutil.rmtree(self.directory)


class DatabaseServer(Server):
    """One that speaks SQL."""

    @abstractmethod
    def connect(self) -> Any:
        """A connection of the test's own, whose statements commit by themselves."""

    @abstractmethod
    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run some SQL; what the last statement found."""

    @abstractmethod
    def empty(self) -> None:
        """No rows."""

    @abstractmethod
    def drop(self) -> None:
        """No tables."""


def _wait_until_still(pid: int) -> None:
    """Return when no thread of a process runs any more: a signal takes a moment to reach all."""
    deadline = time.monotonic() + PATIENCE
    while {_state(each) for each in Path(f"/proc/{pid}/task").iterdir()} - {"T"}:
        assert time.monotonic() < deadline, f"process {pid} does not stand still"
        time.sleep(0.001)


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return "T"


def children(pid: int) -> list[int]:
    """The processes that a process started."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(each) for each in path.read_text().split()]
