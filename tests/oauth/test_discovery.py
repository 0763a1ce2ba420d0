"""Whether the provider's metadata can be trusted, and how long it is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.errors import (
    ConnectFailed,
    DiscoveryError,
    RateLimited,
    RobloxError,
    ServerError,
)
from rblx_oauth.oauth.cache import COOL_DOWN, MAX_AGE, STALE_AGE
from tests.oauth.conftest import Colour, make_app
from tests.oauth.provider import Provider
from tests.support.clock import ManualClock
from tests.support.server import Answer, ScriptedServer, Seen, json_reply

WELL_KNOWN = ".well-known/openid-configuration"
HTML = Answer(200, b"<html>canary</html>", {"content-type": "text/html"})


@pytest.mark.parametrize(
    "bend",
    [
        lambda issuer: issuer.rstrip("/"),
        lambda issuer: issuer + "/",
        lambda issuer: issuer.replace("127.0.0.1", "localhost"),
        lambda issuer: issuer.upper(),
        lambda _: "https://evil.example/",
    ],
)
async def test_c16_metadata_issuer_equals_the_configured_one_byte_for_byte(
    app: Colour, provider: Provider, bend: Callable[[str], str]
) -> None:
    """One slash more or less, another spelling of the host: refused."""
    provider.metadata["issuer"] = bend(provider.issuer)
    with pytest.raises(DiscoveryError, match="another issuer"):
        await app.authorization_request([])


@pytest.mark.parametrize(
    "name",
    [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
        "resources_endpoint",
    ],
)
@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/oauth/v1/token",
        "http://127.0.0.1:1/oauth/v1/token",
        "{origin}@evil.example/",
        "{origin}\\@evil.example/",
        "{origin}/oauth/v1/token#x",
        "ftp://127.0.0.1/",
        "/oauth/v1/token",
        "",
    ],
)
def test_c17_endpoints_stay_on_the_issuers_scheme_and_host(
    sync_app: OAuthApp, provider: Provider, name: str, url: str
) -> None:
    """Any endpoint elsewhere makes the whole metadata untrusted."""
    provider.metadata[name] = url.format(origin=provider.server.url)
    with pytest.raises(DiscoveryError, match=name):
        sync_app.authorization_request([])


def test_c17_https_issuer_cannot_have_an_http_endpoint() -> None:
    """An issuer on https has every endpoint on https."""
    from rblx_oauth.core.message import Response
    from rblx_oauth.oauth.discovery import read_metadata

    issuer = "https://apis.roblox.com/oauth/"
    good = {
        "issuer": issuer,
        "authorization_endpoint": issuer + "a",
        "token_endpoint": issuer + "t",
        "jwks_uri": issuer + "k",
        "registration_endpoint": "https://create.roblox.com/dashboard/credentials",
    }

    def read(value: dict[str, str]) -> None:
        answer = json_reply(value)
        read_metadata(Response(200, answer.headers, answer.body), issuer=issuer, now=0)

    read(good)
    with pytest.raises(DiscoveryError, match="token_endpoint"):
        read(good | {"token_endpoint": "http://apis.roblox.com/oauth/t"})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("token_endpoint", None, "no usable metadata"),
        ("jwks_uri", 5, "no usable metadata"),
        ("response_types_supported", ["none"], "code flow"),
        ("code_challenge_methods_supported", ["plain"], "PKCE"),
        ("id_token_signing_alg_values_supported", ["RS256"], "ES256"),
    ],
)
def test_metadata_without_what_is_needed_is_refused(
    sync_app: OAuthApp, provider: Provider, name: str, value: object, says: str
) -> None:
    """Missing members, wrong types and missing abilities are found at once."""
    provider.metadata[name] = value
    with pytest.raises(DiscoveryError, match=says):
        sync_app.authorization_request([])


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HTML, DiscoveryError),
        (Answer(200, b'{"issuer": "cana', {"content-type": "application/json"}), DiscoveryError),
        (Answer(200, b"[" * 5000, {"content-type": "application/json"}), DiscoveryError),
        (Answer(404, b"canary"), DiscoveryError),
        (Answer(302, b"canary", {"location": "https://evil.example/canary"}), DiscoveryError),
        (Answer(502, b"<html>canary"), ServerError),
        (Answer(429, b"canary", {"retry-after": "7"}), RateLimited),
    ],
)
async def test_f06_f07_f15_bad_answers_are_errors_without_the_body(
    app: Colour, provider: Provider, answer: Answer, error: type[RobloxError]
) -> None:
    """HTML, broken JSON, redirects and failures: an error that quotes nothing of the answer."""
    provider.override[WELL_KNOWN] = answer
    with pytest.raises(error) as caught:
        await app.authorization_request([])
    assert "canary" not in f"{caught.value!r} {caught.value} {caught.value.__cause__}"


def test_f10_redirect_is_not_followed(sync_app: OAuthApp, provider: Provider) -> None:
    """A redirecting provider is an error, and the other host hears nothing."""
    with ScriptedServer() as elsewhere:
        provider.override[WELL_KNOWN] = Answer(302, headers={"location": elsewhere.url})
        with pytest.raises(DiscoveryError):
            sync_app.authorization_request([])
        assert elsewhere.seen == []


async def test_metadata_is_fetched_once_an_hour(
    app: Colour, provider: Provider, clock: ManualClock
) -> None:
    """A thousand logins an hour cost one discovery request."""
    for _ in range(3):
        await app.authorization_request([])
        clock.advance(MAX_AGE / 3)
    assert len(provider.calls(WELL_KNOWN)) == 1
    clock.advance(1)
    await app.authorization_request([])
    assert len(provider.calls(WELL_KNOWN)) == 2


async def test_old_metadata_serves_while_the_provider_is_down(
    app: Colour, provider: Provider, clock: ManualClock
) -> None:
    """Up to a day, with one attempt per cool-down; after that it is closed."""
    await app.authorization_request([])
    provider.override[WELL_KNOWN] = Answer(503)
    clock.advance(MAX_AGE + 1)
    for _ in range(5):
        await app.authorization_request([])
    assert len(provider.calls(WELL_KNOWN)) == 2
    clock.advance(COOL_DOWN + 1)
    await app.authorization_request([])
    assert len(provider.calls(WELL_KNOWN)) == 3
    clock.advance(STALE_AGE)
    with pytest.raises(ServerError):
        await app.authorization_request([])
    del provider.override[WELL_KNOWN]
    clock.advance(COOL_DOWN + 1)
    await app.authorization_request([])


async def test_f01_connection_refused_is_tried_three_times(clock: ManualClock) -> None:
    """Nobody listens: three tries with pauses between, then a clear error that names the step."""
    with Provider(clock) as gone:
        pass
    app = make_app(gone)
    with pytest.raises(ConnectFailed) as caught:
        app.authorization_request([])
    assert clock.sleeps == [0.25, 0.5]
    assert caught.value.operation == "oauth.discovery"


async def test_f02_reset_is_survived_by_a_request_that_only_reads(
    app: Colour, provider: Provider
) -> None:
    """A connection that breaks before the answer is tried again."""
    provider.server.queue.append(Answer(reset=True))
    await app.authorization_request([])
    assert len(provider.calls(WELL_KNOWN)) == 2


def test_many_threads_cause_one_discovery(sync_app: OAuthApp, provider: Provider) -> None:
    """Threads that start together share one fetch."""
    go = Event()
    metadata = json_reply(provider.metadata)

    def slow(_: Seen) -> Answer:
        return Answer(200, metadata.body, metadata.headers, after=go)

    provider.override[WELL_KNOWN] = slow
    with ThreadPoolExecutor(16) as pool:
        logins = [pool.submit(sync_app.authorization_request, []) for _ in range(16)]
        go.set()
        assert len({login.result().state for login in logins}) == 16
    assert len(provider.calls(WELL_KNOWN)) == 1


def test_flight_that_begins_right_after_another_fetches_nothing(
    sync_app: OAuthApp, provider: Provider
) -> None:
    """A thread that looked before the others landed, and takes off after, finds it done."""
    flights = sync_app._provider._flights
    run = flights.run

    def late(key: str, work: Callable[[], None]) -> None:
        run(key, work)
        run(key, work)

    flights.run = late  # type: ignore[method-assign]
    sync_app.authorization_request([])
    assert len(provider.calls(WELL_KNOWN)) == 1
