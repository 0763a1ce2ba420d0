"""Luau tasks: answered as they were scripted, and what goes into them and comes out."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from rblx_oauth import Client, errors, models
from rblx_oauth.sandbox import Sandbox
from tests.sandbox.app import App
from tests.sandbox.documented import client

__all__ = ["client"]

PLACE = "/cloud/v2/universes/3000001/places/4000001"
TASKS = f"{PLACE}/luau-execution-session-tasks"
INPUTS = "/cloud/v2/universes/3000001/luau-execution-session-task-binary-inputs"


@pytest.fixture
def place(cloud: Sandbox, client: Client) -> Any:
    """The first place, whose limits do not count."""
    cloud.settings.rate_limits = False
    return client.universe(3000001).place(4000001)


def run(cloud: Sandbox, place: Any, script: str, **options: Any) -> Any:
    """A script that ran to its end."""
    task = place.run_luau(script, **options)
    cloud.clock.advance(400)
    return task


def test_a_script_goes_its_way(cloud: Sandbox, place: Any) -> None:
    """Queued, processed, complete: nothing comes of a script that nobody answered."""
    cloud.settings.operation_seconds = 20
    task = place.run_luau("local x = 1", timeout=timedelta(seconds=30))
    states = []
    for seconds in (0, 4, 1, 14, 1):
        cloud.clock.advance(seconds)
        states.append(str(task.status().state))
    assert states == ["QUEUED", "QUEUED", "PROCESSING", "PROCESSING", "COMPLETE"]
    assert task.result() == []
    status = task.status()
    assert (status.user_id, status.timeout) == (1000001, timedelta(seconds=30))
    assert status.updated_at - status.created_at == timedelta(seconds=20)
    assert "/versions/3/luau-execution-sessions/" in task.id
    assert status.script == ""
    assert cloud.luau.tasks[0].script == "local x = 1"


def test_the_newest_answer_counts(cloud: Sandbox, place: Any) -> None:
    """A script is known whole, but for space around it; functions are asked first."""
    cloud.luau.on("return 1 + 1", results=[3])
    cloud.luau.on("return 1 + 1", results=[2, None, {"a": "é"}])
    assert run(cloud, place, "\nreturn 1 + 1  ").result() == [2, None, {"a": "é"}]
    assert run(cloud, place, "return 1 + 2").result() == []
    cloud.luau.on(lambda script: "return 1" in script, results=["by function"])
    assert run(cloud, place, "return 1 + 1").result() == ["by function"]
    cloud.reset()
    cloud.settings.rate_limits = False
    assert run(cloud, place, "return 1 + 2").result() == []


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        ({"error": "Script:1: no"}, "SCRIPT_ERROR", "Script:1: no"),
        ({"error": ("INTERNAL_ERROR", "oops")}, "INTERNAL_ERROR", "oops"),
        ({"seconds": 500}, "DEADLINE_EXCEEDED", "300 seconds"),
        ({"results": ["x" * (4 * 1024 * 1024)]}, "OUTPUT_SIZE_LIMIT_EXCEEDED", "4194304"),
        ({"cancelled": True}, "CANCELLED", "stopped"),
    ],
)
def test_scripts_fail(
    cloud: Sandbox, place: Any, options: dict[str, Any], code: str, says: str
) -> None:
    """As it was scripted, or because of a limit."""
    cloud.luau.on("x", **options)
    with pytest.raises(errors.OperationFailed, match=says) as caught:
        run(cloud, place, "x").result()
    assert caught.value.code == code


def test_answers_that_are_none(cloud: Sandbox) -> None:
    """Said when they are given."""
    wrongs: list[dict[str, Any]] = [
        {"error": ("NO_CODE", "x")},
        {"logs": [("SHOUT", "x")]},
        {"seconds": -1},
        {"logs": [5]},
    ]
    for wrong in wrongs:
        with pytest.raises(ValueError):
            cloud.luau.on("x", **wrong)


def test_a_timeout_ends_a_script(cloud: Sandbox, place: Any) -> None:
    """What it printed until then is there."""
    cloud.luau.on("x", logs=[str(number) for number in range(10)], seconds=100)
    task = run(cloud, place, "x", timeout=timedelta(seconds=50))
    with pytest.raises(errors.OperationFailed) as caught:
        task.result()
    assert caught.value.code == "DEADLINE_EXCEEDED"
    assert list(task.logs()) == ["0", "1", "2", "3", "4"]


def test_logs_come_as_the_script_runs(cloud: Sandbox, place: Any) -> None:
    """Flat and structured, with times and kinds; a page holds chunks of a hundred."""
    cloud.luau.on("x", logs=["a", ("WARNING", "b\nc"), "d"], seconds=40)
    task = place.run_luau("x")
    assert list(task.logs()) == []
    cloud.clock.advance(21)
    assert list(task.logs()) == ["a", "b\nc"]
    cloud.clock.advance(20)
    lines = list(task.logs(structured=True))
    assert [(each.message_type, each.message) for each in lines] == [
        ("OUTPUT", "a"),
        ("WARNING", "b\nc"),
        ("OUTPUT", "d"),
    ]
    times = [each.created_at for each in lines]
    assert times == sorted(times)
    assert list(task.follow_logs()) == ["a", "b\nc", "d"]


def test_long_logs(cloud: Sandbox, app: App, place: Any) -> None:
    """In pages of chunks; of more than 450 KB the last are kept."""
    cloud.luau.on("x", logs=[f"{number:04}" for number in range(250)])
    task = run(cloud, place, "x")
    path, sizes, token = f"/cloud/v2/{task.id}/logs", [], ""
    while True:
        page = app.call("GET", path, params={"maxPageSize": 1, "pageToken": token}).json()
        (chunk,) = page["luauExecutionSessionTaskLogs"]
        sizes.append(len(chunk["messages"]))
        token = page.get("nextPageToken", "")
        if not token:
            break
    assert sizes == [100, 100, 50]
    cloud.luau.on("y", logs=["a" * 200_000, "b" * 200_000, "c" * 200_000])
    assert [each[0] for each in run(cloud, place, "y").logs()] == ["b", "c"]


def test_a_version_can_be_chosen(cloud: Sandbox, place: Any, app: App) -> None:
    """It is in the task's path; one that there is not is 404."""
    assert "/versions/1/" in run(cloud, place, "x", version=1).id
    with pytest.raises(errors.NotFound):
        place.run_luau("x", version=9)
    task = place.run_luau("x").id
    assert app.call("GET", f"/cloud/v2/{task}").status_code == 200
    assert app.call("GET", f"/cloud/v2/{task.replace('/3/', '/1/')}").status_code == 404
    full = app.call("GET", f"/cloud/v2/{task}", params={"view": "FULL"}).json()
    assert full["script"] == "x"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"script": ""},
        {"script": 5},
        {"script": "é" * (2 * 1024 * 1024 + 1)},
        {"script": "x", "timeout": "301s"},
        {"script": "x", "timeout": "0s"},
        {"script": "x", "timeout": "soon"},
        {"script": "x", "binaryInput": "universes/3000001/things/1"},
        {"script": "x", "enableBinaryOutput": "yes"},
    ],
    ids=str,
)
def test_wrong_scripts_are_refused(cloud: Sandbox, app: App, body: dict[str, object]) -> None:
    """400, and no task is made."""
    answer = app.call("POST", TASKS, json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_ARGUMENT")
    assert cloud.luau.tasks == []


def test_ten_run_at_a_time(cloud: Sandbox, app: App, place: Any) -> None:
    """The eleventh of a place is 429 until one is over; tasks are forgotten after a day."""
    first = place.run_luau("x")
    for _ in range(9):
        place.run_luau("x")
    answer = app.call("POST", TASKS, json={"script": "x"})
    assert (answer.status_code, answer.json()["code"]) == (429, "RESOURCE_EXHAUSTED")
    elsewhere = TASKS.replace("4000001", "4000011")
    assert app.call("POST", elsewhere, json={"script": "x"}).status_code == 200
    cloud.clock.advance(1)
    assert app.call("POST", TASKS, json={"script": "x"}).status_code == 200
    assert first.result() == []
    cloud.clock.advance(24 * 3600 + 1)
    with pytest.raises(errors.NotFound):
        first.result()
    place.run_luau("x")
    assert len(cloud.luau.tasks) == 1


def test_inputs_and_outputs(cloud: Sandbox, client: Client, place: Any, tmp_path: Path) -> None:
    """Uploaded without a credential, given to tasks, and downloaded from them."""
    content = bytes(range(256)) * 4000
    given = client.universe(3000001).upload_luau_input(content)
    assert cloud.luau.input(given.path) == content
    cloud.luau.on("x", results=[1], binary_output=b"out" * 1000)
    task = run(cloud, place, "x", binary_input=given, binary_output=True)
    assert cloud.luau.tasks[0].input == given.path
    assert task.result() == [1]
    assert task.download(tmp_path / "out") == 3000
    assert (tmp_path / "out").read_bytes() == b"out" * 1000
    without = run(cloud, place, "x")
    with pytest.raises(ValueError, match="no binary output"):
        without.download(tmp_path / "none")


def test_inputs_have_limits(cloud: Sandbox, app: App) -> None:
    """Of size, of time, of who may upload; an empty one is given to nobody."""
    for wrong in ({}, {"size": 0}, {"size": 104_857_601}, {"size": "x"}):
        assert app.call("POST", INPUTS, json=wrong).status_code == 400
    made = app.call("POST", INPUTS, json={"size": "5"}).json()
    body = {"script": "x", "binaryInput": made["path"]}
    assert app.call("POST", TASKS, json=body).status_code == 400
    uri = made["uploadUri"]
    assert uri.startswith(f"{cloud.api_base}/_sandbox/storage/")
    forged = uri.rpartition("=")[0] + "=x"
    assert requests.put(forged, data=b"12345", timeout=10).status_code == 403
    assert requests.put(uri, data=b"1234", timeout=10).status_code == 400
    assert requests.put(uri, data=b"123456", timeout=10).status_code == 413
    assert requests.put(uri, data=b"12345", timeout=10).status_code == 200
    assert app.call("POST", TASKS, json=body).status_code == 200
    other = TASKS.replace("3000001", "3000002").replace("4000001", "4000002")
    assert app.call("POST", other, json=body).status_code == 400
    cloud.clock.advance(900)
    assert requests.put(uri, data=b"12345", timeout=10).status_code == 403
    assert app.call("POST", TASKS, json=body).status_code == 400
    with pytest.raises(LookupError):
        cloud.luau.input("nothing")


def test_outputs_are_there_for_a_while(cloud: Sandbox, app: App) -> None:
    """Not before the end, and for 15 minutes after it."""
    cloud.luau.on("x", binary_output=b"out")
    body = {"script": "x", "enableBinaryOutput": True}
    path = app.call("POST", TASKS, json=body).json()["path"]
    assert app.call("GET", f"/cloud/v2/{path}").json()["binaryOutputUri"] == ""
    cloud.clock.advance(1)
    uri = app.call("GET", f"/cloud/v2/{path}").json()["binaryOutputUri"]
    assert requests.get(uri, timeout=10).content == b"out"
    assert requests.get(uri + "x", timeout=10).status_code == 403
    cloud.clock.advance(900)
    assert requests.get(uri, timeout=10).status_code == 403


def test_tokens_run_nothing(app: App) -> None:
    """Scripts take a key, of somebody whose universe it is."""
    assert app.call("POST", TASKS, app.login(), json={"script": "x"}).status_code == 401
    other = TASKS.replace("3000001", "3000004").replace("4000001", "4000004")
    assert app.call("POST", other, json={"script": "x"}).status_code == 403


def test_tasks_survive_a_snapshot_and_answers_can_be_seeded(cloud: Sandbox, app: App) -> None:
    """A seed says what becomes of scripts; a task goes on where it was."""
    answers = [
        {"results": ["anything"]},
        {"contains": "ban", "logs": ["a", ["ERROR", "b"]], "error": ["INTERNAL_ERROR", "no"]},
    ]
    load = "/_sandbox/api/load"
    assert app.call("POST", load, json={"luau": {"answers": answers}}).status_code == 200
    first = app.call("POST", TASKS, json={"script": "x"}).json()["path"]
    second = app.call("POST", TASKS, json={"script": "ban()"}).json()["path"]
    saved = app.call("GET", "/_sandbox/api/snapshot").json()
    app.call("POST", "/_sandbox/api/reset")
    assert app.call("GET", f"/cloud/v2/{first}").status_code == 404
    app.call("POST", load, json=saved)
    cloud.clock.advance(1)
    assert app.call("GET", f"/cloud/v2/{first}").json()["output"] == {"results": ["anything"]}
    failed = app.call("GET", f"/cloud/v2/{second}").json()
    assert failed["error"] == {"code": "INTERNAL_ERROR", "message": "no"}
    wrong = app.call("POST", load, json={"luau": {"answers": [{"result": 1}]}})
    assert (wrong.status_code, "luau.answers" in wrong.json()["error"]) == (400, True)


def test_the_result_of_one_and_one(cloud: Sandbox, place: Any) -> None:
    """A new sandbox knows one script already."""
    assert run(cloud, place, "return 1 + 1").result() == [2]
    assert isinstance(place.run_luau("x").status(), models.LuauTask)
