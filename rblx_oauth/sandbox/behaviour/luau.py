"""Running scripts: tasks that are queued, run and end, as their answers were scripted."""

from __future__ import annotations

import re
from itertools import takewhile

import msgspec

from rblx_oauth.sandbox.behaviour.places import place_in_universe
from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.luau import Answer, BinaryInput, LuauShelf, Task, answer_for
from rblx_oauth.sandbox.parsing import json_body
from rblx_oauth.sandbox.places import Place
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.storage import INPUT_SECONDS, OUTPUT_SECONDS, storage_url

__all__ = ["BEHAVIOURS", "task_at"]

_MEGABYTE = 1024 * 1024
_SCRIPT = 4 * _MEGABYTE
_RESULTS = 4 * _MEGABYTE
_INPUT = 100 * _MEGABYTE
_LONGEST = 300.0
_MOST_AT_ONCE = 10
_REMEMBERED = 24 * 3600.0
_DURATION = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,9})?)s")


class _Creation(msgspec.Struct, rename="camel"):
    script: str
    timeout: str | None = None
    binary_input: str | None = None
    enable_binary_output: bool = False


class _InputCreation(msgspec.Struct):
    size: int | str


def _run(exchange: Exchange) -> object:
    with exchange.state.lock:
        return _begun(exchange, place_in_universe(exchange), None)


def _run_version(exchange: Exchange) -> object:
    with exchange.state.lock:
        place = place_in_universe(exchange)
        version = place.version(exchange.arguments["version_id"])
        if version is None:
            raise Refusal.not_found("there is no such version of the place")
        return _begun(exchange, place, version.number)


def _begun(exchange: Exchange, place: Place, version: int | None) -> object:
    body = json_body(exchange.request, _Creation)
    if not 1 <= len(body.script.encode()) <= _SCRIPT:
        raise Refusal.invalid(f"script has 1 to {_SCRIPT} bytes")
    timeout = _timeout(body.timeout)
    if body.binary_input:
        _check_input(exchange, body.binary_input)
    state, now = exchange.state, exchange.state.clock.now()
    shelf = state.shelves.of(LuauShelf)
    _forget(shelf, now)
    _check_running(shelf, place, now)
    answer = answer_for(state, body.script)
    if len(msgspec.json.encode(answer.results)) > _RESULTS:
        said = f"the results take more than {_RESULTS} bytes of JSON"
        answer = Answer(error=("OUTPUT_SIZE_LIMIT_EXCEEDED", said), logs=answer.logs)
    seconds = state.settings.operation_seconds if answer.seconds is None else answer.seconds
    # A moment of what a task takes it waits for its turn.
    starts = now + min(seconds, state.settings.operation_seconds) / 4
    ends = now + seconds
    most = _LONGEST if timeout is None else timeout
    if ends > starts + most:
        said = f"the script ran for more than {most:g} seconds"
        ends, answer = starts + most, _stopped(answer, most / (now + seconds - starts), said)
    home = f"universes/{place.universe}/places/{place.id}/versions/{version or place.latest}"
    session, task_id = state.ids.uuid("luau_session"), state.ids.uuid("luau_task")
    task = Task(
        path=f"{home}/luau-execution-sessions/{session}/tasks/{task_id}",
        place=place.id,
        user=exchange.caller.user_id,
        script=body.script,
        created=now,
        starts=starts,
        ends=ends,
        timeout=timeout,
        input=body.binary_input or "",
        wants_output=body.enable_binary_output,
        signature=state.ids.token(16),
        answer=answer,
    )
    shelf.tasks[task_id] = task
    return _body(exchange, task, full=False)


def _forget(shelf: LuauShelf, now: float) -> None:
    """Drop the oldest tasks and inputs that nobody can ask for any more."""
    over = takewhile(lambda each: now >= each.ends + _REMEMBERED, shelf.tasks.values())
    for task in list(over):
        del shelf.tasks[task.id]
    spent = takewhile(lambda each: now >= each.created + INPUT_SECONDS, shelf.inputs.values())
    for given in list(spent):
        del shelf.inputs[given.id]


def _check_running(shelf: LuauShelf, place: Place, now: float) -> None:
    """429 where ten tasks of the place run; those too old to run are not looked at."""
    newest = reversed(shelf.tasks.values())
    young = takewhile(lambda each: now < each.created + 2 * _LONGEST, newest)
    running = sum(each.place == place.id and now < each.ends for each in young)
    if running >= _MOST_AT_ONCE:
        said = f"at most {_MOST_AT_ONCE} tasks of a place run at a time"
        raise Refusal(429, "RESOURCE_EXHAUSTED", said)


