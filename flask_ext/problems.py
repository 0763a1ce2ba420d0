"""Every refusal: raised as an exception, answered as a page or as a JSON problem (RFC 9457).

A site changes how one looks by overriding ``templates/roblox/<template>``, or
answers it in its own way with ``@app.errorhandler(LoginRequired)`` and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, jsonify, make_response, render_template
from werkzeug.exceptions import HTTPException

from flask_ext.callers import wants_json

TYPE = "urn:rblx-oauth:problem:"


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
    ) -> None:
        self.title = title or self.title
        self.detail = detail or self.detail
        self.login_url = login_url
        self.members = dict(members or {})
        super().__init__(description=self.detail)

    def get_response(self, *_: object, **__: object) -> Response:
        """`answer`, for a site whose own handler hands HTTP errors back as they are."""
        return self.answer()

    def answer(self) -> Response:
        """The response, in the form that the caller can use."""
        response = self._problem() if wants_json() else self._page()
        response.status_code = self.code or 400
        response.cache_control.no_store = True
        response.vary.update(("Accept", "Sec-Fetch-Dest", "X-Requested-With"))
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Frame-Options"] = "DENY"
        if self.code == 401:
            # RFC 9110 11.6.1 wants a challenge; browsers pass over a scheme they do not know.
            response.headers["WWW-Authenticate"] = 'Session realm="Roblox"'
        if self.retry_after is not None:
            response.headers["Retry-After"] = str(self.retry_after)
        return response

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

    def __init__(self, *, missing: Iterable[str], login_url: str) -> None:
        self.missing = sorted(missing)
        super().__init__(login_url=login_url, members={"missing": self.missing})


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
