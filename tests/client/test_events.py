"""What an `on_event` hook is told, what the log says, and what neither ever holds."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from rblx_oauth import (
    AsyncClient,
    AsyncOAuthApp,
    Client,
    OAuthApp,
    RequestEvent,
    ResponseEvent,
    aio_stores,
    errors,
    stores,
)
from rblx_oauth.sandbox import Sandbox, SandboxClock
from rblx_oauth.vault import Vault
from tests.client.answers import entry, reply
from tests.client.conftest import MakeClient
from tests.support.clock import ManualClock
from tests.support.colours import Colour
from tests.support.raw_server import RawServer, hang, reset

SCOPES = ["profile", "universe-messaging-service:publish", "asset:read", "asset:write"]


class Recorder:
    """A hook that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[RequestEvent | ResponseEvent] = []

    def __call__(self, event: RequestEvent | ResponseEvent) -> None:
        """Keep it."""
        self.events.append(event)

    @property
    def answers(self) -> list[ResponseEvent]:
        """The later half of each pair, which says what the earlier did; they follow each other."""
        announced = self.events[::2]
        ended = [each for each in self.events[1::2] if isinstance(each, ResponseEvent)]
        assert len(ended) * 2 == len(self.events)
        assert all(one.request is other for one, other in zip(ended, announced, strict=True))
        return ended

    @property
    def operations(self) -> list[str | None]:
        """What was asked for, in order."""
        return [each.request.operation for each in self.answers]


@pytest.fixture
def seen() -> Recorder:
    """A hook that remembers."""
    return Recorder()


def test_events_say_what_was_sent_and_answered(
    colour: Colour, make_client: MakeClient, server: RawServer, seen: Recorder
) -> None:
    """Operation, method, template, address, sizes, status, request id: each as it was."""
    answer = entry(value=7)
    server.script(entry(value=7, etag="e2").replace(b"\r\n", b"\r\nx-request-id: r-1\r\n", 1))
    store = make_client(on_event=seen).universe(1).data_store("coins")
    colour(store.set("k", 5))
    [told] = seen.answers
    asked = told.request
    assert (asked.operation, asked.method) == ("update_data_store_entry", "PATCH")
    assert asked.template is not None
    assert asked.template.endswith("/entries/{entry_id}")
    assert (asked.host, asked.port) == ("127.0.0.1", server.port)
    assert (asked.attempt, asked.credential) == (1, "api_key")
    assert asked.size == len(server.requests[0].partition(b"\r\n\r\n")[2]) > 0
    assert (told.status, told.error) == (200, None)
    assert told.size == len(answer.partition(b"\r\n\r\n")[2])
    assert told.request_id == "r-1"
    assert told.retry_after is None
    assert told.seconds >= 0


def test_every_try_is_told(
    colour: Colour, make_client: MakeClient, server: RawServer, seen: Recorder
) -> None:
    """Tries are numbered; one without an answer has the error's name, a 429 its pause."""
    server.script(reset, reply(429, retry_after="7", x_request_id="a\tb"), entry())
    colour(make_client(on_event=seen).universe(1).data_store("coins").get("k"))
    first, second, third = seen.answers
    assert [each.request.attempt for each in seen.answers] == [1, 2, 3]
    assert (first.status, first.error, first.size) == (None, "ConnectionLost", 0)
    assert (second.status, second.error, second.retry_after) == (429, None, 7)
    assert second.request_id == "a b"
    assert (third.status, third.retry_after) == (200, None)


@pytest.mark.parametrize("fault", ["nobody", "silence"])
def test_failures_are_told(
    colour: Colour, make_client: MakeClient, server: RawServer, seen: Recorder, fault: str
) -> None:
    """Nobody there, and no answer in time."""
    client = make_client(on_event=seen, timeout=0.3)
    server.script(hang)
    if fault == "nobody":
        server.__exit__()
    with pytest.raises(errors.TransportError) as caught:
        colour(client.user(5).get())
    assert seen.answers[-1].error == type(caught.value).__name__
    assert {each.status for each in seen.answers} == {None}


def test_cancelled_call_is_told(server: RawServer) -> None:
    """A request that the caller's own time limit cancels is seen to end."""
    server.script(hang)
    seen = Recorder()

    async def call() -> None:
        async with (
            AsyncClient(api_key="key-1", api_base=server.url, on_event=seen) as client,
            asyncio.timeout(0.2),
        ):
            await client.user(5).get()

    with pytest.raises(TimeoutError):
        asyncio.run(call())
    assert len(server.requests) == 1
    assert [each.error for each in seen.answers] == ["CancelledError"]


