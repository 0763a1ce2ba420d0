"""Refusals, in the body shapes of Roblox's families of APIs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

__all__ = ["Family", "Refusal", "error_body", "family_of"]

Family = Literal["v1", "v2", "data_stores_v1", "legacy", "problem", "secrets", "place_history"]

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
    if path.startswith("/datastores/v1/"):
        return "data_stores_v1"
    if path.startswith("/legacy-"):
        return "legacy"
    if path.startswith("/server-management/"):
        return "problem"
    if _SECRETS.match(path):
        return "secrets"
    if path.startswith("/place-version-history-api/"):
        return "place_history"
    # Ordered data stores say it as v2 does, in their first version too.
    return "v2" if path.startswith(("/cloud/v2/", "/ordered-data-stores/v1/")) else "v1"


def error_body(refusal: Refusal, family: Family) -> dict[str, object]:
    """The JSON body of a refusal in its family's shape."""
    if refusal.gateway:
        return {"errors": [{"code": 0, "message": refusal.message}]}
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
        word = _WRONG.get(refusal.detail, refusal.detail) or _BY_CODE.get(refusal.code, "Unknown")
        details = [{"errorDetailType": "DatastoreErrorInfo", "datastoreErrorCode": word}]
    return {"error": refusal.code, "message": refusal.message, "errorDetails": details}


def _problem(refusal: Refusal) -> dict[str, object]:
    """What is wrong as RFC 9457 writes it."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(refusal.status).phrase,
        "status": refusal.status,
        "detail": refusal.message,
    }
