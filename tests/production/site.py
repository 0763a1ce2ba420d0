"""The example site under gunicorn, on one machine or several, and the people who use it."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

import pytest
import requests

from rblx_oauth import stores
from rblx_oauth.core.rows import GrantRow
from rblx_oauth.oauth.grant_rows import grant_id_for, live_row, open_row
from tests.production.cloud import Cloud, universe_of
from tests.production.programs import Program, wait

T = TypeVar("T")

on_servers = pytest.mark.parametrize("database", ["redis", "postgresql"], indirect=True)
"""Marks a test of what only a store on a server can do, or suffer."""

HOST = "localhost:5000"
"""What browsers know the site by. Nobody listens there: a load balancer would."""
TOKEN_KEY = "3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="
SECRET_KEY = "the-same-on-every-machine"
WORKERS = 4

MOST_TRIES = 50
BROKEN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
"""How a request ends whose worker is killed, before the answer or in the middle of it."""


class Machine(Program):
    """One gunicorn with `WORKERS` workers, in an instance folder of its own.

    Args:
        folder: Where it keeps its own things.
        environment: What the site is told.
        options: More of gunicorn's options.

    Attributes:
        address: Where it listens.
        busy: How many requests it has under way.
    """

    address: str
    busy = 0

    def __init__(
        self, folder: Path, environment: Mapping[str, str], *options: str, workers: int = WORKERS
    ) -> None:
        folder.mkdir(exist_ok=True)
        self._workers = workers
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "--config",
            "tests/production/gunicorn_conf.py",
        ]
        command += ["--bind", "127.0.0.1:0", "--workers", str(workers), "--no-control-socket"]
        app = f"tests.production.wsgi:create_app(instance_path={str(folder)!r})"
        super().__init__(
            [*command, *options, app], log=folder / "gunicorn.log", environment=environment
        )

    def start(self) -> None:
        """Return when every worker can serve."""
        super().start()
        self.address = self.wait_for(r"Listening at: (http://\S+)")[1]
        self.wait_for("Worker ready", times=self._workers)

    @property
    def workers(self) -> list[int]:
        """The pids of those that live."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(each) for each in children.split()]

    def reload(self) -> None:
        """A deploy: new workers take over from the old ones, which finish what they do."""
        ready, old = self.log.count("Worker ready"), self.workers
        os.kill(self.pid, signal.SIGHUP)
        self.wait_for("Worker ready", times=ready + self._workers)
        for pid in old:
            self.wait_for(rf"Worker exiting \(pid: {pid}\)")


