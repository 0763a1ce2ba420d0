"""Requests for every operation, made by chance of what Roblox's document says of it.

Ids are plain strings in the document, so only who knows what is in a sandbox, and reads what it
answers, gets past the first "there is no such thing".
"""

from __future__ import annotations

import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from copy import deepcopy
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from rblx_oauth.catalog import Operation
from rblx_oauth.sandbox import SandboxClock, Settings, State
from rblx_oauth.sandbox.app import Front
from rblx_oauth.sandbox.seed import seed
from tests.api.answers import Maker
from tests.api.document import document, facts, route
from tests.sandbox.sensible import BODY, HINTS, WORLD
from tests.sandbox.uploads import PICTURE
from tools.document import snake

BASE = "http://127.0.0.1:5001"
JUNK: tuple[Any, ...] = (
    *("", " ", "0", "-1", "99999999999999999999", "1e9", "true", "null", "[]", "{}", "..", "%"),
    *("a" * 70, "é\U0001f600", "\x00", "2026-13-01T00:00:00Z", "users/x", "-", ":", "@", "a,b"),
    *(None, True, 0, -1, 2**63, 1.5, 1e300, [], {}, [None], [[]], {"a": {"b": [1]}}, "x" * 5000),
)
TOO_LARGE: tuple[Any, ...] = (2**31, 2**63, -(2**63) - 1, "9" * 30, "9999-12-31T23:59:59.9999999Z")
_MOMENT = 1_800_000_000.0
_SHARES = (0.2, 0.6, 1.0)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Ask(NamedTuple):
    """A request.

    Attributes:
        method: Its method.
        path: Its path with the query, percent-encoded.
        headers: Its headers; those of credentials come in addition.
        body: Its JSON, or its form by name; None if it has none.
        form: Whether the body is a form.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: Any
    form: bool


def nothing(state: State) -> None:
    """Leave a new state empty."""


class World:
    """A sandbox without a server and without limits, whose clock stands still until it is moved.

    Args:
        fill: What it begins with.
    """

    def __init__(self, fill: Callable[[State], None] = seed) -> None:
        unlimited = Settings(rate_limits=False)
        self.state = State(fill, clock=SandboxClock(lambda: _MOMENT), settings=unlimited)
        self.app = Front(self.state, BASE)
        # What the program does not expect ends the test, with its traceback.
        self.app.cloud.config["PROPAGATE_EXCEPTIONS"] = True

    def send(self, ask: Ask) -> Response:
        """What the sandbox answers to a request with the developer's API key."""
        (key,) = self.state.api_keys
        headers = {"x-api-key": key, **ask.headers}
        body: dict[str, Any] = {"data": ask.body} if ask.form else {"json": ask.body}
        if ask.body is None:
            body = {}
        with closing(
            EnvironBuilder(ask.path, BASE, method=ask.method, headers=headers, **body)
        ) as builder:
            # Werkzeug decodes and encodes paths, and so loses slashes that belong to a key.
            environ = {**builder.get_environ(), "REQUEST_URI": ask.path}
            return Response.from_app(self.app, environ, buffered=True)


