"""Canaries through every fault in a Flask site, from login to logout."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from flask_ext import RobloxOAuth, current_user, login_required
from flask_ext.state import NAME
from rblx_oauth.oauth.grant_rows import open_row
from rblx_oauth.oauth.record_rows import opened_payload
from rblx_oauth.sandbox import Sandbox, SandboxClock
from rblx_oauth.sandbox.faults import KINDS
from rblx_oauth.webhooks import Notification, sign
from tests.canary.canaries import Canaries
from tests.canary.ears import Ears, pickled_of
from tests.canary.test_client import OPTIONS
from tests.flask_ext.notices import notification
from tests.flask_ext.site import ADA, Browser, add_views, settings
from tests.sandbox.app import query_of
from tests.support.clock import ManualClock

SECRET_KEY, TOKEN_KEY = "canary-secret-key-5c1e", "Y2FuYXJ5LXRva2VuLWtleS1vZi0zMi1ieXRlcy4uLi4"
WEBHOOK_SECRET = "canary-webhook-secret-77aa"
CARRIED = {"state", "nonce"}
"""What OAuth itself puts into the address of the consent page (RFC 6749 4.1.1)."""

KINDS_OF_SECRETS = CARRIED | {
    "access_token",
    "api_key",
    "client_secret",
    "code",
    "cookie",
    "csrf_token",
    "id_token",
    "refresh_token",
    "secret_key",
    "session_id",
    "token_key",
    "verifier",
}

Fault = Callable[[], AbstractContextManager[object]]


class Site:
    """A site, a person's browser, and everything that is said and sent."""

    def __init__(
        self, cloud: Sandbox, clock: ManualClock, folder: Path, ears: Ears, store_url: str = ""
    ) -> None:
        self.cloud, self.clock, self.folder = cloud, clock, folder
        self.ears, self.canaries = ears, Canaries()
        self.answers: list[TestResponse] = []
        self.shown: list[object] = []
        self.app = make_site(cloud, clock, store_url or f"sqlite:///{folder}/store.db", self.shown)
        self.browser = self.new_browser()
        self.canaries.add(
            client_secret=cloud.client_secret,
            api_key=cloud.api_key,
            secret_key=SECRET_KEY,
            token_key=TOKEN_KEY,
            webhook_secret=WEBHOOK_SECRET,
        )

    def new_browser(self) -> Browser:
        """Somebody's browser; what it is sent is kept."""
        browser = Browser(self.app, self.cloud)
        client_open = browser.client.open

        def watched(*args: object, **options: object) -> TestResponse:
            answer = client_open(*args, **options)  # type: ignore[arg-type]
            self.answers.append(answer)
            return answer

        browser.client.open = watched  # type: ignore[method-assign, assignment]
        return browser

    def begin(self, path: str = "/roblox/login") -> str | None:
        """Begin a login; the address at Roblox, if it came to that."""
        location = self.browser.get(path).headers.get("Location", "")
        if location.startswith("/"):
            location = self.browser.get(location).headers.get("Location", "")
        if not location.startswith(self.cloud.issuer):
            return None
        asked = query_of(location)
        self.canaries.add(state=asked["state"], nonce=asked["nonce"])
        self.canaries.add_all("verifier", self.verifiers())
        return location

    def verifiers(self) -> Iterator[str]:
        """Those of the logins under way, read as only the site itself can."""
        worker = self.app.extensions[NAME].here
        for record in worker.store.list_records("login", now=self.clock.now()):
            payload = opened_payload(worker.store.vault, record)
            yield str(payload.decode().partition('"code_verifier":"')[2].partition('"')[0])

    def consent(self, authorization_url: str, user: str = ADA) -> str:
        """Agree, in a browser that is nobody's business; the callback's address."""
        with self.ears.covered():
            callback = self.cloud.consent(authorization_url, user=user)
        self.canaries.add(code=query_of(callback)["code"])
        return callback

    def log_in(self) -> None:
        """Log in from another browser, with nothing in the way."""
        self.browser = self.new_browser()
        callback = self.consent(self.begin() or "")
        self.browser.land(callback)
        self.note_session()

    def note_session(self) -> None:
        """The cookie of the session, the id in it, and the id_token are looked for."""
        if cookie := self.browser.cookie():
            self.canaries.add(cookie=cookie, session_id=cookie.rpartition(".")[0])
        store = self.app.extensions[NAME].here.store
        for record in store.list_records("session", now=self.clock.now()):
            row = store.get_grant(record.owner)
            if row is not None and row.status == "live":
                self.canaries.add(id_token=open_row(store.vault, row).token.id_token)

    def log_out(self) -> None:
        """Log out with the token of a page."""
        with self.unwatched():
            page = self.browser.get("/csrf")
        if page.status_code == 200 and page.text:
            self.canaries.add(csrf_token=page.text)
            self.browser.post("/roblox/logout", {"csrf_token": page.text})

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Not looked at: a page that shows a secret to whom it belongs."""
        kept = len(self.answers)
        yield
        del self.answers[kept:]

    def walk(self, fault: Fault) -> None:
        """Everything that a person does here, each step of the site's under the fault."""
        self.browser = self.new_browser()
        with fault():
            self.begin()
        callback = self.consent(self.begin() or "")
        with fault():
            self.browser.land(callback)
        self.note_session()
        self.log_in()
        with fault():
            self.browser.get("/universe/3000001")
            self.browser.get("/raises")
        self.log_in()
        callback = self.consent(self.begin("/announce") or "")
        with fault():
            self.browser.land(callback)
        self.note_session()
        self.clock.advance(3600)
        with fault():
            self.browser.get("/token-state")
        self.log_in()
        with fault():
            self.log_out()

    def found(self) -> set[str]:
        """What was found where it should not be."""
        oauth = self.cloud.state.oauth
        self.canaries.add_all("access_token", oauth.access)
        self.canaries.add_all("refresh_token", oauth.refresh)
        state = self.app.extensions[NAME]
        self.shown += [state, state.settings, state.here, *vars(state.here).values()]
        self.ears.hear(*self.shown)
        files = b"".join(each.read_bytes() for each in self.folder.iterdir())
        found = self.canaries.found_in("\n".join(self.ears.lines))
        found |= self.canaries.found_in(b"".join(map(pickled_of, self.shown)))
        found |= self.canaries.found_in(files)
        for answer in self.answers:
            away = answer.headers.get("Location", "").startswith(self.cloud.issuer)
            shown = [value for name, value in answer.headers if name != "Set-Cookie"]
            text = "\n".join([answer.text, *shown])
            found |= self.canaries.found_in(text, but=CARRIED if away else ())
        return found


