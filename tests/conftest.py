"""What holds in every test: whichever sandbox answers, it answers as Roblox documents it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rblx_oauth.core.retry import SHARED_BUDGETS
from tests.api.document import FILE
from tests.sandbox.documented import LISTENER, unmet
from tests.support.mariadb import lasting_mariadb, mariadb
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import lasting_postgres, postgres
from tests.support.redis import lasting_redis, raw_redis, redis_config, redis_server, redis_url

MET = "deviations that occurred"
"""What a process of pytest-xdist reports to the one that began it."""

# A server is started once, whichever tests ask for it.
__all__ = [
    "lasting_mariadb",
    "lasting_postgres",
    "lasting_redis",
    "mariadb",
    "pgbouncer",
    "postgres",
    "raw_redis",
    "redis_config",
    "redis_server",
    "redis_url",
]

_FINISHED = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


@pytest.fixture(scope="session", autouse=True)
def _listening() -> Iterator[None]:
    """Answers are held against the document, where that is at hand."""
    if FILE.exists():
        LISTENER.start()
    yield
    LISTENER.stop()


@pytest.fixture(autouse=True)
def _answers_are_as_documented(_listening: None) -> Iterator[None]:
    """A test fails in which a sandbox of its process answers otherwise."""
    yield
    found = LISTENER.take()
    assert not found


@pytest.fixture(autouse=True)
def _nothing_was_retried() -> None:
    """Of a process that began just now: a port may come again, and its outages with it."""
    SHARED_BUDGETS._spent.clear()


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Gather what the tests in another process of pytest-xdist met."""
    LISTENER.met |= set(map(tuple, getattr(node, "workeroutput", {}).get(MET, ())))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What is excused must still happen: told from a run of all the tests.

    Not a test, because one alone cannot know what the others met.
    """
    config = session.config
    if hasattr(config, "workeroutput"):
        config.workeroutput[MET] = sorted(LISTENER.met)
    elif session.exitstatus in _FINISHED and _left(config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Name them."""
    if exitstatus in _FINISHED and (left := _left(config)):
        terminalreporter.section("FAILED: deviations that occur no more; take them off the list")
        for name, each in sorted(left):
            terminalreporter.line(f"{name}: {each}")


def _left(config: pytest.Config) -> set[tuple[str, str]]:
    """The deviations that a run of all the tests did not meet; none are told from any other."""
    narrowing = ("keyword", "markexpr", "deselect", "lf", "collectonly")
    chosen = any(config.getoption(each, None) for each in narrowing)
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS and not chosen
    return unmet(LISTENER.met) if whole and FILE.exists() else set()