class Generator:
    """Makes requests; the same ones for the same seed and answers.

    Args:
        seed: Chooses everything.
    """

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self._maker = Maker(str(seed))
        self._learned: dict[tuple[str, str], list[Any]] = defaultdict(list)

    def forget(self) -> None:
        """The world begins anew."""
        self._learned.clear()

    # --- making

    def ask(self, operation: Operation, *, spoiled: bool = False) -> Ask:
        """A request that the document allows or, spoiled, one that something is wrong with."""
        given, body = self._parameters(operation), self._body(operation)
        if spoiled:
            body = self._spoil(given, deepcopy(body))
        return _written(operation, given, body)

    def spoiled_everywhere(self, operation: Operation, junk: Sequence[Any]) -> Iterator[Ask]:
        """One request with each piece of junk in each place of it, one after the other."""
        given, body = self._parameters(operation), self._body(operation)
        for where, values in given.items():
            for name in values:
                for each in junk:
                    yield _written(operation, given | {where: values | {name: each}}, body)
        for number in range(len(list(_places(body)))):
            for each in junk:
                changed = deepcopy(body)
                holder, key = list(_places(changed))[number]
                holder[key] = each
                yield _written(operation, given, changed)

    def _parameters(self, operation: Operation) -> dict[str, dict[str, Any]]:
        described = [document().resolve(each)[1] for each in facts(operation).get("parameters", ())]
        hints = HINTS.get(operation.name, {})
        given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
        share = self.chance.choice(_SHARES)
        for each in described:
            name = each["name"]
            if each.get("required") or name in hints or self.chance.random() < share:
                known = hints.get(name) or self._known(operation, name)
                given[each["in"]][name] = (
                    self.chance.choice(known) if known else self._maker.value(each["schema"], name)
                )
        return given

    def _known(self, operation: Operation, name: str) -> list[Any]:
        word = snake(name)
        family = operation.family
        last = word.removesuffix("_id")
        if word in WORLD:
            return [*WORLD[word], *self._learned[family, word]]
        found = [*self._learned[family, word], *self._learned[family, last]]
        return found or (self._learned[family, "id"] if word.endswith("id") else [])

    def _body(self, operation: Operation) -> Any:
        media, schema = document().body(facts(operation))
        if not media:
            return None
        hints = HINTS.get(operation.name, {})
        if BODY in hints:
            return self.chance.choice(hints[BODY])
        made = self._maker.value(schema)
        required = document().resolve(schema)[1].get("required")
        made = self._fitted(operation, made, required)
        for name in [each for each in hints if each in document().properties(schema)]:
            made[name] = self.chance.choice(hints[name])
        return made

    def _fitted(self, operation: Operation, value: Any, required: Any = None) -> Any:
        """A value with fewer members, those that name something naming something that exists."""
        if isinstance(value, list):
            return [self._fitted(operation, each) for each in value[: self.chance.randrange(1, 3)]]
        if not isinstance(value, dict):
            return value
        needed = required if isinstance(required, list) else ()
        share = self.chance.choice(_SHARES)
        made = {}
        for name, each in value.items():
            if name not in needed and self.chance.random() >= share:
                continue
            known = self._known(operation, name) if not isinstance(each, dict | list) else ()
            chosen = self.chance.choice(known) if known else self._fitted(operation, each)
            made[name] = str(chosen) if isinstance(each, str) and known else chosen
        return made

    def _spoil(self, given: dict[str, dict[str, Any]], body: Any) -> Any:
        """Put junk in one place; the body as it is afterwards."""
        places = [(where, name) for where in given.values() for name in where]
        inside = list(_places(body))
        at = self.chance.randrange(len(places) + len(inside) + 1)
        junk = self.chance.choice(JUNK)
        if at < len(places):
            where, name = places[at]
            where[name] = junk
        elif at < len(places) + len(inside):
            holder, key = inside[at - len(places)]
            holder[key] = junk
        else:
            return junk
        return body

    # --- reading

    def learn(self, operation: Operation, answer: object) -> None:
        """Remember what an answer names, to ask for it."""
        for name, value in _members(answer):
            if isinstance(value, str | int) and len(str(value)) <= 100:
                self._remember(operation.family, snake(name), value)
                if name == "path" and isinstance(value, str):
                    parts = value.split("/")
                    for kind, one in zip(parts[::2], parts[1::2], strict=False):
                        self._remember(operation.family, f"{_one(kind)}_id", one)

    def _remember(self, family: str, name: str, value: object) -> None:
        kept = self._learned[family, name]
        if value not in kept:
            kept[:] = [*kept[-7:], value]


def _written(operation: Operation, given: dict[str, dict[str, Any]], body: Any) -> Ask:
    method, path = route(operation)
    media, schema = document().body(facts(operation))
    where = _PLACEHOLDER.sub(
        lambda found: quote(_text(given["path"].get(found[1], "-")), safe=""), path
    )
    query = urlencode({name: _text(value) for name, value in given["query"].items()})
    headers = {name: _header(value) for name, value in given["header"].items()}
    form = "multipart" in media and isinstance(body, dict)
    return Ask(method, f"{where}?{query}", headers, _parts(body, schema) if form else body, form)


def _one(kind: str) -> str:
    """The word for one of a collection, e.g. ``forum_category`` for ``forum-categories``."""
    return re.sub("(?:(ie)s|s)$", lambda found: "y" if found[1] else "", snake(kind))


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return json.dumps(value)


def _header(value: object) -> str:
    """As HTTP can carry it."""
    return re.sub(r"[^ -~]", "?", _text(value))


def _parts(body: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A form: files where the document says so, other members as text."""
    described = document().properties(schema)
    made: dict[str, Any] = {}
    for name, value in body.items():
        kind = document().resolve(described.get(name, {}))[1]
        inner = document().resolve(kind.get("items", {}))[1]
        if "binary" in (kind.get("format"), inner.get("format")):
            made[name] = (BytesIO(PICTURE), "picture.png", "image/png")
        else:
            made[name] = _text(value)
    return made


def _members(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield name, each
            yield from _members(each)
    elif isinstance(value, list):
        for each in value:
            yield from _members(each)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place inside of a JSON value, as what holds it and where."""
    if isinstance(value, dict | list):
        for at in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, at
            yield from _places(value[at])
