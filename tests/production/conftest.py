"""The example site on two machines, once for each kind of store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.production.cloud import Cloud
from tests.production.databases import Database, Redis
from tests.production.site import Site
from tests.support.postgres import lasting_postgres

__all__ = ["lasting_postgres"]

THREADS = ("--worker-class", "gthread", "--threads", "8")


@pytest.fixture(scope="package")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One Roblox for all."""
    with Cloud(tmp_path_factory.mktemp("cloud")) as cloud:
        yield cloud


@pytest.fixture(scope="package", params=["sqlite", "redis", "postgresql"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A store of each kind in turn."""
    folder = tmp_path_factory.mktemp(request.param)
    match request.param:
        case "sqlite":
            yield Database(f"sqlite:///{folder}/store.db")
        case "redis":
            with Redis(folder) as redis:
                yield Database(redis.url, redis)
        case _:
            postgres = request.getfixturevalue("lasting_postgres")
            yield Database(postgres.url, postgres)


@pytest.fixture(scope="package")
def site(
    cloud: Cloud, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """Two machines with four workers each; one where the store is a file.

    Their workers are forked from a process that has loaded the site.
    """
    with Site(cloud, database.url, tmp_path_factory.mktemp("site")) as site:
        for _ in range(2 if database.server else 1):
            site.add("--preload", *THREADS)
        yield site
