"""Notifications from universes to users: kept, so that a test can look at what was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

import msgspec

from rblx_oauth._decoding import converter
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.parsing import json_body, without_nulls
from rblx_oauth.sandbox.refusals import Refusal
from rblx_oauth.sandbox.shelves import Shelf

__all__ = ["BEHAVIOURS", "Notification", "NotificationShelf"]

_LAUNCH_DATA_BYTES = 200
_UNIVERSE = re.compile(r"universes/([0-9]+)")
_SNAKE = re.compile(r"_([a-z])")


class Notification(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What one user was told by one universe."""

    id: str
    universe: str
    user: str
    message: str
    parameters: dict[str, str | int] = {}
    launch_data: str = ""
    category: str = ""
    at: float


class NotificationShelf(Shelf):
    """Everything that was sent, oldest first."""

    section: ClassVar[str] = "notifications"

    sent: list[Notification] = []


class _Source(msgspec.Struct):
    universe: str


class _Value(msgspec.Struct, rename="camel"):
    string_value: str | None = None
    int64_value: int | str | None = msgspec.field(name="int64Value", default=None)


class _JoinExperience(msgspec.Struct, frozen=True, rename="camel"):
    launch_data: str = ""


class _AnalyticsData(msgspec.Struct, frozen=True):
    category: str = ""


class _Payload(msgspec.Struct, rename="camel"):
    type: Literal["MOMENT"]
    message_id: Annotated[str, msgspec.Meta(min_length=1)]
    parameters: dict[str, _Value] = {}
    join_experience: _JoinExperience = _JoinExperience()
    analytics_data: _AnalyticsData = _AnalyticsData()


class _Body(msgspec.Struct):
    source: _Source
    payload: _Payload


def _read(exchange: Exchange) -> _Body:
    content = _camel(json_body(exchange.request, dict[str, object]), "payload")
    try:
        return converter(_Body)(without_nulls(content, _Body))
    except msgspec.ValidationError as error:
        raise Refusal.invalid(f"the body is not as expected: {error}") from None


def _camel(content: object, inside: str = "") -> object:
    """An object with its members in camel case: Roblox's own guide writes them in snake case.

    Args:
        content: The object; what is none is left as it is.
        inside: Of which member the objects in it are written so, too.
    """
    if not isinstance(content, Mapping):
        return content
    found = {_SNAKE.sub(lambda match: match[1].upper(), name): content[name] for name in content}
    if inside == "payload":
        found["payload"] = _camel(found.get("payload"), "parameters")
    elif inside:
        for name in ("joinExperience", "analyticsData"):
            if name in found:
                found[name] = _camel(found[name])
        parameters = found.get("parameters")
        if isinstance(parameters, Mapping):  # their own names are the developer's
            found["parameters"] = {name: _camel(value) for name, value in parameters.items()}
    return found


def _parameter(name: str, value: _Value) -> str | int:
    if (value.string_value is None) == (value.int64_value is None):
        raise Refusal.invalid(f"parameter {name} needs either stringValue or int64Value")
    if value.string_value is not None:
        return value.string_value
    try:
        number = int(value.int64_value or 0)
    except ValueError:
        number = 2**63
    if not -(2**63) <= number < 2**63:
        raise Refusal.invalid(f"parameter {name} must be an integer of 64 bits")
    return number


def _send(exchange: Exchange) -> object:
    body, user, state = _read(exchange), exchange.arguments["user_id"], exchange.state
    match = _UNIVERSE.fullmatch(body.source.universe)
    if match is None:
        raise Refusal.invalid("source.universe looks like universes/1")
    if match[1] not in state.universes:
        raise Refusal.not_found(f"there is no universe {match[1]}")
    if not exchange.caller.may_touch_universe(match[1]):
        raise Refusal.denied(f"this credential was not granted universe {match[1]}")
    if user not in state.users:
        raise Refusal.not_found(f"there is no user {user}")
    payload = body.payload
    launch_data = payload.join_experience.launch_data
    if len(launch_data.encode()) > _LAUNCH_DATA_BYTES:
        raise Refusal.invalid(f"launchData takes {_LAUNCH_DATA_BYTES} bytes at most")
    with state.lock:
        made = Notification(
            id=state.ids.uuid("notification"),
            universe=match[1],
            user=user,
            message=payload.message_id,
            parameters={
                name: _parameter(name, value) for name, value in payload.parameters.items()
            },
            launch_data=launch_data,
            category=payload.analytics_data.category,
            at=state.clock.now(),
        )
        state.shelves.of(NotificationShelf).sent.append(made)
    return {"path": f"users/{user}/notifications/{made.id}", "id": made.id}


BEHAVIOURS = {"create_user_notification": Behaviour(_send)}
