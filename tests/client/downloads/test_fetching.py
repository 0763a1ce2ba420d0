"""Fetching an asset's content: from where Roblox says, with no credential, whole or not at all."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import errors
from rblx_oauth.core.location import check_location
from tests.client.answers import reply
from tests.client.downloads.conftest import CHUNKS, CONTENT, HEAD, OK, beside, untouched
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import Exchange, RawServer, http, reset, then_close, then_reset


def test_content_is_put_in_its_place(
    colour: Colour, asset: Any, server: RawServer, cdn: RawServer, target: Path
) -> None:
    """Asked for where it is, fetched from there, put over what was there, with progress."""
    seen: list[tuple[int, int | None]] = []
    size = colour(asset.download(target, progress=lambda *at: seen.append(at)))
    assert (size, target.read_bytes()) == (len(CONTENT), CONTENT)
    assert beside(target) == ["hat.rbxm"]
    assert server.lines == ["GET /asset-delivery-api/v1/assetId/77"]
    assert cdn.lines == ["GET /content?Signature=s3cr3t"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [at for at, _ in seen] == sorted(at for at, _ in seen)
    assert len(seen) > 1


def test_a_version_is_asked_for_by_its_number(
    colour: Colour, asset: Any, server: RawServer, target: Path
) -> None:
    """Any version, not the newest alone; as a str too."""
    colour(asset.download(str(target), version=3))
    assert server.lines == ["GET /asset-delivery-api/v1/assetId/77/version/3"]
    assert target.read_bytes() == CONTENT


def test_no_credential_leaves_with_it(
    colour: Colour,
    asset: Any,
    cdn: RawServer,
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No key, no token, no cookie, no password of .netrc goes to where contents are kept."""
    netrc = target.with_name("netrc")
    netrc.write_text("machine 127.0.0.1 login me password s3cr3t\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    cdn.script(http(302, location="/again", set_cookie="id=1; Path=/"), http(200, CONTENT))
    colour(asset.download(target))
    assert cdn.lines == ["GET /content?Signature=s3cr3t", "GET /again"]
    for request in cdn.requests:
        names = {line.split(b":")[0].lower() for line in request.split(b"\r\n")[1:] if line}
        assert names <= {b"host", b"accept", b"accept-encoding", b"user-agent"}
        assert b"key-1" not in request


def test_compressed_content_is_inflated(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """The file is the content, and its size is not known beforehand."""
    seen: list[tuple[int, int | None]] = []
    cdn.script(http(200, gzip.compress(CONTENT), content_encoding="gzip"))
    assert colour(asset.download(target, progress=lambda *at: seen.append(at))) == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), None)


