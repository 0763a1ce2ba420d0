"""A PgBouncer of the tests' own, on loopback, in transaction mode."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest

from tests.support.postgres import PASSWORD, PostgresServer
from tests.support.programs import Server, absent, user

_SETTINGS = """
[databases]
* = host=127.0.0.1 port={postgres}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = users
pool_mode = transaction
default_pool_size = 3
server_login_retry = 0.1
"""


class PgBouncer(Server):
    """``pgbouncer`` on a free port: three connections to a PostgreSQL, for any number of clients.

    Args:
        postgres: What stands behind it.
    """

    user = user("postgres")

    def __init__(self, postgres: PostgresServer) -> None:
        super().__init__()
        self._postgres = postgres

    @property
    def url(self) -> str:
        """Of the database `site`."""
        return self._postgres.url.replace(f":{self._postgres.port}/", f":{self.port}/")

    def install(self) -> None:
        """Write the settings, and who may come in."""
        self._configure("")
        (self.directory / "users").write_text(f'"site" "{PASSWORD}"\n')

    def reconfigure(self, more: str) -> None:
        """Come up anew with these settings, besides those that it always has."""
        self.kill()
        self._configure(more)
        self.start()

    def _configure(self, more: str) -> None:
        settings = _SETTINGS.format(postgres=self._postgres.port, port=self.port)
        (self.directory / "settings.ini").write_text(f"{settings}{more}\n")

    def command(self) -> list[str]:
        """It listens on 127.0.0.1 alone."""
        return ["/usr/sbin/pgbouncer", "settings.ini"]

    def answers(self) -> bool:
        """Whether it lets us in."""
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=5):
            return True
        return False

    def process_ids(self) -> list[int]:
        """It is one process."""
        assert self._process is not None
        return [self._process.pid]


@pytest.fixture
def pgbouncer(postgres: PostgresServer) -> Iterator[PgBouncer]:
    """One of the test's own. Without the program the test skips, or fails where ``CI=true``."""
    if shutil.which("pgbouncer", path="/usr/sbin") is None:
        absent("no PgBouncer: apt-get install pgbouncer")
    with PgBouncer(postgres) as server:
        yield server
