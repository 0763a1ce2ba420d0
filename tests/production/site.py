"""The example site on one machine or several, which share a store and their keys."""

from __future__ import annotations

import itertools
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Self

import pytest

from rblx_oauth import stores
from rblx_oauth.core.rows import GrantRow
from rblx_oauth.oauth.grant_rows import grant_id_for, live_row, open_row
from tests.production.cloud import Cloud
from tests.production.machine import WORKERS, Machine
from tests.production.programs import wait

on_servers = pytest.mark.parametrize("database", ["redis", "postgresql"], indirect=True)
"""Marks a test of what only a store on a server can do, or suffer."""

HOST = "localhost:5000"
"""What browsers know the site by. Nobody listens there: a load balancer would."""
TOKEN_KEY = "3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs="
SECRET_KEY = "the-same-on-every-machine"


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
        machine.start()
        self.machines.append(machine)
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
        try:
            yield machine
        finally:
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
