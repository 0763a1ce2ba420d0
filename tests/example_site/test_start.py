"""``python -m example_site``: the real process, as a person starts it."""

from __future__ import annotations

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from rblx_oauth.sandbox import Sandbox
from tests.example_site.site import ADA

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts the site with these arguments and additions to a clean environment."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **environment: str) -> subprocess.Popen[str]:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("ROBLOX_")}
        process = subprocess.Popen(
            [sys.executable, "-m", "example_site", "--instance", str(tmp_path), *arguments],
            env=clean | {"PYTHONUNBUFFERED": "1"} | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def addresses(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it prints when it is ready: the site's address, and the sandbox's."""
    assert process.stdout
    site, sandbox, how_to_stop = (process.stdout.readline() for _ in range(3))
    assert how_to_stop.startswith("Ctrl+C stops"), process.stderr and process.stderr.read()
    return site.split()[1].rstrip("/"), sandbox.split(maxsplit=1)[1].strip()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_two_addresses_and_stops_cleanly(start: Start, signal_number: int) -> None:
    """Both answer until the signal; then the process ends by itself, quietly."""
    process = start("--port", "0", "--sandbox-port", "0")
    site, sandbox = addresses(process)
    assert requests.get(site, timeout=5).status_code == 200
    assert requests.get(sandbox, timeout=5).status_code == 200
    process.send_signal(signal_number)
    assert process.wait(10) == 0
    assert process.stderr
    assert "Traceback" not in process.stderr.read()
    with pytest.raises(requests.ConnectionError):
        requests.get(site, timeout=5)


def test_it_finds_free_ports_where_its_own_are_taken(start: Start) -> None:
    """Somebody else's program on either port does not keep it from starting."""
    with (
        socket.create_server(("127.0.0.1", 0)) as first,
        socket.create_server(("127.0.0.1", 0)) as second,
    ):
        taken = [str(each.getsockname()[1]) for each in (first, second)]
        process = start("--port", taken[0], "--sandbox-port", taken[1])
        site, sandbox = addresses(process)
        assert requests.get(site, timeout=5).status_code == 200
        assert not {site.rpartition(":")[2], re.findall(r":(\d+)/", sandbox)[0]} & set(taken)


def test_it_listens_on_this_machine_only(start: Start) -> None:
    """Nothing listens on an address that others could reach."""
    process = start("--port", "0", "--sandbox-port", "0")
    site, _ = addresses(process)
    port = int(site.rpartition(":")[2])
    listening = Path(f"/proc/{process.pid}/net/tcp").read_text().splitlines()[1:]
    hosts = {line.split()[1].split(":")[0] for line in listening if f":{port:04X} " in line}
    assert hosts == {"0100007F"}


def test_a_restart_ends_old_sessions_cleanly(start: Start) -> None:
    """The instance folder stays, the sandbox begins anew: the next visit is a login page."""
    first = start("--port", "0", "--sandbox-port", "0")
    site, sandbox = addresses(first)
    browser = requests.Session()
    away = browser.get(f"{site}/roblox/login", allow_redirects=False, timeout=5)
    back = Sandbox().consent(away.headers["Location"], user=ADA)
    browser.get(back, timeout=5)
    assert "Hello, Ada" in browser.get(f"{site}/dashboard", timeout=5).text
    first.send_signal(signal.SIGTERM)
    assert first.wait(10) == 0
    ports = [re.findall(r":(\d+)", each)[0] for each in (site, sandbox)]
    second = start("--port", ports[0], "--sandbox-port", ports[1])
    assert addresses(second) == (site, sandbox)
    response = browser.get(f"{site}/dashboard", timeout=5)
    assert response.status_code == 401
    assert "Please log in again" in response.text


def test_whoever_asks_roblox_to_be_forgotten_is(start: Start, tmp_path: Path) -> None:
    """The sandbox tells the site of it, which then knows neither the session nor the person."""
    site, sandbox = addresses(start("--port", "0", "--sandbox-port", "0"))
    browser = requests.Session()
    away = browser.get(f"{site}/roblox/login", allow_redirects=False, timeout=5)
    browser.get(Sandbox().consent(away.headers["Location"], user=ADA), timeout=5)
    assert "Hello, Ada" in browser.get(f"{site}/dashboard", timeout=5).text
    event = {"event": "RightToErasureRequest", "user": ADA, "wait": 10}
    told = requests.post(f"{sandbox}api/webhooks/send", json=event, timeout=20).json()
    assert [each["status"] for each in told["deliveries"]] == ["delivered"]
    assert browser.get(f"{site}/dashboard", timeout=5).status_code == 401
    (database,) = tmp_path.glob("*.db")
    with closing(sqlite3.connect(database)) as stored:
        assert stored.execute("SELECT count(*) FROM rblx_oauth_grants").fetchone() == (0,)


def test_with_roblox_set_up_there_is_no_sandbox(start: Start) -> None:
    """The same site talks to Roblox itself when the environment names an app."""
    process = start("--port", "0", ROBLOX_CLIENT_ID="8409742002113081001")
    site, sandbox = addresses(process)
    assert sandbox == "none: this is Roblox itself"
    response = requests.get(site, timeout=5)
    assert response.status_code == 200
    assert "sandbox" not in response.text


def test_a_wrong_setting_is_one_clear_line(start: Start) -> None:
    """No traceback: what is wrong, and which setting it is."""
    process = start(
        "--port",
        "0",
        ROBLOX_CLIENT_ID="1",
        ROBLOX_REDIRECT_URI="http://site.example/roblox/callback",
    )
    assert process.wait(10) == 1
    assert process.stderr
    said = process.stderr.read()
    assert "ROBLOX_REDIRECT_URI" in said
    assert "Traceback" not in said
