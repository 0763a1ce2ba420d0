"""Webhooks: what a site on this machine is sent, how it is signed, and who may be told."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from pathlib import Path

import pytest
import requests

from rblx_oauth.errors import WebhookError
from rblx_oauth.sandbox import Sandbox, SandboxClock
from rblx_oauth.sandbox.files import FileError
from rblx_oauth.sandbox.webhook_records import SIGNATURES
from rblx_oauth.webhooks import ErasureRequest, Webhooks
from tests.sandbox.webhook_site import SECRET, clock, cloud, signature_of, site
from tests.support.clock import ManualClock
from tests.support.server import Answer, ScriptedServer, Seen

__all__ = ["clock", "cloud", "site"]


def expected(seen: Seen, stamp: str, secret: str = SECRET) -> str:
    """What `v1` should be, as a receiver works it out from the raw body."""
    digest = hmac.digest(secret.encode(), f"{stamp}.".encode() + seen.body, hashlib.sha256)
    return base64.b64encode(digest).decode()


def test_a_notification_has_robloxs_form(
    cloud: Sandbox, site: ScriptedServer, clock: ManualClock
) -> None:
    """A POST of JSON with four members, a UTC time with seven digits, signed over the raw body."""
    cloud.webhooks.add(f"{site.url}/hook?x=1", secret=SECRET)
    (delivery,) = cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    (seen,) = site.seen
    assert (seen.method, seen.target) == ("POST", "/hook?x=1")
    assert seen.headers["content-type"] == "application/json"
    body = json.loads(seen.body)
    assert body == {
        "NotificationId": delivery.notification_id,
        "EventType": "SampleNotification",
        "EventTime": "2027-01-15T08:00:00.2500000Z",
        "EventPayload": {"UserId": 1000001},
    }
    assert seen.body.decode() == json.dumps(body, separators=(",", ":"))
    parts = signature_of(seen)
    assert parts == {"t": "1800000000", "v1": expected(seen, "1800000000")}
    assert (delivery.status, [each.status for each in delivery.attempts]) == ("delivered", [204])
    assert clock.sleeps == []


def test_without_a_secret_there_is_a_timestamp_only(cloud: Sandbox, site: ScriptedServer) -> None:
    """`t=` and nothing else."""
    cloud.webhooks.add(site.url)
    cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    assert site.seen[0].headers["roblox-signature"] == "t=1800000000"


def test_an_erasure_names_the_person_and_start_places(cloud: Sandbox, site: ScriptedServer) -> None:
    """`UserId` and `GameIds`, start places; and the sandbox deletes nothing by itself."""
    cloud.webhooks.add(site.url)
    before = cloud.state.data.dump()
    cloud.webhooks.erase(1000002)
    cloud.webhooks.erase("1000003", games=[4000004])
    cloud.webhooks.settle()
    payloads = [json.loads(seen.body)["EventPayload"] for seen in site.seen]
    assert sorted(payloads, key=str) == [
        {"UserId": 1000002, "GameIds": [4000001, 4000002, 4000003]},
        {"UserId": 1000003, "GameIds": [4000004]},
    ]
    assert "1000002" in cloud.state.users
    assert cloud.state.data.dump() == before


def test_any_event_and_payload_can_be_sent(cloud: Sandbox, site: ScriptedServer) -> None:
    """Subscriptions, and types that nobody has heard of, with a payload of one's own."""
    cloud.webhooks.add(site.url, events=["SubscriptionPurchased", "Mystery"])
    assert not cloud.webhooks.send("SampleNotification")
    cloud.webhooks.send("SubscriptionPurchased", {"é": [None, 1.5]})
    cloud.webhooks.settle()
    cloud.webhooks.send("Mystery", user=7)
    cloud.webhooks.settle()
    found = [json.loads(seen.body) for seen in site.seen]
    assert [(each["EventType"], each["EventPayload"]) for each in found] == [
        ("SubscriptionPurchased", {"é": [None, 1.5]}),
        ("Mystery", {"UserId": 7}),
    ]


def test_signatures_that_a_site_must_refuse(cloud: Sandbox, site: ScriptedServer) -> None:
    """Of another secret, left out, without `v1`, too old, too new: each as it is named."""
    cloud.webhooks.add(site.url, secret=SECRET)
    for how in ("bad", "missing", "unsigned", "stale", "future"):
        cloud.webhooks.send("SampleNotification", signature=how)
        cloud.webhooks.settle()
    bad, missing, unsigned, stale, future = site.seen
    assert signature_of(bad)["v1"] != expected(bad, "1800000000")
    assert len(signature_of(bad)["v1"]) == 44
    assert "roblox-signature" not in missing.headers
    assert signature_of(unsigned) == {"t": "1800000000"}
    for seen, off in ((stale, -660), (future, 660)):
        stamp = str(1_800_000_000 + off)
        assert signature_of(seen) == {"t": stamp, "v1": expected(seen, stamp)}


