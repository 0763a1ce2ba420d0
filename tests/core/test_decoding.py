"""Types that threads need for the first time, all at once: msgspec alone dies of it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

import msgspec
import pytest

from rblx_oauth import _decoding
from rblx_oauth.core import codec
from tests.core.test_package import python

ROUNDS, THREADS = 100, 8

Decode = Callable[[bytes, type[object]], object]

PATHS: dict[str, Decode] = {
    "decoder": lambda data, shape: _decoding.decoder(shape)(data),
    "converter": lambda data, shape: _decoding.converter(shape)(_decoding.plain(data)),
    "answers": lambda data, shape: codec.decoder(shape)(data),
    "bodies": lambda data, shape: codec.encode_shape(_decoding.plain(data), shape, what="the body"),
}


def begin_at_once(path: str) -> int:
    """Make new types again and again, and have threads meet each at once; how often it was read."""
    sys.setswitchinterval(1e-6)
    read: list[object] = []
    for _ in range(ROUNDS):
        inner = msgspec.defstruct("Inner", [("a", int), ("b", str | None, None)])
        outer = msgspec.defstruct("Outer", [("c", inner), ("d", list[inner]), ("e", float)])  # type: ignore[valid-type]
        start = threading.Barrier(THREADS)

        def begin(shape: type[object] = outer, start: threading.Barrier = start) -> None:
            start.wait()
            read.append(PATHS[path](b'{"c":{"a":1},"d":[{"a":2}],"e":3.5}', shape))

        threads = [threading.Thread(target=begin) for _ in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return len(read)


@pytest.mark.parametrize("path", sorted(PATHS))
def test_threads_that_meet_a_type_at_once_all_read_it(path: str) -> None:
    """A hundred types, eight threads each, and the process lives."""
    program = f"from tests.core import test_decoding as t; print(t.begin_at_once({path!r}))"
    assert python(program) == str(ROUNDS * THREADS)


def test_a_child_forked_while_a_type_is_met_can_decode() -> None:
    """It waits until no thread is half-way: in the child nobody would finish."""
    forking = threading.Event()
    held = threading.Event()
    parent = threading.get_ident()

    def meet() -> None:
        with _decoding._learning:
            held.set()
            forking.wait()
            # The lock is let go only once the other thread is in its next function.
            while sys._current_frames()[parent].f_code is not fork.__code__:
                pass

    def fork() -> int:
        child = os.fork()
        if child == 0:
            os._exit(0 if _decoding._learning.acquire(timeout=5) else 1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    thread = threading.Thread(target=meet)
    thread.start()
    held.wait()
    forking.set()
    assert fork() == 0
    thread.join()
