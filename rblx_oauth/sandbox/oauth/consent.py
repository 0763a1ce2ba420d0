"""The pages a person sees: who they are, and what the app may do."""

from __future__ import annotations

import secrets
from urllib.parse import parse_qsl, urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError, OAuth2Error
from authlib.oidc.core.errors import ConsentRequiredError, LoginRequiredError
from flask import Blueprint, Response, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from rblx_oauth.sandbox.oauth.auto import decide
from rblx_oauth.sandbox.oauth.grants import CodeGrant
from rblx_oauth.sandbox.oauth.offers import agree, objection, on_offer
from rblx_oauth.sandbox.oauth.records import BrowserSession, Client, Consent, Picks
from rblx_oauth.sandbox.oauth.scope_words import asks_for_creators, asks_for_universes, in_words
from rblx_oauth.sandbox.oauth.server import Server
from rblx_oauth.sandbox.people import User

__all__ = ["consent_views"]

_PROMPTS = {"none", "login", "consent", "select_account"}


class Pages:
    """The login and consent pages of one authorization server."""

    def __init__(self, server: Server, cookie: str) -> None:
        self._server = server
        self._state = server.state
        self._cookie = cookie

    # --- the browser's session

    def _session(self) -> BrowserSession | None:
        return self._state.oauth.sessions.get(request.cookies.get(self._cookie, ""))

    def _new_session(self) -> BrowserSession:
        session = BrowserSession(id=secrets.token_urlsafe(24), csrf=secrets.token_urlsafe(24))
        self._state.oauth.sessions[session.id] = session
        return session

    def _with_session(self, response: Response, session: BrowserSession) -> Response:
        response.set_cookie(self._cookie, session.id, httponly=True, samesite="Lax", path="/oauth/")
        return response

    # --- the authorization endpoint

    def authorize(self) -> AnyResponse:
        """Begin an authorization, or take the answer of the consent page."""
        if "client_id" in request.form:
            # Sent as a form (OpenID Connect Core 3.1.2.1). A browser keeps its cookies to itself
            # when another site's page posts, and sends them with the GET that follows.
            return redirect(f"/oauth/v1/authorize?{urlencode(list(request.form.items(True)))}", 303)
        session = self._session()
        user = self._state.users.get(session.user_id) if session else None
        try:
            grant = self._server.get_consent_grant(end_user=user)
        except OAuth2Error as error:
            return self._refuse(error)
        g.caller = f"app {grant.client.client_id}"
        try:
            prompts = _prompts(request.args.get("prompt", ""))
            max_age = _max_age(request.args.get("max_age", ""))
            if "auto" in request.args:
                return self._at_once(grant)
            if session and self._logged_in_too_long_ago(session, max_age):
                user = None
            if "none" in prompts:
                return self._silently(grant, user)
            if session is None or user is None or prompts & {"login", "select_account"}:
                return self._login_page(grant.client, session)
            self._admit(grant, user)
            if request.method == "POST":
                return self._decide(grant, session, user)
            if "consent" not in prompts and self._agreed(grant, user):
                return self._finish(grant, session, user)
            return self._consent_page(grant, session, user)
        except OAuth2Error as error:
            error.redirect_uri = grant.redirect_uri
            error.state = request.args.get("state")
            return self._refuse(error)

    def _out_of_date(self, query: str) -> AnyResponse:
        """A form of a session that has ended, as after a login in another tab."""
        error = InvalidRequestError("This form is out of date: you logged in elsewhere meanwhile.")
        return self._refuse(error, again=f"/oauth/v1/authorize?{query}")

    def _refuse(self, error: OAuth2Error, *, again: str = "") -> AnyResponse:
        g.reason = f"{error.error}: {error.get_error_description()}"
        if error.redirect_uri:
            status, body, headers = error()
            return self._with_issuer(Response(body, status, headers))
        # Without a redirect URI that is surely the app's, the person is told instead (RFC 6749
        # 4.1.2.1).
        text = error.get_error_description()
        page = render_template("refused.html", code=error.error, text=text, again=again)
        return make_response(page, 400)

    def _logged_in_too_long_ago(self, session: BrowserSession, max_age: int | None) -> bool:
        """Whether the app wants a fresher login (``max_age``, OpenID Connect Core 3.1.2.1)."""
        since = self._state.clock.now() - session.authenticated
        # Who is at the consent page was asked a moment ago.
        return max_age is not None and request.method == "GET" and since > max_age

    def _admit(self, grant: CodeGrant, user: User) -> None:
        """Make sure that this person can authorize this app."""
        wrong = objection(self._state, grant.client, user)
        if wrong:
            raise AccessDeniedError(wrong)

    def _at_once(self, grant: CodeGrant) -> AnyResponse:
        """Answer as the request itself says, with no page and no session."""
        scopes = grant.request.scope.split()
        with self._state.lock:
            try:
                decision = decide(self._state, request.args, scopes)
            except ValueError as error:
                # For whoever wrote the script, and not for the app.
                return self._refuse(InvalidRequestError(str(error)))
            if decision.picks is None:
                return self._finish(grant, BrowserSession(id="", csrf=""), None)
            self._admit(grant, decision.user)
            agree(self._state, grant.client, decision.user, scopes, decision.picks)
            now = self._state.clock.now()
            session = BrowserSession(id="", csrf="", authenticated=now)
            return self._finish(grant, session, decision.user)

    def _silently(self, grant: CodeGrant, user: User | None) -> AnyResponse:
        session = self._session()
        if user is None or session is None:
            raise LoginRequiredError
        self._admit(grant, user)
        if not self._agreed(grant, user):
            raise ConsentRequiredError
        return self._finish(grant, session, user)

    def _agreed(self, grant: CodeGrant, user: User) -> bool:
        consent = self._state.oauth.consents.get((user.id, grant.client.client_id))
        return consent is not None and set(grant.request.scope.split()) <= consent.scopes

    def _finish(self, grant: CodeGrant, session: BrowserSession, user: User | None) -> AnyResponse:
        """Back to the app, with a code or, when there is no user, with ``access_denied``."""
        with self._state.lock:
            if user is not None:
                consent = self._state.oauth.consents[user.id, grant.client.client_id]
                grant.picks = consent.picks
                grant.authenticated = session.authenticated
            else:
                g.reason = "access_denied: the person chose Cancel"
            response = self._server.create_authorization_response(grant=grant, grant_user=user)
        return self._with_issuer(response)

    def _with_issuer(self, response: Response) -> Response:
        if self._state.settings.callback_issuer:
            issuer = [("iss", self._server.mint.issuer)]
            response.location = add_params_to_uri(response.location, issuer)
        return response

    # --- login

    def _login_page(self, client: Client, session: BrowserSession | None) -> AnyResponse:
        session = session or self._new_session()
        page = render_template(
            "login.html",
            client=client,
            users=list(self._state.users.values()),
            current=session.user_id,
            csrf=session.csrf,
            query=request.query_string.decode(errors="replace"),
        )
        return self._with_session(make_response(page), session)

    def login(self) -> AnyResponse:
        """Take the answer of the login page and go on where it came from."""
        session = self._session()
        if session is None or not _same(session.csrf, request.form.get("csrf", "")):
            return self._out_of_date(request.form.get("query", ""))
        user = self._state.users.get(request.form.get("user", ""))
        if user is None:
            return self._refuse(InvalidRequestError("There is no such user."))
        with self._state.lock:
            del self._state.oauth.sessions[session.id]
            session = self._new_session()  # a login never keeps the id it came with
            session.user_id, session.authenticated = user.id, self._state.clock.now()
        query = _without_login(request.form.get("query", ""))
        response = make_response(redirect(f"/oauth/v1/authorize?{query}", 303))
        return self._with_session(response, session)

    # --- consent

    def _consent_page(self, grant: CodeGrant, session: BrowserSession, user: User) -> AnyResponse:
        scopes = grant.request.scope.split()
        consent = self._state.oauth.consents.get((user.id, grant.client.client_id))
        before = consent or Consent(frozenset(), Picks())
        query = [(name, value) for name, value in _pairs(request.query_string) if name != "prompt"]
        page = render_template(
            "consent.html",
            client=grant.client,
            user=user,
            csrf=session.csrf,
            scopes=[(each, in_words(each), each in before.scopes) for each in scopes],
            universes=self._state.universes_of(user.id) if asks_for_universes(scopes) else None,
            groups=self._state.groups_of(user.id),
            creators=asks_for_creators(scopes),
            picks=before.picks,
            returns_to=grant.redirect_uri,
            switch=f"/oauth/v1/authorize?{urlencode([*query, ('prompt', 'select_account')])}",
        )
        return make_response(page)

    def _decide(self, grant: CodeGrant, session: BrowserSession, user: User) -> AnyResponse:
        if not _same(session.csrf, request.form.get("csrf", "")):
            return self._out_of_date(request.query_string.decode(errors="replace"))
        if request.form.get("decision") != "allow":
            return self._finish(grant, session, None)
        scopes = grant.request.scope.split()
        with self._state.lock:
            offer = on_offer(self._state, user, scopes)
            picks = Picks(
                offer.universes & set(request.form.getlist("universe")),
                offer.creators & set(request.form.getlist("creator")),
            )
            agree(self._state, grant.client, user, scopes, picks)
        return self._finish(grant, session, user)


