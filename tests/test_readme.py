"""The README's code runs as it stands there."""

from __future__ import annotations

import html
import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rblx_oauth.sandbox import Sandbox
from tests.support.shown import ROOT, write_shown


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A directory with every file that the README shows."""
    return write_shown("README.md", tmp_path)


@pytest.mark.parametrize(("name", "printed"), [("core.py", " 15\n"), ("core_async.py", "player/")])
def test_the_core_alone(files: Path, name: str, printed: str) -> None:
    """Each of the two colours runs as a program and prints what it read."""
    done = subprocess.run(
        [sys.executable, name],
        cwd=files,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert printed in done.stdout


def test_a_flask_site_and_its_job(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person logs in, grants a scope when it is needed, announces; later a job acts for them."""
    with Sandbox() as cloud:
        settings = {
            "FLASK_SECRET_KEY": "a secret key of the test",
            "FLASK_ROBLOX_STORE_URL": f"sqlite:///{files}/store.db",
            "ROBLOX_CLIENT_ID": cloud.client_id,
            "ROBLOX_CLIENT_SECRET": cloud.client_secret,
            "ROBLOX_REDIRECT_URI": "http://localhost/roblox/callback",
            "ROBLOX_ISSUER": cloud.issuer,
            "ROBLOX_API_BASE": cloud.api_base,
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.syspath_prepend(str(files))
        for name in ("web", "job"):
            monkeypatch.delitem(sys.modules, name, raising=False)
        web, job = importlib.import_module("web"), importlib.import_module("job")
        browser = web.app.test_client()
        user, universe = cloud.users[0], cloud.universes[0]

        def through_roblox(location: str) -> None:
            begin = browser.get(location)
            landed = browser.get(cloud.consent(begin.location, user=user["id"]))
            assert landed.status_code in (302, 303), landed.text

        through_roblox(browser.get("/").location)
        assert user["name"] in browser.get("/").text

        asked = browser.post(f"/announce/{universe['id']}", data={"text": "hello"})
        assert "universe-messaging-service:publish" in asked.text
        link = re.search(r'href="(/roblox/login[^"]+)"', asked.text)
        assert link is not None
        through_roblox(html.unescape(link[1]))
        assert browser.post(f"/announce/{universe['id']}", data={"text": "hello"}).text == "Sent."
        job.remind(user["id"], universe["id"])
        assert [message.message for message in cloud.messages] == [
            "hello",
            "The event begins in an hour",
        ]
