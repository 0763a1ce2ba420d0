"""Where a content is put: what was there before, who may read it, what a failure leaves."""

from __future__ import annotations

import asyncio
import os
import resource
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import errors
from rblx_oauth.core.saving import Saving
from rblx_oauth.runtime.aio import blocking
from tests.client.answers import reply
from tests.client.downloads.conftest import CONTENT, HEAD, beside, untouched
from tests.support.colours import Colour
from tests.support.raw_server import Exchange, RawServer, http


def test_a_file_may_be_protected(
    colour: Colour, asset: Any, server: RawServer, cdn: RawServer, target: Path
) -> None:
    """overwrite=False: what is there is said before anything is asked for."""
    with pytest.raises(FileExistsError):
        colour(asset.download(target, overwrite=False))
    assert untouched(target)
    assert server.requests == cdn.requests == []
    target.unlink()
    assert colour(asset.download(target, overwrite=False)) == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert beside(target) == ["hat.rbxm"]


def test_a_file_that_comes_meanwhile_is_protected_too(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """Between the look and the move nothing is lost."""
    target.unlink()

    def meanwhile(exchange: Exchange) -> None:
        target.write_bytes(b"what was there")
        exchange.sock.sendall(http(200, CONTENT))

    cdn.script(meanwhile)
    with pytest.raises(FileExistsError):
        colour(asset.download(target, overwrite=False))
    assert untouched(target)


@pytest.mark.parametrize("place", ["", ".", "/", "no/such/folder/file", "/dev/null", "fifo"])
def test_a_place_that_takes_no_file_is_said_before_asking(
    colour: Colour, asset: Any, server: RawServer, target: Path, place: str
) -> None:
    """A folder, a device, a pipe, a folder that is not there: nothing is sent or replaced."""
    os.mkfifo(target.with_name("fifo"))
    path = target.with_name("fifo") if place == "fifo" else place
    with pytest.raises((ValueError, OSError)):
        colour(asset.download(path))
    assert server.requests == []
    assert stat.S_ISFIFO(target.with_name("fifo").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize(
    "options", [{"path": 5}, {"progress": 5}, {"version": 0}, {"version": True}, {"version": "1"}]
)
def test_wrong_arguments_are_said_before_asking(
    colour: Colour, asset: Any, server: RawServer, target: Path, options: dict[str, Any]
) -> None:
    """Nothing is sent."""
    with pytest.raises((ValueError, TypeError)):
        colour(asset.download(**{"path": target, **options}))
    assert server.requests == []
    assert untouched(target)


def test_a_link_is_replaced_and_not_followed(colour: Colour, asset: Any, target: Path) -> None:
    """What a symbolic link led to is not written."""
    link = target.with_name("link")
    link.symlink_to(target)
    colour(asset.download(link))
    assert (link.is_symlink(), link.read_bytes()) == (False, CONTENT)
    assert target.read_bytes() == b"what was there"


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_nobody_else_reads_it_before_it_is_whole(
    colour: Colour, asset: Any, cdn: RawServer, target: Path, umask: int
) -> None:
    """Its owner's alone while it comes, under a name that cannot be guessed; then as any file."""
    seen: list[tuple[str, int]] = []

    def look(exchange: Exchange) -> None:
        hidden = target.parent.glob(".*")
        seen.extend((path.name, stat.S_IMODE(path.stat().st_mode)) for path in hidden)
        exchange.sock.sendall(http(200, CONTENT))

    cdn.script(look)
    before = os.umask(umask)
    try:
        colour(asset.download(target))
        colour(asset.download(target.with_name("other")))
    finally:
        os.umask(before)
    assert [mode for _, mode in seen] == [0o600] * 2
    assert len({name for name, _ in seen}) == 2
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """No file may become larger."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_disk_that_is_full_says_so(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """The system's own error, one try, nothing left; the connection is not used again."""
    cdn.script(http(200, CONTENT * 10))
    with full_disk(300_000), pytest.raises(OSError, match="File too large"):
        colour(asset.download(target))
    assert untouched(target)
    assert len(cdn.requests) == 1
    colour(asset.download(target))
    assert (target.read_bytes(), cdn.connections) == (CONTENT * 10, 2)


def test_a_folder_that_is_gone_says_so(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """A place that vanished meanwhile is an error of the system, not of the network."""

    def meanwhile(exchange: Exchange) -> None:
        for path in target.parent.iterdir():
            path.unlink()
        target.parent.rmdir()
        exchange.sock.sendall(http(200, CONTENT))

    cdn.script(meanwhile)
    with pytest.raises(FileNotFoundError):
        colour(asset.download(target))


@pytest.mark.parametrize("error", [OSError, RuntimeError, ConnectionResetError])
def test_what_the_callback_raises_ends_it(
    colour: Colour, asset: Any, cdn: RawServer, target: Path, error: type[Exception]
) -> None:
    """A callback's error comes back as it is, and is not taken for the network's."""

    def tired(*_: object) -> None:
        raise error("had enough")

    with pytest.raises(error, match="had enough"):
        colour(asset.download(target, progress=tired))
    assert len(cdn.requests) == 1
    assert untouched(target)


def test_refusing_the_address_leaves_nothing(
    colour: Colour, asset: Any, server: RawServer, cdn: RawServer, target: Path
) -> None:
    """An asset that is not yours."""
    server.script(reply(403, {"code": "PERMISSION_DENIED", "message": "no"}))
    with pytest.raises(errors.PermissionDenied):
        colour(asset.download(target))
    assert cdn.requests == []
    assert untouched(target)


def test_cancelling_leaves_nothing(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """A task that is cancelled, a program that is interrupted: what was begun is removed."""
    begun = threading.Event()

    def half(exchange: Exchange) -> None:
        exchange.sock.sendall(HEAD + CONTENT[:500_000])
        begun.set()
        exchange.hang()

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    async def cancel() -> None:
        task = asyncio.ensure_future(asset.download(target))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await task

    cdn.script(half)
    if colour.runner is None:
        with pytest.raises(KeyboardInterrupt):
            asset.download(target, progress=interrupted)
    else:
        with pytest.raises(asyncio.CancelledError):
            colour.runner.run(cancel())
    assert untouched(target)


def test_the_loop_goes_on_while_a_disk_is_slow(
    colour: Colour, asset: Any, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of a file is done on the event loop's thread; the callback is."""
    where: dict[str, set[int]] = {"disk": set(), "callback": set()}

    def noting(real: Callable[..., Any]) -> Callable[..., Any]:
        def note(*args: Any, **more: Any) -> Any:
            where["disk"].add(threading.get_ident())
            return real(*args, **more)

        return note

    for name in ("open", "begin", "write", "commit", "discard"):
        method = f"rblx_oauth.core.saving.Saving.{name}"
        monkeypatch.setattr(method, noting(getattr(Saving, name)))
    here = threading.get_ident()
    colour(asset.download(target, progress=lambda *_: where["callback"].add(threading.get_ident())))
    assert where["callback"] == {here}
    assert (here in where["disk"]) == (colour.name == "sync")


def test_what_was_cancelled_is_waited_for() -> None:
    """Work off the loop's thread is over when its cancelled caller goes on."""
    begun, end = threading.Event(), threading.Event()
    done: list[bool] = []

    def work() -> None:
        begun.set()
        end.wait(10)
        done.append(True)

    async def cancel() -> None:
        task = asyncio.ensure_future(blocking(work))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        end.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert done

    asyncio.run(cancel())
