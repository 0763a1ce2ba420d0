"""The benchmarks run; what they measure is for `python -m tests.benchmarks` to say."""

from __future__ import annotations

import pytest

from tests.benchmarks import peer
from tests.benchmarks.__main__ import main
from tests.benchmarks.rounds import Effort
from tests.benchmarks.shared_stores import trips
from tests.benchmarks.table import Line, show
from tests.support.postgres import PostgresServer
from tests.support.redis import RedisServer

SHORT = Effort(reads=1, calls=2, listings=1, keys=600, size=2_000_000, starts=1, sessions=300)


def test_one_short_round_prints_every_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Each comparison is there; the peer's where it is installed, else a note."""
    main(SHORT)
    out = capsys.readouterr().out
    for name in ("get, sync / bare", "get, async, 32 at a time / bare", "import rblx_oauth"):
        assert name in out
    for colour in ("sync", "async"):
        assert f"keys, {colour}" in out
        assert f"upload, {colour}" in out
    for name in ("get", "set", "list"):
        assert f"sandbox {name}, 600 / 6 entries" in out
    assert "login_required page / Flask-Login" in out
    for processes in ("1 x 16", "4 x 4"):
        assert f"wait at expiry, {processes} callers" in out
    assert ("/ peer" in out) == (peer.installed() is not None)
    assert ("lines are left out" in out) == (peer.installed() is None)


def test_a_page_asks_a_shared_store_once(
    lasting_redis: RedisServer, lasting_postgres: PostgresServer
) -> None:
    """One round trip over the wire for a page behind a login, in Redis and in PostgreSQL."""
    for name, server in (("Redis", lasting_redis), ("PostgreSQL", lasting_postgres)):
        assert trips(name, server.url, server.port).measured == 1


def test_benchmarks_are_chosen_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that are named run; a name that is none is told with those that there are."""
    assert main(SHORT, "imports", "nonsense") == 2
    assert "no benchmark nonsense; there are reads, " in capsys.readouterr().out
    main(SHORT, "imports")
    out = capsys.readouterr().out
    assert "import rblx_oauth" in out
    assert "bare" not in out


@pytest.mark.parametrize(("measured", "missed"), [(0.85, False), (0.86, True)])
def test_a_line_past_its_aim_is_marked(
    measured: float, missed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line past its aim is told, and marked in the table."""
    lines = [Line("first", measured, 0.85, "times"), Line("told", 9.0, None, "ms")]
    assert show(lines) is missed
    assert ("past its aim" in capsys.readouterr().out) is missed


def test_the_peer_reaches_nobody_but_the_loopback_server() -> None:
    """What the peer asks of Roblox goes to the loopback server, and anything else nowhere."""
    sent: list[str] = []
    session = peer.Redirected(lambda _, url: sent.append(url), "http://127.0.0.1:1")
    session.request("GET", f"{peer.BASE}/cloud/v2/users/1")
    for elsewhere in ("https://example.com/", f"{peer.BASE}.example.com/"):
        with pytest.raises(AssertionError, match="somewhere else"):
            session.request("GET", elsewhere)
    assert sent == ["http://127.0.0.1:1/cloud/v2/users/1"]
