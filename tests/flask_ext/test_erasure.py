"""A person asks Roblox to be forgotten, and Roblox tells the site."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_ext import user_erased
from flask_ext.state import NAME
from rblx_oauth import Token
from rblx_oauth.errors import ReauthorizationRequired
from rblx_oauth.oauth.grant_rows import grant_id_for, open_row
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.webhooks import Notification
from tests.flask_ext.notices import SECRET, URL, Notified, serving
from tests.flask_ext.site import ADA, ZOE, Browser
from tests.support.clock import ManualClock

ERASURE = "RightToErasureRequest"
HOUR = 3600.0


@pytest.fixture
def site(cloud: Sandbox, clock: ManualClock, tmp_path: Path) -> Notified:
    """A site whose store is an SQLite file."""
    return Notified(cloud, clock, ROBLOX_STORE_URL=f"sqlite:///{tmp_path / 'store.db'}")


@pytest.fixture
def database(site: Notified, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """The file itself."""
    connection = sqlite3.connect(
        tmp_path / "store.db", isolation_level=None, check_same_thread=False
    )
    with closing(connection) as database:
        yield database


def grant_of(site: Notified, user: str) -> str:
    """What a person's grant is called."""
    settings = site.app.extensions[NAME].settings
    return grant_id_for(settings.issuer, settings.client_id, user)


def token_of(site: Notified, user: str) -> Token:
    """The token that the site has of a person."""
    store = site.app.extensions[NAME].here.store
    return open_row(store.vault, store.get_grant(grant_of(site, user))).token