def _prompts(text: str) -> set[str]:
    prompts = set(text.split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequestError("Invalid 'prompt' parameter.")
    return prompts


def _max_age(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit()):
        raise InvalidRequestError("The 'max_age' must be a number of seconds.")
    return int(text[:12]) if text else None  # Python turns down numbers of thousands of digits


def _pairs(query: bytes | str) -> list[tuple[str, str]]:
    text = query.decode(errors="replace") if isinstance(query, bytes) else query
    return parse_qsl(text, keep_blank_values=True)


def _without_login(query: str) -> str:
    """The query of the authorization request, its wish for a login granted."""
    pairs = []
    for name, value in _pairs(query):
        kept = [each for each in value.split() if each not in ("login", "select_account")]
        if name not in ("prompt", "max_age"):
            pairs.append((name, value))
        elif name == "prompt" and kept:
            pairs.append((name, " ".join(kept)))
    return urlencode(pairs)


def _same(expected: str, given: str) -> bool:
    return secrets.compare_digest(expected.encode(), given.encode())


def consent_views(server: Server, cookie: str) -> Blueprint:
    """The blueprint of the pages; `cookie` names the session's cookie."""
    views = Blueprint("consent", __name__, url_prefix="/oauth/v1")
    pages = Pages(server, cookie)
    views.add_url_rule("/authorize", "authorize", pages.authorize, methods=["GET", "POST"])
    views.add_url_rule("/login", "login", pages.login, methods=["POST"])
    return views
