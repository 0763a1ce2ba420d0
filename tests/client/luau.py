"""Tasks of Luau execution, as Roblox shows them."""

from __future__ import annotations

from tests.client.answers import reply

PLACE = "universes/1/places/44"
TASK = f"{PLACE}/versions/7/luau-execution-sessions/s-1/tasks/t-1"
INPUT = "universes/1/luau-execution-session-task-binary-inputs/i-1"


def task(state: str, **more: object) -> bytes:
    """A task as Roblox shows it."""
    return reply(body={"path": TASK, "state": state, "user": "5", "timeout": "30s", **more})


def complete(*results: object, **more: object) -> bytes:
    """A task that ended well."""
    return task("COMPLETE", output={"results": list(results)}, **more)


RUNNING = task("PROCESSING")