def test_chunked_content_comes_whole(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """A body of chunks has an end too."""
    pieces = [CONTENT[at : at + 1000] for at in (0, 1000, 2000)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
    cdn.script(CHUNKS + chunks + b"0\r\n\r\n")
    assert colour(asset.download(target)) == 3000
    assert target.read_bytes() == CONTENT[:3000]


def test_empty_content_is_an_empty_file(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """Nothing is a content as well."""
    cdn.script(http(200))
    assert colour(asset.download(target)) == 0
    assert target.read_bytes() == b""


BROKEN = {
    "reset": then_reset(HEAD + CONTENT[:500_000]),
    "closed": then_close(HEAD + CONTENT[:500_000]),
    "at_once": reset,
    "chunks": then_close(CHUNKS + b"64\r\nabc"),
    "unavailable": http(503),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_breaks_begins_again(
    colour: Colour, asset: Any, cdn: RawServer, target: Path, clock: ManualClock, broken: Any
) -> None:
    """A second try writes from the start, and its progress begins anew."""
    seen: list[int] = []
    cdn.script(broken, http(200, CONTENT))
    assert colour(asset.download(target, progress=lambda at, _: seen.append(at))) == len(CONTENT)
    assert target.read_bytes() == CONTENT
    assert len(cdn.requests) == 2
    assert clock.sleeps == [0.125]
    assert seen[-1] == len(CONTENT)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_stays_broken_leaves_nothing(
    colour: Colour, asset: Any, cdn: RawServer, target: Path, broken: Any
) -> None:
    """After as many tries as any GET has, the error; what was there is there."""
    cdn.script(broken)
    with pytest.raises((errors.ConnectionLost, errors.ServerError)):
        colour(asset.download(target))
    assert len(cdn.requests) == 3
    assert untouched(target)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http(403, b"<Error/>", content_type="application/xml"), errors.PermissionDenied),
        (http(404), errors.NotFound),
        (http(204), errors.ProtocolError),
        (http(206, CONTENT), errors.ProtocolError),
        (http(304), errors.ProtocolError),
        (http(200, gzip.compress(CONTENT)[:-9], content_encoding="gzip"), errors.ProtocolError),
        (http(200, b"x", content_encoding="br"), errors.ProtocolError),
        (then_close(OK + b"\r\nwho knows whether that is all"), errors.ProtocolError),
        (
            then_close(OK + b"content-length: 4100000000\r\n\r\nx"),
            errors.ResponseTooLarge,
        ),
    ],
    ids=["403", "404", "204", "206", "304", "cut_gzip", "unasked_coding", "endless", "too_large"],
)
def test_what_is_not_the_content_is_an_error(
    colour: Colour, asset: Any, cdn: RawServer, target: Path, answer: Any, error: type[Exception]
) -> None:
    """Refused, malformed, or with no end that could be told from a break: no file, one try."""
    cdn.script(answer)
    with pytest.raises(error) as caught:
        colour(asset.download(target))
    assert "s3cr3t" not in str(caught.value)
    assert len(cdn.requests) == 1
    assert untouched(target)


def test_a_bomb_is_cut_off_at_the_limit(
    colour: Colour, asset: Any, cdn: RawServer, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit is on what it inflates to."""
    module = "_async" if colour.name == "async" else "_sync"
    monkeypatch.setattr(f"rblx_oauth.{module}.resources.assets.VIDEO_LIMIT", 1_000_000)
    cdn.script(http(200, gzip.compress(b"\0" * 1_000_001), content_encoding="gzip"))
    with pytest.raises(errors.ResponseTooLarge, match="1000000 bytes"):
        colour(asset.download(target))
    assert untouched(target)
    cdn.script(http(200, gzip.compress(b"\0" * 1_000_000), content_encoding="gzip"))
    assert colour(asset.download(target)) == 1_000_000


def test_time_is_one_for_all_of_it(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """A content that drips ends at the deadline, and leaves nothing."""

    def drip(exchange: Exchange) -> None:
        exchange.sock.sendall(HEAD)
        exchange.drip(CONTENT)

    cdn.script(drip)
    with pytest.raises(errors.DeadlineExceeded):
        colour(asset.download(target, timeout=0.4))
    assert untouched(target)


def test_time_that_the_question_took_is_gone(
    colour: Colour, asset: Any, server: RawServer, cdn: RawServer, target: Path, clock: ManualClock
) -> None:
    """What is left when the address is known is all that the content has."""

    def late(exchange: Exchange) -> None:
        clock.advance(400)
        exchange.sock.sendall(reply(body={"location": f"{cdn.url}/content"}))

    server.script(late)
    with pytest.raises(errors.DeadlineExceeded, match="no time was left"):
        colour(asset.download(target))
    assert cdn.requests == []
    assert untouched(target)


def redirects(*targets: str) -> list[bytes]:
    """One redirect after the other, then the content."""
    return [http(302, location=target) for target in targets] + [http(200, CONTENT)]


def test_a_few_redirects_are_followed(
    colour: Colour, asset: Any, cdn: RawServer, target: Path
) -> None:
    """Relative or to another host of this machine; a fourth is one too many."""
    cdn.script(*redirects("/a", f"http://localhost:{cdn.port}/b", "c?d#e"))
    colour(asset.download(target))
    assert cdn.lines[1:] == ["GET /a", "GET /b", "GET /c?d"]
    assert target.read_bytes() == CONTENT
    target.write_bytes(b"what was there")
    cdn.script(*redirects("/a", "/b", "/c", "/d"))
    with pytest.raises(errors.ProtocolError, match="redirected more than 3 times"):
        colour(asset.download(target))
    assert untouched(target)


@pytest.mark.parametrize(
    "bad",
    [
        "http://cdn.example.com/x",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "//user@127.0.0.1/x",
        "http://[::1/x",
        "https://exa mple.com/",
        None,
    ],
)
def test_a_redirect_is_checked_as_the_address_was(
    colour: Colour, asset: Any, cdn: RawServer, target: Path, bad: str | None
) -> None:
    """Neither out of https nor to what is no address."""
    cdn.script(http(302) if bad is None else http(302, location=bad))
    with pytest.raises(errors.ProtocolError, match="address"):
        colour(asset.download(target))
    assert len(cdn.requests) == 1
    assert untouched(target)


@pytest.mark.parametrize("location", ["http://cdn.example.com/x", "", "\n", 5])
def test_an_address_that_is_none_is_not_asked(
    colour: Colour, asset: Any, server: RawServer, target: Path, location: object
) -> None:
    """What Roblox hands out is checked before anything goes there."""
    server.script(reply(body={"location": location}))
    with pytest.raises(errors.ProtocolError):
        colour(asset.download(target))
    assert untouched(target)


@pytest.mark.parametrize(
    ("location", "base", "good"),
    [
        ("https://c0.rbxcdn.com/abc?d=e~f", "https://apis.roblox.com", True),
        ("https://c0.rbxcdn.com", "https://apis.roblox.com", True),
        ("HTTPS://C0.RBXCDN.COM:443/x#y", "https://apis.roblox.com", True),
        ("http://c0.rbxcdn.com/x", "https://apis.roblox.com", False),
        ("http://127.0.0.1/x", "https://apis.roblox.com", False),
        ("http://127.0.0.1/x", "http://127.0.0.1:8000", True),
        ("http://[::1]:80/x", "https://localhost", True),
        ("http://c0.rbxcdn.com/x", "http://127.0.0.1:8000", False),
        ("http://127.0.0.1.example.com/x", "http://127.0.0.1:8000", False),
        ("https://user:pw@c0.rbxcdn.com/x", "https://apis.roblox.com", False),
        ("https://c0.rbxcdn.com/x y", "https://apis.roblox.com", False),
        ("https://c0.rbxcdn.com/x\r\nX-A: b", "https://apis.roblox.com", False),
        ("https://c0.rbxcdn.com/\u00fc", "https://apis.roblox.com", False),
        ("https://c0.rbxcdn.com?x", "https://apis.roblox.com", False),
        ("https:///x", "https://apis.roblox.com", False),
        ("/x", "https://apis.roblox.com", False),
        (None, "https://apis.roblox.com", False),
    ],
)
def test_addresses_that_may_be_fetched(location: Any, base: str, good: bool) -> None:
    """https, or this machine for a client of this machine; nothing that says more or less."""
    if good:
        assert check_location(location, base=base, operation="it").count("#") == 0
        return
    with pytest.raises(errors.ProtocolError) as caught:
        check_location(location, base=base, operation="it")
    assert "rbxcdn" not in str(caught.value)
