"""Typed decoding that any number of threads may begin at once.

What msgspec finds out about a class it keeps on the class, and other threads see that
before it is whole. Where two threads need a class for the first time, one of them may
follow a null pointer: the process dies of SIGSEGV. (msgspec 0.22; of a hundred processes
whose sixteen threads began at once, forty died.) Here one thread at a time finds out, and
nothing in this project decodes into a type but by what this gives.

It gives functions of msgspec's own, instead of calling them: no frame of ours holds what
is decoded, a token perhaps, when a traceback shows its variables.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from functools import cache, partial
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")

Hook = Callable[[type[Any], Any], Any]
"""Makes an instance of a class that msgspec does not know, of a JSON value."""

_learning = threading.RLock()
if hasattr(os, "register_at_fork"):
    # A child has the thread that forked and no other: nobody would finish what is half done.
    os.register_at_fork(
        before=_learning.acquire,
        after_in_parent=_learning.release,
        after_in_child=_learning.release,
    )

plain: Callable[[bytes | str], Any] = msgspec.json.Decoder().decode
"""Decodes JSON into dicts, lists and what they hold."""


@overload
def decoder(
    shape: type[T], *, strict: bool = ..., dec_hook: Hook | None = ...
) -> Callable[[bytes | str], T]: ...
@overload
def decoder(
    shape: Any, *, strict: bool = ..., dec_hook: Hook | None = ...
) -> Callable[[bytes | str], Any]: ...
def decoder(
    shape: Any, *, strict: bool = True, dec_hook: Hook | None = None
) -> Callable[[bytes | str], Any]:
    """Decodes JSON into a `shape`, as `msgspec.json.Decoder` does."""
    return _decoder(shape, strict, dec_hook)


@overload
def converter(
    shape: type[T], *, strict: bool = ..., dec_hook: Hook | None = ...
) -> Callable[[object], T]: ...
@overload
def converter(
    shape: Any, *, strict: bool = ..., dec_hook: Hook | None = ...
) -> Callable[[object], Any]: ...
def converter(
    shape: Any, *, strict: bool = True, dec_hook: Hook | None = None
) -> Callable[[object], Any]:
    """Makes a `shape` of plain values, as `msgspec.convert` does."""
    _decoder(shape, strict, dec_hook)
    return partial(msgspec.convert, type=shape, strict=strict, dec_hook=dec_hook)


@cache
def _decoder(shape: Any, strict: bool, dec_hook: Hook | None) -> Callable[[bytes | str], Any]:
    with _learning:
        return msgspec.json.Decoder(shape, strict=strict, dec_hook=dec_hook).decode
