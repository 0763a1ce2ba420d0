"""Trading the code for tokens: once, and only for a well-formed answer."""

from __future__ import annotations

import base64
import threading
from datetime import UTC, datetime

import pytest

from rblx_oauth._sync.oauth_app import OAuthApp
from rblx_oauth.errors import (
    ConnectFailed,
    ConnectionLost,
    DeadlineExceeded,
    InvalidClient,
    ProtocolError,
    RateLimited,
    RobloxError,
    ServerError,
    TokenError,
)
from tests.oauth.conftest import REDIRECT, Colour, log_in, make_app
from tests.oauth.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.support.clock import ManualClock
from tests.support.server import Answer, ScriptedServer, Seen, json_reply

TOKEN = "v1/token"


async def test_exchange_sends_what_rfc_6749_and_7636_ask_for(
    app: Colour, provider: Provider
) -> None:
    """One form with code, verifier, redirect URI, and the client's secret in the body."""
    request = await app.authorization_request([])
    await app.exchange(provider.callback(request, code="a/b+c"), request)
    (seen,) = provider.calls(TOKEN)
    assert seen.form == {
        "grant_type": "authorization_code",
        "code": "a/b+c",
        "code_verifier": request.code_verifier,
        "redirect_uri": REDIRECT,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    }
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in seen.headers
    assert "cookie" not in seen.headers


async def test_client_secret_basic_encodes_before_joining(
    provider: Provider,
) -> None:
    """Id and secret are form-encoded, then joined; and neither is in the body (RFC 6749 2.3.1)."""
    app = Colour(make_app(provider, token_endpoint_auth_method="client_secret_basic"))
    await log_in(app, provider)
    (seen,) = provider.calls(TOKEN)
    scheme, _, value = seen.headers["authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(value).decode() == f"{CLIENT_ID}:RBX-secret%2B%2F%3D%25"
    assert not {"client_id", "client_secret"} & seen.form.keys()


async def test_public_client_sends_its_id_and_the_verifier(provider: Provider) -> None:
    """Without a secret there is PKCE, and nothing that looks like a secret."""
    app = Colour(make_app(provider, client_secret=None))
    token = await log_in(app, provider)
    await app.refresh(token)
    for seen in provider.calls(TOKEN):
        assert seen.form["client_id"] == CLIENT_ID
        assert "client_secret" not in seen.form
        assert "authorization" not in seen.headers
    assert "code_verifier" in provider.calls(TOKEN)[0].form


@pytest.mark.parametrize("kind", ["Bearer", "bearer", "BEARER"])
async def test_c18_token_type_bearer_in_any_case(
    app: Colour, provider: Provider, kind: str
) -> None:
    """The type's case does not matter."""
    provider.answer = {"token_type": kind}
    assert (await log_in(app, provider)).access_token


@pytest.mark.parametrize(
    "bent",
    [
        {"token_type": "DPoP"},
        {"token_type": "mac"},
        {"token_type": None},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 5},
        {"access_token": "two words"},
        {"access_token": "line\nbreak"},
        {"expires_in": None},
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": True},
        {"expires_in": "899"},
        {"expires_in": 1e300},
        {"expires_in": 10**12},
        {"refresh_token": 5},
        {"scope": ["openid"]},
    ],
)
def test_c18_malformed_token_answers_are_refused(
    sync_app: OAuthApp, provider: Provider, bent: dict[str, object]
) -> None:
    """A 200 that is no token answer gives no token."""
    request = sync_app.authorization_request([])
    callback = provider.callback(request)
    provider.answer = bent
    with pytest.raises(ProtocolError):
        sync_app.exchange(callback, request)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            Answer(200, b'{"access_token": "cana', {"content-type": "application/json"}),
            ProtocolError,
        ),
        (Answer(200, b"", {"content-type": "application/json"}), ProtocolError),
        (Answer(200, b'{"access_token": "canary"}', {"content-type": "text/html"}), ProtocolError),
        (Answer(200, b'{"access_token": "canary"}'), ProtocolError),
        (Answer(201, b'{"access_token": "canary"}'), ProtocolError),
        (Answer(302, headers={"location": "https://evil.example/canary"}), ProtocolError),
        (Answer(502, b"<html>canary</html>", {"content-type": "text/html"}), ServerError),
        (Answer(403, b"<html>canary</html>", {"content-type": "text/html"}), ProtocolError),
        (json_reply({"error": "canary"}, 429, retry_after="12"), RateLimited),
        (json_reply({"error": "invalid_grant", "error_description": "canary"}, 400), TokenError),
        (
            json_reply({"error": "invalid_client", "error_description": "canary"}, 400),
            InvalidClient,
        ),
        (json_reply({"error": "invalid_client"}, 401), InvalidClient),
        (json_reply({"error": "canary"}, 400), TokenError),
        (json_reply({"error": ["canary"]}, 400), ProtocolError),
        (json_reply({"errors": [{"code": 0, "message": "canary"}]}, 400), ProtocolError),
    ],
)
async def test_c18_f06_f07_f15_refusals_are_told_apart_and_quote_nothing(
    app: Colour, provider: Provider, answer: Answer, error: type[RobloxError]
) -> None:
    """Each failure has its class, one submission, and no word of the answer in it."""
    request = await app.authorization_request([])
    provider.override[TOKEN] = answer
    with pytest.raises(error) as caught:
        await app.exchange(provider.callback(request, code="canary-code"), request)
    assert type(caught.value) is error
    assert "canary" not in f"{caught.value!r} {caught.value} {caught.value.__cause__}"
    assert len(provider.calls(TOKEN)) == 1


