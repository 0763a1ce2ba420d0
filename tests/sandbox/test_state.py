"""State files: whole or not at all, for their owner's eyes, and equal to what was saved."""

from __future__ import annotations

import random
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.files import read_into, write_from
from rblx_oauth.sandbox.sections import Section, dump, load, sections
from rblx_oauth.sandbox.state import State
from tests.sandbox.made import Maker

SECTIONS = [each for each in sections() if each.read is not None]


def content_of(section: Section, maker: Maker) -> Any:
    """What such a section might hold."""
    content = maker.value(section.kind)
    if section.name == "oauth":
        for token in (*content["access"].values(), *content["refresh"].values()):
            token["grant"] = content["grants"][0]
    return content


def nothing(state: State) -> None:
    """Leave a new state empty."""


@pytest.mark.parametrize("section", SECTIONS, ids=lambda each: each.name)
def test_every_section_is_read_as_it_was_written(section: Section) -> None:
    """Any content of its type, every member of it filled: saved, loaded and saved, it is equal."""
    maker = Maker(section.name)
    for _ in range(5):
        first = State(nothing)
        load(first, {section.name: content_of(section, maker)})
        saved = dump(first)
        assert saved[section.name]
        second = State(nothing)
        load(second, saved, alone=True)
        again = dump(second)
        assert again[section.name] == saved[section.name]
        assert again == saved


def test_what_is_equal_is_written_equally() -> None:
    """The scopes of a token and of a consent are sets, and are written in order."""
    scopes = [f"scope-{each}" for each in range(20)]
    consent = {"scopes": scopes[::-1], "picks": {"universes": scopes[::-1], "creators": []}}
    state = State(nothing)
    load(state, {"oauth": {"consents": [["1", "2", consent]]}})
    saved: Any = dump(state)["oauth"]
    (_, _, written), *_ = saved["consents"]
    assert written["scopes"] == written["picks"]["universes"] == sorted(scopes)


def test_a_new_world_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Over a file: what every sandbox begins with, into an empty one and into a full one."""
    file = tmp_path / "cloud.json"
    first = Sandbox().state
    first.clock.advance(1000)
    first.settings.token_seconds = 5
    write_from(first, file)
    for other in (State(nothing), Sandbox().state):
        read_into(other, file, alone=True)
        assert dump(other) == dump(first)


def test_the_file_is_its_owners(tmp_path: Path) -> None:
    """Nobody else may read it, whatever was there before; nothing is left beside it."""
    file = tmp_path / "cloud.json"
    file.write_text("{}")
    file.chmod(0o644)
    with Sandbox(state=file):
        pass
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_folder_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    """What was saved before still is, and no half of a new file lies beside it."""
    state = Sandbox().state
    file = tmp_path / "cloud.json"
    write_from(state, file)
    before = file.read_bytes()
    target = tmp_path / "folder"
    target.mkdir()
    with pytest.raises(OSError, match="folder"):
        write_from(state, target)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["cloud.json", "folder"]
    assert file.read_bytes() == before


WRITER = """
import sys
from rblx_oauth.sandbox import Sandbox
from rblx_oauth.sandbox.files import write_from

state = Sandbox().state
number = 0
while True:
    number += 1
    state.clock.offset = float(number)
    print(number, flush=True)
    write_from(state, sys.argv[1])
"""


def test_a_killed_program_leaves_a_whole_file(tmp_path: Path) -> None:
    """SIGKILL while it is being written, at different moments: the file is the old or the new."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  # shown when the test fails
    chance = random.Random(seed)
    file = tmp_path / "cloud.json"
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout
            begun = 0
            for _ in range(chance.randrange(2, 12)):
                begun = int(process.stdout.readline())
            sum(range(chance.randrange(200_000)))  # a moment of its own
            process.send_signal(signal.SIGKILL)
            begun = max([begun, *map(int, process.stdout.read().split())])
        state = State(nothing)
        read_into(state, file, alone=True)
        assert begun - 1 <= state.clock.offset <= begun
        assert len(state.users) == 3


def test_a_state_is_plain_json(tmp_path: Path) -> None:
    """It begins and ends as the sections do, and is text that a person can read."""
    file = tmp_path / "cloud.json"
    write_from(Sandbox().state, file)
    content = msgspec.json.decode(file.read_bytes(), type=dict[str, object])
    assert list(content) == [each.name for each in SECTIONS]
    assert b"\n" in file.read_bytes()
