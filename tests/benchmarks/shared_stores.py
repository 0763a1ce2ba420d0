"""Stores that machines share: round trips of a page, and a look-up among many sessions.

Round trips are counted on the wire, so they are the same on any machine.
"""

from __future__ import annotations

import hashlib
import random
import statistics
import time
from collections.abc import Callable, Iterator

from rblx_oauth import Vault, stores
from tests.benchmarks.rounds import Effort, alternate
from tests.benchmarks.site import NAME, our_page
from tests.benchmarks.table import Line, ratio
from tests.benchmarks.wire import Wire
from tests.support.postgres import PostgresServer, installed as postgres_installed
from tests.support.redis import RedisServer, installed as redis_installed

REQUESTS = 20
AIM = 1.3

FILL = """
insert into rblx_oauth_records (kind, id, owner, payload, created_at, seen_at, expires_at)
select 'session', encode(sha256(number::text::bytea), 'hex'), md5((number / 3)::text),
    decode(repeat(md5(number::text), 30), 'hex'), now, now - random() * 1000, now + 1000000
from generate_series(1, %s) as number, (select extract(epoch from now()) as now) as clock
"""
"""Sessions as the extension writes them: a hash for an id, three of them to a person, 480 bytes."""


def round_trips(_effort: Effort) -> Iterator[Line]:
    """What a `login_required` page asks of its store; of the servers that are installed."""
    if redis_installed():
        with RedisServer() as redis:
            yield trips("Redis", redis.url, redis.port)
    if postgres_installed():
        with PostgresServer() as postgres:
            yield trips("PostgreSQL", postgres.url, postgres.port)


def trips(name: str, url: str, port: int) -> Line:
    """How often a page of a site on that store speaks with its server."""
    with Wire(port) as wire, our_page(url.replace(f":{port}/", f":{wire.port}/")) as page:
        for _ in range(REQUESTS):  # connects, and prepares what is asked often
            assert page() == NAME
        before = wire.trips
        for _ in range(REQUESTS):
            page()
        taken = (wire.trips - before) / REQUESTS
    return Line(f"round trips of a page, {name}", taken, 1, "", f"in {REQUESTS} requests")


def lookups(effort: Effort) -> Iterator[Line]:
    """The median look-up of a session among many, beside one among a hundredth."""
    if not postgres_installed():
        return
    sizes = {"few": max(1, effort.sessions // 100), "many": effort.sessions}
    with PostgresServer() as postgres:
        measures = {
            name: _lookup(postgres, name, size, effort.calls) for name, size in sizes.items()
        }
        took = alternate(effort.reads, measures)
    name = f"session look-up, {sizes['many']:,} / {sizes['few']:,}"
    yield ratio(name, took["many"], took["few"], AIM, "µs")


def _lookup(server: PostgresServer, name: str, size: int, calls: int) -> Callable[[], float]:
    with server.connect("postgres") as connection:
        connection.execute(f"create database {name}")
    store = stores.open(server.named(name), keys=[Vault.generate_key()], create=True)
    with server.connect(name) as connection:
        connection.execute(FILL, (size,))
        connection.execute("vacuum analyze rblx_oauth_records")
    choose = random.Random(size)

    def measure() -> float:
        taken = []
        for _ in range(calls):
            wanted = hashlib.sha256(str(choose.randint(1, size)).encode()).hexdigest()
            began = time.perf_counter()
            found = store.get_record("session", wanted, now=time.time())
            taken.append(time.perf_counter() - began)
            assert found is not None
        return statistics.median(taken) * 1e6

    measure()
    return measure
