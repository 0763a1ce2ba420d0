"""A PostgreSQL of the tests' own, on loopback."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest

from tests.support.certificates import Authority
from tests.support.programs import DatabaseServer, absent, children, user

PASSWORD = "hunter2"
TABLES = "rblx_oauth_grants, rblx_oauth_records"

_QUICK = ("fsync=off", "full_page_writes=off", "max_connections=200")
"""Nothing that a test writes need outlive the machine."""


def _program(name: str) -> str | None:
    """From PATH, or from where Debian keeps the newest version's."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(versions[-1]) if versions else None)


def installed() -> bool:
    """Whether there is one to start."""
    return _program("initdb") is not None


class PostgresServer(DatabaseServer):
    """``postgres`` on a free port."""

    user = user("postgres")
    goodbye = signal.SIGINT

    @property
    def url(self) -> str:
        """Of the database `site`."""
        return self.named("site")

    def named(self, database: str) -> str:
        """The URL of another of its databases."""
        return f"postgresql://site:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def install(self) -> None:
        """Make the cluster, with a user who needs a password."""
        secret = self.directory / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        self.run(
            str(_program("initdb")),
            *("--no-sync", "--encoding=UTF8", "--locale=C.UTF-8", "--username=site"),
            *("--auth=scram-sha-256", f"--pwfile={secret}", f"--pgdata={self.directory / 'data'}"),
        )

    def command(self) -> list[str]:
        """It listens on 127.0.0.1 alone."""
        settings = (
            *_QUICK,
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.directory}",
        )
        options = [word for setting in settings for word in ("-c", setting)]
        return [
            *(str(_program("postgres")), "-D", str(self.directory / "data")),
            *("-p", str(self.port), *options, *self.options),
        ]

    def encrypted(self, authority: Authority) -> AbstractContextManager[Self]:
        """Restarted so that it speaks TLS to who wants it."""
        certificate = authority.issue()
        settings = (
            "ssl=on",
            f"ssl_cert_file={self.keep(certificate.file)}",
            f"ssl_key_file={self.keep(certificate.key)}",
        )
        return self.restarted_with(*(word for each in settings for word in ("-c", each)))

    def answers(self) -> bool:
        """Make the database on the way."""
        try:
            with self.connect("postgres") as connection:
                found = connection.execute("SELECT FROM pg_database WHERE datname = 'site'")
                if not found.rowcount:
                    connection.execute("CREATE DATABASE site")
        except psycopg.OperationalError:
            return False
        return True

    def process_ids(self) -> list[int]:
        """The postmaster's first, so that it starts no others."""
        assert self._process is not None
        return [self._process.pid, *children(self._process.pid)]

    def connect(self, database: str = "site") -> psycopg.Connection[Any]:
        """A connection of the test's own, whose statements commit by themselves."""
        return psycopg.connect(self.named(database), autocommit=True, connect_timeout=5)

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run some SQL; what the last statement found."""
        with self.connect() as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def empty(self) -> None:
        """No rows."""
        if self.execute("SELECT to_regclass('rblx_oauth_records')") != [(None,)]:
            self.execute(f"TRUNCATE {TABLES}")

    def drop(self) -> None:
        """No tables."""
        self.execute(f"DROP TABLE IF EXISTS {TABLES}, rblx_oauth_schema")


@pytest.fixture(scope="session")
def lasting_postgres() -> Iterator[PostgresServer]:
    """One for all tests. Without the program they skip, or fail where ``CI=true``."""
    if not installed():
        absent("no PostgreSQL: apt-get install postgresql")
    with PostgresServer() as server:
        yield server


@pytest.fixture
def postgres(lasting_postgres: PostgresServer) -> PostgresServer:
    """It runs, and has no rows of another test."""
    lasting_postgres.empty()
    return lasting_postgres
