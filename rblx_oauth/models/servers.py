"""Game servers: the machines that run a version of a place, and what they log."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Self

import msgspec

from rblx_oauth.models.base import Duration, Model, OpenEnum, ResourceId, Timestamp

_SPAN = re.compile(r"(?:([0-9]{1,8})\.)?([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?")


class TimeSpan(Duration):
    """A span of time that travels as days and a time of day: ``1.02:03:04.5``."""

    @classmethod
    def from_wire(cls, text: object) -> Self:
        """The span that `text` says.

        Raises:
            ValueError: It says none.
        """
        found = _SPAN.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise ValueError("expected a span of time such as 1.02:03:04")
        days, hours, minutes, seconds = (int(each or 0) for each in found.groups()[:4])
        micros = int((found[5] or "").ljust(6, "0")[:6])
        return cls(days=days, hours=hours, minutes=minutes, seconds=seconds, microseconds=micros)


class GameServerStatus(OpenEnum):
    """How a game server is, or how it ended."""

    UNSPECIFIED = "unspecified"
    PENDING = "pending"
    ACTIVE = "active"
    SHUT_DOWN = "shut_down"
    RESTARTED = "restarted"
    ROBLOX_RESTARTED = "roblox_restarted"
    CRASHED = "crashed"
    OUT_OF_MEMORY = "out_of_memory"
    MODERATED = "moderated"


class GameServer(Model, frozen=True):
    """A server that runs a version of a place, or did.

    Attributes:
        job_id: Names it.
        place_version: The version it runs.
        engine_version: Roblox's own.
        uptime: How long it has been running.
        memory_usage_bytes: Memory in use.
        frame_rate: Frames a second; None where it is not known.
        occupancy: Users in it now.
        max_occupancy: Users it has room for.
        type: Roblox's number for what kind of server it is.
        shut_down: Whether it is gone.
        termination_time: When it ended; None while it runs.
        player_ids: The users in it.
    """

    job_id: str = ""
    place_id: ResourceId = ResourceId()
    place_version: ResourceId = ResourceId()
    engine_version: str = ""
    created_at: Timestamp | None = msgspec.field(name="createTime", default=None)
    uptime: TimeSpan | None = None
    memory_usage_bytes: int = 0
    frame_rate: float | None = None
    occupancy: int = 0
    max_occupancy: int = 0
    type: int = 0
    full: bool = False
    shut_down: bool = False
    status: GameServerStatus = GameServerStatus.UNSPECIFIED
    termination_time: Timestamp | None = None
    player_ids: list[int] = []


class GameServerLog(Model, frozen=True):
    """A line that a game server logged.

    Attributes:
        message_timestamp_ms: When, as Roblox wrote it; `logged_at` is easier to use.
        severity: 0 output, 1 information, 2 a warning, 3 an error.
        message_template: Of structured logging: the message before it was filled in.
        context: Of structured logging: what it was filled in with.
        skipped_count: The same message again at about that time, left out.
        rate_limited_count: Other messages at about that time, left out.
    """

    message_timestamp_ms: int | Timestamp | None = None
    universe_id: int = 0
    place_id: ResourceId = ResourceId()
    place_version: ResourceId = ResourceId()
    job_id: str = ""
    severity: int = 0
    message: str = ""
    stack_trace: str = ""
    message_template: str = ""
    context: str = ""
    skipped_count: int = 0
    rate_limited_count: int = 0

    @property
    def logged_at(self) -> datetime | None:
        """When. Roblox's document says a time there, its name milliseconds since 1970."""
        moment = self.message_timestamp_ms
        return datetime.fromtimestamp(moment / 1000, UTC) if isinstance(moment, int) else moment