def test_size_of_an_upload_is_that_of_its_parts(
    colour: Colour, make_client: MakeClient, server: RawServer, seen: Recorder, tmp_path: Path
) -> None:
    """The file and the document beside it are counted, what frames them is not."""
    server.script(reply(body={"path": "operations/o1", "operationId": "o1", "done": False}))
    file = tmp_path / "hat.png"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 1000)
    client = make_client(on_event=seen)
    colour(client.user(1).assets.create(file, type="Decal", name="Hat"))
    [told] = seen.answers
    document = server.requests[0].partition(b"application/json\r\n\r\n")[2].partition(b"\r\n")[0]
    assert json.loads(document)["displayName"] == "Hat"
    assert told.request.size == len(document) + 1008


def test_hook_that_raises_breaks_nothing(
    colour: Colour,
    make_client: MakeClient,
    server: RawServer,
    seen: Recorder,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The calls go on; one warning, with the traceback, however often it raises."""

    def broken(event: RequestEvent | ResponseEvent) -> None:
        seen(event)
        raise ZeroDivisionError("of the hook")

    server.script(entry(value=7))
    store = make_client(on_event=broken).universe(1).data_store("coins")
    assert [colour(store.get("k")).value for _ in range(3)] == [7, 7, 7]
    assert len(seen.answers) == 3
    [record] = caplog.records
    assert (record.name, record.levelname) == ("rblx_oauth", "WARNING")
    assert "ZeroDivisionError: of the hook" in caplog.text


@pytest.mark.parametrize("kind", [Client, AsyncClient, OAuthApp, AsyncOAuthApp])
def test_hook_that_cannot_be_one_is_refused(kind: Any) -> None:
    """Something that cannot be called, and something that would have to be awaited."""

    async def awaited(event: object) -> None:
        pass

    need = {"client_id": "1"} if kind in (OAuthApp, AsyncOAuthApp) else {"api_key": "k"}
    for hook in ("print", awaited):
        with pytest.raises(errors.ConfigurationError, match="on_event must be a"):
            kind(**need, on_event=hook)


def test_log_says_one_line_an_answer_and_one_a_retry(
    colour: Colour, make_client: MakeClient, server: RawServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Answers at DEBUG, retries at INFO; no hook is needed, and nothing is above INFO."""
    caplog.set_level("DEBUG", logger="rblx_oauth")
    server.script(reply(503, x_request_id="r-1"), reset, entry())
    colour(make_client().universe(1).data_store("coins").get("k"))
    said = [(each.levelname, each.getMessage()) for each in caplog.records if _ours(each)]
    assert [level for level, _ in said] == ["DEBUG", "INFO", "DEBUG", "INFO", "DEBUG"]
    assert said[0][1].startswith("get_data_store_entry: 503 after 0.000 s (try 1, 0 bytes sent, 2 ")
    assert said[0][1].endswith("request id r-1)")
    assert said[1][1].startswith("get_data_store_entry: ServerError; trying again in ")
    assert said[2][1].startswith("get_data_store_entry: ConnectionLost after 0.000 s (try 2, ")


def _ours(record: logging.LogRecord) -> bool:
    return record.name.startswith("rblx_oauth")


def test_documented_code_runs() -> None:
    """What docs/core.md shows of logging and tracing works as it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "core.md").read_text()
    section = page.partition("## Logging and tracing")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, Any] = {}
    level = logging.getLogger("rblx_oauth").level
    try:
        for block in blocks:
            exec(block, names)  # noqa: S102 (our own page)
    finally:
        logging.getLogger("rblx_oauth").setLevel(level)
    assert isinstance(names["client"], Client)


# --- a whole login and all that follows


class Flow:
    """An app of the sandbox, in one colour, with a client that it made."""

    def __init__(self, colour: Colour, cloud: Sandbox, clock: ManualClock, hook: Recorder) -> None:
        self.cloud = cloud
        self._colour = colour
        self._clock = clock
        kind = OAuthApp if colour.name == "sync" else AsyncOAuthApp
        self.app: Any = colour.keep(
            kind(
                cloud.client_id,
                cloud.client_secret,
                redirect_uri="http://localhost:5000/callback",
                issuer=cloud.issuer,
                api_base=cloud.api_base,
                transport=colour.transport(),
                clock=clock,
                on_event=hook,
            )
        )
        self._api_key = str(cloud.info()["api_key"])
        self._secrets = {cloud.client_secret, self._api_key}

    def run(self) -> None:
        """Log in, act with both credentials, let the token expire, act again, ask, log out."""
        colour, app = self._colour, self.app
        request = colour(app.authorization_request(SCOPES))
        with _silence():  # what the person's browser logs is not ours
            callback = self.cloud.consent(request.url)
        self._secrets |= {request.state, request.nonce, request.code_verifier}
        self._secrets |= set(parse_qs(urlsplit(callback).query)["code"])
        token = colour(app.exchange(callback, request))
        self._remember(token)
        module = stores if colour.name == "sync" else aio_stores
        store = module.open("memory://", keys=[Vault.generate_key()])
        client = colour(app.client(token, store=store, api_key=self._api_key))
        universe = client.universe(3000001)
        colour(universe.publish_message("canary-topic", "canary-message"))
        colour(universe.data_store("ledger").set("canary-key", "canary-value"))
        self._clock.advance(1000)
        colour(universe.publish_message("canary-topic", "canary-message"))
        token = colour(client.token())
        self._remember(token)
        for ask in (app.userinfo, app.introspect, app.resources):
            colour(ask(token))
        colour(app.grant(client.grant_id, store).end())

    def _remember(self, token: Any) -> None:
        self._secrets |= {token.access_token, token.refresh_token, token.id_token}

    @property
    def secrets(self) -> list[str]:
        """All that the flow brought along or was given."""
        assert all(len(each) > 8 for each in self._secrets)
        return [*self._secrets, "canary-message", "canary-value"]


@pytest.fixture
def flow(colour: Colour, clock: ManualClock, seen: Recorder) -> Iterator[Flow]:
    """An app against a sandbox that lives on the same clock."""
    with Sandbox(clock=SandboxClock(clock.now)) as cloud:
        yield Flow(colour, cloud, clock, seen)


@contextmanager
def _silence() -> Iterator[None]:
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


def test_hook_of_an_app_sees_all_of_a_flow(flow: Flow, seen: Recorder) -> None:
    """The provider's endpoints and the calls of the app's clients, by name and credential."""
    flow.run()
    asked = [each.request for each in seen.answers]
    assert [(each.operation, each.credential) for each in asked] == [
        ("oauth.discovery", None),
        ("oauth.jwks", None),
        ("oauth.exchange", None),
        ("publish_universe_message", "token"),
        ("update_data_store_entry", "api_key"),
        ("oauth.refresh", None),
        ("publish_universe_message", "token"),
        ("oauth.userinfo", "token"),
        ("oauth.introspect", None),
        ("oauth.resources", None),
        ("oauth.revoke", None),
    ]
    assert {each.status for each in seen.answers} == {200}
    assert (asked[5].method, asked[5].template) == ("POST", "/oauth/v1/token")
    assert {each.attempt for each in asked} == {1}


def test_c48_no_secret_of_a_flow_is_logged_or_told(
    flow: Flow, seen: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    """A login, calls, a refresh, a logout, at DEBUG: no secret in a record or an event."""
    caplog.set_level(logging.DEBUG)
    flow.run()
    records = "".join(f"{each.getMessage()}{vars(each)}" for each in caplog.records)
    assert "oauth.refresh: 200" in records
    told = repr(seen.events)
    assert [each for each in flow.secrets if each in records + told] == []
    ours = "".join(f"{vars(each)}" for each in caplog.records if _ours(each))
    # Where HTTP libraries log their request lines, we name no key, id or query either.
    assert [each for each in ("canary", "3000001", "?") if each in ours + told] == []


def test_a_client_s_own_hook_takes_the_place_of_its_transport_s(
    colour: Colour, flow: Flow, seen: Recorder
) -> None:
    """On the app's transport, a call is told once: to the client's hook where there is one."""
    kind = Client if colour.name == "sync" else AsyncClient
    own = Recorder()
    for hook in (None, own):
        client = kind(
            api_key=str(flow.cloud.info()["api_key"]),
            api_base=flow.cloud.api_base,
            transport=flow.app.transport,
            on_event=hook,
        )
        colour(client.user(1000001).get())
    assert seen.operations == own.operations == ["get_user"]
