"""The faults that a sandbox has been told to inject, and the choice of one for each request."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from itertools import count
from random import Random
from threading import Event, RLock, Timer
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Protocol, Self
from weakref import WeakSet

import msgspec
from flask import Request, Response, g
from msgspec import UNSET, UnsetType

from rblx_oauth._decoding import converter
from rblx_oauth.catalog import operations
from rblx_oauth.sandbox.faults.network import Refused
from rblx_oauth.sandbox.faults.table import make_kind

if TYPE_CHECKING:
    from rblx_oauth.sandbox.faults.kind import Kind
    from rblx_oauth.sandbox.state import State

__all__ = ["ENDPOINTS", "Door", "Fault", "FaultLine", "Faults"]

ENDPOINTS = (
    ".well-known/openid-configuration",
    "v1/authorize",
    "v1/certs",
    "v1/login",
    "v1/token",
    "v1/token/introspect",
    "v1/token/resources",
    "v1/token/revoke",
    "v1/userinfo",
)
"""The OAuth endpoints, as recorded requests name them."""


class Door(Protocol):
    """Where connections come in; a web server."""

    def refuse(self) -> None:
        """Refuse connections from now on."""

    def listen_again(self) -> None:
        """Accept them again."""


class _Aim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which requests a fault strikes."""

    times: Annotated[int, msgspec.Meta(ge=1)] | UnsetType | None = UNSET
    operation: str = ""
    share: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    seed: int = 0


class FaultLine(msgspec.Struct, frozen=True):
    """One injected fault, as it is listed.

    Attributes:
        id: Its number in this sandbox.
        name: Its kind.
        summary: What it does.
        operation: The one operation or OAuth endpoint that it strikes; empty for all.
        share: How much of the requests that it could strike.
        seed: What its choice of them begins with.
        left: How many requests it has yet to strike; ``None``: until it is cleared.
        hits: How many it has struck.
        options: The kind's options.
    """

    id: int
    name: str
    summary: str
    operation: str
    share: float
    seed: int
    left: int | None
    hits: int
    options: dict[str, object]


class Fault:
    """One injected fault. As a context manager it is cleared at the end of the block.

    Attributes:
        kind: What it does.
        over: Set when it is cleared; ends what it makes slow.
    """

    def __init__(self, faults: Faults, number: int, kind: Kind, aim: _Aim) -> None:
        self.kind = kind
        self.over = Event()
        self._faults = faults
        self._id = number
        self._aim = aim
        self._left = kind.times if aim.times is UNSET else aim.times
        self._hits = 0
        self._random = Random(aim.seed)  # noqa: S311  # to be repeated, not to be secret

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()

    @property
    def id(self) -> int:
        """Its number in this sandbox."""
        return self._id

    @property
    def left(self) -> int | None:
        """How many requests it has yet to strike; ``None``: until it is cleared."""
        return self._left

    @property
    def hits(self) -> int:
        """How many requests it has struck."""
        return self._hits

    def clear(self) -> None:
        """Take it back; what it slows down goes on at once. Twice does nothing."""
        self._faults.clear(self)

    def strikes(self, state: State, request: Request, operation: str) -> bool:
        """Whether it strikes this request; if so, that is counted."""
        if self._aim.operation not in ("", operation):
            return False
        if self.kind.only_at and operation not in self.kind.only_at:
            return False
        if not self.kind.by_request or not self.kind.concerns(state, request):
            return False
        if self._random.random() >= self._aim.share:
            return False
        self._hits += 1
        if self._left is not None:
            self._left -= 1
        return True

    def line(self) -> FaultLine:
        """What is listed of it."""
        return FaultLine(
            id=self._id,
            name=self.kind.name,
            summary=self.kind.summary,
            operation=self._aim.operation,
            share=self._aim.share,
            seed=self._aim.seed,
            left=self._left,
            hits=self._hits,
            options=msgspec.to_builtins(self.kind),
        )


