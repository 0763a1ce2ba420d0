"""What is tried again, how often, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from rblx_oauth import api, errors, models
from tests.client.answers import entry, reply, sent_json
from tests.client.conftest import MakeClient
from tests.client.test_credentials import Source, token
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, http, reset, then_close

TRUNCATED = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n{"


def test_f01_refused_connection_is_tried_three_times(
    colour: Colour, make_client: MakeClient, clock: ManualClock, server: RawServer
) -> None:
    """Nobody listens: three tries with growing pauses, then a clear error; an increment too."""
    client = make_client()
    server.__exit__()
    with pytest.raises(errors.ConnectFailed, match=r"127\.0\.0\.1.*increment_data_store_entry"):
        colour(client.universe(1).data_store("coins").increment("k"))
    assert len(clock.sleeps) == 2
    assert clock.sleeps[0] <= 0.25
    assert clock.sleeps[1] <= 0.5


@pytest.mark.parametrize("broken", [reset, then_close(TRUNCATED)], ids=["f02", "f03"])
def test_f02_f03_read_is_tried_again(
    colour: Colour, store: Any, server: RawServer, broken: Any
) -> None:
    """A connection that breaks before or in the answer: a read is sent again."""
    server.script(broken, broken, entry(value=7))
    assert colour(store.get("k")).value == 7
    assert len(server.requests) == 3


@pytest.mark.parametrize("broken", [reset, then_close(TRUNCATED), reply(503), reply(500)])
@pytest.mark.parametrize("write", ["increment", "create", "set", "publish"])
def test_f02_doubtful_write_is_ambiguous_and_sent_once(
    colour: Colour, make_client: MakeClient, server: RawServer, broken: Any, write: str
) -> None:
    """A write that may have been processed is never repeated, and the error says so."""
    server.script(broken)
    universe = make_client().universe(1)
    store = universe.data_store("coins")
    calls = {
        "increment": lambda: store.increment("k", 5),
        "create": lambda: store.create("k", 1),
        "set": lambda: store.set("k", 1),
        "publish": lambda: universe.publish_message("topic", "hello"),
    }
    with pytest.raises(errors.AmbiguousOutcome, match="Look at the present state") as caught:
        colour(calls[write]())
    assert len(server.requests) == 1
    assert isinstance(caught.value.__cause__, errors.ConnectionLost | errors.ServerError)


def test_write_that_is_not_implemented_is_no_riddle(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """501 was surely not processed: a ServerError, sent once."""
    server.script(reply(501))
    with pytest.raises(errors.ServerError):
        colour(store.increment("k"))
    assert len(server.requests) == 1


def test_server_errors_of_a_read_are_tried_again_then_raised(
    colour: Colour, store: Any, server: RawServer, clock: ManualClock
) -> None:
    """Three 5xx: the last one is raised with its status."""
    server.script(reply(500), reply(502), reply(504))
    with pytest.raises(errors.ServerError) as caught:
        colour(store.get("k"))
    assert caught.value.status == 504
    assert len(clock.sleeps) == 2


def test_f15_html_of_a_gateway_is_a_server_error(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """A gateway's HTML page: status and nothing else of it."""
    page = http(502, b"<html><b>Bad Gateway</b></html>", content_type="text/html")
    server.script(page)
    with pytest.raises(errors.ServerError, match=r"^get_data_store_entry: Roblox answered 502$"):
        colour(store.get("k"))