def make_site(cloud: Sandbox, clock: ManualClock, store_url: str, shown: list[object]) -> Flask:
    """A site with pages of every kind, and one that fails with everything in its hands."""
    app = Flask("tests.canary.site")
    app.config.update(
        settings(
            cloud,
            SECRET_KEY=SECRET_KEY,
            ROBLOX_API_KEY=cloud.api_key,
            ROBLOX_TOKEN_KEYS=[TOKEN_KEY],
            ROBLOX_WEBHOOK_SECRET=WEBHOOK_SECRET,
            ROBLOX_STORE_URL=store_url,
        )
    )
    roblox = RobloxOAuth(app, clock=clock)
    add_views(app)

    @app.get("/raises")
    @login_required
    def view_that_fails() -> str:
        who = current_user._get_current_object()  # type: ignore[attr-defined]
        client, key, token = who.client, roblox.api_client, who.client.token()
        shown.extend([who, who._session, client, key, token, *roblox.sessions()])
        raise RuntimeError(f"{who} {client} {key} {token}")

    @roblox.on_webhook("SampleNotification")
    def fail(notification: Notification) -> None:
        raise RuntimeError(f"{notification}")

    return app


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site on a sandbox, heard at every level, by one clock."""
    clock = ManualClock()
    with Sandbox(clock=SandboxClock(clock.now)) as cloud, Ears() as ears:
        yield Site(cloud, clock, tmp_path, ears)


@pytest.mark.parametrize("fault", sorted(KINDS))
def test_c48_no_secret_of_a_site_is_seen_under_any_fault(site: Site, fault: str) -> None:
    """In no log, error, frame, page, header, repr, pickle or byte of the store's files."""
    times = {} if fault == "f01" else {"times": None}
    slow = {"seconds": 0.2} if fault in ("f04", "f05") else {}
    options: dict[str, Any] = times | OPTIONS.get(fault, {}) | slow
    site.walk(lambda: site.cloud.fault(fault, **options))
    assert site.found() == set()
    assert site.canaries.names() >= KINDS_OF_SECRETS


