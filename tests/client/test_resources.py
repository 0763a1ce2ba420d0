"""Users, universes, assets and messages: the rest of the curated surface."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rblx_oauth import AsyncClient, Client, api, errors
from tests.benchmarks.loopback import ROOT, loopback
from tests.client.answers import reply, sent_json
from tests.client.conftest import MakeClient
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, hang, http, reset, then_close


def test_user(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """Ids are ints, absent facts are None."""
    server.script(
        reply(
            body={
                "path": "users/5",
                "id": "5",
                "name": "ada",
                "displayName": "Ada",
                "createTime": "2020-01-01T00:00:00.5Z",
                "socialNetworkProfiles": {"visibility": "MARTIANS"},
            }
        )
    )
    user = colour(make_client().user(5).get())
    assert (user.id, user.name, user.display_name, user.premium) == (5, "ada", "Ada", None)
    assert user.social_network_profiles.visibility == "MARTIANS"
    assert user.created_at.microsecond == 500_000
    assert server.lines == ["GET /cloud/v2/users/5"]


def test_universe(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """Resource paths are read as the ids they end with."""
    server.script(
        reply(
            body={
                "path": "universes/13058",
                "displayName": "Lantern",
                "group": "groups/9",
                "visibility": "PUBLIC",
                "rootPlace": "universes/13058/places/44",
                "ageRating": "AGE_RATING_9_PLUS",
                "discordSocialLink": {"title": "Us", "uri": "https://discord.gg/x"},
            }
        )
    )
    universe = colour(make_client().universe(13058).get())
    assert (universe.id, universe.group_id, universe.user_id) == (13058, 9, None)
    assert universe.root_place_id == 44
    assert universe.age_rating.name == "NINE_PLUS"
    assert universe.discord_social_link.title == "Us"


def test_asset(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """An asset by id."""
    server.script(reply(body={"assetId": 77, "assetType": "Decal"}))
    assert colour(make_client().asset(77).get()).type == "Decal"
    assert server.lines == ["GET /assets/v1/assets/77"]


def test_message(colour: Colour, make_client: MakeClient, server: RawServer) -> None:
    """A message is published once, as JSON."""
    server.script(reply())
    assert colour(make_client().universe(1).publish_message("news", 'say "hi" 🎩')) is None
    assert server.lines == ["POST /cloud/v2/universes/1:publishMessage"]
    assert sent_json(server.requests[0]) == {"topic": "news", "message": 'say "hi" 🎩'}


@pytest.mark.parametrize(
    ("topic", "message", "says"),
    [
        ("t" * 81, "m", "topic has 81 characters; the limit is 80"),
        ("t", "m" * 1025, "message has 1025 characters; the limit is 1024"),
        ("", "m", "topic must not be empty"),
        ("t", 5, "message must be a str"),
    ],
)
def test_wrong_message_is_refused_before_sending(
    colour: Colour, make_client: MakeClient, server: RawServer, topic: Any, message: Any, says: str
) -> None:
    """Both limits are named."""
    with pytest.raises((ValueError, TypeError), match=says):
        colour(make_client().universe(1).publish_message(topic, message))
    assert server.requests == []


@pytest.mark.parametrize("bad", [0, -1, 2**63, True, "5", 5.0, None])
def test_ids_are_positive_ints(make_client: MakeClient, bad: Any) -> None:
    """A wrong id is refused where the object is made."""
    client = make_client()
    for make in (client.universe, client.user, client.group, client.asset):
        with pytest.raises((ValueError, TypeError), match="_id must be"):
            make(bad)


def test_any_call_can_be_sent_twice(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A call is a value: made by `api`, sent by any client, its repr without arguments."""
    server.script(reply(body={"id": "5"}))
    call = api.users.get_user(user_id=5)
    client = make_client()
    assert [colour(client.send(call)).id for _ in range(2)] == [5, 5]
    assert repr(call) == "Call(get_user)"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (401, errors.Unauthorized),
        (403, errors.PermissionDenied),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (412, errors.Conflict),
        (418, errors.ApiError),
        (499, errors.ApiError),
        (501, errors.ServerError),
    ],
)
def test_statuses_become_their_errors(
    colour: Colour, make_client: MakeClient, server: RawServer, status: int, kind: type[Any]
) -> None:
    """Each status has its class, the same in both colours."""
    server.script(reply(status, {"code": "WHY", "message": "because"}, x_request_id="req-1"))
    with pytest.raises(
        kind, match=rf"get_user: Roblox answered {status} \(WHY: because\)"
    ) as caught:
        colour(make_client().user(5).get())
    error = caught.value
    assert type(error) is kind
    assert (error.status, error.code, error.message) == (status, "WHY", "because")
    assert (error.operation, error.request_id) == ("get_user", "req-1")


