"""One machine that serves the example site: gunicorn and its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.production.programs import PATIENCE, ROOT, Program

CONFIGURATION = "tests/production/gunicorn_conf.py"
WORKERS = 4


class Machine(Program):
    """One gunicorn with `WORKERS` workers, in an instance folder of its own.

    Args:
        folder: Where it keeps its own things.
        environment: What the site is told.
        options: More of gunicorn's options.

    Attributes:
        address: Where it listens.
        busy: How many requests it has under way.
    """

    address: str
    busy = 0

    def __init__(
        self, folder: Path, environment: Mapping[str, str], *options: str, workers: int = WORKERS
    ) -> None:
        folder.mkdir(exist_ok=True)
        self._workers = workers
        self._app = f"tests.production.wsgi:create_app(instance_path={str(folder)!r})"
        command = [sys.executable, "-m", "gunicorn", "--config", CONFIGURATION]
        command += ["--bind", "127.0.0.1:0", "--workers", str(workers), "--no-control-socket"]
        command += [*options, self._app]
        super().__init__(command, log=folder / "gunicorn.log", environment=environment)

    def come_up(self) -> None:
        """Wait until every worker can serve."""
        self.address = self.wait_for(r"Listening at: (http://\S+)")[1]
        self.wait_for("Worker ready", times=self._workers)

    @property
    def workers(self) -> list[int]:
        """The pids of those that live."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return [int(each) for each in children.split()]

    def flask(self, *arguments: str) -> str:
        """What a command of the site says, run here with the settings that its workers have."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", self._app, *arguments],
            env={**os.environ, **self.environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def reload(self) -> None:
        """A deploy: new workers take over from the old ones, which finish what they do."""
        ready, old = self.log.count("Worker ready"), self.workers
        os.kill(self.pid, signal.SIGHUP)
        self.wait_for("Worker ready", times=ready + self._workers)
        for pid in old:
            self.wait_for(rf"Worker exiting \(pid: {pid}\)")
