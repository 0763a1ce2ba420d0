"""Reading users."""

from __future__ import annotations

from rblx_oauth.sandbox.clock import rfc3339
from rblx_oauth.sandbox.exchange import Behaviour, Exchange
from rblx_oauth.sandbox.refusals import Refusal

__all__ = ["BEHAVIOURS"]


def _get(exchange: Exchange) -> object:
    user = exchange.state.users.get(exchange.arguments["user_id"])
    if user is None:
        raise Refusal.not_found(f"there is no user {exchange.arguments['user_id']}")
    body: dict[str, object] = {
        "path": f"users/{user.id}",
        "createTime": rfc3339(user.created),
        "id": user.id,
        "name": user.name,
        "displayName": user.display_name,
        "about": user.about,
        "locale": "en-US",
    }
    if not exchange.caller.missing_scopes(("user.advanced:read",)):
        body |= {"premium": False, "idVerified": user.id_verified}
    if not exchange.caller.missing_scopes(("user.social:read",)):
        body["socialNetworkProfiles"] = {"visibility": "NO_ONE"}
    return body


BEHAVIOURS = {"get_user": Behaviour(_get)}
