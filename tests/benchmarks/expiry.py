"""A token that ends while many ask for it: how long the slowest of them waits.

One of them asks Roblox for a new token, and the others wait. Whoever waits
longest should wait for that one round trip and little else. The sandbox takes
its time over a refresh, as Roblox across the internet does.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta

from rblx_oauth import OAuthApp, Token, Vault, stores
from rblx_oauth.sandbox import Sandbox
from tests.benchmarks.loopback import ROOT
from tests.benchmarks.rounds import Effort
from tests.benchmarks.table import Line

AIM_MS = 50.0
DELAY = 0.2
"""Seconds that the sandbox takes over a refresh."""
LIFETIME = timedelta(seconds=900)


def expiry(effort: Effort) -> Iterator[Line]:
    """In the threads of one process, and in several processes on one store."""
    with tempfile.TemporaryDirectory() as folder, Sandbox() as cloud:
        parent = _Parent(cloud, f"sqlite:///{folder}/tokens.db")
        cloud.fault("f04", times=None, operation="v1/token", seconds=DELAY)
        trip = statistics.median(parent.round_trip() for _ in range(effort.starts))
        for processes, threads in ((1, 16), (4, 4)):
            with parent.workers(processes, threads) as workers:
                parent.slowest(workers)  # connects, and learns the provider's metadata and keys
                slowest = statistics.median(parent.slowest(workers) for _ in range(effort.starts))
            yield Line(
                f"wait at expiry, {processes} x {threads} callers",
                (slowest - trip) * 1000,
                AIM_MS,
                "ms",
                f"over one round trip: {slowest * 1000:.0f} ms beside {trip * 1000:.0f} ms",
            )


class _Parent:
    """Logs in, lets tokens end, and has workers ask for them."""

    def __init__(self, cloud: Sandbox, url: str) -> None:
        self._cloud = cloud
        self._settings = {
            "client_id": cloud.client_id,
            "client_secret": cloud.client_secret,
            "issuer": cloud.issuer,
            "api_base": cloud.api_base,
            "key": Vault.generate_key(),
            "url": url,
        }
        self._app = _app(self._settings)
        self._store = stores.open(url, keys=[self._settings["key"]])

    def _token(self) -> Token:
        return self._cloud.token_for(user=1000001)

    def round_trip(self) -> float:
        """Seconds that one refresh takes, without anybody who waits for it."""
        token = self._token()
        began = time.perf_counter()
        self._app.submit_refresh(token)
        return time.perf_counter() - began

    @contextmanager
    def workers(self, count: int, threads: int) -> Iterator[list[subprocess.Popen[str]]]:
        """Processes that wait for a grant to ask for."""
        command = [sys.executable, "-m", "tests.benchmarks.expiry"]
        settings = json.dumps(self._settings | {"threads": threads})
        with ExitStack() as stack:
            made = [
                stack.enter_context(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        text=True,
                    )
                )
                for _ in range(count)
            ]
            for process in made:
                stack.callback(process.kill)
                _say(process, settings)
            for process in made:
                _hear(process)
            yield made

    def slowest(self, workers: list[subprocess.Popen[str]]) -> float:
        """Seconds that the slowest of all callers waits for a token that has ended."""
        token = self._token()
        past = replace(
            token, issued_at=token.issued_at - LIFETIME, expires_at=token.expires_at - LIFETIME
        )
        grant_id = self._app.keep(past, self._store)
        before = self._cloud.count(grant_type="refresh_token")
        for process in workers:
            _say(process, grant_id)
        taken = max(float(_hear(process)) for process in workers)
        assert self._cloud.count(grant_type="refresh_token") == before + 1
        return taken


def _app(settings: Mapping[str, str]) -> OAuthApp:
    return OAuthApp(
        settings["client_id"],
        settings["client_secret"],
        issuer=settings["issuer"],
        api_base=settings["api_base"],
    )


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _work() -> None:
    """A worker: for each grant that is named, many threads ask at once; the slowest is told."""
    settings = json.loads(sys.stdin.readline())
    app, store = _app(settings), stores.open(settings["url"], keys=[settings["key"]])
    print("ready", flush=True)
    for line in sys.stdin:
        start = threading.Barrier(settings["threads"])
        taken: list[float] = []

        def ask(grant_id: str, start: threading.Barrier, taken: list[float]) -> None:
            start.wait()
            began = time.perf_counter()
            app.grant(grant_id, store).token()
            taken.append(time.perf_counter() - began)

        threads = [
            threading.Thread(target=ask, args=(line.strip(), start, taken))
            for _ in range(settings["threads"])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(taken) == len(threads)
        print(max(taken), flush=True)


if __name__ == "__main__":
    _work()
