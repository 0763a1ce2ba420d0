"""The session of the request being served, and the cookie its response will carry."""

from __future__ import annotations

from contextlib import suppress
from typing import Literal, cast

from flask import Response, has_request_context, request
from werkzeug.local import LocalProxy

from flask_ext import site_session
from flask_ext.sessions import Session
from flask_ext.state import NAME, State, current_state
from flask_ext.user import AnonymousUser, User
from rblx_oauth import Token
from rblx_oauth.errors import StoreError

ANONYMOUS = AnonymousUser()


class Current:
    """Looks the session up when somebody first asks, once per request."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.used = False
        self.unknown = False
        """Whether what the person may do could not be found out."""
        self._ended = False
        self._session: Session | None = None
        self._user: User | None = None
        self._cookie: str | Literal[False] | None = None

    @property
    def session(self) -> Session | None:
        """The live session; None when nobody is logged in."""
        if not self.used:
            session_id = self.state.cookies.session_id()
            found = self.state.here.sessions.find(session_id) if session_id else None
            if found is not None:
                self._cookie = self.state.cookies.renewed(found.session_id)
            self._adopt(found)
            self._ended = session_id is not None and found is None
        return self._session

    @property
    def ended(self) -> bool:
        """Whether this browser was logged in, until its session ended elsewhere or ran out.

        Its cookie stays as it is: of two requests at once one may log in anew, and the other
        must not take the new cookie away.
        """
        return self.session is None and self._ended

    @property
    def user(self) -> User | AnonymousUser:
        """Who is logged in."""
        return self._user if self.session and self._user else ANONYMOUS

    def prepare(self, token: Token, *, grant_id: str) -> Session:
        """A session under a new id, for a login that may still be refused; nobody is in yet."""
        return self.state.here.sessions.prepare(
            self.state.cookies.new_session_id(),
            token,
            grant_id=grant_id,
            user_agent=request.user_agent.string,
        )

    def begin(self, new: Session) -> User:
        """Log in with what `prepare` made; the browser's old session, if any, is dead."""
        self.state.here.sessions.begin(new, instead_of=self.session)
        site_session.hand_over(new.person.grant_id)
        self._cookie = self.state.cookies.signed(new.session_id)
        self._adopt(new)
        return User(new, self.state.here)

    def end(self) -> None:
        """Log this browser out: the server's state first, then the cookie."""
        if self.session is not None:
            self.state.here.sessions.end(self.session.record.id)
        self.forget()

    def forget(self) -> None:
        """Drop the cookie of a session that is gone, and what the site kept beside it."""
        site_session.let_go()
        self._cookie = False
        self._adopt(None)

    def look_away(self) -> None:
        """Render the rest of this request as for nobody, and leave the session alone."""
        self._adopt(None)

    def finish(self, response: Response) -> None:
        """Write what this request did to its session into the response."""
        cookies = self.state.cookies
        if self._cookie:
            lifetime = self.state.settings.session_lifetime
            cookies.put(response, cookies.session_name(), self._cookie, max_age=lifetime)
        elif self._cookie is False:
            cookies.drop(response, cookies.session_name())
        if self.used:
            # What depends on who asks must not come out of a shared cache.
            response.vary.add("Cookie")
            if self._session is not None:
                site_session.claim(self._session.person.grant_id)
                if not response.cache_control:
                    response.cache_control.private = True

    def _adopt(self, session: Session | None) -> None:
        self.used, self._ended = True, False
        self._session = session
        self._user = User(session, self.state.here) if session else None


def current() -> Current:
    """That of the request being served, for the app serving it."""
    state = current_state()
    # On the environ and not on g, which a test's own app context would share between
    # requests; under a key of its own for each app that answers within one request.
    key = f"{NAME}.{id(state)}"
    found = request.environ.get(key)
    if not isinstance(found, Current):
        found = request.environ[key] = Current(state)
    return found


def _current_user() -> User | AnonymousUser:
    return current().user if has_request_context() else ANONYMOUS


current_user = cast("User", LocalProxy(_current_user))
"""The person who is logged in, or an `AnonymousUser`: false, with empty names.

Typed as `User` because that is what it is wherever it matters: behind
`login_required`, or after ``if current_user:``.
"""


def finish(response: Response) -> Response:
    """The app's ``after_request``."""
    state = current_state()
    found = request.environ.get(f"{NAME}.{id(state)}")
    if found is None and site_session.is_unclaimed() and state.cookies.session_id():
        found = current()
        with suppress(StoreError):  # then it is claimed by a later request
            found.session  # noqa: B018 (looks it up)
    if isinstance(found, Current):
        found.finish(response)
    return response
