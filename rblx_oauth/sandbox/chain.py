"""The steps every Open Cloud request goes through, in order.

Route by the catalogue, inject faults, authenticate, check scope, check grant, limit the rate,
check the parameters, behave. A step passes by returning ``None``, answers by returning a response,
and refuses by raising `Refusal`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec
from flask import Request, Response, g

from rblx_oauth.catalog import Operation
from rblx_oauth.sandbox.callers import authenticate
from rblx_oauth.sandbox.checks import check_body, check_parameters
from rblx_oauth.sandbox.examples import EXAMPLE_HEADER, example
from rblx_oauth.sandbox.exchange import Behaviour, Creator, Exchange
from rblx_oauth.sandbox.refusals import Refusal, error_body, family_of
from rblx_oauth.sandbox.routing import BadPathError, Router
from rblx_oauth.sandbox.state import State

__all__ = ["Behaviour", "Chain", "Creator", "Exchange", "Step", "default_steps"]

Step = Callable[[Exchange], Response | None]


class Chain:
    """Answers requests to Open Cloud.

    Args:
        state: The sandbox's state.
        operations: The catalogue.
        behaviours: What answers, by operation name.
        steps: What each request goes through after routing.
    """

    def __init__(
        self,
        state: State,
        operations: Iterable[Operation],
        behaviours: Mapping[str, Behaviour],
        steps: Sequence[Step] | None = None,
    ) -> None:
        self._state = state
        self._router = Router(operations)
        self._behaviours = behaviours
        self._steps = default_steps() if steps is None else tuple(steps)

    def answer(self, request: Request, path: str) -> Response:
        """The answer to a request at the raw path `path`."""
        match, objection = None, ""
        try:
            match = self._router.match(request.method, path)
        except BadPathError as error:
            objection = str(error)
        g.operation = match.operation.name if match else ""
        instead = self._state.faults.strike(request, g.operation)
        if instead is not None:
            return instead
        if objection:
            return _refused(Refusal.invalid(objection), path)
        if match is None:
            nearest = self._router.nearest(request.method, path)
            return _refused(Refusal.not_found(f"no such operation; the nearest is {nearest}"), path)
        behaviour = self._behaviours.get(match.operation.name)
        exchange = Exchange(self._state, request, match, behaviour)
        response = self._run(exchange)
        response.headers.update(exchange.headers)
        return response

    def _run(self, exchange: Exchange) -> Response:
        try:
            for step in self._steps:
                response = step(exchange)
                if response is not None:
                    return response
        except Refusal as refusal:
            return _refused(refusal, exchange.operation.path)
        raise RuntimeError("the last step of the chain must answer")


def default_steps() -> tuple[Step, ...]:
    """The steps of a sandbox without faults."""
    return check_credentials, check_scopes, check_grant, limit_rate, check_parameters, behave


def check_credentials(exchange: Exchange) -> None:
    """401 unless the request carries a good credential of a kind the operation takes."""
    headers = exchange.request.headers
    exchange.caller = authenticate(
        exchange.state,
        exchange.operation,
        headers.get("Authorization", ""),
        headers.get("x-api-key", ""),
    )
    g.caller = exchange.caller.name


def check_scopes(exchange: Exchange) -> None:
    """403 unless the caller has every scope of the operation."""
    missing = exchange.caller.missing_scopes(exchange.operation.scopes)
    if missing:
        wanted = " ".join(missing)
        raise Refusal(403, "INSUFFICIENT_SCOPE", f"{exchange.operation.name} needs scope {wanted}")


def check_grant(exchange: Exchange) -> None:
    """403 unless the caller was let into the universe, or may act for the creator, in question.

    An operation that needs no scope is public, so nobody was asked for its resources.
    """
    universe_id = exchange.arguments.get("universe_id")
    anybodys = exchange.behaviour is not None and exchange.behaviour.any_universe
    if universe_id and exchange.operation.scopes and not anybodys:
        if universe_id not in exchange.state.universes:
            raise Refusal.not_found(f"there is no universe {universe_id}")
        if not exchange.caller.may_touch_universe(universe_id):
            raise Refusal.denied(f"this credential was not granted universe {universe_id}")
    if exchange.behaviour and exchange.behaviour.creator:
        creator = exchange.behaviour.creator(exchange)
        if not exchange.caller.may_act_as(creator.id):
            raise Refusal.denied(f"this credential was not granted creator {creator.id}")


def limit_rate(exchange: Exchange) -> None:
    """429 once the caller has used up the operation's limit."""
    limit = exchange.caller.limit(exchange.operation)
    if limit is None or not exchange.state.settings.rate_limits:
        return
    with exchange.state.lock:
        standing = exchange.state.windows.hit(
            exchange.operation.name, exchange.caller.id, limit, exchange.state.clock.now()
        )
    exchange.headers.update(standing.headers())
    if standing.exceeded:
        raise Refusal(
            429, "RESOURCE_EXHAUSTED", f"over {limit.count} requests in {limit.seconds} seconds"
        )


def behave(exchange: Exchange) -> Response:
    """The behaviour's answer; where there is none, an example, marked as such by a header."""
    operation, behaviour = exchange.operation, exchange.behaviour
    if behaviour is None or behaviour.made_up:
        exchange.headers[EXAMPLE_HEADER] = "true"
    if behaviour is None:
        check_body(exchange)
        answer = example(operation, exchange.arguments)
    else:
        answer = behaviour.answer(exchange)
    if isinstance(answer, Response):
        return answer
    if operation.status == 204:
        return Response(status=204)
    # Where the document calls it something else, programs that read Roblox's go by its usual name.
    return Response(
        msgspec.json.encode(answer), status=operation.status, mimetype="application/json"
    )


def _refused(refusal: Refusal, path: str) -> Response:
    g.reason = f"{refusal.code}: {refusal.message}"
    body = msgspec.json.encode(error_body(refusal, family_of(path)))
    return Response(
        body, status=refusal.status, mimetype="application/json", headers=refusal.headers
    )
