"""Webhooks: what is tried again, and what becomes of sites that are slow or do not answer."""

from __future__ import annotations

import socket
import threading

import pytest

from rblx_oauth.sandbox import Sandbox
from tests.sandbox.webhook_site import SECRET, clock, cloud, signature_of, site
from tests.support.clock import ManualClock
from tests.support.server import Answer, ScriptedServer

__all__ = ["clock", "cloud", "site"]

RETRIES = 5


def test_a_failure_is_tried_again_five_times_in_fixed_steps(
    cloud: Sandbox, site: ScriptedServer, clock: ManualClock
) -> None:
    """Six tries, a minute apart, each with a time of its own; then the URL counts as gone."""
    site.queue.extend(Answer(status) for status in (500, 404, 302, 300, 503, 500))
    hook = cloud.webhooks.add(site.url, secret=SECRET)
    (delivery,) = cloud.webhooks.send("SampleNotification")
    for done in range(1, RETRIES + 2):
        cloud.webhooks.settle()
        assert len(site.seen) == done
        clock.advance(59)
        cloud.webhooks.settle()
        assert len(site.seen) == done
        clock.advance(1)
    cloud.webhooks.settle()
    assert len({seen.body for seen in site.seen}) == 1
    stamps = [signature_of(seen)["t"] for seen in site.seen]
    assert stamps == [str(1_800_000_000 + 60 * step) for step in range(RETRIES + 1)]
    assert (delivery.status, hook.active) == ("failed", False)
    assert [each.reason for each in delivery.attempts][:3] == [
        "answered 500",
        "answered 404",
        "answered 302",
    ]
    assert not cloud.webhooks.send("SampleNotification")
    cloud.webhooks.add(site.url, secret=SECRET)
    assert cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    assert len(site.seen) == RETRIES + 2


def test_a_late_success_ends_it(cloud: Sandbox, site: ScriptedServer, clock: ManualClock) -> None:
    """A 2xx of any kind at the second try, and no third."""
    cloud.settings.webhook_retry_seconds = 10
    site.queue.extend([Answer(500), Answer(299)])
    cloud.webhooks.add(site.url)
    (delivery,) = cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    clock.advance(10)
    cloud.webhooks.settle()
    clock.advance(1000)
    cloud.webhooks.settle()
    assert (delivery.status, len(site.seen)) == ("delivered", 2)


def test_no_answer_is_a_failure(cloud: Sandbox, site: ScriptedServer) -> None:
    """Refused, reset and too slow: status 0, with the reason."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        refusing = f"http://127.0.0.1:{free.getsockname()[1]}/"
    cloud.webhooks.add(refusing)
    (refused,) = cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    cloud.webhooks.remove(1)
    cloud.settings.webhook_timeout = 0.2
    never = threading.Event()
    site.queue.extend([Answer(reset=True), Answer(200, after=never)])
    cloud.webhooks.add(site.url)
    (reset,) = cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    (slow,) = cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    never.set()
    attempts = [each.attempts[0] for each in (refused, reset, slow)]
    assert [each.status for each in attempts] == [0, 0, 0]
    assert [each.reason for each in attempts][::2] == [
        "no answer: ConnectionRefusedError",
        "no answer within 0.2 s",
    ]


def test_an_answer_that_drips_is_given_up(cloud: Sandbox) -> None:
    """The deadline is for the whole exchange, not for each byte of it."""
    cloud.settings.webhook_timeout = 0.4
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection:
                for byte in b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 100:
                    try:
                        connection.sendall(bytes([byte]))
                    except OSError:
                        return
                    over.wait(0.05)

        over = threading.Event()
        thread = threading.Thread(target=drip)
        thread.start()
        cloud.webhooks.add(f"http://127.0.0.1:{listening.getsockname()[1]}/")
        (delivery,) = cloud.webhooks.send("SampleNotification")
        cloud.webhooks.settle(5)
        over.set()
        thread.join()
    assert delivery.attempts[0].reason == "no answer within 0.4 s"


def test_one_slow_site_does_not_hold_up_the_others(cloud: Sandbox, site: ScriptedServer) -> None:
    """While one does not answer, another one is told."""
    gate = threading.Event()
    with ScriptedServer(lambda _: Answer(200, after=gate)) as slow:
        cloud.webhooks.add(slow.url)
        cloud.webhooks.add(site.url)
        waiting, quick = cloud.webhooks.send("SampleNotification")
        with pytest.raises(TimeoutError):
            cloud.webhooks.settle(0.5)
        assert (waiting.status, quick.status) == ("waiting", "delivered")
        gate.set()
        cloud.webhooks.settle()
        assert waiting.status == "delivered"
