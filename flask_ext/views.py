"""The blueprint: ``GET login``, ``GET callback``, ``POST logout``."""

from __future__ import annotations

from functools import partial

from flask import (
    Blueprint,
    Response,
    abort,
    after_this_request,
    make_response,
    redirect,
    render_template,
    request,
)

from flask_ext.asking import BLUEPRINT, Ask, address, asked, login_url
from flask_ext.callers import is_htmx, is_htmx_visit, is_navigation, wants_json
from flask_ext.completion import complete
from flask_ext.cookies import digest
from flask_ext.csrf import check_csrf
from flask_ext.current import Current, current
from flask_ext.endings import log_out_here
from flask_ext.failures import failure, problem_for
from flask_ext.login_cookies import bind, bound_secret, has_left, unbind
from flask_ext.problems import WHY, LoginRequired, explanation
from flask_ext.redirects import next_path
from flask_ext.transactions import Transaction, new_browser_secret
from rblx_oauth.core.redact import Quiet
from rblx_oauth.errors import ReauthorizationRequired, RobloxError, UnsealError


def blueprint(url_prefix: str) -> Blueprint:
    """A new blueprint: each app has its own."""
    made = Blueprint(
        BLUEPRINT, __name__, url_prefix=url_prefix or None, template_folder="templates"
    )
    made.before_request(_refuse_what_is_not_text)
    made.add_url_rule("/login", "login", login, methods=["GET"])
    made.add_url_rule("/callback", "callback", callback, methods=["GET"])
    made.add_url_rule("/logout", "logout", logout, methods=["POST"])
    return made


def login() -> Response:
    """Send the person to Roblox, unless they have granted everything already."""
    ask, target = asked(), next_path(request.args.get("next"))
    again = address(target, ask)
    if not is_navigation():
        # A picture, a frame, a program or a page fetched ahead: nobody decided to log in.
        raise LoginRequired(login_url=again, at_once=is_htmx_visit())
    why = request.args.get(WHY, "")
    if problem := explanation(why, scopes=ask.scopes, login_url=again):
        raise problem
    here = current()
    granted = _granted(here)
    if here.user and not ask.prompt and granted.issuperset(ask.scopes):
        return _away(target)
    try:
        return _to_roblox(here, ask, granted, target)
    except RobloxError as error:
        raise problem_for(error, again=again) from error


def callback() -> Response:
    """Take the login that Roblox answers, at first use and in the browser that began it."""
    if request.method != "GET":  # Flask answers HEAD too, and a link checker must not use it up
        abort(405)
    here, state = current(), Quiet(request.args.get("state", ""))
    worker = here.state.here
    transaction = worker.transactions.take(state)
    if transaction is None:
        return _used_or_unknown(here, state)
    again = address(transaction.next, Ask(transaction.request.scopes, transaction.prompt))
    after_this_request(partial(unbind, here.state.cookies, state))
    if not transaction.begun_by(bound_secret(here.state.cookies, state)):
        detail = ANOTHER_BROWSER.format(site=here.state.settings.public_origin)
        raise failure("browser", again=again, detail=detail)
    try:
        answer = complete(here, transaction, again=again)
    except RobloxError as error:
        raise problem_for(error, again=again) from error
    return _quiet(answer) if answer else _away(transaction.next)


def logout() -> Response:
    """End the session of this browser. Needs the CSRF token of the page it came from."""
    check_csrf()
    here = current()
    log_out_here()
    target = request.form.get("next")
    if wants_json():
        response = make_response("", 204)
    elif is_htmx():  # away from the page, all of which may be the person's
        response = make_response("", 204)
        response.headers["HX-Redirect"] = next_path(target)
    elif target:
        response = _away(next_path(target))
    else:
        response = make_response(render_template("roblox/logged_out.html"))
        response.cache_control.no_store = True
    if here.state.settings.clear_site_data:
        response.headers["Clear-Site-Data"] = here.state.settings.clear_site_data
    return response


ANOTHER_BROWSER = (
    "The login was begun in another browser, or not at {site}, or cookies are turned off. "
    "Please begin again here."
)


def _refuse_what_is_not_text() -> None:
    """400 for a query of other bytes than UTF-8, which Flask answers with a 500."""
    try:
        request.args  # noqa: B018 (reading it is what decodes it)
    except UnicodeDecodeError:
        abort(400)


def _granted(here: Current) -> frozenset[str]:
    """The scopes of the person's grant; they are logged out where it is gone or unreadable."""
    try:
        return here.user.scopes
    except (ReauthorizationRequired, UnsealError):
        here.end()
        return frozenset()


def _to_roblox(here: Current, ask: Ask, granted: frozenset[str], target: str) -> Response:
    worker, settings = here.state.here, here.state.settings
    # The new token replaces the old one, so a step-up asks again for what was granted.
    base = sorted(granted) if here.user else settings.scopes
    oauth_request = worker.oauth.authorization_request(
        [*base, *ask.scopes], prompt=ask.prompt or _prompt(here)
    )
    secret = Quiet(new_browser_secret())
    worker.transactions.add(
        Transaction(
            request=oauth_request,
            next=target,
            purpose="step-up" if here.user else "login",
            browser=digest(secret),
            subject=here.user.subject,
            prompt=ask.prompt,
        ),
        owner=here.user.grant_id or "",
    )
    worker.tidy()
    response = _away(oauth_request.url)
    bind(here.state.cookies, oauth_request.state, secret, response)
    return response


def _prompt(here: Current) -> str | None:
    """Have Roblox ask who it is, where somebody logged out or was logged out before."""
    left = here.ended or has_left(here.state.cookies)
    return "select_account" if left and not here.user else None


def _used_or_unknown(here: Current, state: str) -> Response:
    """The back button after a login goes on to where that login led; all else is refused."""
    if here.session is not None:
        grant_id = here.session.person.grant_id
        target = here.state.here.transactions.led_to(state, grant_id=grant_id)
        if target is not None:
            return _away(target)
    raise failure("state", again=login_url())


def _away(target: str) -> Response:
    return _quiet(make_response(redirect(target, 303 if request.method == "POST" else 302)))


def _quiet(response: Response) -> Response:
    """`response`, which is not kept, and whose reader is not told the address it came from."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.cache_control.no_store = True
    return response
