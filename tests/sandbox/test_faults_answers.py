"""Faults in answers, as plain HTTP shows them and as this library's clients take them."""

from __future__ import annotations

import logging
import zlib
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import pytest
import requests

from rblx_oauth import errors
from rblx_oauth.core.message import MAX_BODY
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App, entry
from tests.sandbox.faulty import PUBLISH, UNIVERSE, Peer
from tests.support.raw_server import RawServer, http

PLACE = f"/cloud/v2/universes/{UNIVERSE}"


def plain(cloud: Sandbox, path: str = PLACE, **more: Any) -> requests.Response:
    """The answer to a GET; redirects are not followed."""
    headers = {"x-api-key": cloud.api_key}
    url = cloud.api_base + path
    return requests.get(url, headers=headers, timeout=10, allow_redirects=False, **more)


@pytest.mark.parametrize("form", ["truncated", "invalid"])
def test_f06_the_json_is_broken_and_the_rest_is_fine(cloud: Sandbox, form: str) -> None:
    """Status, type and length are right; what is there is no JSON, even of a scalar."""
    key = entry("level", store="numbers")
    App(cloud, "", "").call("POST", key.rpartition("/")[0], params={"id": "level"}, json=1234)
    for path in (PLACE, key, "/cloud/v2/universes/1"):
        with cloud.fault("f06", form=form):
            answer = plain(cloud, path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
        assert answer.content
        with pytest.raises(msgspec.DecodeError):
            msgspec.json.decode(answer.content)
    with cloud.fault("f06"):
        assert b"lanter" in plain(cloud).content.lower()


@pytest.mark.parametrize("form", ["truncated", "invalid"])
def test_f06_is_a_protocol_error_and_the_body_is_not_logged(
    peer: Peer, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Asked once, refused, quoted nowhere; a write is not done a second time either."""
    caplog.set_level(logging.DEBUG)
    coins = peer.client().universe(UNIVERSE).data_store("coins")
    peer.cloud.fault("f06", times=2, form=form)
    with pytest.raises(errors.ProtocolError, match="get_universe") as caught:
        peer.get()
    with pytest.raises(errors.ProtocolError, match="increment_data_store_entry"):
        peer(coins.increment("new", 5))
    assert peer.cloud.count(fault="f06") == len(peer.cloud.requests) == 2
    assert peer(coins.get("new")).value == 5
    for text in (str(caught.value), caplog.text):
        assert "antern" not in text
        assert "broken" not in text


def test_f07_is_the_same_answer_of_another_type(cloud: Sandbox) -> None:
    """The bytes stay, what they are said to be changes."""
    good = plain(cloud)
    cloud.fault("f07", times=2)
    wrong = plain(cloud)
    assert wrong.content == good.content
    assert wrong.headers["Content-Type"] == "text/html; charset=utf-8"
    cloud.faults.clear()
    cloud.fault("f07", content_type="image/png")
    assert plain(cloud).headers["Content-Type"] == "image/png"


def test_f07_is_refused(peer: Peer) -> None:
    """By calls and by the discovery of the provider."""
    with peer.cloud.fault("f07", times=None):
        with pytest.raises(errors.ProtocolError, match="get_universe"):
            peer.get()
        with pytest.raises(errors.DiscoveryError):
            peer(peer.app.authorization_request(["openid"]))
    assert peer.cloud.count(fault="f07") == 2


@pytest.mark.parametrize("announced", [True, False])
def test_f08_the_body_is_as_long_as_asked(cloud: Sandbox, announced: bool) -> None:
    """Valid JSON to the end, with a length at its head or in chunks."""
    cloud.fault("f08", size=200_000, announced=announced)
    answer = plain(cloud)
    assert len(answer.content) == 200_000
    assert set(answer.json()) == {"padding"}
    assert ("Content-Length" in answer.headers) is announced


@pytest.mark.parametrize("options", [{"announced": True}, {"announced": False}])
def test_f08_a_huge_body_is_stopped_at_the_cap(peer: Peer, options: Any) -> None:
    """More than the client takes is an error; a smaller one is none."""
    peer.cloud.fault("f08", size=MAX_BODY + 1, **options)
    with pytest.raises(errors.ResponseTooLarge):
        peer.get()
    assert peer.get().id == UNIVERSE


def test_f09_the_body_is_small_and_unpacks_to_what_was_asked(cloud: Sandbox) -> None:
    """A thousandth on the way; gzip, whatever the client accepts."""
    cloud.fault("f09", size=5_000_000)
    answer = plain(cloud, stream=True)
    packed = answer.raw.read(decode_content=False)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(packed) < 10_000
    body = zlib.decompress(packed, wbits=31)
    assert len(body) == 5_000_000
    assert set(msgspec.json.decode(body)) == {"padding"}


def test_f09_a_gzip_bomb_is_stopped(peer: Peer) -> None:
    """The cap counts what it unpacks to."""
    peer.cloud.fault("f09", size=MAX_BODY + 1)
    with pytest.raises(errors.ResponseTooLarge):
        peer.get()
    assert peer.get().id == UNIVERSE


def test_f10_leads_elsewhere(cloud: Sandbox) -> None:
    """With any of the statuses, and without carrying anything out."""
    for status in (301, 302, 303, 307, 308):
        cloud.fault("f10", location="https://elsewhere.example/x?y", status=status)
        answer = plain(cloud)
        assert (answer.status_code, answer.headers["Location"]) == (
            status,
            "https://elsewhere.example/x?y",
        )


def test_f10_nothing_arrives_at_the_other_host(peer: Peer) -> None:
    """Calls, refreshes and discovery end in an error; the stranger is not even connected to."""
    token = peer.log_in()
    with RawServer([http(200, b"{}")]) as stranger:
        with peer.cloud.fault("f10", location=stranger.url, times=None):
            with pytest.raises(errors.ProtocolError):
                peer.get()
            with pytest.raises(errors.RobloxError):
                peer.publish()
            with pytest.raises(errors.RobloxError):
                peer(peer.app.refresh(token))
            with pytest.raises(errors.DiscoveryError):
                peer(peer.new_app().authorization_request(["openid"]))
        assert stranger.connections == 0
    assert peer.cloud.count(fault="f10") == 4
    assert not peer.cloud.messages
    assert peer(peer.app.refresh(token)).subject == token.subject


@pytest.mark.parametrize("path", [PLACE, "/assets/v1/operations/x", "/oauth/v1/userinfo"])
def test_f13_f14_a_limit_has_the_shape_of_its_family(cloud: Sandbox, path: str) -> None:
    """429 with a JSON error, as each family of APIs writes it."""
    for name in ("f13", "f14"):
        cloud.fault(name)
        answer = plain(cloud, path)
        assert answer.status_code == 429
        assert ("Retry-After" in answer.headers) == (name == "f13")
        (member,) = {"errors", "error", "code"} & set(answer.json())
        assert member == {PLACE: "code", "/oauth/v1/userinfo": "errors"}.get(path, "error")


def test_f13_a_date_is_by_the_sandboxs_clock(cloud: Sandbox) -> None:
    """So that a client with the same clock waits as long as was asked."""
    cloud.clock.advance(100_000)
    cloud.fault("f13", retry_after=7, form="date")
    when = parsedate_to_datetime(plain(cloud).headers["Retry-After"]).timestamp()
    assert 5 <= when - cloud.clock.now() <= 7


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_f13_retry_after_is_waited_for(peer: Peer, form: str) -> None:
    """Twice limited, twice waited, then done once: a limited write was surely not carried out."""
    peer.cloud.fault("f13", times=2, operation=PUBLISH, retry_after=3, form=form)
    peer.publish()
    assert [round(each) for each in peer.clock.sleeps] in ([3, 3], [2, 3], [3, 2], [2, 2])
    assert (len(peer.cloud.messages), peer.cloud.count(operation=PUBLISH)) == (1, 3)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_f13_a_wait_beyond_the_deadline_is_raised(peer: Peer, form: str) -> None:
    """RateLimited says how long; nothing is waited for."""
    peer.cloud.fault("f13", retry_after=3600, form=form)
    with pytest.raises(errors.RateLimited) as caught:
        peer.get()
    assert caught.value.retry_after == pytest.approx(3600, abs=2)
    assert peer.clock.sleeps == []


def test_f14_without_a_time_the_client_backs_off(peer: Peer) -> None:
    """Two pauses of its own choice, then done."""
    peer.cloud.fault("f14", times=2)
    peer.publish()
    assert len(peer.clock.sleeps) == 2
    assert peer.clock.sleeps[0] <= 1
    assert peer.clock.sleeps[1] <= 2
    assert len(peer.cloud.messages) == 1


def test_f13_f14_a_login_says_that_it_was_limited(peer: Peer) -> None:
    """The token endpoint's limit is RateLimited too, with its time if there is one."""
    for name, wait in (("f13", 1.0), ("f14", None)):
        with peer.cloud.fault(name, operation="v1/token"):
            with pytest.raises(errors.RateLimited) as caught:
                peer.log_in()
            assert caught.value.retry_after == wait


def test_f15_is_a_page_of_html(cloud: Sandbox) -> None:
    """As gateways show it, with the status that was asked for."""
    for status in (502, 503, 504):
        cloud.fault("f15", status=status)
        answer = plain(cloud)
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith("text/html")
        assert f"<h1>{status} " in answer.text


def test_f15_a_read_is_tried_again_then_a_server_error(peer: Peer) -> None:
    """Three times 502: its status, nothing of its page."""
    peer.cloud.fault("f15", times=3)
    with pytest.raises(errors.ServerError, match=r"answered 502$") as caught:
        peer.get()
    assert (caught.value.status, caught.value.code, caught.value.details) == (502, "", None)
    assert peer.cloud.count(fault="f15", status=502) == 3


@pytest.mark.parametrize("processed", [True, False])
def test_f15_a_write_is_in_doubt(peer: Peer, processed: bool) -> None:
    """What is behind the gateway may have done it."""
    peer.cloud.fault("f15", operation=PUBLISH, processed=processed)
    with pytest.raises(errors.AmbiguousOutcome) as caught:
        peer.publish()
    assert isinstance(caught.value.__cause__, errors.ServerError)
    assert len(peer.cloud.messages) == processed
