"""Typed decoding that any number of threads may begin at once.

What msgspec finds out about a class it keeps on the class, and other threads see that
before it is whole. Where two threads need a class for the first time, one of them may
follow a null pointer: the process dies of SIGSEGV. (msgspec 0.22; of a hundred processes
whose sixteen threads began at once, forty died.) Here one thread at a time finds out, and
nothing in this project decodes into a type but here.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")

Hook = Callable[[type[Any], Any], Any]
"""Makes an instance of a class that msgspec does not know, of a JSON value."""

_known: set[object] = set()
_learning = threading.RLock()
if hasattr(os, "register_at_fork"):
    # A child has the thread that forked and no other: nobody would finish what is half done.
    os.register_at_fork(
        before=_learning.acquire,
        after_in_parent=_learning.release,
        after_in_child=_learning.release,
    )


def _learn(shape: object) -> None:
    """Have msgspec know a type, and every type in it."""
    if shape not in _known:
        with _learning:
            msgspec.json.Decoder(shape)
            _known.add(shape)


@overload
def decode(
    data: bytes | str, shape: type[T], *, strict: bool = ..., dec_hook: Hook | None = ...
) -> T: ...
@overload
def decode(
    data: bytes | str, shape: Any = ..., *, strict: bool = ..., dec_hook: Hook | None = ...
) -> Any: ...
def decode(
    data: bytes | str, shape: Any = Any, *, strict: bool = True, dec_hook: Hook | None = None
) -> Any:
    """As `msgspec.json.decode`."""
    _learn(shape)
    return msgspec.json.decode(data, type=shape, strict=strict, dec_hook=dec_hook)


@overload
def convert(
    value: object, shape: type[T], *, strict: bool = ..., dec_hook: Hook | None = ...
) -> T: ...
@overload
def convert(
    value: object, shape: Any, *, strict: bool = ..., dec_hook: Hook | None = ...
) -> Any: ...
def convert(value: object, shape: Any, *, strict: bool = True, dec_hook: Hook | None = None) -> Any:
    """As `msgspec.convert`."""
    _learn(shape)
    return msgspec.convert(value, shape, strict=strict, dec_hook=dec_hook)


def decoder(
    shape: type[T], *, strict: bool = True, dec_hook: Hook | None = None
) -> Callable[[bytes], T]:
    """What `msgspec.json.Decoder` has for its method ``decode``."""
    _learn(shape)
    return msgspec.json.Decoder(shape, strict=strict, dec_hook=dec_hook).decode
