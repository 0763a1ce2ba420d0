"""A site that cannot start says why in one sentence, and loses nothing."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from flask_ext import RobloxOAuth
from rblx_oauth import stores
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import ConfigurationError, StoreUnavailable
from tests.flask_ext.cli.kit import KEY_A, ROOT, SECRET_KEY, command, environment, older, run
from tests.support.programs import free_port

PASSWORD = "hunter2-hunter2"


WRONG = {
    "wrong store URL": ({"ROBLOX_STORE_URL": f"mongo://me:{PASSWORD}@x/y"}, "store URL"),
    "no such directory": ({"ROBLOX_STORE_URL": "sqlite:////no/such/place.db"}, "does not exist"),
    "unreachable store": (
        {"ROBLOX_STORE_URL": f"redis://:{PASSWORD}@127.0.0.1:{free_port()}/0"},
        "did not answer",
    ),
    "key of the wrong length": ({"ROBLOX_TOKEN_KEYS": PASSWORD}, "must be 32 bytes"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.parametrize(
    "arguments",
    [
        ("flask", "run", "--port", "0"),
        ("flask", "roblox", "init-store"),
        ("flask", "roblox", "sweep"),
    ],
    ids=lambda each: each[-1],
)
def test_a_wrong_setting_is_one_sentence_and_status_1(
    name: str, arguments: tuple[str, ...], tmp_path: Path
) -> None:
    """No traceback, no password, from the server and from the commands alike."""
    changes, sentence = WRONG[name]
    answer = command(environment(tmp_path, **changes), *arguments)
    assert answer.returncode == 1
    [line] = [line for line in answer.stderr.splitlines() if line]
    assert line.startswith("Error: ")
    assert sentence in line
    assert PASSWORD not in answer.stderr + answer.stdout


@pytest.mark.parametrize("preload", [False, True])
def test_gunicorn_ends_with_one_sentence(preload: bool, tmp_path: Path) -> None:
    """A worker that cannot load the app is not started over and over, and prints no traceback."""
    env = environment(tmp_path, ROBLOX_TOKEN_KEYS=PASSWORD, HOME=str(tmp_path))
    options = ["--bind", "127.0.0.1:0", "--log-level", "critical"]
    options += ["--preload"] if preload else []
    answer = command(env, "gunicorn", *options, "tests.flask_ext.cli.deployed:create_app()")
    assert answer.returncode != 0
    [line] = [line for line in answer.stderr.splitlines() if line]
    assert line.removeprefix("Error: ").startswith("RobloxOAuth cannot start: ROBLOX_TOKEN_KEYS")


def test_several_wrong_settings_are_all_listed() -> None:
    """So that they need not be found one by one."""
    with pytest.raises(
        ConfigurationError, match=r"(?s)3 settings.*SECRET_KEY.*CLIENT_ID.*REDIRECT_URI"
    ):
        RobloxOAuth(Flask(__name__, root_path="."))


def test_a_new_version_starts_after_init_store(tmp_path: Path) -> None:
    """Until then a worker refuses and names the command; the command says what it did."""
    env, file = environment(tmp_path), tmp_path / "store.db"
    assert "tables were made" in command(env, "flask", "roblox", "init-store").stdout
    with stores.open(env["ROBLOX_STORE_URL"], keys=[KEY_A]) as store:
        store.add_record(Record("thing", "1", "", b"kept", 0.0, 0.0, 1e12))
    older(file)
    refused = command(env, "flask", "roblox", "sweep")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "flask roblox init-store" in refused.stderr
    done = command(env, "flask", "roblox", "init-store")
    assert done.returncode == 0, done.stderr
    assert "from version 1 to " in done.stdout
    assert "already" in command(env, "flask", "roblox", "init-store").stdout
    assert command(env, "flask", "roblox", "sweep").returncode == 0
    with stores.open(env["ROBLOX_STORE_URL"], keys=[KEY_A]) as store:
        assert store.get_record("thing", "1", now=1.0) is not None


def test_tables_of_a_newer_version_are_left_alone(tmp_path: Path) -> None:
    """The site and the command both say to upgrade, and nothing is changed."""
    env, file = environment(tmp_path), tmp_path / "store.db"
    stores.init(env["ROBLOX_STORE_URL"])
    with closing(sqlite3.connect(file)) as tables:
        tables.executescript("UPDATE rblx_oauth_schema SET version = 99;")
    before = file.read_bytes()
    for arguments in (("run", "--port", "0"), ("roblox", "init-store")):
        answer = command(env, "flask", *arguments)
        assert answer.returncode == 1
        [line] = answer.stderr.splitlines()
        assert "version 99, made by a newer rblx_oauth" in line
    assert file.read_bytes() == before


def test_init_store_has_nothing_to_do_in_memory(tmp_path: Path) -> None:
    """Stores without tables can be reached, or not; that is all."""
    app = Flask(__name__, root_path=str(tmp_path))
    app.config.update(
        SECRET_KEY=SECRET_KEY,
        ROBLOX_CLIENT_ID="840",
        ROBLOX_REDIRECT_URI="https://backstage.gg/roblox/callback",
        ROBLOX_STORE_URL="memory://",
    )
    RobloxOAuth(app)
    assert "no tables" in run(app, "init-store").output


def test_a_site_that_starts_imports_no_command(tmp_path: Path) -> None:
    """Workers do not pay for what operators run."""
    code = (
        "import sys; from tests.flask_ext.cli.deployed import create_app; create_app(); "
        "print([name for name in sys.modules if name.startswith('flask_ext.cli.')])"
    )
    env = environment(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("kind", [ConfigurationError, StoreUnavailable])
def test_what_stops_a_site_can_be_caught_as_ever(kind: type[Exception], tmp_path: Path) -> None:
    """It is the error of the library, whatever else it is."""
    url = {ConfigurationError: "mongo://", StoreUnavailable: f"redis://127.0.0.1:{free_port()}"}
    app = Flask(__name__, root_path=str(tmp_path))
    app.config.update(
        SECRET_KEY=SECRET_KEY,
        ROBLOX_CLIENT_ID="840",
        ROBLOX_REDIRECT_URI="https://backstage.gg/roblox/callback",
        ROBLOX_STORE_URL=url[kind],
    )
    with pytest.raises(kind, match=r"^RobloxOAuth cannot start: "):
        RobloxOAuth(app)
