"""The page for users of other languages: every line that it shows is run, as it stands there."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.programs import absent
from tests.support.server import Answer, ScriptedServer

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sandbox-http.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)( run)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANYTHING = "…"


class Step(NamedTuple):
    """Lines to run, and what they are said to print, in JSON or as text."""

    lines: str
    kind: str
    said: str


def steps() -> list[Step]:
    """What the page has to be run, in order."""
    blocks = list(BLOCK.finditer(PAGE))
    found = []
    for block, after in zip(blocks, [*blocks[1:], None], strict=True):
        if block[2]:
            shows = after is not None and not after[2] and after[1] in ("json", "text")
            found.append(Step(block[3], *((after[1], after[3]) if after and shows else ("", ""))))
    return found


def fits(said: object, is_: object) -> bool:
    """Whether JSON holds what is said of it; an ellipsis stands for anything."""
    if said == ANYTHING:
        return True
    if isinstance(said, dict) and isinstance(is_, dict):
        return all(name in is_ and fits(value, is_[name]) for name, value in said.items())
    if isinstance(said, list) and isinstance(is_, list):
        return len(said) == len(is_) and all(map(fits, said, is_))
    return said == is_


def as_pattern(text: str) -> str:
    """Text in which an ellipsis stands for anything."""
    return ".*".join(map(re.escape, text.strip().split(ANYTHING)))


@pytest.fixture
def outputs(tmp_path: Path) -> list[str]:
    """What each step printed, all of them run by one shell with a program that takes webhooks."""
    if shutil.which("curl") is None:
        absent("no curl on PATH: apt-get install curl")
    script = ["set -eu -o pipefail"]
    script += [f"{{\n{step.lines}}} > step.{number}" for number, step in enumerate(steps())]
    with ScriptedServer(lambda _: Answer(200)) as site:
        env = os.environ | {
            "SITE": site.url,
            "PYTHONPATH": str(ROOT),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "no_proxy": "*",
        }
        command = ["bash", "-c", "\n".join(script)]
        group = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=env,
            text=True,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, said = group.communicate(timeout=100)
        finally:
            if group.poll() is None or group.returncode:
                os.killpg(group.pid, signal.SIGKILL)  # the sandbox that it started, too
    assert (group.returncode, said) == (0, "")
    return [(tmp_path / f"step.{number}").read_text() for number in range(len(steps()))]


def test_every_line_of_the_page_does_what_it_says(outputs: list[str]) -> None:
    """Each block of commands prints what the block after it shows."""
    assert len(outputs) > 15
    for step, printed in zip(steps(), outputs, strict=True):
        if step.kind == "json":
            assert fits(json.loads(step.said), json.loads(printed)), f"{step.lines}\n{printed}"
        elif step.kind == "text":
            assert re.search(as_pattern(step.said), printed.strip(), re.DOTALL), printed


def test_what_is_not_run_is_no_command_of_curl() -> None:
    """No example with curl escapes the test."""
    for block in BLOCK.finditer(PAGE):
        if block[1] == "sh" and not block[2]:
            assert "curl" not in block[3]
