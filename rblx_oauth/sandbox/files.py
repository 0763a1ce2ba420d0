"""Seed and state files: reading them with the line of what is wrong, and writing them whole."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from rblx_oauth._decoding import plain
from rblx_oauth.sandbox.sections import dump, load
from rblx_oauth.sandbox.state import State

__all__ = ["FileError", "put_into", "read_into", "write_from"]

_PATH = re.compile(r"^(?P<said>.*) - at (?P<key>`key` in )?`\$(?P<path>.*)`$", re.DOTALL)
_UNKNOWN = re.compile(r"^Object contains unknown field `(.+)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
# What Roblox writes in digits; YAML would read a number.
_TEXTS = frozenset(
    {
        "id",
        "owner",
        "user",
        "group",
        "universe",
        "place",
        "root_place",
        "client_id",
        "actor",
        "archiver",
        "author",
        "creator",
        "moderator",
        "poster",
    }
)


class FileError(ValueError):
    """A seed or state file is not as it should be; the message has its name and line."""


def read_into(state: State, path: str | os.PathLike[str], *, alone: bool = False) -> None:
    """Add what a file holds to a state; all of it, or nothing if something is wrong.

    Args:
        state: Where to.
        path: A YAML file, or a JSON file (by its name).
        alone: Empty the state first: the file holds everything.

    Raises:
        FileError: It cannot be read, or something in it is wrong.
    """
    file = Path(path)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileError(f"{file.name}: cannot be read: {error}") from None
    content = _parsed(file, text)
    try:
        load(state, content, alone=alone)
    except ValueError as error:
        found = _PATH.match(str(error))
        if found is None:
            raise FileError(f"{file.name}: {error}") from None
        path = found["path"] + ("[...]" if found["key"] else "")
        steps = _steps(path, content) + _UNKNOWN.findall(found["said"])
        at = f" - at {_written(steps)}" if steps else ""
        raise FileError(f"{_place(file, _line(text, steps))}: {found['said']}{at}") from None


def put_into(state: State, content: Mapping[str, object]) -> None:
    """Add what a program gives to a state, in the form of a seed file; all of it, or nothing.

    Raises:
        ValueError: Something in it is wrong.
    """
    load(state, _texts(dict(content)))


def write_from(state: State, path: str | os.PathLike[str]) -> None:
    """Write everything that a state holds, readable by its owner only, whole or not at all.

    Raises:
        OSError: It cannot be written; what was there before still is.
    """
    file = Path(path)
    content = msgspec.json.format(msgspec.json.encode(dump(state)), indent=1)
    beside = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(file)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def _parsed(file: Path, text: str) -> object:
    try:
        return _from_json(file, text) if file.suffix.lower() == ".json" else _from_yaml(file, text)
    except RecursionError:
        raise FileError(f"{file.name}: it is in itself, or nested too deeply") from None


def _from_json(file: Path, text: str) -> object:
    try:
        return plain(text)
    except msgspec.DecodeError as error:
        said, at, byte = str(error).partition(" (byte ")
        before = text.encode()[: int(byte[:-1])] if at else text.rstrip().encode()
        place = _place(file, before.count(b"\n") + 1)
        raise FileError(f"{place}: not valid JSON: {said}") from None


def _from_yaml(file: Path, text: str) -> object:
    yaml = _yaml(file)
    try:
        return _sections(yaml.safe_load(text))
    except yaml.MarkedYAMLError as error:
        place = _place(file, error.problem_mark.line + 1)
        raise FileError(f"{place}: not valid YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        place = _place(file, text.count("\n", 0, error.position) + 1)
        raise FileError(f"{place}: not valid YAML: {error.reason}") from None
    except ValueError as error:  # the 30th of February
        raise FileError(f"{file.name}: not valid YAML: {error}") from None


def _yaml(file: Path) -> Any:
    try:
        import yaml
    except ImportError:
        raise FileError(
            f'{file.name}: YAML needs PyYAML: pip install "rblx-oauth[sandbox]"; or give JSON'
        ) from None
    return yaml


def _sections(content: object) -> object:
    """What YAML read; values of entries are somebody's own, and stay as they are."""
    if not isinstance(content, dict):
        return content
    own = ("data_stores",)
    return {
        str(name): _keys(each) if name in own else _texts(each) for name, each in content.items()
    }


def _keys(value: object) -> object:
    if isinstance(value, dict):
        return {str(key): _keys(each) for key, each in value.items()}
    return [_keys(each) for each in value] if isinstance(value, list) else value


def _texts(value: object) -> object:
    """What YAML read, with keys and ids as text."""
    if isinstance(value, dict):
        return {
            str(key): str(each)
            if key in _TEXTS and isinstance(each, int) and not isinstance(each, bool)
            else _texts(each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [_texts(each) for each in value]
    return value


def _steps(path: str, content: object) -> list[str | int]:
    """The way to what is wrong, with the keys that the checker does not name."""
    steps: list[str | int] = []
    for name, index in _STEP.findall(path):
        if name:
            steps.append(name)
        elif index != "...":
            steps.append(int(index))
        else:
            key = _culprit(content, steps)
            if key is None:
                break
            steps.append(key)
    return steps


def _culprit(content: object, steps: list[str | int]) -> str | None:
    """The key, below `steps`, that is wrong even alone."""
    for key in _at(content, steps, default={}):
        alone = _replaced(content, steps, _only(key))
        try:
            load(State(lambda _: None), alone)
        except ValueError:
            return str(key)
    return None


def _only(key: str) -> Callable[[Any], object]:
    return lambda found: {key: found[key]}


def _at(content: Any, steps: list[str | int], default: Any) -> Any:
    for step in steps:
        try:
            content = content[step]
        except (KeyError, IndexError, TypeError):
            return default
    return content


def _replaced(content: Any, steps: list[str | int], change: Callable[[Any], object]) -> object:
    if not steps:
        return change(content)
    first, rest = steps[0], steps[1:]
    if isinstance(content, dict):
        return {first: _replaced(content[first], rest, change)}
    return [_replaced(content[int(first)], rest, change)]


def _place(file: Path, line: int) -> str:
    return f"{file.name}, line {line}" if line else file.name


def _written(steps: list[str | int]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)[1:]


def _line(text: str, steps: list[str | int]) -> int:
    """The line, from 1, of what `steps` lead to; 0 where that cannot be told."""
    try:
        import yaml

        node: Any = yaml.compose(text)
    except Exception:  # noqa: BLE001  # no YAML, or JSON that is none
        return 0
    line = 1
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == step]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line + 1, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
