"""Where a site can keep its grants, and what serves that."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.production.programs import Program
from tests.support.programs import free_port


class Server(Protocol):
    """A database server that keeps its data over a stop."""

    def start(self) -> None:
        """Come up, or come up again."""

    def stop(self) -> None:
        """Go away in an orderly way."""

    def paused(self) -> AbstractContextManager[None]:
        """There, with every connection open, and silent."""


@dataclass(frozen=True)
class Database:
    """A store for a site.

    Attributes:
        url: What the site is told.
        server: What serves it; None for a file, which one machine alone can use.
    """

    url: str
    server: Server | None = None


class Redis(Program):
    """A Redis that has on disk whatever it has confirmed."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://127.0.0.1:{port}/0"
        options = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        options += ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
        super().__init__(["redis-server", *options], log=folder / "redis.log")

    def come_up(self) -> None:
        """Wait until what was kept is there again."""
        self.wait_for("Ready to accept connections")
