"""Where a site can keep its grants: one of each kind, to be used and to be treated badly."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.production.programs import Program


@dataclass(frozen=True)
class Database:
    """A store for a site.

    Attributes:
        url: What the site is told.
        server: What serves it; None for a file, which one machine alone can use.
    """

    url: str
    server: Program | None = None

    def running(self) -> AbstractContextManager[object]:
        """The server while the block runs."""
        return self.server or nullcontext()


def sqlite(folder: Path) -> Database:
    """A file."""
    return Database(f"sqlite:///{folder}/store.db")


class _Redis(Program):
    """Has on disk whatever it has confirmed."""

    def __init__(self, folder: Path, port: int) -> None:
        options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        options += ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
        super().__init__(["redis-server", *options], log=folder / "redis.log")

    def start(self) -> None:
        """Come, or come back with what was kept."""
        super().start()
        self.wait_for("Ready to accept connections")


def redis(folder: Path) -> Database:
    """A Redis."""
    port = _free_port()
    return Database(f"redis://127.0.0.1:{port}/0", _Redis(folder, port))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


KINDS: Mapping[str, Callable[[Path], Database]] = {"sqlite": sqlite, "redis": redis}