class Site:
    """Machines that share a store and their keys.

    Args:
        cloud: Its Roblox.
        store_url: The shared store.
        folder: For the machines' folders.
    """

    def __init__(self, cloud: Cloud, store_url: str, folder: Path) -> None:
        self.cloud = cloud
        self.store_url = store_url
        self.machines: list[Machine] = []
        self._folder = folder
        self._turns = itertools.count()
        self._lock = threading.Lock()
        self.environment = {
            "SECRET_KEY": SECRET_KEY,
            "ROBLOX_CLIENT_ID": cloud.info["client_id"],
            "ROBLOX_CLIENT_SECRET": cloud.info["client_secret"],
            "ROBLOX_REDIRECT_URI": f"http://{HOST}/roblox/callback",
            "ROBLOX_ISSUER": cloud.info["issuer"],
            "ROBLOX_API_BASE": cloud.info["api_base"],
            "ROBLOX_STORE_URL": store_url,
            "ROBLOX_TOKEN_KEYS": TOKEN_KEY,
        }

    def add(self, *options: str, workers: int = WORKERS, **environment: str) -> Machine:
        """One more machine, serving."""
        folder = self._folder / f"machine-{len(self.machines)}"
        machine = Machine(folder, self.environment | environment, *options, workers=workers)
        self.machines.append(machine)
        machine.start()
        return machine

    def restart(self, machine: Machine, **environment: str) -> None:
        """Take it out of service, and put it back with other settings."""
        with self._lock:
            self.machines.remove(machine)
        wait(lambda: not machine.busy, lambda: f"{machine.busy} requests are left")
        machine.stop()
        machine.environment |= environment
        machine.start()
        self.machines.append(machine)

    @contextmanager
    def joined_by(self, *options: str, workers: int, **environment: str) -> Iterator[Machine]:
        """One more machine while the block runs."""
        machine = self.add(*options, workers=workers, **environment)
        yield machine
        self.machines.remove(machine)
        machine.stop(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        for machine in self.machines:
            machine.stop(signal.SIGKILL)

    @contextmanager
    def turn(self) -> Iterator[str]:
        """The address of each machine in turn, as a load balancer hands out requests."""
        with self._lock:
            machine = self.machines[next(self._turns) % len(self.machines)]
            machine.busy += 1
        try:
            yield machine.address
        finally:
            with self._lock:
                machine.busy -= 1

    @contextmanager
    def store(self) -> Iterator[stores.Store]:
        """The site's store, opened beside it."""
        with stores.open(self.store_url, keys=[TOKEN_KEY]) as store:
            yield store

    def grant_id(self, user: int) -> str:
        """The name of this person's grant."""
        return grant_id_for(self.cloud.info["issuer"], self.cloud.info["client_id"], str(user))

    def grant(self, store: stores.Store, user: int) -> GrantRow:
        """This person's grant as it is stored."""
        row = store.get_grant(self.grant_id(user))
        assert row is not None
        return row

    def expire(self, *users: int) -> None:
        """Let these people's access tokens have ended just now."""
        with self.store() as store:
            for user in users:
                row = self.grant(store, user)
                token = open_row(store.vault, row).token
                past = timedelta(seconds=token.lifetime + 1)
                ended = replace(
                    token, issued_at=token.issued_at - past, expires_at=token.expires_at - past
                )
                later = live_row(
                    store.vault, ended, generation=row.generation + 1, now=row.updated_at
                )
                assert store.swap_grant(later, expected=row.generation)


class Browser:
    """A person's browser.

    Attributes:
        cookies: The site's, by name.
        broken: How many requests met a connection that broke, and were made again.
    """

    def __init__(self, site: Site, user: int) -> None:
        self.site = site
        self.user = user
        self.cookies: dict[str, str] = {}
        self.broken = 0

    def get(self, path: str) -> requests.Response:
        """A page, from whichever machine it is that has its turn."""
        errors: list[Exception] = []
        while len(errors) < MOST_TRIES:
            try:
                return self.get_once(path)
            except BROKEN as error:  # its worker was killed: a browser tries again
                self.broken += 1
                errors.append(error)
        raise AssertionError(f"{path} could not be had: {errors}")

    def get_once(self, path: str) -> requests.Response:
        """The same, where no connection may break."""
        with self.site.turn() as address:
            answer = requests.get(
                address + path,
                headers={"Host": HOST, "Accept": "text/html", "Connection": "close"},
                cookies=self.cookies,
                allow_redirects=False,
                timeout=30,  # gunicorn itself gives no worker more
            )
        self.cookies.update(answer.cookies)
        return answer

    def is_page(self, answer: requests.Response) -> bool:
        """Whether it is the page that was asked for, with what Roblox said in it."""
        return answer.status_code == 200 and universe_of(self.user)[1] in answer.text

    def look(self) -> str:
        """Ask for that page, once; "page" if it came, else the status, or what went wrong."""
        try:
            answer = self.get_once(self.probe_path)
        except requests.RequestException as error:
            return type(error).__name__
        return "page" if self.is_page(answer) else str(answer.status_code)

    def probe(self) -> requests.Response:
        """The page that needs one call to Roblox on this person's behalf."""
        return self.get(self.probe_path)

    @property
    def probe_path(self) -> str:
        """Where that page is."""
        return f"/probe/{universe_of(self.user)[0]}"

    def log_in(self) -> None:
        """From the login to the page after it. Begun anew when a worker dies under it."""
        for _ in range(5):
            away = self.get("/roblox/login").headers.get("Location", "")
            if away == "/":  # logged in already
                return
            if away.startswith(self.site.cloud.info["issuer"]):
                back = urlsplit(self.site.cloud.consent(away, self.user))
                if self.get(f"{back.path}?{back.query}").status_code == 302:
                    return
        raise AssertionError("nobody can log in")


def logged_in(site: Site, *users: int) -> list[Browser]:
    """A browser for each, in which they have logged in."""
    browsers = [Browser(site, user) for user in users]
    for browser in browsers:
        browser.log_in()
    return browsers


def at_once(works: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at the same moment, each on a thread of its own; the results in order."""
    start = threading.Barrier(len(works))

    def begin(work: Callable[[], T]) -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(begin, works))