def rows(database: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """Every row of every table, but for the schema's version."""
    tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
    return [
        row
        for (table,) in tables
        if table != "rblx_oauth_schema"
        for row in database.execute(f'select * from "{table}"')  # noqa: S608 (names of our own)
    ]


def of(site: Notified, database: sqlite3.Connection, user: str) -> list[tuple[Any, ...]]:
    """The rows that name a person or their grant."""
    names = {user, grant_of(site, user)}
    return [row for row in rows(database) if names & set(row)]


def test_f45_erasure_from_roblox_to_an_empty_store(
    site: Notified, cloud: Sandbox, database: sqlite3.Connection
) -> None:
    """Over real HTTP, three times: one effect. Nothing of the person is left, others stay."""
    asked: list[tuple[str, object, bool]] = []
    erased: list[dict[str, object]] = []

    @site.roblox.on_webhook(ERASURE)
    def forget(given: Notification) -> None:
        store = site.app.extensions[NAME].here.store
        asked.append((given.id, given.erasure, store.get_grant(grant_of(site, ADA)) is not None))

    def note(sender: Flask, **facts: object) -> None:
        erased.append(facts | {"left": len(of(site, database, ADA))})

    desk, phone, other = (Browser(site.app, cloud) for _ in range(3))
    for browser, user in ((desk, ADA), (phone, ADA), (other, ZOE)):
        browser.log_in(user)
    desk.get(desk.get("/announce").headers["Location"])  # a step-up that is not finished
    assert len(of(site, database, ADA)) == 6
    token = token_of(site, ADA)
    with serving(site.app) as address, user_erased.connected_to(note, sender=site.app):
        cloud.webhooks.add(address + URL, secret=SECRET)
        (first,) = cloud.webhooks.erase(ADA, games=[4000001])
        cloud.webhooks.settle()
        copies = cloud.webhooks.send(
            ERASURE, user=ADA, notification_id=first.notification_id, copies=2
        )
        cloud.webhooks.settle()
    assert [each.attempts[0].status for each in (first, *copies)] == [204, 204, 204]
    assert [(id, found) for id, _, found in asked] == [(first.notification_id, True)]
    assert erased == [{"user_id": int(ADA), "place_ids": (4000001,), "left": 1}]
    assert of(site, database, ADA) == [], "the revocation was done after the answer"
    assert site.app.extensions[NAME].here.oauth.introspect(token).active is False
    assert [desk.who(), phone.who(), other.who()] == ["nobody", "nobody", "zoe_and_co"]
    with site.app.app_context(), pytest.raises(ReauthorizationRequired):
        site.roblox.client_for(ADA)
    desk.log_in(ADA)
    assert desk.get("/token-state").text == ADA


@pytest.mark.parametrize("signature", ["bad", "unsigned", "missing", "stale", "future"])
def test_f42_f43_f44_nobody_else_can_have_a_person_erased(
    site: Notified, cloud: Sandbox, database: sqlite3.Connection, signature: Any
) -> None:
    """What is not well signed is answered 401, and everything stays."""
    browser = Browser(site.app, cloud)
    browser.log_in(ADA)
    before = rows(database)
    with serving(site.app) as address:
        cloud.webhooks.add(address + URL, secret=SECRET)
        (delivery,) = cloud.webhooks.send(ERASURE, user=ADA, signature=signature)
        cloud.webhooks.settle()
    assert delivery.attempts[0].status == 401
    assert rows(database) == before
    assert browser.who() == "ada_builds"


def test_whoever_never_was_here_is_erased_without_ado(
    site: Notified, database: sqlite3.Connection
) -> None:
    """Roblox does not know who logged in where."""
    assert site.erase(ADA).status_code == 204
    assert of(site, database, ADA) == []


def test_a_revocation_that_roblox_does_not_take_stays_queued(
    site: Notified, cloud: Sandbox, clock: ManualClock, database: sqlite3.Connection
) -> None:
    """Sealed, until it is done; the person is erased all the same."""
    browser = Browser(site.app, cloud)
    browser.log_in(ADA)
    token = token_of(site, ADA)
    cloud.faults.add("f15", times=50)
    site.erase(ADA).close()
    [queued] = of(site, database, ADA)
    assert queued[0] == "revocation"
    assert str(token.refresh_token) not in str(queued)
    assert browser.who() == "nobody"
    cloud.faults.clear()
    site.erase(ADA, "e-2").close()
    assert of(site, database, ADA) == []


def test_what_is_kept_here_goes_even_if_a_handler_fails(
    site: Notified, cloud: Sandbox, database: sqlite3.Connection
) -> None:
    """The site's own part is tried again by Roblox; ours does not wait for it."""
    broken = [True]

    @site.roblox.on_webhook(ERASURE)
    def forget(given: Notification) -> None:
        site.taken.append(given.id)
        if broken:
            raise ZeroDivisionError

    Browser(site.app, cloud).log_in(ADA)
    with site.erase(ADA) as answer:
        assert answer.status_code == 500
    assert of(site, database, ADA) == []
    broken.clear()
    assert site.erase(ADA).status_code == 204
    assert site.taken == ["e-1", "e-1"]


@pytest.mark.parametrize(
    "operation",
    [
        "update on rblx_oauth_grants",
        "delete on rblx_oauth_grants",
        "delete on rblx_oauth_records when old.kind = 'session'",
        "insert on rblx_oauth_records when new.kind = 'revocation'",
    ],
)
def test_a_store_that_fails_in_mid_erasure_is_tried_again(
    site: Notified, cloud: Sandbox, database: sqlite3.Connection, operation: str
) -> None:
    """500, so Roblox sends it again, and then nothing is left; and the token is revoked."""
    Browser(site.app, cloud).log_in(ADA)
    token = token_of(site, ADA)
    database.execute(
        f"create trigger broken before {operation} begin select abs(-9223372036854775807 - 1); end"
    )
    with site.erase(ADA) as answer:
        assert answer.status_code == 500
    database.execute("drop trigger broken")
    with site.erase(ADA) as answer:
        assert answer.status_code == 204
    assert of(site, database, ADA) == []
    assert site.app.extensions[NAME].here.oauth.introspect(token).active is False


def test_whoever_is_erased_while_they_log_in_is_not_logged_in(
    site: Notified, cloud: Sandbox, database: sqlite3.Connection
) -> None:
    """Between the grant and the session, where neither of the two would find the other."""
    site.roblox.on_login(lambda user, _path: site.erase(user.id).close())
    browser = Browser(site.app, cloud)
    answer = browser.log_in(ADA)
    assert (answer.status_code, browser.cookie()) == (400, None)
    assert of(site, database, ADA) == []
    assert browser.who() == "nobody"


def test_c48_the_log_of_an_erasure_does_not_say_whose(
    site: Notified, cloud: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """A pseudonym that the site can work out, and nobody else."""
    caplog.set_level("DEBUG")
    Browser(site.app, cloud).log_in(ADA)
    caplog.clear()
    site.erase(ADA)
    ours = [each for each in caplog.records if each.name.startswith(("flask_ext", "rblx_oauth"))]
    vault = site.app.extensions[NAME].here.store.vault
    [record] = [each for each in ours if each.__dict__["roblox_event"] == "user.erased"]
    assert record.__dict__["roblox_grant"] == vault.pseudonym(grant_of(site, ADA))
    with site.app.app_context():
        assert site.roblox.pseudonym(ADA) == record.__dict__["roblox_grant"]
    told = "".join(str(each.__dict__) + each.getMessage() for each in ours)
    for name in (ADA, grant_of(site, ADA), "ada_builds"):
        assert name not in told
