"""Refusals, in the body shapes of Roblox's families of APIs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

__all__ = ["Family", "Refusal", "error_body", "family_of"]

Family = Literal[
    "v1",
    "v2",
    "data_stores_v1",
    "legacy",
    "problem",
    "secrets",
    "place_history",
    "game_passes",
    "developer_products",
    "configs",
    "analytics",
    "advertising",
    "assets",
    "asset_permissions",
    "store",
    "homepage",
]

_SECRETS = re.compile(r"/cloud/v2/universes/[^/]+/secrets(/|$)")

# What the first version of data stores calls it, by the parameter that is wrong.
_WRONG = {
    "universeId": "InvalidUniverseId",
    "datastoreName": "InvalidDataStoreName",
    "scope": "InvalidDataStoreScope",
    "entryKey": "InvalidEntryKey",
    "versionId": "InvalidVersionId",
    "cursor": "InvalidCursor",
    "limit": "InvalidLimit",
    "startTime": "InvalidStartTime",
    "endTime": "InvalidEndTime",
    "sortOrder": "InvalidSortOrder",
    "roblox-entry-attributes": "InvalidAttributes",
    "roblox-entry-userids": "InvalidUserIds",
}
# What the legacy APIs number such a mistake, by the parameter that is wrong.
_NUMBERS = {"groupId": "1", "limit": "8", "cursor": "8", "sortOrder": "8"}
# What game passes and developer products call it, by the field that is wrong.
_GAME_PASSES = {
    "gamePassId": "PassNotFound",
    "universeId": "UniverseNotFound",
    "pageSize": "InvalidPageSize",
    "price": "PricingConfigError",
    "isRegionalPricingEnabled": "InvalidRegionalPricing",
    "isManagedPricingEnabled": "InvalidManagedPricing",
}
_DEVELOPER_PRODUCTS = {
    "productId": "InvalidProductId",
    "universeId": "InvalidUniverseId",
    "pageSize": "InvalidPageSize",
    "pageToken": "InvalidCursor",
    "name": "InvalidName",
    "description": "InvalidDescription",
    "isForSale": "InvalidIsForSale",
    "price": "InvalidPrice",
    "imageFile": "InvalidImageFile",
    "storePageEnabled": "InvalidStorePageEnabled",
    "isRegionalPricingEnabled": "InvalidRegionalPricing",
    "isManagedPricingEnabled": "InvalidManagedPricing",
}
_OF_OFFERS = {
    "INVALID_ARGUMENT": "BadRequest",
    "NOT_FOUND": "NotFound",
    "PERMISSION_DENIED": "UnauthorizedAccess",
    "INSUFFICIENT_SCOPE": "UnauthorizedAccess",
}
_BAD_QUERY = 2001
# What an API itself refuses, and not the gateway before it; of permissions with its word for it.
_ITS_OWN = {"INVALID_ARGUMENT": "InvalidRequest", "PERMISSION_DENIED": "CannotManageAsset"}
_OF_ADVERTISING = {
    "INSUFFICIENT_SCOPE": "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED": "RATE_LIMITED",
    "ABORTED": "CONFLICT",
}
_BY_PREFIX: tuple[tuple[str, Family], ...] = (
    ("/datastores/v1/", "data_stores_v1"),
    ("/legacy-", "legacy"),
    ("/server-management/", "problem"),
    ("/virtual-events/", "problem"),
    ("/place-version-history-api/", "place_history"),
    ("/game-passes/", "game_passes"),
    ("/developer-products/", "developer_products"),
    ("/creator-configs-public-api/", "configs"),
    ("/analytics-query-api/", "analytics"),
    ("/ads-management/", "advertising"),
    ("/assets/v1/", "assets"),
    ("/asset-permissions-api/", "asset_permissions"),
    ("/asset-delivery-api/", "legacy"),
    ("/toolbox-service/", "store"),
    ("/thumbnail-personalization-api/", "homepage"),
    ("/v1/assets-thumbnail-3d", "legacy"),
    ("/v1/users/", "legacy"),
    ("/v1/badges/", "legacy"),
    ("/v1/universes/", "legacy"),
    ("/cloud/v2/", "v2"),
    # Ordered data stores say it as v2 does, in their first version too.
    ("/ordered-data-stores/v1/", "v2"),
)
_BY_CODE = {
    "INSUFFICIENT_SCOPE": "InsufficientScope",
    "PERMISSION_DENIED": "Forbidden",
    "NOT_FOUND": "DatastoreNotFound",
    "RESOURCE_EXHAUSTED": "TooManyRequests",
}


class Refusal(Exception):  # an answer on its way, not a fault of the program
    """The request is not served.

    Attributes:
        status: The HTTP status.
        code: Roblox's code, e.g. ``NOT_FOUND``.
        message: Why, for the caller and for the list of recorded requests.
        detail: What is wrong: a parameter by its name, or the API's own word for it.
        gateway: Whether Roblox's gateway answers, before the API itself sees the request.
        headers: Headers that go with the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        detail: str = "",
        gateway: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail
        self.gateway = gateway
        self.headers = dict(headers or {})

    @classmethod
    def invalid(cls, message: str, detail: str = "") -> Refusal:
        """400 INVALID_ARGUMENT."""
        return cls(400, "INVALID_ARGUMENT", message, detail=detail)

    @classmethod
    def not_found(cls, message: str, detail: str = "") -> Refusal:
        """404 NOT_FOUND."""
        return cls(404, "NOT_FOUND", message, detail=detail)

    @classmethod
    def denied(cls, message: str, detail: str = "") -> Refusal:
        """403 PERMISSION_DENIED."""
        return cls(403, "PERMISSION_DENIED", message, detail=detail)

    @classmethod
    def unauthenticated(cls, message: str, *, challenge: str = "") -> Refusal:
        """401 from the gateway, with a ``WWW-Authenticate`` challenge where one fits (RFC 6750)."""
        headers = {"WWW-Authenticate": challenge} if challenge else {}
        return cls(401, "UNAUTHENTICATED", message, gateway=True, headers=headers)


