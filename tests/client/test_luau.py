"""Luau execution: running scripts and following their logs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from rblx_oauth import errors, models
from tests.client.answers import asked, reply, sent_json
from tests.client.conftest import MakeClient
from tests.client.luau import INPUT, PLACE, RUNNING, TASK, complete, task
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer


def logs(*chunks: tuple[str, list[Any]], member: str = "messages", after: str = "") -> bytes:
    """A page of chunks, each with its id and messages."""
    return reply(
        body={
            "luauExecutionSessionTaskLogs": [
                {"path": f"{TASK}/logs/{number}", member: messages} for number, messages in chunks
            ],
            "nextPageToken": after,
        }
    )


@pytest.fixture
def place(make_client: MakeClient) -> Any:
    """Place 44 of universe 1."""
    return make_client().universe(1).place(44)


def test_run(colour: Colour, place: Any, server: RawServer, clock: ManualClock) -> None:
    """Begun, then asked for where its path says, with pauses; ends in what it returned."""
    server.script(task("QUEUED"), task("QUEUED"), RUNNING, complete(2, "x", None, {"a": None}))
    begun = colour(place.run_luau("return 1 + 1", timeout=timedelta(seconds=30)))
    assert begun.id == TASK
    assert colour(begun.wait()) == [2, "x", None, {"a": None}]
    assert (
        server.lines
        == [f"POST /cloud/v2/{PLACE}/luau-execution-session-tasks"] + [f"GET /cloud/v2/{TASK}"] * 3
    )
    assert sent_json(server.requests[0]) == {"script": "return 1 + 1", "timeout": "30s"}
    assert clock.sleeps == [0.5, 0.75]


def test_run_in_a_version(colour: Colour, place: Any, server: RawServer) -> None:
    """With what it is to be given and to give."""
    server.script(RUNNING)
    given = models.LuauBinaryInput(path=INPUT)
    colour(place.run_luau("return", version=7, binary_input=given, binary_output=True))
    assert server.lines == [f"POST /cloud/v2/{PLACE}/versions/7/luau-execution-session-tasks"]
    assert sent_json(server.requests[0]) == {
        "script": "return",
        "binaryInput": INPUT,
        "enableBinaryOutput": True,
    }


def test_status(colour: Colour, running: Any, server: RawServer) -> None:
    """One question, typed; nothing is judged."""
    server.script(task("FAILED", createTime="2024-05-05T12:34:56.7Z"))
    status = colour(running.status())
    assert (status.state, status.user_id, status.timeout) == ("FAILED", 5, timedelta(seconds=30))
    assert status.created_at.microsecond == 700_000
    server.script(RUNNING, complete())
    assert colour(running.result()) is None
    assert colour(running.result()) == []


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (
            task("FAILED", error={"code": "SCRIPT_ERROR", "message": "Moderation:3:\nnil\x1b[31m"}),
            "SCRIPT_ERROR",
            r"failed \(SCRIPT_ERROR: Moderation:3: nil \[31m\)$",
        ),
        (task("FAILED", error={"code": "NEW_ONE"}), "NEW_ONE", "failed \\(NEW_ONE\\)$"),
        (task("FAILED"), "", "failed"),
        (task("CANCELLED"), "CANCELLED", "was stopped"),
    ],
    ids=["script", "code", "nothing", "cancelled"],
)
def test_failure(
    colour: Colour, running: Any, server: RawServer, answer: bytes, code: str, says: str
) -> None:
    """OperationFailed with the task's code and message; a script is not moderation."""
    server.script(RUNNING, answer)
    with pytest.raises(errors.OperationFailed, match=says) as caught:
        colour(running.wait())
    assert type(caught.value) is errors.OperationFailed
    assert (caught.value.code, caught.value.operation) == (code, TASK)


def test_patience(colour: Colour, running: Any, server: RawServer, clock: ManualClock) -> None:
    """By default it outlasts the longest script; a state that is new is not the end."""
    server.script(task("THINKING"))
    with pytest.raises(errors.OperationTimeout):
        colour(running.wait())
    assert 300 < sum(clock.sleeps) < 330
    assert len(server.requests) < 80


def test_doubtful_run_is_not_repeated(colour: Colour, place: Any, server: RawServer) -> None:
    """A script that may run is not run again."""
    server.script(reply(502))
    with pytest.raises(errors.AmbiguousOutcome):
        colour(place.run_luau("return"))
    assert len(server.requests) == 1


