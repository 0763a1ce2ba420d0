"""For the tests of a site: log people in without the way to Roblox and back, and look what came.

::

    def test_announcing(roblox_sandbox):
        app = create_app(sandbox_config(roblox_sandbox))
        client = app.test_client()
        log_in(client, roblox_sandbox, user=1000001, scopes=[PUBLISH], universes=[3000001])
        client.post("/announce/3000001", data={"text": "hello"})
        assert_published(roblox_sandbox, universe_id=3000001, message="hello")
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.cookies import SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
from flask import after_this_request, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_ext.completion import ask_site
from flask_ext.current import current
from flask_ext.endings import log_out_here
from flask_ext.login_cookies import LEFT, unmark_left
from flask_ext.signals import emit, user_logged_in
from flask_ext.state import State, state_of
from rblx_oauth import Token
from rblx_oauth.core.clock import aware
from rblx_oauth.webhooks import SIGNATURE_HEADER, sign

if TYPE_CHECKING:
    from rblx_oauth.sandbox import Sandbox
    from rblx_oauth.sandbox.messages import Message

__all__ = ["assert_published", "log_in", "log_out", "notify", "published", "sandbox_config"]


def sandbox_config(
    cloud: Sandbox, *, redirect_uri: str = "http://localhost/roblox/callback"
) -> dict[str, object]:
    """What ``app.config`` needs so that a site uses this sandbox; tokens are kept in memory.

    The site goes by the sandbox's clock, so that ``cloud.clock.advance(3600)`` makes tokens
    old for both of them. A ``SECRET_KEY`` is the site's own affair.

    Args:
        cloud: A running sandbox.
        redirect_uri: The site's callback.
    """
    return {
        "ROBLOX_CLIENT_ID": cloud.client_id,
        "ROBLOX_CLIENT_SECRET": cloud.client_secret,
        "ROBLOX_API_KEY": cloud.api_key,
        "ROBLOX_ISSUER": cloud.issuer,
        "ROBLOX_API_BASE": cloud.api_base,
        "ROBLOX_REDIRECT_URI": redirect_uri,
        "ROBLOX_STORE_URL": "memory://",
        "ROBLOX_CLOCK": cloud.clock,
    }


def log_in(
    client: FlaskClient,
    who: Sandbox | Token,
    *,
    user: int | str | None = None,
    scopes: Iterable[str] | None = None,
    universes: Iterable[int | str] | None = None,
    groups: Iterable[int | str] | None = None,
    creator: bool = True,
    base_url: str | None = None,
) -> Token:
    """Log a person in on a test client, as the callback would have: token, session, cookie, signal.

    Hooks of `RobloxOAuth.on_login` are asked too; what one raises is raised here.

    Args:
        client: Of an app with `RobloxOAuth`.
        who: The sandbox that the app uses, which gives out a token; or a token of your own.
        user: Who logs in, by id; the first user unless given.
        scopes: What they agree to besides ``ROBLOX_SCOPES``.
        universes: The ids to let the site into; all that the consent page would offer
            unless given.
        groups: The ids of groups to let the site act for; all on offer unless given.
        creator: Whether to let the site act for the account itself.
        base_url: The site's address in this test, where requests are made with one, such as
            ``https://my.site``; the test client's own unless given.

    Returns:
        The token that the site has now.

    Raises:
        ConfigurationError: The app has no `RobloxOAuth`, or uses another provider.
        ValueError: There is no such user or scope, or something chosen is not on offer.
    """
    with _visiting(client, base_url) as state:
        if isinstance(who, Token):
            token = who
        else:
            token = who.token_for(
                user,
                state.settings.client_id,
                [*state.settings.scopes, *(scopes or ())],
                universes=universes,
                groups=groups,
                creator=creator,
            )
        grant_id = state.here.oauth.keep(token, state.here.store)
        after_this_request(partial(unmark_left, state.cookies))
        here = current()
        session = here.prepare(token, grant_id=grant_id)
        ask_site(here, session, "/", new=False)
        emit(user_logged_in, user=here.begin(session))
    return token


def log_out(client: FlaskClient, *, base_url: str | None = None) -> None:
    """Log the person out of a test client, as the button would: session, grant, cookie, signal.

    Args:
        client: The test client.
        base_url: As `log_in` got it.
    """
    with _visiting(client, base_url):
        log_out_here()


def notify(
    client: FlaskClient,
    kind: str,
    payload: Mapping[str, object] | None = None,
    *,
    notification_id: str | None = None,
    base_url: str | None = None,
) -> TestResponse:
    """Send the site a notification, signed as Roblox would; what the site answered.

    Args:
        client: A test client of the site.
        kind: Its type, such as ``RightToErasureRequest``.
        payload: Its ``EventPayload``.
        notification_id: A new one unless given; the same one twice is a duplicate.
        base_url: As `log_in` got it.

    Raises:
        ConfigurationError: The app has no `RobloxOAuth`.
    """
    state = state_of(client.application)
    settings, now = state.settings, state.clock.now()
    notification = {
        "NotificationId": notification_id or str(uuid4()),
        "EventType": kind,
        "EventTime": aware(now),
        "EventPayload": payload or {},
    }
    body = msgspec.json.encode(notification)
    secrets = settings.webhook_secrets
    signature = sign(body, secrets[0], at=now) if secrets else f"t={int(now)}"
    return client.post(
        f"{settings.url_prefix}/webhook",
        data=body,
        headers={SIGNATURE_HEADER: signature},
        base_url=base_url,
    )


def published(
    cloud: Sandbox,
    *,
    universe_id: int | str | None = None,
    topic: str | None = None,
    message: str | None = None,
) -> list[Message]:
    """The messages published so far that fit everything given, oldest first."""
    wanted = {
        "universe_id": None if universe_id is None else str(universe_id),
        "topic": topic,
        "message": message,
    }
    return [
        each
        for each in cloud.messages
        if all(value in (None, getattr(each, name)) for name, value in wanted.items())
    ]


def assert_published(
    cloud: Sandbox,
    *,
    universe_id: int | str | None = None,
    topic: str | None = None,
    message: str | None = None,
    times: int = 1,
) -> None:
    """Fail unless exactly so many messages that fit were published; tells what was instead.

    Raises:
        AssertionError: It was more, or fewer.
    """
    found = published(cloud, universe_id=universe_id, topic=topic, message=message)
    if len(found) == times:
        return
    wanted = {"universe_id": universe_id, "topic": topic, "message": message}
    asked = ", ".join(f"{name}={value!r}" for name, value in wanted.items() if value is not None)
    told = "".join(
        f"\n  universe {each.universe_id}, topic {each.topic!r}: {each.message!r}"
        for each in cloud.messages
    )
    raise AssertionError(
        f"{len(found)} messages were published with {asked or 'anything'}, not {times}; "
        f"in all:{told or ' none'}"
    )


@contextmanager
def _visiting(client: FlaskClient, base_url: str | None) -> Iterator[State]:
    """A request of this client to the site, without a view: cookies go there and come back."""
    app = client.application
    state = state_of(app)
    with app.test_request_context(base_url=base_url):
        host, path = urlsplit(request.host_url).hostname or "", state.cookies.path()
        names = (
            state.cookies.session_name(),
            state.cookies.name(LEFT),
            app.session_interface.get_cookie_name(app),
        )
    found = (client.get_cookie(name, domain=host, path=path) for name in names)
    sent = "; ".join(f"{each.key}={each.value}" for each in found if each)
    # Address and User-Agent are those of the client's requests: sessions note them, and
    # Flask-Login takes a login for another browser's where they differ.
    environ = {**client.environ_base, **({"HTTP_COOKIE": sent} if sent else {})}
    with app.test_request_context(base_url=base_url, environ_base=environ):
        yield state
        response = app.process_response(app.make_response(""))
    for header in response.headers.getlist("Set-Cookie"):
        _set(client, header, host)


def _set(client: FlaskClient, header: str, host: str) -> None:
    for name, cookie in SimpleCookie(header).items():
        if cookie["max-age"] == "0":
            client.delete_cookie(name, domain=host, path=cookie["path"] or "/")
            continue
        client.set_cookie(
            name,
            cookie.value,
            domain=cookie["domain"] or host,
            origin_only=not cookie["domain"],
            path=cookie["path"] or "/",
            max_age=int(cookie["max-age"]) if cookie["max-age"] else None,
            secure=bool(cookie["secure"]),
            httponly=bool(cookie["httponly"]),
            samesite=cookie["samesite"] or None,
        )