def family_of(path: str) -> Family:
    """The family of error bodies that an operation's path belongs to."""
    if _SECRETS.match(path):
        return "secrets"
    return next((family for prefix, family in _BY_PREFIX if path.startswith(prefix)), "v1")


def error_body(refusal: Refusal, family: Family) -> dict[str, object]:
    """The JSON body of a refusal in its family's shape."""
    if refusal.gateway:
        return _gateway(refusal)
    if family in ("game_passes", "developer_products"):
        return _offer(refusal, _GAME_PASSES if family == "game_passes" else _DEVELOPER_PRODUCTS)
    if family == "configs":
        # The document says that these bodies are empty.
        return {} if refusal.status in (400, 404) else _gateway(refusal)
    if family == "analytics":
        return {"done": True, "error": _query_error(refusal)}
    if family == "advertising":
        return _advertising(refusal)
    if family == "store":
        return _store(refusal)
    if family in ("homepage", "asset_permissions"):
        return _its_own(refusal, family)
    if family == "assets" and refusal.status == HTTPStatus.BAD_REQUEST:
        return {"code": refusal.status, "message": refusal.message}
    if family == "v2":
        return {"code": refusal.code, "message": refusal.message, "details": []}
    if family == "legacy":
        # Its own numbers, where the document gives one; 0 stands for what is not its own.
        detail = _NUMBERS.get(refusal.detail, refusal.detail)
        number = int(detail) if detail.isdigit() else 0
        return {"errors": [{"code": number, "message": refusal.message}]}
    if family == "problem":
        return _problem(refusal)
    if family == "secrets":
        return _problem(refusal) | {"status": str(refusal.status)}
    if family == "place_history":
        return {"code": refusal.status, "error": refusal.code, "message": refusal.message}
    details: list[object] = []
    if family == "data_stores_v1":
        own = refusal.detail if refusal.detail[:1].isupper() else _WRONG.get(refusal.detail)
        word = own or _BY_CODE.get(refusal.code, "Unknown")
        details = [{"errorDetailType": "DatastoreErrorInfo", "datastoreErrorCode": word}]
    return {"error": refusal.code, "message": refusal.message, "errorDetails": details}


def _gateway(refusal: Refusal) -> dict[str, object]:
    return {"errors": [{"code": 0, "message": refusal.message}]}


def _offer(refusal: Refusal, words: Mapping[str, str]) -> dict[str, object]:
    """What is wrong with a game pass or a product: `detail` is a field, or the API's own word."""
    own = refusal.detail[:1].isupper()
    word = refusal.detail if own else words.get(refusal.detail) or _OF_OFFERS.get(refusal.code)
    if word is None:
        return _gateway(refusal)
    field = None if own else refusal.detail or None
    return {"errorCode": word, "errorMessage": refusal.message, "field": field, "hint": None}


def _its_own(refusal: Refusal, family: Family) -> dict[str, object]:
    """What an API says itself: nothing, as documented, or a word; the rest is the gateway's."""
    word = _ITS_OWN.get(refusal.code)
    if word is None:
        return _gateway(refusal)
    if family == "homepage":
        return {}
    return {"error": {"code": refusal.detail or word, "message": refusal.message}}


def _store(refusal: Refusal) -> dict[str, object]:
    """What is wrong with a request to the store: `detail` is a parameter."""
    if refusal.status != HTTPStatus.BAD_REQUEST or not refusal.detail:
        return _problem(refusal)
    return _problem(refusal) | {"errors": {refusal.detail: [refusal.message]}}


def _query_error(refusal: Refusal) -> dict[str, object]:
    """What is wrong with a query for analytics; the API has numbers for a few things only."""
    if refusal.detail.isdigit():
        return {"code": int(refusal.detail), "message": refusal.message}
    if refusal.status == HTTPStatus.BAD_REQUEST:
        return {"code": _BAD_QUERY, "message": refusal.message}
    return {"message": refusal.message}


def _advertising(refusal: Refusal) -> dict[str, object]:
    code = _OF_ADVERTISING.get(refusal.code, refusal.code)
    return {
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": refusal.message,
        "errors": [{"code": code, "message": refusal.message}],
    }


def _problem(refusal: Refusal) -> dict[str, object]:
    """What is wrong as RFC 9457 writes it."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": refusal.message,
    }
