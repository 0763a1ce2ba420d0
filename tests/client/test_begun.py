"""Operations that a request began, though its answer does not say by which name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from rblx_oauth import errors
from tests.client.answers import reply
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer

DAY, NEXT = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
SPAN: dict[str, Any] = {"start_time": DAY, "end_time": NEXT}

BEGIN: dict[str, Callable[[Any], Any]] = {
    "create_asset": lambda c: c.user(1).assets.create(
        b"\x89PNG\r\n\x1a\n", type="Decal", name="Hat"
    ),
    "flush_memory_store": lambda c: c.universe(1).flush_memory_store(),
    "generate_speech_asset": lambda c: c.universe(1).generate_speech("Hello"),
    "generate_user_thumbnail": lambda c: c.user(1).headshot(),
    "get_instance": lambda c: c.universe(1).place(2).instance().get(),
    "query_dimension_values": lambda c: c.universe(1).analytics.dimension_values(
        "Visits", dimensions=["Country"], **SPAN
    ),
    "query_metrics": lambda c: c.universe(1).analytics.query_metrics(
        "Visits", granularity="OneDay", **SPAN
    ),
}


@pytest.mark.parametrize("name", BEGIN)
def test_what_nobody_can_ask_about_is_said(
    colour: Colour, make_client: MakeClient, server: RawServer, name: str
) -> None:
    """It is Roblox that left the name out, and the caller's arguments that were right."""
    server.script(reply(body={"path": ""}))
    with pytest.raises(errors.ProtocolError, match=f"^{name}: it is under way") as caught:
        colour(BEGIN[name](make_client()))
    assert caught.value.operation == name
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("name", "response", "result"),
    [
        ("flush_memory_store", {}, True),
        (
            "generate_user_thumbnail",
            {"imageUri": "https://t.rbxcdn.com/1"},
            "https://t.rbxcdn.com/1",
        ),
    ],
)
def test_what_is_over_needs_no_name(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    name: str,
    response: dict[str, object],
    result: object,
) -> None:
    """Its end is in the answer that began it: nothing more is asked."""
    server.script(reply(body={"done": True, "response": response}))
    assert colour(colour(BEGIN[name](make_client())).wait()) == result
    assert len(server.requests) == 1