BREAK = "create trigger broken_{0} before {0} on {1} begin select raise(abort, 'broken'); end"


def test_c48_no_secret_of_a_site_is_seen_when_its_store_fails(site: Site, tmp_path: Path) -> None:
    """While it is gone, and while it takes no writes, those of a refreshed token included."""
    tables = "rblx_oauth_records", "rblx_oauth_grants"
    changes = [(verb, table) for verb in ("insert", "update", "delete") for table in tables]
    with closing(sqlite3.connect(tmp_path / "store.db", isolation_level=None)) as database:

        @contextmanager
        def read_only() -> Iterator[None]:
            for verb, table in changes:
                database.execute(BREAK.format(verb, table).replace("broken_", f"broken_{table}_"))
            yield
            for verb, table in changes:
                database.execute(f"drop trigger broken_{table}_{verb}")

        @contextmanager
        def gone() -> Iterator[None]:
            for table in tables:
                database.execute(f"alter table {table} rename to {table}_gone")
            yield
            for table in tables:
                database.execute(f"alter table {table}_gone rename to {table}")

        site.walk(read_only)
        site.walk(gone)
    assert site.found() == set()
    assert site.canaries.names() >= KINDS_OF_SECRETS


def test_c48_no_secret_of_a_site_is_seen_when_callers_misbehave(site: Site) -> None:
    """Callbacks that are not ours or not theirs, spent ones, and cookies that were changed."""
    site.log_in()
    stranger = site.new_browser()
    for change in (
        lambda query: query.replace("state=", "state=x"),
        lambda query: query.replace("state=", "stat="),
        lambda query: f"{query}&{query}",
        lambda query: query.replace("code=", "error=access_denied&error_description="),
        lambda query: query.replace("code=", "error=invalid_request&code="),
        lambda query: query.replace("iss=", "iss=https%3A%2F%2Felsewhere.example"),
        lambda query: query.replace("code=", "code=x"),
        lambda query: query,
    ):
        site.browser = site.new_browser()
        callback = site.consent(site.begin() or "")
        changed = callback.replace(urlsplit(callback).query, change(urlsplit(callback).query))
        for who in (stranger, site.browser, site.browser):
            who.land(changed)
        site.note_session()
    cookie = site.browser.cookie() or ""
    for value in (cookie[:-1], cookie[1:], cookie + "x", cookie.replace(".", ""), cookie.lower()):
        site.browser.set_cookie("roblox_session", value)
        site.browser.get("/private")
        site.browser.post("/roblox/logout", {"csrf_token": cookie})
    assert site.found() == set()
    assert site.canaries.names() >= KINDS_OF_SECRETS - {"csrf_token"}


def test_c48_no_secret_of_a_site_is_seen_when_webhooks_are_wrong(site: Site) -> None:
    """Bad, stale and missing signatures, bodies that are none, a handler that fails."""
    site.log_in()
    now = site.clock.now()
    sample = notification("n-1", "SampleNotification")
    for body, header in (
        (sample, sign(sample, WEBHOOK_SECRET, at=now)),
        (sample, sign(sample, WEBHOOK_SECRET, at=now - 4000)),
        (sample, sign(sample, "another secret", at=now)),
        (sample, f"t={now},v1={WEBHOOK_SECRET}"),
        (sample, ""),
        (b"[]", sign(b"[]", WEBHOOK_SECRET, at=now)),
    ):
        headers = {"roblox-signature": header}
        site.browser.client.post("/roblox/webhook", data=body, headers=headers)
    assert site.found() == set()
    assert {answer.status_code for answer in site.answers} >= {400, 401, 500}
