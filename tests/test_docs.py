"""The code of docs/core.md and docs/client.md runs as it stands there."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_ext import RobloxOAuth
from flask_ext.testing import sandbox_config
from rblx_oauth import Vault
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.webhooks import sign
from tests.sandbox.uploads import PICTURE
from tests.support.shown import ROOT

WORLD: dict[str, Any] = {
    "users": [{"id": 1, "name": "one"}],
    "groups": [{"id": 7, "name": "seven", "owner": 1}],
    "universes": [{"id": 13058, "name": "The pages' own", "user": 1, "root_place": 44}],
    "api_keys": [{"secret": "the-pages-key", "owner": 1}],
    "data_stores": {13058: {"coins": {"global": {"player/287113233": 5, "player/1": 1}}}},
    "settings": {"operation_seconds": 0},
}
"""What the pages take for granted."""


def blocks(page: str, *, without: str = "") -> list[str]:
    """The Python of a page, block by block, but for one section."""
    text = (ROOT / "docs" / page).read_text()
    if without:
        before, _, rest = text.partition(f"\n## {without}\n")
        text = before + rest.partition("\n## ")[2]
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def at_the_sandbox(code: str, cloud: Sandbox) -> str:
    """The same, sent to the sandbox instead of Roblox."""
    base = f"api_base={cloud.api_base!r}"
    app = f"{cloud.client_id!r}, {cloud.client_secret!r}, issuer={cloud.issuer!r}, {base}"
    return (
        code.replace('"8409...", "RBX-..."', app)
        .replace("https://my.site/callback", "http://localhost/callback")
        .replace('api_key="..."', f'api_key="the-pages-key", {base}')
    )


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A sandbox with what the pages name, and their picture in the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("hat.png").write_bytes(PICTURE)
    with Sandbox() as running:
        running.clock.set(time.time() - 7 * 86400)
        running.load(WORLD)  # a week ago
        running.clock.reset()
        yield running


def test_the_core(cloud: Sandbox) -> None:
    """From the authorization request to the errors; `test_events` has the section on logging."""
    names: dict[str, Any] = {"key": Vault.generate_key()}
    for code in blocks("core.md", without="Logging and tracing"):
        if "callback_url" in code:
            names["callback_url"] = cloud.consent(names["request"].url, user=1)
        exec(at_the_sandbox(code, cloud), names)  # noqa: S102 (our own page)
    assert names["asset"].display_name == "Hat"
    assert names["keyed"].token().subject == "1"


def test_the_client(cloud: Sandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """What it shows of each kind of thing; the worker's loop, which has no end, is given one."""
    done: list[object] = []
    forgotten: list[int] = []
    body = json.dumps(
        {
            "NotificationId": "1",
            "EventType": "RightToErasureRequest",
            "EventTime": "2026-01-01T00:00:00Z",
            "EventPayload": {"UserId": 1, "GameIds": []},
        }
    ).encode()
    names: dict[str, Any] = {
        "done": done,
        "work": done.append,
        "forget": forgotten.append,
        "body": body,
        "headers": {"roblox-signature": sign(body, "the secret given to Roblox", at=time.time())},
    }
    for code in blocks("client.md"):
        ended = code.replace("count=20)", "count=20, stop=lambda: bool(done))")
        exec(at_the_sandbox(ended, cloud), names)  # noqa: S102 (our own page)
    assert done == [{"kind": "refund", "user": 1}]
    assert forgotten == [1]
    assert "Owner 255" in capsys.readouterr().out


def test_views_that_others_csrf_guards_leave_out_are_called_so(cloud: Sandbox) -> None:
    """The dotted names that docs/flask.md gives to Flask-WTF are those of the two views."""
    app = Flask(__name__)
    app.config.update(sandbox_config(cloud), SECRET_KEY="k" * 32, ROBLOX_WEBHOOK_SECRET="s" * 32)
    RobloxOAuth(app)
    exempt = re.findall(r'csrf\.exempt\("([\w.]+)"\)', (ROOT / "docs" / "flask.md").read_text())
    views = [view for name, view in app.view_functions.items() if name != "static"]
    assert len(exempt) == 2
    assert set(exempt) <= {f"{view.__module__}.{view.__name__}" for view in views}
