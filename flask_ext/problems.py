"""Every refusal: raised as an exception, answered as a page or as a JSON problem (RFC 9457).

A site changes how one looks by overriding ``templates/roblox/<template>``, or
answers it in its own way with ``@app.errorhandler(LoginRequired)`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from flask import Response, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException

from flask_ext.callers import DEPENDS_ON, is_htmx, restores_history, wants_json

TYPE = "urn:rblx-oauth:problem:"
WHY, SENT = "why", "sent"
"""Of a login address that explains itself first: the kind of problem; whether a form was sent."""


class RobloxProblem(HTTPException):
    """The root of what this extension refuses with.

    Attributes:
        code: The HTTP status; each subclass has one.
        kind: One word or two for programs, the end of the problem's ``type``.
        title: What happened, for people.
        detail: What to do about it, for people.
        template: The page, below ``roblox/``.
        login_url: Where a person can put it right; may be empty.
        members: More members of the JSON problem, known to the page too.
        at_once: Whether htmx is sent straight to `login_url`. Otherwise it is sent to the page of
            this refusal, as a person who goes somewhere is.
        retry_after: Seconds, where waiting helps.
    """

    # Flask files an error handler under the code of its class, and then finds it for that code
    # only; without one here, the handler for this class serves every subclass.
    code: int | None = None
    kind = "refused"
    title = "That did not work"
    detail = "Go back and try again."
    template = "error.html"
    retry_after: int | None = None

    def __init__(
        self,
        *,
        title: str | None = None,
        detail: str | None = None,
        login_url: str = "",
        members: Mapping[str, object] | None = None,
        at_once: bool = False,
    ) -> None:
        self.title = title or self.title
        self.detail = detail or self.detail
        self.login_url = login_url
        self.members = dict(members or {})
        self.at_once = at_once
        super().__init__(description=self.detail)

    def get_response(self, *_: object, **__: object) -> Response:
        """`answer`, for a site whose own handler hands HTTP errors back as they are."""
        return self.answer()

    def answer(self) -> Response:
        """The response, in the form that the caller can use."""
        response = self._problem() if wants_json() else self._page()
        response.status_code = self.code or 400
        response.cache_control.no_store = True
        response.vary.update(DEPENDS_ON)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Frame-Options"] = "DENY"
        if self.code == 401:
            # RFC 9110 11.6.1 wants a challenge; browsers pass over a scheme they do not know.
            response.headers["WWW-Authenticate"] = 'Session realm="Roblox"'
        if self.retry_after is not None:
            response.headers["Retry-After"] = str(self.retry_after)
        if is_htmx():
            self._for_htmx(response)
        return response

    @property
    def unprocessed(self) -> bool:
        """Whether something was sent that was not processed, and has to be sent again."""
        return request.method not in ("GET", "HEAD") or SENT in request.args

    def _for_htmx(self, response: Response) -> None:
        """Have it leave the page for one where this can be put right."""
        if restores_history():
            response.status_code = 200  # htmx 1 and 2 show nothing else when people go back
        if self.login_url:
            url = self.login_url if self.at_once else self._explained()
            response.headers["HX-Redirect"] = url

    def _explained(self) -> str:
        """The login address that first shows why: see `explanation`."""
        more = {WHY: self.kind} | ({SENT: "1"} if self.unprocessed else {})
        return f"{self.login_url}{'&' if '?' in self.login_url else '?'}{urlencode(more)}"

    def _problem(self) -> Response:
        body: dict[str, object] = {
            "type": TYPE + self.kind,
            "title": self.title,
            "status": self.code,
            "detail": self.detail,
            **self.members,
        }
        if self.login_url:
            body["login_url"] = self.login_url
        response = jsonify(body)
        response.content_type = "application/problem+json"
        return response

    def _page(self) -> Response:
        return make_response(render_template(f"roblox/{self.template}", problem=self))


class LoginRequired(RobloxProblem):
    """Nobody is logged in."""

    code = 401
    kind = "login-required"
    title = "Please log in"
    detail = "This needs you to be logged in with Roblox."
    template = "login_required.html"


class SessionExpired(LoginRequired):
    """This browser was logged in, until its session was ended elsewhere or ran out."""

    kind = "session-expired"
    title = "You have been logged out"
    detail = (
        "Your session in this browser has ended: you logged it out from another one, or were not "
        "here for a long time."
    )


class SessionEnded(LoginRequired):
    """Roblox no longer knows the authorization, so the session here has ended."""

    kind = "session-ended"
    title = "Please log in again"
    detail = "Roblox has ended this site's access to your account, so you have been logged out."


class ScopesMissing(RobloxProblem):
    """The person has not granted what this needs. `members` holds ``missing``."""

    code = 403
    kind = "insufficient-scope"
    title = "Roblox has to ask you first"
    detail = "You have not yet allowed this site to do that on Roblox."
    template = "step_up.html"

    def __init__(self, *, missing: Iterable[str], login_url: str, at_once: bool = False) -> None:
        self.missing = sorted(missing)
        super().__init__(login_url=login_url, members={"missing": self.missing}, at_once=at_once)


class GrantMissing(RobloxProblem):
    """The person did not pick this universe, user or group at Roblox."""

    code = 403
    kind = "not-picked"
    title = "You have not shared this with the site"
    detail = (
        "You can only use the experiences, accounts and groups that you picked on Roblox's "
        "consent page."
    )
    template = "pick.html"


class CsrfFailed(RobloxProblem):
    """A form came from another site, or from a session that has ended."""

    code = 400
    kind = "csrf"
    title = "This form is no longer good"
    detail = "It was not accepted, and nothing was changed. Reload the page and send it again."
    template = "csrf.html"


class LoginFailed(RobloxProblem):
    """A login could not be completed.

    Attributes:
        reason: One word, as in the signal `login_failed`.
    """

    code = 400
    kind = "login-failed"
    title = "The login could not be completed"
    detail = "It may have taken too long, or have been used already. Please begin again."
    template = "login_failed.html"

    def __init__(
        self,
        *,
        reason: str,
        title: str | None = None,
        detail: str | None = None,
        login_url: str = "",
    ) -> None:
        self.reason = reason
        super().__init__(
            title=title, detail=detail, login_url=login_url, members={"reason": reason}
        )


class LoginRefused(LoginFailed):
    """For a site to raise in `RobloxOAuth.on_login`: this person may not log in here."""

    code = 403
    kind = "login-refused"
    title = "You cannot log in here"
    detail = "This site does not let your account in."

    def __init__(self, *, title: str | None = None, detail: str | None = None) -> None:
        super().__init__(reason="site", title=title, detail=detail)


class ConsentDenied(LoginFailed):
    """The person said no at Roblox."""

    code = 403
    kind = "consent-denied"
    title = "You did not give permission"
    detail = "Nothing was changed. You can go on without it, or decide otherwise."
    template = "denied.html"


class Unavailable(RobloxProblem):
    """The store or Roblox cannot be reached now. Nobody is logged out."""

    code = 503
    kind = "unavailable"
    title = "Back in a moment"
    detail = "Something this site needs cannot be reached right now. Please try again shortly."
    retry_after = 5


def explanation(why: str, *, scopes: Iterable[str], login_url: str) -> RobloxProblem | None:
    """The problem that sent htmx to the login with this word for it; None for any other word.

    Args:
        why: The problem's `kind`.
        scopes: What will be asked for.
        login_url: The login address without the word.
    """
    if why == ScopesMissing.kind:
        return ScopesMissing(missing=scopes, login_url=login_url)
    kinds = (LoginRequired, SessionExpired, SessionEnded, GrantMissing, CsrfFailed)
    found = next((each for each in kinds if each.kind == why), None)
    return found(login_url=login_url) if found else None
