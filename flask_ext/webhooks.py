"""``POST webhook``: what Roblox tells a site. Checked, taken once, handed to its handlers.

Nobody is logged in here: there is no session, no cookie and no CSRF token. The
signature over the raw body is all that counts.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import NamedTuple

from flask import Blueprint, Response, jsonify, make_response, request
from werkzeug.exceptions import RequestEntityTooLarge

from flask_ext.config import Settings
from flask_ext.erasure import forget, revoke_queued
from flask_ext.failures import note_store_failure
from flask_ext.inbox import Inbox
from flask_ext.problems import TYPE
from flask_ext.signals import emit, webhook_answered, webhook_received
from flask_ext.state import State, current_state
from flask_ext.webhook_handlers import run
from rblx_oauth.core.logs import fields
from rblx_oauth.core.rows import Record
from rblx_oauth.errors import StoreError, WebhookError
from rblx_oauth.webhooks import ERASURE, MAX_BODY, SIGNATURE_HEADER, Notification

log = logging.getLogger(__name__)

RETRY_SECONDS = 5
OTHER = "other"


class Result(NamedTuple):
    """What became of a request.

    Attributes:
        status: The HTTP status.
        outcome: ``handled``, ``duplicate``, ``busy`` (another worker is at it), ``failed`` (a
            handler raised), ``unavailable`` (the store cannot be reached), ``too_large``; or
            the check of `WebhookError` that it did not pass.
        kind: The notification's type where the site has a handler for it, else ``other``;
            empty for what is none.
    """

    status: int
    outcome: str
    kind: str = ""


def add_route(blueprint: Blueprint, settings: Settings) -> None:
    """Add the route, if the site takes webhooks."""
    if settings.webhook_secrets or settings.webhook_unsigned:
        blueprint.add_url_rule("/webhook", "webhook", webhook, methods=["POST"])


def webhook() -> Response:
    """Take a notification, and answer when it has had its effect."""
    state = current_state()
    began = state.clock.monotonic()
    result = _received(state)
    seconds = state.clock.monotonic() - began
    facts = {"kind": result.kind, "outcome": result.outcome, "seconds": seconds}
    log.log(
        logging.INFO if result.status == 204 else logging.WARNING,
        "a webhook was answered: %s (%s)",
        result.outcome,
        result.kind or "no notification",
        extra=fields("webhook.answered", **facts),
    )
    emit(webhook_answered, **facts)
    response = _answer(result)
    if result.kind == ERASURE:
        # After the answer, because Roblox may take longer for it than it gives us for this.
        response.call_on_close(partial(revoke_queued, state))
    return response


def _received(state: State) -> Result:
    request.max_content_length = MAX_BODY
    webhooks = state.settings.webhooks(state.clock)
    try:
        notification = webhooks.verify(request.get_data(), request.headers.get(SIGNATURE_HEADER))
        notification.erasure  # noqa: B018 (one that does not say whose is refused)
    except RequestEntityTooLarge:
        return Result(413, "too_large")
    except WebhookError as error:
        return Result(error.status, error.check)
    # Types are few, but only Roblox's word says so.
    named = notification.type == ERASURE or state.webhook_handlers.names(notification.type)
    kind = notification.type if named else OTHER
    try:
        return _taken(state, notification, kind)
    except StoreError as error:
        note_store_failure(error)
        return Result(503, "unavailable", kind)


def _taken(state: State, notification: Notification, kind: str) -> Result:
    """Handle a notification, unless that was done, or is being done.

    Raises:
        StoreError: It could not be claimed; nothing was done.
    """
    inbox = Inbox(state.here.store, state.clock)
    claim = inbox.claim(notification.id)
    if not isinstance(claim, Record):
        # What another worker is at may fail yet, so Roblox is to ask again.
        return Result(503 if claim == "busy" else 204, claim, kind)
    handled = False
    try:
        handled = _handled(state, notification)
    finally:
        _close(inbox, claim, handled=handled)
    return Result(204, "handled", kind) if handled else Result(500, "failed", kind)


def _handled(state: State, notification: Notification) -> bool:
    """Do all there is to do; whether all of it went well."""
    emit(webhook_received, notification=notification)
    well = run(state.webhook_handlers.of(notification.type), notification, state.clock)
    if notification.erasure is None:
        return well
    # Last, so that the site's handlers find the person as they were; but whatever became of
    # these, since what is kept here must go.
    try:
        forget(state, notification.erasure)
    except StoreError as error:
        log.error("a person was not erased: %s", error, extra=fields("user.not_erased"))
        return False
    return well


def _close(inbox: Inbox, claim: Record, *, handled: bool) -> None:
    try:
        mine = inbox.settle(claim) if handled else inbox.give_back(claim)
    except StoreError as error:
        # It has had its effect or not, and the answer says so. The claim runs out by itself.
        log.error(
            "a webhook was answered but its claim not closed: %s",
            error,
            extra=fields("webhook.not_closed", handled=handled),
        )
    else:
        if not mine:
            log.warning(
                "a webhook took longer than its claim is good for, and may be handled twice",
                extra=fields("webhook.overdue", handled=handled),
            )


def _answer(result: Result) -> Response:
    """For programs only: the status is what counts."""
    if result.status == 204:
        response = make_response("", 204)
    else:
        response = jsonify(type=f"{TYPE}webhook", status=result.status, reason=result.outcome)
        response.status_code = result.status
        response.content_type = "application/problem+json"
    response.cache_control.no_store = True
    if result.status == 401:  # RFC 9110 11.6.1
        response.headers["WWW-Authenticate"] = 'Signature realm="Roblox"'
    if result.status == 503:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
