"""A store in a Redis that speaks TLS: who is trusted, what is refused, and in what words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rblx_oauth._redis.keys import PREFIX
from rblx_oauth.errors import StoreUnavailable
from tests.support.certificates import Authority
from tests.support.colours import Colour
from tests.support.redis import RedisServer, new_redis
from tests.tokens.refused import refusal
from tests.tokens.test_stores import RECORD, Bench


@pytest.fixture(scope="module")
def running(authority: Authority) -> Iterator[RedisServer]:
    """One for the module."""
    with new_redis(authority=authority) as server:
        yield server


@pytest.fixture
def server(running: RedisServer) -> RedisServer:
    """It is empty, and has a user with a password."""
    with running.client() as client:
        client.flushdb()
        rules = ("reset", "on", ">hunter2", f"~{PREFIX}*", "+@all")
        client.execute_command("ACL SETUSER", "tester", *rules)
    return running


def named(server: RedisServer, user: str = "tester:hunter2") -> str:
    """The store URL of its user."""
    return server.url.replace("//", f"//{user}@")


def test_a_store_works_over_tls(colour: Colour, server: RedisServer) -> None:
    """As a user with a password, on a Redis that has no other door."""
    store = Bench(colour, named(server))
    assert store.add_record(RECORD)
    assert store.get_record("session", "s1", now=1500.0) == RECORD
    assert "hunter2" not in repr(store.store)


def test_a_wrong_password_is_told_over_tls_too(server: RedisServer) -> None:
    """In the words that it has without."""
    refusal(named(server, "tester:hunter3"), "user name or password")


def test_a_certificate_of_somebody_else_is_refused(
    server: RedisServer, authority: Authority, stranger: Authority
) -> None:
    """One sentence, which names the option to look at."""
    url = named(server).replace(str(authority.file), str(stranger.file))
    refusal(url, "certificate that cannot be checked.*ssl_ca_certs")


def test_a_certificate_for_another_name_is_refused(server: RedisServer) -> None:
    """Though its authority is trusted."""
    refusal(named(server).replace("127.0.0.1", "localhost"), "certificate that cannot be checked")


@pytest.mark.parametrize("options", ["ssl_ca_certs={0}", "ssl_certfile={0}&ssl_keyfile={0}"])
def test_a_file_that_is_not_there_is_told(options: str) -> None:
    """Before anything is connected to."""
    refusal(f"rediss://:hunter2@127.0.0.1:1/0?{options.format('/no/such/file')}", "names a file")


def test_redis_may_ask_for_a_certificate_of_ours(
    colour: Colour, server: RedisServer, authority: Authority
) -> None:
    """It comes with its key from the files that the URL names."""
    ours = authority.issue()
    with server.client() as client:
        client.config_set("tls-auth-clients", "yes")
        try:
            with pytest.raises(StoreUnavailable, match="TLS with"):
                Bench(colour, named(server))
            url = f"{named(server)}&ssl_certfile={ours.file}&ssl_keyfile={ours.key}"
            assert Bench(colour, url).add_record(RECORD)
        finally:
            client.config_set("tls-auth-clients", "optional")


def test_f26_a_certificate_that_went_bad_logs_nobody_out(
    colour: Colour, server: RedisServer, authority: Authority, stranger: Authority
) -> None:
    """A store that is running is unavailable until the certificate is good again."""
    store = Bench(colour, named(server))
    store.add_record(RECORD)
    with server.client() as client:
        good, bad = authority.issue(), stranger.issue()
        for certificate in (bad, good):
            files = (str(certificate.file), str(certificate.key))
            client.config_set("tls-cert-file", files[0], "tls-key-file", files[1])
            client.client_kill_filter(_type="normal", skipme=True)
            if certificate is bad:
                with pytest.raises(StoreUnavailable, match="certificate that cannot be checked"):
                    store.get_record("session", "s1", now=1500.0)
    assert store.get_record("session", "s1", now=1500.0) == RECORD