def test_this_library_takes_what_is_good_and_nothing_else(
    cloud: Sandbox, site: ScriptedServer, clock: ManualClock
) -> None:
    """`rblx_oauth.webhooks` reads a good notification, and refuses each that is spoiled."""
    receiver = Webhooks(SECRET, clock=clock)
    cloud.webhooks.add(site.url, secret=SECRET)
    cloud.webhooks.erase(1000002, games=[4000004])
    cloud.webhooks.settle()
    good = site.seen.pop()
    notification = receiver.verify(good.body, good.headers["roblox-signature"])
    assert notification.erasure == ErasureRequest(user_id=1000002, place_ids=[4000004])
    for how in SIGNATURES[1:]:
        cloud.webhooks.send("SampleNotification", signature=how)
        cloud.webhooks.settle()
        spoiled = site.seen.pop()
        with pytest.raises(WebhookError):
            receiver.verify(spoiled.body, spoiled.headers.get("roblox-signature"))


def test_a_reset_waits_for_nobody(cloud: Sandbox, site: ScriptedServer) -> None:
    """What is on its way when everything is forgotten holds up nothing that comes after."""
    gate = threading.Event()
    site.queue.append(Answer(200, after=gate))
    cloud.webhooks.add(site.url)
    cloud.webhooks.send("SampleNotification")
    with pytest.raises(TimeoutError):
        cloud.webhooks.settle(0.3)
    cloud.reset()
    cloud.webhooks.settle(0)
    cloud.webhooks.add(site.url)
    (delivery,) = cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle(5)
    assert delivery.status == "delivered"
    gate.set()


def test_duplicates_have_the_same_id(cloud: Sandbox, site: ScriptedServer) -> None:
    """Copies, and an id sent again later, are duplicates; other notifications have other ids."""
    cloud.webhooks.add(site.url)
    first = cloud.webhooks.send("SampleNotification", copies=3)
    cloud.webhooks.send("SampleNotification", notification_id=first[0].notification_id)
    cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    ids = [json.loads(seen.body)["NotificationId"] for seen in site.seen]
    assert len(ids) == 5
    assert ids.count(first[0].notification_id) == 4


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/hook",
        "http://site.example/hook",
        "http://127.0.0.1.site.example/",
        "http://user@127.0.0.1/",
        "http://127.0.0.1:99999/",
        "ftp://127.0.0.1/",
        "/hook",
        "",
    ],
)
def test_only_this_machine_is_told(cloud: Sandbox, url: str) -> None:
    """A sandbox's notifications never leave the machine."""
    with pytest.raises(ValueError):
        cloud.webhooks.add(url)
    assert not cloud.webhooks.hooks


def test_it_is_bounded(cloud: Sandbox, site: ScriptedServer) -> None:
    """Five webhooks, a hundred copies, a thousand deliveries done; and wrong words are refused."""
    for number in range(5):
        cloud.webhooks.add(f"{site.url}/{number}")
    with pytest.raises(ValueError, match="5 webhooks"):
        cloud.webhooks.add(f"{site.url}/5")
    for wrong in ({"copies": 0}, {"copies": 101}, {"signature": "forged"}):
        with pytest.raises(ValueError):
            cloud.webhooks.send("SampleNotification", **wrong)
    with pytest.raises(ValueError):
        cloud.webhooks.send("")
    for _ in range(3):
        cloud.webhooks.send("SampleNotification", copies=80)
        cloud.webhooks.settle(60)
    assert len(cloud.webhooks.deliveries) == 1000
    assert len(site.seen) == 1200


def test_what_is_removed_is_told_of_nothing_more(
    cloud: Sandbox, site: ScriptedServer, clock: ManualClock
) -> None:
    """Retries of a removed webhook end with it, and its number is nobody else's meanwhile."""
    site.queue.append(Answer(500))
    hook = cloud.webhooks.add(site.url)
    (delivery,) = cloud.webhooks.send("SampleNotification")
    cloud.webhooks.settle()
    cloud.webhooks.remove(hook.id)
    clock.advance(3600)
    cloud.webhooks.settle()
    assert (delivery.status, len(site.seen)) == ("failed", 1)
    with pytest.raises(ValueError, match="no webhook"):
        cloud.webhooks.remove(hook.id)


