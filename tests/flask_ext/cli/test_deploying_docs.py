"""The commands of docs/deploying.md, run as they stand there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from rblx_oauth import Vault
from rblx_oauth.sandbox import Sandbox
from tests.flask_ext.cli.kit import ROOT, SECRET_KEY, check_installed
from tests.support.programs import PATIENCE, free_port

BLOCK = re.compile(r" *<!-- (file|run): (\S+) -->\n *```\w+\n(.*?) *```", re.DOTALL)
TEXT = (ROOT / "docs/deploying.md").read_text()
FILES = {name: code for kind, name, code in BLOCK.findall(TEXT) if kind == "file"}
COMMANDS = {name: code.split("\n") for kind, name, code in BLOCK.findall(TEXT) if kind == "run"}


class Machine:
    """A machine on which the page's site is set up."""

    def __init__(self, folder: Path, cloud: Sandbox) -> None:
        self.folder = folder
        (folder / "mysite.py").write_text(FILES["mysite.py"])
        values = {
            "FLASK_SECRET_KEY": SECRET_KEY,
            "ROBLOX_CLIENT_ID": cloud.client_id,
            "ROBLOX_CLIENT_SECRET": cloud.client_secret,
            "ROBLOX_STORE_URL": f"sqlite:///{folder}/store.db",
            "ROBLOX_TOKEN_KEYS": Vault.generate_key(),
        }
        written = FILES["mysite.env"]
        for name, value in values.items():
            written, count = re.subn(f"(?m)^export {name}=\\S+", f"export {name}={value}", written)
            assert count == 1, name
        written += f"export ROBLOX_ISSUER={cloud.issuer} ROBLOX_API_BASE={cloud.api_base}\n"
        (folder / "mysite.env").write_text(written)

    def arguments(self, line: str) -> list[str]:
        """What starts a line of the page, with its programs and places those of this machine."""
        line = line.replace("/etc/", f"{self.folder}/").replace("/srv/mysite", str(self.folder))
        line = re.sub(r"\b(flask|gunicorn) ", rf"exec {shlex.quote(sys.executable)} -m \1 ", line)
        return ["sh", "-c", f". {self.folder}/mysite.env; {line}"]

    @property
    def environment(self) -> dict[str, str]:
        """The programs' environment before the file is read."""
        path = os.pathsep.join([str(self.folder), str(ROOT), os.environ.get("PYTHONPATH", "")])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROBLOX_")}
        return kept | {"PYTHONPATH": path, "HOME": str(self.folder)}

    def run(self, line: str) -> str:
        """What a line prints; it must end well."""
        done = subprocess.run(
            self.arguments(line),
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout


@pytest.fixture(scope="module")
def cloud() -> Iterator[Sandbox]:
    """What stands for Roblox."""
    with Sandbox() as cloud:
        yield cloud


@pytest.fixture
def machine(tmp_path: Path, cloud: Sandbox) -> Machine:
    """One with the page's files."""
    check_installed()
    return Machine(tmp_path, cloud)


def test_every_command_of_the_page_is_run_here() -> None:
    """A command that is added must be tested too."""
    said = re.findall(r"^ *(?:flask roblox|gunicorn) .*", TEXT, re.MULTILINE)
    run = [line.strip() for name in ("start", "rotate", "upgrade", "ci") for line in COMMANDS[name]]
    assert [line.strip() for line in said] == [line for line in run if line]


def test_init_doctor_and_gunicorn(machine: Machine, cloud: Sandbox) -> None:
    """The tables are made, the doctor is content, and people are sent to log in."""
    init, doctor, serve = [line for line in COMMANDS["start"] if line]
    assert "tables were made" in machine.run(init)
    assert "0 errors, 0 warnings" in machine.run(doctor)
    address = f"127.0.0.1:{free_port()}"
    arguments = machine.arguments(serve.replace("127.0.0.1:8000", address))
    server = subprocess.Popen(
        arguments, env=machine.environment, cwd=machine.folder, stderr=subprocess.DEVNULL
    )
    try:
        headers = {"Host": "your.site", "X-Forwarded-Proto": "https", "Sec-Fetch-Mode": "navigate"}
        answer = _patiently(f"http://{address}/roblox/login", headers)
    finally:
        server.terminate()
        server.wait(PATIENCE)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(cloud.issuer)


def test_cron_rotation_upgrade_and_ci(machine: Machine) -> None:
    """Each of the page's other lines does its work on the site that was set up."""
    machine.run(COMMANDS["start"][0])
    schedule, _, sweep = COMMANDS["cron"][0].partition(". ")
    assert len(schedule.split()) == 5
    assert "Deleted 0 expired records" in machine.run(f". {sweep}")
    assert "opens everything" in machine.run(COMMANDS["rotate"][0].strip())
    assert "already" in machine.run(COMMANDS["upgrade"][0].strip())
    assert "0 errors, 0 warnings" in machine.run(COMMANDS["ci"][0])


def _patiently(url: str, headers: dict[str, str]) -> requests.Response:
    """The answer, once the server is up."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            return requests.get(url, headers=headers, allow_redirects=False, timeout=PATIENCE)
        time.sleep(0.05)
    pytest.fail("gunicorn did not come up")
