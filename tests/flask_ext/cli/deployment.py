"""A site for the doctor to examine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from flask_ext import RobloxOAuth
from flask_ext.cli.checks.finding import Finding
from rblx_oauth import stores
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.cli.kit import KEY_A, SECRET_KEY, run
from tests.support.clock import ManualClock

REDIRECT = "https://backstage.gg/roblox/callback"
Change = Callable[[Flask], None]


@pytest.fixture(scope="module")
def cloud() -> Iterator[Sandbox]:
    """One provider for all."""
    with Sandbox() as cloud:
        yield cloud


class Deployment:
    """A site with nothing to find fault with, and what a test changes about it."""

    def __init__(self, cloud: Sandbox, folder: Path) -> None:
        self.clock = ManualClock()
        self.url = f"sqlite:///{folder}/store.db"
        self.file = folder / "store.db"
        self.settings: dict[str, object] = {
            "SECRET_KEY": SECRET_KEY,
            "SESSION_COOKIE_SECURE": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "TRUSTED_HOSTS": ["backstage.gg"],
            "PREFERRED_URL_SCHEME": "https",
            "ROBLOX_CLIENT_ID": cloud.client_id,
            "ROBLOX_CLIENT_SECRET": cloud.client_secret,
            "ROBLOX_API_KEY": cloud.api_key,
            "ROBLOX_ISSUER": cloud.issuer,
            "ROBLOX_API_BASE": cloud.api_base,
            "ROBLOX_REDIRECT_URI": REDIRECT,
            "ROBLOX_STORE_URL": self.url,
            "ROBLOX_TOKEN_KEYS": [KEY_A],
        }
        stores.open(self.url, keys=[KEY_A]).close()

    def app(self, finish: Change | None = None) -> Flask:
        """The site."""
        app = Flask(__name__)
        app.config.update(self.settings)
        RobloxOAuth(app, clock=self.clock)
        if finish is not None:
            finish(app)
        return app

    def findings(self, *arguments: str, finish: Change | None = None) -> list[Finding]:
        """What the doctor says that is not ``ok``."""
        answer = run(lambda: self.app(finish), "doctor", "--json", *arguments)
        document = json.loads(answer.stdout)
        found = [Finding(**each) for each in document["findings"]]
        assert document["errors"] == sum(each.level == "error" for each in found)
        assert answer.exit_code == (1 if document["errors"] else 0)
        return [each for each in found if each.level != "ok"]

    def only(self, *arguments: str, finish: Change | None = None) -> Finding:
        """The one thing that it finds fault with."""
        [found] = self.findings(*arguments, finish=finish)
        return found


@pytest.fixture
def deployment(cloud: Sandbox, tmp_path: Path) -> Deployment:
    """A clean one."""
    return Deployment(cloud, tmp_path)
