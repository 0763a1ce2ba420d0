"""A Redis of a test's own, on loopback, empty, gone when the test is."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

import pytest
from redis import Redis, RedisError

PATIENCE = 20.0
"""Seconds that it may take to come up."""

KEEP_NOTHING = ("--save", "", "--appendonly", "no", "--daemonize", "no")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


class RedisServer:
    """``redis-server`` on a free port; it keeps nothing on disk.

    Args:
        program: Where it is.
        options: More of its command line.

    Attributes:
        url: Its first database.
    """

    def __init__(self, program: str, *options: str) -> None:
        self._command = [program, *KEEP_NOTHING, *options]
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Come up, or come up again at the same address; return when it answers."""
        self._process = subprocess.Popen(
            [*self._command, "--bind", "127.0.0.1", "--port", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + PATIENCE
        with self.client() as client:
            while True:
                with suppress(RedisError):
                    if client.ping():
                        return
                assert self._process.poll() is None, "redis-server ended"
                assert time.monotonic() < deadline, "redis-server did not come up"
                time.sleep(0.02)

    def client(self) -> Redis:
        """A plain client of it."""
        return Redis(port=self.port)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """It stands still while the block runs: connections are there, and no answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """Go away, data and all."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


def new_redis(*options: str) -> RedisServer:
    """One to be entered. Without the program the test is skipped, or fails where ``CI=true``."""
    program = shutil.which("redis-server")
    if program is None:
        reason = "no redis-server on PATH: apt-get install redis-server"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return RedisServer(program, *options)


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """One of the test's own, to stop and pause."""
    with new_redis() as server:
        yield server


@pytest.fixture(scope="session")
def lasting_redis() -> Iterator[RedisServer]:
    """One for all tests: see `redis_url`."""
    with new_redis() as server:
        yield server


@pytest.fixture
def redis_url(lasting_redis: RedisServer) -> str:
    """An empty database."""
    with lasting_redis.client() as client:
        client.flushdb()
    return lasting_redis.url
