"""The recipe of docs/users.md runs as it stands there."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from flask_ext import user_erased
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.site import ADA, ZOE, Browser, settings
from tests.support.shown import write_shown


@pytest.fixture
def users(cloud: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The page's module, set up by the environment as the page has it."""
    write_shown("docs/users.md", tmp_path)
    for name, value in settings(cloud).items():
        monkeypatch.setenv(f"FLASK_{name}", str(value))
    monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", f"sqlite:///{tmp_path}/site.db")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "users", raising=False)
    yield importlib.import_module("users")
    sys.modules.pop("users", None)


@pytest.fixture
def browser(users: Any, cloud: Sandbox) -> Iterator[Browser]:
    """A browser at the page's site."""
    app = users.create_app()
    yield Browser(app, cloud)
    with app.app_context():
        users.db.engine.dispose()


def change(browser: Browser, users: Any, subject: str, **values: object) -> None:
    """Change a row by hand."""
    with browser.app.app_context():
        users.db.session.execute(
            users.db.update(users.Account).filter_by(subject=subject).values(**values)
        )
        users.db.session.commit()


def test_a_row_is_made_at_the_first_login_and_found_by_the_next(
    browser: Browser, users: Any
) -> None:
    """New people see the terms first; who has agreed goes where they wanted to."""
    assert browser.log_in(ADA, then="/?x=1").headers["Location"] == "/terms?next=/?x%3D1"
    assert browser.get("/").text == "ada_builds is account 1"
    change(browser, users, ADA, agreed=True, name="an old name")
    again = Browser(browser.app, browser.cloud)
    assert again.log_in(ADA, then="/?x=1").headers["Location"] == "/?x=1"
    assert again.get("/").text == "ada_builds is account 1"
    other = Browser(browser.app, browser.cloud)
    other.log_in(ZOE)
    assert other.get("/").text == "zoe_and_co is account 2"


def test_somebody_who_is_banned_is_refused(browser: Browser, users: Any) -> None:
    """At the next login."""
    browser.log_in(ADA)
    change(browser, users, ADA, banned=True)
    answer = Browser(browser.app, browser.cloud).log_in(ADA)
    assert answer.status_code == 403
    assert "has been banned" in answer.text


def test_c29_two_first_logins_at_once_make_one_row(
    browser: Browser, users: Any, cloud: Sandbox
) -> None:
    """Both have looked before either inserts; both are logged in, as the same account."""
    browsers = [browser, Browser(browser.app, cloud)]
    callbacks = [cloud.consent(each.begin(), user=ADA) for each in browsers]
    both_looked = threading.Barrier(2)

    @event.listens_for(users.Account, "before_insert")
    def wait(*_: object) -> None:
        both_looked.wait(timeout=60)

    with ThreadPoolExecutor(2) as pool:
        landed = list(pool.map(Browser.land, browsers, callbacks))
    assert [each.status_code for each in landed] == [302, 302]
    for each in browsers:
        assert each.get("/").text == "ada_builds is account 1"


def test_a_person_who_is_erased_is_forgotten(browser: Browser, users: Any) -> None:
    """The row goes with what the extension keeps."""
    browser.log_in(ADA)
    with browser.app.app_context():
        user_erased.send(browser.app, user_id=int(ADA), place_ids=())
        assert users.db.session.scalars(users.db.select(users.Account)).all() == []
