"""A Redis of the tests' own, on loopback. It keeps nothing on disk."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from redis import Redis, RedisError

from tests.support.certificates import Authority
from tests.support.programs import Server, absent

_KEEP_NOTHING = ("--save", "", "--appendonly", "no", "--daemonize", "no")


class RedisServer(Server):
    """``redis-server`` on a free port.

    Args:
        options: More of its command line.
    """

    def __init__(self, *options: str) -> None:
        super().__init__()
        self.options = [*options]

    @property
    def url(self) -> str:
        """Of its first database."""
        return f"redis://127.0.0.1:{self.port}/0"

    def install(self) -> None:
        """There is nothing to make."""

    def command(self) -> list[str]:
        """It listens on 127.0.0.1 alone."""
        address = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory))
        return ["redis-server", *_KEEP_NOTHING, *address, *self.options]

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False

    def process_ids(self) -> list[int]:
        """It is one process."""
        assert self._process is not None
        return [self._process.pid]

    def client(self) -> Redis:
        """A plain client of it."""
        return Redis(port=self.port)


class EncryptedRedisServer(RedisServer):
    """One that speaks TLS alone.

    Args:
        authority: Which signs its certificate, and those of its clients if it asks for one.
        options: More of its command line.
    """

    def __init__(self, authority: Authority, *options: str) -> None:
        super().__init__(*options)
        self.authority = authority
        for name, value in tls_settings(self.port, authority).items():
            self.options += [f"--{name}", value]

    @property
    def url(self) -> str:
        """Of its first database, for somebody who trusts its authority."""
        return f"rediss://127.0.0.1:{self.port}/0?ssl_ca_certs={self.authority.file}"

    def client(self) -> Redis:
        """A plain client of it."""
        return Redis(
            host="127.0.0.1", port=self.port, ssl=True, ssl_ca_certs=str(self.authority.file)
        )


def tls_settings(port: int, authority: Authority) -> dict[str, str]:
    """What makes a Redis or a Sentinel speak TLS alone."""
    certificate = authority.issue()
    return {
        "port": "0",
        "tls-port": str(port),
        "tls-cert-file": str(certificate.file),
        "tls-key-file": str(certificate.key),
        "tls-ca-cert-file": str(authority.file),
        "tls-auth-clients": "optional",
        "tls-replication": "yes",
    }


def installed() -> bool:
    """Whether one can be started here."""
    return shutil.which("redis-server") is not None


def new_redis(*options: str, authority: Authority | None = None) -> RedisServer:
    """One to be entered. Without the program the test is skipped, or fails where ``CI=true``."""
    if not installed():
        absent("no redis-server on PATH: apt-get install redis-server")
    if authority is not None:
        return EncryptedRedisServer(authority, *options)
    return RedisServer(*options)


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


@pytest.fixture
def raw_redis(lasting_redis: RedisServer, redis_url: str) -> Iterator[Redis]:
    """A look at what is stored at `redis_url`, past any store."""
    with lasting_redis.client() as client:
        yield client


@pytest.fixture
def redis_config(raw_redis: Redis) -> Iterator[Callable[..., None]]:
    """Change the shared server's configuration for one test."""
    before: dict[str, str] = {}

    def change(**settings: str) -> None:
        for name, value in settings.items():
            name = name.replace("_", "-")
            before.setdefault(name, raw_redis.config_get(name)[name])
            raw_redis.config_set(name, value)

    yield change
    for name, value in before.items():
        raw_redis.config_set(name, value)


def connections(raw: Redis) -> set[str]:
    """The ids of those that others have open."""
    return {each["id"] for each in raw.client_list()} - {str(raw.client_id())}


def commands_of(client: Redis, work: Callable[[], object]) -> dict[str, int]:
    """What commands Redis is given while `work` runs, and how often."""
    client.config_resetstat()
    work()
    found = client.info("commandstats")
    counted = {name.removeprefix("cmdstat_"): each["calls"] for name, each in found.items()}
    return {name: calls for name, calls in counted.items() if name != "config|resetstat"}