def _stopped(answer: Answer, share: float, said: str) -> Answer:
    """What is left of an answer when its script is stopped after a share of its time."""
    printed = answer.logs[: int(len(answer.logs) * share)]
    return Answer(error=("DEADLINE_EXCEEDED", said), logs=printed)


def _timeout(text: str | None) -> float | None:
    if text is None:
        return None
    match = _DURATION.fullmatch(text)
    if match is None or not 0 < float(match[1]) <= _LONGEST:
        raise Refusal.invalid(f"timeout is more than 0s, and at most {_LONGEST:g}s")
    return float(match[1])


def _check_input(exchange: Exchange, path: str) -> None:
    shelf, now = exchange.state.shelves.of(LuauShelf), exchange.state.clock.now()
    home = f"universes/{exchange.arguments['universe_id']}/"
    found = shelf.inputs.get(path.rpartition("/")[2])
    if found is None or found.path != path or not path.startswith(home):
        raise Refusal.invalid("binaryInput is not the path of one of the universe's")
    if now >= found.created + INPUT_SECONDS:
        raise Refusal.invalid("binaryInput is too old: they are good for 15 minutes")
    if found.content is None:
        raise Refusal.invalid("binaryInput is empty: nothing was uploaded to its uploadUri")


def task_at(exchange: Exchange) -> Task:
    """The task in the path.

    Raises:
        Refusal: 404, there is none, or it ended more than a day ago.
    """
    state = exchange.state
    found = state.shelves.of(LuauShelf).tasks.get(exchange.arguments["task_id"])
    path = exchange.operation.path.removeprefix("/cloud/v2/").removesuffix("/logs")
    asked = path.format(**exchange.arguments)
    if found is None or found.path != asked or state.clock.now() >= found.ends + _REMEMBERED:
        raise Refusal.not_found("there is no such task, or no longer")
    return found


def _get(exchange: Exchange) -> object:
    with exchange.state.lock:
        return _body(exchange, task_at(exchange), full=exchange.request.args.get("view") == "FULL")


def _body(exchange: Exchange, task: Task, *, full: bool) -> dict[str, object]:
    now = exchange.state.clock.now()
    changed, state = task.created, "QUEUED"
    if now >= task.ends:
        changed, state = task.ends, _outcome(task.answer)
    elif now >= task.starts:
        changed, state = task.starts, "PROCESSING"
    body: dict[str, object] = {
        "path": task.path,
        "createTime": rfc3339(task.created),
        "updateTime": rfc3339(changed),
        "user": f"users/{task.user}",
        "state": state,
        "binaryInput": task.input,
        "enableBinaryOutput": task.wants_output,
        "binaryOutputUri": "",
    }
    if full:
        body["script"] = task.script
    if task.timeout is not None:
        body["timeout"] = f"{task.timeout:g}s"
    if state == "FAILED":
        code, message = _error(task.answer)
        body["error"] = {"code": code, "message": message}
    if state == "COMPLETE":
        body["output"] = {"results": task.answer.results}
        if task.wants_output and now < task.ends + OUTPUT_SECONDS:
            body["binaryOutputUri"] = storage_url(exchange.request, task.id, task.signature)
    return body


def _outcome(answer: Answer) -> str:
    if answer.cancelled:
        return "CANCELLED"
    return "FAILED" if answer.error else "COMPLETE"


def _error(answer: Answer) -> tuple[str, str]:
    return ("SCRIPT_ERROR", answer.error) if isinstance(answer.error, str) else answer.error


def _create_input(exchange: Exchange) -> object:
    text = str(json_body(exchange.request, _InputCreation).size)
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
    if not 1 <= size <= _INPUT:
        raise Refusal.invalid(f"size is 1 to {_INPUT} bytes")
    state, now = exchange.state, exchange.state.clock.now()
    home = f"universes/{exchange.arguments['universe_id']}"
    with state.lock:
        shelf = state.shelves.of(LuauShelf)
        _forget(shelf, now)
        key = state.ids.uuid("luau_input")
        path = f"{home}/luau-execution-session-task-binary-inputs/{key}"
        made = BinaryInput(path=path, size=size, created=now, signature=state.ids.token(16))
        shelf.inputs[key] = made
    uri = storage_url(exchange.request, key, made.signature)
    return {"path": path, "size": size, "uploadUri": uri}


BEHAVIOURS = {
    "create_luau_execution_binary_input": Behaviour(_create_input),
    "create_luau_execution_task": Behaviour(_run),
    "create_luau_execution_task_for_version": Behaviour(_run_version),
    "get_luau_execution_task": Behaviour(_get),
}
