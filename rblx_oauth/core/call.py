"""`Call[T]`: one call of one operation, as a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, cast

import msgspec

from rblx_oauth.catalog import Operation
from rblx_oauth.core import url
from rblx_oauth.core.message import Body, file_parts

T = TypeVar("T")
U = TypeVar("U")


class Call(msgspec.Struct, Generic[T], frozen=True, eq=False, repr_omit_defaults=True):
    """An operation, its arguments, and how to read the answer as a ``T``.

    Made by the functions of `rblx_oauth.api`, sent by ``client.send``. It holds
    no credential and no address, so it may be made anywhere and sent twice.

    Attributes:
        operation: The facts of the operation.
        path: The values of the path's placeholders, in order.
        query: Names and values of the query, as on the wire.
        headers: Header fields that the operation asks for.
        body: What goes along.
        decode: Reads the body of a good answer.
        guarded: Whether it carries an etag or an idempotency key, so that a second
            try does no harm.
    """

    operation: Operation
    decode: Callable[[bytes], T]
    path: tuple[str, ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = None
    guarded: bool = False

    def __repr__(self) -> str:
        return f"Call({self.operation.name})"

    def read_with(self, decode: Callable[[bytes], U]) -> Call[U]:
        """The same call, its answer read otherwise."""
        return cast("Call[U]", msgspec.structs.replace(self, decode=decode))

    @property
    def target(self) -> str:
        """Path and query, percent-encoded."""
        target = url.fill(self.operation.path, self.path)
        return target + url.query(self.query) if self.query else target

    @property
    def upload_size(self) -> int:
        """Bytes of the files that go along."""
        return sum(part.size for part in file_parts(self.body))

    @property
    def spent(self) -> bool:
        """Whether a file that goes along could be read once only, and was."""
        return any(part.spent for part in file_parts(self.body))


def check_call(what: str, call: Call[T]) -> Call[T]:
    """See that `what` was given a call.

    Raises:
        TypeError: It was not.
    """
    if not isinstance(call, Call):
        raise TypeError(
            f"{what} takes a call, such as api.users.get_user(user_id=1) makes, "
            f"not a {type(call).__name__}"
        )
    return call
