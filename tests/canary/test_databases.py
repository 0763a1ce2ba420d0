"""Canaries in a site whose store is a server: in its tables, and in a log of all it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rblx_oauth.sandbox import Sandbox, SandboxClock
from tests.canary.ears import Ears
from tests.canary.test_site import KINDS_OF_SECRETS, Site
from tests.support.clock import ManualClock
from tests.support.mariadb import MariadbServer
from tests.support.postgres import PostgresServer
from tests.support.programs import DatabaseServer
from tests.support.redis import RedisServer, new_redis

Kept = Callable[[], bytes]
"""What a server has kept, and written down of what it was told."""


@contextmanager
def talkative_postgres(server: PostgresServer) -> Iterator[Kept]:
    """It writes every statement with its parameters to its log."""
    for value in ("'all'", "DEFAULT"):
        server.execute(f"ALTER SYSTEM SET log_statement = {value}", "SELECT pg_reload_conf()")
        if value == "'all'":
            yield lambda: rows(server) + (server.directory / "log").read_bytes()


@contextmanager
def talkative_mariadb(server: MariadbServer) -> Iterator[Kept]:
    """As `talkative_postgres`."""
    log = server.directory / "data" / "told.log"
    server.execute("SET GLOBAL general_log_file = 'told.log'", "SET GLOBAL general_log = ON")
    yield lambda: rows(server) + log.read_bytes() + (server.directory / "log").read_bytes()
    server.execute("SET GLOBAL general_log = OFF")
    log.unlink()


def rows(server: DatabaseServer) -> bytes:
    """Everything in its tables."""
    found = []
    for table in ("rblx_oauth_grants", "rblx_oauth_records"):
        for row in server.execute(f"SELECT * FROM {table}"):  # noqa: S608 (our names)
            found += [bytes(v) if isinstance(v, memoryview) else str(v).encode() for v in row]
    return b"\n".join(found)


@contextmanager
def talkative_redis() -> Iterator[tuple[str, Kept]]:
    """One that writes every command to a file as it is, and its own log."""
    with new_redis("--appendonly", "yes", "--aof-use-rdb-preamble", "no") as server:
        yield server.url, lambda: b"".join(map(Path.read_bytes, files(server)))


def files(server: RedisServer) -> list[Path]:
    """Its files."""
    return [each for each in server.directory.rglob("*") if each.is_file()]


@pytest.fixture(params=["redis", "postgres", "mariadb"])
def kept(request: pytest.FixtureRequest) -> Iterator[tuple[str, Kept]]:
    """A store's URL, and what its server keeps."""
    if request.param == "redis":
        with talkative_redis() as found:
            yield found
        return
    server = request.getfixturevalue(request.param)
    talkative = talkative_postgres if request.param == "postgres" else talkative_mariadb
    with talkative(server) as kept:
        yield server.url, kept


def test_c48_no_secret_of_a_site_comes_to_a_server_in_the_clear(
    kept: tuple[str, Kept], tmp_path: Path
) -> None:
    """In no row, statement or log of PostgreSQL, MariaDB or Redis: all is sealed or hashed."""
    url, read = kept
    clock = ManualClock()
    with Sandbox(clock=SandboxClock(clock.now)) as cloud, Ears() as ears:
        site = Site(cloud, clock, tmp_path, ears, url)
        site.walk(lambda: site.cloud.fault("f14"))
        assert b"rblx" in read(), "there is something to look through"
        (tmp_path / "kept").write_bytes(read())
        assert site.found() == set()
        assert site.canaries.names() >= KINDS_OF_SECRETS
