"""A page behind a login: ours beside the same page with Flask-Login and a SQLAlchemy user loader.

Both apps are called as a WSGI server calls them, with the cookie of somebody
logged in, and keep what they know in SQLite files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from flask.testing import FlaskClient
from flask_login import (
    LoginManager,
    UserMixin,
    current_user as their_user,
    login_required as their_login_required,
    login_user,
)
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.test import create_environ

from flask_ext import RobloxOAuth, current_user, login_required
from flask_ext.testing import log_in, sandbox_config
from rblx_oauth.sandbox import Sandbox
from tests.benchmarks.rounds import Effort, alternate, timed
from tests.benchmarks.table import Line, ratio

AIM = 1.2
SECRET_KEY = "for measuring"
NAME = "ada_builds"

Page = Callable[[], str]
"""Asks for the page, and gives what it shows."""


def site_pages(effort: Effort) -> Iterator[Line]:
    """The time of a request."""
    with (
        tempfile.TemporaryDirectory() as folder,
        our_page(f"sqlite:///{folder}/ours.db") as ours,
        their_page(f"sqlite:///{folder}/theirs.db") as theirs,
    ):
        took = alternate(
            effort.reads,
            {
                name: timed(_repeated(page, effort.calls), expect=NAME, share=1e6 / effort.calls)
                for name, page in (("ours", ours), ("theirs", theirs))
            },
        )
    yield ratio("login_required page / Flask-Login", took["ours"], took["theirs"], AIM, "µs")


@contextmanager
def our_page(store_url: str) -> Iterator[Page]:
    """A page of a site on that store, asked for by somebody logged in."""
    app = Flask("ours")
    with Sandbox() as cloud:
        app.config.update(sandbox_config(cloud), SECRET_KEY=SECRET_KEY)
        app.config["ROBLOX_STORE_URL"] = store_url
        RobloxOAuth(app)

        @app.get("/page")
        @login_required
        def page() -> str:
            return current_user.name

        client = app.test_client()
        log_in(client, cloud, user=1000001)
        yield _visitor(app, client, cookie="roblox_session")


@contextmanager
def their_page(database_url: str) -> Iterator[Page]:
    """The same, with Flask-Login and a user table in that database."""
    app = Flask("theirs")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=database_url)
    database = SQLAlchemy(app)
    manager = LoginManager(app)

    class Person(UserMixin, database.Model):  # type: ignore[misc, name-defined]
        """A user of the site, as Flask-Login's documentation has one."""

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str] = mapped_column(String(50))

    @manager.user_loader
    def load(user_id: str) -> Person | None:
        return database.session.get(Person, int(user_id))

    @app.get("/page")
    @their_login_required
    def page() -> str:
        return str(their_user.name)

    @app.post("/login")
    def login() -> str:
        login_user(database.session.get(Person, 1000001))
        return ""

    with app.app_context():
        database.create_all()
        database.session.add(Person(id=1000001, name=NAME))
        database.session.commit()
    client = app.test_client()
    client.post("/login")
    yield _visitor(app, client, cookie="session")


def _visitor(app: Flask, client: FlaskClient, *, cookie: str) -> Page:
    """Asks as a server does, with the cookie that the client was given."""
    found = client.get_cookie(cookie)
    assert found is not None
    environ = create_environ("/page", headers={"Cookie": f"{cookie}={found.value}"})
    return lambda: b"".join(app(dict(environ), _start)).decode()


def _start(status: str, *_: object) -> Callable[[bytes], object]:
    assert status == "200 OK", status
    return lambda _: None


def _repeated(page: Page, calls: int) -> Page:
    def work() -> str:
        for _ in range(calls - 1):
            page()
        return page()

    return work
