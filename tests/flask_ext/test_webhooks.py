"""What Roblox tells a site: checked, taken once, whoever takes it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app
from hypothesis import given, settings, strategies as st

from flask_ext import RobloxOAuth, webhook_answered
from flask_ext.inbox import CLAIM_SECONDS, KEPT_SECONDS
from flask_ext.testing import notify
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.webhooks import MAX_BODY, Notification, sign
from tests.flask_ext.notices import SECRET, URL, Notified, notification, site
from tests.flask_ext.site import make_app
from tests.support.clock import ManualClock

__all__ = ["site"]

ROOT = Path(__file__).parents[2]


def test_a_notification_reaches_its_handlers_with_no_session_and_no_cookie(site: Notified) -> None:
    """The typed notification, within the app; 204, not to be cached, nothing set."""
    seen: list[Notification] = []

    @site.roblox.on_webhook("SampleNotification", "Another")
    def sample(given: Notification) -> str:
        seen.append(given)
        return current_app.name

    answer = site.post(payload={"UserId": 5}, Cookie="roblox_session=junk")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert (seen[0].type, seen[0].payload) == ("SampleNotification", {"UserId": 5})
    assert site.taken == ["n-1"]
    site.post("n-2", "Unheard of")
    assert (len(seen), site.taken) == (1, ["n-1", "n-2"])


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("other secret", "signature"),
        ("other body", "signature"),
        ("no header", "signature_missing"),
        ("unsigned", "signature_missing"),
        ("old", "stale"),
        ("new", "future"),
    ],
)
def test_c47_f42_f43_f44_what_is_not_roblox_s_is_a_401(
    site: Notified, how: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Bad, missing, stale and future signatures: no handler, no record, no secret in the log."""
    body, now = notification("n-1", "SampleNotification"), site.clock.now()
    header = {
        "other secret": sign(body, "another", at=now),
        "other body": sign(body + b" ", SECRET, at=now),
        "unsigned": f"t={int(now)}",
        "old": sign(body, SECRET, at=now - 700),
        "new": sign(body, SECRET, at=now + 700),
    }.get(how)
    headers = {"roblox-signature": header} if header else {}
    answer = site.app.test_client().post(URL, data=body, headers=headers)
    assert answer.status_code == 401
    assert answer.json == {
        "type": "urn:rblx-oauth:problem:webhook",
        "status": 401,
        "reason": reason,
    }
    assert answer.headers["WWW-Authenticate"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert site.taken == []
    assert SECRET not in caplog.text
    assert [each.__dict__["roblox_outcome"] for each in caplog.records] == [reason]
    assert site.post().status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"EventType":"X"}',
        b'{"NotificationId":1,"EventType":"X"}',
        b'{"NotificationId":"","EventType":"X"}',
        b"[" * 5000,
        notification("n", "RightToErasureRequest", {"UserId": "everybody"}),
        notification("n", "RightToErasureRequest", {}),
    ],
)
def test_what_is_no_notification_is_a_400(site: Notified, body: bytes) -> None:
    """Though it is well signed; an erasure request must say whose."""
    header = {"roblox-signature": sign(body, SECRET, at=site.clock.now())}
    answer = site.app.test_client().post(URL, data=body, headers=header)
    assert answer.status_code == 400
    assert site.taken == []


@settings(max_examples=150, deadline=None, derandomize=True)
@given(body=st.binary(max_size=200), header=st.text(max_size=100))
def test_no_request_makes_it_fail(body: bytes, header: str) -> None:
    """Whatever comes, it is refused."""
    sent = {"roblox-signature": header.encode("utf-8", "replace").decode("latin-1")}
    sent["roblox-signature"] = "".join(each for each in sent["roblox-signature"] if each >= " ")
    answer = FUZZED.test_client().post(URL, data=body, headers=sent)
    assert answer.status_code in (400, 401)


def _fuzzed() -> Flask:
    app = Flask("fuzzed")
    app.config.update(
        SECRET_KEY="k",
        ROBLOX_CLIENT_ID="1",
        ROBLOX_REDIRECT_URI="https://my.site/roblox/callback",
        ROBLOX_STORE_URL="memory://",
        ROBLOX_WEBHOOK_SECRET=SECRET,
    )
    RobloxOAuth(app)
    return app


FUZZED = _fuzzed()


