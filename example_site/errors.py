"""What went wrong, in words for the person in front of the page.

Views that show a form catch `TROUBLE`, put ``explain(error)`` into the form and show it
again with what was typed. Everywhere else the errors travel up to the handlers below.
Errors about the login itself (no session, a grant that ended) belong to ``flask_ext``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import HTTPException, SecurityError

from rblx_oauth import errors

TROUBLE = (errors.ApiError, errors.TransportError, errors.ProtocolError)
"""What a call to Open Cloud may end in through nobody's fault here."""


@dataclass(frozen=True)
class Problem:
    """One page, or one notice, about something that went wrong.

    Attributes:
        status: The HTTP status of the page.
        title: A short line: what happened.
        text: What it means and what to do.
        again: An address at which trying again makes sense.
        retry_after: Seconds to wait first.
    """

    status: int
    title: str
    text: str
    again: str | None = None
    retry_after: int | None = None


def explain(error: errors.RobloxError) -> Problem:
    """Say what an error of Open Cloud means."""
    match error:
        case errors.RateLimited():
            return _rate_limited(error)
        case errors.NotFound():
            return Problem(404, "Roblox does not find it", "It may have been deleted or renamed.")
        case errors.BadRequest():
            said = f" It says: {error.message}" if error.message else ""
            return Problem(400, "Roblox did not accept this", f"Something in it is wrong.{said}")
        case errors.Conflict():
            return Problem(409, "It changed meanwhile", "Open it again to see what is there now.")
        case errors.PermissionDenied() | errors.Unauthorized():
            return Problem(
                403,
                "Roblox did not allow this",
                "Whoever this was done for may not do it. Did you pick the right experience or "
                "account on the consent page?",
            )
        case errors.AmbiguousOutcome():
            return Problem(
                503,
                "Roblox did not say whether it worked",
                "The connection broke at the wrong moment: it may or may not have been done. "
                "Please look before you repeat it.",
            )
        case errors.TransportError():
            return Problem(
                503, "Roblox did not answer", "Nothing was done. Please try again in a minute."
            )
        case errors.CredentialError() | errors.ConfigurationError():
            return Problem(
                503,
                "Backstage is not set up for this",
                "Its operator has to give it an API key of Roblox (ROBLOX_API_KEY).",
            )
        case _:
            return Problem(
                502,
                "Roblox has a problem",
                "It answered with an error of its own. Please try again in a minute.",
            )


def _rate_limited(error: errors.RateLimited) -> Problem:
    if error.retry_after is None:
        return Problem(
            429, "Roblox asks for a pause", "Too many requests. Please try again in a minute."
        )
    seconds = max(1, math.ceil(error.retry_after))
    wait = f"{seconds} second{'s' * (seconds > 1)}"
    return Problem(
        429,
        "Roblox asks for a pause",
        f"Too many requests. Please try again in {wait}.",
        retry_after=seconds,
    )


_PAGES = {
    400: ("That did not add up", "Something in the request was missing. Go back and try again."),
    403: ("This is not yours to open", "Backstage may touch only what you picked on Roblox."),
    404: ("Nothing on this stage", "There is no page at this address."),
    405: ("Not this way", "This address takes something else. Start again from the home page."),
    413: ("That file is too large", "Roblox takes pictures of up to 20 MB. Choose a smaller one."),
    500: ("Something broke", "The fault is ours, not yours. Please try again in a minute."),
    503: ("Back in a minute", "Backstage cannot do this right now. You are still logged in."),
}  # fmt: skip


def page(problem: Problem) -> Response:
    """The error page of the site."""
    return answer(render_template("error.html", problem=problem), problem)


def answer(html: str, problem: Problem) -> Response:
    """A page about a problem, with its status."""
    response = make_response(html, problem.status)
    if problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def init_app(app: Flask) -> None:
    """Give every error a page in the site's own look."""

    def http(error: HTTPException) -> Response:
        if isinstance(error, SecurityError):
            # A foreign Host header: no page of this site can be drawn for it.
            return Response("This site has another address.\n", 400, mimetype="text/plain")
        status = error.code or 500
        title, text = _PAGES[status]
        return page(Problem(status, title, text))

    # One by one, and not for HTTPException: what flask_ext refuses with is one too, and has
    # pages of its own (templates/roblox).
    for status in _PAGES:
        app.register_error_handler(status, http)

    def roblox(error: errors.RobloxError) -> Response:
        problem = explain(error)
        again = request.full_path if request.method == "GET" and problem.status >= 409 else None
        return page(
            Problem(problem.status, problem.title, problem.text, again, problem.retry_after)
        )

    for kind in (*TROUBLE, errors.CredentialError, errors.ConfigurationError):
        app.register_error_handler(kind, roblox)