async def test_token_error_carries_code_and_status(app: Colour, provider: Provider) -> None:
    """``invalid_grant`` is readable as such; a code of nobody's becomes ``invalid_error``."""
    for sent, code in (("invalid_grant", "invalid_grant"), ("made up <b>", "invalid_error")):
        provider.override[TOKEN] = json_reply({"error": sent}, 400)
        with pytest.raises(TokenError) as caught:
            await log_in(app, provider)
        assert (caught.value.code, caught.value.status) == (code, 400)


async def test_f13_retry_after_is_read_as_seconds_and_as_a_date(
    app: Colour, provider: Provider, clock: ManualClock
) -> None:
    """Both spellings become seconds by the clock; nonsense becomes None."""
    date = datetime.fromtimestamp(int(clock.now()) + 90, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for text, low, high in (("12", 12, 12), (date, 88, 90)):
        provider.override[TOKEN] = Answer(429, headers={"retry-after": text})
        with pytest.raises(RateLimited) as caught:
            await log_in(app, provider)
        assert low <= (caught.value.retry_after or 0) <= high
    for text in ("soon", "-5", "", "99999999999999999999 GMT"):
        provider.override[TOKEN] = Answer(429, headers={"retry-after": text})
        with pytest.raises(RateLimited) as caught:
            await log_in(app, provider)
        assert caught.value.retry_after is None


async def test_f02_f03_code_is_never_submitted_twice_when_the_connection_breaks(
    app: Colour, provider: Provider
) -> None:
    """A reset before or within the answer: the code may be spent, so the error stands."""
    whole = json_reply({"access_token": "x" * 500})
    for answer in (Answer(reset=True), Answer(200, whole.body, whole.headers, cut=100)):
        provider.override[TOKEN] = answer
        before = len(provider.calls(TOKEN))
        with pytest.raises(ConnectionLost):
            await log_in(app, provider)
        assert len(provider.calls(TOKEN)) == before + 1


@pytest.mark.parametrize("kind", [OAuthApp, None], ids=["sync", "async"])
async def test_f04_deadline_ends_a_slow_exchange(
    provider: Provider, kind: type[OAuthApp] | None
) -> None:
    """An answer that does not come ends with the timeout, after one submission."""
    from rblx_oauth._async.oauth_app import AsyncOAuthApp

    app = Colour(make_app(provider, kind=kind or AsyncOAuthApp, timeout=0.3))
    never = threading.Event()
    provider.override[TOKEN] = Answer(after=never)
    with pytest.raises(DeadlineExceeded):
        await log_in(app, provider)
    never.set()
    assert len(provider.calls(TOKEN)) == 1
    await (app.close() if kind else app.aclose())


async def test_f01_exchange_is_tried_again_when_nothing_was_sent(
    provider: Provider, clock: ManualClock
) -> None:
    """No connection, no submission: the code is good for another try."""

    class Flaky:
        """A transport whose first connections for a token fail."""

        def __init__(self) -> None:
            from rblx_oauth.transport.requests_transport import RequestsTransport

            self.real, self.failures = RequestsTransport(), 2

        def send(self, request: object, *, timeout: float) -> object:
            """Fail to connect as often as told."""
            if request.url.endswith(TOKEN) and self.failures:  # type: ignore[attr-defined]
                self.failures -= 1
                raise ConnectFailed("no connection")
            return self.real.send(request, timeout=timeout)  # type: ignore[arg-type]

        def close(self) -> None:
            """Close."""
            self.real.close()

    app = make_app(provider, transport=Flaky())
    request = app.authorization_request([])
    assert app.exchange(provider.callback(request), request).access_token
    assert clock.sleeps == [0.25, 0.5]
    assert len(provider.calls(TOKEN)) == 1


def test_f10_code_and_secret_do_not_follow_a_redirect(
    sync_app: OAuthApp, provider: Provider
) -> None:
    """A token endpoint that redirects, keeping the method: nothing arrives over there."""
    with ScriptedServer() as elsewhere:
        provider.override[TOKEN] = Answer(307, headers={"location": f"{elsewhere.url}/take"})
        request = sync_app.authorization_request([])
        with pytest.raises(ProtocolError, match="redirect"):
            sync_app.exchange(provider.callback(request), request)
        assert elsewhere.seen == []


async def test_c30_granted_scopes_are_used_not_the_requested_ones(
    app: Colour, provider: Provider
) -> None:
    """Fewer scopes than asked for: the token says so. None named: as asked (RFC 6749 5.1)."""
    provider.answer = {"scope": "openid"}
    assert (await log_in(app, provider, "profile")).scopes == {"openid"}
    provider.answer = {"scope": None}
    token = await log_in(app, provider, "profile", "asset:read")
    assert token.scopes == {"openid", "profile", "asset:read"}


async def test_lifetime_counts_from_before_the_answer(
    app: Colour, provider: Provider, clock: ManualClock
) -> None:
    """A slow answer does not make the token live longer."""
    request = await app.authorization_request([])
    callback = provider.callback(request)

    def slow(seen: Seen) -> Answer:
        clock.advance(9)
        return json_reply(provider._token())

    provider.override[TOKEN] = slow
    start = clock.now()
    token = await app.exchange(callback, request)
    assert token.expires_at.timestamp() == pytest.approx(start + 899)
