"""What gunicorn is told by these tests beside its command line."""

from __future__ import annotations

from gunicorn.workers.base import Worker


def post_worker_init(worker: Worker) -> None:
    """Say when a worker has loaded the site: gunicorn itself tells only when one begins to."""
    worker.log.info("Worker ready (pid: %s)", worker.pid)
