"""Luau tasks: scripts that a sandbox cannot run, and the answers that it gives in their place.

A task gets its whole story when it is made: what it will print and return, and when. The clock
tells how much of that has come about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Literal

import msgspec

from rblx_oauth._decoding import decoder
from rblx_oauth.sandbox.shelves import Shelf
from rblx_oauth.sandbox.state import State

__all__ = ["Answer", "BinaryInput", "Luau", "LuauShelf", "Predicates", "Task", "answer_for"]

MessageType = Literal["OUTPUT", "INFO", "WARNING", "ERROR"]
ErrorCode = Literal[
    "SCRIPT_ERROR", "DEADLINE_EXCEEDED", "OUTPUT_SIZE_LIMIT_EXCEEDED", "INTERNAL_ERROR"
]
Line = str | tuple[MessageType, str]
"""What a script prints: plain output, or the kind of message and the message."""

Error = str | tuple[ErrorCode, str]
"""How a script fails: the message of a ``SCRIPT_ERROR``, or another code and its message."""


class Answer(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What becomes of a script.

    Attributes:
        script: The script, but for space around it.
        contains: Or words in it; what says neither is for every script.
        results: What it returns.
        logs: What it prints.
        error: How it fails; it does not where that is empty.
        seconds: How long it runs; as long as other operations unless it says.
        binary_output: The buffer that it gives to whoever asked for one.
        cancelled: Whether it is stopped in the end.
    """

    script: str = ""
    contains: str = ""
    results: list[object] = []
    logs: list[Line] = []
    error: Error = ""
    seconds: Annotated[float, msgspec.Meta(ge=0)] | None = None
    binary_output: bytes = b""
    cancelled: bool = False

    def fits(self, script: str) -> bool:
        """Whether it is the answer to a script."""
        exactly = not self.script or self.script.strip() == script.strip()
        return exactly and self.contains in script


class Task(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A script that somebody had run.

    Attributes:
        path: Names it: place, version, session and task.
        place: The id of its place.
        user: Whose key asked for it.
        timeout: Seconds it may run.
        input: The path of its binary input.
        wants_output: Whether it may give a binary output.
        signature: What opens that.
        created: When it was asked for.
        starts: When it leaves the queue.
        ends: When it is over.
        answer: What becomes of it.
    """

    path: str
    place: str
    user: str
    script: str
    created: float
    starts: float
    ends: float
    timeout: float | None = None
    input: str = ""
    wants_output: bool = False
    signature: str = ""
    answer: Answer

    @property
    def id(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


class BinaryInput(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Room for what scripts are given; `content` is None until it was uploaded."""

    path: str
    size: int
    created: float
    signature: str
    content: bytes | None = None

    @property
    def id(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]


class LuauShelf(Shelf):
    """The answers that were scripted, the newest last; tasks and inputs by id."""

    section = "luau"

    answers: list[Answer] = []
    tasks: dict[str, Task] = {}
    inputs: dict[str, BinaryInput] = {}


class Predicates(Shelf):
    """Answers for scripts that a function knows; they cannot be saved, so they have no section."""

    known: list[tuple[Callable[[str], bool], Answer]] = []


def answer_for(state: State, script: str) -> Answer:
    """What becomes of a script: the newest answer that fits; nothing comes of any other."""
    for fits, answer in reversed(state.shelves.of(Predicates).known):
        if fits(script):
            return answer
    answers = reversed(state.shelves.of(LuauShelf).answers)
    return next((each for each in answers if each.fits(script)), Answer())


class Luau:
    """Scripted answers of a sandbox, and what was asked of it.

    Args:
        state: The sandbox's state.
    """

    def __init__(self, state: State) -> None:
        self._state = state

    def on(
        self,
        script: str | Callable[[str], bool],
        *,
        results: Sequence[object] = (),
        logs: Iterable[Line] = (),
        error: Error = "",
        seconds: float | None = None,
        binary_output: bytes = b"",
        cancelled: bool = False,
    ) -> None:
        """Say what becomes of a script; the newest answer that fits it counts.

        ::

            cloud.luau.on("return 1 + 1", results=[2])
            cloud.luau.on(lambda script: "ban" in script, error="nobody to ban")

        Args:
            script: The script, or a function that knows it; functions are asked first.
            results: What it returns, as JSON can say it.
            logs: What it prints, spread over its run: a message, or ``("WARNING", message)``.
            error: It fails: the message of a ``SCRIPT_ERROR``, or ``(code, message)``.
            seconds: How long it runs, by the sandbox's clock; `Settings.operation_seconds`
                unless given. One that takes longer than its timeout fails.
            binary_output: What it gives to a task with ``enableBinaryOutput``.
            cancelled: It is stopped in the end.

        Raises:
            ValueError: That is no answer.
        """
        answer = {
            "results": results,
            "logs": list(logs),
            "error": error,
            "seconds": seconds,
            "binary_output": binary_output,
            "cancelled": cancelled,
        }
        said = script if isinstance(script, str) else ""
        # By way of JSON: results are what can travel in it.
        encoded = msgspec.json.encode(answer | {"script": said})
        made = decoder(Answer)(encoded)
        with self._state.lock:
            if callable(script):
                self._state.shelves.of(Predicates).known.append((script, made))
            else:
                self._state.shelves.of(LuauShelf).answers.append(made)

    @property
    def tasks(self) -> list[Task]:
        """The tasks of the last day, oldest first."""
        return list(self._state.shelves.of(LuauShelf).tasks.values())

    def input(self, path: str) -> bytes:
        """What was uploaded as a binary input.

        Args:
            path: As ``Task.input`` and ``LuauBinaryInput.path`` have it.

        Raises:
            LookupError: Nothing was, or it is too long ago.
        """
        found = self._state.shelves.of(LuauShelf).inputs.get(path.rpartition("/")[2])
        if found is None or found.content is None:
            raise LookupError("nothing was uploaded there")
        return found.content