def test_path_that_cannot_be_asked_for(colour: Colour, place: Any, server: RawServer) -> None:
    """A task without session and version is said to be one."""
    server.script(reply(body={"path": f"{PLACE}/luau-execution-session-tasks/t-1"}))
    with pytest.raises(errors.ProtocolError, match="create_luau_execution_task: the task's path"):
        colour(place.run_luau("return"))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"script": ""}, "script must not be empty"),
        ({"script": b"return"}, "script must be a str"),
        ({"script": "é" * (2 * 1024 * 1024) + "x"}, "4194305 bytes; the limit is 4194304"),
        ({"timeout": timedelta()}, "at most 5 minutes"),
        ({"timeout": timedelta(minutes=5, microseconds=1)}, "at most 5 minutes"),
        ({"timeout": timedelta(seconds=-1)}, "timeout must not be negative"),
        ({"timeout": 30}, "timeout must be a timedelta"),
        ({"version": 0}, "version must be a positive"),
        ({"binary_input": INPUT}, "binary_input must be what upload_luau_input gave"),
        ({"binary_output": "yes"}, "enable_binary_output must be a bool"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_wrong_run_is_refused_before_sending(
    colour: Colour, place: Any, server: RawServer, options: dict[str, Any], says: str
) -> None:
    """Script, time, version, what goes in and out."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(place.run_luau(**{"script": "return", **options}))
    assert server.requests == []


@pytest.mark.parametrize(
    "wrong", ["", "t-1", f"/{TASK}", f"{TASK}/logs", TASK.replace("44", "x"), f"{TASK}\n"]
)
def test_wrong_task_id_is_refused(make_client: MakeClient, wrong: str) -> None:
    """It is a whole path, as `id` gave it."""
    with pytest.raises(ValueError, match="task_id"):
        make_client().luau_task(wrong)


def test_logs(colour: Colour, running: Any, server: RawServer) -> None:
    """Messages of every chunk of every page, an empty page included."""
    server.script(
        logs(("1", ["a", "b\nc"]), after="t1"), logs(after="t2"), logs(("2", []), ("3", ["d"]))
    )
    assert colour.list(running.logs()) == ["a", "b\nc", "d"]
    base = {"view": "FLAT", "maxPageSize": "10000"}
    assert [asked(each) for each in server.lines] == [
        (f"GET /cloud/v2/{TASK}/logs", base),
        (f"GET /cloud/v2/{TASK}/logs", base | {"pageToken": "t1"}),
        (f"GET /cloud/v2/{TASK}/logs", base | {"pageToken": "t2"}),
    ]


def test_structured_logs(colour: Colour, running: Any, server: RawServer) -> None:
    """With times and kinds; the limit is one of messages, not of chunks."""
    lines = [
        {"message": "a", "createTime": "2024-05-05T12:34:56Z", "messageType": "WARNING"},
        {"message": "b", "messageType": "SHOUT"},
    ]
    server.script(logs(("1", lines), member="structuredMessages", after="t1"))
    first, second = colour.list(running.logs(structured=True, limit=2))
    assert (first.message, first.message_type, first.created_at.second) == ("a", "WARNING", 56)
    assert second.message_type == "SHOUT"
    assert [each.message for each in colour.list(running.logs(structured=True, limit=1))] == ["a"]
    assert len(server.requests) == 2
    assert asked(server.lines[0])[1]["view"] == "STRUCTURED"
    with pytest.raises(ValueError, match="limit"):
        running.logs(limit=-1)


def test_follow_logs(colour: Colour, running: Any, server: RawServer, clock: ManualClock) -> None:
    """Each message once, as it comes; the last reading is made after the end."""
    server.script(
        RUNNING,
        logs(),
        RUNNING,
        logs(("1", ["a"])),
        RUNNING,
        logs(("1", ["a", "b"]), after="t1"),
        logs(("2", ["c"])),
        task("FAILED", error={"code": "SCRIPT_ERROR"}),
        logs(("2", ["c", "d"]), ("3", ["e"])),
    )
    assert colour.list(running.follow_logs()) == ["a", "b", "c", "d", "e"]
    assert clock.sleeps == [0.5, 0.75, 1.125]
    assert len(server.requests) == 9


def test_follow_logs_through_rate_limits(
    colour: Colour, running: Any, server: RawServer, clock: ManualClock
) -> None:
    """A 429 is waited out, before the end and at it; nothing is lost or said twice."""
    limited = reply(429, retry_after="40")
    server.script(
        limited,
        logs(("1", ["a"])),
        complete(),
        limited,
        complete(),
        logs(("1", ["a", "b"]), after="t1"),
        limited,
        complete(),
        logs(("1", ["a", "b"]), after="t1"),
        logs(("2", ["c"])),
    )
    lines = colour.list(running.follow_logs(structured=False))
    assert lines == ["a", "b", "c"]
    assert sum(clock.sleeps) == 120


def test_follow_logs_ends_with_patience(
    colour: Colour, running: Any, server: RawServer, clock: ManualClock
) -> None:
    """A script that never ends is OperationTimeout, after the time given."""
    server.script(*[RUNNING, logs()] * 50)
    with pytest.raises(errors.OperationTimeout, match="20 s"):
        colour.list(running.follow_logs(timeout=20, structured=True))
    assert sum(clock.sleeps) < 20