class Faults:
    """The faults of one sandbox, in the order in which they were added.

    A request is struck by the first of them that fits it, and by no other.

    Attributes:
        door: Where connections come in, while the sandbox runs.
    """

    def __init__(self, state: State) -> None:
        self.door: Door | None = None
        self._state = state
        self._standing: tuple[Fault, ...] = ()
        self._known: WeakSet[Fault] = WeakSet()  # used up ones too, while they keep a request
        self._numbers = count(1)
        self._lock = RLock()
        self._reopening: Timer | None = None

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._standing)

    def __len__(self) -> int:
        return len(self._standing)

    def lines(self) -> list[FaultLine]:
        """What is listed of each."""
        with self._lock:
            return [fault.line() for fault in self._standing]

    def add(
        self,
        name: str,
        /,
        *,
        times: int | UnsetType | None = UNSET,
        operation: str = "",
        share: float = 1.0,
        seed: int = 0,
        **options: object,
    ) -> Fault:
        """Inject a fault; see `rblx_oauth.sandbox.Sandbox.fault`.

        Raises:
            ValueError: There is no such fault, operation or option, or the fault cannot happen
                there.
            RuntimeError: Connections cannot be refused, because the sandbox does not run.
        """
        kind = make_kind(name, options)
        given = {"times": times, "operation": operation, "share": share, "seed": seed}
        try:
            aim = converter(_Aim)({k: v for k, v in given.items() if v is not UNSET})
        except msgspec.ValidationError as error:
            raise ValueError(f"{name}: {error}") from None
        _check_aim(kind, aim)
        with self._lock:
            fault = Fault(self, next(self._numbers), kind, aim)
            if isinstance(kind, Refused):
                self._refuse(fault, kind.seconds)
            self._standing = (*self._standing, fault)
            self._known.add(fault)
        return fault

    def clear(self, fault: Fault | None = None) -> None:
        """Take one fault back, or all of them; what they slow down goes on at once."""
        with self._lock:
            for each in list(self._known) if fault is None else [fault]:
                each.over.set()
            self._drop([each for each in self._standing if fault in (None, each)])

    def interrupt(self) -> None:
        """The sandbox stops: nobody is kept waiting, and no connection is refused for longer."""
        with self._lock:
            for fault in list(self._known):
                fault.over.set()
                fault.over = Event()
            self._drop([each for each in self._standing if not each.kind.by_request])
            self.door = None

    def strike(self, request: Request, operation: str) -> Response | None:
        """Choose the fault for a request, if there is one, and let it act.

        Returns:
            What stands in place of the answer; ``None`` where the request is carried out.
        """
        if not self._standing:
            return None
        with self._lock:
            fits = (
                each for each in self._standing if each.strikes(self._state, request, operation)
            )
            fault = next(fits, None)
            if fault is None:
                return None
            if fault.left == 0:
                self._drop([fault])
        g.fault, g.over = fault.kind, fault.over
        answer = fault.kind.before(self._state, request)
        if answer is not None:
            g.reason = f"fault {fault.kind.name}: {fault.kind.summary}"
        return answer

    def distort(self, response: Response) -> Response:
        """What is sent in place of the answer to a request; mostly that answer."""
        kind: Kind | None = g.get("fault")
        return kind.after(response, g.over) if kind is not None else response

    def _drop(self, dropped: list[Fault]) -> None:
        self._standing = tuple(each for each in self._standing if each not in dropped)
        if self._reopening and all(each.kind.by_request for each in self._standing):
            self._reopening.cancel()
            self._reopening = None
            if self.door is not None:
                self.door.listen_again()

    def _refuse(self, fault: Fault, seconds: float) -> None:
        if self.door is None:
            raise RuntimeError("connections can be refused only while the sandbox runs")
        self.door.refuse()
        # Several of them overlap: the last one to end opens the door.
        self._reopening = Timer(seconds, self.clear, (fault,))
        self._reopening.daemon = True
        self._reopening.start()


def _check_aim(kind: Kind, aim: _Aim) -> None:
    """Refuse what would never come to pass."""
    if not kind.by_request and aim != _Aim():
        raise ValueError(
            f"{kind.name} lasts for `seconds`: who is refused a connection cannot say how often "
            "or what for"
        )
    if not aim.operation:
        return
    if kind.only_at and aim.operation not in kind.only_at:
        raise ValueError(f"{kind.name} happens at {', '.join(kind.only_at)} only")
    names = [*operations(), *ENDPOINTS]
    if aim.operation not in names:
        nearest = difflib.get_close_matches(aim.operation, names, n=1, cutoff=0.0)[0]
        raise ValueError(f"there is no operation {aim.operation!r}; the nearest is {nearest}")
