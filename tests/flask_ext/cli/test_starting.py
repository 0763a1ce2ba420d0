"""A site that cannot start says why in one sentence, and loses nothing."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from flask import Flask

from flask_ext import RobloxOAuth
from rblx_oauth.errors import ConfigurationError
from tests.flask_ext.cli.kit import command, environment

PASSWORD = "hunter2-hunter2"


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


WRONG = {
    "wrong store URL": ({"ROBLOX_STORE_URL": f"mongo://me:{PASSWORD}@x/y"}, "store URL"),
    "no such directory": ({"ROBLOX_STORE_URL": "sqlite:////no/such/place.db"}, "does not exist"),
    "unreachable store": (
        {"ROBLOX_STORE_URL": f"redis://:{PASSWORD}@127.0.0.1:{closed_port()}/0"},
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
