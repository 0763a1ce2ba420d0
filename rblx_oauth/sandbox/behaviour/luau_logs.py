"""What scripts print, in chunks."""

from __future__ import annotations

from collections.abc import Iterator

from rblx_oauth.sandbox.behaviour.luau import task_at
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.listing import asked, begin
from rblx_oauth.sandbox.luau import Line, Task
from rblx_oauth.sandbox.paging import write_page_token
from rblx_oauth.sandbox.parsing import query_size

__all__ = ["BEHAVIOURS"]

_CHUNK = 100
_LARGEST_PAGE = 10_000
_KEPT = 450_000


def _list(exchange: Exchange) -> object:
    size = query_size(exchange.request, "maxPageSize", default=_LARGEST_PAGE, most=_LARGEST_PAGE)
    structured = exchange.request.args.get("view") == "STRUCTURED"
    with exchange.state.lock:
        task = task_at(exchange)
        lines = list(_printed(task, exchange.state.clock.now()))
    start = begin(exchange) or 0
    chunks = range(start, min(start + size, -(-len(lines) // _CHUNK)))
    page: dict[str, object] = {
        "luauExecutionSessionTaskLogs": [
            _chunk(task, number, lines, structured=structured) for number in chunks
        ]
    }
    if (start + size) * _CHUNK < len(lines):
        page["nextPageToken"] = write_page_token((str(start + size),), *asked(exchange))
    return page


def _printed(task: Task, now: float) -> Iterator[tuple[float, str, str]]:
    """The messages so far, each with its moment and kind: they come evenly over the run."""
    logs = _kept(task.answer.logs)
    for count, line in enumerate(logs, start=1):
        at = task.starts + (task.ends - task.starts) * count / (len(logs) + 1)
        if at <= now:
            kind, message = ("OUTPUT", line) if isinstance(line, str) else line
            yield at, kind, message


def _kept(logs: list[Line]) -> list[Line]:
    """The last of them that fit what is kept of a task's logs."""
    left, first = _KEPT, len(logs)
    while first:
        line = logs[first - 1]
        left -= len((line if isinstance(line, str) else line[1]).encode())
        if left < 0:
            break
        first -= 1
    return logs[first:]


def _chunk(
    task: Task, number: int, lines: list[tuple[float, str, str]], *, structured: bool
) -> dict[str, object]:
    inside = lines[number * _CHUNK : (number + 1) * _CHUNK]
    path = f"{task.path}/logs/{number + 1}"
    if not structured:
        return {"path": path, "messages": [message for _, _, message in inside]}
    return {
        "path": path,
        "structuredMessages": [
            {"message": message, "createTime": rfc3339(at), "messageType": kind}
            for at, kind, message in inside
        ],
    }


BEHAVIOURS = {"list_luau_execution_task_logs": Behaviour(_list)}