def test_delete_missing_after_doubt_is_success(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """The first DELETE's answer was lost; that the second finds nothing means that it worked."""
    server.script(reset, reply(404, {"code": "NOT_FOUND", "message": "gone"}))
    assert colour(store.delete("k")) is None
    assert server.lines[0].startswith("DELETE ")
    assert len(server.requests) == 2


def test_delete_whose_answer_is_a_value_says_that_it_was_lost(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A deleted data store is answered with what it was; lost once, nobody can give it again."""
    server.script(reset, reply(404, {"code": "NOT_FOUND", "message": "gone"}))
    call = api.data_stores.delete_data_store(universe_id=1, data_store_id="coins")
    with pytest.raises(errors.AmbiguousOutcome, match="answer was lost"):
        colour(make_client().send(call))


def test_delete_missing_at_once_is_not_found(colour: Colour, store: Any, server: RawServer) -> None:
    """Without a doubtful try before it, a 404 is what it says."""
    server.script(reply(404, {"code": "NOT_FOUND", "message": "gone"}))
    with pytest.raises(errors.NotFound):
        colour(store.delete("k"))


def test_patch_with_etag_may_be_repeated(colour: Colour, store: Any, server: RawServer) -> None:
    """An etag makes a second try harmless, so it is sent again, the same."""
    server.script(reset, entry(etag="e2"))
    assert colour(store.set("k", 5, etag="e1")).etag == "e2"
    assert [sent_json(each) for each in server.requests] == [{"value": 5, "etag": "e1"}] * 2


def test_idempotency_key_lets_a_write_be_repeated(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """A restriction with a key is sent again, the same; without one it is in doubt."""
    client = make_client()

    def restrict(key: str | None) -> Any:
        return colour(
            client.send(
                api.user_restrictions.update_user_restriction(
                    universe_id=1,
                    user_restriction_id=2,
                    game_join_restriction=models.GameJoinRestriction(active=True),
                    idempotency_key=key,
                )
            )
        )

    server.script(reset, reply())
    restrict("key-1")
    assert len(server.requests) == 2
    assert server.lines[0] == server.lines[1]
    assert "idempotencyKey.key=key-1" in server.lines[0]
    server.script(reset)
    with pytest.raises(errors.AmbiguousOutcome):
        restrict(None)
    assert len(server.requests) == 3


def test_conflict_after_a_doubtful_patch_is_ambiguous(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """A conflict after a lost answer may be with our own write: nobody can tell."""
    server.script(reset, reply(409, {"code": "ABORTED", "message": "etag"}))
    with pytest.raises(errors.AmbiguousOutcome) as caught:
        colour(store.set("k", 5, etag="e1"))
    assert isinstance(caught.value.__cause__, errors.Conflict)


def test_outage_is_not_multiplied(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """When the retry budget of (host, credential) is spent, errors come at once."""
    server.script(reply(503))
    store = make_client().universe(1).data_store("coins")
    for _ in range(20):
        with pytest.raises(errors.ServerError):
            colour(store.get("k"))
    assert len(server.requests) == 20 + 10
    other = make_client(api_key="key-2").universe(1).data_store("coins")
    with pytest.raises(errors.ServerError):
        colour(other.get("k"))
    assert len(server.requests) == 33


def test_retry_budget_is_the_grants(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Clients of one grant share one budget of retries, whatever its token at the time."""
    server.script(reply(503))

    def fail(grant_id: str, access_token: str) -> int:
        source = Source(colour, token(access_token))
        source.grant_id = grant_id
        before = len(server.requests)
        with pytest.raises(errors.ServerError):
            colour(make_client(token=source).send(api.users.get_user(user_id=1)))
        return len(server.requests) - before

    sent = [fail("grant-1", f"access-{number}") for number in range(8)]
    assert sent == [3, 3, 3, 3, 3, 1, 1, 1]
    assert fail("grant-2", "access-1") == 3


@pytest.mark.parametrize(
    "answer",
    [
        http(200, b'{"id": "k", "val', content_type="application/json"),
        http(200, b'{"id": "k"}', content_type="text/html"),
        http(200, b'{"id": "canary-1", "value"', content_type="application/json"),
        reply(body={"id": ["canary-1"]}),
        reply(body={"id": "k", "users": ["users/canary-1"]}),
        http(302, b"", location="https://evil.example/canary-1"),
    ],
    ids=["f06_truncated", "f07_type", "f06_json", "shape", "user", "f10_redirect"],
)
def test_f06_f07_f10_answers_that_are_none(
    colour: Colour, store: Any, server: RawServer, answer: bytes
) -> None:
    """A 200 that cannot be read is a ProtocolError that names the operation and quotes nothing."""
    server.script(answer)
    with pytest.raises(errors.ProtocolError, match=r"^get_data_store_entry: ") as caught:
        colour(store.get("k"))
    assert len(server.requests) == 1
    assert "canary" not in str(caught.value)
    assert "evil" not in str(caught.value)


def test_headers_of_the_operation_itself_are_kept(
    colour: Colour, make_client: MakeClient, server: RawServer
) -> None:
    """Whom an entry of the first API is about travels in headers: at every try."""
    server.script(reply(429, retry_after="1"), reply(body={"version": "1"}))
    call = api.data_stores_v1.set_entry_v1(
        universe_id=1,
        data_store_name="coins",
        entry_key="k",
        value=5,
        users=[7],
        attributes={"a": 1},
    )
    colour(make_client().send(call))
    first, second = (each.lower() for each in server.requests)
    assert first == second
    assert b"roblox-entry-userids: [7]" in first
    assert b'roblox-entry-attributes: {"a":1}' in first


def test_id_of_a_request_is_fit_for_a_log(colour: Colour, store: Any, server: RawServer) -> None:
    """Whatever bytes a proxy made of it: a line, in characters that can be printed."""
    fields = b"content-length: 0\r\nx-request-id: 7\x85\x9b31m\xff\r\n\r\n"
    server.script(b"HTTP/1.1 404 Not Found\r\n" + fields)
    with pytest.raises(errors.NotFound) as caught:
        colour(store.get("k"))
    assert caught.value.request_id == "7  31m\xff"


def test_empty_answer_to_a_write_does_not_deny_it(
    colour: Colour, store: Any, server: RawServer
) -> None:
    """To who reads, 204 says that there is nothing; to who writes, that it was done."""
    server.script(http(204))
    with pytest.raises(errors.NotFound):
        colour(store.get("k"))
    with pytest.raises(errors.ProtocolError, match="it was done"):
        colour(store.increment("k"))
    assert len(server.requests) == 2


def test_headers_are_the_same_at_every_try(colour: Colour, store: Any, server: RawServer) -> None:
    """A retry loses nothing of what the first try carried."""
    server.script(reply(503), reply(503), entry())
    colour(store.get("k"))
    heads = {each.partition(b"\r\n\r\n")[0] for each in server.requests}
    assert len(heads) == 1
    assert b"x-api-key: key-1" in heads.pop()