class Endless:
    """A body that must not be read."""

    def read(self, *_: object) -> bytes:
        """Never."""
        raise AssertionError("it was read")

    readline = readlines = read


@pytest.mark.parametrize("announced", [True, False])
def test_a_huge_body_is_refused_before_it_is_read(site: Notified, announced: bool) -> None:
    """By its announced length; without one, after as much as a notification may have."""
    environ: dict[str, Any] = {"roblox-signature": "t=1"}
    if announced:
        base = {"CONTENT_LENGTH": str(MAX_BODY + 1), "wsgi.input": Endless()}
    else:
        base = {"wsgi.input_terminated": True}
    with site.app.test_client() as client:
        more: dict[str, Any] = {} if announced else {"data": bytes(MAX_BODY + 1)}
        answer = client.post(URL, headers=environ, environ_overrides=base, **more)
    assert answer.status_code == 413
    assert site.taken == []


def test_only_post_is_answered(site: Notified) -> None:
    """GET and HEAD are 405."""
    client = site.app.test_client()
    assert client.get(URL).status_code == client.head(URL).status_code == 405


def test_without_a_secret_there_is_no_such_route(cloud: Sandbox, clock: ManualClock) -> None:
    """A site that says nothing about webhooks takes none."""
    assert make_app(cloud, clock).test_client().post(URL).status_code == 404


def test_two_secrets_serve_while_one_is_being_changed(cloud: Sandbox, clock: ManualClock) -> None:
    """In a list, or between spaces as in the environment."""
    for secrets in (["new, with a space", "old"], "first-of-two-secrets, second-of-the-two"):
        site = Notified(cloud, clock, ROBLOX_WEBHOOK_SECRET=secrets)
        for secret in secrets.split(", ") if isinstance(secrets, str) else secrets:
            body = notification(secret, "SampleNotification")
            header = {"roblox-signature": sign(body, secret, at=clock.now())}
            answer = site.app.test_client().post(URL, data=body, headers=header)
            assert answer.status_code == 204


