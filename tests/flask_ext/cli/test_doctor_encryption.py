"""``flask roblox doctor`` on the way to a store: whether others could listen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from flask_ext.cli.checks.encryption import encryption


def found(url: str) -> list[str]:
    """What there is to do for a store of this URL."""
    site = cast("Any", SimpleNamespace(settings=SimpleNamespace(store_url=url)))
    return [f"{each.level}: {each.remedy}" for each in encryption(site)]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://u:p@store.example:6379/0", "rediss://"),
        ("redis+sentinel://127.0.0.1,10.0.0.5:26379/primary/0", "rediss://"),
        ("postgresql://u:p@10.0.0.5/site", "sslmode=verify-full"),
        ("postgresql+psycopg://u:p@db.example/site?sslmode=prefer", "sslmode=verify-full"),
        ("postgresql:///site?host=db.example", "sslmode=verify-full"),
        ("mysql://u:p@db.example:3306/site", "ssl_ca"),
        ("mariadb+pymysql://u:p@db.example/site?ssl_ca=a.pem&ssl_disabled=true", "ssl_ca"),
    ],
)
def test_a_way_on_which_others_could_listen_is_a_warning(url: str, words: str) -> None:
    """To another machine without TLS, or with TLS only if the server likes; the way out is told."""
    (told,) = found(url)
    assert told.startswith("warning: ")
    assert words in told


@pytest.mark.parametrize(
    "url",
    [
        "memory://",
        "sqlite:////srv/site/store.db",
        "redis://localhost/0",
        "redis://[::1]:6379/0",
        "unix:///run/redis.sock?db=0",
        "rediss://store.example/0",
        "rediss+sentinel://a.example,b.example/primary/0",
        "postgresql://u:p@127.0.0.1/site",
        "postgresql:///site?host=/run/postgresql",
        "postgresql://u:p@db.example/site?sslmode=verify-full&sslrootcert=system",
        "mysql://u:p@localhost/site",
        "mysql://u:p@db.example/site?ssl_ca=a.pem&ssl_verify_identity=true",
    ],
)
def test_a_way_that_is_encrypted_or_short_is_none(url: str) -> None:
    """TLS that cannot be left out, sockets, and this machine."""
    assert found(url) == []
