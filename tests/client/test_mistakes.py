"""What people get wrong, and what they are told: the argument, what it must be, before sending."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import AsyncClient, AsyncOAuthApp, Client, OAuthApp, api
from rblx_oauth.errors import ConfigurationError
from rblx_oauth.transport.aiohttp_transport import AiohttpTransport
from rblx_oauth.transport.requests_transport import RequestsTransport
from tests.client.answers import reply
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer


async def awaited(value: object) -> object:
    """A function that is no good where nobody awaits it."""
    return value


USER = api.users.get_user(user_id=1)
TIME = "timeout must be a number of seconds, not "

TYPE_ERRORS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "send a name": (lambda c: c.send("get_user"), r"send takes a call, such as .*, not a str"),
    "send what makes a call": (lambda c: c.send(api.users.get_user), "not a function"),
    "walk a name": (lambda c: c.walk("get_user"), "walk takes a call, such as"),
    "walk no listing": (lambda c: c.walk(USER), "get_user is none: send it"),
    "time of a call": (lambda c: c.send(USER, timeout="5"), TIME + "str"),
    "time of a wait": (lambda c: c.asset_operation("1").wait(timeout=None), TIME + "NoneType"),
    "time that is a bool": (lambda c: c.asset_operation("1").wait(timeout=True), TIME + "bool"),
    "time of an instance": (
        lambda c: c.universe(1).place(2).instance().read(timeout="5"),
        TIME + "str",
    ),
    "time of children": (
        lambda c: c.universe(1).place(2).instance().children(timeout="5"),
        TIME + "str",
    ),
    "time of logs": (
        lambda c: c.luau_task(
            "universes/1/places/2/versions/3/luau-execution-sessions/4/tasks/5"
        ).follow_logs(timeout="5"),
        TIME + "str",
    ),
    "time of a download": (lambda c: c.asset(1).download("a", timeout="5"), TIME + "str"),
    "place of a download": (
        lambda c: c.asset(1).download(None),
        "path must be a str or os.PathLike, not NoneType",
    ),
    "no function": (
        lambda c: c.universe(1).data_store("a").update("k", 5),
        "change must be a function, not int",
    ),
    "change to be awaited": (
        lambda c: c.universe(1).data_store("a").update("k", awaited),
        "change must be a plain function: nobody would await it",
    ),
    "draft to be awaited": (
        lambda c: c.universe(1).config().edit(awaited),
        "change must be a plain function",
    ),
    "stop to be awaited": (
        lambda c: c.universe(1).queue("a").consume(stop=awaited),
        "stop must be a plain function",
    ),
    "progress to be awaited": (
        lambda c: c.asset(1).download("a", progress=awaited),
        "progress must be a plain function",
    ),
    "limit in words": (
        lambda c: c.universe(1).data_store("a").keys(limit="5"),
        "limit must be an int, not str",
    ),
    "concurrency in words": (
        lambda c: c.universe(1).data_store("a").get_many([], concurrency="5"),
        "concurrency must be an int, not str",
    ),
}


@pytest.mark.parametrize("mistake", TYPE_ERRORS)
def test_a_mistake_is_named_before_sending(
    colour: Colour, make_client: MakeClient, server: RawServer, mistake: str
) -> None:
    """A TypeError in the caller's own words."""
    server.script(reply(500))
    make, says = TYPE_ERRORS[mistake]
    with pytest.raises(TypeError, match=says):
        colour(make(make_client()))
    assert server.requests == []


def test_a_client_s_own_arguments(colour: Colour) -> None:
    """Said when it is made, of an app as of a client."""
    asynchronous = colour.name == "async"
    client: Any = AsyncClient if asynchronous else Client
    app: Any = AsyncOAuthApp if asynchronous else OAuthApp
    for make in (
        lambda **wrong: client(api_key="key", **wrong),
        lambda **wrong: app("1", "s", redirect_uri="http://localhost/", **wrong),
    ):
        with pytest.raises(TypeError, match=TIME + "str"):
            make(timeout="30")
        with pytest.raises(ConfigurationError, match=r"transport does not fit here: .* would"):
            make(transport=RequestsTransport() if asynchronous else AiohttpTransport())
        with pytest.raises(ConfigurationError, match="on_event must be a plain function"):
            make(on_event=awaited)


def test_a_place_that_cannot_be_written_to_is_named(
    colour: Colour, make_client: MakeClient, server: RawServer, tmp_path: Path
) -> None:
    """By the name that was given, not by that of the file which is written first."""
    server.script(reply(500))
    place = tmp_path / "nowhere" / "hat.png"
    with pytest.raises(FileNotFoundError) as caught:
        colour(make_client().asset(1).download(place))
    assert caught.value.filename == str(place)
    assert server.requests == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (reply(401), "not expired or revoked"),
        (reply(403), r"check that the credential has universe-datastores\.objects:read"),
        (reply(429, retry_after="60"), "answered 429; try again after 60 s"),
        (reply(503, retry_after="90"), "answered 503; try again after 90 s"),
    ],
)
def test_a_refusal_says_what_to_do(
    colour: Colour, store: Any, server: RawServer, answer: bytes, says: str
) -> None:
    """Where the status tells what."""
    server.script(answer)
    with pytest.raises(Exception, match=f"get_data_store_entry: .*{says}"):
        colour(store.get("k"))
