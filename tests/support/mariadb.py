"""A MariaDB of the tests' own, on loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, suppress
from typing import Any, Self

import pymysql
import pytest

from tests.support.certificates import Authority
from tests.support.programs import DatabaseServer, absent, user

PASSWORD = "hunter2"
TABLES = ("rblx_oauth_grants", "rblx_oauth_records")

_QUICK = ("--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--skip-log-bin")
"""Nothing that a test writes need outlive the machine."""

_ACCOUNT = f"""
CREATE DATABASE IF NOT EXISTS site;
CREATE USER IF NOT EXISTS 'site'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON site.* TO 'site'@'%';
CREATE USER IF NOT EXISTS 'admin'@'%' IDENTIFIED BY '{PASSWORD}';
GRANT ALL ON *.* TO 'admin'@'%';
"""


class MariadbServer(DatabaseServer):
    """``mariadbd`` on a free port."""

    user = user("mysql")

    @property
    def url(self) -> str:
        """Of the database `site`."""
        return f"mysql://site:{PASSWORD}@127.0.0.1:{self.port}/site"

    def install(self) -> None:
        """Make the data directory, and a user who needs a password."""
        account = self.directory / "account.sql"
        account.write_text(_ACCOUNT)
        account.chmod(0o644)
        self.run(
            *("mariadb-install-db", "--no-defaults", f"--datadir={self.directory / 'data'}"),
            *("--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"),
        )

    def command(self) -> list[str]:
        """It listens on 127.0.0.1 alone."""
        return [
            *("/usr/sbin/mariadbd", "--no-defaults", f"--datadir={self.directory / 'data'}"),
            *("--bind-address=127.0.0.1", f"--port={self.port}", "--skip-name-resolve"),
            *(f"--socket={self.directory / 'socket'}", f"--init-file={self.directory}/account.sql"),
            *(*_QUICK, *self.options),
        ]

    def encrypted(self, authority: Authority) -> AbstractContextManager[Self]:
        """Restarted so that it speaks TLS to who wants it, and knows clients of that authority."""
        certificate = authority.issue()
        return self.restarted_with(
            f"--ssl-cert={self.keep(certificate.file)}",
            f"--ssl-key={self.keep(certificate.key)}",
            f"--ssl-ca={self.keep(authority.file)}",
        )

    def answers(self) -> bool:
        """Whether it lets us in."""
        with suppress(pymysql.OperationalError), closing(self.connect()):
            return True
        return False

    def process_ids(self) -> list[int]:
        """It is one process."""
        assert self._process is not None
        return [self._process.pid]

    def connect(self) -> pymysql.Connection[Any]:
        """A connection of the test's own, whose statements commit by themselves."""
        return pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user="admin",
            password=PASSWORD,
            database="site",
            autocommit=True,
            connect_timeout=5,
        )

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run some SQL; what the last statement found."""
        found: list[tuple[Any, ...]] = []
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                found = list(cursor.fetchall())
        return found

    def empty(self) -> None:
        """No rows."""
        present = {name for (name,) in self.execute("SHOW TABLES")}
        self.execute(*(f"DELETE FROM {name}" for name in TABLES if name in present))  # noqa: S608 (our names)

    def drop(self) -> None:
        """No tables."""
        self.execute(f"DROP TABLE IF EXISTS {', '.join(TABLES)}, rblx_oauth_schema")


@pytest.fixture(scope="session")
def lasting_mariadb() -> Iterator[MariadbServer]:
    """One for all tests. Without the program they skip, or fail where ``CI=true``."""
    if shutil.which("mariadb-install-db") is None:
        absent("no MariaDB: apt-get install mariadb-server")
    with MariadbServer() as server:
        yield server


@pytest.fixture
def mariadb(lasting_mariadb: MariadbServer) -> MariadbServer:
    """It runs, and has no rows of another test."""
    lasting_mariadb.empty()
    return lasting_mariadb