def test_they_are_saved_and_go_on(tmp_path: Path, site: ScriptedServer, clock: ManualClock) -> None:
    """A delivery that waits at the stop is tried again after the next start; a reset forgets it."""
    file = tmp_path / "state.json"
    site.queue.append(Answer(500))
    with Sandbox(state=file, clock=SandboxClock(clock.now)) as first:
        first.webhooks.add(site.url, secret=SECRET, events=["SampleNotification"], name="mine")
        first.webhooks.send("SampleNotification")
        first.webhooks.settle()
    clock.advance(60)
    with Sandbox(state=file, clock=SandboxClock(clock.now)) as second:
        second.webhooks.settle()
        (hook,) = second.webhooks.hooks
        assert (hook.url, hook.secret, hook.name) == (site.url, SECRET, "mine")
        assert [each.status for each in second.webhooks.deliveries] == ["delivered"]
        second.reset()
        assert not second.webhooks.hooks
        assert not second.webhooks.deliveries
    assert len(site.seen) == 2


def test_they_can_be_seeded(tmp_path: Path, site: ScriptedServer) -> None:
    """A seed file has them under `webhooks`, and a wrong URL names its line."""
    file = tmp_path / "seed.yaml"
    file.write_text(f"webhooks:\n  hooks:\n    - url: {site.url}\n      secret: s\n")
    with Sandbox(seed=file) as cloud:
        cloud.webhooks.erase(1000001)
        cloud.webhooks.settle()
        assert "v1=" in site.seen[0].headers["roblox-signature"]
    file.write_text("webhooks:\n  hooks:\n    - url: http://site.example/\n")
    with pytest.raises(FileError, match=re.escape("seed.yaml, line 3")):
        Sandbox(seed=file)


def api(cloud: Sandbox, path: str = "") -> str:
    """The address of the API."""
    return f"{cloud.api_base}/_sandbox/api/webhooks{path}"


def test_the_same_over_http(cloud: Sandbox, site: ScriptedServer) -> None:
    """Add, send and wait, look, remove; the secret is never told."""
    hook = requests.post(api(cloud), json={"url": site.url, "secret": SECRET}, timeout=10).json()
    assert (hook["id"], hook["url"], hook["secret"], hook["active"]) == (1, site.url, True, True)
    wish = {"event": "RightToErasureRequest", "user": 1000002, "games": [1], "wait": 5, "copies": 2}
    sent = requests.post(api(cloud, "/send"), json=wish, timeout=10).json()["deliveries"]
    assert [each["status"] for each in sent] == ["delivered", "delivered"]
    assert json.loads(sent[0]["body"])["EventPayload"] == {"UserId": 1000002, "GameIds": [1]}
    wish = {"event": "X", "payload": {"a": 1}, "notification_id": "n", "signature": "unsigned"}
    requests.post(api(cloud, "/send"), json=wish, timeout=10)
    cloud.webhooks.settle()
    assert json.loads(site.seen[2].body)["NotificationId"] == "n"
    answer = requests.get(api(cloud), timeout=10)
    assert SECRET not in answer.text
    found = answer.json()
    assert [each["id"] for each in found["deliveries"]] == [1, 2, 3]
    assert [len(each["attempts"]) for each in found["deliveries"]] == [1, 1, 1]
    assert requests.delete(api(cloud, "/1"), timeout=10).json() == {}
    assert requests.delete(api(cloud, "/1"), timeout=10).status_code == 404
    assert requests.get(api(cloud), timeout=10).json()["webhooks"] == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"url": "http://site.example/"}),
        ("", {"url": "http://127.0.0.1/", "colour": "red"}),
        ("", {}),
        ("/send", {"event": "X", "signature": "forged"}),
        ("/send", {"event": "X", "copies": 1000}),
        ("/send", {"event": ""}),
        ("/send", {"event": "X", "user": "nobody"}),
        ("/send", []),
    ],
)
def test_a_wrong_wish_over_http_is_a_400(cloud: Sandbox, path: str, body: object) -> None:
    """With what is wrong in `error`."""
    answer = requests.post(api(cloud, path), json=body, timeout=10)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_page_has_forms_and_erasure_is_one_click(cloud: Sandbox, site: ScriptedServer) -> None:
    """Plain forms: add, send, erase with one button, remove; what was sent is shown."""
    page = f"{cloud.api_base}/_sandbox/webhooks"

    def press(**form: str) -> requests.Response:
        return requests.post(page, form, timeout=10)

    assert site.url in press(url=site.url, secret=SECRET).text
    shown = press(erase="1000002")
    assert "was sent to 1 and taken by 1" in shown.text
    assert json.loads(site.seen[0].body)["EventPayload"]["UserId"] == 1000002
    shown = press(event="<i>Odd</i>", user="1000001", signature="stale", copies="2")
    assert len(site.seen) == 3
    assert "&lt;i&gt;Odd" in shown.text
    assert SECRET not in shown.text
    wrong = press(url="http://site.example/")
    assert wrong.status_code == 400
    assert "on this machine" in wrong.text
    assert press(event="X", user="1000001", signature="good", copies="many").status_code == 400
    press(remove="1")
    assert not cloud.webhooks.hooks
    stranger = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert requests.post(page, {"erase": "1"}, headers=stranger, timeout=10).status_code == 403