FAULTS = {
    "reset": reset,
    "cut": then_close(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"),
    "nonsense": b"nonsense\r\n\r\n",
    "silence": hang,
    "unauthorized": reply(401, {"code": "X", "message": "no"}),
    "limited": reply(429, retry_after="99"),
    "html": http(502, b"<html>", content_type="text/html"),
    "redirect": http(302, location="https://elsewhere.example/"),
    "bad_json": http(200, b"{", content_type="application/json"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("credential", ["api_key", "token"])
def test_c48_no_fault_shows_a_secret(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    caplog: pytest.LogCaptureFixture,
    fault: str,
    credential: str,
) -> None:
    """Under every fault, at DEBUG: no credential in logs, errors, causes or tracebacks."""
    caplog.set_level("DEBUG")
    server.script(FAULTS[fault])
    client = make_client(**{credential: "canary-5f1c"}, timeout=0.3)
    with pytest.raises(errors.RobloxError) as caught:
        colour(client.user(5).get())
    error: BaseException | None = caught.value
    text = caplog.text + "".join(traceback.format_exception(error))
    while error is not None:
        text += f"{error!r}{error}{vars(error)}"
        error = error.__cause__ or error.__context__
    assert "canary" not in text


@pytest.mark.parametrize("credential", ["api_key", "token"])
def test_c33_credentials_travel_in_their_header_only(
    colour: Colour, make_client: MakeClient, server: RawServer, credential: str
) -> None:
    """Neither the request line nor the body holds one, and the header comes once."""
    server.script(reply())
    client = make_client(**{credential: "canary-5f1c"})
    colour(client.universe(1).publish_message("topic", "hello"))
    assert server.requests[0].count(b"canary-5f1c") == 1
    header = b"x-api-key: canary" if credential == "api_key" else b"Authorization: Bearer canary"
    assert b"\r\n" + header in server.requests[0]


def test_client_works_in_one_event_loop_after_another(server: RawServer) -> None:
    """A second asyncio.run goes as well as the first."""
    server.script(reply(body={"id": "5"}))
    client = AsyncClient(api_key="k", api_base=server.url)

    async def once() -> int:
        return (await client.user(5).get()).id

    assert [asyncio.run(once()) for _ in range(3)] == [5, 5, 5]
    asyncio.run(client.aclose())


def test_one_client_serves_many_threads(server: RawServer) -> None:
    """Answers do not mix."""
    server.script(reply(body={"id": "5"}))
    with (
        Client(api_key="k", api_base=server.url) as client,
        ThreadPoolExecutor(16) as threads,
    ):
        assert set(threads.map(lambda _: client.user(5).get().id, range(200))) == {5}
    assert len(server.requests) == 200


@pytest.mark.parametrize("name", ["sync", "async"])
def test_upload_is_streamed(tmp_path: Path, name: str) -> None:
    """Uploading 200 MB takes no 200 MB of memory."""
    film = tmp_path / "film.mp4"
    with film.open("wb") as sparse:
        sparse.truncate(200_000_000)
    with loopback() as origin:
        command = [sys.executable, "-m", "tests.benchmarks.upload", name, origin, str(film)]
        assert float(subprocess.check_output(command, timeout=60, cwd=ROOT)) < 16


def test_c48_debug_log_has_no_secret(
    colour: Colour, make_client: MakeClient, server: RawServer, caplog: pytest.LogCaptureFixture
) -> None:
    """At DEBUG, the log names the operation and the status, never a credential or a cookie."""
    caplog.set_level("DEBUG")
    server.script(reply(503, set_cookie="canary-cookie=1"), reply(body={"id": "5"}))
    colour(make_client(api_key="canary-key").user(5).get())
    assert "get_user: 503" in caplog.text
    assert "canary" not in caplog.text


def test_any_listing_can_be_walked(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """One without a surface of its own: by its call, page after page."""
    server.script(
        reply(body={"campaigns": [{"id": "1"}], "nextPageToken": "t"}),
        reply(body={"campaigns": [], "nextPageToken": "u"}),
        reply(body={"campaigns": [{"id": "2"}, {"id": "3"}]}),
    )
    walked = make_client().walk(api.advertising.list_campaigns(), limit=2, page_size=50)
    assert [each.id for each in colour.list(walked)] == ["1", "2"]
    assert server.lines[0].endswith("/campaigns?maxPageSize=2")
    assert [("pageToken=t" in line, "pageToken=u" in line) for line in server.lines[1:]] == [
        (True, False),
        (False, True),
    ]
