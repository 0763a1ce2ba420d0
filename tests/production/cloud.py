"""A sandbox in a process of its own, as a site meets Roblox: over HTTP alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.production.programs import Program

FIRST_USER, USERS = 5001, 24
"""The people of these tests; each has made one universe."""
REMEMBERED = 10_000
"""Requests that a sandbox keeps."""


def universe_of(user: int) -> tuple[int, str]:
    """Id and name of the universe that this person made."""
    return 6000 + user, f"Harbour of {user}"


class Cloud(Program):
    """A local Open Cloud with `USERS` people, that ends a grant whose refresh token comes twice.

    Attributes:
        info: Where it is and how to get in.
    """

    info: dict[str, Any]

    def __init__(self, folder: Path) -> None:
        seed = folder / "seed.json"
        seed.write_text(json.dumps(_seed()))
        command = [sys.executable, "-m", "rblx_oauth.sandbox", "--port", "0", "--json", "--auto"]
        super().__init__([*command, "--seed", str(seed)], log=folder / "sandbox.log")
        self._seen = 0
        self._refreshes: list[dict[str, Any]] = []

    def come_up(self) -> None:
        """Wait until it answers."""
        self.info = json.loads(self.wait_for(r"^\{.*\}$")[0])
        self.switch(rate_limits=False, reuse_revokes=True)

    def switch(self, **settings: object) -> None:
        """Change some of its switches."""
        self._ask("settings", settings)

    @contextmanager
    def living(self, seconds: int) -> Iterator[None]:
        """Tokens given out meanwhile live so long."""
        self.switch(token_seconds=seconds)
        try:
            yield
        finally:
            self.switch(token_seconds=899)

    @contextmanager
    def slow(self, seconds: float) -> Iterator[None]:
        """The token endpoint's answers take so long to come."""
        fault = {"name": "f04", "operation": "v1/token", "times": None, "seconds": seconds}
        number = self._ask("faults", fault)["id"]
        try:
            yield
        finally:
            requests.delete(f"{self._api}/faults/{number}", timeout=10).raise_for_status()

    def refreshes(self, status: int | None = None) -> int:
        """How many refreshes have come in so far, or were answered so.

        To be asked now and then: the sandbox forgets the oldest requests.
        """
        answer = requests.get(f"{self._api}/requests", params={"after": self._seen}, timeout=30)
        fresh = answer.json()
        assert len(fresh) < REMEMBERED, "asked too seldom: some are forgotten"
        self._seen += len(fresh)
        self._refreshes += [each for each in fresh if each["grant_type"] == "refresh_token"]
        return sum(status in (None, each["status"]) for each in self._refreshes)

    def consent(self, authorization_url: str, user: int) -> str:
        """Where this person is sent after allowing everything."""
        chosen = {"auto": "allow", "auto_user": str(user)}
        answer = requests.get(authorization_url, params=chosen, allow_redirects=False, timeout=30)
        return answer.headers["Location"]

    @property
    def _api(self) -> str:
        return f"{self.info['api_base']}/_sandbox/api"

    def _ask(self, what: str, body: Mapping[str, object]) -> Any:
        answer = requests.post(f"{self._api}/{what}", json=body, timeout=10)
        answer.raise_for_status()
        return answer.json()


def _seed() -> dict[str, object]:
    people = range(FIRST_USER, FIRST_USER + USERS)
    made = [(user, *universe_of(user)) for user in people]
    return {
        "users": [
            {"id": str(user), "name": f"user_{user}", "display_name": f"User {user}"}
            for user in people
        ],
        "universes": [
            {"id": str(number), "name": name, "user": str(user)} for user, number, name in made
        ],
    }
