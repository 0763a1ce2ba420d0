"""Requests made by chance, good and bad ones, over all operations; and the state they lead to.

What a sandbox of a test answers is held against Roblox's document anyway; here it is asked for
what nobody would have thought of.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from werkzeug.wrappers import Response

from rblx_oauth.catalog import Operation, operations
from rblx_oauth.sandbox.files import read_into, write_from
from rblx_oauth.sandbox.sections import dump
from tests.api.document import needs_document
from tests.sandbox.generated import TOO_LARGE, Ask, Generator, World, nothing

pytestmark = needs_document

SEED = int(os.environ.get("GENERATED_SEED") or random.SystemRandom().randrange(2**32))
ROUNDS = 20
"""How often each operation is asked for before the world begins anew."""
WORLDS = 12
"""How many worlds there are at most; from the third on, what was refused so far is tried again."""
SPOILED = 4
"""One round of so many is spoiled."""

TESTED_ELSEWHERE = {
    "assign_group_role",
    "calculate_experiment_mde",
    "close_team_test",
    "complete_experiment",
    "create_campaign",
    "create_creator_store_product",
    "create_place_version",
    "create_save",
    "create_secret",
    "create_thumbnail_personalization",
    "decline_group_join_request",
    "delete_save",
    "get_campaign",
    "get_creator_store_product",
    "get_dimension_values_operation",
    "get_entry_version_v1",
    "get_homepage_thumbnail_uploads",
    "get_luau_execution_task",
    "get_memory_store_flush_operation",
    "get_memory_store_sorted_map_item",
    "get_metrics_operation",
    "increment_entry_v1",
    "list_game_translation_history",
    "list_group_forum_comments",
    "list_luau_execution_task_logs",
    "order_game_thumbnail_translations",
    "schedule_experiment",
    "start_experiment",
    "unassign_group_role",
    "update_asset",
    "update_campaign",
    "update_creator_store_product",
    "update_data_store_entry",
    "update_event",
    "update_experiment",
    "update_game_thumbnail_alt_text",
    "update_group_membership",
    "update_instance",
    "update_secret",
    "update_thumbnail_personalization",
}
"""What these take, only a test written for them knows: a sealed box, the id of a running task."""


SEAL = re.compile(rb"(?<=/_sandbox/content/)[^\"]+")
"""What a sandbox knows its own locations of content by."""


class Asked(NamedTuple):
    """What was asked for, and what came of it."""

    operation: Operation
    ask: Ask
    answer: Response


def asked(
    world: World, generator: Generator, every: list[Operation], rounds: int
) -> Iterator[Asked]:
    """Ask for operations, in another order each time; what comes back is learned from."""
    for number in range(rounds):
        generator.chance.shuffle(every)
        for operation in every:
            ask = generator.ask(operation, spoiled=number % SPOILED == SPOILED - 1)
            answer = world.send(ask)
            if answer.status_code < 300 and answer.mimetype == "application/json":
                generator.learn(operation, answer.get_json())
            yield Asked(operation, ask, answer)
        world.state.clock.advance(2)


def read(world: World, ask: Ask) -> object:
    """What is answered; JSON without regard to spaces, which a state file does not keep."""
    answer = world.send(ask)
    content = SEAL.sub(b"", answer.get_data())
    return json.loads(content) if answer.mimetype == "application/json" else content


def told(seed: int) -> None:
    """Say how this run can be had again; shown when the test fails."""
    print(f"seed {seed}: GENERATED_SEED={seed} repeats it")  # noqa: T201


def test_requests_made_by_chance_get_documented_answers() -> None:
    """Nothing fails, whatever it is asked; and but for a few, each does at last what it is for."""
    told(SEED)
    world, generator = World(), Generator(SEED)
    every = list(operations().values())
    refused = operations().keys() - TESTED_ELSEWHERE
    for number in range(WORLDS):
        for operation, ask, answer in asked(world, generator, every, ROUNDS):
            assert answer.status_code < 500, (ask, answer.get_data())
            if answer.status_code < 300:
                refused -= {operation.name}
        if number:
            families = {operations()[name].family for name in refused}
            every = [each for each in operations().values() if each.family in families]
        if not every:
            break
        world.state.reset()
        generator.forget()
    assert not refused, sorted(refused)


def test_what_is_too_large_for_its_place_is_survived() -> None:
    """Numbers beyond 32 and 64 bits, and the last moment of the calendar, wherever they are put."""
    told(SEED)
    world, generator = World(), Generator(SEED)
    every = list(operations().values())
    for _ in asked(world, generator, every, 2):
        pass
    for operation in every:
        for ask in generator.spoiled_everywhere(operation, TOO_LARGE):
            answer = world.send(ask)
            assert answer.status_code < 500, (ask, answer.get_data())
    for operation in every:
        if operation.method == "GET":
            world.send(generator.ask(operation))


@pytest.mark.parametrize("number", range(3))
def test_whatever_happened_is_saved_and_loaded(tmp_path: Path, number: int) -> None:
    """What is loaded is equal to what was saved, and answers all that was read as before."""
    told(SEED + number)
    first, generator = World(), Generator(SEED + number)
    reads = {}
    for _, ask, answer in asked(first, generator, list(operations().values()), 5):
        if ask.method == "GET" and answer.status_code == 200:
            reads[ask.path] = ask
    file = tmp_path / "cloud.json"
    write_from(first.state, file)
    second = World(nothing)
    read_into(second.state, file, alone=True)
    assert dump(second.state) == dump(first.state)
    for ask in reads.values():
        assert read(second, ask) == read(first, ask), ask
    assert dump(second.state) == dump(first.state)
