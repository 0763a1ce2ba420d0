"""An asset whose content is kept away from Open Cloud, and a place for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.client.answers import reply
from tests.client.conftest import MakeClient
from tests.support.raw_server import RawServer, http

CONTENT = bytes(range(256)) * 4000
OK = b"HTTP/1.1 200 OK\r\n"
HEAD = OK + b"content-length: 1024000\r\n\r\n"
CHUNKS = OK + b"transfer-encoding: chunked\r\n\r\n"


@pytest.fixture
def cdn() -> Iterator[RawServer]:
    """Where contents are kept, away from Open Cloud."""
    with RawServer([http(200, CONTENT)]) as made:
        yield made


@pytest.fixture
def asset(make_client: MakeClient, server: RawServer, cdn: RawServer) -> Any:
    """An asset whose content is at the CDN."""
    server.script(reply(body={"location": f"{cdn.url}/content?Signature=s3cr3t"}))
    client = make_client()
    client._sender.random = lambda: 0.5
    return client.asset(77)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A file that is there already."""
    path = tmp_path / "hat.rbxm"
    path.write_bytes(b"what was there")
    return path


def beside(target: Path) -> list[str]:
    """What is in its folder."""
    return [each.name for each in target.parent.iterdir()]


def untouched(target: Path) -> bool:
    """Whether nothing changed beside `target` either."""
    return target.read_bytes() == b"what was there" and beside(target) == ["hat.rbxm"]
