"""Commands of a site: run in this process, or as an operator runs them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from importlib.metadata import entry_points
from pathlib import Path

from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from flask_ext.cli import roblox
from rblx_oauth import Vault
from tests.support.programs import absent

ROOT = Path(__file__).parents[3]
APP = "tests.flask_ext.cli.deployed"
SECRET_KEY = "5d0f3b8a91c24e67af10b2d3c4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f607"
KEY_A, KEY_B, KEY_C = (Vault.generate_key() for _ in range(3))


def run(app: Flask | Callable[[], Flask], *arguments: str) -> Result:
    """``flask roblox ...`` for an app, or for a factory that may fail."""
    make = (lambda: app) if isinstance(app, Flask) else app
    info = ScriptInfo(create_app=make, set_debug_flag=False)
    return CliRunner().invoke(roblox, list(arguments), obj=info)


def environment(folder: Path, **settings: str) -> dict[str, str]:
    """The environment of a site that keeps its things in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROBLOX_")}
    return (
        kept
        | {
            "PYTHONPATH": os.pathsep.join(
                [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
            ),
            "FLASK_APP": APP,
            "FLASK_SECRET_KEY": SECRET_KEY,
            "ROBLOX_CLIENT_ID": "840974200211308101",
            "ROBLOX_REDIRECT_URI": "https://backstage.gg/roblox/callback",
            "ROBLOX_STORE_URL": f"sqlite:///{folder}/store.db",
        }
        | settings
    )


def command(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, as whoever runs the site starts it."""
    check_installed()
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def older(file: Path) -> None:
    """Bring a store's tables back to what version 1 had."""
    with closing(sqlite3.connect(file)) as tables:
        tables.executescript(
            "DROP INDEX rblx_oauth_grants_by_status; UPDATE rblx_oauth_schema SET version = 1;"
        )


def check_installed() -> None:
    """Flask finds ``flask roblox`` by the package's metadata, which must be that of this tree."""
    if not entry_points(group="flask.commands", name="roblox"):
        absent("rblx-oauth was installed before it had flask roblox: pip install -e .")
