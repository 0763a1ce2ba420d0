"""Faults of the network, as a socket sees them and as this library's clients take them."""

from __future__ import annotations

import socket
import threading
import time
from typing import Any

import pytest
import requests

from rblx_oauth import errors
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.faulty import PUBLISH, Peer, ask, pieces

CERTS = "/oauth/v1/certs"
BUSY = 24  # more than there are threads at first


def refused(cloud: Sandbox) -> bool:
    """Whether a connection is refused, as opposed to accepted or ignored."""
    try:
        socket.create_connection(("127.0.0.1", cloud.port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def read_into(found: list[bytes], sock: socket.socket) -> None:
    """Read until there is no more, or an error."""
    while data := sock.recv(65536):
        found.append(data)


def until(condition: Any, seconds: float = 10.0) -> None:
    """Wait for something that happens elsewhere."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.005)


def test_f01_connections_are_refused_and_open_ones_closed(cloud: Sandbox) -> None:
    """The port answers nobody, kept connections included, and then comes back by itself."""
    kept = ask(cloud)
    pieces(kept)
    port = cloud.port
    cloud.fault("f01", seconds=0.2)
    assert refused(cloud)
    assert kept.recv(1) == b""
    until(lambda: not refused(cloud))
    assert (cloud.port, len(cloud.faults)) == (port, 0)
    assert pieces(ask(cloud))


def test_f01_ends_early_when_it_is_cleared(cloud: Sandbox) -> None:
    """Of two that overlap, the last to end opens the port; a reset of the sandbox ends both."""
    short, long = cloud.fault("f01", seconds=60), cloud.fault("f01", seconds=60)
    long.clear()
    assert refused(cloud)
    short.clear()
    assert not refused(cloud)
    with cloud.fault("f01", seconds=60):
        assert refused(cloud)
        cloud.reset()
        assert not refused(cloud)
    assert not refused(cloud)


def test_f01_over_http_answers_first(cloud: Sandbox) -> None:
    """Who asks for it gets an answer, then is disconnected like everybody else."""
    with requests.Session() as session:
        address = f"{cloud.api_base}/_sandbox/api/faults"
        answer = session.post(address, json={"name": "f01", "seconds": 0.2}, timeout=10)
        assert answer.json()["name"] == "f01"
        assert answer.headers["Connection"] == "close"
        with pytest.raises(requests.ConnectionError, match="refused"):
            session.get(address, timeout=10)
    until(lambda: not refused(cloud))


def test_f01_and_a_stop(cloud: Sandbox) -> None:
    """A sandbox can be stopped while it refuses, and refuses nobody after the next start."""
    cloud.fault("f01", seconds=60)
    cloud.stop()
    with pytest.raises(RuntimeError, match="while the sandbox runs"):
        cloud.fault("f01")
    cloud.start()
    assert not refused(cloud)
    assert len(cloud.faults) == 0


def test_f01_a_refused_call_is_tried_again_and_arrives(peer: Peer) -> None:
    """Even a write: a request that found no connection was surely not carried out."""
    client = peer.client()
    with peer.cloud.fault("f01", seconds=60) as fault:
        peer.clock.after_sleeps(2, fault.clear)
        peer.publish(client)
    assert len(peer.cloud.messages) == peer.cloud.count(operation=PUBLISH) == 1
    assert len(peer.clock.sleeps) == 2


def test_f01_three_refusals_are_a_clear_error(peer: Peer) -> None:
    """Calls and logins end in ConnectFailed."""
    with peer.cloud.fault("f01", seconds=60):
        with pytest.raises(errors.ConnectFailed, match="refused"):
            peer.publish()
        with pytest.raises(errors.ConnectFailed):
            peer(peer.app.authorization_request(["openid"]))
    assert len(peer.cloud.requests) == 0


@pytest.mark.parametrize("processed", [True, False])
def test_f02_an_rst_arrives_before_any_byte(cloud: Sandbox, processed: bool) -> None:
    """A real reset, not an orderly end; recorded as a request that was not answered."""
    cloud.fault("f02", processed=processed)
    with pytest.raises(ConnectionResetError):
        ask(cloud).recv(1)
    record = cloud.requests[-1]
    assert (record.fault, record.status, record.operation) == ("f02", 0, "get_universe")
    assert pieces(ask(cloud))


@pytest.mark.parametrize("fault", ["f02", "f03"])
def test_f02_f03_a_read_is_repeated(peer: Peer, fault: str) -> None:
    """Two broken answers, and the third is read."""
    peer.cloud.fault(fault, times=2)
    assert peer.get().display_name == "Lantern Quest"
    assert peer.cloud.count(operation="get_universe", fault=fault) == 2
    assert peer.cloud.count(operation="get_universe") == 3


@pytest.mark.parametrize("processed", [True, False])
@pytest.mark.parametrize("fault", ["f02", "f03"])
def test_f02_f03_a_write_is_ambiguous_whether_it_was_done_or_not(
    peer: Peer, fault: str, processed: bool
) -> None:
    """Sent once, done once or not at all; the client cannot know and says so."""
    peer.cloud.fault(fault, operation=PUBLISH, processed=processed)
    with pytest.raises(errors.AmbiguousOutcome, match=PUBLISH):
        peer.publish()
    assert len(peer.cloud.messages) == processed
    assert peer.cloud.count(operation=PUBLISH) == peer.cloud.count(fault=fault) == 1


@pytest.mark.parametrize("processed", [True, False])
def test_f02_a_refresh_whose_answer_is_lost(peer: Peer, processed: bool) -> None:
    """Tried once more with the same token: good if it was not spent, else a clean new login."""
    client = peer(peer.app.client(peer.log_in()))
    peer.clock.advance(3600)
    peer.cloud.fault("f02", operation="v1/token", processed=processed)
    if processed:
        with pytest.raises(errors.ReauthorizationRequired):
            peer.publish(client)
    else:
        peer.publish(client)
    assert peer.cloud.count(grant_type="refresh_token") == 1 + processed
    assert len(peer.cloud.messages) == (not processed)


@pytest.mark.parametrize("path", ["/cloud/v2/universes/3000001", CERTS])
@pytest.mark.parametrize("processed", [True, False])
def test_f03_an_rst_arrives_in_the_body(cloud: Sandbox, path: str, processed: bool) -> None:
    """The head and some of what it announced, then a reset."""
    cloud.fault("f03", processed=processed)
    found: list[bytes] = []
    with pytest.raises(ConnectionResetError):
        read_into(found, ask(cloud, path))
    head, _, body = b"".join(found).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert 0 < len(body) < length


def test_f03_an_answer_without_a_body_is_broken_too(peer: Peer) -> None:
    """What has no body announces one, so that the answer is not whole."""
    token = peer.log_in()
    peer.cloud.fault("f03", operation="v1/token/revoke", times=None)
    with pytest.raises(errors.ConnectionLost):
        peer(peer.app.revoke(token))
    assert peer.cloud.count("/revoke", fault="f03") == 3


def test_f04_the_head_comes_in_pieces(cloud: Sandbox) -> None:
    """The first bytes soon, the last after the time that was asked for; then the body at once."""
    cloud.fault("f04", seconds=0.3)
    began = time.monotonic()
    found = pieces(ask(cloud))
    assert time.monotonic() - began >= 0.3
    before = [each for each in found if b"\r\n\r\n" not in each]
    assert len(before) > 2
    assert found[0].startswith(b"HTTP/1.1 2")


def test_f05_the_body_comes_in_pieces(cloud: Sandbox) -> None:
    """The head at once, the body over the time that was asked for."""
    cloud.fault("f05", seconds=0.3)
    began = time.monotonic()
    found = pieces(ask(cloud))
    assert time.monotonic() - began >= 0.3
    assert b"\r\n\r\n" in found[0]
    assert len(found) > 3


@pytest.mark.parametrize("fault", ["f04", "f05"])
def test_f04_f05_the_deadline_of_the_whole_call_fires(peer: Peer, fault: str) -> None:
    """However lively the connection is: a read is DeadlineExceeded, a write AmbiguousOutcome."""
    client = peer.client(timeout=0.3)
    began = time.monotonic()
    with peer.cloud.fault(fault, seconds=60, times=2):
        with pytest.raises(errors.DeadlineExceeded):
            peer.get(client)
        with pytest.raises(errors.AmbiguousOutcome):
            peer.publish(client)
    assert time.monotonic() - began < 5
    assert len(peer.cloud.messages) == 1


@pytest.mark.parametrize("fault", ["f04", "f05"])
def test_f04_f05_slow_answers_hold_up_nobody_else(cloud: Sandbox, fault: str) -> None:
    """While many are answered slowly others are served, and clearing it ends the slowness."""
    slow = cloud.fault(fault, operation="get_universe", times=BUSY, seconds=60)
    waiting = [ask(cloud) for _ in range(BUSY)]
    until(lambda: cloud.count(fault=fault) == BUSY)
    assert len(cloud.faults) == 0
    assert pieces(ask(cloud, CERTS))
    slow.clear()
    assert all(b"Lantern Quest" in b"".join(pieces(each)) for each in waiting)


@pytest.mark.parametrize("fault", ["f04", "f05", "f08"])
def test_f04_f05_f08_a_stop_waits_for_nobody(cloud: Sandbox, fault: str) -> None:
    """Neither for slow answers nor for clients that do not read."""
    options = {} if fault == "f08" else {"seconds": 60}
    cloud.fault(fault, times=None, **options)
    waiting = [ask(cloud) for _ in range(4)]
    until(lambda: cloud.count(fault=fault) == 4)
    began = time.monotonic()
    cloud.stop()
    assert time.monotonic() - began < 5
    names = {thread.name for thread in threading.enumerate()}
    assert not any("CP Server" in name for name in names)
    assert len(waiting) == 4


def test_no_fault_lasts_longer_than_a_minute(cloud: Sandbox) -> None:
    """Longer ones are refused when they are added."""
    for name in ("f01", "f04", "f05"):
        with pytest.raises(ValueError, match=r"<= 60\.0 - at `\$\.seconds`"):
            cloud.fault(name, seconds=61)