def test_unsigned_ones_are_taken_only_where_that_is_said_loudly(
    cloud: Sandbox, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    """With a warning at start-up; never beside a secret; and still by the clock."""
    unsigned: dict[str, object] = {
        "ROBLOX_WEBHOOK_SECRET": None,
        "ROBLOX_WEBHOOK_ALLOW_UNSIGNED": True,
    }
    site = Notified(cloud, clock, **unsigned)
    assert "ROBLOX_WEBHOOK_ALLOW_UNSIGNED is on" in caplog.text
    post = site.app.test_client().post
    body = notification("n", "SampleNotification")
    assert post(URL, data=body).status_code == 401
    old = {"roblox-signature": f"t={int(clock.now()) - 700}"}
    assert post(URL, data=body, headers=old).status_code == 401
    now = {"roblox-signature": f"t={int(clock.now())}"}
    assert post(URL, data=body, headers=now).status_code == 204


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"ROBLOX_WEBHOOK_SECRET": 5}, "ROBLOX_WEBHOOK_SECRET must be"),
        ({"ROBLOX_WEBHOOK_SECRET": ["canary", ""]}, "ROBLOX_WEBHOOK_SECRET must be"),
        ({"ROBLOX_WEBHOOK_SECRET": [b"canary"]}, "ROBLOX_WEBHOOK_SECRET must be"),
        ({"ROBLOX_WEBHOOK_SECRET": " , "}, "ROBLOX_WEBHOOK_SECRET must be"),
        ({"ROBLOX_WEBHOOK_SECRET": "a canary phrase"}, "less than 16 characters"),
        ({"ROBLOX_WEBHOOK_ALLOW_UNSIGNED": True}, "take one of the two away"),
        ({"ROBLOX_WEBHOOK_ALLOW_UNSIGNED": "perhaps"}, "must be true or false"),
    ],
)
def test_wrong_settings_are_told_at_start_up(
    cloud: Sandbox, clock: ManualClock, wrong: dict[str, object], message: str
) -> None:
    """By name, and without the secret."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        Notified(cloud, clock, **wrong)
    assert "canary" not in str(caught.value)


def test_f45_c47_a_duplicate_has_no_second_effect(site: Notified, clock: ManualClock) -> None:
    """For as long as Roblox could send it again, it is answered well and handled once."""
    outcomes: list[str] = []

    def note(_: Flask, outcome: str, **facts: object) -> None:
        outcomes.append(outcome)

    with webhook_answered.connected_to(note, sender=site.app):
        for _ in range(3):
            assert site.post().status_code == 204
            clock.advance(KEPT_SECONDS / 3 - 1)
        assert site.post("n-2").status_code == 204
    assert site.taken == ["n-1", "n-2"]
    assert outcomes == ["handled", "duplicate", "duplicate", "handled"]


def test_f45_two_workers_at_once_handle_it_once(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """While one is at it the other says to come back; afterwards it is a duplicate."""
    site = Notified(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{tmp_path / 'store.db'}")
    entered, go = threading.Event(), threading.Event()

    @site.roblox.on_webhook("*")
    def slow(given: Notification) -> None:
        site.taken.append(given.id)
        entered.set()
        assert go.wait(10)

    other = site.new_app(
        cloud,
        ROBLOX_STORE_URL=f"sqlite:///{tmp_path / 'store.db'}",
        ROBLOX_WEBHOOK_SECRET=SECRET,
    )
    answers: list[int] = []
    first = threading.Thread(target=lambda: answers.append(site.post().status_code))
    first.start()
    assert entered.wait(10)
    busy = site.post(app=other)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "5")
    go.set()
    first.join(10)
    assert answers == [204]
    assert site.post(app=other).status_code == 204
    assert site.taken == ["n-1"]


def test_f26_a_store_that_is_down_has_roblox_come_back(
    cloud: Sandbox, clock: ManualClock, tmp_path: Path
) -> None:
    """503 and no handler; when the store is back, the notification is handled."""
    path = tmp_path / "store.db"
    site = Notified(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{path}")
    site.roblox.on_webhook("*")(lambda given: site.taken.append(given.id))
    assert site.post("n-0").status_code == 204
    path.rename(tmp_path / "away.db")
    answer = site.post()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Set-Cookie" not in answer.headers
    (tmp_path / "away.db").rename(path)
    assert site.post().status_code == 204
    assert site.taken == ["n-0", "n-1"]


def test_a_sites_own_tests_can_send_notifications(site: Notified) -> None:
    """Signed as the settings say, with an id of its own unless one is given."""
    client = site.app.test_client()
    for id in ("a", "a", None):
        assert notify(client, "Any", {"UserId": 1}, notification_id=id).status_code == 204
    assert (site.taken[0], len(site.taken)) == ("a", 2)


def worker(mode: str, path: Path, now: float) -> subprocess.Popen[str]:
    """A process of the site, by a clock that stands still, given one notification on the word."""
    body = notification("n-1", "SampleNotification")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.flask_ext.webhook_worker", mode],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    wish = {
        "store": f"sqlite:///{path / 'store.db'}",
        "effects": str(path / "effects"),
        "now": now,
        "body": body.decode(),
        "signature": sign(body, SECRET, at=now),
    }
    process.stdin.write(json.dumps(wish) + "\n")
    process.stdin.flush()
    return process


@pytest.fixture
def shared(cloud: Sandbox, clock: ManualClock, tmp_path: Path) -> Notified:
    """A site whose store other processes use too."""
    site = Notified(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{tmp_path / 'store.db'}")
    site.roblox.on_webhook("*")(lambda given: site.taken.append(given.id))
    return site


def test_f45_four_processes_at_once_handle_it_once(shared: Notified, tmp_path: Path) -> None:
    """Whoever comes second is told to come back, or that it is done."""
    processes = [worker("handle", tmp_path, shared.clock.now()) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    answers = [process.communicate("go\n", timeout=60)[0].strip() for process in processes]
    assert sorted(set(answers) | {"503"}) == ["204", "503"]
    assert (tmp_path / "effects").read_text() == "n-1\n"
    assert shared.post().status_code == 204
    assert shared.taken == []


def test_a_worker_killed_in_mid_handling_loses_no_notification(
    shared: Notified, clock: ManualClock, tmp_path: Path
) -> None:
    """Its claim holds for a minute; the first try of Roblox after that is handled."""
    process = worker("die", tmp_path, clock.now())
    process.communicate("go\n", timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert shared.post().status_code == 503
    assert shared.taken == []
    clock.advance(CLAIM_SECONDS)
    assert shared.post().status_code == 204
    assert shared.post().status_code == 204
    assert shared.taken == ["n-1"]
