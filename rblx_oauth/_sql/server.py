"""What PostgreSQL and MySQL have in common: a server, reached over a connection."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from sqlalchemy import URL, Engine, ExceptionContext, event

from rblx_oauth._sql.database import Database, Driver, Refused
from rblx_oauth.errors import ConfigurationError, StoreUnavailable

_LONGEST_LIFE = 600
"""Seconds after which an idle connection is replaced, before a firewall or the server ends it."""

_GRACE = 0.5
"""Seconds that a server has to tell of its own limit, which is `timeout`, before we give up."""


class Server(Database):
    """A database server.

    Attributes:
        patience: Seconds to wait for an answer of any kind.
    """

    def __init__(self, url: URL, *, timeout: float) -> None:
        if not url.database:
            raise ConfigurationError(
                "The store URL names no database: write it after the host, as in "
                f"{url.drivername.partition('+')[0]}://user:password@host/database."
            )
        super().__init__(url, timeout=timeout)
        self.patience = timeout + _GRACE

    @property
    def sync_driver(self) -> Driver:
        """For threads."""
        return self._driver(asynchronous=False)

    @property
    def async_driver(self) -> Driver:
        """For tasks."""
        return self._driver(asynchronous=True)

    @abstractmethod
    def connect_arguments(self, *, asynchronous: bool) -> Mapping[str, object]:
        """What the driver is told besides the URL."""

    @abstractmethod
    def driver_url(self, *, asynchronous: bool) -> URL:
        """The URL with the name of the driver."""

    @abstractmethod
    def is_read_only(self, error: BaseException) -> bool:
        """Whether a driver's error says: the server, or the session, takes no writes."""

    def set_up(self, engine: Engine) -> None:
        """Have connections be left whose server has become a replica.

        It answers, so nothing else would end them, while the address that the URL names leads
        to another server by now.
        """

        @event.listens_for(engine, "handle_error")
        def on_error(context: ExceptionContext) -> None:
            if self.is_read_only(context.original_exception):
                context.is_disconnect = True

    def _driver(self, *, asynchronous: bool) -> Driver:
        # Statements commit by themselves, which saves a request two more round trips. Where a
        # transaction is needed it is begun in words, and one that fails ends with its connection.
        options = {
            "isolation_level": "AUTOCOMMIT",
            "skip_autocommit_rollback": True,
            "hide_parameters": True,
            "pool_timeout": self.timeout,
            "pool_recycle": _LONGEST_LIFE,
            "connect_args": self.connect_arguments(asynchronous=asynchronous),
        }
        return Driver(self.driver_url(asynchronous=asynchronous), options)


def refused(why: str) -> Refused:
    """The server answers, and does not let us in."""
    return Refused(f"The token store {why}. Check the store URL.")


def unreachable(why: str) -> StoreUnavailable:
    """Nobody answers."""
    return StoreUnavailable(
        f"The token store cannot be reached: {why}. Nothing was lost; try again."
    )
