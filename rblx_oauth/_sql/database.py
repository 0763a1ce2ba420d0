"""What the SQL stores ask of a kind of database; each kind answers in a module of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import URL, Connection, Engine, Executable, create_engine, exc

from rblx_oauth.errors import StoreUnavailable

INIT = "run `flask roblox init-store`, or call rblx_oauth.stores.init(url)"
"""What to do where the tables are not there, or are old."""

_MOST_RACES = 9
"""More than anybody loses in a row while others get on."""


class KeyTaken(Exception):
    """A row with this key is there already."""


class Refused(StoreUnavailable):
    """The server answers and does not let us in, or not do what the store does.

    Whoever opens the store has a setting to mend. Under a store that is running it is the server
    that changed, as when its certificate ran out: nobody is logged out for that.
    """


@dataclass(frozen=True)
class Driver:
    """How one colour reaches the database.

    Attributes:
        url: SQLAlchemy's, which names the driver. It may hold a password.
        options: What ``create_engine`` is told.
    """

    url: URL
    options: Mapping[str, Any]


class Database(ABC):
    """One database, not yet connected to.

    Attributes:
        timeout: Seconds that anything may take.
        begin: Begins a transaction that may write.
        clock: Asks for the time, in ``seconds`` since the epoch; None where the machine's own
            clock is the database's too.
    """

    begin: ClassVar[str] = "BEGIN"
    clock: ClassVar[Executable | None] = None

    def __init__(self, url: URL, *, timeout: float) -> None:
        self.url = url
        self.timeout = timeout

    @property
    @abstractmethod
    def sync_driver(self) -> Driver:
        """For threads."""

    @property
    @abstractmethod
    def async_driver(self) -> Driver:
        """For tasks."""

    @abstractmethod
    def set_up(self, engine: Engine) -> None:
        """Have every connection of `engine` be as it should."""

    @abstractmethod
    def lock_schema(self, connection: Connection) -> None:
        """Let nobody else change the tables until the transaction ends."""

    def make(self, *, create: bool) -> None:  # noqa: B027 (a server has nothing to make)
        """Make what must be there before one can connect."""

    @abstractmethod
    def explain(self, error: BaseException) -> Exception | None:
        """What is to be raised for a driver's error; None where there is no more to say.

        `Refused` for what stays until somebody mends the settings.
        """

    @abstractmethod
    def lost_race(self, error: BaseException) -> bool:
        """Whether a driver's error says: undone because of another's work, so try again."""

    def engine(self) -> Engine:
        """A sync engine, for work on the tables."""
        engine = create_engine(self.sync_driver.url, **self.sync_driver.options)
        self.set_up(engine)
        return engine

    @contextmanager
    def translated_errors(self) -> Iterator[None]:
        """Turn what the database raises into ours, without its URL or parameters.

        Raises:
            KeyTaken: An INSERT found its key taken.
            Refused: The settings must be mended.
            StoreUnavailable: Anything else; a write may have been taken.
            ValueError: A value does not fit its column.
        """
        try:
            yield
        except exc.IntegrityError:
            raise KeyTaken from None
        except exc.DataError as error:
            raise ValueError("A value is too long for the token store's tables.") from error
        except (exc.DBAPIError, exc.TimeoutError) as error:
            original = _original(error)
            raise self.explain(original) or unanswered(type(original).__name__) from error

    def reads(self) -> Iterator[AbstractContextManager[None]]:
        """Two goes at a statement that only reads: the first may meet a dead connection.

        A server that restarted leaves dead connections in the pool. Asking each
        before its use would double the queries of a request.
        """
        yield self._attempt(_met_a_dead_connection)
        yield self.translated_errors()

    def changes(self) -> Iterator[AbstractContextManager[None]]:
        """Several goes at a statement that writes: one that lost a race was surely undone."""
        for _ in range(_MOST_RACES):
            yield self._attempt(lambda error: self.lost_race(_original(error)))
        yield self.translated_errors()

    @contextmanager
    def _attempt(self, again: Callable[[exc.DBAPIError], bool]) -> Iterator[None]:
        """Swallows what is worth another go."""
        with self.translated_errors():
            try:
                yield
            except exc.DBAPIError as error:
                if not again(error):
                    raise


def unanswered(name: str) -> StoreUnavailable:
    """For all that passes by itself, and for what we do not know."""
    return StoreUnavailable(
        f"The token store did not answer ({name}). Nothing was lost; try again."
    )


def _met_a_dead_connection(error: exc.DBAPIError) -> bool:
    """Whether the connection was lost; not one that we gave up after waiting for its answer."""
    original = _original(error)
    waited = isinstance(original.__cause__ or original.__context__, TimeoutError)
    return error.connection_invalidated and not waited


def _original(error: exc.SQLAlchemyError) -> BaseException:
    """The driver's own error."""
    return getattr(error, "orig", None) or error
