"""Secrets stay out of reprs, errors, logs and pickles."""

from __future__ import annotations

import copy
import io
import logging
import pickle
import traceback

import pytest

from rblx_oauth.errors import RobloxError
from tests.oauth.conftest import Colour, log_in, make_app
from tests.oauth.provider import CLIENT_SECRET, Provider
from tests.support.server import Answer, json_reply


async def test_c48_no_secret_in_any_repr(app: Colour, provider: Provider) -> None:
    """The application, the request and the token can be printed."""
    request = await app.authorization_request([])
    callback = provider.callback(request)
    token = await app.exchange(callback, request)
    shown = f"{app.app!r} {app.app} {request!r} {request} {token!r} {token} {vars(app.app)!r}"
    for secret in (
        CLIENT_SECRET,
        request.state,
        request.nonce,
        request.code_verifier,
        token.access_token,
        token.refresh_token,
        token.id_token,
    ):
        assert secret
        assert secret not in shown
    assert app.client_id in shown


def test_c48_application_and_token_refuse_to_be_pickled(provider: Provider) -> None:
    """A pickle would carry secrets in the clear."""
    app = make_app(provider)
    request = app.authorization_request([])
    token = app.exchange(provider.callback(request), request)
    for value in (app, request, token):
        with pytest.raises(TypeError):
            pickle.dumps(value)
    with pytest.raises(TypeError):
        copy.deepcopy(token)


@pytest.mark.parametrize(
    "fault",
    [
        Answer(503, b"{echo}"),
        Answer(400, b"{echo}"),
        Answer(200, b'{"access_token": "{echo}', {"content-type": "application/json"}),
        Answer(200, b"{echo}", {"content-type": "text/plain"}),
        Answer(302, headers={"location": "/{echo}"}),
        Answer(reset=True),
        json_reply({"error": "invalid_grant", "error_description": "{echo}"}, 400),
        json_reply({"error": "{echo}"}, 401),
    ],
)
async def test_c48_no_secret_in_errors_or_logs_under_any_fault(
    app: Colour, provider: Provider, fault: Answer, caplog: pytest.LogCaptureFixture
) -> None:
    """Even from a provider that repeats what it was sent, nothing gets into a traceback or log."""
    caplog.set_level(logging.DEBUG)
    token = await log_in(app, provider)
    request = await app.authorization_request([])
    callback = provider.callback(request, code="canary-code")
    said = io.StringIO()
    for path in ("v1/token", "v1/token/revoke", "v1/token/introspect", "v1/userinfo"):
        provider.override[path] = lambda seen: Answer(
            fault.status,
            fault.body.replace(
                b"{echo}", seen.body + seen.headers.get("authorization", "").encode()
            ),
            {
                name: value.replace("{echo}", seen.body.decode())
                for name, value in fault.headers.items()
            },
            reset=fault.reset,
        )
    for name, arguments in (
        ("exchange", (callback, request)),
        ("submit_refresh", (token,)),
        ("revoke", (token,)),
        ("introspect", (token,)),
        ("userinfo", (token,)),
    ):
        if name == "revoke" and fault.status == 200:
            continue  # that is a success, whatever else it says
        with pytest.raises(RobloxError) as caught:
            await getattr(app, name)(*arguments)
        traceback.print_exception(caught.value, file=said)
        said.write(repr(caught.value))
    everything = said.getvalue() + caplog.text
    for secret in (
        CLIENT_SECRET,
        "RBX-secret",
        "canary-code",
        request.state,
        request.code_verifier,
        token.access_token,
        str(token.refresh_token),
    ):
        assert secret not in everything
