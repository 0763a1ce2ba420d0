"""PostgreSQL and MariaDB over TLS: who is trusted, what is refused, and in what words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.colours import Colour
from tests.support.mariadb import MariadbServer
from tests.support.postgres import PostgresServer
from tests.support.programs import DatabaseServer
from tests.tokens.refused import refusal
from tests.tokens.sql_servers import told
from tests.tokens.test_stores import RECORD, Bench

TRUSTING = {
    PostgresServer: "sslmode=verify-full&sslrootcert={}",
    MariadbServer: "ssl_ca={}",
}
ENCRYPTED = {
    PostgresServer: "SELECT 1 FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()",
    MariadbServer: "SELECT 1 FROM information_schema.session_status "
    "WHERE variable_name = 'Ssl_cipher' AND variable_value <> ''",
}


@pytest.fixture(scope="module")
def encrypted_postgres(
    lasting_postgres: PostgresServer, authority: Authority
) -> Iterator[PostgresServer]:
    """PostgreSQL with a certificate, until the module is done with it."""
    with lasting_postgres.encrypted(authority) as server:
        yield server


@pytest.fixture(scope="module")
def encrypted_mariadb(
    lasting_mariadb: MariadbServer, authority: Authority
) -> Iterator[MariadbServer]:
    """MariaDB likewise."""
    with lasting_mariadb.encrypted(authority) as server:
        yield server


@pytest.fixture(params=["encrypted_postgres", "encrypted_mariadb"])
def server(request: pytest.FixtureRequest) -> DatabaseServer:
    """Each of them, without rows of another test."""
    server: DatabaseServer = request.getfixturevalue(request.param)
    server.empty()
    return server


def trusting(server: DatabaseServer, authority: Authority | Path) -> str:
    """The store URL of somebody who trusts those whom an authority vouches for."""
    file = authority.file if isinstance(authority, Authority) else authority
    return f"{server.url}?{TRUSTING[type(server)].format(file)}"


def test_a_store_works_over_tls(
    colour: Colour, server: DatabaseServer, authority: Authority
) -> None:
    """The server is known by its certificate and name, and what is sent is encrypted."""
    store = Bench(colour, trusting(server, authority))
    assert store.add_record(RECORD)
    assert store.get_record("session", "s1", now=1500.0) == RECORD
    assert told(store, ENCRYPTED[type(server)]) == 1


def test_what_a_server_offers_is_taken_unasked(colour: Colour, server: DatabaseServer) -> None:
    """Without a word about it in the URL, in both colours; it is not checked then."""
    assert told(Bench(colour, server.url), ENCRYPTED[type(server)]) == 1


def test_a_certificate_of_somebody_else_is_refused(
    server: DatabaseServer, stranger: Authority
) -> None:
    """One sentence, which names the option to look at."""
    refusal(trusting(server, stranger), r"certificate that cannot be checked.*(sslroot|ssl_ca)")


def test_a_certificate_for_another_name_is_refused(
    server: DatabaseServer, authority: Authority
) -> None:
    """Though its authority is trusted."""
    url = trusting(server, authority).replace("127.0.0.1", "localhost")
    refusal(url, "certificate that cannot be checked")


def test_a_file_that_is_not_there_is_told(server: DatabaseServer, tmp_path: Path) -> None:
    """And the option that names it."""
    refusal(trusting(server, tmp_path / "missing.pem"), "sslrootcert|ssl_ca")


@pytest.mark.parametrize(
    ("options", "encrypted"),
    [
        ("ssl_disabled=true", None),
        ("ssl_disabled=false", 1),
        ("ssl_verify_cert=false", 1),
        ("ssl_ca={0}&ssl_verify_identity=true", 1),
        ("ssl_ca={0}&ssl_verify_cert=true", 1),
        ("ssl_ca={1}&ssl_verify_cert=no", 1),
    ],
)
def test_options_of_mysql_mean_what_they_say(
    colour: Colour,
    encrypted_mariadb: MariadbServer,
    authority: Authority,
    stranger: Authority,
    options: str,
    encrypted: int | None,
) -> None:
    """The same in both colours, alone and together."""
    url = f"{encrypted_mariadb.url}?{options.format(authority.file, stranger.file)}"
    assert told(Bench(colour, url), ENCRYPTED[MariadbServer]) == encrypted


def test_mysql_may_be_trusted_under_another_name(
    colour: Colour, encrypted_mariadb: MariadbServer, authority: Authority
) -> None:
    """By who says so; the authority counts all the same."""
    url = trusting(encrypted_mariadb, authority).replace("127.0.0.1", "localhost")
    store = Bench(colour, f"{url}&ssl_verify_identity=false")
    assert told(store, ENCRYPTED[MariadbServer]) == 1


def test_mysql_may_ask_for_a_certificate_of_ours(
    colour: Colour, encrypted_mariadb: MariadbServer, authority: Authority
) -> None:
    """It comes with its key from the files that the URL names."""
    ours = authority.issue()
    encrypted_mariadb.execute("ALTER USER site REQUIRE X509")
    try:
        url = trusting(encrypted_mariadb, authority)
        refusal(url, "refuses the user or the password")
        store = Bench(colour, f"{url}&ssl_cert={ours.file}&ssl_key={ours.key}")
        assert told(store, ENCRYPTED[MariadbServer]) == 1
    finally:
        encrypted_mariadb.execute("ALTER USER site REQUIRE NONE")


@pytest.mark.parametrize(
    "options",
    [
        "ssl_disabled=perhaps",
        "ssl_verify_cert=maybe",
        "ssl_ca=/no/such/file",
        "ssl_key=/no/such/file",
        "ssl_cert=/no/such/file&ssl_key_password=hunter4",
    ],
)
def test_an_option_of_mysql_that_means_nothing_is_refused(options: str) -> None:
    """Before anything is sent, by its name."""
    name = re.split("[=&]", options)[0]
    refusal(f"mysql://site:hunter2@127.0.0.1:1/site?{options}", name)


def test_c48_a_store_shows_no_option(
    colour: Colour, encrypted_mariadb: MariadbServer, authority: Authority
) -> None:
    """One of them may be a key's password."""
    store = Bench(colour, f"{trusting(encrypted_mariadb, authority)}&ssl_key_password=hunter4")
    assert "hunter" not in repr(store.store)
    assert f"127.0.0.1:{encrypted_mariadb.port}" in repr(store.store)
